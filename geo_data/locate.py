"""From a point on the map to positions on arcs, and back."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from geo_data.coordinates import METRES_PER_E7, check_lonlat, haversine_m
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph import RoadGraph
from geo_data.kernels.snap import snap_segment
from geo_data.types import UNREACHED, ArcIdx, ArcPosition, Float64s, LonLat

SNAP_LIMIT_M: Final = 300.0
SNAP_LIMIT_MAX_M: Final = 20_000.0
"""The widest search for a road; also how far the error message looks for one."""

ISLAND_PENALTY_M: Final = 100.0
"""A road cut off from the network must be this much nearer: no driveway swallows an incident."""

AT_JUNCTION_M: Final = 0.5
"""Nearer than this to a junction, a position stands on the junction's other arcs as well."""


def locate(graph: RoadGraph, point: LonLat, limit_m: float = SNAP_LIMIT_M) -> tuple[ArcPosition, ...]:
    """Return the positions of a WGS-84 point on its nearest road, at least one, all with the same offset.

    One position a usable direction of that road; at a junction (within 0.5 m) also one on an arc that enters
    and one on an arc that leaves it, so that every exit is open to a one-way's end. Raises TooFarFromRoad where
    no road is within ``limit_m`` metres (0 < limit ≤ 20,000), GroundError where the coordinates are no place.
    """
    check_lonlat(point)
    if not 0.0 < limit_m <= SNAP_LIMIT_MAX_M:
        raise GroundError(
            f"snap limit {limit_m} m is out of range", f"use 0 < limit ≤ {SNAP_LIMIT_MAX_M:.0f} metres"
        )
    piece, at, share, offset_m = _snap(graph, point, limit_m)
    if piece < 0:
        raise _too_far(graph, point, limit_m)
    along = _usable(graph, int(graph.piece_arc_along[piece]))
    against = _usable(graph, int(graph.piece_arc_against[piece]))
    length_m = graph.piece_length_m(piece)
    points = graph.piece_points(piece)
    marks_m = _marks_m(graph, points, length_m)
    before_m, after_m = marks_m[at - points.start], marks_m[at - points.start + 1]
    along_m = float(min(length_m, before_m + share * (after_m - before_m)))
    found: list[ArcPosition] = []
    if along >= 0:
        found.append(ArcPosition(ArcIdx(along), along_m, offset_m))
    if against >= 0:
        found.append(ArcPosition(ArcIdx(against), length_m - along_m, offset_m))
    if not found:  # closed both ways: one stands on it, and drives nowhere
        arc = int(graph.piece_arc_along[piece])
        at_m = along_m if arc >= 0 else length_m - along_m
        found.append(ArcPosition(ArcIdx(arc if arc >= 0 else int(graph.piece_arc_against[piece])), at_m, offset_m))
    if along < 0 or against < 0:
        found.extend(_at_junction(graph, found[0], length_m))
    return tuple(found)


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


def _snap(graph: RoadGraph, point: LonLat, limit_m: float) -> tuple[int, int, float, float]:
    metres_x = max(1e-9, METRES_PER_E7 * math.cos(math.radians(point.lat)))
    piece, at, share, away_m = snap_segment(
        graph.grid_frame,
        graph.grid_first,
        graph.grid_segment,
        graph.point_lon_e7,
        graph.point_lat_e7,
        graph.piece_first_point,
        graph.piece_island,
        point.lon * 1e7,
        point.lat * 1e7,
        metres_x,
        METRES_PER_E7,
        limit_m,
        ISLAND_PENALTY_M,
    )
    return int(piece), int(at), float(share), float(away_m)


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


def _usable(graph: RoadGraph, arc: int) -> int:
    """Return the arc, or -1 where it is closed."""
    return arc if arc >= 0 and graph.travel_ms[arc] != UNREACHED else -1


def _at_junction(graph: RoadGraph, position: ArcPosition, length_m: float) -> list[ArcPosition]:
    """Return what a position near the end of a one-way road shares with its junction, at most two."""
    if position.along_m <= AT_JUNCTION_M:
        node = int(graph.tail[position.arc])
    elif length_m - position.along_m <= AT_JUNCTION_M:
        node = int(graph.head[position.arc])
    else:
        return []
    shared = []
    for arc in graph.in_arc[graph.first_in[node] : graph.first_in[node + 1]].tolist():
        if _usable(graph, arc) >= 0:
            shared.append(ArcPosition(ArcIdx(arc), graph.arc_length_m(arc), position.offset_m))
            break
    for arc in range(int(graph.first_out[node]), int(graph.first_out[node + 1])):
        if _usable(graph, arc) >= 0:
            shared.append(ArcPosition(ArcIdx(arc), 0.0, position.offset_m))
            break
    return shared


def _too_far(graph: RoadGraph, point: LonLat, limit_m: float) -> TooFarFromRoad:
    piece, _, _, away_m = _snap(graph, point, SNAP_LIMIT_MAX_M)
    known = (
        f"the nearest is {away_m:,.0f} m away" if piece >= 0 else f"none within {SNAP_LIMIT_MAX_M / 1000:.0f} km"
    )
    return TooFarFromRoad(
        f"latitude {point.lat:.6f}, longitude {point.lon:.6f} is farther than {limit_m:.0f} m from any "
        f"'{graph.profile}' road: {known}",
        "check that latitude and longitude are not swapped, that the datum is WGS-84, and that this ground "
        "covers the place",
    )
