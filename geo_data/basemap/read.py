"""What an OpenStreetMap file draws and names: roads, water, land use, buildings, rails, places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import osmium
import osmium.filter
import shapely
from osmium.geom import WKBFactory
from osmium.osm.types import Area, Node, Way

from geo_data.basemap.features import ROAD_FROM_ZOOM, Feature, MapMatter, Tags, road_features
from geo_data.basemap.kinds import LINE_WATER, area_of, kind_of
from geo_data.errors import GroundError
from geo_data.gazetteer.records import Named
from geo_data.memory import without_gc

MAX_THINGS: Final = 3_000_000
"""More than a large city has; beyond it the file is refused rather than the memory filled."""

MAX_NAME: Final = 120
"""Characters of a name that are kept."""

MAX_ADDRESSES: Final = 300_000

_KEYS: Final = (
    "highway", "railway", "waterway", "natural", "landuse", "leisure", "water", "building", "place", "amenity",
    "shop", "tourism", "office", "healthcare", "man_made", "aeroway", "historic", "addr:housenumber",
)  # fmt: skip
_AREA_KEYS: Final = tuple(key for key in _KEYS if key not in ("highway", "railway", "addr:housenumber"))
_LINKS: Final = re.compile(r"_link$")
_NAME_FROM_ZOOM: Final = {
    "city": 8, "town": 8, "suburb": 10, "village": 9, "quarter": 12, "neighbourhood": 13, "hamlet": 13,
    "station": 13, "hospital": 13, "police": 13, "fire_station": 13, "government": 13, "school": 14, "park": 13,
    "water": 12, "peak": 12,
}  # fmt: skip

Progress = Callable[[str], None]


def read_map(path: str | Path, progress: Progress) -> MapMatter:
    """Everything of an OSM file that is drawn or searched; shapes in WGS-84 degrees, as the file has them.

    An area or a line that is broken in the file is left out, as are roads that are not yet there. Areas come
    large first, so that the small are drawn upon them. Raises GroundError where the file cannot be read, or has
    more than ``MAX_THINGS`` things to draw.
    """
    progress("reading what is drawn")
    collector = _Collector()
    reader = osmium.FileProcessor(str(path)).with_areas(osmium.filter.KeyFilter(*_AREA_KEYS))
    reader.with_filter(osmium.filter.KeyFilter(*_KEYS))
    try:
        with without_gc():
            for thing in reader:
                collector.take(thing)
    except RuntimeError as error:
        raise GroundError(f"{path} cannot be read: {error}", "give an OSM file that is complete") from error
    return collector.matter()


class _Collector:
    """Sorts what comes out of the file; shapes stay WKB until the end, when they are made all at once."""

    def __init__(self) -> None:
        self._wkb = WKBFactory()
        self._shapes: list[str] = []
        self._roads: list[tuple[int, Tags]] = []
        self._drawn: list[tuple[int, str, int, Tags]] = []
        self._named: list[tuple[int, str, dict[str, str]]] = []
        self._addresses: list[tuple[int, str]] = []

    def take(self, thing: Any) -> None:
        """Look at one node, way or area."""
        if len(self._shapes) > MAX_THINGS:
            raise GroundError(
                f"the file has more than {MAX_THINGS:,} things to draw", "cut it to the town you work in"
            )
        tags = dict(thing.tags)
        if isinstance(thing, Node):
            self._point(thing, tags)
        elif isinstance(thing, Area):
            self._area(thing, tags)
        elif isinstance(thing, Way):
            self._way(thing, tags)

    def matter(self) -> MapMatter:
        """All of it, with shapes."""
        shapes = shapely.from_wkb(self._shapes, on_invalid="ignore")
        lines: dict[Tags, list[shapely.Geometry]] = {}
        for row, tags in self._roads:
            if shapes[row] is not None:
                lines.setdefault(tags, []).append(shapes[row])
        found = MapMatter(road_features(lines))
        areas = [each for each in self._drawn if shapes[each[0]] is not None]
        areas.sort(key=lambda each: -float(shapely.area(shapes[each[0]])))
        for row, layer, from_zoom, tags in areas:
            shape = shapes[row]
            if layer in ("areas", "buildings") and not shapely.is_valid(shape):
                shape = _mended(shape)
            found.features.append(Feature(layer, from_zoom, tags, shape))
        for row, kind, said in self._named:
            if shapes[row] is not None:
                self._name(found, shapes[row], kind, said)
        for row, text in self._addresses:
            if shapes[row] is not None:
                found.named.append(Named(name=text, kind="address", shape=shapely.centroid(shapes[row])))
        return found

    def _name(self, found: MapMatter, shape: shapely.Geometry, kind: str, tags: dict[str, str]) -> None:
        """Remember a name for the search, and draw it where it is no street."""
        name, name_en = _names(tags)
        others = {tags.get(key, "")[:MAX_NAME] for key in ("name:zh", "alt_name", "old_name", "short_name", "ref")}
        aliases = tuple(sorted(others - {"", name, name_en}))
        sought = {"city": "town", "suburb": "village", "quarter": "village", "neighbourhood": "village",
                  "hamlet": "village"}.get(kind, kind)  # fmt: skip
        if kind == "street":
            found.named.append(Named(name, "street", shape, name_en, aliases))
            return
        inside = shape if shapely.get_dimensions(shape) == 0 else shapely.point_on_surface(shape)
        found.named.append(Named(name, sought, shape if sought == "water" else inside, name_en, aliases))
        drawn: Tags = (("kind", kind), ("name", name), *((("name_en", name_en),) if name_en else ()))
        if shapely.get_dimensions(shape) == 1:
            return  # a river's name stands along its line
        found.features.append(Feature("names", _NAME_FROM_ZOOM.get(kind, 14), drawn, inside))

    def _point(self, node: Node, tags: dict[str, str]) -> None:
        kind = kind_of(tags)
        if kind is not None and _names(tags)[0]:
            self._named.append((self._keep(self._wkb.create_point, node), kind, tags))
        self._address(tags, lambda: self._keep(self._wkb.create_point, node))

    def _way(self, way: Way, tags: dict[str, str]) -> None:
        highway, name = _LINKS.sub("", tags.get("highway", "")), _names(tags)
        if highway in ROAD_FROM_ZOOM and tags.get("area") != "yes":
            row = self._keep(self._wkb.create_linestring, way)
            if row >= 0:
                self._roads.append((row, _road_tags(highway, tags)))
                if name[0]:
                    self._named.append((row, "street", tags))
        elif tags.get("railway") in ("rail", "light_rail", "subway", "tram"):
            row = self._keep(self._wkb.create_linestring, way)
            under: Tags = (("tunnel", 1),) if "tunnel" in tags or tags["railway"] == "subway" else ()
            self._draw(row, "rails", 11, (("kind", tags["railway"]), *under))
        elif (kind := LINE_WATER.get(tags.get("waterway", ""))) is not None:
            row = self._keep(self._wkb.create_linestring, way)
            said: Tags = (("kind", kind), *_named_tags(name))
            self._draw(row, "waterways", 9 if kind == "river" else 12, said)
            if name[0] and row >= 0:
                self._named.append((row, "water", tags))

    def _area(self, area: Area, tags: dict[str, str]) -> None:
        layer, kind, from_zoom = area_of(tags)
        sought = kind_of(tags) if _names(tags)[0] else None
        house = tags.get("addr:housenumber") is not None
        if kind is None and sought is None and not house:
            return
        row = self._keep(self._wkb.create_multipolygon, area)
        if row < 0:
            return
        if kind is not None:
            self._draw(row, layer, from_zoom, (("kind", kind),) if layer == "areas" else ())
        if sought is not None:
            self._named.append((row, sought, tags))
        self._address(tags, lambda: row)

    def _address(self, tags: dict[str, str], row: Callable[[], int]) -> None:
        number, street = tags.get("addr:housenumber"), tags.get("addr:street") or tags.get("addr:place")
        if not number or not street or len(self._addresses) >= MAX_ADDRESSES:
            return
        glue = "" if re.search(r"[\u4e00-\u9fff]$", street) else " "
        unit = "号" if not glue and number[-1:].isdigit() else ""
        self._addresses.append((row(), f"{street}{glue}{number}{unit}"[:MAX_NAME]))

    def _draw(self, row: int, layer: str, from_zoom: int, tags: Tags) -> None:
        if row >= 0:
            self._drawn.append((row, layer, from_zoom, tags))

    def _keep(self, create: Callable[[Any], str], thing: Any) -> int:
        """The row of a new shape, -1 where the file has it broken."""
        try:
            self._shapes.append(create(thing))
        except (RuntimeError, osmium.InvalidLocationError):
            return -1
        return len(self._shapes) - 1


def _mended(shape: shapely.Geometry) -> shapely.Geometry:
    """The valid polygons that a broken one was meant to be."""
    parts = [part for part in shapely.get_parts(shapely.make_valid(shape)) if shapely.get_dimensions(part) == 2]
    whole: shapely.Geometry = shapely.multipolygons([one for part in parts for one in shapely.get_parts(part)])
    return whole


def _names(tags: dict[str, str]) -> tuple[str, str]:
    name = tags.get("name") or tags.get("name:zh") or tags.get("name:en") or ""
    english = tags.get("name:en") or tags.get("int_name") or ""
    return name[:MAX_NAME], "" if english == name else english[:MAX_NAME]


def _named_tags(names: tuple[str, str]) -> Tags:
    return tuple((key, text) for key, text in zip(("name", "name_en"), names, strict=True) if text)


def _road_tags(highway: str, tags: dict[str, str]) -> Tags:
    """What tells roads apart when they are drawn, in one order."""
    said: list[tuple[str, str | int]] = [("class", highway), *_named_tags(_names(tags))]
    if ref := tags.get("ref"):
        said.append(("ref", ref.split(";")[0][:12]))
    for key, on in (
        ("link", tags["highway"] != highway),
        ("bridge", tags.get("bridge", "no") != "no"),
        ("tunnel", tags.get("tunnel", "no") not in ("no", "building_passage")),
        ("drive", tags.get("service") in ("driveway", "parking_aisle")),
    ):
        if on:
            said.append((key, 1))
    oneway = tags.get("oneway") or ("yes" if tags.get("junction") == "roundabout" or highway == "motorway" else "")
    if oneway in ("yes", "1", "true", "-1"):
        said.append(("oneway", -1 if oneway == "-1" else 1))
    return tuple(said)


def inside_of(bounds: Sequence[float], named: Sequence[Named]) -> list[Named]:
    """Those that stand within bounds (west, south, east, north in degrees): the others cannot be reached."""
    west, south, east, north = bounds
    shapes: Any = shapely.bounds([each.shape for each in named]) if named else []
    return [
        each
        for each, (x0, y0, x1, y1) in zip(named, shapes, strict=True)
        if x1 >= west and x0 <= east and y1 >= south and y0 <= north
    ]
