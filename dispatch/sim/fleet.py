"""Many patrol tablets at once, and where to put teams on a ground that has no roster."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from dispatch.adapters.places import RosterTeam
from dispatch.domain.types import Point, TeamId, TeamKind
from dispatch.sim.driver import Driver
from dispatch.sim.identity import Identity
from dispatch.sim.store import FileStore
from dispatch.sim.tablet import Crew, PatrolTablet
from geo_data.graph import Ground, RoadGraph


def random_point(graph: RoadGraph, chance: random.Random) -> Point:
    """A junction of the connected network, any with equal chance."""
    for _ in range(1000):
        node = chance.randrange(graph.n_nodes)
        if not graph.node_island[node]:
            break
    return Point(float(graph.node_lon_e7[node]) / 1e7, float(graph.node_lat_e7[node]) / 1e7)


def made_up_roster(ground: Ground, count: int, seed: int = 135) -> list[RosterTeam]:
    """``count`` teams at random junctions, two in three of villages: for grounds that come without a roster."""
    graph, chance = ground.graph(ground.profiles[0]), random.Random(seed)
    teams = []
    for number in range(1, count + 1):
        unit = TeamKind.DEDICATED if number % 3 == 0 else TeamKind.VILLAGE
        teams.append(
            RosterTeam(
                team=TeamId(f"P{number:03d}"),
                name=f"巡防{number}队",
                name_en=f"Patrol {number}",
                unit=unit,
                profile=graph.profile,
                home=random_point(graph, chance),
            )
        )
    return teams


class Fleet:
    """The tablets of a roster, one identity a team, each with its own car, crew and storage under ``folder``."""

    def __init__(
        self,
        url: str,
        ground: Ground,
        roster: Sequence[RosterTeam],
        identities: Sequence[Identity],
        folder: Path,
        *,
        crew: Crew,
        pace: float,
    ) -> None:
        self.tablets = [
            PatrolTablet(
                url,
                identity,
                Driver(_graph(ground, team.profile), team.home, pace, seed=number),
                FileStore(folder / f"{team.team}.json"),
                crew,
            )
            for number, (team, identity) in enumerate(zip(roster, identities, strict=True))
        ]

    async def run(self) -> None:
        """Run every tablet until cancelled."""
        async with asyncio.TaskGroup() as group:
            for tablet in self.tablets:
                group.create_task(tablet.run())


def _graph(ground: Ground, profile: str) -> RoadGraph:
    return ground.graph(profile if profile in ground.profiles else ground.profiles[0])
