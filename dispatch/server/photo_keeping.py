"""Photos are forgotten some days after their incident is closed: in small steps, off the loop, behind the desk."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from dispatch.adapters.photos import PhotoStore
from dispatch.server.loop import Desk
from dispatch.service.ports import Clock
from dispatch.service.retention import photos_over

DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 36_500
DAY_MS: Final = 86_400_000
FIRST_S: Final = 60.0
EVERY_S: Final = 3_600.0
STEP: Final = 256
"""Incidents looked at in one go."""

PAUSE_S: Final = 0.05
log = structlog.get_logger("photos")


class PhotoKeeping:
    """Sweeps the photos of one service; ``days`` is how long they are kept, at least one."""

    def __init__(self, desk: Desk, store: PhotoStore, clock: Clock, days: int) -> None:
        assert 1 <= days <= MOST_DAYS, f"photos are kept 1 … {MOST_DAYS} days"
        self._desk, self._store, self._clock, self._keep_ms = desk, store, clock, days * DAY_MS

    async def run(self) -> None:
        """Sweep once an hour until cancelled; a disk that fails is tried again at the next time."""
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                await self.sweep()
            except OSError as error:
                log.warning("photos not swept", problem=error.strerror or type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def sweep(self) -> int:
        """Forget the photos of every incident whose time is over; how many incidents that were."""
        forgotten = 0
        for number, incident in enumerate(await asyncio.to_thread(self._store.incidents), 1):
            if photos_over(self._desk.state, incident, self._keep_ms, self._clock.now_ms()):
                await asyncio.to_thread(self._store.forget, incident)
                log.info("photos forgotten", incident=incident)
                forgotten += 1
                await asyncio.sleep(PAUSE_S)
            elif number % STEP == 0:
                await asyncio.sleep(0)
        return forgotten
