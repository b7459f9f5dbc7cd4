"""The log in memory: for tests, what-if runs, and desks whose day may be forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from dispatch.adapters.live_orders import ENDS_ORDER
from dispatch.domain import events as ev
from dispatch.domain.events import Envelope
from dispatch.service.ports import LogConflictError
from dispatch.wire.records import event_from_json, event_to_json


class MemoryLog:
    """Keeps rows as the JSON that a file would hold, so that what cannot be written cannot be kept either."""

    def __init__(self) -> None:
        self._epoch = secrets.token_hex(8)
        self._rows: list[tuple[int, int, str | None, str | None, str]] = []
        self._live: dict[str, str] = {}

    @property
    def epoch(self) -> str:
        """A random name made with the log."""
        return self._epoch

    def head(self) -> int:
        """The seq of the last event, 0 for an empty log."""
        return len(self._rows)

    def read(self, after: int = 0) -> Iterator[Envelope]:
        """Every event with seq > ``after``, in order."""
        for seq, at_ms, key, digest, body in self._rows[after:]:
            yield Envelope(seq=seq, at_ms=at_ms, key=key, digest=digest, event=event_from_json(body))

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Write all or nothing.

        Raises LogConflictError where the first seq is not head + 1, or a team would have a second live order.
        """
        rows = [(row.seq, row.at_ms, row.key, row.digest, event_to_json(row.event)) for row in envelopes]
        if [row[0] for row in rows] != list(range(self.head() + 1, self.head() + 1 + len(rows))):
            raise LogConflictError(f"the log ends at {self.head()}, these rows are {[row[0] for row in rows]}")
        live = dict(self._live)
        for row in envelopes:
            if isinstance(row.event, ev.OrderOffered):
                if row.event.team in live.values():
                    raise LogConflictError(f"{row.event.team} has a live order, {row.event.order} is a second one")
                live[row.event.order] = row.event.team
            elif type(row.event) in ENDS_ORDER:
                live.pop(row.event.order, None)  # type: ignore[union-attr]
        self._rows.extend(rows)
        self._live = live

    def close(self) -> None:
        """Nothing is held."""
