"""Roads cut at a boundary: only what lies within an area becomes part of a ground."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError
from geo_data.sources.build import Ways
from geo_data.types import Int64s

Area = shapely.Polygon | shapely.MultiPolygon

_NEW_NODE: Final = 1 << 60
"""OSM-like numbers of the nodes at the border begin here: beyond all of OpenStreetMap's."""

_HINT: Final = "give a GeoJSON file (WGS-84) with polygons: a FeatureCollection, a Feature or a geometry"


def read_area(path: str | Path) -> Area:
    """Return all polygons of a GeoJSON file as one area, WGS-84; raises GroundError where there are none."""
    path = Path(path)
    try:
        found = shapely.from_geojson(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GroundError(f"{path} cannot be read: {error.strerror}", _HINT) from None
    except (UnicodeDecodeError, shapely.errors.GEOSException) as error:
        raise GroundError(f"{path} is no GeoJSON ({error})", _HINT) from None
    parts = [p for p in shapely.get_parts(shapely.get_parts([found])) if p.geom_type in {"Polygon", "MultiPolygon"}]
    area = shapely.union_all([shapely.make_valid(part) for part in parts])
    polygons = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 0.0]
    if not polygons:
        raise GroundError(f"{path} has no polygons", _HINT)
    west, south, east, north = area.bounds
    if west < -180.0 or east > 180.0 or south < -90.0 or north > 90.0:
        raise GroundError(f"{path} is not in degrees: it reaches {area.bounds}", _HINT)
    return shapely.MultiPolygon(polygons)


def clip_ways(ways: Ways, area: Area) -> Ways:
    """Return the parts of ways within an area, new nodes where they cross its border, to 1e-7 degree.

    A way that leaves and comes back becomes several of the same tags; a stated length is shared by measured
    length. What is said about turns stays with its nodes. Raises GroundError where no road is within.
    """
    shapely.prepare(area)
    lon, lat = ways.node_lon_e7 / 1e7, ways.node_lat_e7 / 1e7
    segment = np.flatnonzero(np.bincount(ways.way_first[1:] - 1, minlength=len(ways.ref)) == 0)
    a, b = ways.ref[segment], ways.ref[segment + 1]
    lines = shapely.linestrings(np.stack([np.column_stack([lon[n], lat[n]]) for n in (a, b)], axis=1))
    state = np.full(len(ways.ref), _OUTSIDE, dtype=np.int8)  # of the segment from each entry of ref to the next
    touches = shapely.intersects(area, lines)
    state[segment[touches]] = _CUT
    state[segment[shapely.covers(area, lines)]] = _INSIDE
    line_of = np.zeros(len(ways.ref), dtype=np.int64)
    line_of[segment] = np.arange(len(segment))
    cutter = _Cutter(ways, area, np.asarray(lines), state, line_of)
    for way in range(len(ways.tags)):
        cutter.cut(way)
    if not cutter.way:
        raise GroundError("no road is within the boundary", "check that it is in WGS-84 and where the roads are")
    return cutter.result()


_OUTSIDE, _CUT, _INSIDE = 0, 1, 2


class _Cutter:
    """Runs of nodes within the area, and the nodes made at its border."""

    def __init__(
        self, ways: Ways, area: Area, lines: npt.NDArray[np.object_], state: npt.NDArray[np.int8], line_of: Int64s
    ) -> None:
        self.ways, self.area, self.lines, self.state, self.line_of = ways, area, lines, state, line_of
        self.lon_e7: list[int] = []
        self.lat_e7: list[int] = []
        self.runs: list[list[int]] = []
        self.way: list[int] = []

    def cut(self, way: int) -> None:
        """Add the runs of one way."""
        first, end = int(self.ways.way_first[way]), int(self.ways.way_first[way + 1])
        state = self.state[first : end - 1]
        nodes = self.ways.ref[first:end].tolist()
        if np.all(state == _INSIDE):
            self._add(way, nodes)
            return
        run: list[int] = []
        for i, here in enumerate(state.tolist()):
            parts = [[nodes[i], nodes[i + 1]]] if here == _INSIDE else []
            if here == _CUT:
                parts = self._parts(int(self.line_of[first + i]), nodes[i], nodes[i + 1])
            for part in parts:
                if run and run[-1] == part[0]:
                    run += part[1:]
                else:
                    self._add(way, run)
                    run = part
        self._add(way, run)

    def _parts(self, line: int, a: int, b: int) -> list[list[int]]:
        """Return the parts of a segment within the area, in order, each as two nodes."""
        whole = self.lines[line]
        start = shapely.Point(whole.coords[0])
        found = [p for p in shapely.get_parts(whole & self.area) if p.geom_type == "LineString"]
        parts = []
        for part in sorted(found, key=start.distance):
            ends = sorted((shapely.Point(at) for at in (part.coords[0], part.coords[-1])), key=start.distance)
            parts.append([self._node(at, a, b) for at in ends])
        return [part for part in parts if part[0] != part[1]]

    def _node(self, at: shapely.Point, a: int, b: int) -> int:
        """Return the node at a place: an end of the segment, or a new one."""
        x, y = round(at.x * 1e7), round(at.y * 1e7)
        for node in (a, b):
            if (int(self.ways.node_lon_e7[node]), int(self.ways.node_lat_e7[node])) == (x, y):
                return node
        self.lon_e7.append(x)
        self.lat_e7.append(y)
        return len(self.ways.node_lon_e7) + len(self.lon_e7) - 1

    def _add(self, way: int, run: list[int]) -> None:
        if len(run) >= 2:
            self.runs.append(run)
            self.way.append(way)

    def result(self) -> Ways:
        """Return the runs as ways."""
        ways = self.ways
        lon_e7 = np.concatenate([ways.node_lon_e7, np.array(self.lon_e7, dtype=np.int32)]).astype(np.int32)
        lat_e7 = np.concatenate([ways.node_lat_e7, np.array(self.lat_e7, dtype=np.int32)]).astype(np.int32)
        way = np.array(self.way, dtype=np.int64)
        stated = None
        if ways.way_length_mm is not None:
            whole_m = np.array([_metres(lon_e7, lat_e7, ways.ref[slice(*ways.way_first[w : w + 2])]) for w in way])
            kept_m = np.array([_metres(lon_e7, lat_e7, np.array(run)) for run in self.runs])
            share = np.divide(kept_m, whole_m, out=np.ones(len(way)), where=whole_m > 0.0)
            length_mm = ways.way_length_mm[way]
            stated = np.where(length_mm >= 0, np.rint(length_mm * share), -1).astype(np.int64)
        turns = ways.turns
        if len(turns.node_id):
            fresh = np.arange(len(self.lon_e7), dtype=np.int64) + _NEW_NODE
            turns = replace(turns, node_id=np.concatenate([turns.node_id, fresh]))
        return Ways(
            node_lon_e7=lon_e7,
            node_lat_e7=lat_e7,
            way_id=ways.way_id[way],
            way_first=np.concatenate([[0], np.cumsum([len(run) for run in self.runs])]).astype(np.int64),
            ref=np.array([node for run in self.runs for node in run], dtype=np.int64),
            tags=[ways.tags[w] for w in self.way],
            way_length_mm=stated,
            turns=turns,
        )


def _metres(lon_e7: npt.NDArray[np.int32], lat_e7: npt.NDArray[np.int32], nodes: Int64s) -> float:
    lon, lat = lon_e7[nodes] / 1e7, lat_e7[nodes] / 1e7
    return float(np.sum(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])))
