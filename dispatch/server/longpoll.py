"""``POST /api/push``: the same connections over HTTP long poll, for networks that let no websocket through.

An exchange carries frames both ways. What was told stays until the client says that it has it, up to 256 KiB; a
client that does not take that much in time is closed and resumes, as on a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.websockets import WebSocketState

from dispatch.access.policy import Principal
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.adapters.secrets_box import digest_of, new_token
from dispatch.domain.refusals import Code, Refusal
from dispatch.server.access import Access
from dispatch.server.problems import RefusedError
from dispatch.server.sockets import MAX_INBOX, Connection
from dispatch.server.station import Station
from dispatch.wire import bodies
from dispatch.wire.push_bodies import MAX_BATCH, PollBody, PollView

MAX_POLLS: Final = 8_192
"""Connections by long poll at once."""

MAX_UNSENT_BYTES: Final = 256 * 1024
MAX_ANSWER_BYTES: Final = 128 * 1024
KEPT_AFTER_END_S: Final = 30.0
"""How long a client may still ask why its connection ended."""

router = APIRouter(responses={code: {"model": bodies.Problem} for code in (401, 404, 409, 422, 429, 503)})


class Line:
    """The far end that a ``Connection`` speaks to: two queues, emptied and filled by exchanges."""

    def __init__(self) -> None:
        self.client_state = WebSocketState.CONNECTED
        self.closed: int | None = None
        self._in: asyncio.Queue[str | None] = asyncio.Queue(2 * MAX_INBOX)
        self._out: deque[str] = deque()
        self._bytes = 0
        self._taken = self._told = 0
        self._stir = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._turn = 0

    # ── what the connection asks ──────────────────────────────────────────────────────────────────────────

    async def accept(self) -> None:
        """Nothing is to be shaken."""

    async def receive(self) -> dict[str, Any]:
        """The next frame of the client, or that it is gone."""
        text = await self._in.get()
        if text is None:
            return {"type": "websocket.disconnect", "code": 1005}
        return {"type": "websocket.receive", "text": text}

    async def send_text(self, text: str) -> None:
        """Keep a frame until it is taken; waits while too much is kept."""
        while self._bytes >= MAX_UNSENT_BYTES:
            self._room.clear()
            await self._room.wait()
        self._out.append(text)
        self._bytes += len(text.encode())
        self._stir.set()

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """The connection is over; what is kept may still be taken."""
        del reason
        self.end(code)

    def end(self, code: int) -> None:
        """Over, for whatever reason."""
        if self.closed is None:
            self.closed, self.client_state = code, WebSocketState.DISCONNECTED
        self._stir.set()

    # ── what an exchange asks ─────────────────────────────────────────────────────────────────────────────

    def put(self, first: int, frames: list[dict[str, Any]]) -> Refusal | None:
        """Take frames that are new; a Refusal where some are missing or too many wait."""
        if first > self._taken:
            return Refusal(Code.BAD_REQUEST, f"frame {self._taken} is missing: number frames from 0 without a gap")
        fresh = frames[self._taken - first :]
        if self._in.qsize() + len(fresh) > 2 * MAX_INBOX:
            return Refusal(Code.OVERLOADED, f"{self._in.qsize()} frames wait")
        for frame in fresh:
            self._in.put_nowait(json.dumps(frame, ensure_ascii=False))
        self._taken += len(fresh)
        return None

    def got(self, count: int) -> None:
        """The client has so many frames: they are not kept longer."""
        while self._out and self._told < count:
            self._bytes -= len(self._out.popleft().encode())
            self._told += 1
        self._room.set()

    async def hold(self, wait_ms: int) -> None:
        """Until there is something to tell, the line is closed, a newer exchange holds, or the time is over."""
        self._turn += 1
        turn = self._turn
        self._stir.set()  # who held before is let go
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_ms / 1000):
                await asyncio.sleep(0)
                while not self._out and self.closed is None and turn == self._turn:
                    self._stir.clear()
                    await self._stir.wait()

    def answer(self, session: str) -> str:
        """What is kept, as the JSON of a PollView; the end is told once nothing is left behind it."""
        texts, size = list[str](), 0
        for text in list(self._out)[:MAX_BATCH]:
            size += len(text)
            if texts and size > MAX_ANSWER_BYTES:
                break
            texts.append(text)
        over = self.closed if len(texts) == len(self._out) else None
        closed = "null" if over is None else str(over)
        return f'{{"session":"{session}","first":{self._told},"frames":[{",".join(texts)}],"closed":{closed}}}'

    def abandon(self) -> None:
        """Tell the connection that its client is gone."""
        with contextlib.suppress(asyncio.QueueFull):
            self._in.put_nowait(None)


class Polls:
    """The lines of one service by the digest of their secret name, and the task of each."""

    def __init__(self, station: Station, access: Access) -> None:
        self._station, self._access = station, access
        self._lines: dict[str, tuple[Line, str | None]] = {}
        self._over: dict[str, tuple[Line, str | None]] = {}
        """Those that ended, the oldest first: what they were told last may still be asked for."""
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, principal: Principal | None) -> str | Refusal:
        """A new connection; returns its secret name."""
        if len(self._lines) >= MAX_POLLS:
            return Refusal(Code.OVERLOADED, f"{MAX_POLLS} connections by long poll")
        name, line = new_token(), Line()
        self._lines[digest_of(name)] = line, None if principal is None else principal.session
        task = asyncio.create_task(self._serve(digest_of(name), line, principal))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return name

    def line(self, name: str, principal: Principal | None) -> Line | None:
        """The line of a name, None for one that is unknown, forgotten, or was opened by another session."""
        digest = digest_of(name)
        held = self._lines.get(digest) or self._over.get(digest)
        session = None if principal is None else principal.session
        return held[0] if held is not None and held[1] in (None, session) else None

    async def _serve(self, digest: str, line: Line, principal: Principal | None) -> None:
        try:
            await Connection(line, self._station, self._access.admission(principal)).serve()
        finally:
            line.end(1005)
            self._over[digest] = self._lines.pop(digest)
            if len(self._over) > MAX_POLLS:
                del self._over[next(iter(self._over))]
            asyncio.get_running_loop().call_later(KEPT_AFTER_END_S, self._over.pop, digest, None)

    async def close(self) -> None:
        """End what is left, after everybody was sent away."""
        for line, _ in self._lines.values():
            line.abandon()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        for task in self._tasks:
            task.cancel()


@router.post("/api/push", response_model=PollView)
async def push(body: PollBody, request: Request) -> Response:
    """One exchange of ``patrol.v1`` by long poll; who may speak is decided at the hello, as on the websocket."""
    polls: Polls = request.app.state.polls
    principal: Principal | None = request.state.principal
    name = body.session
    if name is None:
        opened = polls.open(principal)
        if isinstance(opened, Refusal):
            raise RefusedError(opened)
        name = opened
    line = polls.line(name, principal)
    if line is None:
        raise RefusedError(DoorRefusal(Door.BAD_TICKET, "this connection is over: open a new one"))
    if (refusal := line.put(body.first, body.frames)) is not None:
        raise RefusedError(refusal)
    line.got(body.got)
    if body.wait_ms:
        await line.hold(body.wait_ms)
    return Response(line.answer(name), media_type="application/json")
