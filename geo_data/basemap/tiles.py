"""From features to tiles: project, simplify by zoom, cut at the edges, encode, and write one PMTiles file."""

from __future__ import annotations

import contextlib
import gzip
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo_data.basemap.features import LAYERS, MAX_ZOOM, MIN_ZOOM, Feature, Tags
from geo_data.basemap.mvt import EXTENT, encode_layer
from geo_data.errors import GroundError
from geo_data.types import Float64s, Int64s

BUFFER: Final = 80
"""Units (10 px) by which shapes reach beyond their tile, so that casings and names meet at the edge."""

MAX_TILES: Final = 60_000
"""A county has 2,000, a province 50,000; a larger ground is drawn with less detail."""

MAX_TILE_FEATURES: Final = 12_000
"""Of one layer in one tile; beyond it the smallest are left out."""

_SIMPLE: Final = 4.0
"""Units (half a pixel) by which a simplified line may leave the true one, below the last zoom."""
_SIMPLE_LAST: Final = 1.0
_LEAST_AREA: Final = 600.0
"""Square units (about 3 x 3 px) that an area must have to be seen, below the last zoom."""
_MOST_LATITUDE: Final = 85.05112878

Bounds = tuple[float, float, float, float]
Progress = Callable[[str], None]


def write_tiles(features: Sequence[Feature], bounds: Bounds, licence: str, path: Path, progress: Progress) -> int:
    """Write the tiles of all features as one PMTiles v3 file, all or nothing; return how many tiles it has.

    ``bounds`` (west, south, east, north in degrees) is what is drawn: shapes beyond it are cut off. The same
    features give the same bytes. Raises GroundError where nothing is left to draw or the file cannot be written.
    """
    frame = project(np.array([[bounds[0], bounds[3]], [bounds[2], bounds[1]]])).ravel()
    last = _last_zoom(frame)
    world = shapely.transform(np.array([feature.shape for feature in features], dtype=object), project)
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        with contextlib.ExitStack() as stack:
            writer = Writer(stack.enter_context(draft.open("wb")))
            stack.enter_context(writer.tile_f)
            for zoom in range(MIN_ZOOM, last + 1):
                progress(f"drawing the map at zoom {zoom} of {last}")
                for tile_id, data in _tiles_of(features, world, frame, zoom, last):
                    writer.write_tile(tile_id, gzip.compress(data, 6, mtime=0))
            if not writer.tile_entries:
                raise GroundError("there is nothing to draw", "give an extract with roads")
            writer.finalize(_header(bounds, last), _metadata(licence, last))
        count = int(writer.addressed_tiles)
        draft.replace(path)
    except OSError as error:
        raise GroundError(
            f"{path} cannot be written: {error.strerror}", "check its folder and the space left"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return count


def project(lonlat: Float64s) -> Float64s:
    """Web Mercator in 0…1 from the north-west corner of the world; latitudes beyond ±85.05° are drawn there."""
    lat = np.radians(np.clip(lonlat[:, 1], -_MOST_LATITUDE, _MOST_LATITUDE))
    y = 0.5 - np.arcsinh(np.tan(lat)) / (2 * math.pi)
    return np.column_stack([lonlat[:, 0] / 360.0 + 0.5, y])


def _last_zoom(frame: Float64s) -> int:
    """The deepest zoom at which the frame has no more than ``MAX_TILES`` tiles."""
    for zoom in range(MAX_ZOOM, MIN_ZOOM, -1):
        x0, y0, x1, y1 = np.floor(frame * 2.0**zoom).astype(np.int64)
        if (x1 - x0 + 1) * (y1 - y0 + 1) <= MAX_TILES:
            return zoom
    return MIN_ZOOM


def _tiles_of(
    features: Sequence[Feature], world: Any, frame: Float64s, zoom: int, last: int
) -> Iterator[tuple[int, bytes]]:
    """The tiles of one zoom in the order of their numbers."""
    seen = np.array([i for i, feature in enumerate(features) if feature.from_zoom <= zoom], np.int64)
    scale = float(EXTENT << zoom)
    shapes = shapely.transform(world[seen], lambda points: points * scale)
    if zoom < last:
        large = (shapely.get_dimensions(shapes) < 2) | (shapely.area(shapes) >= _LEAST_AREA)
        seen, shapes = seen[large], shapes[large]
    shapes = shapely.simplify(shapes, _SIMPLE if zoom < last else _SIMPLE_LAST)
    low, high = np.floor(frame[:2] * 2.0**zoom).astype(np.int64), np.floor(frame[2:] * 2.0**zoom).astype(np.int64)
    places = _by_tile(shapely.bounds(shapes), low, high)
    for tile_id, x, y in sorted((zxy_to_tileid(zoom, x, y), x, y) for x, y in places):
        rows = places[x, y]
        data = _tile(x, y, shapes[rows], [features[i] for i in seen[rows]])
        if data:
            yield tile_id, data


def _by_tile(bounds: Float64s, low: Int64s, high: Int64s) -> dict[tuple[int, int], list[int]]:
    """Which rows may be seen in which tile, within the corners ``low`` and ``high``."""
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    rows = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    first = np.maximum(np.floor((bounds[rows, :2] - BUFFER) / EXTENT), low).astype(np.int64)
    final = np.minimum(np.floor((bounds[rows, 2:] + BUFFER) / EXTENT), high).astype(np.int64)
    for row, (x0, y0), (x1, y1) in zip(rows.tolist(), first.tolist(), final.tolist(), strict=True):
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                places[x, y].append(row)
    return places


def _tile(x: int, y: int, shapes: Any, features: Sequence[Feature]) -> bytes:
    west, north = x * EXTENT - BUFFER, y * EXTENT - BUFFER
    across = EXTENT + 2 * BUFFER
    cut = shapely.clip_by_rect(shapes, west, north, west + across, north + across)
    cut = shapely.transform(cut, lambda points: points - (x * EXTENT, y * EXTENT))
    empty = shapely.is_empty(cut)
    groups: dict[str, tuple[list[shapely.Geometry], list[Tags]]] = {name: ([], []) for name in LAYERS}
    for shape, feature, nothing in zip(cut, features, empty, strict=True):
        if not nothing:
            held, tags = groups[feature.layer]
            held.append(shape)
            tags.append(feature.tags)
    return b"".join(encode_layer(name, *_most(*groups[name])) for name in LAYERS)


def _most(shapes: list[shapely.Geometry], tags: list[Tags]) -> tuple[list[shapely.Geometry], list[Tags]]:
    """As many as a tile may hold, the largest first to stay; their order is kept."""
    if len(shapes) <= MAX_TILE_FEATURES:
        return shapes, tags
    sizes = shapely.area(shapes) + shapely.length(shapes)
    kept = np.sort(np.argsort(-sizes, kind="stable")[:MAX_TILE_FEATURES])
    return [shapes[i] for i in kept], [tags[i] for i in kept]


def _header(bounds: Bounds, last: int) -> dict[str, Any]:
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": last,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }


def _metadata(licence: str, last: int) -> dict[str, Any]:
    layers: list[dict[str, Any]] = [
        {"id": name, "fields": {}, "minzoom": MIN_ZOOM, "maxzoom": last} for name in LAYERS
    ]
    return {"name": "ground", "attribution": licence, "vector_layers": layers}
