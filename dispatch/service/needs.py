"""What all open incidents want and what all teams are, as the assignment sees them; read from the state alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from dispatch.assignment.appraisal import able
from dispatch.assignment.candidates import Reason
from dispatch.assignment.problem import URGENCY_RANK, Engagement, Need, Phase, Unit
from dispatch.domain.duty_machine import DUTY, Duty
from dispatch.domain.order_machine import ORDER, OrderStatus
from dispatch.domain.state import DeskState, Incident, Order, Team
from dispatch.domain.types import DAY_MIN, IncidentId, TeamId, Wave, team_in_need
from dispatch.service.plans import TeamStart, TravelTimes
from dispatch.service.settings import DeskSettings

MAX_JOINT: Final = 40
"""Incidents that one decision looks at, the gravest first; the others wait for the next one."""

UNCONFIRMED: Final = "unconfirmed"
"""Why an incident waits whose teams are recommended: the operator is to confirm."""

SERVED: Final = "served"
"""Why an incident waits that lacks nobody and has nobody any more: the operator is to close it."""

_LOST: Final = frozenset({OrderStatus.EXPIRED, OrderStatus.DECLINED, OrderStatus.RECALLED})
_NOT_AGAIN: Final = {
    OrderStatus.EXPIRED: Reason.SILENT_BEFORE,
    OrderStatus.DECLINED: Reason.DECLINED_BEFORE,
    OrderStatus.RECALLED: Reason.RECALLED_BEFORE,
}
_BY_HAND: Final = frozenset({"operator", "undo"})
_PHASE: Final = {
    OrderStatus.OFFERED: Phase.OFFERED,
    OrderStatus.ACCEPTED: Phase.ACCEPTED,
    OrderStatus.EN_ROUTE: Phase.EN_ROUTE,
}
MOVABLE: Final = frozenset(_PHASE)
"""Orders whose team may still be sent elsewhere: it is not on the scene yet."""


@dataclass(frozen=True, slots=True)
class Question:
    """One joint question: needs, units, and the table of travel times that answering it takes.

    ``wanting`` names the incidents whose wants are unmet and due, the gravest first; ``put_off`` those that are due
    beyond MAX_JOINT.
    """

    needs: Sequence[Need]
    units: Sequence[Unit]
    wanting: Sequence[IncidentId]
    put_off: Set[IncidentId]
    travel: TravelTimes


def counted_orders(state: DeskState, incident: IncidentId) -> list[Order]:
    """The orders that count for an open incident: its own and those of its merged ones, since it was opened."""
    return [state.orders[name] for held in state.group(incident) for name in held.orders[held.since_order :]]


def unmet(state: DeskState, settings: DeskSettings, incident: IncidentId) -> dict[Wave, int]:
    """How many teams each called wave of an open incident still lacks; waves that lack none are left out."""
    known = state.incidents[incident]
    plan = settings.plans.of(known.what)
    orders = counted_orders(state, incident)
    wanted: dict[Wave, int] = {}
    for opened in known.waves:
        part = plan.wave(opened.wave)
        wanted[opened.wave] = wanted.get(opened.wave, 0) + (part.teams if part else 0)
    lacking = {
        wave: count - sum(order.wave == wave and order.status not in _LOST for order in orders)
        for wave, count in wanted.items()
    }
    return {wave: count for wave, count in lacking.items() if count > 0}


def is_due(incident: Incident, now_ms: int) -> bool:
    """Whether an incident is looked at now: one that waits is left alone until its retry, or until it changes."""
    reason, retry_ms = incident.waiting_reason, incident.retry_at_ms
    return reason is None or reason == UNCONFIRMED or retry_ms is None or retry_ms <= now_ms


def question_of(state: DeskState, settings: DeskSettings, now_ms: int, asked: IncidentId | None = None) -> Question:
    """The joint question of this moment; ``asked`` is looked at in any case, before graver ones where many wait.

    What waits for its retry costs no more than a look at the clock, so that thousands may wait.
    """
    lacking: dict[IncidentId, dict[Wave, int]] = {}
    put_off: set[IncidentId] = set()
    for one in _due(state, now_ms, asked):
        if len(lacking) == MAX_JOINT:
            put_off.add(one.incident)
        elif lack := unmet(state, settings, one.incident):
            lacking[one.incident] = lack
    wanting = sorted((state.incidents[name] for name in lacking), key=_gravest)
    barred_all = {team.team: reason for team in state.teams.values() if (reason := out_of_question(team))}
    needs = [
        need
        for incident in wanting
        for need in _open_needs(
            state,
            settings,
            incident,
            lacking=lacking[incident.incident],
            barred_all=barred_all,
            now_ms=now_ms,
        )
    ]
    looked_at = {one.incident: one for one in wanting}
    if may_divert(needs, settings):
        gravest = min(URGENCY_RANK[need.urgency] for need in needs)
        held = [one for one in _with_movable(state) if URGENCY_RANK[one.urgency] > gravest]
        for incident in sorted(held, key=_gravest):
            if incident.incident in looked_at or len(looked_at) < MAX_JOINT:
                needs += _held_needs(state, settings, incident, barred_all, now_ms)
                looked_at[incident.incident] = incident
    units = [unit_of(state, settings, team, now_ms) for team in state.teams.values()]
    where = [(one.incident, one.where) for one in looked_at.values()]
    travel = TravelTimes(where, _who_to_ask(state, needs, units, barred_all))
    return Question(needs, units, [one.incident for one in wanting], put_off, travel)


def _due(state: DeskState, now_ms: int, asked: IncidentId | None) -> list[Incident]:
    """The open incidents that are looked at now: the one that is asked for, then the gravest first."""
    due = [state.incidents[name] for name in state.open_incidents]
    due = [one for one in due if one.incident == asked or is_due(one, now_ms)]
    return sorted(due, key=lambda one: (one.incident != asked, *_gravest(one)))


def _gravest(incident: Incident) -> tuple[int, int, int, str]:
    return URGENCY_RANK[incident.urgency], incident.reported_at_ms, len(incident.incident), incident.incident


def out_of_question(team: Team) -> Reason | None:
    """Why a team is not asked at all, whatever the incident: it is off duty."""
    return None if DUTY.live(team.duty) else Reason.OFF_DUTY


def may_divert(needs: Sequence[Need], settings: DeskSettings) -> bool:
    """Whether one of the needs is so urgent that a team under way may be taken for it."""
    least = settings.rules.divert_to
    return least is not None and any(URGENCY_RANK[need.urgency] <= URGENCY_RANK[least] for need in needs)


def _with_movable(state: DeskState) -> list[Incident]:
    """The open incidents with an order whose team may still be sent elsewhere; no more than there are teams."""
    live = (state.orders[name] for name in state.live_order_of.values())
    roots = {state.root(order.incident) for order in live if order.status in MOVABLE}
    return [state.incidents[name] for name in roots if name in state.open_incidents]


def _movable(state: DeskState, incident: IncidentId) -> list[Order]:
    return [order for order in state.live_orders(incident) if order.status in MOVABLE]


def _open_needs(
    state: DeskState,
    settings: DeskSettings,
    incident: Incident,
    *,
    lacking: dict[Wave, int],
    barred_all: dict[TeamId, Reason],
    now_ms: int,
) -> list[Need]:
    barred = barred_all | not_again(state, incident.incident)
    held = len(_movable(state, incident.incident))
    return [
        _need(settings, incident, wave, held + slot, barred=barred, now_ms=now_ms)
        for wave, count in lacking.items()
        for slot in range(1, count + 1)
    ]


def _held_needs(
    state: DeskState, settings: DeskSettings, incident: Incident, barred_all: dict[TeamId, Reason], now_ms: int
) -> list[Need]:
    barred = barred_all | not_again(state, incident.incident)
    return [
        _need(settings, incident, order.wave, slot, barred=barred, now_ms=now_ms, held_by=order.team)
        for slot, order in enumerate(_movable(state, incident.incident), 1)
    ]


def _need(
    settings: DeskSettings,
    incident: Incident,
    wave: Wave,
    slot: int,
    *,
    barred: dict[TeamId, Reason],
    now_ms: int,
    held_by: TeamId | None = None,
) -> Need:
    part = settings.plans.of(incident.what).wave(wave)
    return Need(
        incident=incident.incident,
        wave=wave,
        slot=slot,
        urgency=incident.urgency,
        target_ms=incident.reported_at_ms + incident.target_ms - now_ms,
        kinds=part.classes if part else frozenset(),
        skills=part.skills if part else frozenset(),
        vehicle=part.vehicle if part else None,
        staff=part.staff if part else 1,
        barred=barred,
        held_by=held_by,
    )


def not_again(state: DeskState, incident: IncidentId) -> dict[TeamId, Reason]:
    """Teams that were asked in this round and were silent, declined, or were taken back by hand; and who was there.

    A team that has closed its order here is not its own help: what is still wanted is another one. Nor is a team
    that itself calls for help, in any round.
    """
    found = {
        order.team: Reason.SERVED_BEFORE
        for order in counted_orders(state, incident)
        if order.status is OrderStatus.CLOSED
    }
    for held in state.group(incident):
        if (in_need := team_in_need(held.source)) is not None:
            found[in_need] = Reason.CALLS_FOR_HELP
        for name in held.orders[held.round_from_order :]:
            order = state.orders[name]
            if order.status is OrderStatus.RECALLED and order.end_reason not in _BY_HAND:
                continue
            if (reason := _NOT_AGAIN.get(order.status)) is not None:
                found.setdefault(order.team, reason)
    return found


def on_shift(team: Team, settings: DeskSettings, now_ms: int) -> bool:
    """Whether a team's shift holds at this local time; one without a shift is always on."""
    return team.shift is None or team.shift.holds((now_ms // 60_000 + settings.utc_offset_min) % DAY_MIN)


def unit_of(state: DeskState, settings: DeskSettings, team: Team, now_ms: int) -> Unit:
    """A team as the assignment sees it."""
    name = state.live_order_of.get(team.team)
    return Unit(
        team=team.team,
        kind=team.unit,
        skills=frozenset(team.skills),
        vehicle=team.vehicle,
        staff=team.staff,
        on_shift=on_shift(team, settings, now_ms),
        engagement=None if name is None else _engagement(state, state.orders[name]),
        on_task=team.duty is Duty.ON_TASK,
        at_standby=team.duty is Duty.STANDBY,
        last_order_ms=team.last_accepted_at_ms,
    )


def _engagement(state: DeskState, order: Order) -> Engagement:
    assert ORDER.live(order.status), f"{order.order} is not live"
    root = state.incidents[state.root(order.incident)]
    return Engagement(
        incident=root.incident,
        order=order.order,
        urgency=root.urgency,
        wave=order.wave,
        phase=_PHASE.get(order.status, Phase.ON_SCENE),
        eta_ms=order.eta_ms,
    )


def start_of(team: Team) -> TeamStart:
    """Where a team starts that has no fix: at its standby point, else at home."""
    return TeamStart(team.team, team.profile, team.post or team.home)


def _who_to_ask(
    state: DeskState, needs: Sequence[Need], units: Sequence[Unit], barred: Mapping[TeamId, Reason]
) -> list[TeamStart]:
    """The teams that hold one of the needs or could fill one, as far as the state can tell."""
    wishes: dict[object, Need] = {}
    for need in sorted(needs, key=lambda need: URGENCY_RANK[need.urgency]):
        wishes.setdefault((need.kinds, need.skills, need.vehicle, need.staff), need)
    asked = {need.held_by for need in needs}
    asked |= {
        unit.team
        for unit in units
        if unit.team not in barred and any(_may_fill(need, unit) for need in wishes.values())
    }
    return [start_of(state.teams[unit.team]) for unit in units if unit.team in asked]


def _may_fill(need: Need, unit: Unit) -> bool:
    if able(need, unit) is not None:
        return False
    live = unit.engagement
    return live is None or (
        live.phase is not Phase.ON_SCENE and URGENCY_RANK[need.urgency] < URGENCY_RANK[live.urgency]
    )
