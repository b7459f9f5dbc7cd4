"""The facts of orders. Times are ms since the Unix epoch, UTC; ``occurred_at_ms`` is the tablet's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dispatch.domain.choice import Choice
from dispatch.domain.types import DeviceId, IncidentId, IncidentKind, OrderId, Point, TeamId, Urgency, Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOffered:
    """One team is asked to go to one incident, until ``deadline_ms``. Carries all that the tablet must show.

    ``by`` says whether a person confirmed or chose it; ``replaces`` is the order that was recalled for it.
    """

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
    by: Literal["desk", "operator"] = "desk"
    replaces: OrderId | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAsked:
    """增援: the team of a live order asks for more force at its incident."""

    kind: Literal["help_asked"] = "help_asked"
    order: OrderId
    team: TeamId
    incident: IncidentId
    occurred_at_ms: int
    note: str


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
