"""The nearest road of each point of a tile: a competition of all roads, reached or not, painted once."""

from __future__ import annotations

import math

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.types import Float32s, Int32s, Int64s, UInt8s, UInt16s

SHARE_ONE = 65535
"""A share of a piece of road, 0…1, as a uint16."""

LINEAR = 0
"""A border of 0: no road ends between the two points, so the time between them is a straight line."""

TURN_E7 = 3_600_000_000
HALF_TURN_E7 = 1_800_000_000


@njit(nogil=True, cache=True)
def near_segments(  # noqa: PLR0917 - columns
    grid_frame: Int64s,
    grid_first: Int32s,
    grid_segment: Int32s,
    west: int,
    south: int,
    east: int,
    north: int,
) -> Int32s:
    """Return the segments listed in the cells of a box in 1e-7 degree, sorted, each once; int32[m]."""
    wide, high, cols, rows = grid_frame[2], grid_frame[3], grid_frame[4], grid_frame[5]
    col_from, col_to = (west - grid_frame[0]) // wide, (east - grid_frame[0]) // wide
    row_from, row_to = (south - grid_frame[1]) // high, (north - grid_frame[1]) // high
    if col_to < 0 or row_to < 0 or col_from >= cols or row_from >= rows:
        return np.empty(0, dtype=np.int32)
    col_from, col_to = max(0, col_from), min(cols - 1, col_to)
    room = 0
    for row in range(max(0, row_from), min(rows - 1, row_to) + 1):
        room += grid_first[row * cols + col_to + 1] - grid_first[row * cols + col_from]
    found = np.empty(room, dtype=np.int32)
    n = 0
    for row in range(max(0, row_from), min(rows - 1, row_to) + 1):
        first, end = grid_first[row * cols + col_from], grid_first[row * cols + col_to + 1]
        found[n : n + end - first] = grid_segment[first:end]
        n += end - first
    found.sort()
    n = 0
    for i in range(len(found)):
        if n == 0 or found[i] != found[n - 1]:
            found[n] = found[i]
            n += 1
    return found[:n]


@njit(nogil=True, cache=True)
def place_segments(  # noqa: PLR0917 - columns
    segment: Int32s,
    point_lon_e7: Int32s,
    point_lat_e7: Int32s,
    piece_first_point: Int32s,
    west: int,
    south: int,
    metres_x: float,
    metres_y: float,
) -> tuple[Int32s, Float32s]:
    """Return the piece of each segment, int32[m], and its place float32[m, 6].

    A place is x, y of its first point and dx, dy in metres from the tile's corner, then the share of the piece
    before it and its own. Longitudes are taken the short way round from the corner. Segments are sorted.
    """
    piece = np.empty(len(segment), dtype=np.int32)
    place = np.empty((len(segment), 6), dtype=np.float32)
    last, total, run, at = -1, 0.0, 0.0, 0
    for i in range(len(segment)):
        a = segment[i]
        p = np.searchsorted(piece_first_point, a, side="right") - 1
        if p != last:
            last, total, run, at = p, 0.0, 0.0, piece_first_point[p]
            for j in range(at, piece_first_point[p + 1] - 1):
                total += _span_m(point_lon_e7, point_lat_e7, j, metres_x, metres_y)
        while at < a:
            run += _span_m(point_lon_e7, point_lat_e7, at, metres_x, metres_y)
            at += 1
        step = _span_m(point_lon_e7, point_lat_e7, a, metres_x, metres_y)
        piece[i] = p
        away = (point_lon_e7[a] - west + HALF_TURN_E7) % TURN_E7 - HALF_TURN_E7
        place[i, 0] = away * metres_x
        place[i, 1] = (point_lat_e7[a] - south) * metres_y
        place[i, 2] = _lon_step(point_lon_e7, a) * metres_x
        place[i, 3] = (np.int64(point_lat_e7[a + 1]) - point_lat_e7[a]) * metres_y
        place[i, 4] = run / total if total > 0.0 else 0.0
        place[i, 5] = step / total if total > 0.0 else 0.0
    return piece, place


@njit(nogil=True, cache=True)
def _lon_step(point_lon_e7: Int32s, j: int) -> np.int64:
    step = np.int64(point_lon_e7[j + 1]) - point_lon_e7[j]
    if step >= HALF_TURN_E7:
        return np.int64(step - TURN_E7)
    return np.int64(step + TURN_E7 if step < -HALF_TURN_E7 else step)


@njit(nogil=True, cache=True)
def _span_m(point_lon_e7: Int32s, point_lat_e7: Int32s, j: int, metres_x: float, metres_y: float) -> float:
    dx = _lon_step(point_lon_e7, j) * metres_x
    dy = (np.int64(point_lat_e7[j + 1]) - point_lat_e7[j]) * metres_y
    return math.sqrt(dx * dx + dy * dy)


# no distance is NaN: with that known, the row loop compiles to vector instructions
@njit(nogil=True, cache=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def nearest_of_tile(  # noqa: PLR0917 - columns
    side: int,
    step_x: float,
    step_y: float,
    place: Float32s,
    penalty_m: Float32s,
    limit_m: float,
    penalty_max_m: float,
) -> tuple[Int32s, Float32s]:
    """Return which segment is nearest to each point, int32[side, side], -1 for none, and its cost in m.

    Point (r, c) is at (c·step_x, r·step_y) metres. The cost of a segment is its distance, at most ``limit_m``,
    and its penalty; ties go to the first. Without one the cost is limit plus ``penalty_max_m``.
    """
    owner = np.full((side, side), -1, dtype=np.int32)
    cost = np.full((side, side), limit_m + penalty_max_m, dtype=np.float32)
    limit = np.float32(limit_m)
    one, none = np.float32(1.0), np.float32(0.0)
    wide = np.float32(step_x)
    for i in range(len(place)):
        ax, ay, dx, dy = place[i, 0], place[i, 1], place[i, 2], place[i, 3]
        row_from = max(0, math.ceil((min(ay, ay + dy) - limit_m) / step_y))
        row_to = min(side, math.floor((max(ay, ay + dy) + limit_m) / step_y) + 1)
        col_from = max(0, math.ceil((min(ax, ax + dx) - limit_m) / step_x))
        col_to = min(side, math.floor((max(ax, ax + dx) + limit_m) / step_x) + 1)
        square = dx * dx + dy * dy
        per_square = one / square if square > none else none
        add = penalty_m[i]
        mark = np.int32(i)
        for r in range(row_from, row_to):
            py = np.float32(r * step_y) - ay
            owners, costs = owner[r], cost[r]
            for c in range(col_from, col_to):
                px = np.float32(c) * wide - ax
                u = min(one, max(none, (px * dx + py * dy) * per_square))
                ex, ey = px - u * dx, py - u * dy
                away = math.sqrt(ex * ex + ey * ey)
                here = away + add
                better = (away <= limit) & (here < costs[c])
                costs[c] = here if better else costs[c]
                owners[c] = mark if better else owners[c]
    return owner, cost


@njit(nogil=True, cache=True)
def list_tile(  # noqa: PLR0917 - columns
    owner: Int32s, piece: Int32s, place: Float32s, step_x: float, step_y: float, units_m: float
) -> tuple[Int32s, Int32s, UInt16s, UInt16s, UInt16s]:
    """Return the points of a tile by the piece nearest to them.

    The pieces int32[q] in rising order, where the points of each begin in the lists int32[q + 1]; and of each
    point, uint16[e]: row and column as row·(side - 1) + column, share of the piece, distance in ``units_m``.
    The last row and column of ``owner`` belong to the neighbour tiles and are not listed.
    """
    side = len(owner) - 1
    number = np.empty(len(piece), dtype=np.int32)
    q = -1
    for i in range(len(piece)):
        if i == 0 or piece[i] != piece[i - 1]:
            q += 1
        number[i] = q
    count = np.zeros(q + 2, dtype=np.int32)
    for r in range(side):
        for c in range(side):
            if owner[r, c] >= 0:
                count[number[owner[r, c]] + 1] += 1
    for i in range(q + 1):
        count[i + 1] += count[i]
    room = count[q + 1]
    at, share = np.empty(room, dtype=np.uint16), np.empty(room, dtype=np.uint16)
    away = np.empty(room, dtype=np.uint16)
    fill = count.copy()
    for r in range(side):
        for c in range(side):
            i = owner[r, c]
            if i < 0:
                continue
            u, away_m = _nearest(place, i, c * step_x, r * step_y)
            n = fill[number[i]]
            fill[number[i]] += 1
            at[n] = r * side + c
            share[n] = min(1.0, place[i, 4] + u * place[i, 5]) * SHARE_ONE + 0.5
            away[n] = min(65535.0, away_m / units_m + 0.5)
    kept, m = np.empty(q + 1, dtype=np.int32), 0
    first = np.empty(q + 2, dtype=np.int32)
    for i in range(len(piece)):
        j = number[i]
        if (i == 0 or number[i - 1] != j) and count[j + 1] > count[j]:
            kept[m], first[m] = piece[i], count[j]
            m += 1
    first[m] = room
    return kept[:m].copy(), first[: m + 1].copy(), at, share, away


@njit(nogil=True, cache=True)
def _nearest(place: Float32s, i: int, x: float, y: float) -> tuple[float, float]:
    """Return the share of segment i at its point nearest to (x, y), and the metres to it."""
    dx, dy = float(place[i, 2]), float(place[i, 3])
    px, py = x - place[i, 0], y - place[i, 1]
    square = dx * dx + dy * dy
    u = min(1.0, max(0.0, (px * dx + py * dy) / square)) if square > 0.0 else 0.0
    return u, math.sqrt((px - u * dx) ** 2 + (py - u * dy) ** 2)


@njit(nogil=True, cache=True)
def borders_of_tile(  # noqa: PLR0917 - columns
    owner: Int32s,
    piece: Int32s,
    place: Float32s,
    penalty_m: Float32s,
    step_x: float,
    step_y: float,
    limit_m: float,
) -> tuple[UInt8s, UInt8s]:
    """Return where the nearest road changes between a point and the next one east, and north; uint8[side, side].

    1…255 of 256 is the share of the way to the neighbour at which both roads are equally near, or, where only
    one point has a road, at which that road is ``limit_m`` away. LINEAR where the piece is the same, or none.
    """
    side = len(owner) - 1
    east, north = np.zeros((side, side), dtype=np.uint8), np.zeros((side, side), dtype=np.uint8)
    for r in range(side):
        for c in range(side):
            for turn in range(2):
                r2, c2 = r + turn, c + 1 - turn
                a, b = owner[r, c], owner[r2, c2]
                if a == b or (a >= 0 and b >= 0 and piece[a] == piece[b]):
                    continue
                x, y, x2, y2 = c * step_x, r * step_y, c2 * step_x, r2 * step_y
                if a < 0:
                    here, there = _nearest(place, b, x, y)[1] - limit_m, limit_m - _nearest(place, b, x2, y2)[1]
                elif b < 0:
                    here, there = limit_m - _nearest(place, a, x, y)[1], _nearest(place, a, x2, y2)[1] - limit_m
                else:
                    more = penalty_m[b] - penalty_m[a]
                    here = _nearest(place, b, x, y)[1] - _nearest(place, a, x, y)[1] + more
                    there = _nearest(place, a, x2, y2)[1] - _nearest(place, b, x2, y2)[1] - more
                here, there = max(0.0, here), max(0.0, there)
                share = here / (here + there) if here + there > 0.0 else 0.5
                value = min(255, max(1, round(share * 256.0)))
                if turn == 0:
                    east[r, c] = value
                else:
                    north[r, c] = value
    return east, north
