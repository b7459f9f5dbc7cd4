"""Who is nearest: one search backward from the target ranks every start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.hierarchy import Hierarchy, climbing_room, hierarchy
from geo_data.kernels.hubs import meet_teams
from geo_data.kernels.lanes import bucket_bits, lanes, workspace
from geo_data.kernels.ranked import search_ranked, straight_ahead
from geo_data.reach import along_mm, check_limit_ms, check_positions, partial_ms, seeds, walk_ms
from geo_data.roster import Roster
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


class Ranking(NamedTuple):
    """Teams by arrival, the fastest first, ties by index: team, ms (or UNREACHED) and road mm, a column each."""

    team: Int64s
    travel_ms: Int32s
    length_mm: Int64s


def nearest(
    graph: RoadGraph,
    target: Sequence[ArcPosition],
    starts: Roster | Sequence[Sequence[ArcPosition]],
    limit_ms: int = NEAREST_LIMIT_MS,
    k: int | None = None,
) -> list[Arrival]:
    """Return the arrival of each start at the target, fastest first, ties by index; or of the ``k`` fastest.

    A start is the positions of one team; with no position it is UNREACHED. A ``Roster`` of this graph saves
    preparing the starts again. Without ``k`` the list has every start, those not within ``limit_ms`` last; with
    ``k`` ≥ 1 it has the k fastest, fewer where fewer arrive, and the search stops as soon as they are final.
    Raises GroundError where a position is not of this graph or the limit or k is out of range. The law kept:
    each time equals ``reach(graph, start, …).at(target)``; of equally fast ways the metres are the shortest's.
    """
    if isinstance(starts, Roster):
        found = rank(graph, target, starts, limit_ms, k)
    else:
        placed = [tuple(graph.check_position(p) for p in team) for team in starts]
        roster = Roster(graph, placed, workspace(graph).waiting)
        try:
            found = rank(graph, target, roster, limit_ms, k)
        finally:
            roster.clear()
    columns = (found.team.tolist(), found.travel_ms.tolist(), (found.length_mm / 1000.0).tolist())
    return [Arrival(*row) for row in zip(*columns, strict=True)]


def rank(
    graph: RoadGraph,
    target: Sequence[ArcPosition],
    roster: Roster,
    limit_ms: int = NEAREST_LIMIT_MS,
    k: int | None = None,
) -> Ranking:
    """Return what ``nearest`` returns as columns, for rosters of thousands."""
    target = check_positions(graph, target)
    check_limit_ms(limit_ms)
    if k is not None and k < 1:
        raise GroundError(f"k is {k}", "ask for at least one team")
    team_ms, team_mm = _search(graph, target, roster, limit_ms, roster.size if k is None else k)
    if k is not None and k < len(team_ms) // 4:
        few = np.flatnonzero(team_ms <= np.partition(team_ms, k - 1)[k - 1])
        order = few[np.argsort(team_ms[few], kind="stable")]
    else:
        order = np.argsort(team_ms, kind="stable")
    if k is not None:
        order = order[:k]
        order = order[team_ms[order] != UNREACHED]
    return Ranking(order, team_ms[order], team_mm[order])


def times_table(
    graph: RoadGraph, targets: Sequence[Sequence[ArcPosition]], roster: Roster, limit_ms: int = NEAREST_LIMIT_MS
) -> Int32s:
    """Return the ms from every team to every target, int32[targets, teams], UNREACHED beyond the limit.

    One backward search a target. Raises GroundError as ``nearest`` does.
    """
    return ways_table(graph, targets, roster, limit_ms)[0]


def ways_table(
    graph: RoadGraph, targets: Sequence[Sequence[ArcPosition]], roster: Roster, limit_ms: int = NEAREST_LIMIT_MS
) -> tuple[Int32s, Int64s]:
    """Return what ``times_table`` returns, and the road mm of each of those ways, int64[targets, teams].

    Mm are those of ``rank``; where a team does not arrive they mean nothing.
    """
    check_limit_ms(limit_ms)
    ms = np.empty((len(targets), roster.size), dtype=np.int32)
    mm = np.empty((len(targets), roster.size), dtype=np.int64)
    for row, target in enumerate(targets):
        ms[row], mm[row] = _search(graph, check_positions(graph, target), roster, limit_ms, roster.size)
    return ms, mm


def _search(
    graph: RoadGraph, target: Sequence[ArcPosition], roster: Roster, limit_ms: int, k: int
) -> tuple[Int32s, Int64s]:
    """Return ms and road mm of each team; those beyond the k-th may be UNREACHED."""
    if roster.graph is not graph:
        raise GroundError("the roster is of another graph", "make it again for this one: roster.on(graph)")
    ranks = hierarchy(graph)
    if ranks is not None and limit_ms <= ranks.limit_ms and roster.worth_labels():
        return _met(graph, target, roster, limit_ms, ranks)
    return _searched(graph, target, roster, limit_ms, k)


def _searched(
    graph: RoadGraph, target: Sequence[ArcPosition], roster: Roster, limit_ms: int, k: int
) -> tuple[Int32s, Int64s]:
    """Answer by a search backward that ends when the k fastest are final."""
    team_ms = np.full(roster.size, UNREACHED, dtype=np.int32)
    team_mm = np.zeros(roster.size, dtype=np.int64)
    after, step, rest_ms, rest_mm, team = roster.table[:5]
    straight_ahead(_ends(graph, target), limit_ms, roster.waiting, roster.table, team_ms, team_mm)
    back, room = seeds(graph, target, True), workspace(graph)
    search_ranked(
        lanes(graph, True),
        graph.length_mm,
        graph.in_arc,
        room.label_ms,
        room.best_ms,
        room.label_mm,
        back.state,
        back.ms,
        back.mm,
        roster.waiting,
        after,
        step,
        rest_ms,
        rest_mm,
        team,
        team_ms,
        team_mm,
        limit_ms,
        max(1, min(k, roster.placed)),
        bucket_bits(limit_ms),
    )
    return team_ms, team_mm


def _met(
    graph: RoadGraph, target: Sequence[ArcPosition], roster: Roster, limit_ms: int, ranks: Hierarchy
) -> tuple[Int32s, Int64s]:
    """Answer by a climb from the target that meets what each team reaches by climbing."""
    labels = roster.labels(ranks)
    team_ms, team_mm = meet_teams(
        ranks.up,
        ranks.down,
        ranks.rank,
        lanes(graph, False),
        _ends(graph, target),
        roster.waiting,
        roster.table,
        labels.node,
        labels.key,
        labels.size,
        climbing_room(len(ranks.rank))[0],
        limit_ms,
    )
    return team_ms, team_mm


def _ends(graph: RoadGraph, target: Sequence[ArcPosition]) -> Int64s:
    """Return tail, head, arc, ms and mm from the tail, and ms off the road, a column each open position."""
    rows = [
        (
            int(graph.tail[end.arc]),
            int(graph.head[end.arc]),
            int(end.arc),
            partial_ms(graph, end),
            along_mm(graph, end),
            walk_ms(end.offset_m),
        )
        for end in target
        if graph.travel_ms[end.arc] != UNREACHED
    ]
    # one layout for any number of positions: kernels are compiled for each that they meet
    return np.ascontiguousarray(np.array(rows, dtype=np.int64).reshape(-1, 6).T)
