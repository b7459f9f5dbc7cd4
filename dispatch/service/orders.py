"""Orders: stored, shown, answered, expired; and the team that asks for help."""

from __future__ import annotations

from typing import Final

from dispatch.domain import events as ev
from dispatch.domain.commands import AnswerOrder, AskForHelp, ExpireOrder, MarkShown, MarkStored
from dispatch.domain.order_machine import ORDER, TEAM_TRIGGERS, OrderStatus, OrderTrigger, already_past
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Order
from dispatch.service.draft import Draft
from dispatch.service.needs import unmet
from dispatch.service.offering import fill
from dispatch.service.plans import Decision, Plan
from dispatch.service.response_plan import Opens
from dispatch.service.settings import DeskSettings
from dispatch.service.waves import call_more, call_next

HELP_AGAIN_MS: Final = 30_000
"""A team that asks for help twice within this asks once: fingers are not calm there."""


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
    live order of an incident that lacks nobody closes the incident; one that still lacks a team (help that was
    asked for, another team of its plan) stays open. Declining offers it to the next team in the same decision.
    """
    order = _own(state, command)
    if isinstance(order, Refusal):
        return order
    if command.verb not in TEAM_TRIGGERS:
        return Refusal(Code.WRONG_STATE, f"{command.verb} is not the team's to say")
    if not ORDER.allows(order.status, command.verb):
        if already_past(order.status, command.verb):
            return Decision((), order.order)
        return Refusal(Code.WRONG_STATE, f"{order.order} is {order.status}, it cannot {command.verb}")
    draft = Draft(state, settings, now_ms)
    draft.add(_moved(order, command, min(command.occurred_at_ms, now_ms)))
    root = state.root(order.incident)
    if command.verb == OrderTrigger.DECLINE:
        yield from fill(draft, root)
    elif command.verb == OrderTrigger.CLOSE and not draft.state.live_orders(root):
        if unmet(draft.state, settings, root):
            yield from fill(draft, root)
        else:
            draft.add(ev.IncidentClosed(incident=root, outcome=order.report or ""))
    return draft.decision(order.order)


def _own(state: DeskState, command: AnswerOrder | AskForHelp) -> Order | Refusal:
    order = state.orders.get(command.order)
    if order is None:
        return Refusal(Code.UNKNOWN_ORDER, command.order)
    if order.team != command.team:
        return Refusal(Code.NOT_YOUR_ORDER, command.order)
    return order


def expire(state: DeskState, command: ExpireOrder, settings: DeskSettings, now_ms: int) -> Plan:
    """End an offer whose time is over; the next team is asked without the silent one, and a wave may follow."""
    order = state.orders.get(command.order)
    if order is None:
        return Refusal(Code.UNKNOWN_ORDER, command.order)
    if not ORDER.allows(order.status, OrderTrigger.EXPIRE) or now_ms < order.deadline_ms:
        return Decision((), order.order)
    draft = Draft(state, settings, now_ms)
    draft.add(ev.OrderExpired(order=order.order, team=order.team))
    root = state.root(order.incident)
    call_next(draft, root, order.wave, Opens.SILENT)
    yield from fill(draft, root)
    return draft.decision(order.order)


def ask_for_help(state: DeskState, command: AskForHelp, settings: DeskSettings, now_ms: int) -> Plan:
    """Record that a team wants more force, and call it: the next wave, or the last one once more.

    A team is never refused help because the plan is exhausted: then the wish alone is on the log and the board.
    """
    order = _own(state, command)
    if isinstance(order, Refusal):
        return order
    if not ORDER.live(order.status):
        return Refusal(Code.WRONG_STATE, f"{order.order} is {order.status}, it has ended: call the desk by voice")
    if order.status is OrderStatus.OFFERED:
        return Refusal(Code.WRONG_STATE, f"{order.order} is {order.status}: accept it first")
    if order.help_asked_at_ms is not None and 0 <= now_ms - order.help_asked_at_ms < HELP_AGAIN_MS:
        return Decision((), order.order)
    root = state.root(order.incident)
    draft = Draft(state, settings, now_ms)
    occurred_ms = min(command.occurred_at_ms, now_ms)
    draft.add(
        ev.HelpAsked(
            order=order.order, team=order.team, incident=root, occurred_at_ms=occurred_ms, note=command.note
        )
    )
    call_more(draft, root, Opens.HELP)
    yield from fill(draft, root)
    return draft.decision(order.order)


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
