"""Who is nearest: one search backward from the target ranks every start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.kernels.search import search_ranked
from geo_data.reach import along_mm, check_limit_ms, check_positions, same_arc_ms, seeds
from geo_data.types import UNREACHED, ArcPosition, Int32s, Int64s

NEAREST_LIMIT_MS: Final = 3600 * 1000
"""Whoever is farther than an hour counts as unable to come."""


class Arrival(NamedTuple):
    """When a start reaches the target: its index, the ms (or UNREACHED), and the road metres of that way.

    The metres leave out walks off the road; they are 0.0 where the target is not reached.
    """

    index: int  # type: ignore[assignment] # hides tuple.index, which a record does not need
    travel_ms: int
    length_m: float


def nearest(
    graph: RoadGraph,
    target: Sequence[ArcPosition],
    starts: Sequence[Sequence[ArcPosition]],
    limit_ms: int = NEAREST_LIMIT_MS,
    k: int | None = None,
) -> list[Arrival]:
    """Return the arrival of each start at the target, fastest first, ties by index; or of the ``k`` fastest.

    A start is the positions of one team; with no position it is UNREACHED. Without ``k`` the list has every
    start, those not within ``limit_ms`` last; with ``k`` ≥ 1 it has the k fastest, fewer where fewer arrive,
    and the search stops as soon as they are final. Raises GroundError where a position is not of this graph or
    the limit or k is out of range. The law kept: each time equals ``reach(graph, start, …).at(target)``.
    """
    target = check_positions(graph, target)
    check_limit_ms(limit_ms)
    if k is not None and k < 1:
        raise GroundError(f"k is {k}", "ask for at least one team")
    flat = [graph.check_position(p) for team in starts for p in team]
    team = np.repeat(np.arange(len(starts), dtype=np.int32), [len(team) for team in starts])
    team_ms, team_mm = _straight(graph, target, starts, limit_ms)
    back, out = seeds(graph, target, True), seeds(graph, flat, False)
    search_ranked(
        graph.first_in,
        graph.in_arc,
        graph.tail,
        graph.travel_ms,
        graph.length_mm,
        back.node,
        back.ms,
        back.mm,
        out.node,
        out.ms,
        out.mm,
        team,
        team_ms,
        team_mm,
        limit_ms,
        len(starts) if k is None else min(k, len(starts)),
    )
    order = np.lexsort((np.arange(len(starts)), team_ms))
    ranked = [Arrival(int(i), int(team_ms[i]), float(team_mm[i]) / 1000.0) for i in order]
    return ranked if k is None else [a for a in ranked[:k] if a.travel_ms != UNREACHED]


def _straight(
    graph: RoadGraph, target: Sequence[ArcPosition], starts: Sequence[Sequence[ArcPosition]], limit_ms: int
) -> tuple[Int32s, Int64s]:
    """Return ms and road mm of each team that stands on the target's own arc, before it; UNREACHED and 0 else."""
    team_ms = np.full(len(starts), UNREACHED, dtype=np.int32)
    team_mm = np.zeros(len(starts), dtype=np.int64)
    ends: dict[int, list[ArcPosition]] = {}
    for end in target:
        ends.setdefault(end.arc, []).append(end)
    for index, team in enumerate(starts):
        for start in team:
            for end in ends.get(start.arc, ()):
                ms = same_arc_ms(graph, start, end)
                if ms <= limit_ms and ms < team_ms[index]:
                    team_ms[index] = ms
                    team_mm[index] = along_mm(graph, end) - along_mm(graph, start)
    return team_ms, team_mm
