"""What the operator does by hand: confirm, send, recall, undo. Refused only for what is impossible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dispatch.assignment.appraisal import drift_ms
from dispatch.assignment.candidates import Ranking, Reason, TravelTime, nearest_by_straight_line, rank
from dispatch.assignment.policies import MAX_EXCLUDED, MAX_RANKED
from dispatch.assignment.problem import Policy
from dispatch.assignment.times import TimesTable
from dispatch.domain import events as ev
from dispatch.domain.commands import ConfirmRecommendation, RecallOrder, SendTeam, UndoOrder
from dispatch.domain.duty_machine import DUTY
from dispatch.domain.incident_machine import INCIDENT
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Order
from dispatch.domain.types import IncidentId, TeamId, Wave
from dispatch.service.draft import Draft
from dispatch.service.needs import MOVABLE, out_of_question, start_of, unmet
from dispatch.service.offering import fill, offer
from dispatch.service.plans import Decision, Filling, Plan, TravelTimes
from dispatch.service.settings import DeskSettings


def confirm(state: DeskState, command: ConfirmRecommendation, settings: DeskSettings, now_ms: int) -> Plan:
    """Offer an incident to the recommended teams that are named; refused where these are not it any more."""
    incident = state.incidents.get(command.incident)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if not INCIDENT.live(incident.status):
        return Refusal(Code.INCIDENT_NOT_OPEN, f"{command.incident} is {incident.status}")
    picks = {pick.team: pick for pick in incident.recommended}
    stale = [team for team in command.teams if team not in picks or not _still_free(state, picks[team])]
    if stale or not command.teams:
        return Refusal(Code.RECOMMENDATION_CHANGED, f"{command.incident}: {', '.join(stale) or 'no team is named'}")
    named = tuple(dict.fromkeys(command.teams))
    where, starts = [(command.incident, incident.where)], [start_of(state.teams[team]) for team in named]
    times: TimesTable = yield TravelTimes(where, starts)
    draft = Draft(state, settings, now_ms)
    draft.add(ev.RecommendationConfirmed(incident=command.incident, teams=named))
    for team in named:
        pick = _as_of_now(picks[team], times[command.incident, team], settings)
        if pick is None:
            return Refusal(Code.RECOMMENDATION_CHANGED, f"{command.incident}: {team} has no way there by road now")
        if pick.replaces is not None:
            held = draft.state.orders[pick.replaces]
            if ORDER.live(held.status):
                reason = "diverted" if held.team == team else "relieved"
                draft.add(ev.OrderRecalled(order=held.order, team=held.team, reason=reason))
        offer(draft, command.incident, pick.wave, pick, pick.choice, by_operator=True, replaces=pick.replaces)
    yield from fill(draft, command.incident)
    return draft.decision(command.incident)


def _as_of_now(pick: ev.Pick, time: TravelTime, settings: DeskSettings) -> ev.Pick | None:
    """A pick with the time and the road of this moment; why it was chosen stays as the operator saw it."""
    if time.eta_ms is None:
        return None
    return replace(pick, eta_ms=time.eta_ms + drift_ms(time, settings.rules), road_m=time.road_m)


def _still_free(state: DeskState, pick: ev.Pick) -> bool:
    """Whether a pick can be carried out as it was shown: the team is on duty, and has no order but that one."""
    live = state.live_order_of.get(pick.team)
    if not DUTY.live(state.teams[pick.team].duty):
        return False
    if pick.replaces is not None and state.orders[pick.replaces].status not in MOVABLE:
        return False
    return live is None or live == pick.replaces


def send(state: DeskState, command: SendTeam, settings: DeskSettings, now_ms: int) -> Plan:
    """Send a team by hand, whatever the plan says, with the reason kept; its live order elsewhere is recalled."""
    incident, team = state.incidents.get(command.incident), state.teams.get(command.team)
    if incident is None:
        return Refusal(Code.UNKNOWN_INCIDENT, command.incident)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if not INCIDENT.live(incident.status):
        return Refusal(Code.INCIDENT_NOT_OPEN, f"{command.incident} is {incident.status}")
    if not DUTY.live(team.duty):
        return Refusal(Code.TEAM_OFF_DUTY, command.team)
    live = state.live_order_of.get(command.team)
    root = None if live is None else state.root(state.orders[live].incident)
    if root == command.incident:
        return Decision((), command.incident)
    draft = Draft(state, settings, now_ms)
    draft.add(ev.OverrideNoted(incident=command.incident, about=command.team, reason=command.reason))
    if live is not None:
        draft.add(ev.OrderRecalled(order=live, team=command.team, reason="operator"))
    wave = command.wave or next(iter(unmet(state, settings, command.incident)), Wave.W1)
    order = yield from _offer_by_hand(draft, command.incident, command.team, wave)
    if order is None:
        return Refusal(Code.CANNOT_REACH, f"{command.team} to {command.incident}")
    yield from fill(draft, root)
    return draft.decision(command.incident)


def _offer_by_hand(draft: Draft, name: IncidentId, team: TeamId, wave: Wave) -> Filling[ev.Candidate | None]:
    """Offer an incident to this very team, with the ranking that the desk would have seen; None: no way by road."""
    state = draft.state
    incident = state.incidents[name]
    barred = {one.team: reason for one in state.teams.values() if (reason := out_of_question(one))}
    barred |= dict.fromkeys(state.live_order_of, Reason.BUSY)
    free = [start_of(one) for one in state.teams.values() if one.team not in barred]
    times: TimesTable = yield TravelTimes([(name, incident.where)], free)
    ranking = rank([*times.values()], barred)
    candidate = next((one for one in ranking.ranked if one.team == team), None)
    if candidate is None:
        return None
    choice = choice_by_hand(ranking, candidate)
    held = [event.order for event in draft.events if isinstance(event, ev.OrderRecalled) and event.team == team]
    offer(draft, name, wave, candidate, choice, by_operator=True, replaces=held[0] if held else None)
    return candidate


def choice_by_hand(ranking: Ranking, chosen: ev.Candidate) -> ev.Choice:
    """What the desk saw when an operator chose: a negative margin says how much sooner the nearest would come."""
    at = ranking.ranked.index(chosen)
    shown = ranking.ranked[:MAX_RANKED]
    if at >= MAX_RANKED:
        shown = (*ranking.ranked[: MAX_RANKED - 1], chosen)
    others = [one.eta_ms for one in ranking.ranked[:2] if one is not chosen]
    air = nearest_by_straight_line(ranking.ranked)
    assert air is not None, "the chosen team is ranked"
    return ev.Choice(
        policy=Policy.MANUAL,
        ranked=shown,
        excluded=ranking.excluded[:MAX_EXCLUDED],
        margin_ms=others[0] - chosen.eta_ms if others else None,
        straight_line_team=air.team,
        straight_line_loss_ms=air.eta_ms - chosen.eta_ms,
    )


def recall(state: DeskState, command: RecallOrder, settings: DeskSettings, now_ms: int) -> Plan:
    """Take a live order back, with the reason kept; another team is looked for, not this one."""
    order = state.orders.get(command.order)
    if order is None:
        return Refusal(Code.UNKNOWN_ORDER, command.order)
    if not ORDER.allows(order.status, OrderTrigger.RECALL):
        if order.status is OrderStatus.RECALLED:
            return Decision((), command.order)
        return Refusal(Code.WRONG_STATE, f"{order.order} is {order.status}")
    draft = Draft(state, settings, now_ms)
    root = state.root(order.incident)
    draft.add(ev.OrderRecalled(order=order.order, team=order.team, reason="operator"))
    if command.reason:
        draft.add(ev.OverrideNoted(incident=root, about=order.team, reason=command.reason))
    yield from fill(draft, root)
    return draft.decision(command.order)


def undo(state: DeskState, command: UndoOrder, settings: DeskSettings, now_ms: int) -> Plan:
    """Undo the operator's last word on an order, within the undo time: by another fact, never by erasing one.

    An order that the operator gave is recalled; the team that it took from another order goes on with that, unless
    another team has accepted it meanwhile. One that the operator recalled is given to the same team again. What was
    offered in the place of an order that is given again and is not accepted yet is recalled. Undoing what is undone
    changes nothing.
    """
    order = state.orders.get(command.order)
    if order is None:
        return Refusal(Code.UNKNOWN_ORDER, command.order)
    if _undone(state, order):
        return Decision((), command.order)
    given = order.by == "operator" and ORDER.live(order.status)
    taken = order.status is OrderStatus.RECALLED and order.end_reason == "operator"
    said_at_ms = order.offered_at_ms if given else order.ended_at_ms if taken else None
    if said_at_ms is None:
        return Refusal(Code.NOTHING_TO_UNDO, f"{order.order} is {order.status}, by the {order.by}")
    if now_ms - said_at_ms > settings.undo_within_ms:
        return Refusal(Code.UNDO_TOO_LATE, f"{order.order}: more than {settings.undo_within_ms / 1000:g} s ago")
    draft = Draft(state, settings, now_ms)
    root = state.root(order.incident)
    if given:
        draft.add(ev.OrderRecalled(order=order.order, team=order.team, reason="undo"))
        if order.replaces is not None:
            yield from _give_back(draft, state.orders[order.replaces], order)
        yield from fill(draft, root)
        return draft.decision(command.order)
    return (yield from _give_again(draft, order, root))


def _undone(state: DeskState, order: Order) -> bool:
    """Whether an order was undone: recalled as a mistake, or, itself recalled by hand, given to its team again."""
    if order.status is not OrderStatus.RECALLED:
        return False
    if order.end_reason == "undo":
        return True
    later = (state.orders[name] for held in state.group(state.root(order.incident)) for name in held.orders)
    return order.end_reason == "operator" and any(
        other.team == order.team and other.by == "operator" and other.offered_seq > order.offered_seq
        for other in later
    )


def _give_back(draft: Draft, before: Order, mistake: Order) -> Filling[None]:
    """Give a team the order again from which ``mistake`` took it, where no other team has accepted that since."""
    state = draft.state
    root = state.root(before.incident)
    if before.team != mistake.team or root not in state.open_incidents:
        return
    instead = _in_its_place(draft, root, before.wave, mistake.offered_at_ms)
    if instead and all(other.status is not OrderStatus.OFFERED for other in instead):
        return
    if (yield from _offer_by_hand(draft, root, before.team, before.wave)) is not None:
        _recall_one(draft, instead)
    yield from fill(draft, root)


def _in_its_place(draft: Draft, root: IncidentId, wave: Wave, since_ms: int) -> list[Order]:
    """The desk's own live orders of a wave that were given since one of it was taken away, oldest first."""
    return [
        other
        for other in draft.state.live_orders(root)
        if other.by == "desk" and other.wave == wave and other.offered_at_ms >= since_ms
    ]


def _recall_one(draft: Draft, instead: Sequence[Order]) -> None:
    """Take back the latest of some orders that is not accepted yet: one team comes back, one is not needed."""
    offered = [other for other in instead if other.status is OrderStatus.OFFERED]
    if offered:
        last = max(offered, key=lambda other: other.offered_seq)
        draft.add(ev.OrderRecalled(order=last.order, team=last.team, reason="undo"))


def _give_again(draft: Draft, order: Order, root: IncidentId) -> Plan:
    state = draft.state
    if root not in state.open_incidents:
        return Refusal(Code.INCIDENT_NOT_OPEN, f"{root} is {state.incidents[root].status}")
    if not DUTY.live(state.teams[order.team].duty):
        return Refusal(Code.TEAM_OFF_DUTY, order.team)
    if order.team in state.live_order_of:
        return Refusal(Code.TEAM_BUSY, f"{order.team} has {state.live_order_of[order.team]}")
    draft.add(ev.OverrideNoted(incident=root, about=order.team, reason="undo"))
    assert order.ended_at_ms is not None, "it was recalled"
    _recall_one(draft, _in_its_place(draft, root, order.wave, order.ended_at_ms))
    if (yield from _offer_by_hand(draft, root, order.team, order.wave)) is None:
        return Refusal(Code.CANNOT_REACH, f"{order.team} to {root}")
    yield from fill(draft, root)
    return draft.decision(root)
