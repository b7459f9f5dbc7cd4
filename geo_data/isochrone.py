"""Isochrones: nested polygons out of the time field of the reached roads, not a hull of junctions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import contourpy
import numpy as np
import shapely

from geo_data.coordinates import METRES_PER_DEGREE, LocalPlane
from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.kernels.field import paint_field, span_segments
from geo_data.locate import position_point
from geo_data.profiles import FOOT_SPEED_M_S
from geo_data.reach import Reach, reach
from geo_data.types import MAX_TRAVEL_MS, ArcPosition, Float64s

OFFROAD_LIMIT_M: Final = 100.0
"""How far from the road the area of a circle may go."""

CELL_MIN_M: Final = 10.0
CELL_MAX_M: Final = 25.0
CELLS_WANTED: Final = 160_000
CELLS_MAX: Final = 2_000_000
"""Very large circles get coarser cells rather than more."""

LIMITS_MAX: Final = 16
_FAR_S: Final = 1e9


def isochrones(
    graph: RoadGraph, start: Sequence[ArcPosition], limits_s: Sequence[int], towards: bool = False
) -> dict[int, shapely.MultiPolygon]:
    """Return for each limit in seconds the WGS-84 area reached within it; ``towards``: from where it is reached.

    1 to 16 limits, each 1…86,400 s; the keys are in rising order. The polygons are valid and have holes; they
    contain the reached parts of roads and the walk off them at foot speed, at most 100 m. A circle smaller
    than a cell is empty. Raises GroundError where a limit is out of range or a position is not of this graph.
    The law kept: of two limits, the smaller's area is covered by the larger's.
    """
    limits = sorted(set(limits_s))
    if not 1 <= len(limits) <= LIMITS_MAX or limits[0] < 1 or limits[-1] * 1000 > MAX_TRAVEL_MS:
        raise GroundError(
            f"limits of {list(limits_s)} s are out of range",
            f"give 1 to {LIMITS_MAX} limits of 1…{MAX_TRAVEL_MS // 1000} s",
        )
    found = reach(graph, start, limits[-1] * 1000, towards)
    plane = LocalPlane(*position_point(graph, found.start[0]))
    segments = _segments(found, plane)
    if len(segments) == 0:
        return dict.fromkeys(limits, shapely.MultiPolygon())
    field, x, y = _field(segments, float(limits[-1]))
    contours = contourpy.contour_generator(
        *plane.to_lonlat(x, y), field, name="serial", fill_type=contourpy.FillType.OuterOffset
    )
    return {limit: _area(contours.filled(-1.0, float(limit))) for limit in limits}


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
            "properties": {
                "minutes": limit_s / 60 if limit_s % 60 else limit_s // 60,
                "limit_s": limit_s,
                "profile": graph.profile,
                "towards": towards,
            },
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [
                    [_ring(ring) for ring in (polygon.exterior, *polygon.interiors)]
                    for polygon in shapely.orient_polygons(area).geoms
                ],
            },
        }
        for limit_s, area in reversed(areas.items())
    ]
    return {"type": "FeatureCollection", "features": features}


def _ring(ring: shapely.LinearRing) -> list[list[float]]:
    rounded: list[list[float]] = np.round(shapely.get_coordinates(ring), 7).tolist()
    return rounded


def _segments(found: Reach, plane: LocalPlane) -> Float64s:
    graph = found.graph
    segments: Float64s = span_segments(
        *found.arc_spans(),
        graph.length_mm,
        graph.twin,
        graph.arc_piece,
        graph.arc_against,
        graph.piece_first_point,
        graph.point_lon_e7,
        graph.point_lat_e7,
        plane.lon0 * 1e7,
        plane.lat0 * 1e7,
        plane.metres_per_lon * 1e-7,
        METRES_PER_DEGREE * 1e-7,
    )
    return segments


def _field(segments: Float64s, limit_s: float) -> tuple[Float64s, Float64s, Float64s]:
    """Return the time field in s [rows, cols] and the metres of its columns and rows."""
    x, y = segments[:, 0:4:2], segments[:, 1:4:2]
    margin_m = OFFROAD_LIMIT_M + 4.0 * CELL_MAX_M
    wide_m, high_m = float(np.ptp(x)) + 2.0 * margin_m, float(np.ptp(y)) + 2.0 * margin_m
    cell_m = min(CELL_MAX_M, max(CELL_MIN_M, math.sqrt(wide_m * high_m / CELLS_WANTED)))
    cell_m = max(cell_m, math.sqrt(wide_m * high_m / CELLS_MAX))
    margin_m = OFFROAD_LIMIT_M + 4.0 * cell_m
    x0, y0 = float(x.min()) - margin_m, float(y.min()) - margin_m
    cols = math.ceil((float(x.max()) + margin_m - x0) / cell_m) + 1
    rows = math.ceil((float(y.max()) + margin_m - y0) / cell_m) + 1
    field: Float64s = np.full((rows, cols), _FAR_S)
    steep_s_per_m = limit_s / cell_m
    paint_field(field, segments, x0, y0, cell_m, 1.0 / FOOT_SPEED_M_S, OFFROAD_LIMIT_M, steep_s_per_m, limit_s)
    columns_m: Float64s = x0 + cell_m * np.arange(cols, dtype=np.float64)
    rows_m: Float64s = y0 + cell_m * np.arange(rows, dtype=np.float64)
    return field, columns_m, rows_m


def _area(filled: Any) -> shapely.MultiPolygon:
    """Return the rings of ContourPy's OuterOffset form as one valid MultiPolygon."""
    polygons = []
    for points, offsets in zip(*filled, strict=True):
        rings = [points[offsets[i] : offsets[i + 1]] for i in range(len(offsets) - 1)]
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    area = shapely.MultiPolygon(polygons)
    if area.is_valid:
        return area
    # rings that touch in a point, or have shrunk to a line where a level meets a grid point
    mended = shapely.make_valid(area, method="structure", keep_collapsed=False)
    return shapely.MultiPolygon([p for p in shapely.get_parts(mended).tolist() if p.geom_type == "Polygon"])
