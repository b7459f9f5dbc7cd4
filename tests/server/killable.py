"""A service that ends itself by SIGKILL right after a step of the walk was done: the tests run it as a process.

Usage: killable.py LOG STEP OCCURRENCE PORT; step 0 never kills.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from dispatch import bootstrap
from dispatch.cli.service import address, listen, running
from dispatch.domain.walk import Step
from dispatch.server.walks import Walks
from dispatch.service.settings import DeskSettings

TEAMS = 3
ACCEPT_WITHIN_MS = 12_000
GRACE_MS = 6_000  # so that a tablet is back in time on a busy machine, too


class KillAfter(Walks):
    """Notes steps as ever, and kills this process at the n-th note of one."""

    def __init__(self, step: int, occurrence: int) -> None:
        super().__init__()
        self._step, self._left = step, occurrence

    def note(self, step: Step, subject: str, detail: str = "") -> None:
        super().note(step, subject, detail)
        if step == self._step:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def main(log: Path, step: int, occurrence: int, port: int) -> None:
    town = bootstrap.sample_town(lambda _text: None)
    desk = DeskSettings(accept_within_ms=ACCEPT_WITHIN_MS, grace_after_start_ms=GRACE_MS)
    settings = bootstrap.StationSettings(log=log, desk=desk)
    station = bootstrap.build_station(town, settings, KillAfter(step, occurrence))
    access, _ = bootstrap.build_access(log.parent, station)
    async with running(station, listen("127.0.0.1", port), access) as server:
        await bootstrap.enroll(station.desk, town.roster[:TEAMS], on_duty=True)
        print(f"ready at {address(server.servers[0].sockets[0])}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:5])))
