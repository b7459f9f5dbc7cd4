"""A patrol tablet that is a program: the real protocol on a real line, a crew that presses buttons, a car."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.sim.driver import Driver
from dispatch.sim.identity import Identity
from dispatch.sim.poll import PollLine
from dispatch.sim.reporter import ReporterError
from dispatch.sim.store import FileStore
from dispatch.wire import frames as fr
from dispatch.wire import tablet_session as ts
from dispatch.wire.keys import uuid7

CREW_EVERY_S: Final = 0.05
POSITION_EVERY_S: Final = 0.5
POLL_AFTER: Final = 3
"""Sockets in a row that did not open, before the long poll is tried."""

AGAIN_AFTER_S: Final = 2.0
"""What was not answered or was refused for now is said again after this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """How the people in the car and their device behave: seconds before each button, orders they never see."""

    accept_after_s: float = 1.5
    depart_after_s: float = 0.5
    on_scene_s: float = 6.0
    report_s: float = 1.0
    report: str = "settled on the spot"
    reconnect_s: tuple[float, float] = (0.25, 10.0)  # first and longest wait, with full jitter
    poll_for_s: float = 60.0  # so long by long poll, until a socket is tried again
    answers: Callable[[ts.TabletOrder], bool] = lambda _order: True


class PatrolTablet:
    """One enrolled tablet. ``run`` ends when cancelled; everything it must keep is in its store and identity."""

    def __init__(self, url: str, identity: Identity, driver: Driver, store: FileStore, crew: Crew) -> None:
        self._url, self._identity = url, identity
        self._driver, self._store, self._crew = driver, store, crew
        self.tablet = store.load() or ts.Tablet(team=identity.team, device=identity.device)
        self._line: ClientConnection | PollLine | None = None
        self._turn = asyncio.Lock()
        self._since_s = time.monotonic()
        self._status: tuple[str, OrderStatus] | None = None
        self.on_shown: Callable[[str], None] = lambda _order: None

    async def run(self) -> None:
        """Stay connected, drive, and answer orders until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._stay_connected())
                group.create_task(self._live())
        finally:
            self._store.close()

    async def _stay_connected(self) -> None:
        first_s, longest_s = self._crew.reconnect_s
        wait_s, blocked = first_s, 0
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, ReporterError):
                ticket = await asyncio.to_thread(self._identity.ticket)
                try:
                    line = await self._open(polling=blocked >= POLL_AFTER)
                    blocked = blocked if isinstance(line, PollLine) else 0
                except (OSError, WebSocketException, TimeoutError):
                    blocked += 1
                    raise
                try:
                    self._line = line
                    await self._give(ts.Connected(ticket))
                    wait_s = first_s
                    await self._listen(line)
                    blocked = POLL_AFTER - 1  # a socket is tried once, and if it does not open the poll goes on
                    continue
                finally:
                    await line.close()
                    self._line = None
                    await self._give(ts.Lost())
            await asyncio.sleep(random.uniform(0, wait_s))  # full jitter: a thousand tablets do not return at once
            wait_s = min(wait_s * 2, longest_s)

    async def _open(self, *, polling: bool) -> ClientConnection | PollLine:
        """A socket; or, after several that did not open, a long poll."""
        if polling:
            return PollLine(self._identity.base)
        return await connect(
            self._url, max_size=4 * fr.MAX_FRAME_BYTES, compression=None, ping_interval=None, proxy=None
        )

    async def _listen(self, line: ClientConnection | PollLine) -> None:
        """Hear until the line ends, which raises; a long poll is left after a while, and this returns."""
        until_s = time.monotonic() + self._crew.poll_for_s
        while isinstance(line, ClientConnection) or time.monotonic() < until_s:
            async with asyncio.timeout(fr.DEAD_AFTER_S):
                if isinstance(line, PollLine):
                    text = await line.recv(round((until_s - time.monotonic()) * 1000))
                else:
                    text = await line.recv(decode=True)
            if text is not None:
                await self._give(ts.Received(text))

    async def _live(self) -> None:
        last_fix_s = 0.0
        while True:
            now_ms = _now_ms()
            await self._crew_acts(now_ms)
            if time.monotonic() - last_fix_s >= POSITION_EVERY_S and self.tablet.live:
                last_fix_s = time.monotonic()
                at = self._driver.at(now_ms)
                fix = fr.Fix(
                    team=self.tablet.team,
                    lon=at.lon,
                    lat=at.lat,
                    at_ms=now_ms,
                    accuracy_m=5.0,
                    speed_m_s=self._driver.speed_m_s(now_ms),
                )
                await self._send(fr.Positions(fixes=[fix]))
            await asyncio.sleep(CREW_EVERY_S)

    async def _crew_acts(self, now_ms: int) -> None:
        order = self.tablet.order
        status = (order.order, order.status) if order else None
        if status != self._status:
            self._status, self._since_s = status, time.monotonic()
        waited_s = time.monotonic() - self._since_s
        if order is None:
            self._driver.patrol(now_ms)
            return
        if self.tablet.outbox:
            if waited_s >= AGAIN_AFTER_S:
                self._since_s = time.monotonic()
                await self._give(ts.Again())
            return
        crew = self._crew
        match order.status:
            case OrderStatus.OFFERED if order.order in self.tablet.shown and crew.answers(order):
                await self._press(OrderTrigger.ACCEPT, waited_s, crew.accept_after_s)
            case OrderStatus.ACCEPTED:
                await self._press(OrderTrigger.DEPART, waited_s, crew.depart_after_s)
            case OrderStatus.EN_ROUTE:
                await self._drive(order, waited_s, now_ms)
            case OrderStatus.ON_SCENE:
                await self._press(OrderTrigger.REPORT_BACK, waited_s, crew.on_scene_s, crew.report)
            case OrderStatus.REPORTED_BACK:
                await self._press(OrderTrigger.CLOSE, waited_s, crew.report_s)
            case _:
                pass

    async def _drive(self, order: ts.TabletOrder, waited_s: float, now_ms: int) -> None:
        if self._heading_for != order.order:
            self._heading_for = order.order
            self._driver.stop(now_ms)
            self._driver.drive_to(order.where, now_ms)
        elif self._driver.arrived(now_ms):
            self._driver.stop(now_ms)
            await self._press(OrderTrigger.ARRIVE, waited_s, 0.0)

    _heading_for: str | None = None

    async def _press(self, verb: OrderTrigger, waited_s: float, after_s: float, note: str = "") -> None:
        if waited_s >= after_s:
            self._since_s = time.monotonic() - after_s + AGAIN_AFTER_S
            await self._give(ts.Press(uuid7(_now_ms(), secrets.token_bytes(10)), verb, note))

    async def _give(self, given: ts.Input) -> None:
        """One input at a time, to its end: the socket and the crew never save or send across one another."""
        async with self._turn:
            waiting = [given]
            while waiting:
                self.tablet, outputs = ts.step(self.tablet, waiting.pop(0), _now_ms())
                for output in outputs:
                    waiting += await self._do(output)

    async def _do(self, output: ts.Output) -> list[ts.Input]:
        match output:
            case ts.Send():
                await self._send(output.frame)
            case ts.Commit():
                await asyncio.get_running_loop().run_in_executor(None, self._store.save, self.tablet)
                return [ts.Committed(output.seq)]
            case ts.Draw():
                self.on_shown(output.order.order)
                return [ts.Drawn(output.order.order)]
            case ts.Withdrawn():
                self._heading_for = None
                self._driver.stop(_now_ms())
            case ts.Hang():
                if self._line is not None:
                    await self._line.close()
        return []

    async def _send(self, frame: fr.AnyClientFrame) -> None:
        line = self._line
        if line is not None:
            with contextlib.suppress(WebSocketException, OSError, ReporterError):
                await line.send(fr.encode(frame))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
