"""The peers of the push bench: a bare websocket echo with one fdatasync, and NATS core, each at the same rate."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.server import ServerConnection, serve

from tests.bench._pushfleet import POSITION_EVERY_S, SLICES, Line, source

ORDER_BYTES: Final = 1400
"""About the size of an offered order, as a frame to its tablet."""

FIX: Final = '{"type":"positions","fixes":[{"team":"T0001","lon":120.55,"lat":28.0,"at_ms":1790000000000}]}'


async def echo_times(url: str, connections: int, per_s: float, seconds: float) -> list[float]:
    """Ms from a message of an order's size to its echo, which was synced to disk first; fixes go on meanwhile."""
    host, port = url.removeprefix("ws://").split(":")
    took: list[float] = []

    def heard(payload: bytes) -> None:
        took.append((time.perf_counter_ns() - int(payload[:20])) / 1e6)

    loop, lines = asyncio.get_running_loop(), list[Line]()
    for number in range(connections):
        _, line = await loop.create_connection(
            lambda: Line(heard, lambda: None), host, int(port), local_addr=source(number)
        )
        line.shake(f"{host}:{port}", "/", {})
        await line.opened
        lines.append(line)
    places = asyncio.create_task(_place(lines))
    due_s, until_s, turn = loop.time(), loop.time() + seconds, 0
    while loop.time() < until_s:
        head = f"{time.perf_counter_ns():020d}"
        lines[turn % connections].send(head + "x" * (ORDER_BYTES - len(head)))
        turn += 1
        due_s += 1 / per_s
        await asyncio.sleep(max(0.0, due_s - loop.time()))
    await asyncio.sleep(1.0)
    places.cancel()
    for line in lines:
        line.transport.close()
    return took


async def _place(lines: list[Line]) -> None:
    turn, due_s = 0, asyncio.get_running_loop().time()
    while True:
        for line in lines[turn % SLICES :: SLICES]:
            line.send(FIX)
        turn += 1
        due_s += POSITION_EVERY_S / SLICES
        await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))


async def serve_echo(path: Path) -> None:
    """The floor: what is as long as an order is synced and sent back, what is as short as a fix is taken."""
    with path.open("ab", buffering=0) as file:

        async def echo(connection: ServerConnection) -> None:
            async for message in connection:
                if len(message) >= ORDER_BYTES:
                    file.write(message.encode() if isinstance(message, str) else message)
                    os.fdatasync(file.fileno())
                    await connection.send(message)

        async with serve(echo, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            print(f"echo at ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
            await server.serve_forever()


async def nats_times(connections: int, per_s: float, seconds: float) -> list[float] | str:
    """Ms from publishing an order-sized message to the subscriber that it is for; or why NATS took no part."""
    try:
        import nats  # noqa: PLC0415 (a development dependency: the floor is measured without it)
    except ImportError:
        return "nats-py is not installed"
    binary = shutil.which("nats-server", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if binary is None:
        return "no nats-server on this machine"
    async with _nats_server(binary) as url:
        took: list[float] = []

        async def heard(message: Any) -> None:
            took.append((time.perf_counter_ns() - int(message.data[:20])) / 1e6)

        clients = []
        for number in range(connections):
            client = await nats.connect(url, allow_reconnect=False, ping_interval=60)
            await client.subscribe(f"order.{number}", cb=heard)
            clients.append(client)
        await clients[0].flush()
        places = asyncio.create_task(_publish_places(clients))
        loop = asyncio.get_running_loop()
        due_s, until_s, turn = loop.time(), loop.time() + seconds, 0
        while loop.time() < until_s:
            head = f"{time.perf_counter_ns():020d}"
            await clients[-1].publish(f"order.{turn % connections}", (head + "x" * (ORDER_BYTES - 20)).encode())
            turn += 1
            due_s += 1 / per_s
            await asyncio.sleep(max(0.0, due_s - loop.time()))
        await asyncio.sleep(1.0)
        places.cancel()
        await asyncio.gather(*(client.close() for client in clients))
        return took


async def _publish_places(clients: list[Any]) -> None:
    turn, due_s = 0, asyncio.get_running_loop().time()
    while True:
        for client in clients[turn % SLICES :: SLICES]:
            await client.publish("positions", FIX.encode())
        turn += 1
        due_s += POSITION_EVERY_S / SLICES
        await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))


@contextlib.asynccontextmanager
async def _nats_server(binary: str) -> AsyncIterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = await asyncio.create_subprocess_exec(
        binary,
        *("-a", "127.0.0.1", "-p", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        yield f"nats://127.0.0.1:{port}"
    finally:
        child.terminate()
        await child.wait()


if __name__ == "__main__":
    with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(serve_echo(Path(sys.argv[1])))
