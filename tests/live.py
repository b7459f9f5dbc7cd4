"""A real service on a real socket, in a thread of its own, over the sample town; fixtures of many tests."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch import bootstrap
from dispatch.cli.service import address, listen, running
from dispatch.server.station import Station
from dispatch.service.settings import DeskSettings
from dispatch.sim.reporter import Reporter


@dataclass
class Service:
    """What a test needs of a running service."""

    base: str
    station: Station
    town: bootstrap.Town
    reporter: Reporter

    @property
    def ws(self) -> str:
        return self.base.replace("http", "ws") + "/ws"

    def raw(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of a request made by hand, so that it may be wrong."""
        connection = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="session")
def town() -> bootstrap.Town:
    return bootstrap.sample_town(lambda _text: None)


@pytest.fixture
def service(town: bootstrap.Town, tmp_path: Path) -> Iterator[Service]:
    """A service with every team of the roster on duty, its log in SQLite."""
    ready, stop, problems = threading.Event(), asyncio.Event(), []
    holder: list[Service] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        settings = bootstrap.StationSettings(
            log=tmp_path / "desk.sqlite", desk=DeskSettings(accept_within_ms=60_000)
        )
        station = bootstrap.build_station(town, settings)
        bound = listen("127.0.0.1", 0)
        async with running(station, bound):
            problems.extend(await bootstrap.enroll(station.desk, town.roster, on_duty=True))
            holder.append(Service(address(bound), station, town, Reporter(address(bound))))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(30), "the service did not start"
    assert problems == []
    yield holder[0]
    holder[0].reporter.close()
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    assert not thread.is_alive()
    loop.close()
