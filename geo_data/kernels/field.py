"""The time field: the time at the nearest road of each point, and the walk to the point."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo_data.kernels.proximity import HALF_TURN_E7, SHARE_ONE, TURN_E7
from geo_data.types import UNREACHED, Float32s, Int32s, Int64s, UInt8s, UInt16s

SHARE_SLACK = 2.0 / SHARE_ONE
"""A point this little before the begin of a span is on it: shares are rounded."""

TILES_AT_ONCE = 2
"""A piece of road whose box touches more tiles than this is looked at segment by segment."""


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
) -> tuple[Int32s, Int32s, Int32s, Int32s, Int32s]:
    """Return the spans, and after them the last ``reach_mm`` of one-way arcs at the junctions that were reached.

    Who stands at the end of a one-way road stands at its junction as well, and may have come by another road;
    so may who stands at the end of a road that is closed. A road closed one way is one-way.
    Forward ``near_end`` is ``tail``, ``far_end`` is ``head`` and ``first``, ``in_arc`` list the arcs by head;
    towards, the other way round, with ``in_arc`` empty: arcs are in order of their tails.
    """
    node_ms = np.full(len(first) - 1, UNREACHED, dtype=np.int32)
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
    return out[0, :m], out[1, :m], out[2, :m], out[3, :m], out[4, :m]


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
    n_pieces: int,
    towards: bool,
) -> tuple[Int32s, Int32s, Float32s]:
    """Return spans as lists a piece: the first of each piece int32[p] or -1, the next of each, and its line.

    A line is float32[s, 4]: the share of the piece where the span is reached first, the direction in which
    time rises (1 or -1), the time there in s, and the seconds a whole piece takes. Spans are as Reach.arc_spans
    gives them.
    """
    head = np.full(n_pieces, -1, dtype=np.int32)
    after = np.empty(len(arc), dtype=np.int32)
    line = np.empty((len(arc), 4), dtype=np.float32)
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
        after[i] = head[p]
        head[p] = i
    return head, after, line


@njit(nogil=True, cache=True)
def _unwrapped(lon_e7: np.int64, lon0_e7: int) -> np.int64:
    """Return a longitude within a half turn of another."""
    if lon_e7 - lon0_e7 >= HALF_TURN_E7:
        return lon_e7 - TURN_E7
    return lon_e7 + TURN_E7 if lon_e7 - lon0_e7 < -HALF_TURN_E7 else lon_e7


@njit(nogil=True, cache=True)
def reached_boxes(  # noqa: PLR0917 - columns
    arc: Int32s,
    arc_piece: Int32s,
    piece_first_point: Int32s,
    point_lon_e7: Int32s,
    point_lat_e7: Int32s,
    lon0_e7: int,
) -> Int64s:
    """Return west, south, east, north in 1e-7 degree of the piece of each arc, and at last of all; int64[s + 1, 4].

    Longitudes are within a half turn of ``lon0_e7``.
    """
    boxes = np.empty((len(arc) + 1, 4), dtype=np.int64)
    box = boxes[len(arc)]
    box[0], box[1], box[2], box[3] = 2 * TURN_E7, TURN_E7, -2 * TURN_E7, -TURN_E7
    for i in range(len(arc)):
        p = arc_piece[arc[i]]
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
    arc: Int32s,
    arc_piece: Int32s,
    piece_first_point: Int32s,
    point_lon_e7: Int32s,
    point_lat_e7: Int32s,
    lon0_e7: int,
    frame: Int64s,
    margin_x: int,
    margin_y: int,
) -> UInt8s:
    """Return which tiles come within a margin of a piece of the arcs, uint8[rows, cols], 1 for yes.

    ``boxes`` as ``reached_boxes`` gives them. ``frame``: west and south of the first tile, width and height of
    a tile in 1e-7 degree, columns, rows.
    """
    west, south, per_wide, per_high = frame[0], frame[1], 1.0 / frame[2], 1.0 / frame[3]
    touched = np.zeros((frame[5], frame[4]), dtype=np.uint8)
    for i in range(len(arc)):
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
        p = arc_piece[arc[i]]
        for j in range(piece_first_point[p], piece_first_point[p + 1] - 1):
            x = _unwrapped(np.int64(point_lon_e7[j]), lon0_e7) - west
            x2 = _unwrapped(np.int64(point_lon_e7[j + 1]), lon0_e7) - west
            y, y2 = point_lat_e7[j] - south, point_lat_e7[j + 1] - south
            col_from, col_to = int((min(x, x2) - margin_x) * per_wide), int((max(x, x2) + margin_x) * per_wide)
            row_from, row_to = int((min(y, y2) - margin_y) * per_high), int((max(y, y2) + margin_y) * per_high)
            touched[row_from : row_to + 1, col_from : col_to + 1] = 1
    return touched


@njit(nogil=True, cache=True)
def paint_tile(  # noqa: PLR0917 - columns
    field: Float32s,
    code: UInt8s,
    piece: Int32s,
    first: Int32s,
    at: UInt16s,
    share: UInt16s,
    away: UInt16s,
    unit_s: float,
    head: Int32s,
    after: Int32s,
    line: Float32s,
    limits: Float32s,
) -> None:
    """Write the time in s at each point of a tile, ``field`` [side, side], and within how many limits it is.

    The time is that on the nearest piece, then the walk of ``unit_s`` a unit of ``away``; past the end of a
    span it goes on rising, so that contours run between the points. Infinite where the piece is not
    reached. ``code`` is the number of limits not below the time.
    """
    side = len(field)
    field[:] = np.inf
    unit, slack, per_one = np.float32(unit_s), np.float32(-SHARE_SLACK), np.float32(1.0 / SHARE_ONE)
    n = len(limits)
    shift = 0
    while 1 << shift < side:
        shift += 1
    for q in range(len(piece)):
        begin = head[piece[q]]
        if begin < 0:
            continue
        for i in range(first[q], first[q + 1]):
            x = share[i] * per_one
            best = np.float32(np.inf)
            s = begin
            while s >= 0:
                run = (x - line[s, 0]) * line[s, 1]
                if run >= slack:
                    best = min(best, line[s, 2] + line[s, 3] * run)
                s = after[s]
            best += away[i] * unit
            r, c = at[i] >> shift, at[i] & (side - 1)
            field[r, c] = best
            inside = 0
            for k in range(n):
                inside += best <= limits[k]
            code[r, c] = inside


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
