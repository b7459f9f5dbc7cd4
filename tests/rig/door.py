"""The socket's door, asked in one process: which handshakes and hellos come in."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from dispatch.adapters.access_store import MemoryAccessStore
from dispatch.server.access import Access
from dispatch.server.app import make_app
from dispatch.server.doors import doors_of
from dispatch.service.settings import DeskSettings
from tests.rig.sim_disk import SimDisk
from tests.rig.sim_loop import SimLoop
from tests.rig.sim_node import Node, SimClock, SimDoors
from tests.service.driver import START_MS

OWN = "http://127.0.0.1:8000"
FOREIGN = ("http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:8000")
HELLOS = (
    {"type": "hello", "role": "console", "device": "c"},
    {"type": "hello", "role": "tablet", "device": "d", "team": "T1"},
    {"type": "hello", "role": "tablet", "device": "d", "team": "T1", "ticket": "guessed"},
)


def holes() -> list[str]:
    """Every way in that should be none; empty where the door is shut."""
    loop = SimLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(_ask())


async def _ask() -> list[str]:
    node = Node(SimDisk(random.Random(0)), SimClock(START_MS), SimDoors(), DeskSettings())
    access = Access(MemoryAccessStore(), node.clock)
    app = make_app(node.station, None, access, doors_of(8000))
    found = []
    for origin in FOREIGN:
        said = await _knock(app, origin, HELLOS[0])
        if any(message["type"] == "websocket.accept" for message in said):
            found.append(f"a page of {origin} opened a socket")
    for hello in HELLOS:
        said = await _knock(app, OWN, hello)
        frames = [json.loads(message["text"])["type"] for message in said if message["type"] == "websocket.send"]
        if not any(message["type"] == "websocket.close" for message in said) or {"welcome", "snapshot"} & {*frames}:
            found.append(f"{hello} without a session or a ticket was answered with {frames}")
    access.close()
    node.kill(0.0)
    return found


async def _knock(app: Any, origin: str, hello: dict[str, str]) -> list[dict[str, Any]]:
    """What the application says to a handshake from ``origin`` and to a hello behind it, within 8 s."""
    said: list[dict[str, Any]] = []
    asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    asked.put_nowait({"type": "websocket.connect"})
    asked.put_nowait({"type": "websocket.receive", "text": json.dumps(hello)})
    headers = [(b"host", b"127.0.0.1:8000"), (b"origin", origin.encode())]
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/ws",
        "raw_path": b"/ws",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8000),
        "subprotocols": [],
    }

    async def tell(message: dict[str, Any]) -> None:
        said.append(message)

    task = asyncio.ensure_future(app(scope, asked.get, tell))
    await asyncio.wait([task], timeout=8)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return said
