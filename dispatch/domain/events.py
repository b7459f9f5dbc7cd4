"""The facts. Appended, never edited; each with a ``kind`` that names it in the log and on the wire for ever.

Events that concern one team carry ``team``: the audience of an event is read from the event alone.
Times are ms since the Unix epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from dispatch.domain.holes import Hole
from dispatch.domain.types import (
    DeviceId,
    FixSource,
    IncidentId,
    IncidentKind,
    OrderId,
    Point,
    TeamId,
    TeamKind,
    Tier,
    Urgency,
    Wave,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A team that could go: its travel time and road metres, and the straight line for comparison.

    ``drift_ms`` is the part of ``eta_ms`` that a stale fix may hide (0: the fix is fresh); ``loss_micro`` is the
    size of the hole that its leaving opens, None where cover is not looked at.
    """

    team: TeamId
    eta_ms: int
    road_m: int
    straight_m: int
    position: Point
    fix: FixSource
    fix_age_ms: int
    drift_ms: int = 0
    loss_micro: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A team that was not considered, and the code of the reason."""

    team: TeamId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Why this team: the ranking the decision saw, who was left out, and what a straight line would have done.

    ``margin_ms`` is the lead over the best other candidate (None where there is none, negative where a rule chose a
    later one); ``straight_line_loss_ms`` is how much later the team nearest by straight line would arrive (0 where
    it is the same team); ``hole`` is what the leaving of the chosen team opens.
    """

    policy: str
    ranked: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]
    margin_ms: int | None
    straight_line_team: TeamId | None
    straight_line_loss_ms: int
    hole: Hole | None = None

    def for_the_team(self) -> Choice:
        """The choice without where the other teams are: positions of officers are for the desk alone."""
        return replace(self, ranked=(), excluded=(), hole=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRegistered:
    """A team is known to the desk, or known by other data from now on; its duty stays as it is."""

    kind: Literal["team_registered"] = "team_registered"
    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyStarted:
    """A team is on patrol."""

    kind: Literal["duty_started"] = "duty_started"
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEnded:
    """A team is off duty."""

    kind: Literal["duty_ended"] = "duty_ended"
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReported:
    """An incident is open; where it is, which place and tier that is, and the target it sets."""

    kind: Literal["incident_reported"] = "incident_reported"
    incident: IncidentId
    what: IncidentKind
    urgency: Urgency
    where: Point
    tier: Tier
    target_ms: int
    place: str
    road: str
    off_road_m: int
    note: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWaiting:
    """Nobody can be sent now; why, and when the desk asks again."""

    kind: Literal["incident_waiting"] = "incident_waiting"
    incident: IncidentId
    reason: str
    excluded: tuple[Exclusion, ...]
    retry_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClosed:
    """An incident has ended."""

    kind: Literal["incident_closed"] = "incident_closed"
    incident: IncidentId
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOffered:
    """One team is asked to go to one incident, until ``deadline_ms``. Carries all that the tablet must show."""

    kind: Literal["order_offered"] = "order_offered"
    order: OrderId
    incident: IncidentId
    team: TeamId
    wave: Wave
    attempt: int
    eta_ms: int
    road_m: int
    deadline_ms: int
    where: Point
    what: IncidentKind
    urgency: Urgency
    place: str
    road: str
    note: str
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStored:
    """The order is on the tablet's durable storage."""

    kind: Literal["order_stored"] = "order_stored"
    order: OrderId
    team: TeamId
    device: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown:
    """The order is drawn and sounded on the tablet."""

    kind: Literal["order_shown"] = "order_shown"
    order: OrderId
    team: TeamId
    device: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted:
    """签收: the team takes the order."""

    kind: Literal["order_accepted"] = "order_accepted"
    order: OrderId
    team: TeamId
    occurred_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeparted:
    """出警: the team is on its way."""

    kind: Literal["order_departed"] = "order_departed"
    order: OrderId
    team: TeamId
    occurred_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderArrived:
    """到达: the team is on the scene."""

    kind: Literal["order_arrived"] = "order_arrived"
    order: OrderId
    team: TeamId
    occurred_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReportedBack:
    """反馈: what the team found and did."""

    kind: Literal["order_reported_back"] = "order_reported_back"
    order: OrderId
    team: TeamId
    occurred_at_ms: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClosed:
    """The team has left the scene and is free again."""

    kind: Literal["order_closed"] = "order_closed"
    order: OrderId
    team: TeamId
    occurred_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeclined:
    """The team cannot go, and says why."""

    kind: Literal["order_declined"] = "order_declined"
    order: OrderId
    team: TeamId
    occurred_at_ms: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired:
    """The team was silent until the deadline."""

    kind: Literal["order_expired"] = "order_expired"
    order: OrderId
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecalled:
    """The desk takes the order back."""

    kind: Literal["order_recalled"] = "order_recalled"
    order: OrderId
    team: TeamId
    reason: str


OrderMoved = (
    OrderAccepted
    | OrderDeparted
    | OrderArrived
    | OrderReportedBack
    | OrderClosed
    | OrderDeclined
    | OrderExpired
    | OrderRecalled
)

Event = (
    TeamRegistered
    | DutyStarted
    | DutyEnded
    | IncidentReported
    | IncidentWaiting
    | IncidentClosed
    | OrderOffered
    | OrderStored
    | OrderShown
    | OrderMoved
)


@dataclass(frozen=True, slots=True, kw_only=True)
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
