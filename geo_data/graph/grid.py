"""The snap grid: which road segments pass each cell of a uniform grid."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from geo_data.coordinates import METRES_PER_E7
from geo_data.types import Int32s, Int64s

CELL_M: Final = 120.0
"""Wanted width of a cell: some ten segments in a dense town."""

ENTRIES_PER_SEGMENT_MAX: Final = 6
CELLS_MIN: Final = 1 << 16
"""Small grounds may have this many cells; larger ones two a segment."""

DOUBLINGS_MAX: Final = 20


def build_grid(
    point_lon_e7: Int32s, point_lat_e7: Int32s, piece_first_point: Int32s
) -> tuple[Int64s, Int32s, Int32s]:
    """Return ``grid_frame``, ``grid_first`` and ``grid_segment`` as RoadGraph describes them.

    The law kept: a segment is listed in every cell that its bounding box touches. Cells are doubled in width
    until the lists are short, so a sparse or huge ground costs no more memory than a dense one.
    """
    lon, lat = point_lon_e7.astype(np.int64), point_lat_e7.astype(np.int64)
    is_segment = np.ones(len(lon), dtype=bool)
    is_segment[piece_first_point[1:] - 1] = False
    segment = np.flatnonzero(is_segment)
    west, south = int(lon.min()), int(lat.min())
    left = np.minimum(lon[segment], lon[segment + 1]) - west
    right = np.maximum(lon[segment], lon[segment + 1]) - west
    low = np.minimum(lat[segment], lat[segment + 1]) - south
    high = np.maximum(lat[segment], lat[segment + 1]) - south
    middle = (south + int(lat.max())) / 2e7
    high_e7 = max(1, round(CELL_M / METRES_PER_E7))
    wide_e7 = max(1, round(high_e7 / max(0.01, math.cos(math.radians(middle)))))
    for _ in range(DOUBLINGS_MAX):
        cols, rows = int(right.max()) // wide_e7 + 1, int(high.max()) // high_e7 + 1
        col, row = left // wide_e7, low // high_e7
        across = right // wide_e7 - col + 1
        count = across * (high // high_e7 - row + 1)
        few_cells = cols * rows <= max(CELLS_MIN, 2 * len(segment))
        if few_cells and int(count.sum()) <= ENTRIES_PER_SEGMENT_MAX * len(segment) + CELLS_MIN:
            break
        wide_e7, high_e7 = 2 * wide_e7, 2 * high_e7
    owner = np.repeat(np.arange(len(segment)), count)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    cell = (row[owner] + within // across[owner]) * cols + col[owner] + within % across[owner]
    order = np.argsort(cell, kind="stable")
    first = np.zeros(cols * rows + 1, dtype=np.int32)
    np.cumsum(np.bincount(cell, minlength=cols * rows), out=first[1:])
    frame = np.array([west, south, wide_e7, high_e7, cols, rows], dtype=np.int64)
    return frame, first, segment[owner[order]].astype(np.int32)
