"""What the desk can be asked to do. A command is a wish; only events are facts."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.types import (
    DeviceId,
    IncidentId,
    IncidentKind,
    OrderId,
    Point,
    TeamId,
    TeamKind,
    Urgency,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIncident:
    """Something happened at ``where``; who goes is decided in the same breath."""

    where: Point
    what: IncidentKind
    urgency: Urgency
    note: str = ""
    source: str = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIncident:
    """The operator ends an incident; its live orders are recalled."""

    incident: IncidentId
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignIncident:
    """The clock asks again who could go to an open incident that has nobody."""

    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTeam:
    """A team becomes known to the desk, off duty at ``home``."""

    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTeam:
    """A known team has other data from now on: a new name, home, kind or profile; its duty and order stay."""

    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDuty:
    """A team begins its patrol and may be sent from now on."""

    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDuty:
    """A team goes off duty; refused while it has a live order."""

    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOrder:
    """A team answers its order: accept, depart, arrive, report back, close or decline."""

    order: OrderId
    team: TeamId
    verb: OrderTrigger
    occurred_at_ms: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkStored:
    """A tablet has everything up to ``seq`` on its own durable storage."""

    team: TeamId
    device: DeviceId
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkShown:
    """A tablet has drawn and sounded an order."""

    team: TeamId
    device: DeviceId
    order: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOrder:
    """The clock says that an offer was not accepted in its time."""

    order: OrderId


Command = (
    ReportIncident
    | CloseIncident
    | AssignIncident
    | RegisterTeam
    | ChangeTeam
    | StartDuty
    | EndDuty
    | AnswerOrder
    | MarkStored
    | MarkShown
    | ExpireOrder
)
