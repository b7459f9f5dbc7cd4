"""A disk that is full, a disk that fails: new work is refused clearly, reads go on, nothing acknowledged is lost.

Full: a small disk of its own (tmpfs) where this user may mount one, and SQLite's own page limit everywhere.
Failing: fdatasync and write of the real log answer EIO or ENOSPC at a moment of the seed, by a shim that is
compiled here and preloaded; the process says ``outcome_unknown`` then, and a restart settles each key.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dispatch.adapters.clock import SteadyClock
from dispatch.adapters.log_codec import LogOpenError
from dispatch.adapters.log_open import SqliteReader
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.adapters.log_verify import verify
from dispatch.domain import commands as cmd
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import IncidentId, IncidentKind, TeamId, Urgency
from dispatch.server.loop import Desk
from dispatch.server.walks import Walks
from dispatch.service.settings import DeskSettings
from tests.rig.crashloop_client import Host, Ledger
from tests.rig.part import Effort, Finding
from tests.server.harness import TableTravel
from tests.service.driver import TOWN, register

SHORT_FAULTS, LONG_FAULTS = 12, 150
DISK_MB: Final = 6
RESERVE_BYTES: Final = 600_000
MOST_REPORTS: Final = 3_000
SOURCE: Final = Path(__file__).with_name("diskfaults_shim.c")
MARK: Final = "faulty-"
"""The shim fails only on files that have this in their path."""

ERRNO: Final = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}
NOTE: Final = "x" * 1_500
SETTINGS = DeskSettings(accept_within_ms=600_000, retry_after_ms=600_000, grace_after_start_ms=600_000)


@dataclass
class Tally:
    """What all disks together came to."""

    figures: dict[str, int | float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, name: str, count: float = 1) -> None:
        """Count."""
        self.figures[name] = self.figures.get(name, 0) + count

    def check(self, true: bool, promise: str) -> None:
        """A promise that was kept, or fell."""
        self.add("checks")
        if not true:
            self.broken.append(promise)


def run(effort: Effort) -> Finding:
    """Fill disks and fail writes; figures: full_disks, io_faults, outcome_unknown, acknowledged, lost, …."""
    began_s, tally = time.monotonic(), Tally()
    for name in ("full_disks", "io_faults", "acknowledged", "lost", "double_effects", "outcome_unknown"):
        tally.figures[name] = 0
    with small_disk(effort.folder) as disk:
        if disk is None:
            tally.left_out.append("a full disk of its own: this user may not mount a tmpfs")
        else:
            asyncio.run(Full(effort, tally, disk, real=True).go())
    pages = effort.folder / "pages"
    pages.mkdir()
    asyncio.run(Full(effort, tally, pages, real=False).go())
    failing(effort, tally)
    return Finding(
        part="diskfaults",
        seed=effort.seed,
        seconds=time.monotonic() - began_s,
        figures=tally.figures,
        broken=tuple(tally.broken),
        left_out=tuple(tally.left_out),
    )


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of a few MB, None where this user may not mount one."""
    disk, mount = folder / "disk", shutil.which("mount")
    disk.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(disk)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


class Full:
    """A real desk on a disk that fills up, and has room again later."""

    def __init__(self, effort: Effort, tally: Tally, disk: Path, *, real: bool) -> None:
        self._effort, self._tally, self._disk, self._real = effort, tally, disk, real
        self._file = disk / "desk.sqlite"
        self._log = SqliteLog(self._file, RESERVE_BYTES if real else 0)
        self._desk = Desk(self._log, TableTravel(TOWN), SteadyClock(), Walks(), SETTINGS)
        self._acknowledged: dict[str, tuple[str, int, int]] = {}
        self._commands: dict[str, cmd.Command] = {}
        self._number = 0

    async def go(self) -> None:
        """Fill, look, end what runs, make room, go on, verify."""
        tally, where = self._tally, f"seed {self._effort.seed}, {'tmpfs' if self._real else 'page limit'}"
        running = asyncio.create_task(self._desk.run())
        for team in ("T1", "T2", "T3"):
            await self._say(register(team))
            await self._say(cmd.StartDuty(team=TeamId(team)))
        ballast = self._disk / "ballast"
        if self._real:
            ballast.write_bytes(bytes(2 << 20))
        else:
            (pages,) = self._log._db.execute("PRAGMA page_count").fetchone()
            self._log._db.execute(f"PRAGMA max_page_count = {pages + 200}").fetchall()
        refusal = None
        for _ in range(MOST_REPORTS):
            refusal = await self._say(self._report())
            if refusal is not None:
                break
        tally.add("full_disks")
        tally.check(refusal is not None, f"{where}: the disk was never full")
        tally.check(getattr(refusal, "code", None) is Code.STORAGE_FULL, f"{where}: new work got {refusal}")
        tally.check(self._desk.problem is None, f"{where}: a full disk stopped the desk: {self._desk.problem}")
        tally.check(self._desk.full is not None, f"{where}: health does not tell that the disk is full")
        read = [row.seq for row in self._log.read()]
        tally.check(read == list(range(1, self._log.head() + 1)), f"{where}: reading stopped on a full disk")
        if self._real:
            await self._end_of_work(where)
        again = await self._desk.post(self._commands[min(self._acknowledged)], min(self._acknowledged))
        tally.check(getattr(again, "kind", "") == "replayed", f"{where}: a known key on a full disk got {again}")
        ballast.unlink(missing_ok=True)
        if not self._real:
            self._log._db.execute("PRAGMA max_page_count = 1000000").fetchall()
        tally.check(await self._say(self._report()) is None, f"{where}: no new work after there was room again")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        self._verify(where)

    async def _end_of_work(self, where: str) -> None:
        """What the reserve is for: teams that are out come to an end, and may be closed."""
        state = self._desk.state
        for incident in sorted(state.open_incidents)[:3]:
            refusal = await self._say(cmd.CloseIncident(incident=IncidentId(incident), outcome="settled"))
            self._tally.check(refusal is None, f"{where}: {incident} could not be closed on the reserve: {refusal}")

    def _report(self) -> cmd.ReportIncident:
        place = ("mill", "school")[self._number % 2]
        return cmd.ReportIncident(
            where=TOWN.point(place), what=IncidentKind.DISPUTE, urgency=Urgency.URGENT, note=NOTE
        )

    async def _say(self, command: cmd.Command) -> Refusal | None:
        self._number += 1
        key = f"00000000-0000-7000-8000-{self._number:012x}"
        self._commands[key] = command
        answer = await self._desk.post(command, key)
        if isinstance(answer, Refusal):
            return answer
        if answer.kind != "superseded":
            self._acknowledged[key] = (answer.subject, answer.first_seq, answer.last_seq)
        return None

    def _verify(self, where: str) -> None:
        with contextlib.closing(SqliteReader(self._file)) as reader:
            ledger = Ledger(self._effort.seed)
            ledger.acknowledged = self._acknowledged
            ledger.reopened(reader)
            self._tally.check(verify(reader) == ledger.mark, f"{where}: the log does not verify")
        _take(self._tally, ledger)


def _take(tally: Tally, ledger: Ledger) -> None:
    tally.add("acknowledged", len(ledger.acknowledged))
    for name in ("lost", "double_effects"):
        tally.add(name, ledger.figures[name])
    tally.broken += ledger.broken


# ── a disk that fails ─────────────────────────────────────────────────────────────────────────────────────


def failing(effort: Effort, tally: Tally) -> None:
    """Lives of the crash loop's desk whose disk fails at some call; before and after each, one on a good disk."""
    shim = compiled(effort.folder)
    if isinstance(shim, str):
        tally.left_out.append(f"injected EIO and ENOSPC: {shim}")
        return
    faults, orders = SHORT_FAULTS if effort.short else LONG_FAULTS, effort.folder / "orders"
    orders.write_text("")
    host = Host(effort.folder, {"LD_PRELOAD": str(shim), "RIG_ORDERS": str(orders)})
    try:
        for number in range(faults):
            _one_disk(effort, tally, host, orders, number)
    finally:
        host.close()
    effort.say(f"{faults} disks failed, {len(tally.broken)} promises broken")


def _one_disk(effort: Effort, tally: Tally, host: Host, orders: Path, number: int) -> None:
    seed = effort.seed * 1_000 + number
    chance, ledger = random.Random(seed), Ledger(seed)
    target = effort.folder / f"{MARK}{number}.sqlite"
    call, error = chance.choice((("sync", "EIO"), ("write", "EIO"), ("write", "ENOSPC")))
    lasting = chance.random() < 0.5
    for failing_now in (False, True, False):
        orders.write_text(f"{call} {ERRNO[error]} {chance.randint(1, 25)} {int(lasting)}" if failing_now else "")
        host.live(str(target), ledger, chance, faulty_s=1.0 if failing_now else None)
        with contextlib.suppress(LogOpenError), contextlib.closing(SqliteReader(target)) as reader:
            ledger.reopened(reader)
    with contextlib.closing(SqliteReader(target)) as reader:
        tally.check(verify(reader) == ledger.mark, f"seed {seed}: {call} {error}: the log does not verify")
    tally.add("io_faults")
    tally.add(f"fault_{call}_{error.lower()}")
    for name in ("outcome_unknown", "storage_full"):
        tally.add(name, ledger.figures.get(f"refused_{name}", 0))
    _take(tally, ledger)


def compiled(folder: Path) -> Path | str:
    """The shim, compiled by this machine's C compiler; or why there is none."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return "this machine has no C compiler for the shim that makes calls fail"
    if sys.platform != "linux":
        return "LD_PRELOAD is Linux's"
    made = folder / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(SOURCE), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return made if done.returncode == 0 else f"the shim does not compile: {done.stderr[-300:]}"
