"""The logs under a desk: commands a second of 64 writers beside the bare fdatasync rate, replay, a long restart.

Commands are real ones (a team goes on duty and off, with a key) through the real loop, each answered after its
commit; the floor is one thread that overwrites 4 KiB and calls fdatasync. Rounds of both alternate in one run, so
that they share the disk's moods. PostgreSQL is a server of our own, reached by a socket file, with fsync on.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from dispatch.adapters.clock import SteadyClock
from dispatch.adapters.log_open import SqliteReader, open_log
from dispatch.adapters.log_snapshots import EVERY, without_gc
from dispatch.bootstrap import CACHE, ROOT
from dispatch.cli.bench import Result
from dispatch.domain import commands as cmd
from dispatch.domain.events import Envelope
from dispatch.domain.state import DeskState
from dispatch.domain.types import TeamId
from dispatch.server.loop import Desk
from dispatch.server.outcomes import Outcome
from dispatch.server.walks import Walks
from dispatch.service.ports import Log
from dispatch.service.settings import DeskSettings
from tests.bench._events import GROUND, long_log
from tests.postgres_server import Postgres, binaries, reachable
from tests.server.harness import TableTravel
from tests.service.driver import register

WRITERS = 64
ROUNDS, ROUND_S = 7, 1.0
SHARE_OF_FSYNC = 0.5
REPLAYED = 200_000
REPLAY_AT_LEAST = 200_000.0
LONG = 1_000_000
SNAPSHOT_AT = LONG - EVERY
"""The worst moment to restart: just before the next snapshot would have been made."""

RESTART_S = 5.0

Say = Callable[[str], None]


def run(say: Say) -> Sequence[Result]:
    """Measure all of it."""
    return rows(say)


def rows(say: Say, *, quick: bool = False) -> list[Result]:
    """Throughput on SQLite and PostgreSQL, replay, restart; ``quick`` is a look, no measurement."""
    rounds, round_s = (2, 0.2) if quick else (ROUNDS, ROUND_S)
    found = asyncio.run(_throughput(say, rounds, round_s))
    say("a long log is made where it is missing …")
    folder = CACHE / "bench" / "desk_log"
    short = long_log(folder, 20_000 if quick else REPLAYED)
    found += _replay(short, say, 2 if quick else 5)
    long, kept = (20_000, 10_000) if quick else (LONG, SNAPSHOT_AT)
    found += _restart(long_log(folder, long, kept), say, 1 if quick else 3)
    return found


# ── throughput ────────────────────────────────────────────────────────────────────────────────────────────


class _Counting:
    """Counts the commits of a log."""

    def __init__(self, log: Log) -> None:
        self.commits = 0
        self._whole = log.append
        log.append = self._append  # type: ignore[method-assign]

    def _append(self, envelopes: Sequence[Envelope]) -> None:
        self.commits += 1
        self._whole(envelopes)


class _Fleet:
    """64 writers on one desk, each with a team of its own."""

    def __init__(self, desk: Desk, counting: _Counting) -> None:
        self.desk, self.counting = desk, counting
        self._on_duty = [False] * WRITERS

    async def work(self, seconds: float) -> tuple[float, float]:
        """Commands a second, and commands a commit, over some seconds."""
        began, before = time.perf_counter(), self.counting.commits
        counts = await asyncio.gather(*(self._one(number, began + seconds) for number in range(WRITERS)))
        took = time.perf_counter() - began
        return sum(counts) / took, sum(counts) / max(1, self.counting.commits - before)

    async def _one(self, number: int, until: float) -> int:
        team, count = TeamId(f"W{number:02d}"), 0
        while time.perf_counter() < until:
            wish = cmd.EndDuty if self._on_duty[number] else cmd.StartDuty
            answer = await self.desk.post(wish(team=team), str(uuid.uuid4()))
            assert isinstance(answer, Outcome) and answer.kind == "applied", answer
            self._on_duty[number] = not self._on_duty[number]
            count += 1
        return count


@contextlib.asynccontextmanager
async def _fleet(target: str) -> AsyncIterator[_Fleet]:
    log = open_log(target)
    counting = _Counting(log)
    desk = Desk(log, TableTravel(GROUND), SteadyClock(), Walks(), DeskSettings())
    running = asyncio.create_task(desk.run())
    try:
        for number in range(WRITERS):
            await desk.post(register(f"W{number:02d}"))
        yield _Fleet(desk, counting)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextlib.contextmanager
def _server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = Postgres(reachable(binaries(), folder), folder)
    try:
        yield server.url
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def fsyncs(folder: Path, seconds: float) -> float:
    """How often a second 4 KiB can be overwritten and synced, by one thread that does nothing else."""
    block = os.urandom(4096)
    with (folder / "floor").open("wb", buffering=0) as file:
        file.write(block * 256)
        os.fsync(file.fileno())
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            os.pwrite(file.fileno(), block, 4096 * (count % 256))
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.perf_counter() - began)


async def _throughput(say: Say, rounds: int, round_s: float) -> list[Result]:
    found: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="desk-log-") as name, _server() as url:
        folder = Path(name)
        async with _fleet(str(folder / "desk.sqlite")) as sqlite, _fleet(url) as postgres:
            floors, ours = list[float](), {"SQLite FULL": list[tuple[float, float]](), "PostgreSQL": []}
            for number in range(rounds + 1):
                floor = fsyncs(folder, round_s)
                for title, fleet in (("SQLite FULL", sqlite), ("PostgreSQL", postgres)):
                    measured = await fleet.work(round_s)
                    if number:
                        ours[title].append(measured)
                floors += [floor] if number else []
                say(f"round {number}: {floor:,.0f} fdatasync/s")
        floor = statistics.median(floors)
        for title, measured_all in ours.items():
            rate = statistics.median(rate for rate, _ in measured_all)
            group = statistics.median(group for _, group in measured_all)
            count = round(sum(rate for rate, _ in measured_all) * round_s)
            share = Result(
                measure=f"{title}: share of the bare fdatasync rate",
                ours=rate / floor,
                unit="",
                floor=SHARE_OF_FSYNC,
            )
            found += [
                Result(
                    measure=f"{title}: commands of {WRITERS} writers",
                    ours=rate,
                    unit="/s",
                    peer="bare fdatasync, one thread",
                    peer_value=floor,
                    queries=count,
                ),
                share,
                Result(measure=f"{title}: commands a commit", ours=group, unit=""),
            ]
    return found


# ── replay and restart ────────────────────────────────────────────────────────────────────────────────────


def _replay(path: Path, say: Say, rounds: int) -> list[Result]:
    """Events a second from the file to the state; and how much of it is reading and decoding."""
    say("replay …")
    whole, reading, worked, count = list[float](), list[float](), list[float](), 0
    for _ in range(rounds):
        for times, folds in ((reading, False), (whole, True)):
            log, state = open_log(str(path)), DeskState()
            gc.collect()
            with without_gc():
                began, cpu_began, count = time.perf_counter(), time.process_time(), 0
                for row in log.read():
                    count += 1
                    if folds:
                        state.apply(row)
                times.append(time.perf_counter() - began)
                worked += [time.process_time() - cpu_began] if folds else []
            log.close()
    return [
        Result(
            measure="replay: read, decode, fold",
            ours=count / statistics.median(whole),
            unit="/s",
            floor=REPLAY_AT_LEAST,
            queries=count,
        ),
        Result(measure="replay, by its own processor time", ours=count / statistics.median(worked), unit="/s"),
        Result(measure="of which reading and decoding alone", ours=count / statistics.median(reading), unit="/s"),
    ]


def _restart(path: Path, say: Say, rounds: int) -> list[Result]:
    """A start of a desk in a new process, on a log whose last snapshot is as old as it gets."""
    say("restart …")
    times, worked, head = list[float](), list[float](), 0
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench._restart", str(path)], cwd=ROOT, check=True, capture_output=True
        )
        told = json.loads(done.stdout)
        head = told["head"]
        assert head and told["from_seq"], "the snapshot was not used"
        times.append(told["ready_s"])
        worked.append(told["cpu_s"])
        say(f"{told}")
    with contextlib.closing(SqliteReader(path)) as reader:
        assert reader.checkpoint().seq == head
    whole = Result(
        measure=f"restart with {head:,} events, {head - told['from_seq']:,} after the snapshot",
        ours=statistics.median(times),
        unit="s",
        limit=RESTART_S,
    )
    return [whole, Result(measure="restart, by its own processor time", ours=statistics.median(worked), unit="s")]
