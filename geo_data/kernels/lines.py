"""The reached parts of roads as lines with the time at each of their points."""

from __future__ import annotations

import math

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.proximity import HALF_TURN_E7, TURN_E7
from geo_data.types import Float64s, Int32s, UInt8s


@njit(nogil=True, cache=True)
def cut_spans(  # noqa: PLR0917 - columns
    arc: Int32s,
    from_mm: Int32s,
    to_mm: Int32s,
    from_ms: Int32s,
    to_ms: Int32s,
    length_mm: Int32s,
    arc_piece: Int32s,
    arc_against: UInt8s,
    piece_first_point: Int32s,
    point_lon_e7: Int32s,
    point_lat_e7: Int32s,
) -> tuple[Float64s, Float64s, Int32s]:
    """Return points float64[v, 2] in degrees, the ms at each float64[v], and where each span's line begins.

    A line runs in the direction of travel and has at least two points, both ends of the span among them; time
    runs evenly along it. Spans are as Reach.arc_spans gives them.
    """
    room = 2
    for i in range(len(arc)):
        p = arc_piece[arc[i]]
        room += piece_first_point[p + 1] - piece_first_point[p] + 2
    out, ms = np.empty((room, 2)), np.empty(room)
    first = np.empty(len(arc) + 1, dtype=np.int32)
    n = 0
    for i in range(len(arc)):
        a = arc[i]
        first[i] = n
        begin, end = piece_first_point[arc_piece[a]], piece_first_point[arc_piece[a] + 1]
        back = arc_against[a] == 1
        shrink = math.cos(math.radians(point_lat_e7[begin] * 1e-7))
        total = 0.0
        for j in range(begin, end - 1):
            total += _step(point_lon_e7, point_lat_e7, j, shrink)
        scale = length_mm[a] / total if total > 0.0 else 0.0
        low, high = float(from_mm[i]), float(to_mm[i])
        slope = (to_ms[i] - from_ms[i]) / (high - low) if high > low else 0.0
        mark = 0.0
        for g in range(end - begin - 1):
            j, k = (end - 1 - g, end - 2 - g) if back else (begin + g, begin + g + 1)
            size = _step(point_lon_e7, point_lat_e7, min(j, k), shrink) * scale
            last = g == end - begin - 2
            stop = float(length_mm[a]) if last else mark + size
            if stop >= low and mark <= high:
                if n == first[i]:
                    n = _put(out, ms, n, point_lon_e7, point_lat_e7, j, k, low, mark, size)
                    ms[n - 1] = from_ms[i]
                if stop < high:
                    if stop > low:
                        n = _put(out, ms, n, point_lon_e7, point_lat_e7, j, k, stop, mark, size)
                        ms[n - 1] = from_ms[i] + slope * (stop - low)
                else:
                    n = _put(out, ms, n, point_lon_e7, point_lat_e7, j, k, high, mark, size)
                    ms[n - 1] = to_ms[i]
                    break
            mark = stop
    first[len(arc)] = n
    return out[:n], ms[:n], first


@njit(nogil=True, cache=True)
def _step(lon_e7: Int32s, lat_e7: Int32s, j: int, shrink: float) -> float:
    east = abs(np.int64(lon_e7[j + 1]) - lon_e7[j])
    return math.hypot(min(east, TURN_E7 - east) * shrink, np.int64(lat_e7[j + 1]) - lat_e7[j])


@njit(nogil=True, cache=True)
def _put(  # noqa: PLR0917 - columns
    out: Float64s,
    ms: Float64s,
    n: int,
    lon_e7: Int32s,
    lat_e7: Int32s,
    j: int,
    k: int,
    at: float,
    mark: float,
    size: float,
) -> int:
    """Write the point ``at`` mm of a segment from j to k that begins at ``mark`` and is ``size`` long."""
    u = min(1.0, max(0.0, (at - mark) / size)) if size > 0.0 else (1.0 if at > mark else 0.0)
    east = np.int64(lon_e7[k]) - lon_e7[j]
    if abs(east) > HALF_TURN_E7:
        east -= TURN_E7 if east > 0 else -TURN_E7
    lon = lon_e7[j] + u * east
    if abs(lon) > HALF_TURN_E7:
        lon -= TURN_E7 if lon > 0 else -TURN_E7
    out[n, 0], out[n, 1] = lon / 1e7, (lat_e7[j] + u * (np.int64(lat_e7[k]) - lat_e7[j])) / 1e7
    return n + 1
