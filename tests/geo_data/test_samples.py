"""The sample town is what its README says: rebuilt the same, joined at every crossing, bridged over every water."""

from __future__ import annotations

import csv
import gzip
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import unary_union

from geo_data.samples import PLACES_CSV, TEAMS_CSV, TOWN_OSM
from geo_data.samples.town.build import Town, figures_of, make_town, osm_text
from geo_data.samples.town.plane import M_PER_DEG_LAT, M_PER_DEG_LON, ORIGIN_LAT, ORIGIN_LON
from geo_data.samples.town.write import NOTE, gzipped, places_csv, teams_csv, with_figures

NO_CAR = {"track", "pedestrian", "footway", "cycleway", "path", "steps"}


@dataclass
class Way:
    refs: list[int]
    tags: dict[str, str]
    line: LineString

    @property
    def lifted(self) -> bool:
        return "bridge" in self.tags or "tunnel" in self.tags

    @property
    def car(self) -> bool:
        return self.tags["highway"] not in NO_CAR and self.tags.get("access") != "private"


@dataclass
class Read:
    """The committed file as a plain XML reader sees it, in metres of a local plane."""

    root: ET.Element
    at: dict[int, tuple[float, float]]
    roads: list[Way]
    others: list[Way]


def _xy(lat: float, lon: float) -> tuple[float, float]:
    return (lon - ORIGIN_LON) * M_PER_DEG_LON, (lat - ORIGIN_LAT) * M_PER_DEG_LAT


def _tags(element: ET.Element) -> dict[str, str]:
    return {t.attrib["k"]: t.attrib["v"] for t in element.iter("tag")}


@pytest.fixture(scope="module")
def read() -> Read:
    with gzip.open(TOWN_OSM) as file:
        root = ET.fromstring(file.read())
    at = {int(n.attrib["id"]): _xy(float(n.attrib["lat"]), float(n.attrib["lon"])) for n in root.iter("node")}
    roads: list[Way] = []
    others: list[Way] = []
    for element in root.iter("way"):
        refs = [int(nd.attrib["ref"]) for nd in element.iter("nd")]
        way = Way(refs, _tags(element), LineString([at[r] for r in refs]))
        (roads if "highway" in way.tags else others).append(way)
    return Read(root, at, roads, others)


@pytest.fixture(scope="module")
def town() -> Town:
    return make_town()


@pytest.fixture(scope="module")
def car_graph(read: Read) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    for way in read.roads:
        if way.car:
            graph.add_edges_from(zip(way.refs, way.refs[1:], strict=False))
            if way.tags.get("oneway") != "yes":
                graph.add_edges_from(zip(way.refs[1:], way.refs, strict=False))
    return graph


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_rebuild_gives_the_committed_files(town: Town) -> None:
    text = osm_text(town)
    committed = TOWN_OSM.read_bytes()
    assert gzip.decompress(committed).decode("utf-8") == text
    assert TEAMS_CSV.read_text(encoding="utf-8") == teams_csv(town.teams)
    assert PLACES_CSV.read_text(encoding="utf-8") == places_csv(town.places)
    readme = TOWN_OSM.with_name("README.md").read_text(encoding="utf-8")
    assert readme == with_figures(readme, figures_of(town, len(committed)))


def test_the_gzip_holds_no_time_and_is_small() -> None:
    committed = TOWN_OSM.read_bytes()
    assert committed[4:8] == b"\0\0\0\0"
    assert gzipped("x") == gzipped("x")
    assert len(committed) <= 400 * 1024


def test_the_file_says_that_it_is_synthetic(read: Read) -> None:
    assert read.root.attrib["generator"] == "dispatch135 sample town (synthetic)"
    assert read.root.attrib["license"] == "Apache-2.0"
    boundary = next(w for w in read.others if w.tags.get("boundary") == "administrative")
    assert boundary.tags["note"] == NOTE


def test_every_reference_resolves_and_no_way_is_degenerate(read: Read) -> None:
    assert min(read.at) == 1
    for way in read.roads:
        assert len(way.refs) >= 2
        assert all(a != b for a, b in zip(way.refs, way.refs[1:], strict=False))
    coords = [c for w in read.roads for c in {r: read.at[r] for r in w.refs}.items()]
    assert len({xy for _, xy in coords}) == len({r for r, _ in coords}), "two road nodes at one place"


def test_roads_cross_water_on_bridges_only(read: Read) -> None:
    water = unary_union([Polygon(w.line.coords) for w in read.others if w.tags.get("natural") == "water"])
    wet = [w.tags for w in read.roads if not w.lifted and w.line.intersects(water)]
    assert wet == []


def test_the_river_has_five_road_bridges(read: Read) -> None:
    river = next(w for w in read.others if w.tags.get("waterway") == "river")
    over = [w for w in read.roads if w.car and w.line.intersects(river.line)]
    assert all(w.tags.get("bridge") == "yes" for w in over)
    assert len({w.tags["bridge:name"] for w in over}) == 5


def test_crossings_at_grade_share_a_node(read: Read) -> None:
    ground = [w for w in read.roads if not w.lifted]
    segments, owner = [], []
    for i, way in enumerate(ground):
        for a, b in zip(way.refs, way.refs[1:], strict=False):
            segments.append(LineString([read.at[a], read.at[b]]))
            owner.append((i, a, b))
    left, right = shapely.STRtree(segments).query(segments, predicate="intersects")
    wrong = []
    for j, k in zip(left, right, strict=True):
        if j >= k or {*owner[j][1:]} & {*owner[k][1:]}:
            continue
        wrong.append((ground[owner[j][0]].tags, ground[owner[k][0]].tags, segments[j].wkt))
    assert wrong == []


def test_no_road_is_drawn_over_another(read: Read) -> None:
    tree = shapely.STRtree([w.line for w in read.roads])
    left, right = tree.query([w.line for w in read.roads], predicate="intersects")
    for j, k in zip(left, right, strict=True):
        if j < k:
            shared = read.roads[j].line.intersection(read.roads[k].line).length
            assert shared < 0.01, (read.roads[j].tags, read.roads[k].tags)


def test_cars_get_from_nearly_every_junction_to_every_other(car_graph: nx.DiGraph[int]) -> None:
    degree = dict(car_graph.to_undirected().degree())
    junctions = {n for n, d in degree.items() if d != 2}
    largest = max(nx.strongly_connected_components(car_graph), key=len)
    assert 1500 <= len(junctions) <= 3000
    assert len(junctions & largest) / len(junctions) >= 0.97


def test_roundabouts_go_counter_clockwise(read: Read) -> None:
    rings = [w for w in read.roads if w.tags.get("junction") == "roundabout"]
    assert len(rings) == 2
    for ring in rings:
        assert ring.refs[0] == ring.refs[-1]
        assert shapely.is_ccw(shapely.LinearRing(ring.line.coords))


def test_the_promised_kinds_of_road_are_there(read: Read) -> None:
    def some(**tags: str) -> bool:
        return any(all(w.tags.get(k.replace("_", ":")) == v for k, v in tags.items()) for w in read.roads)

    assert some(highway="trunk", oneway="yes", lanes="2")
    assert some(highway="secondary", tunnel="yes")
    assert some(highway="service", access="private")
    assert some(highway="residential", oneway="yes")
    for highway in ("pedestrian", "footway", "cycleway", "path", "steps", "track", "living_street", "unclassified"):
        assert some(highway=highway)
    assert all("maxspeed" in w.tags for w in read.roads if w.tags["highway"] in ("trunk", "secondary", "tertiary"))
    assert all("name:en" in w.tags for w in read.roads if "name" in w.tags)


def test_the_township_measures_about_46_km2(read: Read) -> None:
    boundary = next(w for w in read.others if w.tags.get("boundary") == "administrative")
    area = Polygon(boundary.line.coords)
    assert 41e6 <= area.area <= 51e6
    assert all(area.buffer(1.0).contains(w.line) for w in read.roads)


def test_villages_teams_and_places(read: Read) -> None:
    villages = [_tags(n) for n in read.root.iter("node") if _tags(n).get("place") == "village"]
    assert len(villages) == 12
    assert all(v["name"] and v["name:en"] for v in villages)
    teams = _rows(TEAMS_CSV)
    assert [t["id"] for t in teams] == [*(f"V{i:02d}" for i in range(1, 13)), *(f"D{i}" for i in range(1, 7))]
    assert [t["kind"] for t in teams] == ["village"] * 12 + ["dedicated"] * 6
    named = {v["name"] for v in villages}
    assert {t["name"].split(" ")[1].removesuffix("巡防队") for t in teams[:12]} == named
    tiers = [p["tier"] for p in _rows(PLACES_CSV)]
    assert 12 <= tiers.count("T1") <= 18
    assert 25 <= tiers.count("T2") <= 35
    assert set(tiers) == {"T1", "T2", "T3"}


@pytest.mark.parametrize(("path", "limit_m"), [(TEAMS_CSV, 30.0), (PLACES_CSV, 60.0)])
def test_teams_and_places_are_near_a_drivable_road(
    read: Read, car_graph: nx.DiGraph[int], path: Path, limit_m: float
) -> None:
    largest = max(nx.strongly_connected_components(car_graph), key=len)
    roads = unary_union([w.line for w in read.roads if w.car and w.refs[0] in largest])
    far = {r["id"]: roads.distance(Point(_xy(float(r["lat"]), float(r["lon"])))) for r in _rows(path)}
    assert {k: round(v) for k, v in far.items() if v > limit_m} == {}


def test_roads_are_curved_and_blocks_are_not_slivers(read: Read) -> None:
    secondary = [w for w in read.roads if w.tags["highway"] in ("secondary", "tertiary") and w.line.length > 500]
    assert np.median([len(w.refs) / w.line.length * 1000 for w in secondary]) > 15, "nodes a kilometre"
    ground = unary_union([w.line for w in read.roads if w.car and not w.lifted])
    blocks = [b for b in shapely.ops.polygonize(ground) if b.area > 400]
    slivers = [b for b in blocks if b.buffer(-7.0).is_empty]
    assert len(slivers) <= 0.04 * len(blocks)
