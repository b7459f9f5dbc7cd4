"""Running the service: a socket that is surely ours, uvicorn around the app, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import uvicorn

from dispatch.adapters.tls import Certificate
from dispatch.bootstrap import PAGE, settle
from dispatch.cli.patience import PatientProtocol, PatientSocket
from dispatch.domain.errors import SetupError
from dispatch.server import logs
from dispatch.server.access import Access
from dispatch.server.app import make_app
from dispatch.server.doors import Doors, doors_of
from dispatch.server.station import Station
from dispatch.wire.frames import MAX_FRAME_BYTES

DEFAULT_PORT: Final = 8135
_TRY_PORTS: Final = 20
MAX_CONNECTIONS: Final = 16_384
MAX_HEADER_BYTES: Final = 16 * 1024
SEND_BUFFER: Final = 64 * 1024
"""The kernel holds twice that (socket(7)): with asyncio's 64 KiB and one frame, under 256 KiB wait for a client."""

GOODBYE_WITHIN_S: Final = 0.5
"""How long clients have to take their ``bye``; who takes nothing is cut with the rest."""
SWITCH_S: Final = 0.000_5
"""How long a thread that counts (times by road, cover) may keep the interpreter from the loop that sends orders."""


class PortError(SetupError):
    """No port could be had; the message says what to do."""


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket: on ``port`` exactly, or with None on the first free one from 8135."""
    ports = [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _TRY_PORTS)
    for number in ports:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # asyncio turns Nagle's delay off only for sockets that name TCP: without it an answer waits 40 ms
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # each connection inherits it
        try:
            bound.bind((host, number))
            bound.listen(1024)
            return bound
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE:
                raise PortError(f"cannot listen on {host}:{number} ({error}): choose another --port") from error
    raise PortError(f"port {ports[0]} is taken: stop what uses it, or choose another --port")


def address(bound: socket.socket, *, secure: bool = False) -> str:
    """The base URL of a listening socket."""
    scheme = "https" if secure else "http"
    host, port = bound.getsockname()[:2]
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # the caller has its own signals
        yield


@contextlib.asynccontextmanager
async def running(
    station: Station,
    bound: socket.socket,
    access: Access,
    *,
    doors: Doors | None = None,
    certificate: Certificate | None = None,
    log_level: str = "warning",
    first: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[uvicorn.Server]:
    """Serve a station behind its doors on a socket while the block runs; leaves when the block does.

    Without ``doors`` the service answers to the loopback names of its port alone. ``first`` is done while the desk
    runs and before anybody is let in: who waits in front does not slow it.
    """
    logs.configure(log_level)
    sys.setswitchinterval(SWITCH_S)
    doors = doors or doors_of(bound.getsockname()[1], secure=certificate is not None)
    config = uvicorn.Config(
        make_app(station, PAGE, access, doors, first),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=PatientProtocol,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        limit_concurrency=MAX_CONNECTIONS,
        ssl_certfile=certificate.cert if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
        ws=PatientSocket,
        ws_max_size=2 * MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
        lifespan="on",
    )
    server = _Quiet(config)
    task = asyncio.create_task(server.serve([bound]))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        if task.done():
            task.result()
            raise PortError("the service did not start; its log above tells why")
        settle()
        yield server
    finally:
        gc.unfreeze()
        await _say_goodbye(station)
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


async def _say_goodbye(station: Station) -> None:
    """Tell every client that the service restarts, while sockets can be written: uvicorn's own end closes them."""
    station.send_all_away()
    until_s = asyncio.get_running_loop().time() + GOODBYE_WITHIN_S
    while station.everyone() and asyncio.get_running_loop().time() < until_s:
        await asyncio.sleep(0.02)


def say(text: str) -> None:
    """A line for the person at the terminal; never mixed with results on stdout."""
    print(text, file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """A line that nobody must overlook: red where the terminal has colours."""
    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    say(f"\033[1;37;41m {text} \033[0m" if colours else f"!! {text}")
