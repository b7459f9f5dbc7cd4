"""Reach: the travel time to all that can be reached from, or can reach, given positions within a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.kernels.answers import steps_entered, turns_onto, way_to
from geo_data.kernels.lanes import bucket_bits, lanes, workspace
from geo_data.kernels.search import search_reach
from geo_data.profiles import FOOT_SPEED_M_S
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcIdx, ArcPosition, Int32s


class ArcSpans(NamedTuple):
    """Reached parts of arcs, int32[s] each: from and to in mm along the arc, and the times there in ms.

    Forward the times rise from ``from_mm`` to ``to_mm``; towards the target they fall.
    """

    arc: Int32s
    from_mm: Int32s
    to_mm: Int32s
    from_ms: Int32s
    to_ms: Int32s


def walk_ms(offset_m: float) -> int:
    """Return the ms that ``offset_m`` ≥ 0 metres off the road take at foot speed, at most MAX_TRAVEL_MS."""
    return min(MAX_TRAVEL_MS, round(offset_m * 1000.0 / FOOT_SPEED_M_S))


def along_mm(graph: RoadGraph, position: ArcPosition) -> int:
    """Return the position's distance from the tail in whole mm, 0…length of the arc."""
    return max(0, min(int(graph.length_mm[position.arc]), round(position.along_m * 1000.0)))


def partial_ms(graph: RoadGraph, position: ArcPosition) -> int:
    """Return the ms from the tail of the arc to the position, 0…``travel_ms``; the rest is what is left.

    The one place where a part of an arc is rounded: down, measured from the start of the piece's geometry, so
    that both parts always sum to ``travel_ms`` and the reversed graph agrees to the millisecond.
    """
    travel_ms = int(graph.travel_ms[position.arc])
    length_mm = int(graph.length_mm[position.arc])
    if length_mm == 0:
        return travel_ms if graph.arc_against[position.arc] else 0
    mm = along_mm(graph, position)
    if graph.arc_against[position.arc]:
        return travel_ms - travel_ms * (length_mm - mm) // length_mm
    return travel_ms * mm // length_mm


def check_limit_ms(limit_ms: int) -> int:
    """Return the limit unchanged; raises GroundError unless 0 ≤ limit ≤ MAX_TRAVEL_MS."""
    if not 0 <= limit_ms <= MAX_TRAVEL_MS:
        raise GroundError(
            f"a limit of {limit_ms} ms is out of range",
            f"use 0…{MAX_TRAVEL_MS} ms ({MAX_TRAVEL_MS // 3_600_000} h)",
        )
    return limit_ms


def check_positions(graph: RoadGraph, positions: Sequence[ArcPosition]) -> tuple[ArcPosition, ...]:
    """Return the positions as a tuple, at least one, each on an arc; raises GroundError otherwise."""
    if not positions:
        raise GroundError("no position was given", "locate a point first: locate() gives at least one")
    return tuple(graph.check_position(position) for position in positions)


class Seeds(NamedTuple):
    """Where a search begins: the state a position's arc leads to, ms and road mm until there, int32[s] each."""

    state: Int32s
    ms: Int32s
    mm: Int32s


def seeds(graph: RoadGraph, positions: Sequence[ArcPosition], towards: bool) -> Seeds:
    """Return the seeds of a search from positions (or, ``towards`` them, backward), walks included.

    A position on a closed arc gives none: one may stand there, but not drive on.
    """
    rows = []
    for position in positions:
        arc, whole_ms = position.arc, int(graph.travel_ms[position.arc])
        if whole_ms == UNREACHED:
            continue
        ms, mm = partial_ms(graph, position), along_mm(graph, position)
        if towards:
            state = graph.back_step_state[in_place(graph)[arc]]
        else:
            state, ms, mm = graph.step_state[arc], whole_ms - ms, int(graph.length_mm[arc]) - mm
        rows.append((state, min(ms + walk_ms(position.offset_m), UNREACHED), mm))
    table = np.array(rows, dtype=np.int32).reshape(-1, 3).T.copy()
    return Seeds(table[0], table[1], table[2])


def in_place(graph: RoadGraph) -> Int32s:
    """Return the place of each arc in ``in_arc``, int32[m]; worked out once a graph."""
    place: Int32s | None = graph.derived.get("in_place")
    if place is None:
        place = np.empty(graph.n_arcs, dtype=np.int32)
        place[graph.in_arc] = np.arange(graph.n_arcs, dtype=np.int32)
        graph.derived["in_place"] = place
    return place


def same_arc_ms(graph: RoadGraph, start: ArcPosition, end: ArcPosition) -> int:
    """Return the ms from start straight to end, walks included, where both are on one arc in this order.

    UNREACHED where they are not, or the arc is closed: then the way leads round.
    """
    if start.arc != end.arc or along_mm(graph, start) > along_mm(graph, end):
        return UNREACHED
    if graph.travel_ms[start.arc] == UNREACHED:
        return UNREACHED
    ride_ms = partial_ms(graph, end) - partial_ms(graph, start)
    return min(UNREACHED, ride_ms + walk_ms(start.offset_m) + walk_ms(end.offset_m))


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What one search found: ask ``at`` for the time at a position; labels are an inside matter.

    ``states`` int32[r] are the search states within ``limit_ms`` (see ``geo_data.graph.turns``), ``state_ms``
    int32[r] the time at each. With ``towards`` the times are those to the start, not from it, and the states
    those of a backward search. A state that comes too late to improve any turn of its junction may be absent.
    """

    graph: RoadGraph
    start: tuple[ArcPosition, ...]
    limit_ms: int
    towards: bool
    states: Int32s
    state_ms: Int32s
    kept: dict[str, Int32s] = field(default_factory=dict, init=False, repr=False)

    @property
    def times(self) -> Int32s:
        """The time at every state, UNREACHED beyond the limit: for tests, its cost grows with the graph."""
        if "times" not in self.kept:
            times = np.full(len(lanes(self.graph, self.towards).state_node), UNREACHED, dtype=np.int32)
            times[self.states] = self.state_ms
            self.kept["times"] = times
        return self.kept["times"]

    @property
    def node_ms(self) -> Int32s:
        """The time at every junction, before any turn there, int32[n]; UNREACHED beyond the limit."""
        if "node_ms" not in self.kept:
            node_ms = np.full(self.graph.n_nodes, UNREACHED, dtype=np.int32)
            np.minimum.at(node_ms, lanes(self.graph, self.towards).state_node[self.states], self.state_ms)
            self.kept["node_ms"] = node_ms
        return self.kept["node_ms"]

    def at(self, positions: Sequence[ArcPosition]) -> int:
        """Return the ms to (or from) the best of the positions, or UNREACHED; the offset is walked.

        Exact on parts of arcs; a position behind the start on its own arc is reached by going round.
        """
        return int(min(self.at_many(positions), default=UNREACHED))

    def at_many(self, positions: Sequence[ArcPosition]) -> Int32s:
        """Return ``at`` of each single position, int32[len(positions)]."""
        placed = [self.graph.check_position(p) for p in positions]
        enter_ms, _ = self._enter([p.arc for p in placed])
        found = [self._at_one(p, ms) for p, ms in zip(placed, enter_ms.tolist(), strict=True)]
        return np.array(found, dtype=np.int32)

    def _at_one(self, end: ArcPosition, best_ms: int) -> int:
        if best_ms != UNREACHED:
            part_ms = partial_ms(self.graph, end)
            if self.towards:
                part_ms = int(self.graph.travel_ms[end.arc]) - part_ms
            best_ms += part_ms + walk_ms(end.offset_m)
        for start in self.start:
            a, b = (end, start) if self.towards else (start, end)
            best_ms = min(best_ms, same_arc_ms(self.graph, a, b))
        return best_ms if best_ms <= self.limit_ms else UNREACHED

    def enter_ms(self, arc: ArcIdx | int) -> tuple[int, int]:
        """Return when the arc can be entered at its near end, or UNREACHED, and from which state (-1: none)."""
        ms, state = self._enter([arc])
        return int(ms[0]), int(state[0])

    def _enter(self, arcs: Sequence[ArcIdx | int]) -> tuple[Int32s, Int32s]:
        graph, arc = self.graph, np.array(arcs, dtype=np.int32)
        node, step = (graph.head[arc], in_place(graph)[arc]) if self.towards else (graph.tail[arc], arc)
        room = workspace(graph)
        ms: Int32s
        ms, state = turns_onto(lanes(graph, self.towards), room.label_ms, self.states, self.state_ms, node, step)
        ms[graph.travel_ms[arc] == UNREACHED] = UNREACHED
        return ms, state

    def arcs_to(self, end: ArcPosition) -> tuple[ArcPosition, tuple[ArcIdx, ...]] | None:
        """Return the start's position and the arcs, its own first, of a fastest way to a position; None if none.

        Forward reach only. One arc where both are on it and the way is straight along it.
        """
        assert not self.towards, "a way is drawn forward"
        total_ms = self.at((end,))
        if total_ms == UNREACHED:
            return None
        for start in self.start:
            if same_arc_ms(self.graph, start, end) == total_ms:
                return start, (end.arc,)
        _, state = self.enter_ms(end.arc)
        graph = self.graph
        able = [p for p in self.start if graph.travel_ms[p.arc] != UNREACHED]
        begin = seeds(graph, able, False)
        way, seed = way_to(
            lanes(graph, False),
            graph.first_in,
            graph.in_arc,
            graph.tail,
            workspace(graph).label_ms,
            self.states,
            self.state_ms,
            state,
            begin.state,
            begin.ms,
        )
        assert seed >= 0, "a label has no arc before it that is tight"
        start = able[seed]
        return start, (start.arc, *(ArcIdx(int(arc)) for arc in way[::-1]), end.arc)

    def entered(self) -> tuple[Int32s, Int32s]:
        """Return each arc that can be entered at its near end within the limit, once, and when, int32 ms.

        The start's own arcs are not among them unless they are reached again.
        """
        graph = self.graph
        columns = (workspace(graph).label_ms, self.states, self.state_ms, self.limit_ms)
        step, enter_ms = steps_entered(lanes(graph, self.towards), *columns)
        return (graph.in_arc[step] if self.towards else step), enter_ms

    def arc_spans(self) -> ArcSpans:
        """Return the reached part of each arc, those of the start's own arcs first; none is empty in time.

        Two spans may overlap where an arc is reached from the start on it and again from its tail.
        """
        graph, limit_ms = self.graph, self.limit_ms
        arc, enter_ms = self.entered()
        begin_ms = enter_ms.astype(np.int64)
        travel_ms, length_mm = graph.travel_ms[arc].astype(np.int64), graph.length_mm[arc].astype(np.int64)
        left_ms = np.minimum(limit_ms - begin_ms, travel_ms)
        part_mm, end_ms = length_mm * left_ms // travel_ms, begin_ms + left_ms
        if self.towards:
            spans = (arc, length_mm - part_mm, length_mm, end_ms, begin_ms)
        else:
            spans = (arc, np.zeros_like(part_mm), part_mm, begin_ms, end_ms)
        standing = [
            p for p in self.start if walk_ms(p.offset_m) <= limit_ms and graph.travel_ms[p.arc] != UNREACHED
        ]
        own = np.array([self._own_span(p) for p in standing], dtype=np.int64).reshape(-1, 5)
        joined = (np.concatenate([own[:, i], spans[i]]).astype(np.int32) for i in range(5))
        return ArcSpans(*joined)

    def _own_span(self, start: ArcPosition) -> tuple[int, int, int, int, int]:
        graph, mm = self.graph, along_mm(self.graph, start)
        ms, length_mm = partial_ms(graph, start), int(graph.length_mm[start.arc])
        begin_ms = walk_ms(start.offset_m)
        whole_ms = ms if self.towards else int(graph.travel_ms[start.arc]) - ms
        whole_mm = mm if self.towards else length_mm - mm
        left_ms = min(self.limit_ms - begin_ms, whole_ms)
        part_mm = whole_mm * left_ms // whole_ms if whole_ms else whole_mm
        if self.towards:
            return int(start.arc), mm - part_mm, mm, begin_ms + left_ms, begin_ms
        return int(start.arc), mm, mm + part_mm, begin_ms, begin_ms + left_ms


def reach(
    graph: RoadGraph,
    start: Sequence[ArcPosition],
    limit_ms: int,
    towards: bool = False,
    goal: Sequence[ArcPosition] = (),
) -> Reach:
    """Return the reach of positions within ``limit_ms`` (0…MAX_TRAVEL_MS), one search for all of them.

    The start's ``offset_m`` is walked first. ``towards`` searches backward: from where the start can be
    reached. With a ``goal`` the search stops when ``at(goal)`` is final; other times are then upper bounds.
    Raises GroundError where a position is not of this graph. The law kept: for each arc and turn
    t[next] ≤ t[state] + turn + travel within the limit, and each reached state but a seed has a tight one.
    """
    start = check_positions(graph, start)
    check_limit_ms(limit_ms)
    begin = seeds(graph, start, towards)
    goals = [
        (*_near_end(graph, p.arc, towards), _far_ms(graph, p, towards))
        for p in (check_positions(graph, goal) if goal else ())
        if graph.travel_ms[p.arc] != UNREACHED
    ]
    target = np.array(goals, dtype=np.int32).reshape(-1, 3).T.copy()
    room = workspace(graph)
    states, state_ms = search_reach(
        lanes(graph, towards),
        room.label_ms,
        room.best_ms,
        begin.state,
        begin.ms,
        limit_ms,
        bucket_bits(limit_ms),
        target[0],
        target[1],
        target[2],
    )
    return Reach(graph, start, limit_ms, towards, states, state_ms)


def _near_end(graph: RoadGraph, arc: ArcIdx, towards: bool) -> tuple[int, int]:
    """Return the junction at which a search enters an arc, and the step that the arc is there."""
    return (int(graph.head[arc]), int(in_place(graph)[arc])) if towards else (int(graph.tail[arc]), int(arc))


def _far_ms(graph: RoadGraph, position: ArcPosition, towards: bool) -> int:
    """Return the ms from where a search enters the position's arc to the position, walk included."""
    ms = partial_ms(graph, position)
    ms = int(graph.travel_ms[position.arc]) - ms if towards else ms
    return min(UNREACHED, ms + walk_ms(position.offset_m))
