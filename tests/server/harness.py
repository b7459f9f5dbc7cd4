"""A desk in virtual time: sleeps cost nothing, logs and grounds fail on purpose, clients need no network.

Time passes only when nothing is left to do, so nothing here depends on how busy the machine is.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import selectors
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Executor
from typing import Any, ParamSpec

from starlette.websockets import WebSocket

from dispatch.access.policy import Principal, Role
from dispatch.access.refusals import DoorRefusal
from dispatch.adapters.log_memory import MemoryLog
from dispatch.assignment.times import TimesTable
from dispatch.domain import commands as cmd
from dispatch.domain.events import Envelope
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.domain.types import DeviceId, IncidentId, IncidentKind, OrderId, Point, TeamId, Urgency
from dispatch.domain.walk import Step
from dispatch.server.board import Board
from dispatch.server.loop import Desk
from dispatch.server.outcomes import Answer, Outcome
from dispatch.server.sockets import Connection
from dispatch.server.station import Station
from dispatch.server.walks import Walks
from dispatch.service.plans import Located, TeamStart
from dispatch.service.ports import Log
from dispatch.service.settings import DeskSettings
from dispatch.wire.frames import Hello
from tests.service.driver import START_MS, TOWN, Table, register

P = ParamSpec("P")

LONGEST_WORK_S = 20.0
LONGEST_TEST_S = 10_000.0
MOST_TURNS = 20_000
"""A test that lets more virtual time pass, or takes more turns of the loop, waits for what never comes."""

TURNS = 300
"""Turns of the loop after which everything that can be done without waiting is done."""


class _Selector(selectors.DefaultSelector):
    """Waits for threads alone; everything else that is waited for is a jump of the clock."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        self._turns += 1
        if self._turns > MOST_TURNS or self._loop.now_s > LONGEST_TEST_S:
            self._turns, self._loop.now_s = 0, 0.0  # the end of the test takes some turns too
            raise AssertionError("the test waits for what never comes")
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop.at_work:
            found = super().select(LONGEST_WORK_S)
            assert found, f"a thread did not come back within {LONGEST_WORK_S} s"
            return found
        found = super().select(0)
        if not found:
            assert timeout is not None, "all wait for each other: nothing will ever happen again"
            self._loop.now_s += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer as soon as there is nothing else to do."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.at_work = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.now_s

    def run_in_executor(self, executor: Executor | None, func: Any, *args: Any) -> Any:
        future = super().run_in_executor(executor, func, *args)
        self.at_work += 1
        future.add_done_callback(self._back)
        return future

    def _back(self, _future: object) -> None:
        self.at_work -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Let idle threads be: asyncio would wait for them without a timer."""


def virtual(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test in virtual time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def settle() -> None:
    """Let everything happen that needs no time."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class LoopClock:
    """The wall clock of a virtual loop; ``set_by`` is what somebody set it by."""

    def __init__(self) -> None:
        self.set_by_ms = 0

    def now_ms(self) -> int:
        return START_MS + self.set_by_ms + round(asyncio.get_running_loop().time() * 1000)


class FaultyLog(MemoryLog):
    """A log that fails (``error``) or waits (``gate``) where it is told to, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.tried = 0
        self.closed = False

    def append(self, envelopes: Sequence[Envelope]) -> None:
        self.tried += 1
        self.entered.set()
        assert self.gate.wait(LONGEST_WORK_S), "nobody opened the gate"
        if self.error is not None:
            raise self.error
        super().append(envelopes)

    def close(self) -> None:
        self.closed = True

    @contextlib.contextmanager
    def shut(self) -> Iterator[None]:
        """No append comes to its end in here."""
        self.entered.clear()
        self.gate.clear()
        try:
            yield
        finally:
            self.gate.set()

    async def reached(self) -> None:
        """Come back when the writer's thread is in ``append``."""
        while not self.entered.is_set():
            await asyncio.sleep(0)


class RowsLog(MemoryLog):
    """A log that reads back exactly what it is given."""

    def __init__(self, rows: Sequence[Envelope], error: Exception | None = None) -> None:
        super().__init__()
        self._given, self._error = rows, error

    def read(self, after: int = 0) -> Iterator[Envelope]:
        yield from self._given[after:]
        if self._error is not None:
            raise self._error


class TableTravel:
    """A ground that is a table; ``broken`` places raise, ``asked`` counts the questions by place."""

    def __init__(self, ground: Table) -> None:
        self.ground = ground
        self.broken: set[str] = set()
        self.asked: list[str] = []

    def _at(self, point: Point) -> str:
        return next((place for place in self.ground.places if self.ground.point(place) == point), "")

    async def locate(self, point: Point) -> Located | Refusal:
        return self.ground.locate(point)

    async def times_many(
        self, incidents: Sequence[tuple[IncidentId, Point]], teams: Sequence[TeamStart], now_ms: int
    ) -> TimesTable:
        places = [self._at(to) for _, to in incidents]
        self.asked += places
        await asyncio.sleep(0)  # a real ground answers from another thread
        if broken := self.broken.intersection(places):
            raise RuntimeError(f"the ground around {', '.join(broken)} is broken")
        return self.ground.times(incidents, teams)


class Trace(Walks):
    """Walks that count steps, and fail at one where they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.breaks_at: Step | None = None

    def note(self, step: Step, subject: str, detail: str = "") -> None:
        self.steps.append(step)
        if step == self.breaks_at:
            raise RuntimeError(f"cannot note {step.name}")
        super().note(step, subject, detail)


class Bench:
    """One desk with its log, ground and clock, and a station around it; build it inside a virtual loop."""

    def __init__(
        self,
        log: Log | None = None,
        ground: Table | None = None,
        later_ms: int = 0,
        kept: DeskState | None = None,
    ) -> None:
        self.log = FaultyLog() if log is None else log
        self.clock, self.trace, self.travel = LoopClock(), Trace(), TableTravel(ground or TOWN)
        self.clock.set_by_ms = later_ms
        self.desk = Desk(self.log, self.travel, self.clock, self.trace, DeskSettings(), kept=kept)
        self.station = Station(self.desk, Board(), self.trace, None, self.clock)  # type: ignore[arg-type]
        self.tasks: list[asyncio.Task[None]] = []

    @property
    def faulty(self) -> FaultyLog:
        assert isinstance(self.log, FaultyLog)
        return self.log

    def start(self) -> None:
        work = (self.desk.run(), self.station.show_peers(), self.station.tick())
        self.tasks = [asyncio.create_task(each) for each in work]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def applied(self, command: cmd.Command, key: str | None = None) -> Outcome:
        answer = await self.desk.post(command, key)
        assert isinstance(answer, Outcome), answer
        return answer

    async def refused(self, command: cmd.Command, key: str | None = None) -> Code:
        answer = await self.desk.post(command, key)
        assert isinstance(answer, Refusal), answer
        return answer.code

    async def enroll(self, *teams: str) -> None:
        for team in teams:
            await self.applied(register(team))
            await self.applied(cmd.StartDuty(team=TeamId(team)))

    def reporting(self, place: str, note: str = "") -> cmd.ReportIncident:
        return cmd.ReportIncident(
            where=self.travel.ground.point(place), what=IncidentKind.DISPUTE, urgency=Urgency.URGENT, note=note
        )

    async def report(self, place: str) -> IncidentId:
        return IncidentId((await self.applied(self.reporting(place))).subject)

    def answering(self, order: str, verb: OrderTrigger) -> cmd.AnswerOrder:
        team = self.desk.state.orders[OrderId(order)].team
        return cmd.AnswerOrder(order=OrderId(order), team=team, verb=verb, occurred_at_ms=self.clock.now_ms())

    def asked(self, incident: str) -> list[str]:
        """Every team that was asked for an incident, in order."""
        state = self.desk.state
        return [state.orders[name].team for name in state.incidents[IncidentId(incident)].orders]

    def kinds(self, after: int = 0) -> list[str]:
        """What is on the log."""
        return [row.event.kind for row in self.log.read(after)]

    def hole(self) -> bool:
        """Whether the feed misses a row, or shows one that the log or the state does not have."""
        feed = self.desk.feed
        rows = [row.seq for row in feed.after(feed.first - 1, 1_000_000)]
        return rows != list(range(feed.first, feed.head + 1)) or feed.head > min(
            self.log.head(), self.desk.state.seq
        )


@contextlib.asynccontextmanager
async def bench(
    *teams: str, log: Log | None = None, ground: Table | None = None, later_ms: int = 0
) -> AsyncIterator[Bench]:
    """A running desk with these teams on duty."""
    made = Bench(log, ground, later_ms)
    made.start()
    try:
        await made.enroll(*teams)
        yield made
    finally:
        if isinstance(made.log, FaultyLog):
            made.log.gate.set()
        await made.stop()


def nothing() -> cmd.MarkShown:
    """A command that is refused at once and writes nothing."""
    return cmd.MarkShown(team=TeamId("T1"), device=DeviceId("d"), order=OrderId("O9999"))


def code_of(answer: Answer) -> Code | None:
    return answer.code if isinstance(answer, Refusal) else None


class Doorless:
    """Lets everybody in: for what is tested behind the door, without a network."""

    def __init__(self) -> None:
        self.refusal: DoorRefusal | None = None

    def admit(self, hello: Hello) -> Principal | DoorRefusal:
        return Principal(
            name="somebody",
            role=Role.PATROL if hello.team else Role.DISPATCHER,
            desks=frozenset({"*"}),
            device=hello.device if hello.team else None,
            team=hello.team,
        )

    def still(self, principal: Principal) -> DoorRefusal | None:
        del principal
        return self.refusal


class Client:
    """The far end of a socket: ``heard`` is what it took; while ``reading`` is not set it takes nothing."""

    def __init__(self, station: Station) -> None:
        self._says: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._says.put_nowait({"type": "websocket.connect"})
        self.said = self.taken = 0
        self.heard: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        scope = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b""}
        self.door = Doorless()
        self.connection = Connection(WebSocket(scope, self._receive, self._send), station, self.door)
        self.task = asyncio.create_task(self.connection.serve())

    async def _receive(self) -> Any:
        message = await self._says.get()
        self.taken += message["type"] == "websocket.receive"
        return message

    async def _send(self, message: Any) -> None:
        await self.reading.wait()  # a close too: uvicorn puts it behind what was not taken
        if message["type"] == "websocket.close":
            self.closed = message["code"]
            return
        if message["type"] == "websocket.send":
            self.heard.append(json.loads(message["text"]))

    def say(self, **frame: Any) -> None:
        self.said += 1
        self._says.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    def say_bytes(self, data: bytes) -> None:
        self._says.put_nowait({"type": "websocket.receive", "bytes": data})

    def hang_up(self) -> None:
        self._says.put_nowait({"type": "websocket.disconnect", "code": 1000})

    def hello(self, device: str, team: str | None = None, **more: Any) -> None:
        self.say(type="hello", role="tablet" if team else "console", device=device, team=team, **more)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if frame["type"] == kind]

    @property
    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.of("event")]


async def joined(station: Station, device: str, team: str | None = None, **more: Any) -> Client:
    """A client that has been welcomed."""
    client = Client(station)
    client.hello(device, team, **more)
    await settle()
    assert client.of("welcome"), client.heard
    return client
