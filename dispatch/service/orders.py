"""Orders: stored, shown, answered, expired."""

from __future__ import annotations

from dispatch.assignment.candidates import Reason
from dispatch.domain import events as ev
from dispatch.domain.commands import AnswerOrder, ExpireOrder, MarkShown, MarkStored
from dispatch.domain.order_machine import ORDER, TEAM_TRIGGERS, OrderTrigger, already_past
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Order
from dispatch.service.offering import offer
from dispatch.service.plans import Decision, Plan
from dispatch.service.settings import DeskSettings


def stored(state: DeskState, command: MarkStored, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Record that the team's live order is on its tablet, once."""
    yield from ()
    if command.team not in state.teams:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    name = state.live_order_of.get(command.team)
    order = state.orders[name] if name is not None else None
    if order is None or order.offered_seq > command.seq or order.stored_at_ms is not None:
        return Decision((), command.team)
    return Decision((ev.OrderStored(order=order.order, team=command.team, device=command.device),), order.order)


def shown(state: DeskState, command: MarkShown, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Record that an order is drawn and sounded, once."""
    yield from ()
    order = state.orders.get(command.order)
    if order is None:
        return Refusal(Code.UNKNOWN_ORDER, command.order)
    if order.team != command.team:
        return Refusal(Code.NOT_YOUR_ORDER, command.order)
    if order.shown_at_ms is not None or not ORDER.live(order.status):
        return Decision((), order.order)
    return Decision((ev.OrderShown(order=order.order, team=command.team, device=command.device),), order.order)


def answer(state: DeskState, command: AnswerOrder, settings: DeskSettings, now_ms: int) -> Plan:
    """Move an order by its team's answer.

    An answer that was given before changes nothing; one that the table does not allow is refused. Closing the last
    live order of an incident closes the incident; declining offers it to the next team in the same decision.
    """
    order = state.orders.get(command.order)
    if order is None:
        return Refusal(Code.UNKNOWN_ORDER, command.order)
    if order.team != command.team:
        return Refusal(Code.NOT_YOUR_ORDER, command.order)
    if command.verb not in TEAM_TRIGGERS:
        return Refusal(Code.WRONG_STATE, f"{command.verb} is not the team's to say")
    if not ORDER.allows(order.status, command.verb):
        if already_past(order.status, command.verb):
            return Decision((), order.order)
        return Refusal(Code.WRONG_STATE, f"{order.order} is {order.status}, it cannot {command.verb}")
    moved = _moved(order, command, min(command.occurred_at_ms, now_ms))
    if command.verb == OrderTrigger.DECLINE:
        offered = yield from offer(
            state,
            state.incidents[order.incident],
            settings,
            now_ms,
            {order.team: Reason.DECLINED_BEFORE},
        )
        return Decision((moved, *offered), order.order)
    if command.verb == OrderTrigger.CLOSE and len(state.live_orders(order.incident)) == 1:
        closed = ev.IncidentClosed(incident=order.incident, outcome=order.report or "")
        return Decision((moved, closed), order.order)
    return Decision((moved,), order.order)


def expire(state: DeskState, command: ExpireOrder, settings: DeskSettings, now_ms: int) -> Plan:
    """End an offer whose time is over and offer the incident to the next team, without the silent one."""
    order = state.orders.get(command.order)
    if order is None:
        return Refusal(Code.UNKNOWN_ORDER, command.order)
    if not ORDER.allows(order.status, OrderTrigger.EXPIRE) or now_ms < order.deadline_ms:
        return Decision((), order.order)
    expired = ev.OrderExpired(order=order.order, team=order.team)
    offered = yield from offer(
        state, state.incidents[order.incident], settings, now_ms, {order.team: Reason.SILENT_BEFORE}
    )
    return Decision((expired, *offered), order.order)


def _moved(held: Order, command: AnswerOrder, at_ms: int) -> ev.OrderMoved:
    order, team = held.order, held.team
    match command.verb:
        case OrderTrigger.ACCEPT:
            return ev.OrderAccepted(order=order, team=team, occurred_at_ms=at_ms)
        case OrderTrigger.DEPART:
            return ev.OrderDeparted(order=order, team=team, occurred_at_ms=at_ms)
        case OrderTrigger.ARRIVE:
            return ev.OrderArrived(order=order, team=team, occurred_at_ms=at_ms)
        case OrderTrigger.REPORT_BACK:
            return ev.OrderReportedBack(order=order, team=team, occurred_at_ms=at_ms, note=command.note)
        case OrderTrigger.CLOSE:
            return ev.OrderClosed(order=order, team=team, occurred_at_ms=at_ms)
        case OrderTrigger.DECLINE:
            return ev.OrderDeclined(order=order, team=team, occurred_at_ms=at_ms, note=command.note)
        case _:
            raise AssertionError(f"{command.verb} is not the team's to say")
