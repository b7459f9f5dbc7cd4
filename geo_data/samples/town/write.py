"""Writing the town: OSM XML 0.6 (gzip, reproducible), teams.csv, places.csv, the figures of README.md."""

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo_data.samples.town.places import Place, Team
from geo_data.samples.town.plane import XY, Street, to_lat_lon

GENERATOR = "dispatch135 sample town (synthetic)"
NOTE = "Synthetic: an invented township. No road, name or place in it is real. Not derived from any map data."
LICENCE = "Apache-2.0"


class OsmFile:
    """Collects nodes, ways and relations, numbers them from 1, and prints them."""

    def __init__(self) -> None:
        self._nodes: list[str] = []
        self._road_node: dict[XY, int] = {}
        self._node_tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[list[int], dict[str, str]]] = []
        self._relations: list[tuple[list[tuple[int, str]], dict[str, str]]] = []
        self._bounds = [90.0, 180.0, -90.0, -180.0]

    def _node(self, at: XY) -> int:
        lat, lon = to_lat_lon(*at)
        low, high = self._bounds[:2], self._bounds[2:]
        self._bounds = [min(low[0], lat), min(low[1], lon), max(high[0], lat), max(high[1], lon)]
        self._nodes.append(f'lat="{lat:.7f}" lon="{lon:.7f}"')
        return len(self._nodes)

    def road(self, points: list[XY], tags: dict[str, str]) -> None:
        """A way whose nodes are shared with every other road through the same points."""
        refs = []
        for p in points:
            if p not in self._road_node:
                self._road_node[p] = self._node(p)
            refs.append(self._road_node[p])
        self._ways.append((refs, tags))

    def line(self, shape: BaseGeometry, tags: dict[str, str]) -> None:
        """Lines that share no node with anything."""
        for part in getattr(shape, "geoms", [shape]):
            if isinstance(part, LineString):
                self._ways.append(([self._node((c[0], c[1])) for c in part.coords], tags))

    def area(self, shape: BaseGeometry, tags: dict[str, str]) -> None:
        """Areas: closed ways, or multipolygon relations where there are holes."""
        for part in getattr(shape, "geoms", [shape]):
            if not isinstance(part, Polygon) or part.is_empty:
                continue
            if not part.interiors:
                self._ring(list(part.exterior.coords), tags)
                continue
            members = [(self._ring(list(part.exterior.coords), {}), "outer")]
            members += [(self._ring(list(r.coords), {}), "inner") for r in part.interiors]
            self._relations.append((members, {"type": "multipolygon", **tags}))

    def _ring(self, coords: list[tuple[float, ...]], tags: dict[str, str]) -> int:
        refs = [self._node((c[0], c[1])) for c in coords[:-1]]
        self._ways.append(([*refs, refs[0]], tags))
        return len(self._ways)

    def point(self, at: XY, tags: dict[str, str]) -> None:
        """A node with tags."""
        self._node_tags[self._node(at)] = tags

    def text(self) -> str:
        """The file's XML."""
        south, west, north, east = self._bounds
        out = [
            "<?xml version='1.0' encoding='UTF-8'?>",
            f'<osm version="0.6" generator={quoteattr(GENERATOR)} copyright="dispatch135 contributors" '
            f'attribution={quoteattr(NOTE)} license="{LICENCE}">',
            f"<note>{NOTE} {LICENCE}.</note>",
            f'<bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>',
        ]
        for i, at in enumerate(self._nodes, start=1):
            tags = self._node_tags.get(i)
            head = f'<node id="{i}" version="1" {at}'
            out += [head + "/>"] if tags is None else [head + ">", *_tags(tags), "</node>"]
        for i, (refs, tags) in enumerate(self._ways, start=1):
            out += [f'<way id="{i}" version="1">', *(f'<nd ref="{r}"/>' for r in refs), *_tags(tags), "</way>"]
        for i, (members, tags) in enumerate(self._relations, start=1):
            refs_xml = (f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
            out += [f'<relation id="{i}" version="1">', *refs_xml, *_tags(tags), "</relation>"]
        return "\n".join([*out, "</osm>", ""])


def _tags(tags: dict[str, str]) -> Iterable[str]:
    return [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]


def street_tags(street: Street) -> dict[str, str]:
    """The OSM tags of a street."""
    tags = {"highway": street.highway} if street.highway else {}
    if street.name:
        tags |= {"name": street.name, "name:en": street.name_en}
    return tags | street.tags


def gzipped(text: str) -> bytes:
    """The text as gzip without a time or name inside, so that a rebuild is the same file."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as out:
        out.write(text.encode("utf-8"))
    return buffer.getvalue()


def _csv(header: str, rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue()


def _at(at: XY) -> tuple[str, str]:
    lat, lon = to_lat_lon(*at)
    return f"{lat:.6f}", f"{lon:.6f}"


def teams_csv(teams: list[Team]) -> str:
    """teams.csv: id,name,name_en,kind,lat,lon."""
    return _csv("id,name,name_en,kind,lat,lon", ((t.id, t.name, t.name_en, t.kind, *_at(t.at)) for t in teams))


def places_csv(places: list[Place]) -> str:
    """places.csv: id,name,name_en,tier,kind,lat,lon,radius_m."""
    rows = ((p.id, p.name, p.name_en, p.tier, p.kind, *_at(p.at), p.radius_m) for p in places)
    return _csv("id,name,name_en,tier,kind,lat,lon,radius_m", rows)


def with_figures(readme: str, figures: dict[str, str]) -> str:
    """The README with its table of figures renewed between the two marks."""
    head, mark, rest = readme.partition("<!-- figures -->\n")
    _, end, tail = rest.partition("<!-- /figures -->")
    table = "\n".join(["| what | figure |", "|---|---|", *(f"| {k} | {v} |" for k, v in figures.items())])
    return f"{head}{mark}{table}\n{end}{tail}"


def write_all(folder: Path, osm: str, teams: str, places: str, figures: dict[str, str]) -> None:
    """Write the four files into a folder."""
    (folder / "guoxi_like.osm.gz").write_bytes(gzipped(osm))
    (folder / "teams.csv").write_text(teams, encoding="utf-8")
    (folder / "places.csv").write_text(places, encoding="utf-8")
    readme = folder / "README.md"
    if readme.exists():
        readme.write_text(with_figures(readme.read_text(encoding="utf-8"), figures), encoding="utf-8")
