"""kill -9 at random moments: what was acknowledged or shown is on the log, once, and the log is whole.

Three processes are killed: the real desk loop on the real SQLite log and on the real PostgreSQL log (forked, so
that thousands of deaths fit in minutes), the PostgreSQL server under it, and the whole service behind its doors.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from dispatch.adapters.log_codec import LogOpenError
from dispatch.adapters.log_open import Reader, open_reader
from dispatch.adapters.log_postgres import Address
from dispatch.adapters.log_verify import verify
from tests.postgres_server import Postgres, binaries, reachable
from tests.rig.crashloop_client import Host, Ledger
from tests.rig.crashloop_service import kill_services
from tests.rig.part import Effort, Finding

LIVES_A_LOG = 40
START_TRIES = 20
SESSION_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many deaths of each kind."""

    sqlite: int
    postgres: int
    servers: int
    services: int


SHORT = Plan(sqlite=120, postgres=30, servers=1, services=2)
LONG = Plan(sqlite=2_400, postgres=600, servers=24, services=36)


@dataclass
class Tally:
    """What all logs together came to."""

    figures: dict[str, int | float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def add(self, ledger: Ledger) -> None:
        """One more log."""
        more = ledger.figures | {"acknowledged": len(ledger.acknowledged)}
        for name, count in more.items():
            self.figures[name] = self.figures.get(name, 0) + count
        self.broken += ledger.broken


def run(effort: Effort) -> Finding:
    """Kill as often as the plan says; figures: kills, acknowledged, lost, double_effects, double_assignments."""
    began_s, plan, tally = time.monotonic(), SHORT if effort.short else LONG, Tally()
    left_out: list[str] = []
    host = Host(effort.folder)
    try:
        lives(
            host,
            effort,
            tally,
            plan.sqlite,
            lambda number: str(effort.folder / f"log-{number}.sqlite"),
        )
        on_postgres(host, effort, tally, plan, left_out)
    finally:
        host.close()
    services, ledgers = kill_services(effort, plan.services)
    for ledger in ledgers:
        tally.add(ledger)
    tally.figures["kills_services"] = services
    kinds = [name for name in tally.figures if name.startswith("kills_")]
    tally.figures["kills"] = sum(tally.figures[name] for name in kinds)
    return Finding(
        part="crashloop",
        seed=effort.seed,
        seconds=time.monotonic() - began_s,
        figures=tally.figures,
        broken=tuple(tally.broken),
        left_out=tuple(left_out),
    )


def lives(
    host: Host,
    effort: Effort,
    tally: Tally,
    count: int,
    target_of: Callable[[int], str],
    *,
    kind: str = "sqlite",
    server: Postgres | None = None,
    servers: int = 0,
) -> None:
    """``count`` lives, some on each log; after each death the log is read on, at its end it is verified whole."""
    done, number = 0, 0
    while done < count:
        number += 1
        seed = effort.seed * 1_000_000 + number + (500_000 if server else 0)
        chance, ledger, target = random.Random(seed), Ledger(seed), target_of(number)
        share = min(LIVES_A_LOG, count - done)
        with_server = set(chance.sample(range(share), -(-servers * share // count))) if server else set()
        for life in range(share):
            meanwhile = (lambda: _again(server)) if server and life in with_server else None
            ready = host.live(target, ledger, chance, meanwhile=meanwhile)
            tally.figures[f"kills_{kind}"] = tally.figures.get(f"kills_{kind}", 0) + 1
            tally.figures["killed_while_opening"] = tally.figures.get("killed_while_opening", 0) + (not ready)
            if meanwhile is not None and ready:
                tally.figures["kills_servers"] = tally.figures.get("kills_servers", 0) + 1
            if server is not None:
                _writer_is_gone(target)
            _reopen(ledger, target)
        _whole(ledger, target)
        tally.add(ledger)
        done += share
        effort.say(f"{kind}: {done} of {count} lives ended by SIGKILL, {len(tally.broken)} promises broken")


def _opened(ledger: Ledger, target: str) -> Reader | None:
    """A reader of the log; None where every process died before it had made one."""
    try:
        return open_reader(target)
    except LogOpenError as error:
        if ledger.acknowledged or ledger.mark.seq:
            ledger.fell("lost", f"the log cannot be opened: {error}")
        return None


def _writer_is_gone(target: str) -> None:
    """Wait for the dead writer's session: its server may still carry out the commit that was asked for last.

    The next desk does the same, by the writer's lock; a reader that did not wait would miss those rows.
    """
    until_s = time.monotonic() + SESSION_WITHIN_S
    with psycopg.connect(Address(target).conninfo, autocommit=True) as db:
        while db.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' LIMIT 1").fetchone():
            assert time.monotonic() < until_s, f"a dead writer's session lasts longer than {SESSION_WITHIN_S:g} s"
            time.sleep(0.002)


def _reopen(ledger: Ledger, target: str) -> None:
    reader = _opened(ledger, target)
    if reader is None:
        return
    try:
        ledger.reopened(reader)
    finally:
        reader.close()


def _whole(ledger: Ledger, target: str) -> None:
    reader = _opened(ledger, target)
    if reader is None:
        return
    try:
        if verify(reader) != ledger.mark:
            ledger.fell("lost", "the whole verification ends elsewhere than the readings after each death")
    except Exception as error:  # whatever it is, the log is not whole
        ledger.fell("lost", f"the log does not verify: {error}")
    finally:
        reader.close()


def _again(server: Postgres | None) -> None:
    """SIGKILL to the server itself; its own children see that and go, then a new one recovers."""
    assert server is not None
    note = server.data / "postmaster.pid"
    os.kill(int(note.read_text().split()[0]), signal.SIGKILL)
    for tries_left in reversed(range(START_TRIES)):
        try:
            server.start()
            return
        except AssertionError:  # a child of the dead server is still there
            if not tries_left:
                raise
            time.sleep(0.3)


def on_postgres(host: Host, effort: Effort, tally: Tally, plan: Plan, left_out: list[str]) -> None:
    """The same on a real PostgreSQL, whose server is killed as well."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: the path of a socket has 107 bytes at most
    folder.chmod(0o755)
    try:
        try:
            server = Postgres(reachable(binaries(), folder), folder)
        except AssertionError as error:
            left_out.append(f"crashloop on PostgreSQL: {error}")
            return
        try:
            lives(
                host,
                effort,
                tally,
                plan.postgres,
                lambda _number: server.url,
                kind="postgres",
                server=server,
                servers=plan.servers,
            )
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
