"""One run of the simulated world: some minutes of bad luck by seed, then healing, then judgement."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace

from dispatch.domain import commands as cmd
from dispatch.domain.order_machine import ORDER
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import TeamId, Urgency
from dispatch.service.settings import DeskSettings
from tests.rig import sim_laws as laws_of
from tests.rig.sim_disk import Fault, SimDisk
from tests.rig.sim_laws import FrameWatch, Laws
from tests.rig.sim_loop import SimLoop
from tests.rig.sim_net import Link, Weather
from tests.rig.sim_node import Node, SimClock, SimDoors
from tests.rig.sim_people import Operator, SimConsole, SimTablet
from tests.service.driver import START_MS, key
from tests.service.random_day import KINDS, PLACES, RICH, TABLE, TEAMS, crew

BAD_S = 40.0
CALM_S = 12.0
MOST_CALMS = 20
"""Calm spells waited for until all is at rest; a world that is then not at rest never will be."""

MOST_OPEN = 3
"""More incidents than that are not reported: a run's time is for bad luck, not for waiting incidents."""

LATE_MS = 3_000
"""A timer that is due is run within this; the retry of one that changed nothing comes later, by its own law."""

QUICK = {"accept_within_ms": 8_000, "retry_after_ms": 7_000, "grace_after_start_ms": 1_000}


@dataclass
class Run:
    """What one seed came to."""

    seed: int
    turns: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    trace: str = ""
    """Of the whole log, so that two runs of a seed can be compared."""


class World:
    """Everything there is; built inside the loop."""

    def __init__(self, seed: int, loop: SimLoop) -> None:
        self.seed, self.loop = seed, loop
        self.chance = chance = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.disk = SimDisk(random.Random(chance.getrandbits(64)))
        self.laws = Laws(self.disk)
        self.doors = SimDoors()
        self.settings = replace(chance.choice([DeskSettings(), DeskSettings(), RICH]), **QUICK)
        self.clock = SimClock(START_MS)
        self.worse = chance.random() < 0.3
        delay_s = chance.choice([0.002, 0.05, 0.4])
        self.weather = Weather(delay_s, *((0.03, 0.03) if self.worse else ()))
        self.disk_s = chance.choice([0.001, 0.01, 0.15])
        self.node: Node | None = None
        self.keys = self.links = 0
        self.watches: list[FrameWatch] = []
        self.tasks: list[asyncio.Task[object]] = []
        self.tablets = [self._tablet(team) for team in TEAMS[: chance.choice([2, 3, 4])]]
        self.console = SimConsole(random.Random(chance.getrandbits(64)), self.dial, self.laws)
        self.operator = Operator(random.Random(chance.getrandbits(64)), lambda: self.node, self.laws)
        loop.work = self._work

    def _tablet(self, team: str) -> SimTablet:
        skew_ms = self.chance.choice([0, 0, -90_000, 3_600_000])
        own = random.Random(self.chance.getrandbits(64))
        return SimTablet(team, own, self.dial, clock=SimClock(START_MS, skew_ms), laws=self.laws, key=self.key)

    def key(self) -> str:
        self.keys += 1
        return key(self.keys)

    def _work(self) -> tuple[float, Callable[[], None], float]:
        chance, node = self.disk.chance, self.node
        landed = node.log.synced if node is not None else lambda: None
        return chance.expovariate(1) * self.disk_s, landed, chance.expovariate(1) * self.disk_s / 2

    # ── the service ───────────────────────────────────────────────────────────────────────────────────────

    def start_node(self) -> None:
        self.node = Node(self.disk, self.clock, self.doors, self.settings)

    def dial(self) -> Link | None:
        node = self.node
        if node is None or self.chance.random() < 0.05:
            return None
        self.links += 1
        link = Link(self.links, self.chance.getrandbits(64), lambda: self.weather)
        self.watches.append(FrameWatch(self.laws, link, self.loop.time))
        link.heard = self._fencing(self.watches[-1], link.heard)
        node.take(link)
        return link

    def _fencing(self, watch: FrameWatch, heard: Callable[[str], None]) -> Callable[[str], None]:
        """Note when a newer connection of the same device has been taken: the older one is fenced from then on."""

        def hear(text: str) -> None:
            heard(text)
            if text.startswith('{"type":"hello"') and watch.device not in self.doors.revoked:
                for other in self.watches:
                    if other is not watch and other.device == watch.device and other.fenced_s is None:
                        other.fenced_s = self.loop.time()

        return hear

    def kill(self, *, down_s: float, told_s: float | None) -> None:
        """Kill -9, and a start after a while, whatever else happens."""
        node, self.node = self.node, None
        if node is None:
            return
        self.counts["kills"] += 1
        node.kill(told_s)
        self.counts["unsynced_lost"] += self.disk.crash()
        self.watches = []
        self.loop.call_later(down_s, self.start_node)

    async def supervise(self) -> None:
        """A service that no longer trusts its log ends itself and is started anew."""
        while True:
            await asyncio.sleep(0.5)
            if self.node is not None and self.node.desk.stopped.is_set():
                self.kill(down_s=0.5, told_s=0.0)

    # ── bad luck ──────────────────────────────────────────────────────────────────────────────────────────

    async def misfortune(self) -> None:
        chance = self.chance
        deeds = [
            (6, self._bad_link),
            (3, self._bad_disk),
            (3, self._bad_service),
            (2, self._bad_tablet),
            (8, self._work_for_the_desk),
        ]
        weights = [weight for weight, _ in deeds]
        while True:
            await asyncio.sleep(chance.expovariate(0.9))
            (deed,) = chance.choices([deed for _, deed in deeds], weights)
            await deed()

    async def _bad_link(self) -> None:
        chance = self.chance
        links = [peer.link for peer in (*self.tablets, self.console) if peer.link is not None]
        if not links:
            return
        link = chance.choice(links)
        self.counts["network_faults"] += 1
        match chance.randrange(5):
            case 0:
                link.cut(server_told_s=chance.uniform(0, 1), client_told_s=chance.uniform(0, 1))
            case 1:
                link.cut(server_told_s=None, client_told_s=chance.uniform(0, 2))
            case 2:
                link.cut(server_told_s=chance.uniform(0, 2), client_told_s=None)
            case 3:
                link.cut(server_told_s=None, client_told_s=None)
            case _:
                link.stall(chance.choice([0.5, 3.0, 14.0]))

    async def _bad_disk(self) -> None:
        chance, disk = self.chance, self.disk
        self.counts["disk_faults"] += 1
        match chance.randrange(4):
            case 0:
                disk.low = not disk.low
            case 1:
                disk.next_fault = Fault.FULL
            case 2:
                disk.next_fault = Fault.AWAY
            case _:
                disk.next_fault = Fault.UNKNOWN

    async def _bad_service(self) -> None:
        chance = self.chance
        down_s = chance.choice([0.0, 0.3, 2.0, 6.0])
        if chance.random() < 0.25:
            self.clock.skew_ms += chance.choice([-20_000, 5_000, 40_000])
        self.kill(down_s=down_s, told_s=chance.choice([None, 0.0, 0.5]))

    async def _bad_tablet(self) -> None:
        chance = self.chance
        tablet = chance.choice(self.tablets)
        if chance.random() < 0.4:
            tablet.switch_off()
        else:
            tablet.dies_after = chance.randrange(4)
        self.counts["tablet_crashes"] += 1

    async def _work_for_the_desk(self) -> None:
        chance, operator, told = self.chance, self.operator, self.operator.told
        state = self.node.desk.state if self.node is not None else None
        if state is not None and state.orders and chance.random() < 0.25:
            name = chance.choice(sorted(state.orders))
            order = state.orders[name]
            undone: list[cmd.Command] = [
                cmd.RecallOrder(order=name, reason="not them"),
                cmd.CloseIncident(incident=order.incident, outcome="over"),
                cmd.AddNote(incident=order.incident, note="look behind the house"),
            ]
            self._go(operator.ask(chance.choice(undone), self.key()))
            return
        if told and chance.random() < 0.15:
            self._go(self._ask_again(chance.choice(sorted(told))))
            return
        if state is None or len(state.open_incidents) >= MOST_OPEN:
            return
        report = cmd.ReportIncident(
            where=TABLE.point(chance.choice(PLACES[:2])),
            what=chance.choice(KINDS),
            urgency=Urgency.URGENT,
            note=f"{self.keys}",
        )
        self._go(operator.ask(report, self.key()))

    async def _ask_again(self, key: str) -> None:
        """The same words are replayed, other words under the same key are refused."""
        command, _ = self.operator.told[key]
        await self.operator.ask(command, key)
        other = await self.operator.ask(cmd.AddNote(incident="I0001", note=f"never said {key}"), key)
        if key in self.operator.told and not (isinstance(other, Refusal) and other.code is Code.KEY_REUSED):
            self.laws.say(f"key {key[-4:]} was used for other words and not refused: {other}")

    def _go(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self.tasks.append(task)

    async def _flood(self) -> None:
        """A tablet is away while much happens to its team; it comes back and may be sent a window at a time."""
        await asyncio.sleep(self.chance.uniform(3, 12))
        tablet = self.chance.choice(self.tablets)
        tablet.wanted = False
        tablet.drop()
        known = crew(tablet.pad.tablet.team)
        facts = {name.name: getattr(known, name.name) for name in fields(known)}
        for number in range(50):
            await self.operator.ask(cmd.ChangeTeam(**facts | {"name": f"name {number}"}), self.key())
        tablet.wanted = True
        tablet.connect()

    async def _thief(self) -> None:
        """A tablet is stolen and revoked; its connection is over within 2 s."""
        await asyncio.sleep(self.chance.uniform(3, 25))
        thief = SimTablet(
            self.tablets[0].pad.tablet.team,
            random.Random(self.seed),
            self.dial,
            clock=self.clock,
            laws=self.laws,
            key=self.key,
        )
        thief.resting = thief.never_answers = True
        thief.pad.tablet = replace(thief.pad.tablet, device="stolen")
        thief.pad.durable = thief.pad._saved()
        thief.connect()
        await asyncio.sleep(self.chance.uniform(1, 9))
        self.doors.revoke("stolen")
        for watch in self.watches:
            if watch.device == "stolen":
                watch.revoked_s = self.loop.time()
        await asyncio.sleep(laws_of.REVOKED_WITHIN_S + 1)
        thief.wanted = False
        thief.drop()

    async def _backup(self) -> None:
        """The disk is lost and the last backup put in its place."""
        await asyncio.sleep(self.chance.uniform(10, 30))
        while self.node is None:
            await asyncio.sleep(0.1)
        self.kill(down_s=0.5, told_s=0.1)
        first = 2 * len(self.tablets)  # the teams were there in every backup
        late = sum(end >= first for end in self.disk.ends)
        self.disk.restore(self.chance.randrange(1, 6) if late > 6 else 0)
        self.laws.restored()
        told = self.operator.told
        self.operator.told = {name: told[name] for name in told if name in self.disk.seq_of}
        self.counts["restores"] += 1

    # ── a run ─────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> Run:
        self.start_node()
        for tablet in self.tablets:
            team = tablet.pad.tablet.team
            await self.operator.ask(crew(team), self.key())
            await self.operator.ask(cmd.StartDuty(team=TeamId(team)), self.key())
        for peer in (*self.tablets, self.console):
            peer.connect()
        for tablet in self.tablets:
            self._go(tablet.live())
        self._go(self.supervise())
        bad = [asyncio.ensure_future(self.misfortune())]
        luck = self.chance.random()
        extra = {0: self._flood, 1: self._thief, 2: self._backup}.get(int(luck * 10))
        if extra is not None:
            bad.append(asyncio.ensure_future(extra()))
        await asyncio.sleep(BAD_S)
        bad[0].cancel()
        await self.heal()
        await asyncio.gather(*bad, return_exceptions=True)
        await self.judge()
        for task in (*self.tasks, *bad):
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                self.laws.say(f"a task of the world failed: {error!r}")
            task.cancel()
        return self.result()

    async def heal(self) -> None:
        """The network, the disk and the machines are sound again; the crews only wait."""
        self.disk.low, self.disk.next_fault = False, None
        self.operator.lossy = False
        for tablet in self.tablets:
            tablet.dies_after = None
            tablet.resting = True
        self.tablets[0].never_answers = self.chance.random() < 0.4  # its offers go by, and on to the next
        await asyncio.sleep(7.0)  # the longest that the service is down
        if self.worse:  # what a transport has lost inside a connection is said again by the next one
            for peer in (*self.tablets, self.console):
                peer.drop()
        self.weather = Weather(self.weather.delay_s)

    async def judge(self) -> None:
        for _ in range(MOST_CALMS):
            await asyncio.sleep(CALM_S)
            if self._at_rest():
                break
        self._judge()

    def _at_rest(self) -> bool:
        trial = Laws(self.disk)
        trial.acknowledged = self.laws.acknowledged
        self._judge(trial)
        return not trial.broken

    def _judge(self, laws: Laws | None = None) -> None:
        laws = laws or self.laws
        node = self.node
        if node is None or node.desk.problem is not None:
            laws.say("the service does not run")
            return
        state, rows = node.desk.state, self.disk.rows()
        laws_of.judge_log(laws, rows, state)
        laws_of.judge_orders(laws, state, self.clock.now_ms(), LATE_MS)
        for tablet in self.tablets:
            pad = tablet.pad
            if tablet.link is None or not pad.tablet.live or pad.tablet.epoch != self.disk.epoch:
                laws.say(f"{pad.tablet.device} is not connected to this log")
            laws_of.judge_buttons(laws, pad.tablet.device, tablet.pressed, tablet.answered, pad.tablet.outbox)
            laws_of.judge_tablet(laws, pad.tablet, pad.on_disk, pad.drawn, state)
        console = self.console
        laws_of.judge_console(laws, console.seen, console.after, console.seq, rows)

    def result(self) -> Run:
        counts = self.counts
        rows = self.disk.rows()
        for name in ("kills", "network_faults"):  # the goals of issue 5 count real processes and real sockets
            counts[f"simulated_{name}"] = counts.pop(name, 0)
        counts["acknowledged"] = len(self.laws.acknowledged)
        counts["rows"] = len(rows)
        counts["connections"] = self.links
        counts["orders"] = sum(row.event.kind == "order_offered" for row in rows)
        counts["pressed"] = sum(len(tablet.pressed) for tablet in self.tablets)
        counts["ended"] = sum(
            not ORDER.live(order.status) for order in (self.node.desk.state.orders.values() if self.node else ())
        )
        mark = self.disk.kept.checkpoint()
        return Run(self.seed, self.loop.turns, counts, self.laws.broken, f"{mark.seq}:{mark.hash.hex()}")
