"""What each kind of fact does to the desk's state: one small function a kind, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, get_args

from dispatch.domain import events as ev
from dispatch.domain.duty_machine import DUTY, DutyTrigger
from dispatch.domain.incident_machine import INCIDENT, IncidentTrigger
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.record import changed
from dispatch.domain.records import MAX_NOTES, Incident, Note, OpenedWave, Order, Task, Team
from dispatch.domain.types import IncidentId, TeamId, Wave

if TYPE_CHECKING:
    from dispatch.domain.state import DeskState

FIRST_WAVE: Final = Wave.W1

MOVES_WITHIN_MS: Final = 3_600_000
MAX_MOVES_KEPT: Final = 1_000
"""How long, and how many at most, the state remembers the moves to standby points."""

TRIGGER_OF: Final[dict[type[ev.Event], OrderTrigger]] = {
    ev.OrderAccepted: OrderTrigger.ACCEPT,
    ev.OrderDeparted: OrderTrigger.DEPART,
    ev.OrderArrived: OrderTrigger.ARRIVE,
    ev.OrderReportedBack: OrderTrigger.REPORT_BACK,
    ev.OrderClosed: OrderTrigger.CLOSE,
    ev.OrderDeclined: OrderTrigger.DECLINE,
    ev.OrderExpired: OrderTrigger.EXPIRE,
    ev.OrderRecalled: OrderTrigger.RECALL,
}

_CLOCK_OF: Final = {
    OrderTrigger.ACCEPT: "accepted_at_ms",
    OrderTrigger.DEPART: "departed_at_ms",
    OrderTrigger.ARRIVE: "arrived_at_ms",
    OrderTrigger.REPORT_BACK: "reported_back_at_ms",
}


_STEP_OF: Final = {event: (trigger, _CLOCK_OF.get(trigger)) for event, trigger in TRIGGER_OF.items()}

_SUBJECT_OF: Final[dict[type[ev.Event], tuple[str, ...]]] = {
    event: tuple(name for name in ("order", "incident", "team") if name in event.__dataclass_fields__)
    for event in get_args(ev.Event)
}


def subject_of(event: ev.Event) -> str:
    """The id that an event is about: its order, else its incident, else its team."""
    for name in _SUBJECT_OF[type(event)]:
        value: str | None = getattr(event, name)
        if value is not None:
            return value
    raise AssertionError(f"{event} has no subject")


def fold(state: DeskState, envelope: ev.Envelope) -> None:
    """Change ``state`` by one event; raises AssertionError or KeyError on one that cannot have happened."""
    FOLDS[type(envelope.event)](state, envelope, envelope.event)


# ── teams ─────────────────────────────────────────────────────────────────────────────────────────────────


def _registered(state: DeskState, _row: ev.Envelope, event: ev.TeamRegistered) -> None:
    facts = {
        "name": event.name,
        "name_en": event.name_en,
        "unit": event.unit,
        "profile": event.profile,
        "home": event.home,
        "skills": event.skills,
        "vehicle": event.vehicle,
        "staff": event.staff,
        "shift": event.shift,
    }
    known = state.teams.get(event.team)
    made: Any = changed(known, **facts) if known else Team(team=event.team, **facts)  # type: ignore[arg-type]
    state.teams[event.team] = made


def _duty_started(state: DeskState, row: ev.Envelope, event: ev.DutyStarted) -> None:
    _move_duty(state, event.team, DutyTrigger.START)
    _ask_waiting_again(state, row.at_ms)


def _duty_ended(state: DeskState, _row: ev.Envelope, event: ev.DutyEnded) -> None:
    _move_duty(state, event.team, DutyTrigger.END, post=None, post_name="")


def _standby_taken(state: DeskState, row: ev.Envelope, event: ev.StandbyTaken) -> None:
    _move_duty(state, event.team, DutyTrigger.STAND_BY, post=event.where, post_name=event.place)
    lately = (at_ms for at_ms in state.moved_at_ms if at_ms > row.at_ms - MOVES_WITHIN_MS)
    state.moved_at_ms = (*lately, row.at_ms)[-MAX_MOVES_KEPT:]


def _patrol_resumed(state: DeskState, _row: ev.Envelope, event: ev.PatrolResumed) -> None:
    _move_duty(state, event.team, DutyTrigger.PATROL, post=None, post_name="")


def _task_planned(state: DeskState, _row: ev.Envelope, event: ev.TaskPlanned) -> None:
    team = state.teams[event.team]
    assert team.task is None, f"{event.team} has a task already"
    task = Task(task=event.task, starts_at_ms=event.starts_at_ms, ends_at_ms=event.ends_at_ms)
    state.teams[event.team] = changed(team, task=task)


def _task_started(state: DeskState, _row: ev.Envelope, event: ev.TaskStarted) -> None:
    assert state.teams[event.team].task is not None, f"{event.team} has no task"
    _move_duty(state, event.team, DutyTrigger.START_TASK, post=None, post_name="")


def _task_ended(state: DeskState, row: ev.Envelope, event: ev.TaskEnded) -> None:
    team = state.teams[event.team]
    assert team.task is not None, f"{event.team} has no task"
    if DUTY.allows(team.duty, DutyTrigger.END_TASK):
        _move_duty(state, event.team, DutyTrigger.END_TASK, task=None)
        _ask_waiting_again(state, row.at_ms)
    else:
        state.teams[event.team] = changed(team, task=None)


def _move_duty(state: DeskState, team: TeamId, trigger: DutyTrigger, **changes: Any) -> None:
    known = state.teams[team]
    duty = DUTY.next(known.duty, trigger)
    assert duty is not None, f"{team} is {known.duty} and cannot {trigger}"
    state.teams[team] = changed(known, duty=duty, **changes)


# ── incidents ─────────────────────────────────────────────────────────────────────────────────────────────


def incident_of(event: ev.IncidentReported, at_ms: int) -> Incident:
    """The record of an incident that was reported at ``at_ms``."""
    return Incident(
        incident=event.incident,
        what=event.what,
        urgency=event.urgency,
        where=event.where,
        tier=event.tier,
        target_ms=event.target_ms,
        place=event.place,
        road=event.road,
        off_road_m=event.off_road_m,
        note=event.note,
        source=event.source,
        reported_at_ms=at_ms,
        similar=event.similar,
        waves=(_first_wave(at_ms, "reported", event.late_at_ms),),
    )


def _first_wave(at_ms: int, reason: str, late_at_ms: int | None) -> OpenedWave:
    return OpenedWave(wave=FIRST_WAVE, at_ms=at_ms, reason=reason, late_at_ms=late_at_ms)


def _reported(state: DeskState, row: ev.Envelope, event: ev.IncidentReported) -> None:
    assert event.incident not in state.incidents, f"{event.incident} was reported before"
    state.incidents[event.incident] = incident_of(event, row.at_ms)
    state.open_incidents[event.incident] = None


def _waiting(state: DeskState, _row: ev.Envelope, event: ev.IncidentWaiting) -> None:
    for held in state.group(event.incident):
        _patch(state, held.incident, round_from_order=len(held.orders))
    _patch(state, event.incident, waiting_reason=event.reason, retry_at_ms=event.retry_at_ms, recommended=())


def _waiting_ended(state: DeskState, _row: ev.Envelope, event: ev.WaitingEnded) -> None:
    _patch(state, event.incident, waiting_reason=None, retry_at_ms=None, recommended=())


def _recommended(state: DeskState, _row: ev.Envelope, event: ev.TeamsRecommended) -> None:
    _patch(
        state,
        event.incident,
        waiting_reason="unconfirmed",
        retry_at_ms=event.retry_at_ms,
        recommended=event.picks,
    )


def _closed(state: DeskState, row: ev.Envelope, event: ev.IncidentClosed) -> None:
    _rest(state, event.incident, IncidentTrigger.CLOSE, closed_at_ms=row.at_ms, outcome=event.outcome)


def _merged(state: DeskState, row: ev.Envelope, event: ev.IncidentMerged) -> None:
    into = state.incidents[event.into]
    assert INCIDENT.live(into.status) and event.into != event.incident, f"{event.into} cannot take in another"
    _rest(state, event.incident, IncidentTrigger.MERGE, merged_at_ms=row.at_ms, merged_into=event.into)
    _patch(state, event.into, merged=(*into.merged, event.incident))


def _rest(state: DeskState, name: IncidentId, trigger: IncidentTrigger, **changes: Any) -> None:
    status = _next_status(state.incidents[name], trigger)
    _patch(state, name, status=status, waiting_reason=None, retry_at_ms=None, recommended=(), **changes)
    del state.open_incidents[name]


def _reopened(state: DeskState, row: ev.Envelope, event: ev.IncidentReopened) -> None:
    incident = state.incidents[event.incident]
    for held in state.group(event.incident):
        _patch(state, held.incident, since_order=len(held.orders), round_from_order=len(held.orders))
    _patch(
        state,
        event.incident,
        status=_next_status(incident, IncidentTrigger.REOPEN),
        closed_at_ms=None,
        outcome=None,
        waves=(_first_wave(row.at_ms, "reopened", event.late_at_ms),),
    )
    state.open_incidents[event.incident] = None


def _unmerged(state: DeskState, _row: ev.Envelope, event: ev.IncidentUnmerged) -> None:
    incident = state.incidents[event.incident]
    status = _next_status(incident, IncidentTrigger.UNMERGE)
    into = incident.merged_into
    assert into is not None
    left = tuple(name for name in state.incidents[into].merged if name != event.incident)
    _patch(state, into, merged=left)
    _patch(state, event.incident, status=status, merged_into=None, merged_at_ms=None)
    state.open_incidents[event.incident] = None


def _next_status(incident: Incident, trigger: IncidentTrigger) -> Any:
    status = INCIDENT.next(incident.status, trigger)
    assert status is not None, f"{incident.incident} is {incident.status} and cannot {trigger}"
    return status


def _noted(state: DeskState, row: ev.Envelope, event: ev.NoteAdded) -> None:
    note = Note(at_ms=row.at_ms, note=event.note, source=event.source)
    _patch(state, event.incident, notes=(*state.incidents[event.incident].notes, note)[-MAX_NOTES:])


def _wave_opened(state: DeskState, row: ev.Envelope, event: ev.WaveOpened) -> None:
    opened = OpenedWave(wave=event.wave, at_ms=row.at_ms, reason=event.reason, late_at_ms=event.late_at_ms)
    _patch(state, event.incident, waves=(*state.incidents[event.incident].waves, opened))


def _nothing(_state: DeskState, _row: ev.Envelope, _event: ev.Event) -> None:
    """The fact is for the record alone."""


def _patch(state: DeskState, name: IncidentId, **changes: Any) -> None:
    state.incidents[name] = changed(state.incidents[name], **changes)


def _ask_waiting_again(state: DeskState, at_ms: int) -> None:
    """A team has become free: the incidents that wait for one are due now, not at their retry time."""
    for name in state.open_incidents:
        incident = state.incidents[name]
        if incident.retry_at_ms is not None:
            state.incidents[name] = changed(incident, retry_at_ms=at_ms)


# ── orders ────────────────────────────────────────────────────────────────────────────────────────────────


def _offered(state: DeskState, row: ev.Envelope, event: ev.OrderOffered) -> None:
    assert event.team not in state.live_order_of, f"{event.team} already has a live order"
    assert event.order not in state.orders, f"{event.order} was given before"
    state.orders[event.order] = Order(
        order=event.order,
        incident=event.incident,
        team=event.team,
        wave=event.wave,
        attempt=event.attempt,
        eta_ms=event.eta_ms,
        road_m=event.road_m,
        deadline_ms=event.deadline_ms,
        choice=event.choice,
        offered_seq=row.seq,
        offered_at_ms=row.at_ms,
        by=event.by,
        replaces=event.replaces,
    )
    state.live_order_of[event.team] = event.order
    orders = (*state.incidents[event.incident].orders, event.order)
    _patch(state, event.incident, orders=orders, waiting_reason=None, retry_at_ms=None, recommended=())


def _stored(state: DeskState, row: ev.Envelope, event: ev.OrderStored) -> None:
    state.orders[event.order] = changed(state.orders[event.order], stored_at_ms=row.at_ms)


def _shown(state: DeskState, row: ev.Envelope, event: ev.OrderShown) -> None:
    state.orders[event.order] = changed(state.orders[event.order], shown_at_ms=row.at_ms)


def _help_asked(state: DeskState, row: ev.Envelope, event: ev.HelpAsked) -> None:
    state.orders[event.order] = changed(state.orders[event.order], help_asked_at_ms=row.at_ms)


def _moved(state: DeskState, row: ev.Envelope, event: ev.OrderMoved) -> None:
    known = state.orders[event.order]
    trigger, clock = _STEP_OF[type(event)]
    status = ORDER.next(known.status, trigger)
    assert status is not None, f"{event.order} is {known.status} and cannot {trigger}"
    changes: dict[str, Any] = {"status": status}
    if clock is not None:
        changes[clock] = row.at_ms
    if isinstance(event, ev.OrderReportedBack):
        changes["report"] = event.note
    elif isinstance(event, ev.OrderRecalled):
        changes["end_reason"] = event.reason
    elif isinstance(event, ev.OrderAccepted):
        state.teams[known.team] = changed(state.teams[known.team], last_accepted_at_ms=row.at_ms)
    if not ORDER.live(status):
        changes["ended_at_ms"] = row.at_ms
        del state.live_order_of[known.team]
        _ask_waiting_again(state, row.at_ms)
    state.orders[event.order] = changed(known, **changes)


_Fold = Callable[["DeskState", ev.Envelope, Any], None]

FOLDS: Final[dict[type[ev.Event], _Fold]] = {
    ev.TeamRegistered: _registered,
    ev.DutyStarted: _duty_started,
    ev.DutyEnded: _duty_ended,
    ev.StandbyTaken: _standby_taken,
    ev.PatrolResumed: _patrol_resumed,
    ev.TaskPlanned: _task_planned,
    ev.TaskStarted: _task_started,
    ev.TaskEnded: _task_ended,
    ev.IncidentReported: _reported,
    ev.IncidentWaiting: _waiting,
    ev.WaitingEnded: _waiting_ended,
    ev.IncidentClosed: _closed,
    ev.IncidentReopened: _reopened,
    ev.IncidentMerged: _merged,
    ev.IncidentUnmerged: _unmerged,
    ev.NoteAdded: _noted,
    ev.WaveOpened: _wave_opened,
    ev.TeamsRecommended: _recommended,
    ev.RecommendationConfirmed: _nothing,
    ev.OverrideNoted: _nothing,
    ev.OrderOffered: _offered,
    ev.OrderStored: _stored,
    ev.OrderShown: _shown,
    ev.HelpAsked: _help_asked,
    **dict.fromkeys(TRIGGER_OF, _moved),
}
"""What each kind of fact changes; raises AssertionError or KeyError on one that cannot have happened."""
