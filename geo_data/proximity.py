"""Which road is nearest to each point of the map: tiles made when first asked for, the latest kept."""

from __future__ import annotations

import math
import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo_data.coordinates import METRES_PER_E7
from geo_data.graph import RoadGraph
from geo_data.kernels.proximity import borders_of_tile, list_tile, near_segments, nearest_of_tile, place_segments
from geo_data.locate import ISLAND_PENALTY_M
from geo_data.types import Int32s, UInt8s, UInt16s

CELL_M: Final = 12.5
"""Distance between the points of a tile at level 0; each level doubles it."""

SIDE: Final = 128
"""Points along each side of a tile, a power of two, at most 256."""

LEVEL_MAX: Final = 14
OFFROAD_LIMIT_M: Final = 100.0
"""How far from the road a point may be to have a nearest road; at coarse levels at least two cells."""

TILES_MAX_BYTES: Final = 192 << 20
"""Memory that the tiles of all grounds together may take; the least recently used go first."""

AWAY_UNIT_M: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """The nearest road of SIDE × SIDE points: lists by piece as ``list_tile`` gives them, and the borders.

    ``piece`` int32[q], ``first`` int32[q + 1], ``at``, ``share`` and ``away`` uint16[e], ``east`` and ``north``
    uint8[SIDE, SIDE]. ``away`` is in AWAY_UNIT_M times two to the level.
    """

    piece: Int32s
    first: Int32s
    at: UInt16s
    share: UInt16s
    away: UInt16s
    east: UInt8s
    north: UInt8s

    def nbytes(self) -> int:
        """Return the bytes of all columns."""
        return sum(getattr(self, name).nbytes for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Cells:
    """The points of one level, ``wide_e7`` × ``high_e7`` in 1e-7 degree apart, counted from 0° east, 0° north."""

    level: int
    wide_e7: int
    high_e7: int

    @property
    def offroad_m(self) -> float:
        """Metres that the area may go off the road."""
        return max(OFFROAD_LIMIT_M, 2.0 * CELL_M * (1 << self.level))

    def margin_e7(self) -> tuple[int, int]:
        """Return what may lie around a road, and one cell more, in 1e-7 degree of longitude and latitude."""
        cells = math.ceil(self.offroad_m / (CELL_M * (1 << self.level))) + 2
        return cells * self.wide_e7, cells * self.high_e7


def cells_of(graph: RoadGraph, level: int) -> Cells:
    """Return the cells of a graph at a level 0…LEVEL_MAX, as square in metres as its middle latitude allows."""
    assert 0 <= level <= LEVEL_MAX, level
    _, south, _, high, _, rows = (int(v) for v in graph.grid_frame)
    middle = math.radians((south + rows * high / 2) / 1e7)
    high_e7 = round(CELL_M / METRES_PER_E7)
    return Cells(level, round(high_e7 / max(0.01, math.cos(middle))) << level, high_e7 << level)


_Key = tuple[int, int, int, int]
_tiles: OrderedDict[_Key, Tile] = OrderedDict()
_lock = threading.Lock()
_bytes = 0
_known: set[int] = set()


def tile_of(graph: RoadGraph, cells: Cells, row: int, col: int) -> Tile:
    """Return the tile whose first point is (col·SIDE·wide_e7, row·SIDE·high_e7), made where it is not kept.

    Grounds that share their geometry (an overlay, a reversed graph) share their tiles. Safe from any thread.
    """
    global _bytes  # noqa: PLW0603 - the size of the one cache
    key = (id(graph.grid_segment), cells.level, row, col)
    with _lock:
        tile = _tiles.get(key)
        if tile is not None:
            _tiles.move_to_end(key)
            return tile
    tile = make_tile(graph, cells, row, col)
    with _lock:
        if key[0] not in _known:
            _known.add(key[0])
            weakref.finalize(graph.grid_segment, _forget, key[0])
        if key not in _tiles:
            _tiles[key] = tile
            _bytes += tile.nbytes()
        while _bytes > TILES_MAX_BYTES:
            _bytes -= _tiles.popitem(last=False)[1].nbytes()
    return tile


def kept_bytes() -> int:
    """Return the memory of all tiles kept now, at most TILES_MAX_BYTES."""
    return _bytes


def _forget(ground: int) -> None:
    """Drop the tiles of a ground that is gone."""
    global _bytes  # noqa: PLW0603 - the size of the one cache
    with _lock:
        _known.discard(ground)
        for key in [key for key in _tiles if key[0] == ground]:
            _bytes -= _tiles.pop(key).nbytes()


def make_tile(graph: RoadGraph, cells: Cells, row: int, col: int) -> Tile:
    """Return a tile newly made: the nearest road as ``locate`` chooses it, islands as much farther away."""
    west, south = col * SIDE * cells.wide_e7, row * SIDE * cells.high_e7
    lat = min(90.0, max(-90.0, (south + SIDE * cells.high_e7 / 2) / 1e7))
    metres_x = max(1e-6, METRES_PER_E7 * math.cos(math.radians(lat)))
    limit_m = cells.offroad_m
    out_x, out_y = math.ceil(limit_m / metres_x), math.ceil(limit_m / METRES_PER_E7)
    assert limit_m < 65535 * AWAY_UNIT_M * (1 << cells.level)
    box = (west - out_x, south - out_y, west + SIDE * cells.wide_e7 + out_x, south + SIDE * cells.high_e7 + out_y)
    segment = _near(graph, *box)
    if len(segment) == 0:
        return _EMPTY
    points = (graph.point_lon_e7, graph.point_lat_e7, graph.piece_first_point)
    piece, place = place_segments(segment, *points, west, south, metres_x, METRES_PER_E7)
    step_x, step_y = cells.wide_e7 * metres_x, cells.high_e7 * METRES_PER_E7
    penalty_m = (graph.piece_island[piece] * ISLAND_PENALTY_M).astype(np.float32)
    owner, _ = nearest_of_tile(SIDE + 1, step_x, step_y, place, penalty_m, limit_m, ISLAND_PENALTY_M)
    east, north = borders_of_tile(owner, piece, place, penalty_m, step_x, step_y, limit_m)
    return Tile(*list_tile(owner, piece, place, step_x, step_y, AWAY_UNIT_M * (1 << cells.level)), east, north)


_NO_LIST: Final = np.empty(0, dtype=np.uint16)
_NO_BORDER: Final = np.zeros((SIDE, SIDE), dtype=np.uint8)
_EMPTY: Final = Tile(
    np.empty(0, dtype=np.int32), np.zeros(1, dtype=np.int32), _NO_LIST, _NO_LIST, _NO_LIST, _NO_BORDER, _NO_BORDER
)


def prepare_tiles(graph: RoadGraph) -> int:
    """Make all tiles of a ground's finest level that fit in half the memory of the cache; return their number.

    A service calls it once at its start (a metropolitan area takes about a second), so that no circle waits
    for tiles. Tiles that do not fit are made when they are first needed.
    """
    cells = cells_of(graph, 0)
    west, south, wide, high, cols, rows = (int(v) for v in graph.grid_frame)
    tile_x, tile_y = SIDE * cells.wide_e7, SIDE * cells.high_e7
    made = 0
    for row in range(south // tile_y, (south + rows * high) // tile_y + 1):
        for col in range(west // tile_x, (west + cols * wide) // tile_x + 1):
            if _bytes > TILES_MAX_BYTES // 2:
                return made
            tile_of(graph, cells, row, col)
            made += 1
    return made


def _near(graph: RoadGraph, west: int, south: int, east: int, north: int) -> Int32s:
    """Return the segments of a box that may reach over the antimeridian."""
    columns = (graph.grid_frame, graph.grid_first, graph.grid_segment)
    found = [
        near_segments(*columns, west + turn, south, east + turn, north)
        for turn in (-3_600_000_000, 0, 3_600_000_000)
        if west + turn <= 1_800_000_000 and east + turn >= -1_800_000_000
    ]
    return found[0] if len(found) == 1 else np.unique(np.concatenate([np.empty(0, dtype=np.int32), *found]))
