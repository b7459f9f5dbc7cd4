"""A real service on a real socket, behind its real doors, in a thread of its own; fixtures of many tests."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dispatch import bootstrap
from dispatch.access.policy import Role
from dispatch.adapters.places import RosterTeam
from dispatch.cli.service import address, listen, running
from dispatch.server.access import Access
from dispatch.server.station import Station
from dispatch.service.settings import DeskSettings
from dispatch.sim.driver import Driver
from dispatch.sim.identity import Identity, enrol
from dispatch.sim.reporter import Reporter
from tests import people

DESK = DeskSettings(accept_within_ms=60_000)


class Parked(Driver):
    """A car that stays where it stands until it has an order."""

    def patrol(self, now_ms: int) -> None:
        """Stay at home: the same distances in every round."""


@dataclass
class Service:
    """What a test needs of a running service; ``reporter`` is a supervisor who has signed in."""

    base: str
    station: Station
    town: bootstrap.Town
    reporter: Reporter
    access: Access
    folder: Path
    loop: asyncio.AbstractEventLoop
    tablets: dict[str, Identity] = field(default_factory=dict)
    trackers: dict[str, str] = field(default_factory=dict)
    signed_in: dict[Role, Reporter] = field(default_factory=dict)
    strangers: list[Reporter] = field(default_factory=list)

    @property
    def ws(self) -> str:
        return self.base.replace("http", "ws") + "/ws"

    def tablet(self, team: str) -> Identity:
        """The enrolled and confirmed tablet of a team."""
        if team not in self.tablets:
            self.tablets[team] = enrol(self.reporter, team)
        return self.tablets[team]

    def person(self, role: Role) -> Reporter:
        """Somebody of a role who has signed in."""
        if role not in self.signed_in:
            self.signed_in[role] = people.person(self.base, role)
        return self.signed_in[role]

    def tracker(self, team: str) -> str:
        """The token of a program that sends a team's positions."""
        if team not in self.trackers:
            made = self.reporter.call("POST", "/api/trackers", {"team": team, "name": "phone"})
            self.trackers[team] = made["token"]
        return self.trackers[team]

    def stranger(self) -> Reporter:
        """Somebody whom the service does not know yet."""
        self.strangers.append(Reporter(self.base))
        return self.strangers[-1]

    def raw(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of a supervisor's request made by hand, so that it may be wrong."""
        connection = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, body, self.reporter.headers())
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="session")
def town() -> bootstrap.Town:
    return bootstrap.sample_town(lambda _text: None)


@pytest.fixture
def service(town: bootstrap.Town, tmp_path: Path) -> Iterator[Service]:
    """The service of one test."""
    with serving(town, tmp_path) as made:
        yield made


@contextlib.contextmanager
def serving(
    town: bootstrap.Town, tmp_path: Path, desk: DeskSettings = DESK, roster: Sequence[RosterTeam] | None = None
) -> Iterator[Service]:
    """A service with every team of a roster (None: the town's) on duty, its log in SQLite, an account a role."""
    people.make_accounts(tmp_path)
    ready, stop, problems = threading.Event(), asyncio.Event(), []
    holder: list[Service] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        settings = bootstrap.StationSettings(log=tmp_path / "desk.sqlite", desk=desk)
        station = bootstrap.build_station(town, settings)
        bound = listen("127.0.0.1", 0)
        access, told = bootstrap.build_access(tmp_path, station)
        assert told is None, "there are accounts already"
        async with running(station, bound, access):
            teams = town.roster if roster is None else roster
            problems.extend(await bootstrap.enroll(station.desk, teams, on_duty=True))
            base = address(bound)
            holder.append(Service(base, station, town, Reporter(base), access, tmp_path, loop))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(30), "the service did not start"
        assert problems == []
        made = holder[0]
        made.reporter = made.signed_in[Role.SUPERVISOR] = people.person(made.base)
        yield made
        for each in (*made.signed_in.values(), *made.strangers):
            each.close()
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
    assert not thread.is_alive()
    loop.close()
