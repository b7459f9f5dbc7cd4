"""The far end of a tablet where sockets are blocked: the calls of a websocket, carried by POST /api/push."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from typing import Any, Final

from dispatch.sim.reporter import Reporter

HOLD_MS: Final = 20_000
"""Below the service's own 25 s, and below what proxies commonly cut at."""

MAX_BATCH: Final = 64
MAX_WAITING: Final = 1024
"""Frames that wait to be sent; a line that takes fewer is gone."""

TRIES: Final = 4
AGAIN_AFTER_S: Final = 0.5


class PollLine:
    """``send``, ``recv`` and ``close`` as a websocket client has them; a lost exchange is sent again as it was."""

    def __init__(self, base: str) -> None:
        self._hold, self._say = Reporter(base), Reporter(base)
        self._session: str | None = None
        self._got = self._said = 0
        self._in: deque[str] = deque()
        self._out: deque[dict[str, Any]] = deque()
        self._turn = asyncio.Lock()
        self._over = False

    async def send(self, text: str) -> None:
        """Send a frame, behind those that wait; raises ConnectionError when the line is gone."""
        if self._over or len(self._out) >= MAX_WAITING:
            raise ConnectionError("the long poll is over")
        self._out.append(json.loads(text))
        async with self._turn:
            batch = [self._out[at] for at in range(min(MAX_BATCH, len(self._out)))]
            if batch:
                answer = await self._exchange(self._say, batch, 0)
                self._session = answer["session"]  # what it tells is told again to the exchange that is held
                self._said += len(batch)
                for _ in batch:
                    self._out.popleft()

    async def recv(self, within_ms: int = HOLD_MS) -> str | None:
        """The next frame, None where none came in time; ConnectionError when the line is over and all was taken."""
        if not self._in and self._over:
            raise ConnectionError("the long poll is over")
        if not self._in:
            self._take(await self._exchange(self._hold, [], max(1, min(HOLD_MS, within_ms))))
        return self._in.popleft() if self._in else None

    async def close(self) -> None:
        """Hang up; the service notices by the silence."""
        self._over = True
        for door in (self._hold, self._say):
            with contextlib.suppress(OSError):
                door.close()

    async def _exchange(self, door: Reporter, frames: list[dict[str, Any]], wait_ms: int) -> Any:
        for tried in range(TRIES):
            body = {"session": self._session, "got": self._got, "first": self._said, "frames": frames}
            try:
                return await asyncio.to_thread(door.call, "POST", "/api/push", body | {"wait_ms": wait_ms})
            except ConnectionError:
                if self._session is None or tried + 1 == TRIES:
                    raise
                await asyncio.sleep(AGAIN_AFTER_S)
        raise AssertionError("unreachable")

    def _take(self, answer: Any) -> None:
        self._session = answer["session"]
        fresh = answer["frames"][max(0, self._got - answer["first"]) :]
        self._got += len(fresh)
        self._in.extend(json.dumps(frame, ensure_ascii=False) for frame in fresh)
        self._over |= answer["closed"] is not None
