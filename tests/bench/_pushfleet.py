"""Thousands of light tablets in one process: the real protocol on raw sockets, real tickets, no work between."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from dispatch.access.proofs import connect_message
from dispatch.sim.identity import signed
from dispatch.wire.keys import uuid7

POSITION_EVERY_S: Final = 5.0
SLICES: Final = 100
BACKOFF_S: Final = (0.25, 10.0)
WELCOME_WITHIN_S: Final = 15.0
SOURCES: Final = 16
"""Addresses 127.0.0.2 … that connections come from: ports of one address are few."""


def now_ms() -> float:
    """Wall clock, ms with a fraction: the same clock that the service reads."""
    return time.time_ns() / 1e6


def new_key() -> str:
    """A key for one command."""
    return uuid7(round(now_ms()), secrets.token_bytes(10))


def source(number: int) -> tuple[str, int]:
    """The local address of connection ``number``."""
    return f"127.0.0.{2 + number % SOURCES}", 0


class Line(asyncio.Protocol):
    """A websocket client's bytes: text frames out, under a zero mask; text frames in, however TCP cuts them."""

    def __init__(self, on_text: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        self._on_text, self._on_lost = on_text, on_lost
        self._held = b""
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def shake(self, host: str, path: str, headers: dict[str, str]) -> None:
        """Ask for the websocket."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("lost before it was open"))
            self.opened.exception()
        self._on_lost()

    def send(self, text: str) -> None:
        """One text frame."""
        payload = text.encode()
        size = len(payload)
        head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2)
        self.transport.write(head + b"\0\0\0\0" + payload)

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._open and not self._shaken():
            return
        while len(self._held) >= 2:
            size, start = self._held[1] & 0x7F, 2
            if size == 126:
                size, start = int.from_bytes(self._held[2:4]), 4
            elif size == 127:
                size, start = int.from_bytes(self._held[2:10]), 10
            if len(self._held) < start + size:
                return
            payload, code = self._held[start : start + size], self._held[0] & 0x0F
            self._held = self._held[start + size :]
            if code == 1:
                self._on_text(payload)
            elif code == 9:
                self.transport.write(bytes((0x8A, 0x80 | size)) + b"\0\0\0\0" + payload)
            elif code == 8:
                self.transport.close()
                return

    def _shaken(self) -> bool:
        head, found, rest = self._held.partition(b"\r\n\r\n")
        if not found:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.transport.close()
            return False
        self._held, self._open = rest, True
        if not self.opened.done():
            self.opened.set_result(None)
        return True


class Door:
    """HTTP on one kept connection; one request at a time."""

    def __init__(self, host: str, port: int, local: tuple[str, int], cookie: str | None = None) -> None:
        self._host, self._port, self._local, self._cookie = host, port, local, cookie
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of an answer below 400; ConnectionError for anything else."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, local_addr=self._local)
        reader, writer = self._streams
        data = b"" if body is None else json.dumps(body).encode()
        base = f"{self._host}:{self._port}"
        lines = [f"{method} {path} HTTP/1.1", f"Host: {base}", f"Origin: http://{base}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        lines += [f"Cookie: {self._cookie}"] if self._cookie else []
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:"))
            said = await reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError, StopIteration) as error:
            self.close()
            raise ConnectionError(str(error)) from error
        status = int(head[9:12])
        if status >= 400:
            raise ConnectionError(f"{method} {path}: {status} {said[:200]!r}")
        return json.loads(said or b"null")

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass(slots=True)
class Shown:
    """One order on one tablet: decided, received and shown (ms), and when that tablet was last welcomed."""

    order: str
    incident: str
    decided_ms: float
    shown_ms: float
    welcomed_ms: float
    by_event: bool


@dataclass(slots=True)
class Fleet:
    """What all tablets share: where the service is, the key of every device, and what was seen."""

    host: str
    port: int
    key: ec.EllipticCurvePrivateKey
    answers: bool = True
    shown: list[Shown] = field(default_factory=list)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    results: dict[str, int] = field(default_factory=dict)
    waiting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(400))
    incident_of: dict[str, str] = field(default_factory=dict)
    asked_ms: dict[str, float] = field(default_factory=dict)
    """By incident: when its report left this process."""


class Tablet:
    """One tablet: stays connected with full jitter, stores at once, shows at once; the first of a team accepts."""

    def __init__(
        self, fleet: Fleet, number: int, device: str, team: str, *, at: tuple[float, float], first: bool
    ) -> None:
        self.fleet, self.number, self.device, self.team, self.at, self.first = (
            fleet,
            number,
            device,
            team,
            at,
            first,
        )
        self.epoch: str | None = None
        self.seq = 0
        self.line: Line | None = None
        self.welcomed_ms = 0.0
        self.live = False
        self.done: set[str] = set()
        self._lost = asyncio.Event()
        self._orders: dict[str, str] = {}

    async def run(self) -> None:
        """For ever."""
        wait_s = BACKOFF_S[0]
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                await self._connect()
                wait_s = BACKOFF_S[0]
                await self._lost.wait()
            self.live = False
            if self.line is not None and self.line.transport is not None:
                self.line.transport.abort()
            await asyncio.sleep(random.uniform(0, wait_s))
            wait_s = min(2 * wait_s, BACKOFF_S[1])

    async def _connect(self) -> None:
        fleet, local = self.fleet, source(self.number)
        self._lost.clear()
        async with asyncio.timeout(WELCOME_WITHIN_S * 2), fleet.waiting:
            ticket = await self._ticket(local)
            _, line = await asyncio.get_running_loop().create_connection(
                lambda: Line(self._text, self._lost.set), fleet.host, fleet.port, local_addr=local
            )
            self.line = line
            line.shake(f"{fleet.host}:{fleet.port}", "/ws", {})
            await line.opened
            hello = {"type": "hello", "role": "tablet", "device": self.device, "team": self.team}
            line.send(json.dumps(hello | {"epoch": self.epoch, "seq": self.seq, "ticket": ticket}))

    async def _ticket(self, local: tuple[str, int]) -> str:
        door = Door(self.fleet.host, self.fleet.port, local)
        try:
            nonce = (await door.call("POST", f"/api/devices/{self.device}/challenge"))["nonce"]
            proof = {"nonce": nonce, "signature": signed(self.fleet.key, connect_message(self.device, nonce))}
            return str((await door.call("POST", f"/api/devices/{self.device}/ticket", proof))["ticket"])
        finally:
            door.close()

    def say(self, **frame: Any) -> None:
        """Send a frame, if there is a line."""
        if self.line is not None and not self.line.transport.is_closing():
            self.line.send(json.dumps(frame))

    def place(self) -> None:
        """Send where the team is."""
        lon, lat = self.at
        fix = {"team": self.team, "lon": lon, "lat": lat + random.uniform(-2e-4, 2e-4), "at_ms": round(now_ms())}
        self.say(type="positions", fixes=[fix])

    def _text(self, payload: bytes) -> None:
        frame = json.loads(payload)
        match frame["type"]:
            case "event":
                self.seq = frame["seq"]
                event = frame["event"]
                self.say(type="stored", seq=self.seq)
                if event["kind"] == "order_offered":
                    self._show(event["order"], event["incident"], frame["at_ms"], by_event=True)
            case "ping":
                self.say(type="pong", at_ms=frame["at_ms"])
            case "welcome":
                self.epoch, self.live, self.welcomed_ms = frame["epoch"], True, now_ms()
            case "snapshot":
                if frame["part"] == frame["parts"]:
                    self.seq = frame["seq"]
                    self.say(type="stored", seq=self.seq)
                for order in frame["orders"]:
                    if order["status"] == "offered":
                        self._show(order["order"], order["incident"], order["offered_at_ms"], by_event=False)
            case "result":
                outcome = frame["outcome"]
                self.fleet.results[outcome] = self.fleet.results.get(outcome, 0) + 1
                if outcome == "applied" and (order := self._orders.pop(frame["key"], None)) is not None:
                    self.fleet.accepted.append((order, self.fleet.incident_of[order]))

    def _show(self, order: str, incident: str, decided_ms: float, *, by_event: bool) -> None:
        self.say(type="shown", order=order)
        if order in self.done:
            return
        self.done.add(order)
        fleet = self.fleet
        fleet.shown.append(Shown(order, incident, decided_ms, now_ms(), self.welcomed_ms, by_event))
        if self.first and fleet.answers:
            key = new_key()
            self._orders[key] = order
            fleet.incident_of[order] = incident
            said = {"type": "command", "key": key, "verb": "accept", "order": order, "epoch": self.epoch}
            self.say(**said, occurred_at_ms=round(now_ms()))


async def place_all(tablets: list[Tablet]) -> None:
    """Every tablet's position each 5 s, spread over the time; for ever."""
    turn, due_s = 0, asyncio.get_running_loop().time()
    while True:
        for tablet in tablets[turn % SLICES :: SLICES]:
            if tablet.live:
                tablet.place()
        turn += 1
        due_s += POSITION_EVERY_S / SLICES
        await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))


async def report_all(
    fleet: Fleet, cookie: str, points: list[tuple[float, float]], per_s: float, until_s: float
) -> int:
    """``per_s`` incidents a second until the loop's time ``until_s``; those whose team accepted are closed."""
    loop, chance = asyncio.get_running_loop(), random.Random(1)
    doors = [Door(fleet.host, fleet.port, source(k), cookie) for k in range(8)]
    free: asyncio.Queue[Door] = asyncio.Queue()
    for door in doors:
        free.put_nowait(door)
    made, failed = 0, 0

    async def ask(path: str, body: dict[str, Any]) -> None:
        nonlocal made, failed
        door = await free.get()
        try:
            asked_ms = now_ms()
            said = await door.call("POST", path, body)
            if path == "/api/incidents":
                made += 1
                fleet.asked_ms[said["subject"]] = asked_ms
        except OSError:
            failed += 1
        finally:
            free.put_nowait(door)

    tasks: set[asyncio.Task[None]] = set()

    def begin(path: str, body: dict[str, Any]) -> None:
        task = loop.create_task(ask(path, body))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    due_s = loop.time()
    while loop.time() < until_s:
        lon, lat = chance.choice(points)
        what = {"key": new_key(), "lat": lat, "lon": lon, "what": "dispute", "urgency": "routine", "note": ""}
        begin("/api/incidents", what)
        while fleet.accepted:
            _, incident = fleet.accepted.pop()
            begin(f"/api/incidents/{incident}/close", {"key": new_key(), "outcome": "bench"})
        due_s += 1 / per_s
        await asyncio.sleep(max(0.0, due_s - loop.time()))
    if tasks:
        await asyncio.wait(tasks, timeout=10)
    for door in doors:
        door.close()
    if failed:
        fleet.results["http failed"] = failed
    return made


async def commit_to_shown(fleet: Fleet, cookie: str) -> list[float]:
    """Ms from commit to shown of every incident's first order.

    The service tells when the commit was done after it took the report; here the report's sending stands for its
    taking, which is earlier: so each figure is an upper bound, by the way of one HTTP request.
    """
    door, took = Door(fleet.host, fleet.port, source(0), cookie), list[float]()
    seen: set[str] = set()
    for each in fleet.shown:
        asked_ms = fleet.asked_ms.get(each.incident)
        if asked_ms is None or each.incident in seen or not each.by_event:
            continue
        seen.add(each.incident)
        steps = await door.call("GET", f"/api/incidents/{each.incident}/walk")
        append_ms = next((step["at_ms"] for step in steps if step["name"] == "append"), None)
        if append_ms is not None and each.decided_ms <= asked_ms + append_ms:  # offered in the report's own commit
            took.append(each.shown_ms - asked_ms - append_ms)
    door.close()
    return took
