"""The single writer of a desk: commands and timers in one queue, decided one after another, committed in groups.

needs → prefetch → decide → append → apply → wake. The deciding is pure (dispatch/service); this file drives it.
A decision is folded at once into a state that is ahead, which the next decision sees. What everybody else sees
(``state``, the feed, answers) follows only after the commit that a group of decisions shares; where that commit
fails, all of the group is taken back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from dispatch.domain.commands import AssignIncident, Command, RegisterTeam, ReportIncident
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope, Event
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.domain.types import OrderId
from dispatch.domain.walk import Step
from dispatch.server.feed import MAX_TAIL, Feed
from dispatch.server.outcomes import Answer, Outcome
from dispatch.server.walks import MAX_WALKS, STEP_OF_EVENT
from dispatch.service.decide import decide
from dispatch.service.plans import Decision, Locate, Plan
from dispatch.service.ports import (
    Clock,
    Log,
    LogAwayError,
    LogConflictError,
    LogFullError,
    OutcomeUnknownError,
    Trace,
    Travel,
)
from dispatch.service.settings import DeskSettings
from dispatch.service.timers import Timer, next_timer
from dispatch.wire.records import digest

MAX_QUEUE: Final = 1024
MAX_ROUNDS: Final = 64
"""A plan that asks more often than this is a defect."""

MAX_GROUP: Final = 64
GATHER_S: Final = 0.005
"""A commit takes what is decided in this time, but never waits for what has not been asked."""

NEW_WORK: Final = (ReportIncident, RegisterTeam)
"""What is refused when only the log's reserve is left; everything else ends running work, or is little."""

RETRIES_APART_MS: Final = 100
"""After a retry that changed nothing: thousands of incidents that wait leave the desk's time to commands."""

_PAUSE_AFTER_FULL_MS: Final = 1000
_LONGEST_SLEEP_S: Final = 60.0
_RESTORE: Final = "restore the last backup of its folder, or start with another --data folder"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A command and who waits for its answer: a future, or the timer that asked."""

    command: Command
    key: str | None
    asked_by: asyncio.Future[Answer] | Timer


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a wish came to; ``answer`` is true once ``rows`` and all rows before them are on the log."""

    wish: _Wish
    answer: Answer
    subject: str = ""
    rows: Sequence[Envelope] = field(default=())


def _rows_of(log: Log, after: int) -> Iterator[Envelope]:
    try:
        yield from log.read(after)
    except ValueError as error:
        raise SetupError(f"the log has a row that cannot be read ({error}): {_RESTORE}") from error


class Desk:
    """One jurisdiction: its state, its log, and the only place where facts come from."""

    def __init__(
        self,
        log: Log,
        travel: Travel,
        clock: Clock,
        trace: Trace,
        settings: DeskSettings,
        *,
        kept: DeskState | None = None,
        seen: Callable[[int], None] | None = None,
    ) -> None:
        """Fold the log, from ``kept`` where there is such a state of this log; ``seen`` is told each new head."""
        self._log, self._travel, self._clock, self._trace, self._settings = log, travel, clock, trace, settings
        self._seen = seen
        self._queue: asyncio.Queue[_Wish] = asyncio.Queue(MAX_QUEUE)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="log-writer")
        self._held_up: dict[Timer, int] = {}
        self._timer_next = True
        self._retries_from_ms = 0
        self._timers_from_ms = clock.now_ms() + settings.grace_after_start_ms
        self.state = kept or DeskState()
        tail: list[Envelope] = []
        for row in _rows_of(log, min(self.state.seq, max(0, log.head() - MAX_TAIL))):
            try:
                if row.seq > self.state.seq:
                    self.state.apply(row)
            except (AssertionError, KeyError) as error:
                raise SetupError(f"event {row.seq} of the log does not follow ({error}): {_RESTORE}") from error
            tail.append(row)
            if len(tail) >= 2 * MAX_TAIL:
                del tail[:MAX_TAIL]
        for order in islice(reversed(list(self.state.orders.values())), 4 * MAX_WALKS):
            trace.link(order.order, order.incident)
        self._ahead = self.state.copy()
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
                wish = self._ready() or await self._waited()
                if wish is not None:
                    await self._work(wish)
        finally:
            self._refuse_rest(self.problem or Refusal(Code.GOING_DOWN))
            self.stopped.set()
            self._writer.shutdown(wait=True)
            self._log.close()

    def _timer(self) -> tuple[float, Timer] | None:
        """Seconds until the next timer (0 or less: it is due), and the timer."""
        if (ready := next_timer(self._ahead, self._held_up, self._retries_from_ms)) is None:
            return None
        ready_ms, timer = ready
        return (max(ready_ms, self._timers_from_ms) - self._clock.now_ms()) / 1000, timer

    def _ready(self) -> _Wish | None:
        """A timer that is due, or a command; they take turns, so that neither starves the other."""
        timer = self._timer() if self._timer_next or self._queue.empty() else None
        if timer is not None and timer[0] <= 0:
            self._timer_next = False
            return _Wish(timer[1].command, None, timer[1])
        self._timer_next = True
        return None if self._queue.empty() else self._queue.get_nowait()

    async def _waited(self) -> _Wish | None:
        """The next command, or None when a timer is due (or after a while)."""
        timer = self._timer()
        wait_s = None if timer is None else min(max(timer[0], 0.001), _LONGEST_SLEEP_S)
        try:
            async with asyncio.timeout(wait_s):
                return await self._queue.get()
        except TimeoutError:
            return None

    async def _work(self, wish: _Wish) -> None:
        """Decide a wish and what is ready behind it, as long as a commit may be shared, then commit."""
        loop, group = asyncio.get_running_loop(), list[_Decided]()
        until_s = loop.time() + GATHER_S
        following: _Wish | None = wish
        try:
            while following is not None:
                wish = following
                decided = await self._guarded(wish, group)
                if not decided.rows and self._rests_on_what_is_written(decided.answer):
                    self._settle(decided)
                else:
                    group.append(decided)
                more = group and len(group) < MAX_GROUP and loop.time() < until_s
                following = self._ready() if more else None
        except asyncio.CancelledError:
            for left in (*group, _Decided(wish, Refusal(Code.GOING_DOWN))):
                self._settle(_Decided(left.wish, Refusal(Code.GOING_DOWN)))
            raise
        if group:
            await self._commit(group)

    def _rests_on_what_is_written(self, answer: Answer) -> bool:
        """Whether an answer without rows of its own cannot be taken back by the commit that is still to come."""
        if isinstance(answer, Outcome) and answer.kind == "replayed":
            return answer.last_seq <= self.state.seq
        return self._ahead.seq == self.state.seq

    async def _guarded(self, wish: _Wish, group: Sequence[_Decided]) -> _Decided:
        """Decide a wish; a defect in deciding harms it alone."""
        try:
            return await self._decide(wish)
        except Exception as error:
            logger.exception("a command failed: %s", type(wish.command).__name__)
            self._ahead = self.state.copy()
            for row in (row for decided in group for row in decided.rows):
                self._ahead.apply(row)
            return _Decided(wish, Refusal(Code.DEFECT, f"{type(wish.command).__name__}, {type(error).__name__}"))

    async def _decide(self, wish: _Wish) -> _Decided:
        command, key = wish.command, wish.key
        fingerprint = digest(command) if key is not None else None
        if key is not None and (known := self._ahead.answers.get(key)) is not None:
            if known.digest != fingerprint:
                return _Decided(wish, Refusal(Code.KEY_REUSED, key))
            return _Decided(wish, Outcome("replayed", known.subject, known.first_seq, known.last_seq))
        if self._log.low and isinstance(command, NEW_WORK) and not await self._in_writer(self._log.regain):
            self.full = Refusal(Code.STORAGE_FULL, "what is left is kept for the work that runs")
            return _Decided(wish, self.full)
        now_ms = self._clock.now_ms()
        subject = str(key or getattr(command, "order", None) or getattr(command, "incident", ""))
        result = await self._drive(decide(self._ahead, command, self._settings, now_ms), subject, now_ms)
        if isinstance(result, Refusal):
            return _Decided(wish, result)
        if not result.events:
            return _Decided(wish, Outcome("superseded", result.subject, self._ahead.seq, self._ahead.seq))
        rows = [
            Envelope(seq=seq, at_ms=now_ms, key=key, digest=fingerprint, event=event)
            for seq, event in enumerate(result.events, self._ahead.seq + 1)
        ]
        self._log.check(rows)
        for row in rows:
            self._ahead.apply(row)
        return _Decided(wish, Outcome("applied", result.subject, rows[0].seq, rows[-1].seq), subject, rows)

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
                answer = await self._travel.times_many(need.incidents, need.teams, now_ms)
                size = f"{len(need.incidents)} × {len(need.teams)} times by road"
                self._trace.note(Step.REACH, subject, size)
        raise AssertionError(f"a plan asked more than {MAX_ROUNDS} times")

    async def _in_writer(self, work: Callable[[], Any]) -> Any:
        """Run ``work`` in the writer's thread; when cancelled, only after it has ended."""
        future = asyncio.get_running_loop().run_in_executor(self._writer, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise

    async def _commit(self, group: Sequence[_Decided]) -> None:
        """Write the rows of a group in one commit, then take them in and answer; or take all of them back."""
        rows = [row for decided in group for row in decided.rows]
        future = asyncio.ensure_future(self._append(rows))
        try:
            refusal = await asyncio.shield(future)
        except asyncio.CancelledError:
            unknown: Refusal | None = Refusal(Code.OUTCOME_UNKNOWN, "the service went down during the commit")
            try:
                await asyncio.wait([future])
                unknown = future.result()
            finally:
                self._close(group, rows, unknown)
            raise
        self._close(group, rows, refusal)

    def _close(self, group: Sequence[_Decided], rows: Sequence[Envelope], refusal: Refusal | None) -> None:
        if refusal is None:
            try:
                for row in rows:
                    self.state.apply(row)
                self._retries_from_ms = 0  # what has just happened may have set a team free
                self.feed.publish(rows)
                for decided in group:
                    self._note(decided.subject, [row.event for row in decided.rows])
            except Exception as error:
                logger.exception("events %d to %d are on the log, but not taken in", rows[0].seq, rows[-1].seq)
                refusal = self.problem = Refusal(Code.OUTCOME_UNKNOWN, f"recorded, but not taken in: {error!r}")
        elif self.problem is None:
            self._ahead = self.state.copy()
        for decided in group:
            self._settle(decided if refusal is None else _Decided(decided.wish, refusal))
        if refusal is None and self._seen is not None:
            self._seen(self.state.seq)

    async def _append(self, rows: Sequence[Envelope]) -> Refusal | None:
        """Write rows durably: None, or why they are not there (or perhaps there: then the desk stops)."""
        log, head = self._log, self._log.head()

        def write() -> None:
            log.append(rows)
            if log.low:
                log.regain()

        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, write)
        except LogFullError as error:
            self.full = Refusal(Code.STORAGE_FULL, str(error))
            logger.error("the disk is full: new work is refused until there is space")
            return self.full
        except LogAwayError as error:
            self.full = Refusal(Code.LOG_AWAY, str(error))
            logger.error("the log cannot be reached, new work is refused until it can: %s", error)
            return self.full
        except (OutcomeUnknownError, LogConflictError) as error:
            logger.critical("the log can no longer be trusted, restart the service: %s", error)
            self.problem = Refusal(Code.OUTCOME_UNKNOWN, str(error))
            return self.problem
        except Exception as error:
            logger.exception("the log failed")
            if log.head() == head:
                return Refusal(Code.DEFECT, type(error).__name__)
            self.problem = Refusal(Code.OUTCOME_UNKNOWN, f"recorded, but not taken in: {error!r}")
            return self.problem
        self.full = Refusal(Code.STORAGE_FULL, "the reserve is in use") if log.low else None
        return None

    def _settle(self, decided: _Decided) -> None:
        """Answer who asked; a timer that failed or changed nothing is held up, a full log holds up all."""
        answer, asked_by = decided.answer, decided.wish.asked_by
        if isinstance(asked_by, asyncio.Future):
            if not asked_by.done():
                asked_by.set_result(answer)
            return
        now_ms = self._clock.now_ms()
        if isinstance(answer, Outcome) and answer.kind == "applied":
            return
        if isinstance(answer, Refusal) and answer.code in (Code.STORAGE_FULL, Code.LOG_AWAY):
            self._timers_from_ms = now_ms + _PAUSE_AFTER_FULL_MS
            return
        self._held_up = {held: until_ms for held, until_ms in self._held_up.items() if until_ms > now_ms}
        self._held_up[asked_by] = now_ms + self._settings.retry_after_ms
        if isinstance(asked_by.command, AssignIncident):
            self._retries_from_ms = now_ms + RETRIES_APART_MS  # it looked at the gravest of the others as well

    def _note(self, subject: str, events: Sequence[Event]) -> None:
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
            self._settle(_Decided(self._queue.get_nowait(), refusal))
