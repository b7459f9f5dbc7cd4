"""A tablet behind a proxy that lets no websocket through works on by long poll, and goes back when it may."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from dispatch.sim.driver import Driver
from dispatch.sim.reporter import new_key
from dispatch.sim.store import FileStore
from dispatch.sim.tablet import Crew, PatrolTablet
from tests.live import Service


class Proxy:
    """Forwards HTTP; refuses Upgrade while ``strict``. Counts what it saw."""

    def __init__(self, to: str) -> None:
        self.to = to
        self.strict = True
        self.refused = self.upgraded = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._one, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await task

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self.to.removeprefix("http://").split(":")
        out: asyncio.StreamWriter | None = None
        try:
            first = await reader.read(65_536)
            if b"upgrade: websocket" in first.lower():
                if self.strict:
                    self.refused += 1
                    writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    await writer.drain()
                    return
                self.upgraded += 1
            back, out = await asyncio.open_connection(host, int(port))
            out.write(self._named(first))
            await asyncio.gather(self._pipe(reader, out, self._named), self._pipe(back, writer, bytes))
        except OSError:
            pass
        finally:
            for each in (writer, out):
                if each is not None:
                    each.close()

    def _named(self, data: bytes) -> bytes:
        """A reverse proxy names the service, not itself."""
        return data.replace(f"127.0.0.1:{self.port}".encode(), self.to.removeprefix("http://").encode())

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, changed: Callable[[bytes], bytes]
    ) -> None:
        while data := await reader.read(65_536):
            writer.write(changed(data))
            await writer.drain()
        writer.close()


@pytest.fixture
def proxy(service: Service) -> Iterator[Proxy]:
    made = Proxy(service.base)
    yield made
    made.close()


@contextmanager
def running(tablet: PatrolTablet) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    task = loop.create_task(tablet.run())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def until(holds: Callable[[], object], within_s: float, what: str) -> None:
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s, what
        time.sleep(0.05)


def test_a_tablet_works_on_by_long_poll_and_goes_back_to_a_socket(service: Service, proxy: Proxy) -> None:
    team = service.town.roster[0]
    for other in service.town.roster[1:]:
        service.reporter.call("POST", f"/api/teams/{other.team}/duty", {"on_duty": False} | key())
    identity = replace(service.tablet(team.team), base=proxy.base)
    crew = Crew(accept_after_s=0.05, depart_after_s=60, reconnect_s=(0.02, 0.1), poll_for_s=1.0)
    driver = Driver(service.town.ground.graph(team.profile), team.home, 1.0, 0)
    store = FileStore(service.folder / "tablet.json")
    tablet = PatrolTablet(proxy.base.replace("http", "ws") + "/ws", identity, driver, store, crew)
    with running(tablet):
        until(lambda: tablet.tablet.live, 20, "no long poll was opened")
        assert proxy.refused >= 3 and proxy.upgraded == 0
        incident = service.reporter.report(team.home.lat, team.home.lon)
        until(lambda: accepted(service, incident), 20, "an order did not go over the long poll and back")
        assert proxy.upgraded == 0
        proxy.strict = False
        until(lambda: proxy.upgraded and tablet.tablet.live, 20, "it did not go back to a socket")
        service.reporter.call("POST", f"/api/incidents/{incident}/close", {"outcome": ""} | key())
        again = service.reporter.report(team.home.lat, team.home.lon)
        until(lambda: accepted(service, again), 20, "an order did not go over the socket")


def key() -> dict[str, str]:
    return {"key": new_key()}


def accepted(service: Service, incident: str) -> bool:
    return any(order["status"] == "accepted" for order in service.reporter.incident(incident)["orders"])
