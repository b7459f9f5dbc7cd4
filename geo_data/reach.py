"""Reach: the travel time to all that can be reached from, or can reach, given positions within a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.kernels.search import search_reach
from geo_data.profiles import FOOT_SPEED_M_S
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcPosition, Int32s


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
    """Where a search enters the junctions: junction, ms and road mm until there, int32[s] each."""

    node: Int32s
    ms: Int32s
    mm: Int32s


def seeds(graph: RoadGraph, positions: Sequence[ArcPosition], towards: bool) -> Seeds:
    """Return the seeds of a search from positions (or, ``towards`` them, backward), walks included."""
    rows = []
    for position in positions:
        ms, mm = partial_ms(graph, position), along_mm(graph, position)
        node = graph.tail[position.arc] if towards else graph.head[position.arc]
        if not towards:
            ms, mm = int(graph.travel_ms[position.arc]) - ms, int(graph.length_mm[position.arc]) - mm
        rows.append((int(node), min(ms + walk_ms(position.offset_m), UNREACHED), mm))
    table = np.array(rows, dtype=np.int32).reshape(-1, 3)
    return Seeds(*(np.ascontiguousarray(table[:, i]) for i in range(3)))


def same_arc_ms(graph: RoadGraph, start: ArcPosition, end: ArcPosition) -> int:
    """Return the ms from start straight to end, walks included, where both are on one arc in this order.

    UNREACHED where they are not: then the way leads round.
    """
    if start.arc != end.arc or along_mm(graph, start) > along_mm(graph, end):
        return UNREACHED
    ride_ms = partial_ms(graph, end) - partial_ms(graph, start)
    return min(UNREACHED, ride_ms + walk_ms(start.offset_m) + walk_ms(end.offset_m))


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What one search found: ask ``at`` for the time at a position; labels are an inside matter.

    ``node_ms`` int32[n] is the time at each junction, UNREACHED beyond ``limit_ms``; ``node_arc`` int32[n] the
    arc it was reached by, -1 at the start. With ``towards`` the times are those to the start, not from it.
    """

    graph: RoadGraph
    start: tuple[ArcPosition, ...]
    limit_ms: int
    towards: bool
    node_ms: Int32s
    node_arc: Int32s

    def at(self, positions: Sequence[ArcPosition]) -> int:
        """Return the ms to (or from) the best of the positions, or UNREACHED; the offset is walked.

        Exact on parts of arcs; a position behind the start on its own arc is reached by going round.
        """
        return min((self._at_one(self.graph.check_position(p)) for p in positions), default=UNREACHED)

    def at_many(self, positions: Sequence[ArcPosition]) -> Int32s:
        """Return ``at`` of each single position, int32[len(positions)]."""
        return np.array([self.at((p,)) for p in positions], dtype=np.int32)

    def _at_one(self, end: ArcPosition) -> int:
        part_ms = partial_ms(self.graph, end)
        if self.towards:
            node, part_ms = self.graph.head[end.arc], int(self.graph.travel_ms[end.arc]) - part_ms
        else:
            node = self.graph.tail[end.arc]
        best_ms = int(self.node_ms[node])
        if best_ms != UNREACHED:
            best_ms += part_ms + walk_ms(end.offset_m)
        for start in self.start:
            a, b = (end, start) if self.towards else (start, end)
            best_ms = min(best_ms, same_arc_ms(self.graph, a, b))
        return best_ms if best_ms <= self.limit_ms else UNREACHED

    def arc_spans(self) -> ArcSpans:
        """Return the reached part of each arc, those of the start's own arcs first; none is empty in time.

        Two spans may overlap where an arc is reached from the start on it and again from its tail.
        """
        graph, limit_ms = self.graph, self.limit_ms
        near = graph.head if self.towards else graph.tail
        begin_ms = self.node_ms[near]
        arc = np.flatnonzero(begin_ms <= limit_ms)
        begin_ms = begin_ms[arc].astype(np.int64)
        travel_ms, length_mm = graph.travel_ms[arc].astype(np.int64), graph.length_mm[arc].astype(np.int64)
        left_ms = np.minimum(limit_ms - begin_ms, travel_ms)
        part_mm, end_ms = length_mm * left_ms // travel_ms, begin_ms + left_ms
        if self.towards:
            spans = (arc, length_mm - part_mm, length_mm, end_ms, begin_ms)
        else:
            spans = (arc, np.zeros_like(part_mm), part_mm, begin_ms, end_ms)
        own = np.array(
            [self._own_span(p) for p in self.start if walk_ms(p.offset_m) <= limit_ms], dtype=np.int64
        ).reshape(-1, 5)
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


_NONE = np.empty(0, dtype=np.int32)


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
    Raises GroundError where a position is not of this graph. The law kept: for each arc
    t[head] ≤ t[tail] + travel within the limit, and each reached junction but a seed has an arc that is tight.
    """
    start = check_positions(graph, start)
    check_limit_ms(limit_ms)
    begin = seeds(graph, start, towards)
    target = seeds(graph, check_positions(graph, goal), not towards) if goal else Seeds(_NONE, _NONE, _NONE)
    node_ms, node_arc = search_reach(
        graph.first_in if towards else graph.first_out,
        graph.in_arc,
        graph.tail if towards else graph.head,
        graph.travel_ms,
        towards,
        begin.node,
        begin.ms,
        limit_ms,
        target.node,
        target.ms,
    )
    return Reach(graph, start, limit_ms, towards, node_ms, node_arc)
