"""The ground as the page draws it: circles, tiles, roads, places. Never on the desk's thread."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dispatch.adapters.finding import PlaceFinder
from dispatch.adapters.map_files import MapFiles
from dispatch.adapters.places import Place
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import Point
from dispatch.wire.bodies import FoundView, GroundView, PlaceView
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph import Ground
from geo_data.isochrone import isochrones_json
from geo_data.locate import locate
from geo_data.proximity import prepare_tiles
from geo_data.types import ROAD_CLASSES, LonLat


class GroundDrawing:
    """Drawings of one ground as text or gzipped bytes, each made once."""

    def __init__(
        self,
        ground: Ground,
        places: Sequence[Place],
        files: MapFiles | None,
        *,
        synthetic: bool,
        pace: float,
        demo: bool,
    ) -> None:
        self._ground, self._places, self._files = ground, places, files
        self._synthetic, self._pace, self._demo = synthetic, pace, demo
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._roads = cache(self._make_roads)
        self._finder = PlaceFinder(files.names if files else None, places)

    def prepare(self) -> None:
        """Begin to make what circles are drawn from, on the drawings' thread: later ones do not wait for it."""
        self._thread.submit(self._prepare)
        self._finder.prepare()

    def _prepare(self) -> None:
        graph = self._ground.graph(self._ground.profiles[0])
        lon, lat = graph.arc_geometry(0)[0]
        self._circles(Point(float(lon), float(lat)), graph.profile, [60], False)  # compiles, or loads, the kernels
        prepare_tiles(graph)

    def view(self) -> GroundView:
        """What the service routes on."""
        meta = self._ground.meta
        graph = self._ground.graph(self._ground.profiles[0])
        return GroundView(
            source=meta.source,
            source_date=meta.source_date or None,
            licence=meta.licence,
            synthetic=self._synthetic,
            bounds=meta.bounds,
            profiles=list(self._ground.profiles),
            junctions=graph.n_nodes,
            arcs=graph.n_arcs,
            pace=self._pace,
            demo=self._demo,
        )

    def places(self) -> list[PlaceView]:
        """The places that have a tier of their own."""
        return [
            PlaceView(
                place=place.place,
                name=place.name,
                name_en=place.name_en,
                tier=place.tier,
                kind=place.kind,
                lon=place.point.lon,
                lat=place.point.lat,
                radius_m=place.radius_m,
            )
            for place in self._places
        ]

    async def circles(self, point: Point, profile: str, limits_s: list[int], towards: bool) -> str | Refusal:
        """Isochrone polygons as GeoJSON text; refused where no road is near or the profile is unknown."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._circles, point, profile, limits_s, towards
        )

    def _circles(self, point: Point, profile: str, limits_s: list[int], towards: bool) -> str | Refusal:
        try:
            graph = self._ground.graph(profile)
            start = locate(graph, LonLat(point.lon, point.lat))
            return isochrones_json(graph, start, limits_s, towards)
        except TooFarFromRoad as error:
            return Refusal(Code.TOO_FAR_FROM_ROAD, str(error))
        except GroundError as error:
            return Refusal(Code.BAD_REQUEST, f"{error}: {error.hint}")

    async def roads(self) -> bytes:
        """All roads as gzipped GeoJSON, one MultiLineString a class."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._roads)

    def basemap(self) -> tuple[Path, str] | None:
        """The file of vector tiles and the name of its content, None where the ground has no map.

        The files are kept by content (bootstrap), so that the name of the file is that of what is in it.
        """
        if self._files is None or not self._files.tiles.is_file():
            return None
        return self._files.tiles, self._files.tiles.stem

    async def find(self, query: str, near: Point | None, limit: int) -> list[FoundView]:
        """Places that are called so, the best first: the extract's and our own."""
        return await self._finder.ask(query, near, limit)

    def _make_roads(self) -> bytes:
        lines: dict[int, list[list[list[float]]]] = {}
        drawn: set[int] = set()  # ways, so that one that several profiles use is drawn once
        for graph in sorted(self._ground.graphs.values(), key=lambda graph: -graph.n_pieces):
            points = np.column_stack([graph.point_lon_e7, graph.point_lat_e7]).astype(np.float64) / 1e7
            points = np.round(points, 5)
            ways = graph.piece_way.tolist()
            for piece, way in enumerate(ways):
                if way not in drawn:
                    line = points[graph.piece_points(piece)].tolist()
                    lines.setdefault(int(graph.piece_class[piece]), []).append(line)
            drawn.update(ways)
        features = [
            {
                "type": "Feature",
                "properties": {"class": ROAD_CLASSES[number]},
                "geometry": {"type": "MultiLineString", "coordinates": pieces},
            }
            for number, pieces in sorted(lines.items())
        ]
        return _gzipped({"type": "FeatureCollection", "features": features})


def _gzipped(document: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 6, mtime=0)
