"""The desk's state is a fold of the log: ``apply`` is the only thing that changes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dispatch.domain import events as ev
from dispatch.domain.duty_machine import DUTY, Duty, DutyTrigger
from dispatch.domain.incident_machine import INCIDENT, IncidentStatus, IncidentTrigger
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.types import (
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
class Team:
    """A patrol team. Whether it is busy is read from its live order."""

    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point
    duty: Duty = DUTY.first


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident and every order that was given for it, oldest first."""

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
    reported_at_ms: int
    status: IncidentStatus = INCIDENT.first
    orders: tuple[OrderId, ...] = ()
    waiting_reason: str | None = None
    retry_at_ms: int | None = None
    round_from_order: int = 0
    closed_at_ms: int | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One offer to one team, with the time of each of its steps as the desk recorded them."""

    order: OrderId
    incident: IncidentId
    team: TeamId
    wave: Wave
    attempt: int
    eta_ms: int
    road_m: int
    deadline_ms: int
    choice: ev.Choice
    offered_seq: int
    offered_at_ms: int
    status: OrderStatus = ORDER.first
    stored_at_ms: int | None = None
    shown_at_ms: int | None = None
    accepted_at_ms: int | None = None
    departed_at_ms: int | None = None
    arrived_at_ms: int | None = None
    reported_back_at_ms: int | None = None
    ended_at_ms: int | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command with a key came to; the same key and body get it again for ever."""

    digest: str
    first_seq: int
    last_seq: int
    subject: str


@dataclass(slots=True)
class DeskState:
    """All that the desk knows, as of event ``seq``. Read by everyone, changed only by ``apply``."""

    seq: int = 0
    teams: dict[TeamId, Team] = field(default_factory=dict)
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    orders: dict[OrderId, Order] = field(default_factory=dict)
    open_incidents: dict[IncidentId, None] = field(default_factory=dict)
    live_order_of: dict[TeamId, OrderId] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)

    def live_orders(self, incident: IncidentId) -> list[Order]:
        """The orders of an incident that are not ended, oldest first."""
        orders = (self.orders[name] for name in self.incidents[incident].orders)
        return [order for order in orders if ORDER.live(order.status)]

    def apply(self, envelope: ev.Envelope) -> None:
        """Fold one event; raises AssertionError on one that the tables do not allow (a corrupt log)."""
        assert envelope.seq == self.seq + 1, f"event {envelope.seq} after {self.seq}"
        _fold(self, envelope, envelope.event)
        self.seq = envelope.seq
        if envelope.key is not None and envelope.digest is not None:
            before = self.answers.get(envelope.key)
            self.answers[envelope.key] = Answer(
                digest=envelope.digest,
                first_seq=before.first_seq if before else envelope.seq,
                last_seq=envelope.seq,
                subject=before.subject if before else subject_of(envelope.event),
            )


def subject_of(event: ev.Event) -> str:
    """The id that an event is about: its order, else its incident, else its team."""
    for name in ("order", "incident", "team"):
        value = getattr(event, name, None)
        if value is not None:
            return str(value)
    raise AssertionError(f"{event} has no subject")


TRIGGER_OF: dict[type[ev.Event], OrderTrigger] = {
    ev.OrderAccepted: OrderTrigger.ACCEPT,
    ev.OrderDeparted: OrderTrigger.DEPART,
    ev.OrderArrived: OrderTrigger.ARRIVE,
    ev.OrderReportedBack: OrderTrigger.REPORT_BACK,
    ev.OrderClosed: OrderTrigger.CLOSE,
    ev.OrderDeclined: OrderTrigger.DECLINE,
    ev.OrderExpired: OrderTrigger.EXPIRE,
    ev.OrderRecalled: OrderTrigger.RECALL,
}

_CLOCK_OF = {
    OrderTrigger.ACCEPT: "accepted_at_ms",
    OrderTrigger.DEPART: "departed_at_ms",
    OrderTrigger.ARRIVE: "arrived_at_ms",
    OrderTrigger.REPORT_BACK: "reported_back_at_ms",
}


def _fold(state: DeskState, envelope: ev.Envelope, event: ev.Event) -> None:
    match event:
        case ev.TeamRegistered():
            state.teams[event.team] = Team(
                team=event.team,
                name=event.name,
                name_en=event.name_en,
                unit=event.unit,
                profile=event.profile,
                home=event.home,
                duty=state.teams[event.team].duty if event.team in state.teams else DUTY.first,
            )
        case ev.DutyStarted():
            _move_duty(state, event.team, DutyTrigger.START)
            _ask_waiting_again(state, envelope.at_ms)
        case ev.DutyEnded():
            _move_duty(state, event.team, DutyTrigger.END)
        case ev.IncidentReported():
            state.incidents[event.incident] = incident_of(event, envelope.at_ms)
            state.open_incidents[event.incident] = None
        case ev.IncidentWaiting():
            incident = state.incidents[event.incident]
            state.incidents[event.incident] = replace(
                incident,
                waiting_reason=event.reason,
                retry_at_ms=event.retry_at_ms,
                round_from_order=len(incident.orders),
            )
        case ev.IncidentClosed():
            _close_incident(state, event, envelope.at_ms)
        case ev.OrderOffered():
            _offer(state, event, envelope)
        case ev.OrderStored():
            _touch(state, event.order, stored_at_ms=envelope.at_ms)
        case ev.OrderShown():
            _touch(state, event.order, shown_at_ms=envelope.at_ms)
        case _:
            _move_order(state, event, envelope.at_ms)


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
    )


def _offer(state: DeskState, event: ev.OrderOffered, envelope: ev.Envelope) -> None:
    assert event.team not in state.live_order_of, f"{event.team} already has a live order"
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
        offered_seq=envelope.seq,
        offered_at_ms=envelope.at_ms,
    )
    state.live_order_of[event.team] = event.order
    incident = state.incidents[event.incident]
    state.incidents[event.incident] = replace(
        incident, orders=(*incident.orders, event.order), waiting_reason=None, retry_at_ms=None
    )


def _close_incident(state: DeskState, event: ev.IncidentClosed, at_ms: int) -> None:
    incident = state.incidents[event.incident]
    status = INCIDENT.next(incident.status, IncidentTrigger.CLOSE)
    assert status is not None, f"{event.incident} is {incident.status}"
    state.incidents[event.incident] = replace(
        incident,
        status=status,
        closed_at_ms=at_ms,
        outcome=event.outcome,
        waiting_reason=None,
        retry_at_ms=None,
    )
    del state.open_incidents[event.incident]


def _touch(state: DeskState, order: OrderId, **at_ms: int) -> None:
    state.orders[order] = replace(state.orders[order], **at_ms)  # type: ignore[arg-type]


def _move_order(state: DeskState, event: ev.OrderMoved, at_ms: int) -> None:
    order = state.orders[event.order]
    trigger = TRIGGER_OF[type(event)]
    status = ORDER.next(order.status, trigger)
    assert status is not None, f"{event.order} is {order.status} and cannot {trigger}"
    order = replace(order, status=status)
    if trigger in _CLOCK_OF:
        order = replace(order, **{_CLOCK_OF[trigger]: at_ms})  # type: ignore[arg-type]
    if isinstance(event, ev.OrderReportedBack):
        order = replace(order, report=event.note)
    if not ORDER.live(status):
        order = replace(order, ended_at_ms=at_ms)
        del state.live_order_of[order.team]
        _ask_waiting_again(state, at_ms)
    state.orders[event.order] = order


def _move_duty(state: DeskState, team: TeamId, trigger: DutyTrigger) -> None:
    known = state.teams[team]
    duty = DUTY.next(known.duty, trigger)
    assert duty is not None, f"{team} is {known.duty} and cannot {trigger}"
    state.teams[team] = replace(known, duty=duty)


def _ask_waiting_again(state: DeskState, at_ms: int) -> None:
    """A team has become free: the incidents that wait for one are due now, not at their retry time."""
    for name in state.open_incidents:
        incident = state.incidents[name]
        if incident.waiting_reason is not None:
            state.incidents[name] = replace(incident, retry_at_ms=at_ms)
