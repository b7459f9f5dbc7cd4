"""The log in memory: for tests, what-if runs, and desks whose day may be forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from dispatch.adapters import log_codec
from dispatch.adapters.live_orders import changes
from dispatch.adapters.log_chain import GENESIS, Checkpoint, chained
from dispatch.adapters.log_codec import StoredRow, envelopes_of
from dispatch.domain.events import Envelope
from dispatch.service.ports import LogConflictError


class MemoryLog:
    """Keeps rows as the bytes that a file would hold, so that what cannot be written cannot be kept either."""

    def __init__(self) -> None:
        self._epoch = secrets.token_hex(8)
        self._rows: list[StoredRow] = []
        self._live: dict[str, str] = {}

    @property
    def epoch(self) -> str:
        """A random name made with the log."""
        return self._epoch

    def head(self) -> int:
        """The seq of the last event, 0 for an empty log."""
        return len(self._rows)

    @property
    def low(self) -> bool:
        """Never: memory has no reserve."""
        return False

    def regain(self) -> bool:
        """Nothing to look for."""
        return True

    def checkpoint(self) -> Checkpoint:
        """The head and its hash."""
        return Checkpoint(len(self._rows), self._rows[-1][6] if self._rows else GENESIS)

    def check(self, envelopes: Sequence[Envelope]) -> None:
        """Raise RowError where one of these could not be written."""
        log_codec.check(envelopes)

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row, or None where there is no such row."""
        return self._rows[seq - 1][6] if 0 < seq <= len(self._rows) else None

    def rows(self, after: int = 0) -> Iterator[StoredRow]:
        """Every row with seq > ``after`` as it is kept, in order."""
        yield from self._rows[after:]

    def live_orders(self) -> dict[str, str]:
        """The live order of each team that has one."""
        return {team: order for order, team in self._live.items()}

    def read(self, after: int = 0) -> Iterator[Envelope]:
        """Every event with seq > ``after``, in order."""
        return envelopes_of(row[:6] for row in self._rows[after:])

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Write all or nothing.

        Raises LogConflictError where the first seq is not head + 1, or a team would have a second live order.
        """
        rows = chained(envelopes, self.checkpoint().hash)
        if [row[0] for row in rows] != list(range(self.head() + 1, self.head() + 1 + len(rows))):
            raise LogConflictError(f"the log ends at {self.head()}, these rows are {[row[0] for row in rows]}")
        live = dict(self._live)
        for order, team in changes(envelopes):
            if team is None:
                live.pop(order, None)
            elif team in live.values():
                raise LogConflictError(f"{team} has a live order, {order} is a second one")
            else:
                live[order] = team
        self._rows.extend(rows)
        self._live = live

    def close(self) -> None:
        """Nothing is held."""
