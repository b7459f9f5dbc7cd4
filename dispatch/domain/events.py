"""The facts. Appended, never edited; each with a ``kind`` that names it in the log and on the wire for ever.

Events that concern one team carry ``team``: the audience of an event is read from the event alone.
Times are ms since the Unix epoch, UTC. A field that a later version adds has a default: an old log folds for ever.
"""

from __future__ import annotations

from dispatch.domain.choice import Candidate, Choice, Exclusion, Pick
from dispatch.domain.incident_events import (
    IncidentClosed,
    IncidentMerged,
    IncidentReopened,
    IncidentReported,
    IncidentUnmerged,
    IncidentWaiting,
    NoteAdded,
    OverrideNoted,
    RecommendationConfirmed,
    TeamsRecommended,
    WaitingEnded,
    WaveOpened,
)
from dispatch.domain.order_events import (
    HelpAsked,
    OrderAccepted,
    OrderArrived,
    OrderClosed,
    OrderDeclined,
    OrderDeparted,
    OrderExpired,
    OrderMoved,
    OrderOffered,
    OrderRecalled,
    OrderReportedBack,
    OrderShown,
    OrderStored,
)
from dispatch.domain.record import record
from dispatch.domain.team_events import (
    DutyEnded,
    DutyStarted,
    PatrolResumed,
    StandbyTaken,
    TaskEnded,
    TaskPlanned,
    TaskStarted,
    TeamRegistered,
)
from dispatch.domain.types import TeamId

__all__ = [
    "Candidate",
    "Choice",
    "DutyEnded",
    "DutyStarted",
    "Envelope",
    "Event",
    "Exclusion",
    "HelpAsked",
    "IncidentClosed",
    "IncidentMerged",
    "IncidentReopened",
    "IncidentReported",
    "IncidentUnmerged",
    "IncidentWaiting",
    "NoteAdded",
    "OrderAccepted",
    "OrderArrived",
    "OrderClosed",
    "OrderDeclined",
    "OrderDeparted",
    "OrderExpired",
    "OrderMoved",
    "OrderOffered",
    "OrderRecalled",
    "OrderReportedBack",
    "OrderShown",
    "OrderStored",
    "OverrideNoted",
    "PatrolResumed",
    "Pick",
    "RecommendationConfirmed",
    "StandbyTaken",
    "TaskEnded",
    "TaskPlanned",
    "TaskStarted",
    "TeamRegistered",
    "TeamsRecommended",
    "WaitingEnded",
    "WaveOpened",
    "audience_of",
]

Event = (
    TeamRegistered
    | DutyStarted
    | DutyEnded
    | StandbyTaken
    | PatrolResumed
    | TaskPlanned
    | TaskStarted
    | TaskEnded
    | IncidentReported
    | IncidentWaiting
    | WaitingEnded
    | IncidentClosed
    | IncidentReopened
    | IncidentMerged
    | IncidentUnmerged
    | NoteAdded
    | WaveOpened
    | TeamsRecommended
    | RecommendationConfirmed
    | OverrideNoted
    | OrderOffered
    | OrderStored
    | OrderShown
    | HelpAsked
    | OrderMoved
)


@record
class Envelope:
    """An event with its place in the log.

    ``seq`` counts from 1 without a gap; ``at_ms`` is when it was decided; ``key`` and ``digest`` name the command
    that caused it (None for the clock's own), on every event of that command.
    """

    seq: int
    at_ms: int
    key: str | None
    digest: str | None
    event: Event


def audience_of(event: Event) -> TeamId | None:
    """The one team whose tablets see this event; None means consoles only (consoles see every event)."""
    return getattr(event, "team", None)
