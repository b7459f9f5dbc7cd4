"""The single writer of a desk: commands and timers in one queue, each driven to its end before the next.

needs → prefetch → decide → append → apply → wake. The deciding is pure (dispatch/service); this file drives it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from dispatch.domain.commands import Command
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope, Event
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.domain.types import OrderId
from dispatch.domain.walk import Step
from dispatch.server.feed import MAX_TAIL, Feed
from dispatch.server.outcomes import Answer, Outcome
from dispatch.server.walks import STEP_OF_EVENT
from dispatch.service.decide import decide
from dispatch.service.plans import Decision, Locate, Plan
from dispatch.service.ports import Clock, Log, LogConflictError, LogFullError, OutcomeUnknownError, Trace, Travel
from dispatch.service.settings import DeskSettings
from dispatch.service.timers import Timer, next_timer
from dispatch.wire.records import digest

MAX_QUEUE: Final = 1024
MAX_ROUNDS: Final = 64
"""A plan that asks more often than this is a defect."""

_PAUSE_AFTER_FULL_MS: Final = 1000
_LONGEST_SLEEP_S: Final = 60.0
_RESTORE: Final = "restore the last backup of its folder, or start with another --data folder"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    command: Command
    key: str | None
    answer: asyncio.Future[Answer]


def _rows_of(log: Log) -> Iterator[Envelope]:
    try:
        yield from log.read()
    except ValueError as error:
        raise SetupError(f"the log has a row that cannot be read ({error}): {_RESTORE}") from error


class Desk:
    """One jurisdiction: its state, its log, and the only place where facts come from."""

    def __init__(self, log: Log, travel: Travel, clock: Clock, trace: Trace, settings: DeskSettings) -> None:
        self._log, self._travel, self._clock, self._trace, self._settings = log, travel, clock, trace, settings
        self._queue: asyncio.Queue[_Wish] = asyncio.Queue(MAX_QUEUE)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="log-writer")
        self._held_up: dict[Timer, int] = {}
        self._timer_next = True
        self._timers_from_ms = clock.now_ms() + settings.grace_after_start_ms
        self.state = DeskState()
        tail: list[Envelope] = []
        for row in _rows_of(log):
            try:
                self.state.apply(row)
            except (AssertionError, KeyError) as error:
                raise SetupError(f"event {row.seq} of the log does not follow ({error}): {_RESTORE}") from error
            tail.append(row)
            if len(tail) >= 2 * MAX_TAIL:
                del tail[:MAX_TAIL]
        for order in self.state.orders.values():
            trace.link(order.order, order.incident)
        self.feed = Feed(self.state.seq, tail)
        self.epoch = log.epoch
        self.problem: Refusal | None = None
        self.full: Refusal | None = None
        self.stopped = asyncio.Event()

    def post(self, command: Command, key: str | None = None) -> asyncio.Future[Answer]:
        """Queue a command; the future holds what came of it, after commit. Never raises, never blocks."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self.problem is not None:
            answer.set_result(self.problem)
            return answer
        try:
            self._queue.put_nowait(_Wish(command, key, answer))
        except asyncio.QueueFull:
            answer.set_result(Refusal(Code.OVERLOADED, f"{MAX_QUEUE} commands wait"))
        return answer

    async def run(self) -> None:
        """Take commands and timers, one at a time, until cancelled or until the log's state is unknown."""
        try:
            while self.problem is None:
                await self._turn()
        finally:
            self._refuse_rest(self.problem or Refusal(Code.GOING_DOWN))
            self.stopped.set()
            self._writer.shutdown(wait=True)
            self._log.close()

    async def _turn(self) -> None:
        """One timer that is due, or one command; they take turns, so that neither starves the other."""
        wait_s: float | None = None
        if (ready := next_timer(self.state, self._held_up)) is not None:
            ready_ms, timer = ready
            wait_s = min((max(ready_ms, self._timers_from_ms) - self._clock.now_ms()) / 1000, _LONGEST_SLEEP_S)
            if wait_s <= 0 and (self._timer_next or self._queue.empty()):
                self._timer_next = False
                await self._try(timer)
                return
        self._timer_next = True
        try:
            async with asyncio.timeout(None if wait_s is None else max(wait_s, 0.001)):
                wish = await self._queue.get()
        except TimeoutError:
            return
        answer = await self._guarded(wish.command, wish.key)
        if not wish.answer.done():
            wish.answer.set_result(answer)

    async def _try(self, timer: Timer) -> None:
        """Run what is due. What fails or changes nothing is held up alone; a full disk holds up all timers."""
        answer = await self._guarded(timer.command, None)
        now_ms = self._clock.now_ms()
        if isinstance(answer, Outcome) and answer.kind == "applied":
            return
        if isinstance(answer, Refusal) and answer.code is Code.STORAGE_FULL:
            self._timers_from_ms = now_ms + _PAUSE_AFTER_FULL_MS
            return
        self._held_up = {held: until_ms for held, until_ms in self._held_up.items() if until_ms > now_ms}
        self._held_up[timer] = now_ms + self._settings.retry_after_ms

    async def _guarded(self, command: Command, key: str | None) -> Answer:
        """Process a command: a defect in deciding harms it alone, one after the commit stops the desk."""
        head = self._log.head()
        try:
            return await self._process(command, key)
        except Exception as error:
            logger.exception("a command failed: %s", type(command).__name__)
            if self._log.head() == head:
                return Refusal(Code.DEFECT, type(command).__name__)
            self.problem = Refusal(Code.OUTCOME_UNKNOWN, f"recorded, but not taken in: {error!r}")
            return self.problem

    async def _process(self, command: Command, key: str | None) -> Answer:
        fingerprint = digest(command) if key is not None else None
        if key is not None and (known := self.state.answers.get(key)) is not None:
            if known.digest != fingerprint:
                return Refusal(Code.KEY_REUSED, key)
            return Outcome("replayed", known.subject, known.first_seq, known.last_seq)
        now_ms = self._clock.now_ms()
        subject = str(key or getattr(command, "order", None) or getattr(command, "incident", ""))
        result = await self._drive(decide(self.state, command, self._settings, now_ms), subject, now_ms)
        if isinstance(result, Refusal):
            return result
        if not result.events:
            return Outcome("superseded", result.subject, self.state.seq, self.state.seq)
        rows = [
            Envelope(seq=seq, at_ms=now_ms, key=key, digest=fingerprint, event=event)
            for seq, event in enumerate(result.events, self.state.seq + 1)
        ]
        refusal = await self._append(rows)
        if refusal is not None:
            return refusal
        for row in rows:
            self.state.apply(row)
        self.feed.publish(rows)
        self._note(subject, result.events)
        return Outcome("applied", result.subject, rows[0].seq, rows[-1].seq)

    async def _drive(self, plan: Plan, subject: str, now_ms: int) -> Decision | Refusal:
        answer: Any = None
        for _ in range(MAX_ROUNDS):
            try:
                need = plan.send(answer)
            except StopIteration as done:
                result: Decision | Refusal = done.value
                return result
            if isinstance(need, Step):
                answer = None
                self._trace.note(need, subject)
            elif isinstance(need, Locate):
                answer = await self._travel.locate(need.point)
                self._trace.note(Step.LOCATE, subject, getattr(answer, "road", ""))
            else:
                answer = await self._travel.times(need.to, need.teams, now_ms)
                self._trace.note(Step.REACH, subject, f"{len(need.teams)} teams, one backward search")
        raise AssertionError(f"a plan asked more than {MAX_ROUNDS} times")

    async def _append(self, rows: list[Envelope]) -> Refusal | None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._log.append, rows)
        except LogFullError as error:
            self.full = Refusal(Code.STORAGE_FULL, str(error))
            logger.error("the disk is full: new work is refused until there is space")
            return self.full
        except (OutcomeUnknownError, LogConflictError) as error:
            logger.critical("the log can no longer be trusted, restart the service: %s", error)
            self.problem = Refusal(Code.OUTCOME_UNKNOWN, str(error))
            return self.problem
        self.full = None
        return None

    def _note(self, subject: str, events: tuple[Event, ...]) -> None:
        """Tell the trace which incident these facts belong to, and which steps of its walk they complete."""
        appended = False
        for event in events:
            order = self.state.orders.get(OrderId(getattr(event, "order", "")))
            incident = order.incident if order else getattr(event, "incident", None)
            if incident is None:
                continue
            for name in (subject, order.order if order else ""):
                if name:
                    self._trace.link(name, incident)
            if not appended:
                self._trace.note(Step.APPEND, incident, f"{len(events)} events in one transaction")
                appended = True
            if (step := STEP_OF_EVENT.get(type(event))) is not None:
                team = f" {order.team}" if order else ""
                self._trace.note(step, incident, event.kind.removeprefix("order_") + team)

    def _refuse_rest(self, refusal: Refusal) -> None:
        while not self._queue.empty():
            wish = self._queue.get_nowait()
            if not wish.answer.done():
                wish.answer.set_result(refusal)
