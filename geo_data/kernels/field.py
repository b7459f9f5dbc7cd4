"""The time field: reached parts of roads painted on a grid, with the walk off the road."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from geo_data.types import Float64s, Int32s, UInt8s


@njit(nogil=True, cache=True)
def span_segments(  # noqa: PLR0917 - columns
    arc: Int32s,
    from_mm: Int32s,
    to_mm: Int32s,
    from_ms: Int32s,
    to_ms: Int32s,
    length_mm: Int32s,
    twin: Int32s,
    arc_piece: Int32s,
    arc_against: UInt8s,
    piece_first_point: Int32s,
    point_lon_e7: Int32s,
    point_lat_e7: Int32s,
    lon0_e7: float,
    lat0_e7: float,
    metres_x: float,
    metres_y: float,
) -> Float64s:
    """Return the spans as straight segments, float64[s, 8]: x, y, x, y in metres, then times in s.

    The times are those at both ends by the arc and at both ends by its twin. A road reached whole in both
    directions gives one row of segments with both times; any other span gives its own with the same times
    twice. Spans are as Reach.arc_spans gives them.
    """
    whole = np.full(len(length_mm), -1, dtype=np.int32)
    room = 0
    for i in range(len(arc)):
        a = arc[i]
        if from_mm[i] == 0 and to_mm[i] == length_mm[a]:
            whole[a] = i
        piece = arc_piece[a]
        room += piece_first_point[piece + 1] - piece_first_point[piece]
    out = np.empty((room, 8))
    n = 0
    for i in range(len(arc)):
        a = arc[i]
        other = -1
        if whole[a] == i and twin[a] >= 0 and whole[twin[a]] >= 0:
            if arc_against[a] == 1:
                continue
            other = whole[twin[a]]
        first, end = piece_first_point[arc_piece[a]], piece_first_point[arc_piece[a] + 1]
        total = 0.0
        for j in range(first, end - 1):
            dx = (point_lon_e7[j + 1] - point_lon_e7[j]) * metres_x
            dy = (point_lat_e7[j + 1] - point_lat_e7[j]) * metres_y
            total += math.sqrt(dx * dx + dy * dy)
        scale = length_mm[a] / total if total > 0.0 else 0.0
        # in the direction of the piece: low and high mark, and the times there
        low, high = float(from_mm[i]), float(to_mm[i])
        low_s, high_s = from_ms[i] / 1000.0, to_ms[i] / 1000.0
        if arc_against[a] == 1:
            low, high = length_mm[a] - high, length_mm[a] - low
            low_s, high_s = high_s, low_s
        slope = (high_s - low_s) / (high - low) if high > low else 0.0
        other_low_s, other_slope = low_s, slope
        if other >= 0:
            other_low_s = to_ms[other] / 1000.0
            other_slope = (from_ms[other] / 1000.0 - other_low_s) / (high - low) if high > low else 0.0
        mark = 0.0
        for j in range(first, end - 1):
            x = (point_lon_e7[j] - lon0_e7) * metres_x
            y = (point_lat_e7[j] - lat0_e7) * metres_y
            dx = (point_lon_e7[j + 1] - lon0_e7) * metres_x - x
            dy = (point_lat_e7[j + 1] - lat0_e7) * metres_y - y
            step = math.sqrt(dx * dx + dy * dy) * scale
            begin, stop = max(low, mark), min(high, mark + step)
            if begin <= stop:
                u = (begin - mark) / step if step > 0.0 else 0.0
                v = (stop - mark) / step if step > 0.0 else 0.0
                out[n, 0], out[n, 1] = x + u * dx, y + u * dy
                out[n, 2], out[n, 3] = x + v * dx, y + v * dy
                out[n, 4], out[n, 5] = low_s + slope * (begin - low), low_s + slope * (stop - low)
                out[n, 6] = other_low_s + other_slope * (begin - low)
                out[n, 7] = other_low_s + other_slope * (stop - low)
                n += 1
            mark += step
    return out[:n]


# no field is NaN: with that known, the row loop compiles to vector instructions
@njit(nogil=True, cache=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def paint_field(  # noqa: PLR0917 - columns
    field: Float64s,
    segments: Float64s,
    x0: float,
    y0: float,
    cell_m: float,
    walk_s_per_m: float,
    walk_limit_m: float,
    steep_s_per_m: float,
    limit_s: float,
) -> None:
    """Lower each point of ``field`` [rows, cols] to the time it is reached in: the road's, then the walk's.

    Point (r, c) is at (x0 + c·cell_m, y0 + r·cell_m). The walk leaves the road at the nearest point of each
    segment; past ``walk_limit_m`` no point is within ``limit_s``, and the time rises by
    ``steep_s_per_m`` a metre, so that contours run between the points. The law kept: every point whose
    time is within ``limit_s`` is painted, and so are its eight neighbours.
    """
    rows, cols = field.shape
    for i in range(len(segments)):
        ax, ay = segments[i, 0], segments[i, 1]
        dx, dy = segments[i, 2] - ax, segments[i, 3] - ay
        s0, ds = segments[i, 4], segments[i, 5] - segments[i, 4]
        t0, dt = segments[i, 6], segments[i, 7] - segments[i, 6]
        least_s = min(s0, s0 + ds, t0, t0 + dt)
        if least_s > limit_s:
            continue
        radius = min(walk_limit_m, (limit_s - least_s) / walk_s_per_m) + 1.5 * cell_m
        square = dx * dx + dy * dy
        per_square = 1.0 / square if square > 0.0 else 0.0
        row_from = max(0, int((min(ay, ay + dy) - radius - y0) / cell_m))
        row_to = min(rows, int((max(ay, ay + dy) + radius - y0) / cell_m) + 1)
        col_from = max(0, int((min(ax, ax + dx) - radius - x0) / cell_m))
        col_to = min(cols, int((max(ax, ax + dx) + radius - x0) / cell_m) + 1)
        for r in range(row_from, row_to):
            py = y0 + r * cell_m - ay
            row = field[r]
            for c in range(col_from, col_to):
                px = x0 + c * cell_m - ax
                u = min(1.0, max(0.0, (px * dx + py * dy) * per_square))
                ex, ey = px - u * dx, py - u * dy
                away_m = math.sqrt(ex * ex + ey * ey)
                at_s = min(s0 + u * ds, t0 + u * dt) + away_m * walk_s_per_m
                beyond_m = away_m - walk_limit_m
                late_s = max(at_s, limit_s) + beyond_m * steep_s_per_m
                row[c] = min(row[c], late_s if beyond_m > 0.0 else at_s)
