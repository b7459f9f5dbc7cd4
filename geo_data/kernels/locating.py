"""From points on the map to positions on arcs, all of them in one call."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from geo_data.coordinates import EARTH_RADIUS_M, METRES_PER_E7
from geo_data.graph.roads import RoadGraph
from geo_data.kernels.compiled import njit
from geo_data.kernels.snap import snap_segment
from geo_data.types import UNREACHED, Float64s, Int32s, Int64s, UInt8s

POSITIONS_MAX = 4
"""The most positions of one point: both directions of its road, or one and two of its junction."""


class Places(NamedTuple):
    """The columns of a RoadGraph that say where its roads are, as it names them."""

    grid_frame: Int64s
    grid_first: Int32s
    grid_segment: Int32s
    point_lon_e7: Int32s
    point_lat_e7: Int32s
    piece_first_point: Int32s
    piece_island: UInt8s
    piece_arc_along: Int32s
    piece_arc_against: Int32s
    length_mm: Int32s
    travel_ms: Int32s
    tail: Int32s
    head: Int32s
    first_out: Int32s
    first_in: Int32s
    in_arc: Int32s


def places(graph: RoadGraph) -> Places:
    """Return the places of a graph; made once a graph and kept with it."""
    found: Places | None = graph.derived.get("places")
    if found is None:
        found = Places(*(getattr(graph, name).view() for name in Places._fields))
        for column in found:  # one type for compiled code, whether the columns came from a file or not
            column.flags.writeable = False
        graph.derived["places"] = found
    return found


@njit(nogil=True, cache=True)
def locate_points(
    where: Places, points: Float64s, limit_m: float, island_penalty_m: float, at_junction_m: float
) -> tuple[Int32s, Float64s, Float64s, Int64s]:
    """Return positions as columns: arc int32[q], metres along it and off the road float64[q]; first int64[n + 1].

    ``points`` float64[n, 2] are longitude and latitude in degrees; point i has the positions first[i] …
    first[i + 1] - 1, at most POSITIONS_MAX, none where no road is within ``limit_m``. What they are,
    ``geo_data.locate.locate`` says.
    """
    arc = np.empty(POSITIONS_MAX * len(points), dtype=np.int32)
    along_m = np.empty(POSITIONS_MAX * len(points))
    offset_m = np.empty(POSITIONS_MAX * len(points))
    first = np.zeros(len(points) + 1, dtype=np.int64)
    n = 0
    for i in range(len(points)):
        lat = points[i, 1]
        piece, at, share, away_m = snap_segment(
            where.grid_frame,
            where.grid_first,
            where.grid_segment,
            where.point_lon_e7,
            where.point_lat_e7,
            where.piece_first_point,
            where.piece_island,
            points[i, 0] * 1e7,
            lat * 1e7,
            max(1e-9, METRES_PER_E7 * math.cos(math.radians(lat))),
            METRES_PER_E7,
            limit_m,
            island_penalty_m,
        )
        if piece >= 0:
            begin = n
            n = _put_positions(where, piece, at, share, at_junction_m, arc, along_m, n)
            offset_m[begin:n] = away_m
        first[i + 1] = n
    return arc[:n], along_m[:n], offset_m[:n], first


@njit(nogil=True, cache=True)
def _put_positions(  # noqa: PLR0917 - columns
    where: Places,
    piece: int,
    at: int,
    share: float,
    at_junction_m: float,
    arc: Int32s,
    along_m: Float64s,
    n: int,
) -> int:
    """Write the positions of a place on a segment of a piece; return their end."""
    ahead, back = where.piece_arc_along[piece], where.piece_arc_against[piece]
    length_m = where.length_mm[ahead if ahead >= 0 else back] / 1000.0
    here_m = _along_piece_m(where, piece, at, share, length_m)
    free_ahead = ahead >= 0 and where.travel_ms[ahead] != UNREACHED
    free_back = back >= 0 and where.travel_ms[back] != UNREACHED
    begin = n
    # a road closed both ways: one stands on it, and drives nowhere
    if free_ahead or (not free_back and ahead >= 0):
        arc[n], along_m[n] = ahead, here_m
        n += 1
    if free_back or (not free_ahead and ahead < 0):
        arc[n], along_m[n] = back, length_m - here_m
        n += 1
    if free_ahead and free_back:
        return n
    if along_m[begin] <= at_junction_m:
        node = where.tail[arc[begin]]
    elif length_m - along_m[begin] <= at_junction_m:
        node = where.head[arc[begin]]
    else:
        return n
    for i in range(where.first_in[node], where.first_in[node + 1]):
        entering = where.in_arc[i]
        if where.travel_ms[entering] != UNREACHED:
            arc[n], along_m[n] = entering, where.length_mm[entering] / 1000.0
            n += 1
            break
    for leaving in range(where.first_out[node], where.first_out[node + 1]):
        if where.travel_ms[leaving] != UNREACHED:
            arc[n], along_m[n] = leaving, 0.0
            n += 1
            break
    return n


@njit(nogil=True, cache=True)
def _along_piece_m(where: Places, piece: int, at: int, share: float, length_m: float) -> float:
    """Return the metres from the first point of a piece to a share of the segment that begins at point ``at``.

    Great-circle metres of its segments (Sinnott 1984), stretched so that the whole is ``length_m``.
    """
    lon_e7, lat_e7 = where.point_lon_e7, where.point_lat_e7
    begin, end = where.piece_first_point[piece], where.piece_first_point[piece + 1]
    before_m, after_m, total_m = 0.0, 0.0, 0.0
    phi = math.radians(lat_e7[begin] / 1e7)
    shrink = math.cos(phi)
    for j in range(begin, end - 1):
        if j == at:
            before_m = total_m
        next_phi = math.radians(lat_e7[j + 1] / 1e7)
        next_shrink = math.cos(next_phi)
        half_phi = math.sin((next_phi - phi) / 2.0)
        half_lam = math.sin(math.radians(lon_e7[j + 1] / 1e7 - lon_e7[j] / 1e7) / 2.0)
        squared = half_phi * half_phi + shrink * next_shrink * half_lam * half_lam
        total_m += 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(min(squared, 1.0)))
        phi, shrink = next_phi, next_shrink
        if j == at:
            after_m = total_m
    if total_m > 0.0:
        before_m, after_m = before_m * (length_m / total_m), after_m * (length_m / total_m)
    else:  # all points are one: the last segment is the length
        after_m = length_m if at == end - 2 else 0.0
    return min(length_m, before_m + share * (after_m - before_m))
