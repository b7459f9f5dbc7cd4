"""Road tables: what they say, and errors that name the line and the column."""

from __future__ import annotations

import pytest

from geo_data.errors import GroundError
from geo_data.locate import locate
from geo_data.reach import reach
from geo_data.sources import read_ground
from geo_data.types import LonLat

NODES = "id,x_m,y_m\nA,0,0\nB,300,0\nC,300,400\n"
ROADS = "from,to,length_m,speed_kmh,oneway,name,class\nA,B,,36,,Main Street,primary\nB,C,500,18,yes,,\n"


def write(folder, nodes=NODES, roads=ROADS):
    (folder / "nodes.csv").write_text(nodes, encoding="utf-8")
    (folder / "roads.csv").write_text(roads, encoding="utf-8")
    return folder


def test_lengths_speeds_and_one_ways(tmp_path):
    ground = read_ground(write(tmp_path))
    graph = ground.graph("car")
    graph.check()
    # measured from coordinates of 1e-7 degree, and as stated
    assert sorted(graph.length_mm.tolist()) == pytest.approx([300_000, 300_000, 500_000], abs=12)
    assert sorted(graph.travel_ms.tolist()) == pytest.approx([30_000, 30_000, 100_000], abs=2)
    a = locate(graph, LonLat(0.0, 0.0))
    c = locate(graph, LonLat(300 / 111_195.08, 400 / 111_195.08))
    assert reach(graph, a, 200_000).at(c) == pytest.approx(130_000, abs=20)
    assert graph.names == ("Main Street",)
    assert ground.meta.licence == "not stated"
    foot = ground.graph("foot")
    assert min(foot.travel_ms.tolist()) == pytest.approx(300_000 / 1.4, abs=12)
    assert read_ground(tmp_path / "nodes.csv", licence="CC0").meta.licence == "CC0"


def test_degrees_and_a_byte_order_mark(tmp_path):
    write(tmp_path, "\ufeffid,lon,lat\n1,120.5,28.0\n2,120.6,28.0\n", "from,to\n1,2\n")
    graph = read_ground(tmp_path, ("car",)).graph("car")
    assert graph.n_arcs == 2
    assert graph.length_mm[0] == pytest.approx(9_818_000, rel=0.001)


@pytest.mark.parametrize(
    ("nodes", "roads", "message"),
    [
        ("id,lon\n1,2\n", ROADS, r"nodes.csv line 1: no column 'lat'"),
        (NODES, "from,until\nA,B\n", r"roads.csv line 1: no column 'to'"),
        (NODES + "A,1,1\n", ROADS, r"nodes.csv line 5, column 'id': 'A' is the id of an earlier node"),
        (NODES + "D,east,1\n", ROADS, r"nodes.csv line 5, column 'x_m': 'east' is not a figure"),
        (NODES + "D,nan,1\n", ROADS, r"nodes.csv line 5, column 'x_m': 'nan' is not a figure"),
        ("id,lon,lat\n1,120,95\n", ROADS, r"nodes.csv line 2, column 'lat': '95' is not a figure in -90…90"),
        (NODES, ROADS + "A,Z,,,,,\n", r"roads.csv line 4, column 'to': 'Z' is no id in nodes.csv"),
        (NODES, ROADS + "A,,,,,,\n", r"roads.csv line 4, column 'to': '' is empty"),
        (NODES, ROADS + "A,C,-5,,,,\n", r"roads.csv line 4, column 'length_m': '-5' is not a figure"),
        (NODES, ROADS + "A,C,,0,,,\n", r"roads.csv line 4, column 'speed_kmh'"),
        (NODES, ROADS + "A,C,,,perhaps,,\n", r"roads.csv line 4, column 'oneway': 'perhaps' is not yes, no or -1"),
        (NODES, ROADS + "A,C,,,,,canal\n", r"roads.csv line 4, column 'class': 'canal' is no road class"),
        (NODES, ROADS + "A,C\n", r"roads.csv line 4: 2 fields where the header has 7"),
        (NODES, "from,to\n", r"has no roads at all"),
        ("", ROADS, r"nodes.csv line 1: no column"),
    ],
)
def test_errors_name_the_place(tmp_path, nodes, roads, message):
    write(tmp_path, nodes, roads)
    with pytest.raises(GroundError, match=message) as caught:
        read_ground(tmp_path)
    assert caught.value.hint


def test_a_missing_file_and_no_text(tmp_path):
    (tmp_path / "nodes.csv").write_text(NODES)
    with pytest.raises(GroundError, match=r"there is no file .*roads.csv"):
        read_ground(tmp_path)
    (tmp_path / "roads.csv").write_bytes(b"from,to\n\xff\xfe,B\n")
    with pytest.raises(GroundError, match="not text in UTF-8"):
        read_ground(tmp_path)
