"""A moving team on the road that leads where it is heading, where several roads are as near as its fix is good."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from dispatch.domain.types import Point
from geo_data.coordinates import METRES_PER_DEGREE, straight_m
from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.locate import locate, position_point
from geo_data.types import ArcPosition, LonLat

BESIDE_M: Final = (10.0, 20.0, 30.0)
"""How far to either side of the course a road is looked for: the width of a dual carriageway and its median."""

WORSE_M: Final = 25.0
"""A road in the right direction is taken where it is no more than this farther than the nearest one."""

ALONG_DEG: Final = 60.0
"""A road leads along a course where the two differ by no more than this."""


def snapped(graph: RoadGraph, point: Point, heading_deg: float | None = None) -> tuple[ArcPosition, ...]:
    """The positions of a point on its nearest road, none where it is no place or has no road near.

    With a heading (degrees clockwise from north) it is the nearest road that can be driven that way, where one is
    nearly as near: on a dual carriageway the right one of the two. A road that is driven both ways keeps both.
    """
    nearest = _located(graph, point)
    if heading_deg is None or not nearest or leads(graph, nearest, heading_deg):
        return nearest
    best, best_m = nearest, nearest[0].offset_m + WORSE_M
    for probe in _beside(point, heading_deg):
        found = _located(graph, probe)
        if not found or not leads(graph, found, heading_deg):
            continue
        off_m = straight_m(LonLat(point.lon, point.lat), position_point(graph, found[0]))
        if off_m <= best_m:
            best, best_m = tuple(ArcPosition(each.arc, each.along_m, off_m) for each in found), off_m
    return best


def leads(graph: RoadGraph, positions: Sequence[ArcPosition], heading_deg: float) -> bool:
    """Whether one of the positions' arcs leads along a heading there."""
    return any(
        abs((arc_course_deg(graph, each) - heading_deg + 180.0) % 360.0 - 180.0) <= ALONG_DEG for each in positions
    )


def arc_course_deg(graph: RoadGraph, position: ArcPosition) -> float:
    """Degrees clockwise from north in which an arc leads at a position on it."""
    lon, lat = graph.arc_geometry(position.arc).T
    east = (lon[1:] - lon[:-1]) * math.cos(math.radians(float(lat[0])))
    north = lat[1:] - lat[:-1]
    length = (east**2 + north**2) ** 0.5
    whole_m = graph.arc_length_m(position.arc)
    share = position.along_m / whole_m if whole_m > 0.0 else 0.0
    at, left = 0, share * float(length.sum())
    while at < len(length) - 1 and left > length[at]:
        left -= float(length[at])
        at += 1
    return math.degrees(math.atan2(float(east[at]), float(north[at]))) % 360.0


def _located(graph: RoadGraph, point: Point) -> tuple[ArcPosition, ...]:
    try:
        return locate(graph, LonLat(point.lon, point.lat))
    except GroundError:
        return ()


def _beside(point: Point, heading_deg: float) -> list[Point]:
    """Points to the right and left of a course, the nearest first."""
    across = math.radians(heading_deg + 90.0)
    per_lon = max(1.0, METRES_PER_DEGREE * math.cos(math.radians(point.lat)))
    east, north = math.sin(across) / per_lon, math.cos(across) / METRES_PER_DEGREE
    steps = [side * metres for metres in BESIDE_M for side in (1.0, -1.0)]
    return [Point(point.lon + step * east, point.lat + step * north) for step in steps]
