"""The time field: the time at the nearest road of each point, and the walk to the point."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.proximity import HALF_TURN_E7, SHARE_ONE, TURN_E7
from geo_data.types import UNREACHED, Float32s, Float64s, Int32s, Int64s, UInt8s, UInt16s

SHARE_SLACK = 2.0 / SHARE_ONE
"""A point this little before the begin of a span is on it: shares are rounded."""

TILES_AT_ONCE = 2
"""A piece of road whose box touches more tiles than this is looked at segment by segment."""

_ONE: Final = np.uint64(1)
_HALF: Final = np.uint64(32)
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""Multiplied with a piece, its upper half spreads pieces over a hash table (Knuth, TAOCP 3, 6.4)."""


class Layers(NamedTuple):
    """What circles are traced on, row by row: time in s, number of limits kept, borders to the east and north."""

    time_s: Float32s
    code: UInt8s
    east: UInt8s
    north: UInt8s


class PieceSpans(NamedTuple):
    """The reached spans of each piece of road, found by an open hash table: its cost grows with what is reached.

    ``key`` int32[2^b] has the piece of each place, -1 for none, ``head`` int32[2^b] its first span, ``after``
    int32[s] the next span of the same piece or -1. A ``line`` is float32[s, 4]: the share of the piece where the
    span is reached first, the direction in which time rises (1 or -1), the time there in s, and the seconds a
    whole piece takes.
    """

    key: Int32s
    head: Int32s
    after: Int32s
    line: Float32s


@njit(nogil=True, cache=True)
def spans_at_junctions(  # noqa: PLR0917 - columns
    arc: Int32s,
    from_mm: Int32s,
    to_mm: Int32s,
    from_ms: Int32s,
    to_ms: Int32s,
    length_mm: Int32s,
    travel_ms: Int32s,
    twin: Int32s,
    near_end: Int32s,
    far_end: Int32s,
    first: Int32s,
    in_arc: Int32s,
    towards: bool,
    reach_mm: int,
    node_ms: Int32s,
) -> tuple[Int32s, Int32s, Int32s, Int32s, Int32s]:
    """Return the spans, and after them the last ``reach_mm`` of one-way arcs at the junctions that were reached.

    Who stands at the end of a one-way road stands at its junction as well, and may have come by another road;
    so may who stands at the end of a road that is closed. A road closed one way is one-way.
    Forward ``near_end`` is ``tail``, ``far_end`` is ``head`` and ``first``, ``in_arc`` list the arcs by head;
    towards, the other way round, with ``in_arc`` unused: arcs are in order of their tails. ``node_ms`` is the
    ``best_ms`` of a clean workspace and is left clean.
    """
    reached = np.empty(2 * len(arc), dtype=np.int32)
    n = room = 0
    for i in range(len(arc)):
        a = arc[i]
        begins, ends = from_mm[i] == 0, to_mm[i] == length_mm[a]
        near_ms, far_ms = from_ms[i], to_ms[i]
        if towards:
            begins, ends, near_ms, far_ms = ends, begins, far_ms, near_ms
        for at_end in range(2):
            if not (ends if at_end else begins):
                continue
            node, ms = (far_end[a], far_ms) if at_end else (near_end[a], near_ms)
            if node_ms[node] == UNREACHED:
                reached[n] = node
                n += 1
                room += first[node + 1] - first[node]
            node_ms[node] = min(node_ms[node], ms)
    out = np.empty((5, len(arc) + room), dtype=np.int32)
    out[0, : len(arc)], out[1, : len(arc)], out[2, : len(arc)] = arc, from_mm, to_mm
    out[3, : len(arc)], out[4, : len(arc)] = from_ms, to_ms
    m = len(arc)
    for i in range(n):
        node = reached[i]
        for j in range(first[node], first[node + 1]):
            a = j if towards else in_arc[j]
            if twin[a] < 0 or travel_ms[twin[a]] == UNREACHED or travel_ms[a] == UNREACHED:
                out[0, m] = a
                out[1, m] = 0 if towards else max(0, length_mm[a] - reach_mm)
                out[2, m] = min(length_mm[a], reach_mm) if towards else length_mm[a]
                out[3, m] = out[4, m] = node_ms[node]
                m += 1
        node_ms[node] = UNREACHED
    return out[0, :m], out[1, :m], out[2, :m], out[3, :m], out[4, :m]


@njit(nogil=True, cache=True)
def place_of(key: Int32s, piece: int) -> np.uint64:
    """Return the place of a piece in a hash table that is at most half full, or where it would be."""
    last = np.uint64(len(key) - 1)
    at = (np.uint64(piece) * _SPREAD >> _HALF) & last
    while key[at] != piece and key[at] >= 0:
        at = (at + _ONE) & last
    return at


@njit(nogil=True, cache=True)
def spans_by_piece(  # noqa: PLR0917 - columns
    arc: Int32s,
    from_mm: Int32s,
    to_mm: Int32s,
    from_ms: Int32s,
    to_ms: Int32s,
    length_mm: Int32s,
    arc_piece: Int32s,
    arc_against: UInt8s,
    towards: bool,
    own: int,
) -> tuple[PieceSpans, Int32s]:
    """Return the spans by piece, and the pieces of the first ``own`` of them, each once; int32[q].

    Spans are as Reach.arc_spans gives them.
    """
    room = 16
    while room < 2 * len(arc):
        room *= 2
    key, head = np.full(room, -1, dtype=np.int32), np.empty(room, dtype=np.int32)
    after = np.empty(len(arc), dtype=np.int32)
    line = np.empty((len(arc), 4), dtype=np.float32)
    pieces, n = np.empty(own, dtype=np.int32), 0
    for i in range(len(arc)):
        a = arc[i]
        length = max(1, length_mm[a])
        begin, end, begin_ms, end_ms = from_mm[i], to_mm[i], from_ms[i], to_ms[i]
        if towards:
            begin, end, begin_ms, end_ms = end, begin, end_ms, begin_ms
        share = begin / length
        against = arc_against[a] == 1
        line[i, 0] = 1.0 - share if against else share
        line[i, 1] = -1.0 if against != towards else 1.0
        line[i, 2] = begin_ms / 1000.0
        line[i, 3] = (end_ms - begin_ms) / 1000.0 * length / abs(end - begin) if end != begin else 0.0
        p = arc_piece[a]
        at = place_of(key, p)
        if key[at] < 0:
            key[at], head[at] = p, -1
            if i < own:
                pieces[n] = p
                n += 1
        after[i] = head[at]
        head[at] = i
    return PieceSpans(key, head, after, line), pieces[:n]


@njit(nogil=True, cache=True)
def _unwrapped(lon_e7: np.int64, lon0_e7: int) -> np.int64:
    """Return a longitude within a half turn of another."""
    if lon_e7 - lon0_e7 >= HALF_TURN_E7:
        return lon_e7 - TURN_E7
    return lon_e7 + TURN_E7 if lon_e7 - lon0_e7 < -HALF_TURN_E7 else lon_e7


@njit(nogil=True, cache=True)
def piece_boxes(
    piece: Int32s, piece_first_point: Int32s, point_lon_e7: Int32s, point_lat_e7: Int32s, lon0_e7: int
) -> Int64s:
    """Return west, south, east, north in 1e-7 degree of each piece, and at last of all; int64[q + 1, 4].

    Longitudes are within a half turn of ``lon0_e7``.
    """
    boxes = np.empty((len(piece) + 1, 4), dtype=np.int64)
    box = boxes[len(piece)]
    box[0], box[1], box[2], box[3] = 2 * TURN_E7, TURN_E7, -2 * TURN_E7, -TURN_E7
    for i in range(len(piece)):
        p = piece[i]
        west, south = np.int64(2 * TURN_E7), np.int64(TURN_E7)
        east, north = -west, -south
        for j in range(piece_first_point[p], piece_first_point[p + 1]):
            x, y = _unwrapped(np.int64(point_lon_e7[j]), lon0_e7), np.int64(point_lat_e7[j])
            west, east = min(west, x), max(east, x)
            south, north = min(south, y), max(north, y)
        boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3] = west, south, east, north
        box[0], box[1] = min(box[0], west), min(box[1], south)
        box[2], box[3] = max(box[2], east), max(box[3], north)
    return boxes


@njit(nogil=True, cache=True)
def touched_tiles(  # noqa: PLR0917 - columns
    boxes: Int64s,
    piece: Int32s,
    piece_first_point: Int32s,
    point_lon_e7: Int32s,
    point_lat_e7: Int32s,
    lon0_e7: int,
    frame: Int64s,
    margin_x: int,
    margin_y: int,
) -> UInt8s:
    """Return which tiles come within a margin of the pieces, uint8[rows, cols], 1 for yes.

    ``boxes`` as ``piece_boxes`` gives them. ``frame``: west and south of the first tile, width and height of
    a tile in 1e-7 degree, columns, rows.
    """
    west, south, per_wide, per_high = frame[0], frame[1], 1.0 / frame[2], 1.0 / frame[3]
    touched = np.zeros((frame[5], frame[4]), dtype=np.uint8)
    for i in range(len(piece)):
        col_from, col_to = (
            int((boxes[i, 0] - margin_x - west) * per_wide),
            int((boxes[i, 2] + margin_x - west) * per_wide),
        )
        row_from, row_to = (
            int((boxes[i, 1] - margin_y - south) * per_high),
            int((boxes[i, 3] + margin_y - south) * per_high),
        )
        if (col_to - col_from + 1) * (row_to - row_from + 1) <= TILES_AT_ONCE:
            touched[row_from : row_to + 1, col_from : col_to + 1] = 1
            continue
        # a long piece of road: the tiles of each of its segments
        p = piece[i]
        for j in range(piece_first_point[p], piece_first_point[p + 1] - 1):
            x = _unwrapped(np.int64(point_lon_e7[j]), lon0_e7) - west
            x2 = _unwrapped(np.int64(point_lon_e7[j + 1]), lon0_e7) - west
            y, y2 = point_lat_e7[j] - south, point_lat_e7[j + 1] - south
            col_from, col_to = int((min(x, x2) - margin_x) * per_wide), int((max(x, x2) + margin_x) * per_wide)
            row_from, row_to = int((min(y, y2) - margin_y) * per_high), int((max(y, y2) + margin_y) * per_high)
            touched[row_from : row_to + 1, col_from : col_to + 1] = 1
    return touched


@njit(nogil=True, cache=True)
def _more_spans(  # noqa: PLR0917 - columns
    share: UInt16s,
    away: UInt16s,
    low: np.uint64,
    n: np.uint64,
    spans: PieceSpans,
    s: int,
    unit: np.float32,
    best: Float64s,
) -> None:
    """Lower the times at points low … low + n - 1 by the spans from s on."""
    slack, per_one = np.float32(-SHARE_SLACK), np.float32(1.0 / SHARE_ONE)
    while s >= 0:
        for i in range(n):
            run = (share[low + i] * per_one - spans.line[s, 0]) * spans.line[s, 1]
            if run >= slack:
                best[i] = min(best[i], spans.line[s, 2] + spans.line[s, 3] * run + away[low + i] * unit)
        s = spans.after[s]


@njit(nogil=True, cache=True)
def paint_tile(  # noqa: PLR0917 - columns
    layers: Layers,
    origin: int,
    cols: int,
    piece: Int32s,
    first: Int32s,
    at: UInt16s,
    share: UInt16s,
    away: UInt16s,
    east: UInt8s,
    north: UInt8s,
    unit_s: float,
    spans: PieceSpans,
    limits: Float32s,
) -> None:
    """Write a tile into layers of ``cols`` columns, its first point at ``origin``; what it says not stays.

    The time of a point is that on the nearest piece, then the walk of ``unit_s`` a unit of ``away``; past the
    end of a span it goes on rising, so that contours run between the points. Not written where the piece is
    not reached. The code is the number of limits not below the time. A road has a span in each direction as a
    rule, and there are three circles: the loop without branches is for these.
    """
    time_s, code, line, after = layers.time_s, layers.code, spans.line, spans.after
    slack, per_one, unit = np.float32(-SHARE_SLACK), np.float32(1.0 / SHARE_ONE), np.float32(unit_s)
    side = len(east)
    shift = np.uint64(0)
    while 1 << shift < side:
        shift += _ONE
    column, begin, wide = np.uint64(side - 1), np.uint64(origin), np.uint64(cols)
    limit = np.full(max(3, len(limits)), -np.inf, dtype=np.float32)
    limit[: len(limits)] = limits
    limit0, limit1, limit2 = limit[0], limit[1], limit[2]
    best, inside = np.empty(side * side, dtype=np.float64), np.empty(side * side, dtype=np.uint8)
    for q in range(len(piece)):
        place = place_of(spans.key, piece[q])
        if spans.key[place] < 0:
            continue
        low, n = np.uint64(first[q]), np.uint64(first[q + 1]) - np.uint64(first[q])
        s = spans.head[place]
        t = after[s] if after[s] >= 0 else s
        from_share, sign, from_s, whole_s = line[s, 0], line[s, 1], line[s, 2], line[s, 3]
        from_share2, sign2, from_s2, whole_s2 = line[t, 0], line[t, 1], line[t, 2], line[t, 3]
        for i in range(n):
            x = share[low + i] * per_one
            run, run2 = (x - from_share) * sign, (x - from_share2) * sign2
            here, here2 = from_s + whole_s * run, from_s2 + whole_s2 * run2
            now = here if run >= slack else np.inf
            now = here2 if (run2 >= slack) & (here2 < now) else now
            now += away[low + i] * unit
            best[i] = now
            inside[i] = np.uint8(now <= limit0) + np.uint8(now <= limit1) + np.uint8(now <= limit2)
        if after[t] >= 0 or len(limits) > 3:
            _more_spans(share, away, low, n, spans, after[t], unit, best)
            for i in range(n):
                inside[i] = np.sum(best[i] <= limit)
        for i in range(n):
            point = np.uint64(at[low + i])
            spot = begin + (point >> shift) * wide + (point & column)
            time_s[spot], code[spot] = best[i], inside[i]
    for r in range(side):
        row = begin + np.uint64(r) * wide
        for c in range(np.uint64(side)):  # far faster than to assign slices
            layers.east[row + c], layers.north[row + c] = east[r, c], north[r, c]


@njit(nogil=True, cache=True)
def ring_order(level: Int32s, outer: Int32s, n_levels: int) -> tuple[Int32s, Int32s, Int32s]:
    """Return the rings level by level, each outer one followed by its holes; int32[q].

    Also where each polygon begins in that order, and where each level begins among the polygons.
    """
    holes = np.full(len(outer), -1, dtype=np.int32)
    after = np.full(len(outer), -1, dtype=np.int32)
    for i in range(len(outer) - 1, -1, -1):
        if outer[i] != i:
            after[i] = holes[outer[i]]
            holes[outer[i]] = i
    order, polygon = np.empty(len(outer), dtype=np.int32), np.empty(len(outer) + 1, dtype=np.int32)
    area = np.zeros(n_levels + 1, dtype=np.int32)
    n = m = 0
    for k in range(n_levels):
        area[k] = m
        for i in range(len(outer)):
            if level[i] != k or outer[i] != i:
                continue
            polygon[m] = n
            m += 1
            order[n] = i
            n += 1
            hole = holes[i]
            while hole >= 0:
                order[n] = hole
                n += 1
                hole = after[hole]
    polygon[m], area[n_levels] = n, m
    return order, polygon[: m + 1], area


@njit(nogil=True, cache=True)
def rings_lonlat(points: Int32s, first: Int32s, order: Int32s, west: int, south: int) -> tuple[Int64s, Int64s]:
    """Return the points of rings in a new order, int64[v, 2] in 1e-7 degree, and where each ring begins."""
    out = np.empty((len(points), 2), dtype=np.int64)
    begins = np.empty(len(order) + 1, dtype=np.int64)
    n = 0
    for i in range(len(order)):
        begins[i] = n
        for j in range(first[order[i]], first[order[i] + 1]):
            out[n, 0], out[n, 1] = points[j, 0] + west, points[j, 1] + south
            n += 1
    begins[len(order)] = n
    return out[:n], begins
