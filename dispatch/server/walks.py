"""When each step of an incident's walk was done: a bounded memory for people who ask where the time went."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from dispatch.domain import events as ev
from dispatch.domain.walk import Step

MAX_WALKS: Final = 500
MAX_NOTES: Final = 64

STEP_OF_EVENT: Final[dict[type[ev.Event], Step]] = {
    ev.OrderStored: Step.ANSWERS,
    ev.OrderShown: Step.ANSWERS,
    ev.OrderAccepted: Step.ANSWERS,
    ev.OrderDeparted: Step.ANSWERS,
    ev.OrderDeclined: Step.ANSWERS,
    ev.OrderExpired: Step.SILENCE,
    ev.OrderArrived: Step.ARRIVE,
    ev.OrderReportedBack: Step.ARRIVE,
    ev.OrderClosed: Step.ARRIVE,
    ev.IncidentClosed: Step.ARRIVE,
}


@dataclass(frozen=True, slots=True)
class Note:
    """A step that was done, ``at_s`` on the monotonic clock."""

    step: Step
    at_s: float
    detail: str


class Walks:
    """Notes by incident; notes under a command's key move to its incident once that is known."""

    def __init__(self) -> None:
        self._notes: OrderedDict[str, list[Note]] = OrderedDict()
        self._incident_of: OrderedDict[str, str] = OrderedDict()

    def note(self, step: Step, subject: str, detail: str = "") -> None:
        """Note that ``step`` was done now for a key, an order or an incident."""
        notes = self._notes.setdefault(self._incident_of.get(subject, subject), [])
        if len(notes) < MAX_NOTES:
            notes.append(Note(step, time.perf_counter(), detail))
        while len(self._notes) > MAX_WALKS:
            self._notes.popitem(last=False)

    def link(self, subject: str, incident: str) -> None:
        """From now on ``subject`` belongs to ``incident``; its notes so far move there."""
        self._incident_of[subject] = incident
        if subject != incident and subject in self._notes:
            earlier = self._notes.setdefault(incident, [])
            earlier[:0] = self._notes.pop(subject)
        while len(self._incident_of) > 4 * MAX_WALKS:
            self._incident_of.popitem(last=False)

    def of(self, incident: str) -> list[Note]:
        """The notes of an incident in the order they were made; empty where the memory has none."""
        return list(self._notes.get(incident, ()))
