"""A bad network between clients and a service: a TCP proxy of our own that knows where websocket frames end.

What it does to bytes is what networks do: delay, jitter, throttle, blackhole, half-open, cut, reset, refuse. What
it does to whole text frames (drop, duplicate, swap) no TCP does; a middlebox that is broken might, and the sessions
must stand it. When the weather heals, a connection that lost or swapped frames is reset: nothing mends it in place.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MOST_BYTES: Final = 1 << 16
MOST_HEADER: Final = 1 << 15
MOST_WAITING: Final = 512
"""Units that one direction may hold back before it reads no more: TCP then slows the sender."""

HELD_AT_MOST_S: Final = 0.2
"""A frame that waits for one to be swapped with."""

TEXT: Final = 0x81
"""First byte of a whole text frame (RFC 6455, section 5.2)."""


class Fault(StrEnum):
    """What can be done to a connection."""

    DELAY = "delay"
    JITTER = "jitter"
    THROTTLE = "throttle"
    BLACKHOLE = "blackhole"
    DEAF = "deaf"  # what the client says vanishes for a while: held, as by lost packets
    MUTE = "mute"  # what the service says
    HALF_OPEN = "half_open"  # the service's side is gone, the client does not hear of it
    HALF_SHUT = "half_shut"  # the client's side is gone, the service does not hear of it
    CUT = "cut"
    RESET = "reset"
    REFUSE = "refuse"  # new connections are reset
    DROP = "drop"
    DUPLICATE = "duplicate"
    SWAP = "swap"


WEATHER: Final = {
    Fault.DELAY: ("delay_s", 0.02, 0.4),
    Fault.JITTER: ("jitter_s", 0.02, 0.3),
    Fault.THROTTLE: ("bytes_a_s", 2_000, 20_000),
    Fault.DROP: ("drop", 0.05, 0.5),
    Fault.DUPLICATE: ("duplicate", 0.05, 0.6),
    Fault.SWAP: ("swap", 0.05, 0.5),
}
"""What a fault sets, the same kind in both directions, and between which values."""


@dataclass(slots=True)
class Weather:
    """What one direction of a connection suffers now."""

    delay_s: float = 0.0
    jitter_s: float = 0.0
    bytes_a_s: float = 0.0
    hole: bool = False
    drop: float = 0.0
    duplicate: float = 0.0
    swap: float = 0.0

    def clear(self) -> None:
        """Good weather again."""
        self.delay_s = self.jitter_s = self.bytes_a_s = self.drop = self.duplicate = self.swap = 0.0
        self.hole = False


class Framer:
    """Cuts a byte stream into units: anything before and without an upgrade, whole websocket frames after it."""

    def __init__(self) -> None:
        self._left = b""
        self.header_seen = False
        self.framed: bool | None = None

    def units(self, data: bytes) -> Iterator[bytes]:
        """What of the stream is whole by now."""
        if self.framed is False:
            yield data
            return
        self._left += data
        if not self.header_seen:
            end = self._left.find(b"\r\n\r\n")
            if end < 0 and len(self._left) <= MOST_HEADER:
                return
            head = self._left[: end + 4] if end >= 0 else self._left
            self.header_seen = True
            self.framed = b"upgrade: websocket" in head.lower()
            if not self.framed:
                yield self._left
                self._left = b""
                return
            yield head
            self._left = self._left[len(head) :]
        while (size := frame_size(self._left)) is not None and size <= len(self._left):
            yield self._left[:size]
            self._left = self._left[size:]


def frame_size(data: bytes) -> int | None:
    """Bytes of the websocket frame that begins here (RFC 6455, 5.2), None where that cannot be known yet."""
    if len(data) < 2:
        return None
    length, at = data[1] & 0x7F, 2
    if length == 126:
        if len(data) < 4:
            return None
        (length,), at = struct.unpack_from(">H", data, 2), 4
    elif length == 127:
        if len(data) < 10:
            return None
        (length,), at = struct.unpack_from(">Q", data, 2), 10
    return at + (4 if data[1] & 0x80 else 0) + int(length)


@dataclass(eq=False)
class Link:
    """One connection through the proxy; ``mangled`` is one that can only be reset."""

    client: asyncio.StreamWriter
    service: asyncio.StreamWriter
    up: Weather = field(default_factory=Weather)
    down: Weather = field(default_factory=Weather)
    mangled: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def reset(self) -> None:
        """End both sides at once, as a reset does."""
        for side in (self.client, self.service):
            _reset(side)


class Proxy:
    """Listens on 127.0.0.1 and carries to ``upstream``; ``port`` is where."""

    def __init__(self, upstream: int, seed: int) -> None:
        self._upstream, self._chance = upstream, random.Random(seed)
        self._server: asyncio.Server | None = None
        self.port = 0
        self.links: set[Link] = set()
        self.refusing = False
        self.faults: dict[str, int] = {}

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and end what is open."""
        assert self._server is not None
        self._server.close()
        for link in list(self.links):
            link.reset()
        tasks = [task for link in list(self.links) for task in link.tasks]
        await asyncio.gather(*tasks, return_exceptions=True)

    def strike(self, fault: Fault, share: float) -> int:
        """Do this to about ``share`` of the connections that are open; returns to how many."""
        if fault is Fault.REFUSE:
            self.refusing = True
            self.faults[fault] = self.faults.get(fault, 0) + 1
            return 1
        struck = [link for link in list(self.links) if self._chance.random() < share]
        for link in struck:
            self._do(fault, link)
        self.faults[fault] = self.faults.get(fault, 0) + len(struck)
        return len(struck)

    def heal(self) -> None:
        """Good weather for all; what cannot be mended in place is reset."""
        self.refusing = False
        for link in list(self.links):
            for way in (link.up, link.down):
                way.clear()
            if link.mangled:
                link.reset()

    def _do(self, fault: Fault, link: Link) -> None:
        link.mangled |= fault in (Fault.HALF_OPEN, Fault.HALF_SHUT, Fault.DROP, Fault.SWAP)
        if (setting := WEATHER.get(fault)) is not None:
            name, least, most = setting
            for way in (link.up, link.down):
                setattr(way, name, self._chance.uniform(least, most))
        link.up.hole |= fault in (Fault.BLACKHOLE, Fault.DEAF, Fault.HALF_OPEN, Fault.HALF_SHUT)
        link.down.hole |= fault in (Fault.BLACKHOLE, Fault.MUTE, Fault.HALF_OPEN, Fault.HALF_SHUT)
        if fault in (Fault.HALF_OPEN, Fault.RESET):
            _reset(link.service)
        if fault in (Fault.HALF_SHUT, Fault.RESET):
            _reset(link.client)
        if fault is Fault.CUT:
            link.client.close()
            link.service.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            _reset(writer)
            return
        try:
            from_service, to_service = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            _reset(writer)  # the service is dead
            return
        link = Link(writer, to_service)
        self.links.add(link)
        link.tasks = [
            asyncio.create_task(self._way(link, reader, to_service, up=True)),
            asyncio.create_task(self._way(link, from_service, writer, up=False)),
        ]
        try:
            await asyncio.gather(*link.tasks)
        finally:
            self.links.discard(link)
            for side in (writer, to_service):
                side.close()

    async def _way(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        """One direction: a reader that says when each unit is due, and a writer that waits for it."""
        queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue(MOST_WAITING)
        writing = asyncio.create_task(self._write(link, queue, writer, up=up))
        framer, due_s, loop, first = Framer(), 0.0, asyncio.get_running_loop(), True
        try:
            with contextlib.suppress(OSError):
                while data := await reader.read(MOST_BYTES):
                    weather = link.up if up else link.down
                    for unit in framer.units(data):
                        wait_s = weather.delay_s + self._chance.uniform(0, weather.jitter_s)
                        due_s = max(due_s, loop.time() + wait_s)
                        text = framer.framed is True and unit[0] == TEXT
                        for copy in self._copies(weather, unit, text=text, first=first):
                            await queue.put((due_s, copy))
                        first = first and not text
        finally:
            while link.mangled and link.up.hole and link.down.hole:
                await asyncio.sleep(0.02)  # the other side must not hear of this end before the weather heals
            await queue.put(None)
            await writing

    def _copies(self, weather: Weather, unit: bytes, *, text: bool, first: bool) -> list[bytes]:
        """How often a unit is sent on: once, but for a whole text frame in bad weather.

        The first frame is not doubled: a second hello means another client, and ends a connection for good.
        """
        if not text:
            return [unit]
        if self._chance.random() < weather.drop:
            return []
        if first:
            return [unit]
        return [unit, unit] if self._chance.random() < weather.duplicate else [unit]

    async def _write(
        self,
        link: Link,
        queue: asyncio.Queue[tuple[float, bytes] | None],
        writer: asyncio.StreamWriter,
        *,
        up: bool,
    ) -> None:
        try:
            while (given := await queue.get()) is not None:
                if not await self._deliver(link, given, queue, writer, up=up):
                    break
        except OSError:
            link.reset()
        writer.close()
        while not queue.empty():
            queue.get_nowait()  # so that its reader is never stuck

    async def _deliver(
        self,
        link: Link,
        given: tuple[float, bytes],
        queue: asyncio.Queue[tuple[float, bytes] | None],
        writer: asyncio.StreamWriter,
        *,
        up: bool,
    ) -> bool:
        """Send one unit on when it is due, or after its successor; False where the stream ended meanwhile."""
        loop, (due_s, unit), whole = asyncio.get_running_loop(), given, True
        weather = link.up if up else link.down
        while weather.hole or (due_s > loop.time() and weather.delay_s + weather.jitter_s > 0):
            await asyncio.sleep(0.01)  # once it has healed, what was held back goes out at once
        units = [unit]
        if unit[0] == TEXT and self._chance.random() < weather.swap:
            with contextlib.suppress(TimeoutError):
                later = await asyncio.wait_for(queue.get(), HELD_AT_MOST_S)
                whole = later is not None
                units = [later[1], unit] if later is not None else units
        for each in units:
            writer.write(each)
            await writer.drain()
            if weather.bytes_a_s:
                await asyncio.sleep(min(0.5, len(each) / weather.bytes_a_s))
        return whole


def _reset(writer: asyncio.StreamWriter) -> None:
    held = writer.get_extra_info("socket")
    if held is not None:
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
