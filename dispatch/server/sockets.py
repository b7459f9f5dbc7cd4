"""One connection: carries frames between the socket, the sans-I/O session, the desk and the board."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any, Final, Protocol

from starlette.websockets import WebSocketDisconnect, WebSocketState

from dispatch.access.policy import Principal
from dispatch.access.refusals import DoorRefusal
from dispatch.domain import events as ev
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import TeamId
from dispatch.domain.walk import Step
from dispatch.server.access import Admission
from dispatch.server.outcomes import Answer
from dispatch.server.station import Station
from dispatch.wire import frames as fr
from dispatch.wire import session as ss

MAX_INBOX: Final = 64
"""Frames taken from a client before it must wait; TCP holds the rest."""

SEND_WITHIN_S: Final = 10.0
CLOSE_WITHIN_S: Final = 1.0
"""A close waits behind what the client has not taken; one that takes nothing is left without it."""

MAX_PEER_FIXES: Final = 128


class FarEnd(Protocol):
    """What a connection speaks to: a websocket, or the exchanges of a long poll."""

    @property
    def client_state(self) -> WebSocketState:
        """Whether a close may still be sent."""
        ...

    async def accept(self) -> None:
        """Let the client in as far as its hello."""
        ...

    async def receive(self) -> Any:
        """The next message of the client, as ASGI has it."""
        ...

    async def send_text(self, data: str) -> None:
        """Send a frame; waits where the client takes nothing."""
        ...

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close with a code."""
        ...


class Connection:
    """The shell around one session; everything it does is one of the session's outputs."""

    def __init__(self, socket: FarEnd, station: Station, door: Admission) -> None:
        self._socket, self._station, self._door = socket, station, door
        self._principal: Principal | None = None
        self._serving: asyncio.Task[None] | None = None
        self._unwelcome = self._told_to_go = False
        self._session = ss.opened(station.clock.now_ms())
        self._inbox: deque[ss.Input] = deque()
        self._stir = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._peers: dict[str, fr.Fix] = {}
        self._cover: fr.CoverNote | None = None
        self._commands = 0

    @property
    def team(self) -> TeamId | None:
        """The team whose tablet this is, None for a console."""
        return self._session.team

    @property
    def device(self) -> str | None:
        """The enrolled device at the other end, None for a console."""
        return self._principal.device if self._principal else None

    @property
    def live(self) -> bool:
        """Whether the client has been welcomed and not yet sent away."""
        return self._session.phase is ss.Phase.LIVE

    @property
    def by_time(self) -> bool:
        """Whether it must be looked at again though no record has changed: a person's, or one that must go."""
        return self._unwelcome or self.device is None

    def end(self, refusal: Refusal | DoorRefusal) -> None:
        """Send the client away: fenced by a newer connection, or the service goes down."""
        self._told_to_go = True
        self._put(ss.Refused(refusal))

    def recheck(self) -> None:
        """Send the client away where it was shut out; one that then does not go is cut at the next call."""
        if self._principal is None:
            return
        if self._unwelcome and self._serving is not None:
            self._serving.cancel()
        elif (refusal := self._door.still(self._principal)) is not None:
            self._unwelcome = True
            self.end(refusal)

    def show(self, fixes: list[fr.Fix], cover: fr.CoverNote | None = None) -> None:
        """Board data for a console; what was not yet sent of a team, or of the cover, is replaced."""
        self._peers.update((fix.team, fix) for fix in fixes)
        self._cover = cover or self._cover
        self._stir.set()

    def tick(self) -> None:
        """Let time pass: woken only where a heartbeat or a deadline is due."""
        if ss.due(self._session, self._station.clock.now_ms()):
            self._stir.set()

    async def serve(self) -> None:
        """Run the connection to its end; never raises for what a client does."""
        self._serving = asyncio.current_task()
        await self._socket.accept()
        reader = asyncio.create_task(self._read())
        self._station.enter(self)
        try:
            while self._session.phase is not ss.Phase.ENDED and not reader.done():
                await self._stir.wait()
                self._stir.clear()
                await self._turn()
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass  # the client is gone; what it has not stored waits in the log
        except asyncio.CancelledError:
            if self._unwelcome:
                await self._close(4413, "cut")  # it was told to go and takes nothing
            elif not self._told_to_go:
                raise  # else the service goes down, and does not wait for who takes nothing
        finally:
            self._station.desk.feed.unfollow(self._stir.set, self.team)
            self._station.leave(self)
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await self._room.wait()
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                text = message.get("text")
                if text is None:
                    self._put(ss.Refused(Refusal(Code.NOT_JSON, "a binary frame")))
                else:
                    self._put(ss.Received(text))
        self._stir.set()

    def _put(self, given: ss.Input) -> None:
        self._inbox.append(given)
        if len(self._inbox) + self._commands >= MAX_INBOX:
            self._room.clear()
        self._stir.set()

    async def _turn(self) -> None:
        while self._inbox:
            await self._step(self._inbox.popleft())
        if len(self._inbox) + self._commands < MAX_INBOX:
            self._room.set()
        feed = self._station.desk.feed
        while self._session.wants_rows and self._session.cursor < feed.head:
            told = feed.told(self.team, self._session.cursor, fr.WINDOW)
            if told is None:
                await self._step(ss.Refused(Refusal(Code.TOO_SLOW, "the log's tail has passed by")))
                return
            await self._step(ss.Rows(*told))
        if (self._peers or self._cover) and self.live:
            fixes = [self._peers.pop(team) for team in list(self._peers)[:MAX_PEER_FIXES]]
            cover, self._cover = self._cover, None
            await self._step(ss.Fixes(fixes, cover))
            if self._peers:
                self._stir.set()
        await self._step(ss.Tick())

    async def _step(self, given: ss.Input) -> None:
        self._session, outputs = ss.step(self._session, given, self._station.clock.now_ms())
        for output in outputs:
            match output:
                case ss.Send():
                    await self._send(output.frame)
                case ss.Join():
                    await self._join(output.hello)
                case ss.Submit():
                    self._submit(output)
                case ss.Board():
                    self._station.board.put(output.fixes, self._station.clock.now_ms())
                case ss.Close():
                    if self._socket.client_state is WebSocketState.CONNECTED:
                        await self._close(output.code, output.reason)

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._socket.close(code, reason)

    async def _send(self, frame: fr.AnyServerFrame) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await self._socket.send_text(self._text(frame))
        except TimeoutError:
            await self._close(4407, Code.TOO_SLOW)
            raise WebSocketDisconnect(4407) from None
        if isinstance(frame, fr.EventFrame) and isinstance(frame.event, ev.OrderOffered) and self.team:
            self._station.walks.note(Step.PUSH, frame.event.order, f"to the tablet of {self.team}")

    def _text(self, frame: fr.AnyServerFrame) -> str:
        if isinstance(frame, fr.EventFrame) and self.team is None:
            return self._station.text_of(frame)
        return fr.encode(frame)

    async def _join(self, hello: fr.Hello) -> None:
        desk = self._station.desk
        admitted = self._door.admit(hello)
        if isinstance(admitted, DoorRefusal):
            await self._step(ss.Refused(admitted))
            return
        self._principal = admitted
        if hello.team is not None and TeamId(hello.team) not in desk.state.teams:
            await self._step(ss.Refused(Refusal(Code.UNKNOWN_TEAM, hello.team)))
            return
        device = (
            hello.device if admitted.device else f"{admitted.name}/{hello.device}"
        )  # no console fences a tablet
        desk.feed.follow(self._stir.set, self.team)
        generation = self._station.join(self, device)
        resume = ss.may_resume(hello, desk.epoch, desk.feed.head) and hello.seq + 1 >= desk.feed.first
        snapshot = None if resume else self._station.snapshot(self.team)
        await self._step(ss.Joined(desk.epoch, desk.feed.head, generation, snapshot))
        if self.team is None:
            self.show(self._station.board.all(), self._station.cover)

    def _submit(self, output: ss.Submit) -> None:
        future = self._station.desk.post(output.command, output.key)
        self._commands += 1
        if len(self._inbox) + self._commands >= MAX_INBOX:
            self._room.clear()

        def answered(done: asyncio.Future[Answer]) -> None:
            self._commands -= 1
            if output.key is None:
                self._stir.set()
            else:
                self._put(_answered(output.key, done.result()))

        future.add_done_callback(answered)


def _answered(key: str, answer: Any) -> ss.Answered:
    if isinstance(answer, Refusal):
        return ss.Answered(key, "refused", answer)
    return ss.Answered(key, answer.kind)
