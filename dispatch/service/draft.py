"""One decision in the making: its facts so far, and the desk as it will be once they are on the log."""

from __future__ import annotations

from dispatch.assignment.times import TimesTable
from dispatch.domain.events import Envelope, Event
from dispatch.domain.fold import fold
from dispatch.domain.state import DeskState
from dispatch.service.plans import Decision
from dispatch.service.settings import DeskSettings


class Draft:
    """Facts are added one by one and folded at once, so that each is decided upon what the ones before have made.

    The desk's own state stays as it is. A fact that the tables do not allow raises AssertionError here, before it
    is on any log. ``times`` is the table that the ground was asked for on the way.
    """

    def __init__(self, state: DeskState, settings: DeskSettings, now_ms: int) -> None:
        self.state, self.settings, self.now_ms = state.fork(), settings, now_ms
        self.events: list[Event] = []
        self.times = TimesTable({})

    def add(self, *events: Event) -> None:
        """Take facts in."""
        for event in events:
            self.state.seq += 1
            fold(self.state, Envelope(seq=self.state.seq, at_ms=self.now_ms, key=None, digest=None, event=event))
            self.events.append(event)

    def decision(self, subject: str) -> Decision:
        """What was decided, about ``subject``: the first fact must be about it too, so that a replay names it."""
        return Decision(tuple(self.events), subject)
