"""Fifty tablets and the page's consoles in a bad network, with deaths: after it healed all agree, once and for all.

A run is one schedule of faults by its seed: incidents are reported while connections suffer and processes die; then
the weather heals, every incident comes to its end, and log, SQL, tablets and consoles are compared.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from dispatch.adapters.log_open import SqliteReader
from dispatch.adapters.log_verify import verify
from dispatch.domain.events import audience_of
from dispatch.domain.types import TeamId
from dispatch.sim.fleet import random_point
from dispatch.sim.reporter import Reporter, ReporterError, new_key
from dispatch.wire.frames import Snapshot
from dispatch.wire.snapshot import visible
from tests.rig.chaos import Fault
from tests.rig.crashloop_client import Ledger
from tests.rig.part import Effort, Finding
from tests.rig.storm_town import Town

TEAMS, FLEETS, CONSOLES = 50, 2, 2
RUNS_A_LIFE = 50
SHORT_RUNS, LONG_RUNS = 10, 520
HEALED_WITHIN_S = 90.0
ANSWERED_WITHIN_S = 90.0
STORM_S = (0.5, 1.2)
THREADS = 64
KILL_SERVICE, KILL_FLEET, KILL_CONSOLE = 0.08, 0.06, 0.06
"""Share of the runs in which each dies."""


@dataclass
class Tally:
    """What all towns together came to."""

    figures: dict[str, int | float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, name: str, count: float = 1) -> None:
        """Count."""
        self.figures[name] = self.figures.get(name, 0) + count


def run(effort: Effort) -> Finding:
    """Run storms; figures: runs, network_faults (and each kind), kills, acknowledged, lost, double_effects, …."""
    began_s, tally = time.monotonic(), Tally()
    wanted = SHORT_RUNS if effort.short else LONG_RUNS
    for name in ("runs", "network_faults", "kills", "acknowledged", "lost", "double_effects", "double_assignments"):
        tally.figures[name] = 0
    life = 0
    while tally.figures["runs"] < wanted and len(tally.broken) < 5:
        life += 1
        share = min(RUNS_A_LIFE, wanted - int(tally.figures["runs"]))
        asyncio.run(_life(effort, tally, life, share, deaths=effort.short))
    return Finding(
        part="storm",
        seed=effort.seed,
        seconds=time.monotonic() - began_s,
        figures=tally.figures,
        broken=tuple(tally.broken),
        left_out=tuple(dict.fromkeys(tally.left_out)),
    )


async def _life(effort: Effort, tally: Tally, life: int, runs: int, *, deaths: bool) -> None:
    """One town from its birth through ``runs`` storms; ``deaths``: each process dies once, for few runs."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    seed = effort.seed * 10_000 + life * 100
    folder = effort.folder / f"town-{life}"
    folder.mkdir()
    town = Town(folder, TEAMS, FLEETS, seed)
    ledger = Ledger(seed)
    try:
        await town.start(CONSOLES)
        if town.missing is not None:
            tally.left_out.append(f"the page's session in the storm: {town.missing}")
        for number in range(runs):
            chance = random.Random(seed + number)
            storm = Storm(town, ledger, chance, tally)
            await storm.go(forced=number if deaths else None)
            problem = await storm.healed()
            tally.add("runs")
            if problem is not None:
                tally.broken.append(f"seed {seed + number}: {problem}")
                effort.say(tally.broken[-1])
                break
            effort.say(f"storm {int(tally.figures['runs'])}: {storm.told()}")
        _whole(town, ledger, tally)
    finally:
        await town.stop()


def _whole(town: Town, ledger: Ledger, tally: Tally) -> None:
    """The end of a town: the log is verified from its first row, with the SQL table of live orders."""
    with contextlib.closing(SqliteReader(town.log)) as reader:
        if verify(reader).seq < ledger.mark.seq:
            ledger.fell("lost", "the log is shorter than it was")
    keys = town.acknowledged()
    for key in keys - set(ledger.keys):
        ledger.fell("lost", f"a tablet was told that {key} is done, the log does not have it")
    tally.add("acknowledged", len(keys) + len(ledger.acknowledged))
    for name in ("lost", "double_effects", "double_assignments", "replayed", "rows"):
        tally.add(name, ledger.figures[name])
    for fault, count in town.proxy.faults.items():
        tally.add(f"fault_{fault}", count)
        tally.add("network_faults", count)
    tally.broken += ledger.broken


class Storm:
    """One run."""

    def __init__(self, town: Town, ledger: Ledger, chance: random.Random, tally: Tally) -> None:
        self._town, self._ledger, self._chance, self._tally = town, ledger, chance, tally
        self._reports: list[asyncio.Task[None]] = []
        self._struck: list[str] = []
        self._began_s = time.monotonic()
        self._last = ""

    def told(self) -> str:
        """The run in a line: what was done, how long it took, and what was waited for last."""
        took_s = time.monotonic() - self._began_s
        return f"{', '.join(self._struck)}; equal after {took_s:.1f} s, last of all: {self._last}"

    async def go(self, forced: int | None) -> None:
        """Reports, faults and deaths, mixed by the seed."""
        chance, proxy = self._chance, self._town.proxy
        end_s = time.monotonic() + chance.uniform(*STORM_S)
        incidents = chance.randint(3, 7)
        self._reports = [asyncio.create_task(self._report(chance.uniform(0, 0.8))) for _ in range(incidents)]
        killing = asyncio.create_task(self._kill(forced))
        while time.monotonic() < end_s:
            fault = chance.choice(list(Fault))
            count = proxy.strike(fault, chance.choice((0.05, 0.2, 0.5, 1.0)))
            self._struck.append(f"{fault} × {count}")
            await asyncio.sleep(chance.uniform(0.03, 0.3))
        await killing
        proxy.heal()

    async def _kill(self, forced: int | None) -> None:
        chance, town = self._chance, self._town
        await asyncio.sleep(chance.uniform(0.05, 0.5))
        service, fleet, console = (chance.random() for _ in range(3))
        if forced == 1 or (forced is None and service < KILL_SERVICE):
            self._count("service")
            await town.kill_service()
        if forced == 3 or (forced is None and fleet < KILL_FLEET):
            self._count("tablets")
            await town.kill_fleet(chance.randrange(FLEETS))
        if town.missing is None and (forced == 5 or (forced is None and console < KILL_CONSOLE)):
            self._count("console")
            await town.kill_console(chance.randrange(CONSOLES))

    def _count(self, who: str) -> None:
        self._struck.append(f"{who} killed")
        self._tally.add("kills")
        self._tally.add(f"kills_{who}")

    async def _report(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        point = random_point(self._town.ground.ground.graph("car"), self._chance)
        body = {"key": new_key(), "lat": point.lat, "lon": point.lon, "what": "dispute", "urgency": "urgent"}
        until_s = time.monotonic() + ANSWERED_WITHIN_S
        while time.monotonic() < until_s:
            try:
                answer = await asyncio.to_thread(self._say, body)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            except ReporterError as error:
                self._ledger.fell("refused", f"a sound report was refused: {error}")
                return
            self._ledger.answered({"answer": body["key"], "kind": answer["outcome"]} | answer)
            return
        self._ledger.fell("lost", f"no answer for {body['key']} within {ANSWERED_WITHIN_S:g} s")

    def _say(self, body: dict[str, Any]) -> Any:
        assert self._town.person is not None
        door = Reporter(self._town.base)
        door.cookie = self._town.person.cookie
        try:
            return door.call("POST", "/api/incidents", body)
        finally:
            door.close()

    async def healed(self) -> str | None:
        """Wait until all agree; None, or what they still disagree on."""
        until_s = time.monotonic() + HEALED_WITHIN_S
        differs: str | None = "nothing was compared yet"
        while differs is not None and time.monotonic() < until_s:
            await asyncio.sleep(0.15)
            if dead := self._town.dead():
                return f"ended by itself: {', '.join(dead)}"
            before, differs = differs, await self._differs()
            self._last = differs or before or ""
        for report in self._reports:
            report.cancel()
        if differs is not None:
            return f"{HEALED_WITHIN_S:g} s after the weather healed: {differs} ({'; '.join(self._struck)})"
        return await self._boards_differ()

    async def _differs(self) -> str | None:
        waiting = sum(not report.done() for report in self._reports)
        if waiting:
            return f"{waiting} reports are not answered"
        with contextlib.closing(SqliteReader(self._town.log)) as reader:
            self._ledger.reopened(reader)
            live = reader.live_orders()
        state = self._ledger.state
        if live != dict(state.live_order_of):
            self._ledger.fell("lost", f"SQL has {live}, the fold of the log {state.live_order_of}")
        if state.open_incidents:
            return f"{len(state.open_incidents)} incidents are open"
        last: dict[str, int] = {}
        for row in self._ledger.recent:
            if (team := audience_of(row.event)) is not None:
                last[team] = row.seq
        for team, tablet in self._town.tablets().items():
            if tablet is None:
                return f"the tablet of {team} has stored nothing"
            order = state.live_order_of.get(TeamId(team))
            if (tablet.order.order if tablet.order else None) != order:
                return f"the tablet of {team} has {tablet.order}, the log {order}"
            if tablet.outbox:
                return f"the tablet of {team} has unanswered commands"
            if tablet.seq < last.get(team, 0):
                return f"the tablet of {team} has stored up to {tablet.seq}, its last fact is {last[team]}"
        for number, console in enumerate(await self._town.consoles(whole=False)):
            if console["phase"] != "live" or console["seq"] != state.seq:
                why = f"{console['phase']} ({console['problem']}) at {console['seq']}"
                return f"console {number} is {why}, the log at {state.seq}"
        return None

    async def _boards_differ(self) -> str | None:
        """Field by field: what a console holds is what a fresh snapshot would show."""
        state = self._ledger.state
        teams, incidents, orders = visible(state, None)
        fresh = Snapshot(seq=state.seq, teams=teams, incidents=incidents, orders=orders).model_dump(mode="json")
        for number, console in enumerate(await self._town.consoles(whole=True)):
            if console["seq"] != state.seq:
                continue  # a fact came between; the next run compares again
            for kind, name in (("teams", "team"), ("incidents", "incident"), ("orders", "order")):
                for record in fresh[kind]:
                    held = console[kind].get(record[name])
                    if held != record:
                        return f"console {number} has {held}, the log {record}"
            self._tally.add("boards_compared")
        return None
