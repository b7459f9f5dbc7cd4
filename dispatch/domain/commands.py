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
    Shift,
    TeamId,
    TeamKind,
    Urgency,
    Wave,
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
class ReopenIncident:
    """The operator closed an incident by mistake, a moment ago."""

    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeIncidents:
    """``incident`` is the same as ``into``; orders of both go on."""

    incident: IncidentId
    into: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeIncident:
    """The two were not the same after all."""

    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Somebody has more to say about an incident, open or not."""

    incident: IncidentId
    note: str
    source: str = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWave:
    """The operator calls the next wave of an incident, or its last one once more."""

    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWave:
    """The clock says that the wave before ``wave`` is late."""

    incident: IncidentId
    wave: Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRecommendation:
    """The operator lets these recommended teams go; they are the ones that the operator saw."""

    incident: IncidentId
    teams: tuple[TeamId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTeam:
    """The operator sends a team by hand and says why; a live order elsewhere is recalled. No wave: the open one."""

    incident: IncidentId
    team: TeamId
    reason: str
    wave: Wave | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallOrder:
    """The operator takes an order back and says why; another team is looked for."""

    order: OrderId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOrder:
    """The operator did not mean it: an order that was just given is recalled, one just recalled is given again."""

    order: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForHelp:
    """增援: the team of an order asks for more force."""

    order: OrderId
    team: TeamId
    occurred_at_ms: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTeam:
    """A team becomes known to the desk, off duty at ``home``."""

    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point
    skills: tuple[str, ...] = ()
    vehicle: str = "car"
    staff: int = 2
    shift: Shift | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTeam:
    """A known team has other data from now on: a new name, home, kind or profile; its duty and order stay."""

    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point
    skills: tuple[str, ...] = ()
    vehicle: str = "car"
    staff: int = 2
    shift: Shift | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDuty:
    """A team begins its patrol and may be sent from now on."""

    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDuty:
    """A team goes off duty; refused while it has a live order."""

    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class StandBy:
    """A team is to stand by at a point; while it has a live order it is not moved about."""

    team: TeamId
    where: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePatrol:
    """A team leaves its standby point."""

    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTask:
    """A team is to do a duty task from ``starts_at_ms`` to ``ends_at_ms``, if no incident needs it."""

    team: TeamId
    task: str
    starts_at_ms: int
    ends_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTask:
    """A team's task is done, or will not be."""

    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTask:
    """The clock says that a planned task begins."""

    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseTask:
    """The clock says that a task's time is over."""

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
    | ReopenIncident
    | MergeIncidents
    | UnmergeIncident
    | AddNote
    | AssignIncident
    | CallWave
    | OpenWave
    | ConfirmRecommendation
    | SendTeam
    | RecallOrder
    | UndoOrder
    | AskForHelp
    | RegisterTeam
    | ChangeTeam
    | StartDuty
    | EndDuty
    | StandBy
    | ResumePatrol
    | PlanTask
    | EndTask
    | StartTask
    | LapseTask
    | AnswerOrder
    | MarkStored
    | MarkShown
    | ExpireOrder
)
