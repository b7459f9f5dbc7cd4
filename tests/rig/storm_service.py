"""The service of the storm, as a process that may be killed: made-up teams, doors that know the proxy's name.

Usage: storm_service.py LOG PORT PROXY_PORT TEAMS.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dispatch import bootstrap
from dispatch.adapters.places import RosterTeam
from dispatch.cli.service import listen, running
from dispatch.server.doors import doors_of
from dispatch.service.settings import DeskSettings
from dispatch.sim.fleet import made_up_roster

DESK = DeskSettings(accept_within_ms=3_000, retry_after_ms=1_000, grace_after_start_ms=1_500)


def roster(town: bootstrap.Town, teams: int) -> Sequence[RosterTeam]:
    """The teams of every storm on this town."""
    return made_up_roster(town.ground, teams)


async def main(log: Path, port: int, proxy_port: int, teams: int) -> None:
    """Serve until killed."""
    town = bootstrap.sample_town(lambda _text: None)
    station = bootstrap.build_station(town, bootstrap.StationSettings(log=log, desk=DESK))
    access, _ = bootstrap.build_access(log.parent, station)
    doors = doors_of(port)
    doors = replace(doors, hosts=doors.hosts | {f"127.0.0.1:{proxy_port}"})
    async with running(station, listen("127.0.0.1", port), access, doors=doors):
        problems = await bootstrap.enroll(station.desk, roster(town, teams), on_duty=True)
        print("ready" if not problems else f"refused: {problems[0]}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:5])))
