"""Report → order shown on the simulated tablet, beside a bare websocket echo plus one fsync in the same run.

Ours is everything: HTTP, locate, one table of times by road for 18 teams, the decision, one durable
transaction, the push, the tablet's own durable store, and the drawing. The peer is the floor under any such
service: one websocket message to another process, one fdatasync there, one message back. Rounds alternate; the
first ones are thrown away.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from dispatch.adapters.places import RosterTeam
from dispatch.bootstrap import ROOT, sample_town
from dispatch.cli.bench import Result
from dispatch.domain.types import Point
from dispatch.sim.identity import Identity, enrol
from dispatch.sim.person import settle_in
from dispatch.sim.reporter import Reporter, new_key
from dispatch.sim.store import FileStore
from dispatch.sim.tablet import Crew, PatrolTablet
from tests.live import Parked

ROUNDS = 300
WARM_UP = 20
ECHO_BYTES = 1200  # about the size of an offered order
GOAL = 10.0
"""At most ten floors: HTTP besides the websocket, the deciding, two durable writes, and 18 tablets awake."""


def run(say: Callable[[str], None]) -> Sequence[Result]:
    """Measure and return median and 99th percentile."""
    return asyncio.run(_measure(say))


async def _measure(say: Callable[[str], None]) -> list[Result]:
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as name:
        folder = Path(name)
        async with _service(folder) as base, _echo(folder) as echo_url:
            ours, floor = await _alternate(base, echo_url, folder, say)
    results = []
    for label, pick in (("median", statistics.median), ("p99", _p99)):
        results.append(
            Result(
                measure=f"report → shown, {label} of {len(ours)}",
                ours=pick(ours),
                unit="ms",
                peer=f"websocket echo + fdatasync, {label}",
                peer_value=pick(floor),
                at_most=GOAL,
            )
        )
    return results


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


async def _alternate(
    base: str, echo_url: str, folder: Path, say: Callable[[str], None]
) -> tuple[list[float], list[float]]:
    town = sample_town(say)
    shown: asyncio.Queue[str] = asyncio.Queue()
    reporter = Reporter(base)
    identities = await asyncio.to_thread(_let_in, reporter, folder, [team.team for team in town.roster])
    tablets = [
        _tablet(base, team, identity, folder, shown) for team, identity in zip(town.roster, identities, strict=True)
    ]
    tasks = [asyncio.create_task(tablet.run()) for tablet in tablets]
    try:
        while (await asyncio.to_thread(reporter.call, "GET", "/healthz"))["connections"] < len(tablets):
            await asyncio.sleep(0.1)
        ours: list[float] = []
        floor: list[float] = []
        places = [place.point for place in town.places]
        async with connect(echo_url, compression=None, proxy=None) as echo:
            for number in range(ROUNDS + WARM_UP):
                within_s = 10 if number else 120  # the first one after an installation compiles kernels
                ours.append(await _one_report(reporter, places[number % len(places)], shown, within_s))
                floor.append(await _one_echo(echo))
                if number % 100 == 0:
                    say(f"  round {number} of {ROUNDS + WARM_UP}")
        return ours[WARM_UP:], floor[WARM_UP:]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _let_in(reporter: Reporter, folder: Path, teams: list[str]) -> list[Identity]:
    """An account by the command line, its person signed in, and every tablet enrolled, all at the real door."""
    command = [sys.executable, "-m", "dispatch", "account", "add", "bench", "--role", "supervisor"]
    added = subprocess.run(
        [*command, "--data", str(folder / "data")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    time.sleep(1.5)  # until the service has seen it
    settle_in(reporter, "bench", added.stdout.split("\t")[1], "seventeen lanterns by the river")
    return [enrol(reporter, team) for team in teams]


def _tablet(
    base: str, team: RosterTeam, identity: Identity, folder: Path, shown: asyncio.Queue[str]
) -> PatrolTablet:
    tablet = PatrolTablet(
        base.replace("http", "ws") + "/ws",
        identity,
        Parked(sample_town(lambda _text: None).ground.graph(team.profile), team.home, 1.0, 0),
        FileStore(folder / "tablets" / f"{team.team}.json"),
        Crew(answers=lambda _order: False),
    )
    tablet.on_shown = shown.put_nowait
    return tablet


async def _one_report(reporter: Reporter, point: Point, shown: asyncio.Queue[str], within_s: float) -> float:
    body = {
        "key": new_key(),
        "lat": point.lat,
        "lon": point.lon,
        "what": "dispute",
        "urgency": "urgent",
        "note": "",
    }
    start_s = time.perf_counter()
    report = asyncio.create_task(asyncio.to_thread(reporter.call, "POST", "/api/incidents", body))
    await asyncio.wait_for(shown.get(), within_s)
    took_ms = (time.perf_counter() - start_s) * 1000
    incident = (await report)["subject"]
    await asyncio.to_thread(
        reporter.call, "POST", f"/api/incidents/{incident}/close", {"key": new_key(), "outcome": "bench"}
    )
    await asyncio.sleep(0.02)  # the recall reaches its tablet before the next round
    return took_ms


async def _one_echo(echo: object) -> float:
    start_s = time.perf_counter()
    await echo.send("x" * ECHO_BYTES)  # type: ignore[attr-defined]
    await echo.recv()  # type: ignore[attr-defined]
    return (time.perf_counter() - start_s) * 1000


@contextlib.asynccontextmanager
async def _child(*arguments: str) -> AsyncIterator[str]:
    """A child process that says its address as the last word of a line with ``at``; ended by its id."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(60):
            while " at " not in (line := (await child.stdout.readline()).decode()):
                if not line:
                    raise RuntimeError("the child ended before it served")
        yield line.split(" at ")[1].split()[0]
    finally:
        child.terminate()
        await child.wait()


@contextlib.asynccontextmanager
async def _service(folder: Path) -> AsyncIterator[str]:
    async with _child("-m", "dispatch", "serve", "--port", "0", "--data", str(folder / "data")) as base:
        yield base


@contextlib.asynccontextmanager
async def _echo(folder: Path) -> AsyncIterator[str]:
    async with _child(__file__, str(folder / "echo.log")) as url:
        yield url


async def _serve_echo(path: Path) -> None:
    with path.open("ab", buffering=0) as file:

        async def echo(socket: ServerConnection) -> None:
            async for message in socket:
                file.write(message.encode() if isinstance(message, str) else message)
                os.fdatasync(file.fileno())
                await socket.send(message)

        async with serve(echo, "127.0.0.1", 0, compression=None) as server:
            port = server.sockets[0].getsockname()[1]
            print(f"echo at ws://127.0.0.1:{port}", flush=True)
            await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(_serve_echo(Path(sys.argv[1])))
