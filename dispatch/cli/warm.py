"""``python -m dispatch.cli.warm``: compiles and imports into the caches what a first start would wait for."""

from __future__ import annotations

import asyncio
from typing import Final

from dispatch.bootstrap import StationSettings, build_station, sample_town
from dispatch.cli.service import say
from dispatch.domain.types import Point

LIMITS_S: Final = [60, 180, 300]


async def warm() -> None:
    """Ask a station of the sample town what a service is asked; the answers are dropped."""
    town = sample_town(say)
    station = build_station(town, StationSettings(prepare=True))
    where: Point = town.places[0].point
    await station.ground.roads()
    for towards in (False, True):
        await station.ground.circles(where, town.roster[0].profile, LIMITS_S, towards)
    assert station.advisor is not None
    await station.advisor.coverage()
    await station.advisor.move_ups()


if __name__ == "__main__":
    asyncio.run(warm())
