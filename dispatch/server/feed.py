"""The log's tail in memory, and the bell that wakes whoever follows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from dispatch.domain.events import Envelope

MAX_TAIL: Final = 10_000
"""Rows kept in memory; a client that is further behind gets a snapshot."""


class Feed:
    """The last rows of the log and its followers; written by the loop only, after commit."""

    def __init__(self, head: int, tail: Sequence[Envelope] = ()) -> None:
        self._rows: deque[Envelope] = deque(tail, maxlen=MAX_TAIL)
        self._head = head
        self._bells: set[Callable[[], None]] = set()

    @property
    def head(self) -> int:
        """The seq of the last row."""
        return self._head

    @property
    def first(self) -> int:
        """The smallest seq still in memory, head + 1 if there is none."""
        return self._rows[0].seq if self._rows else self._head + 1

    def publish(self, rows: Sequence[Envelope]) -> None:
        """Take committed rows and wake the followers."""
        self._rows.extend(rows)
        self._head = rows[-1].seq
        for bell in tuple(self._bells):
            bell()

    def after(self, seq: int, limit: int) -> list[Envelope]:
        """At most ``limit`` rows with a seq greater than ``seq``, which must not be before the tail."""
        assert seq + 1 >= self.first, f"row {seq + 1} is no longer in memory"
        start = seq + 1 - self.first
        return list(islice(self._rows, start, start + limit))

    def follow(self, bell: Callable[[], None]) -> None:
        """Call ``bell`` after every publication until ``unfollow``."""
        self._bells.add(bell)

    def unfollow(self, bell: Callable[[], None]) -> None:
        """Stop calling ``bell``."""
        self._bells.discard(bell)
