"""The planted bugs: each replaces one real function by one that breaks a promise, in a process of its own.

They are named after the promise that falls; where a promise is kept by several guards, the bug takes all of them
away, so that the rig and not a guard has to find it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import dispatch.wire.session as ss
import dispatch.wire.tablet_session as ts
from dispatch.access.policy import Principal, Role
from dispatch.adapters import log_memory
from dispatch.domain import events as ev
from dispatch.domain.commands import ExpireOrder
from dispatch.domain.fold import FOLDS
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.server import access, feed, gate, loop, sockets, station
from dispatch.service import needs, offering
from dispatch.service.ports import LogFullError, OutcomeUnknownError
from dispatch.service.timers import timers
from dispatch.wire import frames as fr
from tests.rig.sim_disk import SimLog


@dataclass(frozen=True)
class Bug:
    """``plant`` puts it in for the rest of the process; ``part`` is the part of the rig that must find it."""

    name: str
    part: str
    plant: Callable[[], None]


def _wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Replace ``owner.name`` by ``make(what it was)``; a name that is not there is an error of the rig."""
    setattr(owner, name, make(getattr(owner, name)))


def acknowledged_before_commit() -> None:
    def make(real: Any) -> Any:
        async def guarded(self: Any, wish: Any, group: Any) -> Any:
            decided = await real(self, wish, group)
            if isinstance(wish.asked_by, asyncio.Future):
                self._settle(decided)
            return decided

        return guarded

    _wrap(loop.Desk, "_guarded", make)


def key_forgotten() -> None:
    def make(real: Any) -> Any:
        async def decide(self: Any, wish: Any) -> Any:
            self._ahead.answers.pop(wish.key, None)
            return await real(self, wish)

        return decide

    _wrap(loop.Desk, "_decide", make)


def key_forgotten_by_a_restart() -> None:
    def make(real: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            real(self, *args, **kwargs)
            self._ahead.answers.clear()

        return init

    _wrap(loop.Desk, "__init__", make)


def sent_before_stored() -> None:
    def append(real: Any) -> Any:
        async def early(self: Any, rows: Any) -> Any:
            self.feed.publish(rows)
            return await real(self, rows)

        return early

    def publish(real: Any) -> Any:
        def once(self: Any, rows: Any) -> None:
            if rows[-1].seq > self.head:
                real(self, rows)

        return once

    _wrap(loop.Desk, "_append", append)
    _wrap(feed.Feed, "publish", publish)


def a_seq_skipped() -> None:
    """One event in seven is left out, and the next is joined to the one before it, so that no client sees a gap."""

    def make(real: Any) -> Any:
        def rows(session: Any, given: Any) -> Any:
            after, outputs = real(session, given)
            sends = [output for output in outputs if isinstance(output.frame, fr.EventFrame)]
            if session.team is None or not sends or sends[-1].frame.seq % 7:
                return after, outputs
            return replace(after, sent=session.sent if len(sends) == 1 else sends[-2].frame.seq), outputs[:-1]

        return rows

    _wrap(ss, "_rows", make)


def timer_in_memory_only() -> None:
    def make(real: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            real(self, *args, **kwargs)
            found = (timer for timer in timers(self.state) if isinstance(timer.command, ExpireOrder))
            self._held_up = dict.fromkeys(found, 2**60)

        return init

    _wrap(loop.Desk, "__init__", make)


def gate_for_http_only() -> None:
    def make(real: Any) -> Any:
        async def call(self: Any, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "websocket":
                scope.setdefault("state", {})["principal"] = None
                await self._app(scope, receive, send)
            else:
                await real(self, scope, receive, send)

        return call

    _wrap(gate.Gate, "__call__", make)


def hello_without_a_ticket() -> None:
    def admit(_self: Any, hello: Any) -> Principal:
        role = Role.PATROL if hello.team else Role.DISPATCHER
        return Principal(name=hello.device, role=role, desks=frozenset({"*"}), device=hello.device, team=hello.team)

    _wrap(access._Door, "admit", lambda _real: admit)


def stored_said_before_save() -> None:
    def make(real: Any) -> Any:
        def step(tablet: Any, given: Any, now_ms: int) -> Any:
            after, outputs = real(tablet, given, now_ms)
            if isinstance(given, ts.Received) and outputs and isinstance(outputs[0], ts.Commit) and after.live:
                outputs = [ts.Send(fr.Stored(seq=after.seq)), *outputs]
            return after, outputs

        return step

    _wrap(ts, "step", make)


def drawn_before_save() -> None:
    def make(real: Any) -> Any:
        def step(tablet: Any, given: Any, now_ms: int) -> Any:
            after, outputs = real(tablet, given, now_ms)
            if isinstance(given, ts.Received) and after.order is not None and after.order != tablet.order:
                outputs = [ts.Draw(after.order), *outputs]
            return after, outputs

        return step

    _wrap(ts, "step", make)


def sent_before_key_saved() -> None:
    def make(real: Any) -> Any:
        def press(tablet: Any, given: Any, now_ms: int) -> Any:
            after, outputs = real(tablet, given, now_ms)
            return after, list(reversed(outputs))

        return press

    _wrap(ts, "_press", make)


def outbox_dropped_on_reconnect() -> None:
    def make(real: Any) -> Any:
        def step(tablet: Any, given: Any, now_ms: int) -> Any:
            if isinstance(given, ts.Connected):
                tablet = replace(tablet, outbox={})
            return real(tablet, given, now_ms)

        return step

    _wrap(ts, "step", make)


def refusal_for_now_taken_as_a_verdict() -> None:
    _wrap(ts, "_settled", lambda _real: lambda _code: True)


def resumed_from_another_epoch() -> None:
    def make(real: Any) -> Any:
        def may_resume(hello: Any, epoch: str, head: int) -> bool:
            return bool(real(hello.model_copy(update={"epoch": epoch}), epoch, head))

        return may_resume

    _wrap(ss, "may_resume", make)


def fenced_connection_still_writes() -> None:
    def join(self: Any, connection: Any, device: str) -> int:
        generation, _older = self._device.pop(device, (0, None))
        self._device[device] = (generation + 1, connection)
        return int(generation + 1)

    _wrap(station.Station, "join", lambda _real: join)


def another_body_taken() -> None:
    _wrap(loop, "digest", lambda _real: lambda _command: "0" * 64)


def two_live_orders() -> None:
    def unit_of(real: Any) -> Any:
        def free(*args: Any) -> Any:
            return replace(real(*args), engagement=None)

        return free

    def offered(real: Any) -> Any:
        def second(state: Any, row: Any, event: Any) -> None:
            state.live_order_of.pop(event.team, None)
            real(state, row, event)

        return second

    def moved(real: Any) -> Any:
        def one(state: Any, row: Any, event: Any) -> None:
            state.live_order_of.setdefault(state.orders[event.order].team, event.order)
            real(state, row, event)

        return one

    for module in (needs, offering):
        if hasattr(module, "unit_of"):
            _wrap(module, "unit_of", unit_of)
    FOLDS[ev.OrderOffered] = offered(FOLDS[ev.OrderOffered])
    for kind in (ev.OrderClosed, ev.OrderDeclined, ev.OrderExpired, ev.OrderRecalled):
        FOLDS[kind] = moved(FOLDS[kind])
    log_memory.changes = lambda _rows: iter(())


def order_moves_backwards() -> None:
    table = ORDER.table
    assert isinstance(table, dict)
    table[OrderStatus.EN_ROUTE, OrderTrigger.ACCEPT] = OrderStatus.ACCEPTED
    table[OrderStatus.ON_SCENE, OrderTrigger.ACCEPT] = OrderStatus.ACCEPTED


def revocation_leaves_sockets_open() -> None:
    _wrap(sockets.Connection, "recheck", lambda _real: lambda _self: None)


def window_ignored() -> None:
    fr.WINDOW = 10_000  # type: ignore[misc]


def part_of_a_group_not_written() -> None:
    def make(real: Any) -> Any:
        async def append(self: Any, rows: Any) -> Any:
            return await real(self, rows[:-1] if len(rows) > 3 else rows)

        return append

    _wrap(loop.Desk, "_append", make)


def unknown_outcome_taken_for_no() -> None:
    def make(real: Any) -> Any:
        def append(self: Any, rows: Any) -> None:
            try:
                real(self, rows)
            except OutcomeUnknownError as error:
                raise LogFullError(str(error)) from error

        return append

    _wrap(SimLog, "append", make)


def snapshot_of_what_is_not_committed() -> None:
    def make(real: Any) -> Any:
        def snapshot(self: Any, team: Any) -> Any:
            held = self.desk.state
            self.desk.state = self.desk._ahead
            try:
                return real(self, team)
            finally:
                self.desk.state = held

        return snapshot

    _wrap(station.Station, "snapshot", make)


BUGS = (
    Bug("acknowledged before commit", "sim", acknowledged_before_commit),
    Bug("the key forgotten", "sim", key_forgotten),
    Bug("the keys forgotten by a restart", "sim", key_forgotten_by_a_restart),
    Bug("sent before stored", "sim", sent_before_stored),
    Bug("a seq skipped", "sim", a_seq_skipped),
    Bug("timers in memory only", "sim", timer_in_memory_only),
    Bug("the gate for HTTP only", "door", gate_for_http_only),
    Bug("a hello without a ticket taken", "door", hello_without_a_ticket),
    Bug("stored said before save", "model", stored_said_before_save),
    Bug("an order drawn before save", "sim", drawn_before_save),
    Bug("a command sent before its key is saved", "model", sent_before_key_saved),
    Bug("the outbox dropped on reconnect", "sim", outbox_dropped_on_reconnect),
    Bug("a refusal for now taken as a verdict", "sim", refusal_for_now_taken_as_a_verdict),
    Bug("resumed from another epoch", "sim", resumed_from_another_epoch),
    Bug("a fenced connection still writes", "sim", fenced_connection_still_writes),
    Bug("another body taken under a key", "sim", another_body_taken),
    Bug("two live orders of a team", "sim", two_live_orders),
    Bug("an order moves backwards", "sim", order_moves_backwards),
    Bug("a revocation leaves sockets open", "sim", revocation_leaves_sockets_open),
    Bug("the window ignored", "sim", window_ignored),
    Bug("a part of a group not written", "sim", part_of_a_group_not_written),
    Bug("an unknown outcome taken for no", "sim", unknown_outcome_taken_for_no),
    Bug("a snapshot of what is not committed", "sim", snapshot_of_what_is_not_committed),
)
