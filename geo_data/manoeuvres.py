"""What the driver does along a route, step by step: turns by angle, roundabouts by exit, and street names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from geo_data.coordinates import LocalPlane, haversine_m
from geo_data.graph import RoadGraph
from geo_data.reach import along_mm
from geo_data.route import Route
from geo_data.types import UNREACHED, ArcIdx, Float64s, LonLat

STRAIGHT_DEG: Final = 20.0
SLIGHT_DEG: Final = 50.0
SHARP_DEG: Final = 120.0
BACK_DEG: Final = 170.0

SIGHT_M: Final = 15.0
"""An angle is measured over this much road before and after the junction: a kink at the stop line is no turn."""

BESIDE_M: Final = 3.0
"""A destination nearer to the road than this is on it, neither left nor right."""

CIRCLE_ARCS_MAX: Final = 32
CIRCLE_MAX_M: Final = 500.0
ROUND_ENOUGH: Final = 1.2
"""Square of a loop's length over 4π times its area: 1 for a circle, 1.27 for a square."""

KINDS: Final = (
    "depart",
    "continue",
    "slight-left",
    "left",
    "sharp-left",
    "slight-right",
    "right",
    "sharp-right",
    "u-turn",
    "roundabout",
    "arrive",
    "arrive-left",
    "arrive-right",
)
"""All kinds of steps."""


@dataclass(frozen=True, slots=True)
class Step:
    """One manoeuvre, and the way from it to the next.

    ``kind`` is one of KINDS; ``street`` the name of the road taken, None where it has none; ``exit`` the number
    of the exit from a roundabout, from 1, or None; ``heading_deg`` 0…360 from north, clockwise, after the
    manoeuvre; ``at`` is where it is made. ``length_m`` ≥ 0 and ``travel_ms`` ≥ 0 count until the next step, and are
    0 m and the walk to the door at the last.
    """

    kind: str
    street: str | None
    exit: int | None
    heading_deg: float
    at: LonLat
    length_m: float
    travel_ms: int


def manoeuvres(graph: RoadGraph, way: Route, to: LonLat | None = None) -> tuple[Step, ...]:
    """Return the steps of a route, at least depart and arrive; ``to`` is the door, to tell left from right.

    A bend without a choice is no step, nor is straight on along a street of the same name. The law kept:
    the steps' ``travel_ms`` sum to the route's, and their ``length_m`` to its length within 1 m.
    """
    metres = np.zeros(len(way.lonlat))
    np.cumsum(haversine_m(*way.lonlat[:-1].T, *way.lonlat[1:].T), out=metres[1:])
    if metres[-1] > 0.0:
        metres *= way.length_m / metres[-1]
    last = len(way.lonlat) - 1
    points = [*way.arc_point.tolist(), last]
    steps = []
    end_mark = _Mark(len(way.arcs), "", None, 0)
    for mark, after in pairwise([*_marks(graph, way), end_mark]):
        point, end = points[mark.arc], points[after.arc]
        begin_ms = 0 if mark.arc == 0 else int(way.time_ms[point])
        step = Step(
            mark.kind,
            graph.arc_name(way.arcs[mark.named]),
            mark.exit,
            _bearing(way.lonlat[point:]),
            LonLat(*way.lonlat[point].tolist()),
            float(metres[end] - metres[point]),
            int(way.time_ms[end]) - begin_ms,
        )
        steps.append(step)
    at, heading_deg = LonLat(*way.lonlat[last].tolist()), _last_heading(way)
    left_ms = way.travel_ms - int(way.time_ms[last])
    return (*steps, Step(_arrival(way, to), graph.arc_name(way.arcs[-1]), None, heading_deg, at, 0.0, left_ms))


class _Mark(NamedTuple):
    """Where a step begins: number of the arc, kind, exit, and number of the arc with the street's name."""

    arc: int
    kind: str
    exit: int | None
    named: int


def _marks(graph: RoadGraph, way: Route) -> list[_Mark]:
    """Return where the steps begin; an arc that is only touched, at the very start or end, makes none."""
    n = len(way.arcs)
    skip = int(n > 1 and along_mm(graph, way.start) == graph.length_mm[way.start.arc])
    n -= int(n - skip > 1 and along_mm(graph, way.end) == 0)
    marks = [_Mark(0, "depart", None, skip)]
    circle = _circle(graph, way.arcs[skip])
    i = skip + 1
    while i < n:
        if way.arcs[i] in circle:  # the start is in a roundabout
            i += 1
            continue
        circle = frozenset() if circle else _circle(graph, way.arcs[i])
        if circle:
            exits, beyond = 0, i
            while beyond < n and way.arcs[beyond] in circle:
                node = int(graph.head[way.arcs[beyond]])
                exits += any(arc not in circle for arc in _leaving(graph, node))
                beyond += 1
            out = beyond < n
            marks.append(_Mark(i, "roundabout", exits if out else None, beyond if out else i))
            i, circle = beyond + 1, frozenset()
            continue
        kind = _turn(graph, way.arcs[i - 1], way.arcs[i])
        if kind is not None:
            marks.append(_Mark(i, kind, None, i))
        i += 1
    return marks


def _leaving(graph: RoadGraph, node: int) -> list[int]:
    """Return the arcs out of a junction that are open."""
    first, end = int(graph.first_out[node]), int(graph.first_out[node + 1])
    return [first + i for i, ms in enumerate(graph.travel_ms[first:end].tolist()) if ms != UNREACHED]


def _one_way(graph: RoadGraph, arc: int) -> bool:
    twin = int(graph.twin[arc])
    return twin < 0 or int(graph.travel_ms[twin]) == UNREACHED


def _turn(graph: RoadGraph, before: ArcIdx, after: ArcIdx) -> str | None:
    """Return the kind of the manoeuvre from one arc onto the next, or None where there is nothing to do."""
    node = int(graph.head[before])
    others = [arc for arc in _leaving(graph, node) if arc not in {after, int(graph.twin[before])}]
    angle = _angle(graph, before, after)
    if graph.twin[before] == after or (abs(angle) >= BACK_DEG and others):
        return "u-turn"
    old, new = graph.arc_name(before), graph.arc_name(after)
    renamed = new is not None and new != old
    if not others:
        return "continue" if renamed else None
    if abs(angle) < STRAIGHT_DEG:
        return "continue" if renamed else None
    straightest = all(abs(_angle(graph, before, ArcIdx(arc))) > abs(angle) + STRAIGHT_DEG for arc in others)
    if abs(angle) < SLIGHT_DEG and straightest and not renamed:
        return None  # the road bends, the others turn off
    side = "right" if angle > 0.0 else "left"
    if abs(angle) < SLIGHT_DEG:
        return f"slight-{side}"
    return side if abs(angle) < SHARP_DEG else f"sharp-{side}"


def _angle(graph: RoadGraph, before: ArcIdx, after: ArcIdx) -> float:
    """Return by how many degrees one turns from one arc to the next, -180…180, to the right positive."""
    turned = _bearing(graph.arc_geometry(after)) - _bearing(graph.arc_geometry(before)[::-1]) - 180.0
    return (turned + 180.0) % 360.0 - 180.0


def _bearing(line: Float64s) -> float:
    """Return the bearing from the first point of a line to the one SIGHT_M along it, degrees from north."""
    x, y = LocalPlane(*line[0].tolist()).to_xy(*line.T)
    marks = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    far = min(SIGHT_M, float(marks[-1]))
    return math.degrees(math.atan2(float(np.interp(far, marks, x)), float(np.interp(far, marks, y)))) % 360.0


def _last_heading(way: Route) -> float:
    return (_bearing(way.lonlat[::-1]) + 180.0) % 360.0


def _circle(graph: RoadGraph, arc: ArcIdx) -> frozenset[int]:
    """Return the arcs of the roundabout that an arc is part of, or nothing.

    A roundabout is a round loop of one-way arcs: from each, the way on that keeps closest to the inside.
    """
    if not _one_way(graph, arc) or graph.length_mm[arc] > CIRCLE_MAX_M * 1000:
        return frozenset()
    for side in (-1.0, 1.0):
        loop, length_mm = [arc], int(graph.length_mm[arc])
        while len(loop) <= CIRCLE_ARCS_MAX and length_mm <= CIRCLE_MAX_M * 1000:
            if graph.head[loop[-1]] == graph.tail[arc]:
                if _is_round(graph, loop):
                    return frozenset(int(a) for a in loop)
                break
            node = int(graph.head[loop[-1]])
            ahead = [ArcIdx(a) for a in _leaving(graph, node) if _one_way(graph, a)]
            turns = [(side * angle, a) for a in ahead if abs(angle := _angle(graph, loop[-1], a)) < SHARP_DEG]
            if not turns:
                break
            loop.append(max(turns)[1])
            length_mm += int(graph.length_mm[loop[-1]])
    return frozenset()


def _is_round(graph: RoadGraph, loop: Sequence[ArcIdx]) -> bool:
    lines = [graph.arc_geometry(arc)[:-1] for arc in loop]
    x, y = LocalPlane(*lines[0][0].tolist()).to_xy(*np.concatenate(lines).T)
    around = float(np.sum(np.hypot(np.diff(x, append=x[0]), np.diff(y, append=y[0]))))
    area = abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))) / 2.0
    return area > 0.0 and around * around <= ROUND_ENOUGH * 4.0 * math.pi * area


def _arrival(way: Route, to: LonLat | None) -> str:
    if to is None:
        return "arrive"
    plane = LocalPlane(*way.lonlat[-1].tolist())
    x, y = plane.to_xy(*to)
    heading = math.radians(_last_heading(way))
    right_m = float(x) * math.cos(heading) - float(y) * math.sin(heading)
    if abs(right_m) < BESIDE_M:
        return "arrive"
    return "arrive-right" if right_m > 0.0 else "arrive-left"
