"""Looks every half second whether those who are connected may stay: a stolen tablet is out within 2 s."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from dispatch.server.registry import Registry
from dispatch.server.station import Station

RECHECK_EVERY_S: Final = 0.5
SLICE: Final = 256
"""Connections rechecked in one go: an order does not wait behind thousands of looks."""


async def keep_checking(station: Station, registry: Registry) -> None:
    """Recheck every connection at once when a record changes, until cancelled.

    Each half second those whose admission ends by time alone are rechecked (people's sessions), and those that were
    told to go. A tablet's ends by a record alone.
    """
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECHECK_EVERY_S):
                await registry.changed.wait()
        changed = registry.changed.is_set()
        registry.changed.clear()
        now_ms = station.clock.now_ms()
        for number, connection in enumerate(station.everyone(), 1):
            if changed or connection.by_time:
                connection.recheck()
            if connection.live and connection.device in registry.devices:
                registry.seen[connection.device] = now_ms
            if number % SLICE == 0:
                await asyncio.sleep(0)
