"""The desk in the past: the log folded to a seq or a time, off the loop, never by the writer; changes nothing."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.service.ports import LogAwayError

MARK_EVERY: Final = 20_000
"""Rows between states that are kept: a question folds fewer than this, or a few more, after the first one."""

MOST_MARKS: Final = 16
MOST_EVENTS: Final = 500
_BREATH: Final = 500
"""Rows that are folded before other threads get their turn."""

Rows = Callable[[int], Iterator[Envelope]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A state that is kept: after event ``seq``, which was at ``at_ms``."""

    seq: int
    at_ms: int
    state: DeskState


class DeskPast:
    """Answers questions about the past, one at a time; ``rows`` reads the log after a seq, in any thread."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._marks: list[Mark] = [Mark(0, 0, DeskState())]
        self._turn = asyncio.Lock()

    async def at(self, seq: int | None, at_ms: int | None) -> Mark | Refusal:
        """The state after event ``seq``, or after the last event not later than ``at_ms``; of now with neither.

        Law: it equals the fold of the log's rows up to there from nothing.
        """
        async with self._turn:
            try:
                return await asyncio.to_thread(self._fold, seq, at_ms)
            except (LogAwayError, SetupError, ValueError, OSError) as error:
                return Refusal(Code.LOG_AWAY, f"the past cannot be read ({type(error).__name__})")

    async def events(self, after: int, most: int) -> list[Envelope] | Refusal:
        """The next ``most`` events with a seq greater than ``after``, read from the log."""
        async with self._turn:
            try:
                return await asyncio.to_thread(lambda: list(islice(self._rows(after), min(most, MOST_EVENTS))))
            except (LogAwayError, SetupError, ValueError, OSError) as error:
                return Refusal(Code.LOG_AWAY, f"the past cannot be read ({type(error).__name__})")

    def _fold(self, seq: int | None, at_ms: int | None) -> Mark:
        begin = self._begin(seq, at_ms)
        state, last_ms = begin.state.copy(), begin.at_ms
        for row in self._rows(begin.seq):
            if (seq is not None and row.seq > seq) or (at_ms is not None and row.at_ms > at_ms):
                break
            state.apply(row)
            last_ms = row.at_ms
            if row.seq % MARK_EVERY == 0:
                self._keep(Mark(row.seq, last_ms, state.copy()))
            if row.seq % _BREATH == 0:
                time.sleep(0.001)
        return Mark(state.seq, last_ms, state)

    def _begin(self, seq: int | None, at_ms: int | None) -> Mark:
        """The latest kept state that is not beyond."""
        before = [
            mark
            for mark in self._marks
            if (seq is None or mark.seq <= seq) and (at_ms is None or mark.at_ms <= at_ms)
        ]
        return before[-1] if before else Mark(0, 0, DeskState())

    def _keep(self, mark: Mark) -> None:
        at = bisect_right(self._marks, mark.seq, key=lambda held: held.seq)
        if self._marks[at - 1].seq == mark.seq:
            return
        self._marks.insert(at, mark)
        if len(self._marks) > MOST_MARKS:
            del self._marks[1]
