"""A roster: where the teams of a desk stand on the roads, prepared once so that ranking them is one search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from geo_data.graph import RoadGraph
from geo_data.reach import along_mm, in_place, partial_ms, walk_ms
from geo_data.types import UNREACHED, ArcPosition, Int32s

POSITIONS_MAX: Final = 1_000_000
"""The most positions of all teams together."""


class Roster:
    """The positions of teams 0…size-1 on one graph, as columns that kernels read.

    Not shared between threads while a team is moved; any number of searches may read it at once otherwise. It
    belongs to the graph it was made for: for a graph with other travel times, make it again with ``on``.
    """

    def __init__(
        self, graph: RoadGraph, teams: Sequence[Sequence[ArcPosition]], waiting: Int32s | None = None
    ) -> None:
        """Place the teams; raises GroundError where a position is not of this graph.

        ``waiting`` may lend an int32[n] of -1, which ``clear`` gives back as it was.
        """
        self.graph = graph
        self.teams: list[tuple[ArcPosition, ...]] = [()] * len(teams)
        self.waiting: Int32s = np.full(graph.n_nodes, -1, dtype=np.int32) if waiting is None else waiting
        self._spare: list[int] = []
        self._slots: list[list[int]] = [[] for _ in teams]
        count = sum(len(team) for team in teams)
        assert count <= POSITIONS_MAX, "too many positions"
        self.table: Int32s = np.empty((9, max(16, 2 * count)), dtype=np.int32)
        self.used = 0
        for i, team in enumerate(teams):
            self.move(i, team)

    @property
    def size(self) -> int:
        """The number of teams, those without a position included."""
        return len(self.teams)

    @property
    def placed(self) -> int:
        """The number of teams that have a position on an open road or may be met where they stand."""
        return sum(1 for team in self.teams if team)

    def move(self, team: int, positions: Sequence[ArcPosition]) -> None:
        """Put a team at other positions; with none it is off the roads and arrives nowhere.

        Raises GroundError where a position is not of this graph; the team then stays where it was.
        """
        assert 0 <= team < self.size, "no such team"
        positions = tuple(self.graph.check_position(p) for p in positions)
        for slot in self._slots[team]:
            self._unlink(slot)
        self._slots[team] = [self._link(team, position) for position in positions]
        self.teams[team] = positions

    def clear(self) -> None:
        """Take every team off the roads."""
        self.waiting[self.graph.head[self.table[5, : self.used]]] = -1
        self.used, self._spare = 0, []
        self._slots = [[] for _ in self.teams]
        self.teams = [()] * self.size

    def on(self, graph: RoadGraph) -> Roster:
        """Return the same teams on another view of the same roads."""
        return Roster(graph, self.teams)

    def _link(self, team: int, position: ArcPosition) -> int:
        graph, arc = self.graph, position.arc
        slot = self._spare.pop() if self._spare else self.used
        self.used = max(self.used, slot + 1)
        if slot == self.table.shape[1]:
            self.table = np.concatenate([self.table, np.empty_like(self.table)], axis=1)
        node, whole_ms = int(graph.head[arc]), int(graph.travel_ms[arc])
        part_ms, mm, off_ms = partial_ms(graph, position), along_mm(graph, position), walk_ms(position.offset_m)
        rest_ms = UNREACHED if whole_ms == UNREACHED else min(UNREACHED, whole_ms - part_ms + off_ms)
        step = int(in_place(graph)[arc])
        rest_mm = int(graph.length_mm[arc]) - mm
        # next start there, step, ms and mm to the junction, team, then what tells who is ahead on the same arc
        self.table[:, slot] = (int(self.waiting[node]), step, rest_ms, rest_mm, team, arc, part_ms, mm, off_ms)
        self.waiting[node] = slot
        return slot

    def _unlink(self, slot: int) -> None:
        node = int(self.graph.head[self.table[5, slot]])
        after = self.table[0]
        if self.waiting[node] == slot:
            self.waiting[node] = after[slot]
        else:
            before = int(self.waiting[node])
            for _ in range(self.used):
                if after[before] == slot:
                    break
                before = int(after[before])
            after[before] = after[slot]
        self._spare.append(slot)
