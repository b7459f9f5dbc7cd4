"""GeoJSON coordinates as text, straight from whole 1e-7 degrees: the slow part of sending a large area."""

from __future__ import annotations

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.types import Int64s, UInt8s

POINT_BYTES = 32
"""Room of one point, ``[-179.9999999,-89.9999999],``: 26 bytes, and the brackets of its ring."""

_E7 = 10_000_000
_ZERO, _MINUS, _DOT, _COMMA, _OPEN, _CLOSE = 48, 45, 46, 44, 91, 93


@njit(nogil=True, cache=True)
def _write(out: UInt8s, n: int, value: int) -> int:
    """Write 1e-7 degrees as a figure without trailing zeros but one digit at least; return the new end."""
    if value < 0:
        out[n] = _MINUS
        n += 1
        value = -value
    whole, part = value // _E7, value % _E7
    if whole >= 100:
        out[n] = _ZERO + whole // 100
        n += 1
    if whole >= 10:
        out[n] = _ZERO + whole // 10 % 10
        n += 1
    out[n], out[n + 1] = _ZERO + whole % 10, _DOT
    n += 2
    digits = 7
    while digits > 1 and part % 10 == 0:
        part //= 10
        digits -= 1
    for i in range(digits - 1, -1, -1):
        out[n + i] = _ZERO + part % 10
        part //= 10
    return n + digits


@njit(nogil=True, cache=True)
def polygons_text(points_e7: Int64s, rings: Int64s, polygons: Int64s) -> UInt8s:
    """Return the coordinates of a GeoJSON MultiPolygon, ASCII uint8[bytes].

    ``points_e7`` int64[v, 2] are longitude and latitude, |longitude| < 1000 degrees; ring i has the points
    rings[i] … rings[i + 1], polygon j the rings polygons[j] … polygons[j + 1].
    """
    begin, end = rings[polygons[0]], rings[polygons[-1]]
    out = np.empty(
        POINT_BYTES * (end - begin) + 8 * (len(polygons) + polygons[-1] - polygons[0]) + 8, dtype=np.uint8
    )
    out[0] = _OPEN
    n = 1
    for j in range(len(polygons) - 1):
        out[n] = _OPEN
        n += 1
        for i in range(polygons[j], polygons[j + 1]):
            out[n] = _OPEN
            n += 1
            for v in range(rings[i], rings[i + 1]):
                out[n] = _OPEN
                n = _write(out, n + 1, points_e7[v, 0])
                out[n] = _COMMA
                n = _write(out, n + 1, points_e7[v, 1])
                out[n], out[n + 1] = _CLOSE, _COMMA
                n += 2
            out[n - 1], out[n] = _CLOSE, _COMMA  # the last comma of a list becomes its end
            n += 1
        out[n - 1], out[n] = _CLOSE, _COMMA
        n += 1
    if len(polygons) > 1:
        n -= 1
    out[n] = _CLOSE
    return out[: n + 1]
