"""Who lives in the simulated world: tablets with crews and stores, a console, operators who ask until told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from dispatch.domain.commands import Command
from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.domain.refusals import TABLE, Code, Refusal
from dispatch.server.outcomes import Answer, Outcome
from dispatch.wire import frames as fr
from dispatch.wire import tablet_session as ts
from tests.rig.sim_laws import Laws
from tests.rig.sim_net import Link
from tests.rig.sim_node import Node, SimClock
from tests.wire.line import Pad

AGAIN_AFTER_S = 2.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 10.0
NEXT = {
    OrderStatus.OFFERED: OrderTrigger.ACCEPT,
    OrderStatus.ACCEPTED: OrderTrigger.DEPART,
    OrderStatus.EN_ROUTE: OrderTrigger.ARRIVE,
    OrderStatus.ON_SCENE: OrderTrigger.REPORT_BACK,
    OrderStatus.REPORTED_BACK: OrderTrigger.CLOSE,
}

Dial = Callable[[], Link | None]
"""Opens a link to the service, or None where it does not answer."""


class Peer:
    """The far end of a link: comes back after it is lost, with full jitter; hangs up on what is silent too long."""

    def __init__(self, chance: random.Random, dial: Dial) -> None:
        self.chance, self._dial = chance, dial
        self._loop = asyncio.get_running_loop()
        self.link: Link | None = None
        self.wanted = True
        self._wait_s = FIRST_WAIT_S
        self._timer: asyncio.TimerHandle | None = None
        self._heard_s = 0.0

    def come_back(self) -> None:
        wait_s = self.chance.uniform(0, self._wait_s)
        self._wait_s = min(LONGEST_WAIT_S, 2 * self._wait_s)
        self._call(wait_s, self.connect)

    def connect(self) -> None:
        if not self.wanted or self.link is not None:
            return
        link = self._dial()
        if link is None:
            self.come_back()
            return
        self.link = link
        self._heard_s = self._loop.time()
        link.on_text = lambda text: self._hear(link, text)
        link.on_lost = lambda _code: self.lose(link)
        self._call(fr.DEAD_AFTER_S, self._look)
        self.opened()

    def _look(self) -> None:
        if self.link is None:
            return
        left_s = self._heard_s + fr.DEAD_AFTER_S - self._loop.time()
        if left_s <= 0:
            self.drop()
        else:
            self._call(left_s, self._look)

    def _hear(self, link: Link, text: str) -> None:
        if link is self.link:
            self._heard_s, self._wait_s = self._loop.time(), FIRST_WAIT_S
            self.hear(text)

    def lose(self, link: Link) -> None:
        if link is self.link:
            self.link = None
            self.lost()
            self.come_back()

    def drop(self) -> None:
        """Hang up and come back."""
        if (link := self.link) is not None:
            link.hang_up()
            self.lose(link)

    def _call(self, after_s: float, then: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(after_s, then)

    def opened(self) -> None:
        raise NotImplementedError

    def hear(self, text: str) -> None:
        raise NotImplementedError

    def lost(self) -> None:
        raise NotImplementedError


class SimTablet(Peer):
    """A tablet: the real session in a shell whose store outlives it, and a crew that presses buttons."""

    def __init__(
        self, team: str, chance: random.Random, dial: Dial, *, clock: SimClock, laws: Laws, key: Callable[[], str]
    ) -> None:
        super().__init__(chance, dial)
        self.laws, self._key = laws, key
        self.pad = Pad(team, clock.now_ms)
        self.pressed: list[str] = []
        self.answered: set[str] = set()
        self.dies_after: int | None = None
        self.deaths = 0
        self.resting = self.never_answers = False

    def opened(self) -> None:
        self.give(ts.Connected())

    def hear(self, text: str) -> None:
        known = dict(self.pad.tablet.outbox)
        self.give(ts.Received(text))
        if text.startswith('{"type":"result"'):
            frame = fr.SERVER_FRAMES.validate_json(text)
            if isinstance(frame, fr.Result) and frame.key in known:
                if frame.outcome in ("applied", "replayed"):
                    self.laws.acknowledge(frame.key)
                if frame.code is None or TABLE[Code(frame.code)].settled:
                    self.answered.add(frame.key)

    def lost(self) -> None:
        self.pad.out = []
        self.give(ts.Lost())

    def give(self, given: ts.Input) -> None:
        dies_after, self.dies_after = self.dies_after, None
        try:
            died = self.pad.give(given, dies_after)
        except AssertionError as error:
            self.laws.say(f"{self.pad.tablet.device}: {error}")
            died = False
        if died:
            self.deaths += 1
            self.drop()
            return
        out, self.pad.out = self.pad.out, []
        for text in out:
            if self.link is not None:
                self.link.say(text)
        if self.pad.hung:
            self.pad.hung = False
            self.drop()

    def switch_off(self) -> None:
        """The battery is out."""
        self.deaths += 1
        self.pad.crash()
        self.drop()

    async def live(self) -> None:
        """Press buttons, and say again what was not answered."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 4.0))
            if self.pad.tablet.outbox:
                self.give(ts.Again())
            if not self.resting:
                self._press()
            elif not self.never_answers:
                self._take()

    def _take(self) -> None:
        """What was offered is accepted, and nothing more happens."""
        order = self.pad.tablet.order
        if order is not None and order.status is OrderStatus.OFFERED and not self.pad.tablet.outbox:
            self._button(OrderTrigger.ACCEPT)

    def _press(self) -> None:
        order, chance = self.pad.tablet.order, self.chance
        if order is None or chance.random() < (0.9 if self.pad.tablet.outbox else 0.25):
            return
        verb = NEXT[order.status]
        if verb is OrderTrigger.ACCEPT and chance.random() < 0.15:
            verb = OrderTrigger.DECLINE
        elif chance.random() < 0.05:
            verb = chance.choice(list(NEXT.values()))
        if order.status is not OrderStatus.OFFERED and chance.random() < 0.05:
            self.give(ts.CallHelp(self._key(), "more"))
        else:
            self._button(verb)

    def _button(self, verb: OrderTrigger) -> None:
        key = self._key()
        self.give(ts.Press(key, verb, "done"))
        if key in self.pad.on_disk.outbox:
            self.pressed.append(key)


class SimConsole(Peer):
    """A console: it keeps what it saw, row by row, and where its last snapshot stood."""

    def __init__(self, chance: random.Random, dial: Dial, laws: Laws) -> None:
        super().__init__(chance, dial)
        self.laws = laws
        self.epoch: str | None = None
        self.seq = self.after = 0
        self.seen: dict[int, str] = {}
        self._resumes = True

    def opened(self) -> None:
        hello = fr.Hello(role="console", device="console-1", epoch=self.epoch, seq=self.seq)
        self._say(hello)

    def _say(self, frame: fr.AnyClientFrame) -> None:
        if self.link is not None:
            self.link.say(fr.encode(frame))

    def hear(self, text: str) -> None:
        frame = fr.SERVER_FRAMES.validate_json(text)
        match frame:
            case fr.Welcome():
                if not frame.resume:
                    self.epoch, self.seq, self.after, self.seen = frame.epoch, 0, 0, {}
                elif frame.epoch != self.epoch:
                    self.laws.say("the console resumes in another epoch")
            case fr.Snapshot():
                self.seq = self.after = frame.seq
            case fr.EventFrame():
                if frame.after != self.seq:
                    self.drop()
                    return
                self.seq = frame.seq
                self.seen[frame.seq] = frame.event.kind
            case fr.Ping():
                self._say(fr.Pong(at_ms=frame.at_ms))
            case _:
                pass

    def lost(self) -> None:
        """What it saw is kept."""


class Operator:
    """Asks over HTTP with a key, and asks again with the same key until there is a verdict."""

    def __init__(self, chance: random.Random, node: Callable[[], Node | None], laws: Laws) -> None:
        self._chance, self._node, self._laws = chance, node, laws
        self.told: dict[str, tuple[Command, Outcome]] = {}
        self.refused: dict[str, Code] = {}
        self.lossy = True
        self.asked = 0

    async def ask(self, command: Command, key: str) -> Outcome | Refusal:
        """The verdict; until then the answer may be lost any number of times."""
        chance = self._chance
        while True:
            self.asked += 1
            await asyncio.sleep(chance.expovariate(20))
            answer = await self._once(command, key)
            if isinstance(answer, Outcome):
                self._check(key, command, answer)
            if self.lossy and chance.random() < 0.15:
                answer = None  # it was lost on the way back: nobody was told
            if isinstance(answer, Outcome):
                self._tell(key, command, answer)
                return answer
            if isinstance(answer, Refusal):
                if answer.code in (Code.STORAGE_FULL, Code.LOG_AWAY) and key in self._laws.disk.seq_of:
                    self._laws.say(f"{type(command).__name__}: nothing was recorded, it was told, but it was")
                if answer.code is Code.DEFECT:
                    self._laws.say(f"{type(command).__name__}: {answer.sentence()}")
                if answer.row.settled or answer.code is Code.DEFECT:
                    return answer
            await asyncio.sleep(chance.uniform(0.2, 2.0))

    async def _once(self, command: Command, key: str) -> Answer | None:
        if (node := self._node()) is None:
            return None
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        node.ask(command, key, lambda came: None if answer.done() else answer.set_result(came))
        try:
            async with asyncio.timeout(5):
                return await answer
        except TimeoutError:
            return None

    def _check(self, key: str, command: Command, answer: Outcome) -> None:
        disk = self._laws.disk
        if answer.kind != "superseded" and disk.seq_of.get(key, disk.durable + 1) > disk.durable:
            self._laws.say(f"{type(command).__name__} was answered before it was on the disk")
        if (before := self.told.get(key)) is None:
            return
        if before[0] != command:
            self._laws.say(f"key {key[-4:]} was taken with two bodies")
        elif _facts(before[1]) != _facts(answer):
            self._laws.say(f"key {key[-4:]} got two answers: {before[1]} and {answer}")

    def _tell(self, key: str, command: Command, answer: Outcome) -> None:
        if answer.kind == "superseded":
            return
        self.told.setdefault(key, (command, answer))
        self._laws.acknowledge(key)


def _facts(answer: Outcome) -> tuple[str, int, int]:
    return answer.subject, answer.first_seq, answer.last_seq
