"""Rings around all that is within each of some limits, traced on a field of times (marching squares)."""

from __future__ import annotations

from typing import Final

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.field import Layers
from geo_data.kernels.proximity import LINEAR
from geo_data.types import Float32s, Int32s, UInt8s

POINTS_START = 1 << 12

_NONE: Final = np.uint64(0)
_BYTE: Final = np.uint64(8)
_SEVENTH: Final = np.uint64(56)
_EACH: Final = np.uint64(0x0101010101010101)
_ORDER: Final = np.uint64(0x0001020304050607)
"""One bit of ``_EACH`` times this has the number of its byte in the highest byte."""


@njit(nogil=True, cache=True)
def crossings(code: UInt8s, cols: int, slot: Int32s) -> tuple[Int32s, Int32s]:
    """Return where rows cross limits: edge (row·cols + col of its west end) and level, int32[n], in row order.

    The number of an edge's first crossing is written to ``slot``, int32[rows·cols]; the crossings of one edge
    follow each other by level. A point of ``code`` n, uint8[rows·cols], is within all levels below n, level 0
    the largest; ``cols`` must be a multiple of 8, and the first column be within none.
    """
    eights = code.view(np.uint64)
    edge, level = np.empty(POINTS_START, dtype=np.int32), np.empty(POINTS_START, dtype=np.int32)
    n = 0
    last = _NONE
    for g in range(len(eights)):
        now = eights[np.uint64(g)]
        # each byte beside the one before it; those that differ are looked at, from the lowest bit on
        changed = now ^ (now << _BYTE | last)
        last = now >> _SEVENTH
        if changed == _NONE:
            continue
        changed |= changed >> np.uint64(4)
        changed |= changed >> np.uint64(2)
        changed = (changed | changed >> np.uint64(1)) & _EACH
        if n + 8 * 256 > len(edge):
            edge, level = _grown(edge), _grown(level)
        while changed != _NONE:
            lowest = changed & (~changed + np.uint64(1))
            changed ^= lowest
            i = np.uint64(8 * g) + (lowest * _ORDER >> _SEVENTH)
            a, b = code[i - np.uint64(1)], code[i]
            slot[i - np.uint64(1)] = n
            for k in range(min(a, b), max(a, b)):
                edge[n], level[n] = i - np.uint64(1), k
                n += 1
    return edge[:n], level[:n]


@njit(nogil=True, cache=True)
def _grown(values: Int32s) -> Int32s:
    more = np.empty(2 * len(values), dtype=np.int32)
    more[: len(values)] = values
    return more


@njit(nogil=True, cache=True)
def _longer(points: Int32s, n: int) -> Int32s:
    more = np.empty((2 * len(points), 2), dtype=np.int32)
    more[:n] = points[:n]
    return more


@njit(nogil=True, cache=True)
def cut_share(inner: float, outer: float, border: float, limit: float, jump: float) -> float:
    """Return how far from the inner point (time ≤ limit) to the outer one the limit is met, 0…1.

    ``border`` is the share at which the nearest road changes, below 0 for no change. The time is taken as a
    straight line, but for a border with a jump of more than ``jump``, to a point that is not reached, or where
    both times are the same once rounded.
    Rising with ``limit`` by law: this is what keeps circles nested.
    """
    if border >= 0.0 and outer - inner > jump:
        return border
    if outer == np.inf or outer <= inner:
        return 0.5
    return (limit - inner) / (outer - inner)


@njit(nogil=True, cache=True)
def _joined(a: float, b: float, c: float, d: float, limit: float) -> bool:
    """Return whether two inner corners a, b of a square are one area across it: by the mean of all four.

    The sum is the same from both sides, and true for a limit is true for each larger one.
    """
    return bool((np.float64(a) + np.float64(b)) + (np.float64(c) + np.float64(d)) <= 4.0 * limit)


@njit(nogil=True, cache=True)
def trace_rings(  # noqa: PLR0917 - columns
    layers: Layers, cols: int, slot: Int32s, limits: Float32s, jump: float, wide: int, high: int
) -> tuple[Int32s, Int32s, Int32s, Int32s]:
    """Return the rings as points int32[v, 2], where each begins int32[q + 1], its level and its outer ring.

    A point is ``wide`` a column and ``high`` a row; each ring ends where it begins, runs with the inside to
    its left, and lies on no grid point. ``limits`` fall: level k is within ``limits[k]``. A ring whose outer
    ring is itself is an outer one, the others are holes. Rings of one level never touch. No point of the
    outermost rows and columns may be within a limit.
    """
    times, flat, easts, norths = layers
    edge, level = crossings(flat, cols, slot)
    ring = np.full(len(edge), -1, dtype=np.int32)
    points = np.empty((3 * len(edge) + POINTS_START, 2), dtype=np.int32)  # crossings of rows, columns, and ends
    first = np.empty(len(edge) + 1, dtype=np.int32)
    outer, ring_level = np.empty_like(first), np.empty_like(first)
    # a step by heading (north, west, south, east): ahead, and to the right, where the outer point is
    ahead, aside = np.array([cols, -1, -cols, 1]), np.array([1, cols, -1, -cols])
    up, over = np.array([1, 0, -1, 0]), np.array([0, -1, 0, 1])
    n, q = 0, 0
    for start in range(len(edge)):
        if ring[start] >= 0:
            continue
        k, inside, heading = level[start], edge[start], 0
        limit = limits[k]
        first[q], ring_level[q] = n, k
        if flat[inside] > k:  # a hole: what lies to the west is inside
            before = start - 1
            while level[before] != k:
                before -= 1
            outer[q] = outer[ring[before]]
        else:
            outer[q] = q
            inside, heading = inside + 1, 2
        row, col, begin, way = inside // cols, inside % cols, inside, heading
        for _ in range(2 * len(flat)):
            outside = inside + aside[heading]
            if n + 2 > len(points):
                points = _longer(points, n)
            lying = heading & 1 == 0
            east_or_north = heading < 2  # where the outer point lies
            low = inside if east_or_north else outside
            cut = easts[low] if lying else norths[low]
            border = -1.0 if cut == LINEAR else (cut / 256.0 if east_or_north else 1.0 - cut / 256.0)
            share = cut_share(times[inside], times[outside], border, limit, jump)
            size = wide if lying else high
            step = min(size - 1, max(1, int(share * size + 0.5)))
            step = step if east_or_north else -step
            points[n, 0], points[n, 1] = col * wide, row * high
            if lying:
                points[n, 0] += step
                ring[slot[low] + k - min(flat[inside], flat[outside])] = q
            else:
                points[n, 1] += step
            n += 1
            left, right = inside + ahead[heading], outside + ahead[heading]
            if flat[right] > k and (
                flat[left] > k or _joined(times[inside], times[right], times[outside], times[left], limit)
            ):
                row += up[heading] - over[heading]
                col += over[heading] + up[heading]
                inside, heading = right, (heading + 3) & 3
            elif flat[left] > k:
                row, col, inside = row + up[heading], col + over[heading], left
            else:
                heading = (heading + 1) & 3
            if inside == begin and heading == way:
                break
        points[n] = points[first[q]]
        n += 1
        q += 1
    first[q] = n
    return points[:n], first[: q + 1], ring_level[:q], outer[:q]
