"""A route: the fastest way between two places, with the time at each of its points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_data.coordinates import haversine_m
from geo_data.graph import RoadGraph
from geo_data.reach import along_mm, check_positions, partial_ms, reach, walk_ms
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcIdx, ArcPosition, Float64s, Int64s


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A way along arcs: enough to draw it, and to drive along it by the clock.

    ``lonlat`` float64[k ≥ 2, 2] are its points on the road, ``time_ms`` int64[k] the time at each, rising from
    the walk to the road at the start; ``travel_ms`` is the whole time, the last walk included. ``length_m`` is
    the road's part. ``names`` are the streets in order, each once in a row. Arc i begins at the point
    ``arc_point[i]``, int64[len(arcs)]; the turn onto it is in the time after that point.
    """

    arcs: tuple[ArcIdx, ...]
    lonlat: Float64s
    time_ms: Int64s
    travel_ms: int
    length_m: float
    names: tuple[str, ...]
    start: ArcPosition
    end: ArcPosition
    arc_point: Int64s


def route(
    graph: RoadGraph, start: Sequence[ArcPosition], end: Sequence[ArcPosition], limit_ms: int = MAX_TRAVEL_MS
) -> Route | None:
    """Return a fastest way from one of the start's positions to one of the end's, or None beyond the limit.

    Raises GroundError where a position is not of this graph or the limit is out of range. The law kept:
    ``travel_ms`` equals ``reach(graph, start, limit_ms).at(end)``.
    """
    start, end = check_positions(graph, start), check_positions(graph, end)
    found = reach(graph, start, limit_ms, goal=end)
    best = min(end, key=lambda position: found.at((position,)))
    total_ms = found.at((best,))
    if total_ms == UNREACHED:
        return None
    way = found.arcs_to(best)
    assert way is not None, "what was reached has a way"
    begin, arcs = way
    return _along(graph, arcs, begin, best, total_ms)


def _along(
    graph: RoadGraph, arcs: tuple[ArcIdx, ...], start: ArcPosition, end: ArcPosition, total_ms: int
) -> Route:
    """Lay the points and times of the arcs, cut at the start on the first and at the end on the last."""
    lines: list[Float64s] = []
    clocks: list[Float64s] = []
    now_ms, length_mm, last = float(walk_ms(start.offset_m)), 0, len(arcs) - 1
    turns_ms = graph.turns_ms(arcs)
    for i, arc in enumerate(arcs):
        whole_mm = int(graph.length_mm[arc])
        from_mm = along_mm(graph, start) if i == 0 else 0
        to_mm = along_mm(graph, end) if i == last else whole_mm
        from_ms = partial_ms(graph, start) if i == 0 else 0
        to_ms = partial_ms(graph, end) if i == last else int(graph.travel_ms[arc])
        now_ms += turns_ms[i - 1] if i > 0 else 0
        line, share = _cut(graph.arc_geometry(arc), whole_mm, from_mm, to_mm)
        lines.append(line if i == 0 else line[1:])
        clock = now_ms + share * (to_ms - from_ms)
        clocks.append(clock if i == 0 else clock[1:])
        now_ms += to_ms - from_ms
        length_mm += to_mm - from_mm
    names: list[str] = []
    for arc in arcs:
        name = graph.arc_name(arc)
        if name is not None and (not names or names[-1] != name):
            names.append(name)
    time_ms: Int64s = np.rint(np.concatenate(clocks)).astype(np.int64)
    lonlat = np.concatenate(lines)
    arc_point: Int64s = np.cumsum([0, *(len(line) for line in lines[:-1])], dtype=np.int64)
    arc_point[1:] -= 1  # an arc's first point is the last of the one before
    return Route(arcs, lonlat, time_ms, total_ms, length_mm / 1000.0, tuple(names), start, end, arc_point)


def _cut(line: Float64s, length_mm: int, from_mm: int, to_mm: int) -> tuple[Float64s, Float64s]:
    """Return the points of a line between two marks, ends included, and the share 0…1 of the way at each."""
    marks = np.zeros(len(line))
    np.cumsum(haversine_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]), out=marks[1:])
    marks *= length_mm / marks[-1] if marks[-1] > 0.0 else 0.0
    if marks[-1] == 0.0:
        marks[-1] = max(length_mm, 1)
    inner = (marks > from_mm) & (marks < to_mm)
    at = np.concatenate([[from_mm], marks[inner], [to_mm]]).astype(np.float64)
    points = np.column_stack([np.interp(at, marks, line[:, 0]), np.interp(at, marks, line[:, 1])])
    span = float(to_mm - from_mm)
    return points, (at - from_mm) / span if span > 0.0 else np.linspace(0.0, 1.0, len(at))


def point_at(way: Route, now_ms: int) -> tuple[float, float]:
    """Return longitude and latitude on the route ``now_ms`` after its start, held at both ends."""
    return (
        float(np.interp(now_ms, way.time_ms, way.lonlat[:, 0])),
        float(np.interp(now_ms, way.time_ms, way.lonlat[:, 1])),
    )
