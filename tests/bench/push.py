"""Push under load: commit → shown on 1,000 tablets, memory a connection, 5,000 idle ones, and all back at once.

Ours is a real service process with its log on disk; the tablets are light clients in this process, their tickets
are real. Each order is timed from its commit to the tablet's ``shown``, and told beside it from the start of its
decision. The floor is a bare ``websockets`` echo with as many connections, the same rates, and one fdatasync an
order; the other peer is NATS core, which stores nothing. Each runs alone, one after the other. Then every tablet of
five a team connects, the service is killed and started again while incidents go on: when all are back, and by how
much an order was late (from its decision, or from its tablet's welcome where that came later).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from dispatch.access.device_machine import DeviceStatus
from dispatch.access.policy import EVERY_DESK, Role
from dispatch.access.records import Device
from dispatch.adapters.access_store import SqliteAccessStore
from dispatch.bootstrap import ROOT, sample_town
from dispatch.cli.bench import Options, Result
from dispatch.server.access import DESK
from dispatch.server.people import new_account
from dispatch.sim.identity import new_key, public_text
from dispatch.sim.person import settle_in
from dispatch.sim.reporter import Reporter
from tests.bench._pushfleet import Fleet, Tablet, commit_to_shown, now_ms, place_all, report_all
from tests.bench._pushpeers import echo_times, nats_times

TABLETS: Final = 1_000
DEVICES_A_TEAM: Final = 5
PER_S: Final = 5.0
SECONDS: Final = 60.0
QUICK: Final = (100, 8.0)
WARM_UP: Final = 20
BACK_WITHIN_S: Final = 120.0
REST_WITHIN_S: Final = 90

Say = Callable[[str], None]


def run(say: Say, options: Options) -> Sequence[Result]:
    """Measure and return the figures."""
    _raise_limit()
    tablets = options.tablets or (QUICK[0] if options.quick else TABLETS)
    seconds = QUICK[1] if options.quick else SECONDS
    return asyncio.run(_measure(say, tablets, seconds, options.notes))


def _raise_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _measure(say: Say, tablets: int, seconds: float, notes: list[str]) -> list[Result]:
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as name:
        folder = Path(name)
        town = _Town(folder, tablets)
        say(f"  {tablets} teams, {len(town.devices)} devices are in the roster and in the access store")
        results = await _busy(say, town, tablets, seconds, notes)
        results += await _storm(say, town, seconds, notes)
        return results


class _Town:
    """A folder that a service starts from: teams on the sample town's roads, devices of one key, an account."""

    def __init__(self, folder: Path, teams: int) -> None:
        self.folder, self.data, self.key = folder, folder / "data", new_key()
        self.data.mkdir()
        graph = sample_town(lambda _text: None).ground.graph("car")
        chance = random.Random(135)
        nodes = [chance.randrange(graph.n_nodes) for _ in range(teams)]
        self.points = [(float(graph.node_lon_e7[k]) / 1e7, float(graph.node_lat_e7[k]) / 1e7) for k in nodes]
        rows = [f"T{k:04d},Team {k},{lat:.7f},{lon:.7f}" for k, (lon, lat) in enumerate(self.points)]
        (folder / "teams.csv").write_text("id,name,lat,lon\n" + "\n".join(rows) + "\n", encoding="utf-8")
        at_ms, public = round(now_ms()), public_text(self.key)
        self.devices = [
            (f"d{number}-{team:04d}", team, number == 0)
            for number in range(DEVICES_A_TEAM)
            for team in range(teams)
        ]
        account, self.password = new_account("bench", Role.SUPERVISOR, (EVERY_DESK,), at_ms)
        store = SqliteAccessStore(self.data / "access.sqlite")
        store.put(
            [
                account,
                *(
                    Device(
                        device=device,
                        team=f"T{team:04d}",
                        desk=DESK,
                        name=device,
                        key=public,
                        enrolled_ms=at_ms,
                        status=DeviceStatus.CONFIRMED,
                        by="bench",
                    )
                    for device, team, _ in self.devices
                ),
            ]
        )
        store.close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.cookie: str | None = None

    def fleet(self) -> Fleet:
        """Tablets' common part."""
        return Fleet("127.0.0.1", self.port, self.key)

    def tablets(self, fleet: Fleet, count: int) -> list[Tablet]:
        """The first ``count`` tablets: one a team, then the next of each team."""
        chosen = enumerate(self.devices[:count])
        return [
            Tablet(fleet, k, name, f"T{team:04d}", at=self.points[team], first=first)
            for k, (name, team, first) in chosen
        ]

    def sign_in(self) -> str:
        """A supervisor's cookie; blocks."""
        if self.cookie is None:
            person = Reporter(f"http://127.0.0.1:{self.port}")
            settle_in(person, "bench", self.password, "seventeen lanterns by the river")
            self.cookie = person.cookie
            person.close()
        assert self.cookie is not None
        return self.cookie

    async def start(self) -> asyncio.subprocess.Process:
        """A service process that is ready."""
        command = ["-m", "dispatch", "serve", "--port", str(self.port), "--data", str(self.data)]
        command += ["--teams", str(self.folder / "teams.csv"), "--log-level", "warning"]
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert child.stderr is not None
        async with asyncio.timeout(180):
            while b" at http" not in (line := await child.stderr.readline()):
                if not line:
                    raise RuntimeError("the service ended before it served")
        asyncio.get_running_loop().create_task(_drain(child.stderr))
        return child


async def _drain(stream: asyncio.StreamReader) -> None:
    while line := await stream.readline():
        sys.stderr.buffer.write(line)


def _rss_kib(child: asyncio.subprocess.Process) -> int:
    text = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")))


def _cpu_s(child: asyncio.subprocess.Process) -> float:
    fields = Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _at_rest(child: asyncio.subprocess.Process) -> None:
    """Wait until the service no longer prepares its drawings: its memory grows by itself until then."""
    for _ in range(REST_WITHIN_S):
        cpu_s = _cpu_s(child)
        await asyncio.sleep(1)
        if _cpu_s(child) - cpu_s < 0.1:
            return


async def _end(child: asyncio.subprocess.Process, tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if child.returncode is None:
        child.kill()
    await child.wait()


async def _all_live(tablets: Sequence[Tablet], within_s: float) -> float:
    """Seconds until every tablet is welcomed; those that never were are told by a TimeoutError."""
    began_s = time.monotonic()
    while not all(tablet.live for tablet in tablets):
        if time.monotonic() - began_s > within_s:
            missing = sum(not tablet.live for tablet in tablets)
            raise TimeoutError(f"{missing} of {len(tablets)} tablets were not welcomed within {within_s:g} s")
        await asyncio.sleep(0.05)
    return time.monotonic() - began_s


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[98] if len(values) > 1 else values[0]


async def _busy(say: Say, town: _Town, count: int, seconds: float, notes: list[str]) -> list[Result]:
    child, fleet, tasks = await town.start(), town.fleet(), list[asyncio.Task[Any]]()
    loop = asyncio.get_running_loop()
    try:
        cookie = await asyncio.to_thread(town.sign_in)
        tablets = town.tablets(fleet, count)
        tasks += [loop.create_task(tablet.run()) for tablet in tablets[:WARM_UP]]
        await _all_live(tablets[:WARM_UP], 60)
        await report_all(fleet, cookie, town.points, PER_S, loop.time() + 3)
        await _at_rest(child)
        before_kib = _rss_kib(child)
        tasks += [loop.create_task(tablet.run()) for tablet in tablets[WARM_UP:]]
        took_s = await _all_live(tablets, 120)
        await asyncio.sleep(1)
        each_kib = (_rss_kib(child) - before_kib) / max(1, count - WARM_UP)
        say(f"  {count} tablets welcomed in {took_s:.1f} s, {each_kib:.1f} KiB each")
        tasks.append(loop.create_task(place_all(tablets)))
        await report_all(fleet, cookie, town.points, PER_S, loop.time() + 3)  # the first circles of many teams
        fleet.shown.clear()
        cpu_s = _cpu_s(child)
        made = await report_all(fleet, cookie, town.points, PER_S, loop.time() + seconds)
        cpu_s = _cpu_s(child) - cpu_s
        decided = [each.shown_ms - each.decided_ms for each in fleet.shown if each.by_event]
        ours = await commit_to_shown(fleet, cookie)
        say(f"  {made} incidents, {len(ours)} orders shown, answers {fleet.results}")
        notes.append(f"{made} incidents in {seconds:g} s; the service used {cpu_s / seconds:.0%} of one core")
    finally:
        await _end(child, tasks)
    async with _echo(town.folder) as url:
        floor = await echo_times(url, count, PER_S, seconds)
    nats = await nats_times(count, PER_S, seconds)
    beside = nats if isinstance(nats, str) else f"{statistics.median(nats):.2f} ms"
    say(f"  floor {statistics.median(floor):.2f} ms, {len(floor)} echoes; NATS {beside}")
    results = []
    for label, pick, goal in (("median", statistics.median, None), ("p99", _p99, 5.0)):
        measure = f"commit → shown, {label}, {count} tablets"
        results.append(
            Result(
                measure=measure,
                ours=pick(ours),
                unit="ms",
                peer=f"websocket echo + fdatasync, {label}",
                peer_value=pick(floor),
                at_most=goal,
                queries=len(ours),
            )
        )
        peer = {"missing": nats} if isinstance(nats, str) else {"peer_value": pick(nats)}
        results.append(
            Result(measure=measure, ours=pick(ours), unit="ms", peer=f"NATS core, {label}", **peer)  # type: ignore[arg-type]
        )
    results += [
        Result(measure=f"decision begun → shown, {label}", ours=pick(decided), unit="ms", queries=len(decided))
        for label, pick in (("median", statistics.median), ("p99", _p99))
    ]
    results.append(
        Result(measure=f"memory a connection, {count} tablets", ours=each_kib, unit="KiB", limit=80, queries=count)
    )
    return results


async def _storm(say: Say, town: _Town, seconds: float, notes: list[str]) -> list[Result]:
    child, fleet, tasks = await town.start(), town.fleet(), list[asyncio.Task[Any]]()
    loop, count = asyncio.get_running_loop(), len(town.devices)
    try:
        cookie = await asyncio.to_thread(town.sign_in)
        tablets = town.tablets(fleet, count)
        tasks += [loop.create_task(tablet.run()) for tablet in tablets[:WARM_UP]]
        await _all_live(tablets[:WARM_UP], 60)
        await _at_rest(child)
        before_kib = _rss_kib(child)
        for number, tablet in enumerate(tablets[WARM_UP:]):
            tasks.append(loop.create_task(tablet.run()))
            if number % 20 == 19:
                await asyncio.sleep(0.05)
        await _all_live(tablets, 240)
        await asyncio.sleep(2)
        each_kib = (_rss_kib(child) - before_kib) / max(1, count - WARM_UP)
        cpu_s = _cpu_s(child)
        await asyncio.sleep(min(10.0, seconds))
        idle = (_cpu_s(child) - cpu_s) / min(10.0, seconds)
        say(f"  {count} idle tablets, {each_kib:.1f} KiB each, {idle:.0%} of a core")
        notes.append(f"{count} idle tablets cost {idle:.0%} of one core (heartbeats)")
        fleet.shown.clear()
        child.send_signal(signal.SIGKILL)
        killed_s = time.monotonic()
        await child.wait()
        child = await town.start()
        ready_s = time.monotonic()
        reports = loop.create_task(report_all(fleet, cookie, town.points, PER_S, loop.time() + BACK_WITHIN_S))
        tasks.append(reports)
        await _all_live(tablets, BACK_WITHIN_S)
        back_s = time.monotonic()
        await asyncio.sleep(5)
        late = [each.shown_ms - max(each.decided_ms, each.welcomed_ms) for each in fleet.shown]
        whole = [each.shown_ms - each.decided_ms for each in fleet.shown]
        say(f"  all back {back_s - killed_s:.1f} s after the kill, {back_s - ready_s:.1f} s after the start;")
        say(f"  {len(late)} orders shown meanwhile, answers {fleet.results}")
        notes.append(
            f"the service was ready {ready_s - killed_s:.1f} s after its kill; counted from the decision alone,"
            f" while the tablet was away, the latest order was shown after {max(whole, default=0) / 1000:.1f} s"
        )
    finally:
        await _end(child, tasks)
    return [
        Result(measure=f"memory a connection, {count} idle tablets", ours=each_kib, unit="KiB", limit=80),
        Result(measure=f"all {count} back after a kill", ours=back_s - killed_s, unit="s", limit=60, queries=count),
        Result(
            measure="the latest order meanwhile",
            ours=max(late, default=0.0) / 1000,
            unit="s",
            limit=5,
            queries=len(late),
        ),
    ]


@contextlib.asynccontextmanager
async def _echo(folder: Path) -> AsyncIterator[str]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench._pushpeers", str(folder / "echo.log")),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = (await child.stdout.readline()).decode()
        yield line.split(" at ")[1].strip()
    finally:
        child.terminate()
        await child.wait()
