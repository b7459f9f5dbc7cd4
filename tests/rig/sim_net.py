"""The network of the simulated world: a link is one socket, two ordered pipes, cut, stalled or half open."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket

SCOPE = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b""}


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the network is: seconds of delay, and the shares of frames that a bad transport repeats or loses."""

    delay_s: float = 0.05
    drop: float = 0.0
    twice: float = 0.0


MAY_SUFFER = ('{"type":"event"', '{"type":"result"', '{"type":"command"', '{"type":"help"')
"""Frames that a worse transport than TCP may lose or repeat; the promises hold for these frame by frame."""


class Link:
    """One connection. What is under way when it is cut is lost; frames of one direction never overtake."""

    def __init__(self, number: int, seed: int, weather: Callable[[], Weather]) -> None:
        self.number = number
        self._chance = random.Random(seed)
        self._weather = weather
        self._loop = asyncio.get_running_loop()
        self._last_s = [0.0, 0.0]
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_server.put_nowait({"type": "websocket.connect"})
        self._free = asyncio.Event()
        self._free.set()
        self.server_gone = self.client_gone = self.cut_off = False
        self.stalled_until_s = 0.0
        self.on_text: Callable[[str], None] = lambda _text: None
        self.on_lost: Callable[[int | None], None] = lambda _code: None
        self.said: Callable[[str], None] = lambda _text: None
        self.heard: Callable[[str], None] = lambda _text: None
        self.socket = WebSocket(SCOPE, self._receive, self._send)

    # ── the service's end ─────────────────────────────────────────────────────────────────────────────────

    async def _receive(self) -> dict[str, Any]:
        message = await self._to_server.get()
        if message["type"] == "websocket.receive":
            self.heard(message["text"])
        return message

    async def _send(self, message: Any) -> None:
        await self._free.wait()
        if self.server_gone:
            raise OSError("the connection is gone")
        if message["type"] == "websocket.send":
            self.said(message["text"])
            self._carry(1, message["text"], self._to_client)
        elif message["type"] == "websocket.close":
            self.server_gone = True
            self._later(1, lambda: self._lose_client(message["code"]))

    def _to_client(self, text: str) -> None:
        self.on_text(text)

    # ── the client's end ──────────────────────────────────────────────────────────────────────────────────

    def say(self, text: str) -> None:
        if not self.client_gone:
            self._carry(0, text, self._arrive)

    def hang_up(self) -> None:
        """The client closes."""
        if not self.client_gone:
            self.client_gone = True
            self._later(0, self._lose_server)

    def _arrive(self, text: str) -> None:
        if not self.server_gone:
            self._to_server.put_nowait({"type": "websocket.receive", "text": text})

    # ── what happens to it ────────────────────────────────────────────────────────────────────────────────

    def cut(self, *, server_told_s: float | None, client_told_s: float | None) -> None:
        """Lose everything under way; each end is told after so many seconds, or never."""
        self.cut_off = True
        if server_told_s is not None:
            self._loop.call_later(server_told_s, self._lose_server)
        if client_told_s is not None:
            self._loop.call_later(client_told_s, lambda: self._lose_client(None))

    def stall(self, seconds: float) -> None:
        """The client's buffer is full for a while: the service's sends wait."""
        self._free.clear()
        self.stalled_until_s = self._loop.time() + seconds
        self._loop.call_later(seconds, self._free.set)

    def kill_server(self, told_s: float | None) -> None:
        """The process at the other end died; with None the machine did, and nobody says so."""
        self.server_gone = True
        self._free.set()
        self.cut(server_told_s=None, client_told_s=told_s)

    def _lose_server(self) -> None:
        if not self.server_gone:
            self.server_gone = True
            self._free.set()
            self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1006})

    def _lose_client(self, code: int | None) -> None:
        if not self.client_gone:
            self.client_gone = True
            self.on_lost(code)

    def _carry(self, way: int, text: str, arrive: Callable[[str], None]) -> None:
        weather = self._weather()
        copies = 1
        if weather.drop or weather.twice:
            luck = self._chance.random()
            if luck < weather.drop + weather.twice and text.startswith(MAY_SUFFER):
                copies = 0 if luck < weather.drop else 2
        for _ in range(copies):
            self._later(way, lambda: self._deliver(way, text, arrive))

    def _deliver(self, way: int, text: str, arrive: Callable[[str], None]) -> None:
        if not self.cut_off and not (self.client_gone and way == 1):
            arrive(text)

    def _later(self, way: int, then: Callable[[], None]) -> None:
        """After a delay, in order: behind everything that was sent this way before."""
        at_s = max(
            self._last_s[way] + 1e-6, self._loop.time() + self._chance.expovariate(1.0) * self._weather().delay_s
        )
        self._last_s[way] = at_s
        self._loop.call_at(at_s, then)
