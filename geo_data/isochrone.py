"""Isochrones: nested polygons out of the time field of the reached roads, not a hull of junctions."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from shapely import affinity

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.kernels.contour import trace_rings
from geo_data.kernels.field import (
    Layers,
    PieceSpans,
    paint_tile,
    piece_boxes,
    ring_order,
    rings_lonlat,
    spans_at_junctions,
    spans_by_piece,
    touched_tiles,
)
from geo_data.kernels.lanes import workspace
from geo_data.kernels.proximity import HALF_TURN_E7, LINEAR
from geo_data.kernels.text import polygons_text
from geo_data.locate import AT_JUNCTION_M
from geo_data.profiles import FOOT_SPEED_M_S
from geo_data.proximity import AWAY_UNIT_M, CELL_M, LEVEL_MAX, SIDE, Cells, cells_of, tile_of
from geo_data.reach import Reach, reach
from geo_data.types import MAX_TRAVEL_MS, ArcPosition, Float32s, Float64s, Int32s, Int64s, UInt8s

CELLS_MAX: Final = 3_000_000
"""Very large circles get coarser cells rather than more."""

CANVASES_KEPT: Final = 4
"""How many circles may be painted at once in kept memory, 11 bytes a point each; more take new memory."""

LIMITS_MAX: Final = 16
JUMP_FACTOR: Final = 1.5
"""A border between two roads with times farther apart than this many cells of walk is drawn where it is."""


def isochrones(
    graph: RoadGraph, start: Sequence[ArcPosition], limits_s: Sequence[int], towards: bool = False
) -> dict[int, shapely.MultiPolygon]:
    """Return for each limit in seconds the WGS-84 area reached within it; ``towards``: from where it is reached.

    A point is inside where the road nearest to it is reached in time, as ``locate`` and ``Reach.at`` say: the
    walk off the road, at most 100 m, is included. 1 to 16 limits, each 1…86,400 s; the keys are in rising order.
    The polygons are valid and have holes, their points are whole 1e-7 degrees. Cells are 12.5 m wide, wider
    where the area is very large, and what is smaller than a cell may be missing. At the antimeridian an area is
    cut in two. Raises GroundError where a limit is out of range or a position is not of this graph. The law
    kept: of two limits, the smaller's area is covered by the larger's (but for 1e-7 degree at that cut).
    """
    limits = _check_limits(limits_s)
    return areas_of(reach(graph, start, limits[-1] * 1000, towards), limits)


def covered_area(
    graph: RoadGraph, starts: Sequence[Sequence[ArcPosition]], limit_s: int, towards: bool = False
) -> shapely.MultiPolygon:
    """Return the area that at least one of many starts reaches within ``limit_s`` s: who is covered now.

    One search from all of them, so the cost grows with the area and not with the roster. ``starts`` are as
    ``locate`` returns them, one an own sequence (a team); an empty one (a team with no road near) covers nothing,
    and so does an empty roster. Raises GroundError as ``isochrones`` does. The law kept: it covers the isochrone
    of each start, but for the width of a cell along the border.
    """
    _check_limits([limit_s])
    places = [position for start in starts for position in start]
    return areas_of(reach(graph, places, limit_s * 1000, towards), [limit_s])[limit_s] if places else _nothing()


def _nothing() -> shapely.MultiPolygon:
    return shapely.MultiPolygon()


def _check_limits(limits_s: Sequence[int]) -> list[int]:
    """Return the limits in rising order, each once."""
    limits = sorted(set(limits_s))
    if not 1 <= len(limits) <= LIMITS_MAX or limits[0] < 1 or limits[-1] * 1000 > MAX_TRAVEL_MS:
        raise GroundError(
            f"limits of {list(limits_s)} s are out of range",
            f"give 1 to {LIMITS_MAX} limits of 1…{MAX_TRAVEL_MS // 1000} s",
        )
    return limits


def areas_of(found: Reach, limits_s: Sequence[int]) -> dict[int, shapely.MultiPolygon]:
    """Return the areas of a reach for rising limits in s, each at most the reach's own; see ``isochrones``."""
    rings = _rings(found, limits_s)
    if rings is None:
        return {limit_s: _nothing() for limit_s in limits_s}
    offsets = rings.rings, rings.polygons, rings.areas
    made = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, rings.at_e7 / 1e7, offsets)
    return dict(zip(limits_s, (_on_the_globe(area) for area in made[::-1]), strict=True))


class _Rings(NamedTuple):
    """Areas as rings: points int64[v, 2] in 1e-7 degree, and where rings, polygons and areas begin in each other.

    Outer rings run counter-clockwise, holes clockwise; the first area is that of the largest limit.
    """

    at_e7: Int64s
    rings: Int64s
    polygons: Int32s
    areas: Int32s


def _rings(found: Reach, limits_s: Sequence[int]) -> _Rings | None:
    """Return the areas of a reach for rising limits, None where nothing is reached."""
    graph, spans = found.graph, found.arc_spans()
    if len(spans.arc) == 0:
        return None
    ends = (graph.head, graph.tail, graph.first_out) if found.towards else (graph.tail, graph.head, graph.first_in)
    near = spans_at_junctions(
        *spans,
        graph.length_mm,
        graph.travel_ms,
        graph.twin,
        *ends,
        graph.in_arc,
        found.towards,
        round(AT_JUNCTION_M * 1000),
        workspace(graph).best_ms,
    )
    by_piece, pieces = spans_by_piece(
        *near, graph.length_mm, graph.arc_piece, graph.arc_against, found.towards, len(spans.arc)
    )
    geometry = (graph.piece_first_point, graph.point_lon_e7, graph.point_lat_e7)
    lon0_e7 = int(graph.point_lon_e7[graph.piece_first_point[pieces[0]]])
    boxes = piece_boxes(pieces, *geometry, lon0_e7)
    cells, frame = window = _window(graph, boxes[-1])
    touched = touched_tiles(boxes, pieces, *geometry, lon0_e7, frame, *cells.margin_e7())
    # falling: a level is a number of limits, counted from the largest
    limits = np.array(limits_s[::-1], dtype=np.float32)
    jump_s = JUMP_FACTOR * CELL_M * (1 << cells.level) / FOOT_SPEED_M_S
    canvas = _canvases.take(touched.size * SIDE * SIDE)
    try:
        layers = _paint(graph, window, touched, by_piece, limits, canvas)
        cols = touched.shape[1] * SIDE
        points, first, level, outer = trace_rings(
            layers, cols, canvas.slot, limits, jump_s, cells.wide_e7, cells.high_e7
        )
    finally:
        _canvases.give(canvas)
    order, polygons, areas = ring_order(level, outer, len(limits))
    return _Rings(*rings_lonlat(points, first, order, int(frame[0]), int(frame[1])), polygons, areas)


class _Canvas(NamedTuple):
    """Room to paint on, of any content: the layers, and for each point a number that the tracing uses."""

    layers: Layers
    slot: Int32s


class _Canvases:
    """Canvases kept for the next circles: new memory costs more than painting, a page at a time. Any thread.

    Each has room for the largest area, and takes as much memory as the largest that was painted on it.
    """

    def __init__(self) -> None:
        self._kept: list[_Canvas] = []
        self._lock = threading.Lock()

    def take(self, size: int) -> _Canvas:
        """Return a canvas of at least so many points, of which nobody else has one until it is given back."""
        with self._lock:
            canvas = self._kept.pop() if self._kept else None
        if canvas is None or len(canvas.slot) < size:
            size = max(size, CELLS_MAX)
            bytes_of = [np.empty(size, dtype=np.uint8) for _ in range(3)]
            layers = Layers(np.empty(size, dtype=np.float32), *bytes_of)
            canvas = _Canvas(layers, np.empty(size, dtype=np.int32))
        return canvas

    def give(self, canvas: _Canvas) -> None:
        """Keep a canvas; one too many goes."""
        with self._lock:
            if len(self._kept) < CANVASES_KEPT:
                self._kept.append(canvas)


_canvases: Final = _Canvases()


class _Window(NamedTuple):
    """Whole tiles around an area: their cells, and their frame as ``touched_tiles`` wants it."""

    cells: Cells
    frame: Int64s


def _window(graph: RoadGraph, box: Int64s) -> _Window:
    """Return the finest cells that stay few, and the frame of whole tiles around a box, as ``touched_tiles``."""
    west, south, east, north = (int(v) for v in box)
    for level in range(LEVEL_MAX + 1):
        cells = cells_of(graph, level)
        margin_x, margin_y = cells.margin_e7()
        wide, high = SIDE * cells.wide_e7, SIDE * cells.high_e7
        col, row = (west - margin_x) // wide, (south - margin_y) // high
        cols, rows = (east + margin_x) // wide - col + 1, (north + margin_y) // high - row + 1
        if cols * rows * SIDE * SIDE <= CELLS_MAX:
            break
    return _Window(cells, np.array([col * wide, row * high, wide, high, cols, rows], dtype=np.int64))


def _paint(  # noqa: PLR0917 - what a picture is made of
    graph: RoadGraph,
    window: _Window,
    touched: UInt8s,
    spans: PieceSpans,
    limits: Float32s,
    canvas: _Canvas,
) -> Layers:
    """Return the layers of a window of tiles, painted on a canvas."""
    cells, frame = window
    rows, cols = touched.shape
    size, whole = rows * cols * SIDE * SIDE, canvas.layers
    layers = Layers(whole.time_s[:size], whole.code[:size], whole.east[:size], whole.north[:size])
    layers.time_s.fill(np.inf)
    layers.code.fill(0)
    layers.east.fill(LINEAR)
    layers.north.fill(LINEAR)
    unit_s = AWAY_UNIT_M * (1 << cells.level) / FOOT_SPEED_M_S
    row0, col0 = int(frame[1] // frame[3]), int(frame[0] // frame[2])
    wide = cols * SIDE
    for r, c in np.argwhere(touched).tolist():
        tile = tile_of(graph, cells, row0 + r, col0 + c)
        lists = (tile.piece, tile.first, tile.at, tile.share, tile.away, tile.east, tile.north)
        paint_tile(layers, (r * wide + c) * SIDE, wide, *lists, unit_s, spans, limits)
    # the tracing never looks beyond the frame: what a margin too small (near a pole) lets out to it is cut off
    code = layers.code.reshape(-1, wide)
    code[0], code[-1], code[:, 0], code[:, -1] = 0, 0, 0, 0
    return layers


def _on_the_globe(area: shapely.MultiPolygon) -> shapely.MultiPolygon:
    """Return the area in longitudes -180…180, cut in two where it crosses the antimeridian (RFC 7946 3.1.9)."""
    west, south, east, north = area.bounds
    if area.is_empty or (west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0):
        return area
    parts: list[shapely.Polygon] = []
    for turn in (-360.0, 0.0, 360.0):
        part = area & shapely.box(turn - 180.0, -90.0, turn + 180.0, 90.0)
        moved = shapely.transform(affinity.translate(part, xoff=-turn), _whole_e7)
        parts += [p for p in shapely.get_parts(moved).tolist() if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _whole_e7(points: Float64s) -> Float64s:
    rounded: Float64s = np.round(points, 7)
    return rounded


def isochrones_geojson(
    graph: RoadGraph, start: Sequence[ArcPosition], limits_s: Sequence[int], towards: bool = False
) -> dict[str, Any]:
    """Return the isochrones as a GeoJSON FeatureCollection (RFC 7946: outer rings counter-clockwise).

    One MultiPolygon a limit, the largest first so that the smaller lie on top when drawn in order; properties
    ``minutes``, ``limit_s``, ``profile``, ``towards``. Raises as ``isochrones`` does.
    """
    areas = isochrones(graph, start, limits_s, towards)
    features = [
        {
            "type": "Feature",
            "properties": _properties(graph, limit_s, towards),
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [
                    [shapely.get_coordinates(ring).tolist() for ring in (polygon.exterior, *polygon.interiors)]
                    for polygon in shapely.orient_polygons(area).geoms
                ],
            },
        }
        for limit_s, area in reversed(areas.items())
    ]
    return {"type": "FeatureCollection", "features": features}


def isochrones_json(
    graph: RoadGraph, start: Sequence[ArcPosition], limits_s: Sequence[int], towards: bool = False
) -> str:
    """Return ``isochrones_geojson`` as compact text, equal to the digit, far faster than by ``json.dumps``."""
    limits = _check_limits(limits_s)
    rings = _rings(reach(graph, start, limits[-1] * 1000, towards), limits)
    if rings is None or np.any(np.abs(rings.at_e7) > (HALF_TURN_E7, HALF_TURN_E7 // 2)):
        made = isochrones_geojson(graph, start, limits, towards)  # nothing, or cut at the antimeridian
        return json.dumps(made, separators=(",", ":"))
    features = []
    for i, limit_s in enumerate(reversed(limits)):
        polygons = rings.polygons[rings.areas[i] : rings.areas[i + 1] + 1].astype(np.int64)
        text = polygons_text(rings.at_e7, rings.rings, polygons).tobytes().decode("ascii")
        properties = json.dumps(_properties(graph, limit_s, towards), separators=(",", ":"))
        features.append(
            f'{{"type":"Feature","properties":{properties},'
            f'"geometry":{{"type":"MultiPolygon","coordinates":{text}}}}}'
        )
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _properties(graph: RoadGraph, limit_s: int, towards: bool) -> dict[str, Any]:
    minutes = limit_s / 60 if limit_s % 60 else limit_s // 60
    return {"minutes": minutes, "limit_s": limit_s, "profile": graph.profile, "towards": towards}
