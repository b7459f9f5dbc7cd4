"""Water and land use from the same extract as the roads, for drawing beneath them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import osmium
import osmium.filter
import shapely
from osmium.geom import GeoJSONFactory
from osmium.osm.types import Area, Way

from geo_data.errors import GroundError

AREA_KINDS: Final[dict[tuple[str, str], str]] = {
    ("natural", "water"): "water",
    ("waterway", "riverbank"): "water",
    ("landuse", "reservoir"): "water",
    ("natural", "wood"): "forest",
    ("landuse", "forest"): "forest",
    ("landuse", "industrial"): "industrial",
    ("landuse", "residential"): "residential",
    ("landuse", "commercial"): "commercial",
    ("landuse", "retail"): "commercial",
    ("landuse", "farmland"): "farmland",
    ("leisure", "park"): "park",
}
LINE_KINDS: Final = {"river": "river", "canal": "canal", "stream": "stream"}

MAX_FEATURES: Final = 50_000
"""Beyond this the smallest areas are left out: nobody sees them, and the page would be slow."""


def read_areas(path: str | Path) -> dict[str, Any]:
    """Water and land use of an OSM file as a GeoJSON FeatureCollection, large areas first, waterways last.

    Properties: ``kind``, one of the values of AREA_KINDS and LINE_KINDS, and ``name``. Coordinates are rounded to
    1e-6 degrees. An area that is broken in the file is left out. Raises GroundError where the file cannot be read.
    """
    keys = {key for key, _ in AREA_KINDS} | {"waterway"}
    reader = osmium.FileProcessor(str(path)).with_areas(osmium.filter.KeyFilter(*sorted(keys)))
    factory = GeoJSONFactory()
    areas: list[tuple[float, dict[str, Any]]] = []
    lines: list[dict[str, Any]] = []
    try:
        for thing in reader:
            tags = thing.tags
            if isinstance(thing, Area):
                kind = next((AREA_KINDS[pair] for pair in AREA_KINDS if tags.get(pair[0]) == pair[1]), None)
                if kind is not None and (shape := _shape(factory.create_multipolygon, thing)) is not None:
                    areas.append((float(shapely.area(shape)), _feature(shape, kind, tags.get("name"))))
            elif isinstance(thing, Way) and (kind := LINE_KINDS.get(tags.get("waterway") or "")) is not None:
                shape = _shape(factory.create_linestring, thing)
                if shape is not None:
                    lines.append(_feature(shape, kind, tags.get("name")))
    except RuntimeError as error:
        raise GroundError(f"{path} cannot be read: {error}", "give an OSM file that is complete") from error
    areas.sort(key=lambda area: -area[0])
    return {"type": "FeatureCollection", "features": [feature for _, feature in areas[:MAX_FEATURES]] + lines}


def _shape(create: Any, thing: Any) -> shapely.Geometry | None:
    try:
        shape: shapely.Geometry = shapely.from_geojson(create(thing))
    except (RuntimeError, osmium.InvalidLocationError, shapely.GEOSException):
        return None
    return shape


def _feature(shape: shapely.Geometry, kind: str, name: str | None) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda points: points.round(6))
    geometry = json.loads(shapely.to_geojson(rounded))
    return {"type": "Feature", "properties": {"kind": kind, "name": name or ""}, "geometry": geometry}
