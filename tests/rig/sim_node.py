"""One life of the service in the simulated world: the real loop, station, sockets and watch; a simulated disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dispatch.access.policy import Principal, Role
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.domain.commands import Command
from dispatch.server.board import Board
from dispatch.server.loop import Desk
from dispatch.server.outcomes import Answer
from dispatch.server.sockets import Connection
from dispatch.server.station import Station
from dispatch.server.walks import Walks
from dispatch.server.watch import keep_checking
from dispatch.service.settings import DeskSettings
from dispatch.wire.frames import Hello
from tests.rig.sim_disk import SimDisk, SimLog
from tests.rig.sim_net import Link
from tests.server.harness import TableTravel
from tests.service.random_day import TABLE


class SimDoors:
    """Who is let in: every device but those that were revoked. ``changed`` is what the real registry has too."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.revoked: set[str] = set()
        self.devices: dict[str, object] = {}
        self.seen: dict[str, int] = {}

    def revoke(self, device: str) -> None:
        self.revoked.add(device)
        self.changed.set()

    def admit(self, hello: Hello) -> Principal | DoorRefusal:
        if hello.device in self.revoked:
            return DoorRefusal(Door.DEVICE_REVOKED, hello.device)
        return Principal(
            name=hello.device,
            role=Role.PATROL if hello.team else Role.DISPATCHER,
            desks=frozenset({"*"}),
            device=hello.device if hello.team else None,
            team=hello.team,
        )

    def still(self, principal: Principal) -> DoorRefusal | None:
        if principal.name in self.revoked:
            return DoorRefusal(Door.DEVICE_REVOKED, principal.name)
        return None


class SimClock:
    """A wall clock that somebody set; within one life of the service it never steps (adapters/clock)."""

    def __init__(self, start_ms: int, skew_ms: int = 0) -> None:
        self.start_ms, self.skew_ms = start_ms, skew_ms
        self._loop = asyncio.get_running_loop()

    def now_ms(self) -> int:
        return self.start_ms + self.skew_ms + round(self._loop.time() * 1000)


class Node:
    """A running service; ``kill`` is kill -9: what it was doing has no further effect on anything."""

    def __init__(self, disk: SimDisk, clock: SimClock, doors: SimDoors, settings: DeskSettings) -> None:
        self.clock = clock
        self.log = SimLog(disk)
        self.doors = doors
        walks = Walks()
        self.desk = Desk(self.log, TableTravel(TABLE), clock, walks, settings)
        self.station = Station(self.desk, Board(), walks, None, clock)  # type: ignore[arg-type]
        work = (
            self.desk.run(),
            self.station.show_peers(),
            self.station.tick(),
            keep_checking(self.station, doors),  # type: ignore[arg-type]
        )
        self.tasks = [asyncio.create_task(each) for each in work]
        self.links: dict[int, Link] = {}
        self.dead = False

    def take(self, link: Link) -> None:
        """A client connects."""
        connection = Connection(link.socket, self.station, self.doors)
        self.links[link.number] = link
        task = asyncio.create_task(connection.serve())
        self.tasks.append(task)
        task.add_done_callback(lambda _done: self._over(link))

    def _over(self, link: Link) -> None:
        self.links.pop(link.number, None)
        if not self.dead and not link.server_gone:
            link.kill_server(0.0)  # uvicorn closes what the application has left open

    def ask(self, command: Command, key: str | None, answered: Callable[[Answer], None]) -> None:
        """A request over HTTP."""
        future = self.desk.post(command, key)
        future.add_done_callback(lambda done: None if self.dead or done.cancelled() else answered(done.result()))

    def kill(self, told_s: float | None) -> None:
        self.dead = self.log.dead = True
        for link in list(self.links.values()):
            link.kill_server(told_s)
        for task in self.tasks:
            task.cancel()
