"""Incidents: reported, asked for again, closed."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.domain import events as ev
from dispatch.domain.commands import AssignIncident, CloseIncident, ReportIncident
from dispatch.domain.incident_machine import INCIDENT
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Incident, incident_of
from dispatch.domain.types import IncidentId
from dispatch.domain.walk import Step
from dispatch.service.offering import offer
from dispatch.service.plans import Decision, Locate, Located, Plan
from dispatch.service.settings import DeskSettings


def report(state: DeskState, command: ReportIncident, settings: DeskSettings, now_ms: int) -> Plan:
    """Record an incident and offer it to a team in one decision; refused where no road is near."""
    located: Located | Refusal = yield Locate(command.where)
    if isinstance(located, Refusal):
        return located
    reported = ev.IncidentReported(
        incident=IncidentId(f"I{len(state.incidents) + 1:04d}"),
        what=command.what,
        urgency=command.urgency,
        where=command.where,
        tier=located.tier,
        target_ms=settings.target_ms[located.tier],
        place=located.place,
        road=located.road,
        off_road_m=located.off_road_m,
        note=command.note,
        source=command.source,
    )
    yield Step.RECORD
    offered = yield from offer(state, incident_of(reported, now_ms), settings, now_ms)
    return Decision((reported, *offered), reported.incident)


def close(state: DeskState, command: CloseIncident, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Close an incident and recall its live orders; closing it again changes nothing."""
    yield from ()
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if not INCIDENT.live(incident.status):
        return Decision((), command.incident)
    recalled = tuple(
        ev.OrderRecalled(order=order.order, team=order.team, reason="incident_closed")
        for order in state.live_orders(command.incident)
    )
    closed = ev.IncidentClosed(incident=command.incident, outcome=command.outcome)
    return Decision(
        (closed, *recalled), command.incident
    )  # first what it is about: a replay names the same subject


def assign(state: DeskState, command: AssignIncident, settings: DeskSettings, now_ms: int) -> Plan:
    """Ask again who could go to an open incident that has nobody."""
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if not INCIDENT.live(incident.status) or state.live_orders(command.incident):
        return Decision((), command.incident)
    offered = yield from offer(state, incident, settings, now_ms)
    if _tells_nothing_new(incident, offered):
        return Decision((), command.incident)
    return Decision(tuple(offered), command.incident)


def _tells_nothing_new(incident: Incident, offered: Sequence[ev.Event]) -> bool:
    """Whether an incident waits on for the reason it waits already; a log is no place to say so every 15 s."""
    first = offered[0]
    return isinstance(first, ev.IncidentWaiting) and first.reason == incident.waiting_reason
