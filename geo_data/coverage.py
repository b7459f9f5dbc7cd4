"""Who is nearest to every road: a coverage that follows its teams as they move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.kernels.answers import turn_labels
from geo_data.kernels.cover import (
    NO_LABEL,
    TEAM_BITS,
    TEAM_MASK,
    put_label,
    refill,
    settle_arcs,
    spread,
    spread_k,
    withdraw,
)
from geo_data.kernels.lanes import bucket_bits, lanes
from geo_data.reach import check_limit_ms, partial_ms, same_arc_ms, walk_ms
from geo_data.roster import Roster
from geo_data.types import UNREACHED, ArcPosition, Int32s, Int64s

K_MAX: Final = 16
"""The most teams that ``nearest_k`` keeps an arc."""


class Covered(NamedTuple):
    """The team that is nearest, -1 for none, and its ms, UNREACHED for none."""

    team: int
    travel_ms: int


class Coverage:
    """The nearest team of every arc within ``limit_ms``, kept true while teams move.

    The time of an arc is that until its nearest team has driven it to the end: from its begin, or from where the
    team stands on it. Ties go to the lower team. ``move`` recomputes only what changes, and the law kept is
    that the result equals a new ``Coverage`` of the same teams, label by label. One thread at a time.
    """

    def __init__(self, graph: RoadGraph, teams: Sequence[Sequence[ArcPosition]], limit_ms: int) -> None:
        """Compute from scratch; raises GroundError where a position is not of this graph or the limit is wrong."""
        self.graph, self.limit_ms = graph, check_limit_ms(limit_ms)
        self.roster = Roster(graph, teams)
        self.label: Int64s = np.full(len(graph.state_node), NO_LABEL, dtype=np.int64)
        self._best_ms: Int32s = np.full(graph.n_nodes, UNREACHED, dtype=np.int32)
        self._arc_label: Int64s = np.full(graph.n_arcs, NO_LABEL, dtype=np.int64)
        self._lanes = lanes(graph, False)
        self._first_state = first_states(graph)
        self._standing: dict[int, set[int]] = {}
        for i, team in enumerate(self.roster.teams):
            self._stand(i, team)
        state, mark = self._all_seeds()
        self._spread(state, mark)
        self._settle(np.arange(graph.n_nodes))

    @property
    def arc_ms(self) -> Int32s:
        """The ms until each arc has been driven by its nearest team, int32[m]; UNREACHED beyond the limit."""
        return (self._arc_labels() >> TEAM_BITS).astype(np.int32)

    @property
    def arc_team(self) -> Int32s:
        """The nearest team of each arc, int32[m]; -1 beyond the limit."""
        labels = self._arc_labels()
        return np.where(labels == NO_LABEL, -1, labels & TEAM_MASK).astype(np.int32)

    def at(self, positions: Sequence[ArcPosition]) -> Covered:
        """Return the nearest team at the best of the positions, walks off the road included."""
        best = NO_LABEL
        for end in positions:
            self.graph.check_position(end)
            if self.graph.travel_ms[end.arc] == UNREACHED:
                continue
            entered = int(
                turn_labels(self._lanes, self.label, self._first_state, int(end.arc), self.graph.tail[end.arc])
            )
            if entered != NO_LABEL:
                best = min(best, entered + (partial_ms(self.graph, end) + walk_ms(end.offset_m) << TEAM_BITS))
            for team in self._standing.get(int(end.arc), ()):
                for start in self.roster.teams[team]:
                    ms = same_arc_ms(self.graph, start, end)
                    best = min(best, ms << TEAM_BITS | team)
        if best >> TEAM_BITS > self.limit_ms:
            return Covered(-1, UNREACHED)
        return Covered(best & TEAM_MASK, best >> TEAM_BITS)

    def move(self, team: int, positions: Sequence[ArcPosition]) -> None:
        """Put a team elsewhere, or with no position off the roads; raises GroundError as ``Roster.move`` does."""
        before = self.roster.teams[team]
        self.roster.move(team, positions)
        self._unstand(team, before)
        self._stand(team, self.roster.teams[team])
        graph = self.graph
        old = graph.step_state[np.array([p.arc for p in before], dtype=np.int64)]
        cleared = withdraw(self._lanes, self.label, old, team)
        state, mark = refill(
            self._lanes,
            self.label,
            self._best_ms,
            self._first_state,
            graph.first_in,
            graph.in_arc,
            graph.tail,
            cleared,
            self.limit_ms,
        )
        every_state, every_mark = self._all_seeds()
        lowered = self._spread(np.concatenate([state, every_state]), np.concatenate([mark, every_mark]))
        self._settle(graph.state_node[np.concatenate([cleared, lowered])].astype(np.int64))

    def _spread(self, state: Int64s, mark: Int64s) -> Int32s:
        bits = bucket_bits(self.limit_ms)
        lowered: Int32s = spread(self._lanes, self.label, self._best_ms, state, mark, self.limit_ms, bits)
        return lowered

    def _settle(self, nodes: Int64s) -> None:
        settle_arcs(
            self._lanes, self.label, self._best_ms, self._first_state, nodes, self.limit_ms, self._arc_label
        )

    def _all_seeds(self) -> tuple[Int64s, Int64s]:
        state, ms, team = self.roster.seeds()
        return state.astype(np.int64), ms.astype(np.int64) << TEAM_BITS | team

    def _stand(self, team: int, positions: Sequence[ArcPosition]) -> None:
        for position in positions:
            self._standing.setdefault(int(position.arc), set()).add(team)

    def _unstand(self, team: int, positions: Sequence[ArcPosition]) -> None:
        for position in positions:
            teams = self._standing.get(int(position.arc), set())
            teams.discard(team)
            if not teams:
                self._standing.pop(int(position.arc), None)

    def _arc_labels(self) -> Int64s:
        labels = self._arc_label.copy()
        _with_standing(self.graph, self.roster.teams, self.limit_ms, labels[:, None])
        return labels


def nearest_k(
    graph: RoadGraph, teams: Sequence[Sequence[ArcPosition]], limit_ms: int, k: int
) -> tuple[Int32s, Int32s]:
    """Return the k nearest teams of every arc and their ms, int32[m, k] each, the soonest first.

    As ``Coverage`` counts them; -1 and UNREACHED where fewer than k come within the limit; 1 ≤ k ≤ 16. Raises
    GroundError where k, the limit or a position is wrong.
    """
    check_limit_ms(limit_ms)
    if not 1 <= k <= K_MAX:
        raise GroundError(f"k is {k}", f"use 1 ≤ k ≤ {K_MAX}")
    roster = Roster(graph, teams)
    state, ms, team = roster.seeds()
    mark = ms.astype(np.int64) << TEAM_BITS | team
    bits = bucket_bits(limit_ms)
    _, ends = spread_k(lanes(graph, False), state.astype(np.int64), mark, limit_ms, bits, k)
    _with_standing(graph, roster.teams, limit_ms, ends)
    nearest = np.where(ends == NO_LABEL, -1, ends & TEAM_MASK).astype(np.int32)
    return nearest, (ends >> TEAM_BITS).astype(np.int32)


def first_states(graph: RoadGraph) -> Int32s:
    """Return where the states of each junction begin, int32[n + 1]; worked out once a graph."""
    found: Int32s | None = graph.derived.get("first_state")
    if found is None:
        found = np.searchsorted(graph.state_node, np.arange(graph.n_nodes + 1)).astype(np.int32)
        graph.derived["first_state"] = found
    return found


def _with_standing(graph: RoadGraph, teams: Sequence[Sequence[ArcPosition]], limit_ms: int, labels: Int64s) -> None:
    """Put the teams that stand on an arc into its labels, int64[m, k]."""
    for i, team in enumerate(teams):
        for p in team:
            if graph.travel_ms[p.arc] != UNREACHED:
                ms = int(graph.travel_ms[p.arc]) - partial_ms(graph, p) + walk_ms(p.offset_m)
                if ms <= limit_ms:
                    put_label(labels[p.arc], ms << TEAM_BITS | i)
