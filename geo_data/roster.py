"""A roster: where the teams of a desk stand on the roads, prepared once so that ranking them is one search."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from geo_data.graph import RoadGraph
from geo_data.hierarchy import Hierarchy, climbing_room
from geo_data.kernels.hubs import key_of, label_teams
from geo_data.kernels.ranked import chain
from geo_data.profiles import FOOT_SPEED_M_S
from geo_data.reach import along_mm, in_place, partial_ms, walk_ms
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcPosition, Int32s, Int64s

POSITIONS_MAX: Final = 1_000_000
"""The most positions of all teams together."""


LABEL_ROOM: Final = 128
LABEL_GROWTHS: Final = 24
"""How long a label is at first thought to be, in nodes, and how often that may be too short by half."""


LABELS_AT_ONCE: Final = 32
"""How many labels are made in the time of a search."""

LABELS_MAX: Final = 10_000
"""The most teams that have labels, 15 MB of them; for more, rankings are searched."""


FEW: Final = 4
"""Up to how many positions are measured one by one."""


class Labels(NamedTuple):
    """What each team reaches by climbing: rows of nodes and keys, of which ``size`` hold; -1: not made yet."""

    ranks: Hierarchy
    node: Int32s
    key: Int64s
    size: Int32s


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
        self.teams: list[tuple[ArcPosition, ...]] = [tuple(team) for team in teams]
        self.lasting = waiting is None
        self.waiting: Int32s = np.full(graph.n_nodes, -1, dtype=np.int32) if waiting is None else waiting
        self._spare: list[int] = []
        sizes = [len(team) for team in self.teams]
        self.used = sum(sizes)
        assert self.used <= POSITIONS_MAX, "too many positions"
        ends = np.cumsum([0, *sizes]).tolist()
        self._slots = [list(range(ends[i], ends[i + 1])) for i in range(len(sizes))]
        # of each position: next start there, step, ms and mm to the junction, team, then what tells who is ahead
        # on the same arc: arc, ms and mm from its tail, ms off the road
        self.table: Int32s = np.empty((9, max(16, 2 * self.used)), dtype=np.int32)
        rows = self.table[:, : self.used]
        rows[4] = np.repeat(np.arange(len(sizes)), sizes)
        rows[1:4], rows[5:9] = _measured(graph, [p for team in self.teams for p in team])
        chain(self.waiting, rows[0], graph.head[rows[5]])
        self._labels: Labels | None = None
        self._stale = True
        self._lock = threading.Lock()

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
        self.move_all({team: positions})

    def move_all(self, moved: Mapping[int, Sequence[ArcPosition]]) -> None:
        """``move`` each of these teams; where a position is not of this graph, none is moved."""
        assert all(0 <= team < self.size for team in moved), "no such team"
        placed = {team: tuple(self.graph.check_position(p) for p in each) for team, each in moved.items()}
        step, own = _measured(self.graph, [p for each in placed.values() for p in each])
        at = 0
        for team, positions in placed.items():
            for slot in self._slots[team]:
                self._unlink(slot)
            self._slots[team] = [self._link(team, step[:, n], own[:, n]) for n in range(at, at + len(positions))]
            self.teams[team] = positions
            at += len(positions)
            if self._labels is not None:
                self._labels.size[team] = -1
                self._stale = True

    def clear(self) -> None:
        """Take every team off the roads."""
        self.waiting[self.graph.head[self.table[5, : self.used]]] = -1
        self.used, self._spare = 0, []
        self._slots = [[] for _ in self.teams]
        self.teams = [()] * self.size
        self._labels = None

    def on(self, graph: RoadGraph) -> Roster:
        """Return the same teams on another view of the same roads."""
        return Roster(graph, self.teams)

    def seeds(self) -> tuple[Int32s, Int32s, Int32s]:
        """Return where a search from all teams begins: state, ms and team, one each position on an open road."""
        live = self.table[:, : self.used]
        live = live[:, (live[4] >= 0) & (live[2] != UNREACHED)]
        return self.graph.step_state[live[5]], live[2], live[4]

    def worth_labels(self) -> bool:
        """Whether labels are made soon enough: a roster that is asked once has them for few teams only."""
        return self.size <= (LABELS_MAX if self.lasting else LABELS_AT_ONCE)

    def labels(self, ranks: Hierarchy) -> Labels:
        """Return each team's label in the hierarchy of the roster's graph; those that moved since are made anew."""
        with self._lock:
            labels = self._labels
            if labels is None or labels.ranks is not ranks:
                self._stale = True
                labels = Labels(ranks, *_rows(self.size, LABEL_ROOM), np.full(self.size, -1, dtype=np.int32))
            if not self._stale:
                return labels
            moved = np.flatnonzero(labels.size == -1).tolist()
            slots = np.array([slot for team in moved for slot in self._slots[team]], dtype=np.int64)
            rows = self.table[:, slots]
            room = climbing_room(len(ranks.rank))
            state = ranks.rank[self.graph.step_state[rows[5]]]
            bound = int(key_of(ranks.limit_ms + 1, 0))
            for _ in range(LABEL_GROWTHS):
                columns = (*rows[2:5], labels.node, labels.key, labels.size, *room)
                wanted = int(label_teams(ranks.up, ranks.down, bound, state, *columns))
                if wanted == labels.node.shape[1]:
                    break
                node, key = _rows(self.size, 2 * wanted)
                made = labels.node.shape[1]
                node[:, :made], key[:, :made] = labels.node, labels.key
                labels = Labels(ranks, node, key, labels.size)
            self._labels, self._stale = labels, False
            return labels

    def _link(self, team: int, step: Int64s, own: Int64s) -> int:
        slot = self._spare.pop() if self._spare else self.used
        self.used = max(self.used, slot + 1)
        if slot == self.table.shape[1]:
            self.table = np.concatenate([self.table, np.empty_like(self.table)], axis=1)
        node = int(self.graph.head[own[0]])
        column = self.table[:, slot]
        column[0], column[4] = self.waiting[node], team
        column[1:4], column[5:9] = step, own
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
        self.table[4, slot] = -1
        self._spare.append(slot)


def _measured_few(graph: RoadGraph, positions: Sequence[ArcPosition]) -> tuple[Int64s, Int64s]:
    """Return what ``_measured`` does, position by position: columns of four cost more than four positions."""
    step, own = np.empty((3, len(positions)), dtype=np.int64), np.empty((4, len(positions)), dtype=np.int64)
    for i, position in enumerate(positions):
        arc = graph.check_position(position).arc
        whole_ms, part_ms, mm = int(graph.travel_ms[arc]), partial_ms(graph, position), along_mm(graph, position)
        off_ms = walk_ms(position.offset_m)
        rest_ms = UNREACHED if whole_ms == UNREACHED else min(UNREACHED, whole_ms - part_ms + off_ms)
        step[:, i] = in_place(graph)[arc], rest_ms, int(graph.length_mm[arc]) - mm
        own[:, i] = arc, part_ms, mm, off_ms
    return step, own


def _rows(teams: int, room: int) -> tuple[Int32s, Int64s]:
    return np.empty((teams, room), dtype=np.int32), np.empty((teams, room), dtype=np.int64)


def _measured(graph: RoadGraph, positions: Sequence[ArcPosition]) -> tuple[Int64s, Int64s]:
    """Return step, ms and mm to the junction ahead; and arc, ms and mm from the tail, ms off the road: a row each.

    The arithmetic of ``partial_ms``, ``along_mm`` and ``walk_ms`` on columns. Raises GroundError where a position
    is not of the graph.
    """
    if len(positions) <= FEW:
        return _measured_few(graph, positions)
    table = np.array(positions, dtype=np.float64).reshape(-1, 3)
    arc, along_m, offset_m = table[:, 0].astype(np.int64), table[:, 1], table[:, 2]
    known = (arc >= 0) & (arc < graph.n_arcs)
    length_mm = graph.length_mm[np.where(known, arc, 0)].astype(np.int64)
    good = known & (along_m >= 0.0) & (along_m <= length_mm / 1000.0 + 0.001) & (offset_m >= 0.0)
    for i in np.flatnonzero(~(good & np.isfinite(offset_m)))[:1].tolist():
        graph.check_position(positions[i])
    whole_ms = graph.travel_ms[arc].astype(np.int64)
    against = graph.arc_against[arc] == 1
    mm = np.clip(np.rint(along_m * 1000.0).astype(np.int64), 0, length_mm)
    length = np.maximum(length_mm, 1)
    part_ms = np.where(against, whole_ms - whole_ms * (length_mm - mm) // length, whole_ms * mm // length)
    part_ms = np.where(length_mm == 0, np.where(against, whole_ms, 0), part_ms)
    off_ms = np.rint(np.minimum(offset_m * 1000.0 / FOOT_SPEED_M_S, MAX_TRAVEL_MS)).astype(np.int64)
    rest_ms = np.where(whole_ms == UNREACHED, UNREACHED, np.minimum(UNREACHED, whole_ms - part_ms + off_ms))
    return np.stack([in_place(graph)[arc], rest_ms, length_mm - mm]), np.stack([arc, part_ms, mm, off_ms])
