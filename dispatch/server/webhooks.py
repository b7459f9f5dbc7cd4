"""Tells outside subscribers what is on the log: in order, signed, again until it is taken; the desk never waits.

Each subscriber has a task, a thread and a durable cursor of its own. A delivery counts when the answer is 2xx and
the cursor is on disk: at least once, so a subscriber sorts out doubles by ``webhook-id``.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar, TypeVarTuple

import structlog

from dispatch.adapters.webhook_post import ForbiddenAddressError, post
from dispatch.adapters.webhook_store import MAX_HOOKS, Hook, WebhookStore
from dispatch.domain.events import Envelope
from dispatch.server.access import DESK
from dispatch.server.loop import Desk
from dispatch.wire.cloudevents import body_of, cloud_event, headers_of

LOOK_EVERY_S: Final = 1.0
BATCH: Final = 256
"""Rows read in one go; the cursor is moved at least once a batch, and after each delivery."""

RETRY_FIRST_S: Final = 1.0
RETRY_MOST_S: Final = 300.0
MAX_TRIES: Final = 20
"""Tries of one event, over about an hour; then the subscriber is paused and nothing of it is lost."""

GONE: Final = 410
log = structlog.get_logger("webhooks")

Given = TypeVarTuple("Given")
Made = TypeVar("Made")
Post = Callable[[str, bytes, dict[str, str], bool], int]


class Past(Protocol):
    """Rows of the log that are no longer in memory; blocks."""

    def __call__(self, after: int, limit: int) -> Sequence[Envelope]:
        """At most ``limit`` rows after a seq, in order."""
        ...


def _post(url: str, body: bytes, headers: dict[str, str], inside: bool) -> int:
    return post(url, body, headers, inside=inside)


class Webhooks:
    """The subscribers of one service, as its file of webhooks names them."""

    def __init__(
        self, store: WebhookStore, desk: Desk, past: Past, *, name: str = DESK, send: Post = _post
    ) -> None:
        """``name`` is the desk's: subscribers of several desks tell them apart by it."""
        self._store, self._desk, self._past, self._name, self._send = store, desk, past, name, send
        self._threads = ThreadPoolExecutor(MAX_HOOKS + 1, thread_name_prefix="webhook")
        self._tasks: dict[str, tuple[Hook, asyncio.Task[None]]] = {}
        self.retry_first_s = RETRY_FIRST_S

    async def run(self) -> None:
        """Follow the file and the log until cancelled."""
        try:
            while True:
                with contextlib.suppress(sqlite3.Error):  # locked by the command line: the next look sees it
                    self._look(await self._thread(self._store.load))
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for _, task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*(task for _, task in self._tasks.values()), return_exceptions=True)
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _look(self, hooks: Sequence[Hook]) -> None:
        """One task for each subscriber that is told something; a change of it ends the old one."""
        wanted = {hook.name: hook for hook in hooks if not hook.paused}
        for name, (held, task) in list(self._tasks.items()):
            hook = wanted.get(name)
            if hook is None or _identity(hook) != _identity(held) or task.done():
                task.cancel()
                del self._tasks[name]
        for name, hook in wanted.items():
            if name not in self._tasks:
                self._tasks[name] = hook, asyncio.create_task(self._tell(hook))

    async def _tell(self, hook: Hook) -> None:
        desk, bell = self._desk, asyncio.Event()
        head = desk.feed.head
        seq = head if hook.epoch is None else min(hook.seq, head)  # a restored log is shorter: go on from its end
        if hook.epoch != desk.epoch:
            await self._thread(self._store.moved, hook.name, desk.epoch, seq)
        desk.feed.follow(bell.set)
        try:
            while True:
                bell.clear()
                while seq < desk.feed.head:
                    told = desk.feed.told(None, seq, BATCH)
                    rows = await self._thread(self._past, seq, BATCH) if told is None else told[0]
                    for row in rows:
                        if not await self._deliver(hook, row):
                            return
                        seq = row.seq
                    await self._thread(self._store.moved, hook.name, desk.epoch, seq)
                await bell.wait()
        finally:
            desk.feed.unfollow(bell.set)

    async def _deliver(self, hook: Hook, row: Envelope) -> bool:
        """Try until it is taken: True; False where the subscriber was paused."""
        event = cloud_event(row, self._desk.epoch, self._name) if row.event.kind in hook.kinds else None
        if event is None:
            return True
        body, wait_s, answer = body_of(event), self.retry_first_s, ""
        for tried in range(MAX_TRIES):
            headers = headers_of(event, body, hook.secret, int(time.time()))
            try:
                status = await self._thread(self._send, hook.url, body, headers, hook.inside)
                answer = f"status {status}"
                if 200 <= status < 300:
                    await self._thread(self._store.moved, hook.name, self._desk.epoch, row.seq)
                    return True
                if status == GONE:
                    break
            except ForbiddenAddressError as error:
                answer = str(error)
                break
            except OSError as error:
                answer = type(error).__name__
            log.info("webhook not taken", hook=hook.name, delivery=event["id"], tried=tried + 1, answer=answer)
            await asyncio.sleep(random.uniform(wait_s / 2, wait_s))
            wait_s = min(2 * wait_s, RETRY_MOST_S)
        log.warning("webhook paused", hook=hook.name, delivery=event["id"], answer=answer)
        await self._thread(self._store.pause, hook.name, f"event {row.seq} was not taken: {answer}"[:200])
        return False

    async def _thread(self, work: Callable[[*Given], Made], *given: *Given) -> Made:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)


def _identity(hook: Hook) -> tuple[object, ...]:
    return hook.url, hook.secret, hook.kinds, hook.inside
