"""Looks every half second whether those who are connected may stay: a stolen tablet is out within 2 s."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from dispatch.server.registry import Registry
from dispatch.server.station import Station

RECHECK_EVERY_S: Final = 0.5


async def keep_checking(station: Station, registry: Registry) -> None:
    """Recheck every connection at once when a record changes, and each half second anyway, until cancelled."""
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECHECK_EVERY_S):
                await registry.changed.wait()
        registry.changed.clear()
        now_ms = station.clock.now_ms()
        for connection in station.everyone():
            connection.recheck()
            if connection.live and connection.device in registry.devices:
                registry.seen[connection.device] = now_ms
