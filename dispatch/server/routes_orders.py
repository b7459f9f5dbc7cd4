"""The HTTP API of orders: one order, recalled, undone, or in need of help."""

from __future__ import annotations

from fastapi import APIRouter, Request

from dispatch.domain import commands as cmd
from dispatch.domain.state import Order
from dispatch.domain.types import OrderId
from dispatch.server.asking import PROBLEMS, done, order_of, station_of
from dispatch.wire import bodies

router = APIRouter(prefix="/api/orders", responses=PROBLEMS)


@router.get("/{order}")
async def order(order: str, request: Request) -> Order:
    """One order with all its clocks and why its team was chosen."""
    return order_of(station_of(request).desk.state, order)


@router.post("/{order}/recall")
async def recall(order: str, body: bodies.RecallBody, request: Request) -> bodies.Done:
    """Take an order back, with the reason kept; another team is looked for."""
    command = cmd.RecallOrder(order=OrderId(order), reason=body.reason)
    return await done(station_of(request), command, body.key)


@router.post("/{order}/undo")
async def undo(order: str, body: bodies.KeyBody, request: Request) -> bodies.Done:
    """Undo what an operator did to an order a moment ago: what was sent is recalled, what was recalled is sent."""
    return await done(station_of(request), cmd.UndoOrder(order=OrderId(order)), body.key)


@router.post("/{order}/help")
async def ask_for_help(order: str, body: bodies.HelpBody, request: Request) -> bodies.Done:
    """Ask for more force in the name of the order's team, which said so by radio."""
    station = station_of(request)
    team = order_of(station.desk.state, order).team
    command = cmd.AskForHelp(order=OrderId(order), team=team, occurred_at_ms=station.clock.now_ms(), note=body.note)
    return await done(station, command, body.key)
