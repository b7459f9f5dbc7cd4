"""What the service asks of the world, as protocols; adapters fill them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from dispatch.assignment.times import TimesTable
from dispatch.domain.events import Envelope
from dispatch.domain.refusals import Refusal
from dispatch.domain.types import FixSource, IncidentId, Point, TeamId
from dispatch.domain.walk import Step
from dispatch.service.plans import Located, TeamStart


class LogConflictError(Exception):
    """These rows cannot follow the log: its head is elsewhere, or a team would have a second live order.

    Another writer is at work, or this one is wrong; nothing was written.
    """


class LogFullError(Exception):
    """Nothing was written: there is no space."""


class LogAwayError(Exception):
    """Nothing was written: the store cannot be reached now; the same rows may be tried again later."""


class OutcomeUnknownError(Exception):
    """The commit failed in a way that may have left the rows in place; restart and settle it by key."""


class Log(Protocol):
    """The append-only log of one desk; what may block is called from one writer thread."""

    @property
    def epoch(self) -> str:
        """A random name made with the log; another epoch means that the log was replaced or restored."""
        ...

    def head(self) -> int:
        """The seq of the last event, 0 for an empty log; never blocks."""
        ...

    @property
    def low(self) -> bool:
        """Whether only the reserve is left, which is for the end of running work, not for new; never blocks."""
        ...

    def regain(self) -> bool:
        """Look whether there is space for new work again; True where ``low`` is over."""
        ...

    def check(self, envelopes: Sequence[Envelope]) -> None:
        """Raise ValueError where one of these could not be written or not be read back; never blocks."""
        ...

    def read(self, after: int = 0) -> Iterator[Envelope]:
        """Every event with seq > ``after``, in order."""
        ...

    def append(self, envelopes: Sequence[Envelope]) -> None:
        """Write all or nothing, durably; the first seq is head + 1, and no team gets a second live order.

        The rows of many commands may stand in one call: they share its commit. Raises LogConflictError,
        LogFullError or LogAwayError (nothing was written), or OutcomeUnknownError.
        """
        ...

    def close(self) -> None:
        """Release the log; it can be opened again."""
        ...


class Positions(Protocol):
    """The latest fix of each team, in memory."""

    def latest(self, team: TeamId, now_ms: int) -> tuple[Point, FixSource, int] | None:
        """Point, source and age in ms, or None where there is no fix."""
        ...


class Travel(Protocol):
    """The ground, as the desk sees it."""

    async def locate(self, point: Point) -> Located | Refusal:
        """The road, place and tier of a point, or why it has none."""
        ...

    async def times_many(
        self, incidents: Sequence[tuple[IncidentId, Point]], teams: Sequence[TeamStart], now_ms: int
    ) -> TimesTable:
        """The travel time of every team to every incident, and the hole that each would open."""
        ...


class Clock(Protocol):
    """Wall time."""

    def now_ms(self) -> int:
        """Ms since the Unix epoch, UTC."""
        ...


class Trace(Protocol):
    """Where the steps of walks are noted; a step that was noted is done."""

    def note(self, step: Step, subject: str, detail: str = "") -> None:
        """Note that ``step`` was done for ``subject`` (a command's key, an incident, an order) now."""
        ...

    def link(self, subject: str, incident: str) -> None:
        """From now on ``subject`` is known to belong to ``incident``."""
        ...
