"""Events as JSON, for the log and for frames: pydantic over the domain's own records, strict, one line each."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from pydantic import Discriminator, TypeAdapter

from dispatch.domain import events as ev
from dispatch.domain.commands import Command

EventBody = Annotated[
    ev.TeamRegistered
    | ev.DutyStarted
    | ev.DutyEnded
    | ev.StandbyTaken
    | ev.PatrolResumed
    | ev.TaskPlanned
    | ev.TaskStarted
    | ev.TaskEnded
    | ev.IncidentReported
    | ev.IncidentWaiting
    | ev.WaitingEnded
    | ev.IncidentClosed
    | ev.IncidentReopened
    | ev.IncidentMerged
    | ev.IncidentUnmerged
    | ev.NoteAdded
    | ev.WaveOpened
    | ev.TeamsRecommended
    | ev.RecommendationConfirmed
    | ev.OverrideNoted
    | ev.OrderOffered
    | ev.OrderStored
    | ev.OrderShown
    | ev.HelpAsked
    | ev.OrderAccepted
    | ev.OrderDeparted
    | ev.OrderArrived
    | ev.OrderReportedBack
    | ev.OrderClosed
    | ev.OrderDeclined
    | ev.OrderExpired
    | ev.OrderRecalled,
    Discriminator("kind"),
]
"""Any event; ``kind`` says which. The order of the union is of no consequence."""

_EVENT: Final[TypeAdapter[ev.Event]] = TypeAdapter(EventBody)
_COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Command)


def event_to_json(event: ev.Event) -> str:
    """One event as a JSON object without line breaks."""
    return _EVENT.dump_json(event).decode()


def event_from_json(text: str | bytes) -> ev.Event:
    """The event of ``event_to_json``; raises pydantic.ValidationError on anything else."""
    return _EVENT.validate_json(text)


def digest(command: Command) -> str:
    """SHA-256 of a command's canonical JSON: the same wish has the same digest on every machine."""
    body = type(command).__name__.encode() + _COMMAND.dump_json(command)
    return hashlib.sha256(body).hexdigest()
