"""OSM files: every kind, every extract at hand, and every way to be broken."""

from __future__ import annotations

import bz2
import gzip
from xml.etree import ElementTree

import numpy as np
import pytest

from geo_data.errors import GroundError
from geo_data.reach import reach
from geo_data.sources import read_ground
from geo_data.sources.osm import read_osm
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcPosition

# A street in two ways over five nodes, a one-way, a roundabout, steps, and a private drive
TOWN = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="test" license="CC0" attribution="nobody">
<node id="1" version="1" lat="0.0000" lon="0.0000"/>
<node id="2" version="1" lat="0.0000" lon="0.0010"/>
<node id="3" version="1" lat="0.0000" lon="0.0020"/>
<node id="4" version="1" lat="0.0010" lon="0.0010"/>
<node id="5" version="1" lat="0.0010" lon="0.0020"/>
<node id="6" version="1" lat="0.0015" lon="0.0025"/>
<node id="7" version="1" lat="0.0010" lon="0.0030"/>
<way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
 <tag k="highway" v="residential"/><tag k="name" v="Long  Street"/></way>
<way id="11" version="1"><nd ref="2"/><nd ref="4"/>
 <tag k="highway" v="primary"/><tag k="oneway" v="yes"/><tag k="maxspeed" v="60"/></way>
<way id="12" version="1"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/>
 <tag k="highway" v="tertiary"/><tag k="junction" v="roundabout"/></way>
<way id="13" version="1"><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/></way>
<way id="14" version="1"><nd ref="3"/><nd ref="5"/><tag k="highway" v="steps"/></way>
<way id="15" version="1"><nd ref="7"/><nd ref="3"/><tag k="building" v="yes"/></way>
</osm>
"""


@pytest.fixture
def town_file(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(TOWN)
    return path


def test_junctions_shape_and_directions(town_file):
    ground = read_osm(town_file)
    assert ground.profiles == ("car", "ebike", "foot")
    assert ground.meta.licence == "CC0; nobody"
    for profile in ground.profiles:
        ground.graph(profile).check()
    car = ground.graph("car")
    # 1 2 3 4 5 are junctions, 6 and 7 are shape: the roundabout is one loop from 5 to 5
    assert car.n_nodes == 5
    assert sorted(car.piece_way.tolist()) == [10, 10, 11, 12, 13]
    assert car.n_arcs == 2 * 2 + 1 + 1 + 2
    loop = int(np.flatnonzero(car.tail == car.head)[0])
    assert car.arc_geometry(loop).shape == (4, 2) and car.twin[loop] == -1
    (primary,) = np.flatnonzero(car.piece_way[car.arc_piece] == 11)
    assert car.travel_ms[primary] == round(car.length_mm[primary] * 3.6 / (60 * 0.8))
    assert car.length_mm[primary] == pytest.approx(111_195, abs=2)
    assert {car.arc_name(a) for a in range(car.n_arcs)} == {"Long Street", None}
    foot = ground.graph("foot")
    assert foot.n_arcs == 2 * 6  # the steps as well, the roundabout both ways
    assert sorted(set(foot.piece_way.tolist())) == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("suffix", ["osm", "osm.gz", "osm.bz2", "osm.pbf", "dat"])
def test_kind_is_told_by_content(tmp_path, suffix):
    path = tmp_path / f"town.{suffix}"
    pack = {"osm.gz": gzip.compress, "osm.bz2": bz2.compress}.get(suffix, bytes)
    path.write_bytes(pack(TOWN.encode()))  # under .osm.pbf and .dat there is XML
    assert read_ground(path).graph("car").n_arcs == 8


def test_pbf_equals_xml(tmp_path, town_file):
    import osmium  # noqa: PLC0415

    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(town_file)):
            writer.add(thing)
    a, b = read_osm(path).graph("foot"), read_osm(town_file).graph("foot")
    np.testing.assert_array_equal(a.travel_ms, b.travel_ms)
    np.testing.assert_array_equal(a.head, b.head)


def test_missing_nodes_split_the_way(tmp_path):
    path = tmp_path / "cut.osm"
    path.write_text(TOWN.replace('<node id="2" version="1" lat="0.0000" lon="0.0010"/>', ""))
    ground = read_osm(path)
    assert ground.meta.warnings == ("1 nodes missing (2 references): ways were split there",)
    graph = ground.graph("car")
    graph.check()
    assert 10 not in graph.piece_way and 11 not in graph.piece_way  # one node each is left of them


def test_a_node_twice_in_a_row_and_a_way_of_one_node(tmp_path):
    path = tmp_path / "odd.osm"
    odd = '<way id="20" version="1"><nd ref="1"/><tag k="highway" v="residential"/></way></osm>'
    path.write_text(
        TOWN.replace('<nd ref="2"/><nd ref="3"/>', '<nd ref="2"/><nd ref="2"/><nd ref="3"/>').replace("</osm>", odd)
    )
    graph = read_osm(path).graph("car")
    graph.check()
    assert graph.n_arcs == 8


def test_duplicate_ways_are_parallel_arcs(tmp_path):
    path = tmp_path / "twice.osm"
    again = '<way id="21" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way></osm>'
    path.write_text(TOWN.replace("</osm>", again))
    graph = read_osm(path).graph("car")
    graph.check()
    assert graph.n_arcs == 10


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"id,lon,lat\n1,2,3\n", "is not an OSM file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is not an OSM file"),
        (gzip.compress(b"hello, this is no map", mtime=0), "damaged, cut off or no OSM file"),
        (TOWN.encode()[:900], "damaged, cut off or no OSM file"),
        (gzip.compress(TOWN.encode(), mtime=0)[:-40], "damaged, cut off or no OSM file"),
        (bz2.compress(TOWN.encode())[:-40], "damaged, cut off or no OSM file"),
        (b"<?xml version='1.0'?><osm version='0.6'></osm>", "no roads at all"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, content, message):
    path = tmp_path / "bad.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(GroundError, match=message) as caught:
        read_osm(path)
    assert str(caught.value) and caught.value.hint


def test_no_file_and_a_directory(tmp_path):
    with pytest.raises(GroundError, match="there is no file"):
        read_ground(tmp_path / "absent.osm.pbf")
    with pytest.raises(GroundError, match="cannot be read"):
        read_osm(tmp_path)


def test_no_roads_for_a_profile(tmp_path):
    path = tmp_path / "steps.osm"
    path.write_text(TOWN.replace("residential", "steps").replace("primary", "steps").replace("tertiary", "steps"))
    with pytest.raises(GroundError, match="no roads for the travel profile 'car'"):
        read_osm(path)
    assert read_osm(path, ("foot",)).profiles == ("foot",)


@pytest.mark.parametrize(
    ("profiles", "message"),
    [(("tank",), "no travel profile 'tank'"), ((), "profiles"), (("car", "car"), "profiles")],
)
def test_profiles_that_cannot_be_used(town_file, profiles, message):
    with pytest.raises(GroundError, match=message):
        read_osm(town_file, profiles)
    with pytest.raises(GroundError, match="no travel profile 'tank'") as caught:
        read_osm(town_file).graph("tank")
    assert "it has: car, ebike, foot" in caught.value.hint


def test_a_cut_off_pbf(shared_data, tmp_path):
    whole = (shared_data / "roads" / "porto_alegre.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    for size in (20, 1000, len(whole) // 2, len(whole) - 100):
        path.write_bytes(whole[:size])
        with pytest.raises(GroundError, match="damaged, cut off or no OSM file"):
            read_osm(path)


EXTRACTS = {
    "porto.osm.pbf": 68_000,
    "porto_alegre.osm.pbf": 14_000,
    "liechtenstein.osm.pbf": 4_500,
    "shanghai_center.osm.gz": 4_500,
    "monaco.osm.gz": 500,
    "moscow.osm.gz": 600,
    "campo_grande.osm.gz": 8_500,
}


def missing_nodes(path):
    """Count the nodes that roads of an XML file refer to and that it does not hold, with the XML alone."""
    tree = ElementTree.fromstring(gzip.decompress(path.read_bytes()))
    nodes = {node.get("id") for node in tree.iter("node")}
    roads = [way for way in tree.iter("way") if any(tag.get("k") == "highway" for tag in way.iter("tag"))]
    return len({nd.get("ref") for way in roads for nd in way.iter("nd")} - nodes)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXTRACTS)
def test_every_extract(shared_data, name):
    path = shared_data / "roads" / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    ground = read_osm(path)
    assert ground.graph("car").n_nodes >= EXTRACTS[name]
    if path.suffix == ".gz":
        absent = missing_nodes(path)
        gaps = [w.split(" (")[0] for w in ground.meta.warnings if "nodes missing" in w]
        assert gaps == [f"{absent:,} nodes missing"] * (absent > 0)
        assert (absent > 1000) == (name == "campo_grande.osm.gz")
    for profile in ground.profiles:
        graph = ground.graph(profile)
        graph.check()
        share = ground.meta.connected_share[profile]
        assert 0.75 <= share <= 1.0
        # what is called connected is: from one of its junctions, every other one, there and back
        inside = np.flatnonzero(graph.node_island == 0)
        start = [ArcPosition(int(graph.first_out[inside[0]]), 0.0)]
        for towards in (False, True):
            found = reach(graph, start, MAX_TRAVEL_MS, towards)
            assert np.all(found.node_ms[inside] != UNREACHED)
