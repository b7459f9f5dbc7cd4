"""Many real tablets in a process that may be killed: each with identity and journal, its answers noted.

Usage: storm_fleet.py FOLDER WS_URL FIRST COUNT; of the identities in FOLDER, by name, COUNT from FIRST on.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dispatch import bootstrap
from dispatch.domain.types import Point
from dispatch.sim.identity import load_identity
from dispatch.sim.store import FileStore
from dispatch.sim.tablet import Crew, PatrolTablet
from dispatch.wire import frames as fr
from dispatch.wire import tablet_session as ts
from tests.rig.storm_service import roster
from tests.server.test_kill import Parked

PACE = 4_000.0
THREADS = 48
"""A ticket is asked for by a thread, which may stand in a blackhole for long."""

CREW = Crew(accept_after_s=0.05, depart_after_s=0.02, on_scene_s=0.05, report_s=0.02, reconnect_s=(0.05, 0.6))


class NotingTablet(PatrolTablet):
    """A tablet that notes which of its commands were acknowledged, before it forgets them."""

    acks: int = -1

    async def _give(self, given: ts.Input) -> None:
        if isinstance(given, ts.Received) and '"result"' in given.text[:64]:
            frame = fr.SERVER_FRAMES.validate_json(given.text)
            if isinstance(frame, fr.Result) and frame.outcome in ("applied", "replayed"):
                os.write(self.acks, f"{frame.key}\n".encode())
        await super()._give(given)


async def main(folder: Path, url: str, first: int, count: int) -> None:
    """Run until killed; a tablet that fails ends the process with its error."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    town = bootstrap.sample_town(lambda _text: None)
    acks = os.open(folder / f"acks-{first}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    files = sorted((folder / "identities").glob("*.json"))
    homes: dict[str, tuple[Point, str]] = {
        team.team: (team.home, team.profile) for team in roster(town, len(files))
    }
    async with asyncio.TaskGroup() as group:
        for file in files[first : first + count]:
            identity = load_identity(file)
            assert identity is not None
            home, profile = homes[identity.team]
            driver = Parked(town.ground.graph(profile), home, PACE, seed=1)
            tablet = NotingTablet(url, identity, driver, FileStore(folder / "tablets" / file.name), CREW)
            tablet.acks = acks
            group.create_task(tablet.run())
        print("ready", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
