"""From an open incident to an order, or to a recorded reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.assignment.candidates import Ranking, Reason, TravelTime, rank
from dispatch.assignment.policies import MAX_EXCLUDED, nearest
from dispatch.domain import events as ev
from dispatch.domain.duty_machine import Duty
from dispatch.domain.order_machine import OrderStatus
from dispatch.domain.state import DeskState, Incident
from dispatch.domain.types import OrderId, TeamId, Wave
from dispatch.domain.walk import Step
from dispatch.service.plans import Offering, TeamStart, TravelTimes
from dispatch.service.settings import DeskSettings

_GIVEN_UP = {OrderStatus.EXPIRED: Reason.SILENT_BEFORE, OrderStatus.DECLINED: Reason.DECLINED_BEFORE}


def offer(
    state: DeskState,
    incident: Incident,
    settings: DeskSettings,
    now_ms: int,
    also_barred: Mapping[TeamId, Reason] | None = None,
) -> Offering:
    """Choose who goes to ``incident`` and offer it, or record that it waits.

    ``also_barred`` names teams that this very decision rules out (their order has just expired or been declined).
    Law: the events hold exactly one of OrderOffered and IncidentWaiting.
    """
    barred = _barred(state, incident) | dict(also_barred or {})
    free = tuple(
        TeamStart(team.team, team.profile, team.home) for team in state.teams.values() if team.team not in barred
    )
    times: Sequence[TravelTime] = (yield TravelTimes(incident.where, free)) if free else ()
    ranking = rank(times, barred)
    yield Step.CANDIDATES
    chosen = nearest(ranking)
    yield Step.ASSIGN
    if chosen is None:
        return [_waiting(incident, ranking, settings, now_ms)]
    candidate, choice = chosen
    offered = ev.OrderOffered(
        order=OrderId(f"O{len(state.orders) + 1:04d}"),
        incident=incident.incident,
        team=candidate.team,
        wave=Wave.W1,
        attempt=len(incident.orders) + 1,
        eta_ms=candidate.eta_ms,
        road_m=candidate.road_m,
        deadline_ms=now_ms + settings.accept_within_ms,
        where=incident.where,
        what=incident.what,
        urgency=incident.urgency,
        place=incident.place,
        road=incident.road,
        note=incident.note,
        choice=choice,
    )
    yield Step.ORDER
    return [offered]


def _barred(state: DeskState, incident: Incident) -> dict[TeamId, Reason]:
    """Teams that are not asked in this round, before any travel time is known."""
    barred: dict[TeamId, Reason] = {}
    for team in state.teams.values():
        if team.duty == Duty.OFF_DUTY:
            barred[team.team] = Reason.OFF_DUTY
        elif team.team in state.live_order_of:
            barred[team.team] = Reason.BUSY
    for name in incident.orders[incident.round_from_order :]:
        order = state.orders[name]
        if order.status in _GIVEN_UP:
            barred.setdefault(order.team, _GIVEN_UP[order.status])
    return barred


def _waiting(incident: Incident, ranking: Ranking, settings: DeskSettings, now_ms: int) -> ev.IncidentWaiting:
    on_duty = {exclusion.reason for exclusion in ranking.excluded} - {Reason.OFF_DUTY}
    if not ranking.excluded:
        reason = "no_team"
    elif not on_duty:
        reason = "all_off_duty"
    elif on_duty == {Reason.BUSY}:
        reason = "all_busy"
    elif on_duty & {Reason.SILENT_BEFORE, Reason.DECLINED_BEFORE}:
        reason = "none_accepted"
    else:
        reason = "none_can_reach"
    return ev.IncidentWaiting(
        incident=incident.incident,
        reason=reason,
        excluded=ranking.excluded[:MAX_EXCLUDED],
        retry_at_ms=now_ms + settings.retry_after_ms,
    )
