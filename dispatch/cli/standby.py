"""A second service of one desk: it waits for the first one's lock in PostgreSQL, and says that it waits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Final

from dispatch.adapters.log_codec import LogHeldError
from dispatch.adapters.log_open import is_database, is_free, shown
from dispatch.adapters.tls import Certificate
from dispatch.cli.service import say
from dispatch.domain.errors import SetupError
from dispatch.server.station import Station

MAX_HEAD_BYTES: Final = 8 * 1024
PATIENCE_S: Final = 5.0
AGAIN_S: Final = 0.5
_BODY: Final = b'{"status":"standby"}'


def check_standby(log: str | None) -> None:
    """Raise SetupError where a standby's log cannot be had by two services."""
    if log is None or not is_database(log):
        raise SetupError("--standby waits for a desk in PostgreSQL: name it with --log postgresql://…")


async def when_free(
    log: str,
    bound: socket.socket,
    stop: asyncio.Event,
    certificate: Certificate | None,
    make: Callable[[], Station],
) -> Station | None:
    """What ``make`` makes when nobody else has the desk; None where ``stop`` was set first."""
    say(f"standing by for {shown(log)}: this service takes the desk over when nobody else has it")
    while await stand_by(log, bound, stop, certificate):
        with contextlib.suppress(LogHeldError):  # else a third one was quicker
            return make()
    return None


async def stand_by(log: str, bound: socket.socket, stop: asyncio.Event, certificate: Certificate | None) -> bool:
    """Wait until nobody writes the desk; True then, False where ``stop`` was set first.

    It only looks: opening the log is what takes the desk, and the one of several that does so first has it.

    Meanwhile every request on ``bound`` is answered 503 with ``standby``, but /healthz, which is 200.
    """
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.cert, certificate.key)
    server = await asyncio.start_server(_answer, sock=bound.dup(), ssl=context, limit=MAX_HEAD_BYTES)
    try:
        while not stop.is_set():
            if await asyncio.to_thread(is_free, log):
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_S)
        return False
    finally:
        server.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            alive = head.split(b" ", 2)[1:2] == [b"/healthz"]
            status = b"200 OK" if alive else b"503 Service Unavailable\r\nRetry-After: 1"
            writer.write(
                b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
                b"Connection: close\r\nContent-Length: " + str(len(_BODY)).encode() + b"\r\n\r\n" + _BODY
            )
            await writer.drain()
    writer.close()
