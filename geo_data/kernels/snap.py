"""The nearest road segment to a point, through the ground's uniform grid."""

from __future__ import annotations

import math

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.types import Int32s, Int64s, UInt8s

NEVER_NEARER_M = 1e-3
"""What is farther by this much than the nearest yet is farther for certain, however both were rounded."""


@njit(nogil=True, cache=True)
def snap_segment(  # noqa: PLR0917 - columns
    grid_frame: Int64s,
    grid_first: Int32s,
    grid_segment: Int32s,
    point_lon_e7: Int32s,
    point_lat_e7: Int32s,
    piece_first_point: Int32s,
    piece_island: UInt8s,
    lon_e7: float,
    lat_e7: float,
    metres_x: float,
    metres_y: float,
    limit_m: float,
    island_penalty_m: float,
) -> tuple[int, int, float, float]:
    """Return (piece, first point of the segment, share 0…1 along the segment, metres away), or piece -1.

    Looks at rings of cells around the point until no unseen segment can be nearer, and passes over a cell that
    is farther than what was found; ``metres_x`` and ``metres_y`` are the metres of 1e-7 degree there. A segment
    of an island counts as ``island_penalty_m`` farther than it is, but must itself be within ``limit_m``. Ties
    go to the segment listed first.
    """
    west, south, wide, high = grid_frame[0], grid_frame[1], grid_frame[2], grid_frame[3]
    cols, rows = grid_frame[4], grid_frame[5]
    col = math.floor((lon_e7 - west) / wide)
    row = math.floor((lat_e7 - south) / high)
    cell_m = min(wide * metres_x, high * metres_y)
    best_piece, best_point, best_share, best_m = -1, -1, 0.0, 0.0
    best_cost = limit_m + island_penalty_m
    if (max(-row, row - rows + 1) - 1) * high * metres_y > limit_m:
        return best_piece, best_point, best_share, best_m  # the grid is too far north or south
    # from the first ring that touches the grid to the last one that does, or is near enough
    gap = max(0, -col, col - cols + 1, -row, row - rows + 1)
    whole = max(abs(col), abs(col - cols), abs(row), abs(row - rows)) + 1
    rings = min(whole, int(min(limit_m / cell_m, 2.0**31))) + 2
    for ring in range(gap, rings):
        if (ring - 1) * cell_m > best_cost:
            break
        for r in range(max(0, row - ring), min(rows, row + ring + 1)):
            gap_y = max(0.0, south + r * high - lat_e7, lat_e7 - south - (r + 1) * high) * metres_y
            if gap_y > best_cost + NEVER_NEARER_M:
                continue
            edge = r == row - ring or r == row + ring
            step = 1 if edge else 2 * ring
            c = col - ring
            if edge and c < 0:
                c = 0
            while c <= col + ring and c < cols:
                gap_x = max(0.0, west + c * wide - lon_e7, lon_e7 - west - (c + 1) * wide) * metres_x
                nearest_m = min(limit_m, best_cost) + NEVER_NEARER_M
                if c >= 0 and gap_x * gap_x + gap_y * gap_y <= nearest_m * nearest_m:
                    cell = r * cols + c
                    for i in range(grid_first[cell], grid_first[cell + 1]):
                        a = grid_segment[i]
                        ax = (point_lon_e7[a] - lon_e7) * metres_x
                        ay = (point_lat_e7[a] - lat_e7) * metres_y
                        dx = (np.int64(point_lon_e7[a + 1]) - point_lon_e7[a]) * metres_x
                        dy = (np.int64(point_lat_e7[a + 1]) - point_lat_e7[a]) * metres_y
                        square = dx * dx + dy * dy
                        share = 0.0
                        if square > 0.0:
                            share = min(1.0, max(0.0, -(ax * dx + ay * dy) / square))
                        off_x, off_y = ax + share * dx, ay + share * dy
                        if off_x * off_x + off_y * off_y > nearest_m * nearest_m:
                            continue
                        away_m = math.hypot(off_x, off_y)
                        if away_m > limit_m or away_m >= best_cost:
                            continue
                        piece = np.searchsorted(piece_first_point, a, side="right") - 1
                        cost = away_m + island_penalty_m * piece_island[piece]
                        if cost < best_cost:
                            best_cost = cost
                            best_piece, best_point, best_share, best_m = piece, a, share, away_m
                            nearest_m = min(limit_m, best_cost) + NEVER_NEARER_M
                c += step
    return best_piece, best_point, best_share, best_m
