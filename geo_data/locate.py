"""From a point on the map to positions on arcs, and back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np

from geo_data.coordinates import check_lonlat, haversine_m
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph import RoadGraph
from geo_data.kernels.locating import locate_points, places
from geo_data.types import ArcPosition, Float64s, Int32s, Int64s, LonLat

SNAP_LIMIT_M: Final = 300.0
SNAP_LIMIT_MAX_M: Final = 20_000.0
"""The widest search for a road; also how far the error message looks for one."""

ISLAND_PENALTY_M: Final = 100.0
"""A road cut off from the network must be this much nearer: no driveway swallows an incident."""

AT_JUNCTION_M: Final = 0.5
"""Nearer than this to a junction, a position stands on the junction's other arcs as well."""

POINTS_MAX: Final = 1_000_000
"""The most points to locate at once."""


def locate(graph: RoadGraph, point: LonLat, limit_m: float = SNAP_LIMIT_M) -> tuple[ArcPosition, ...]:
    """Return the positions of a WGS-84 point on its nearest road, at least one, all with the same offset.

    One position a usable direction of that road; at a junction (within 0.5 m) also one on an arc that enters
    and one on an arc that leaves it, so that every exit is open to a one-way's end. Raises TooFarFromRoad where
    no road is within ``limit_m`` metres (0 < limit ≤ 20,000), GroundError where the coordinates are no place.
    """
    check_lonlat(point)
    _check_limit_m(limit_m)
    found = _positions(graph, np.array([point], dtype=np.float64), limit_m)
    if not found.first[1]:
        raise _too_far(graph, point, limit_m)
    return tuple(map(ArcPosition, *found.columns()))


def locate_many(
    graph: RoadGraph, points: Sequence[LonLat], limit_m: float = SNAP_LIMIT_M
) -> list[tuple[ArcPosition, ...]]:
    """Return what ``locate`` returns of each point, an empty tuple where it would raise TooFarFromRoad.

    At most POINTS_MAX points, WGS-84. A roster takes the list as it is: a team with no road near arrives nowhere.
    Raises GroundError where coordinates are no place, there are too many, or ``limit_m`` is out of range.
    """
    _check_limit_m(limit_m)
    if len(points) > POINTS_MAX:
        raise GroundError(f"{len(points):,} points are too many", f"locate at most {POINTS_MAX:,} at once")
    table = _table(points)
    good = (np.abs(table) <= (180.0, 90.0)).all(axis=1)  # not so where one is NaN
    for i in np.flatnonzero(~good)[:1].tolist():
        check_lonlat(LonLat(*table[i].tolist()))
    found = _positions(graph, table, limit_m)
    positions = list(map(ArcPosition, *found.columns()))
    ends = found.first.tolist()
    return [tuple(positions[ends[i] : ends[i + 1]]) for i in range(len(points))]


def position_point(graph: RoadGraph, position: ArcPosition) -> LonLat:
    """Return the WGS-84 point on the road of a position; its offset is not applied."""
    arc = graph.check_position(position).arc
    points = graph.piece_points(int(graph.arc_piece[arc]))
    length_m = graph.arc_length_m(arc)
    along_m = length_m - position.along_m if graph.arc_against[arc] else position.along_m
    marks_m = _marks_m(graph, points, length_m)
    lon = np.interp(along_m, marks_m, graph.point_lon_e7[points] / 1e7)
    lat = np.interp(along_m, marks_m, graph.point_lat_e7[points] / 1e7)
    return LonLat(float(lon), float(lat))


def position_name(graph: RoadGraph, position: ArcPosition) -> str | None:
    """Return the street name at a position, or None where the road has none."""
    return graph.arc_name(graph.check_position(position).arc)


class _Positions(NamedTuple):
    """Positions of points as ``locate_points`` gives them."""

    arc: Int32s
    along_m: Float64s
    offset_m: Float64s
    first: Int64s

    def columns(self) -> tuple[list[Any], list[float], list[float]]:
        """Return arcs, metres along them and metres off the road."""
        return self.arc.tolist(), self.along_m.tolist(), self.offset_m.tolist()


def _positions(graph: RoadGraph, points: Float64s, limit_m: float) -> _Positions:
    return _Positions(*locate_points(places(graph), points, limit_m, ISLAND_PENALTY_M, AT_JUNCTION_M))


def _table(points: Sequence[LonLat]) -> Float64s:
    """Return points as float64[n, 2]."""
    try:
        if set(map(len, points)) <= {2}:
            return np.fromiter(chain.from_iterable(points), np.float64, 2 * len(points)).reshape(-1, 2)
    except (TypeError, ValueError):
        pass  # not a sequence, or not of numbers
    raise GroundError("a point is not two numbers", "give each as longitude and latitude in degrees")


def _check_limit_m(limit_m: float) -> None:
    if not 0.0 < limit_m <= SNAP_LIMIT_MAX_M:
        raise GroundError(
            f"snap limit {limit_m} m is out of range", f"use 0 < limit ≤ {SNAP_LIMIT_MAX_M:.0f} metres"
        )


def _marks_m(graph: RoadGraph, points: slice, length_m: float) -> Float64s:
    """Return the metres of each point along its piece, stretched so that the last is ``length_m``."""
    lon, lat = graph.point_lon_e7[points] / 1e7, graph.point_lat_e7[points] / 1e7
    marks_m = np.zeros(len(lon))
    np.cumsum(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]), out=marks_m[1:])
    if marks_m[-1] > 0.0:
        marks_m *= length_m / marks_m[-1]
    else:
        marks_m[-1] = length_m
    return marks_m


def _too_far(graph: RoadGraph, point: LonLat, limit_m: float) -> TooFarFromRoad:
    away_m = _positions(graph, np.array([point], dtype=np.float64), SNAP_LIMIT_MAX_M).offset_m
    known = f"none within {SNAP_LIMIT_MAX_M / 1000:.0f} km"
    if len(away_m):
        known = f"the nearest is {away_m[0]:,.0f} m away"
    return TooFarFromRoad(
        f"latitude {point.lat:.6f}, longitude {point.lon:.6f} is farther than {limit_m:.0f} m from any "
        f"'{graph.profile}' road: {known}",
        "check that latitude and longitude are not swapped, that the datum is WGS-84, and that this ground "
        "covers the place",
    )
