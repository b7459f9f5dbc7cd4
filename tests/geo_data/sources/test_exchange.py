"""NetworkX and GraphML: there and back with the same times; graphs of others."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from geo_data.errors import GroundError
from geo_data.graph import COLUMNS
from geo_data.overlay import Overlay, view
from geo_data.reach import reach
from geo_data.sources import read_ground
from geo_data.sources.exchange import from_networkx, to_exchange, write_graphml
from geo_data.toy import draw_town, random_town
from geo_data.types import ArcPosition, LonLat


def same(a, b):
    assert a.profile == b.profile
    for name in COLUMNS:
        if name not in {"piece_name", "piece_class"}:
            assert np.array_equal(a.column(name), b.column(name)), name
    assert [a.arc_name(arc) for arc in range(a.n_arcs)] == [b.arc_name(arc) for arc in range(b.n_arcs)]


@pytest.mark.parametrize("profile", ["car", "foot"])
def test_there_and_back_is_the_same_graph(sample_town, profile):
    graph = sample_town.graph(profile)
    back = from_networkx(to_exchange(graph), "notebook").graph(profile)
    same(graph, back)
    assert np.array_equal(graph.piece_class, back.piece_class)


@pytest.mark.parametrize("seed", range(8))
def test_odd_graphs_come_back(seed):
    graph = random_town(seed)
    same(graph, from_networkx(to_exchange(graph), "notebook").graph(graph.profile))


def test_graphml_gives_equal_times(sample_town, tmp_path, random_place):
    graph = sample_town.graph("car")
    write_graphml(graph, tmp_path / "town.graphml")
    back = read_ground(tmp_path / "town.graphml").graph("car")
    same(graph, back)
    start = random_place(graph, np.random.default_rng(1))
    assert np.array_equal(reach(graph, start, 300_000).node_ms, reach(back, start, 300_000).node_ms)


def test_a_graph_of_someone_else():
    network = nx.MultiDiGraph()
    for i, x in enumerate((0.0, 0.001, 0.003)):
        network.add_node(f"n{i}", x=x, y=0.0)
    network.add_edge("n0", "n1", travel_ms=10_000, name="First")
    network.add_edge("n1", "n2", travel_ms=20_000, length_m=300.0)
    network.add_edge("n1", "n0", travel_ms=11_000)
    ground = from_networkx(network, "mine", ("ebike",))
    graph = ground.graph("ebike")
    assert graph.n_arcs == 3 and graph.n_pieces == 3
    assert reach(graph, [ArcPosition(0, 0.0)], 60_000).node_ms.tolist() == [21_000, 10_000, 30_000]
    assert sorted(graph.length_mm.tolist())[-1] == 300_000 and graph.names == ("First",)
    assert ground.meta.licence == "not stated"


def test_tags_instead_of_times():
    network = nx.MultiDiGraph()
    network.add_node(1, x=0.0, y=0.0)
    network.add_node(2, x=0.01, y=0.0)
    network.add_edge(1, 2, osmid=5, highway="residential", oneway=False, reversed=False)
    network.add_edge(2, 1, osmid=5, highway="residential", oneway=False, reversed=True)
    assert from_networkx(network, "tags", ("car", "foot")).graph("car").n_arcs == 2


def broken(**fields):
    network = nx.MultiDiGraph()
    network.add_node(1, x=0.0, y=0.0)
    network.add_node(2, x=0.01, y=0.0)
    network.add_edge(1, 2, **fields)
    return network


@pytest.mark.parametrize("travel_ms", [0, -5, 1e12, float("nan"), "soon"])
def test_times_out_of_range(travel_ms):
    with pytest.raises(GroundError, match="has a travel_ms of"):
        from_networkx(broken(travel_ms=travel_ms), "mine")


def test_what_is_no_graph_of_roads(tmp_path, sample_town):
    with pytest.raises(GroundError, match="has no edges"):
        from_networkx(nx.MultiDiGraph(), "mine")
    nowhere = broken(travel_ms=5)
    nowhere.add_node(3)
    with pytest.raises(GroundError, match="node 3 has no place"):
        from_networkx(nowhere, "mine")
    three = broken(travel_ms=5, piece=1)
    three.add_edge(1, 2, travel_ms=6, piece=1)
    with pytest.raises(GroundError, match="one piece"):
        from_networkx(three, "mine")
    (tmp_path / "bad.graphml").write_text("no XML")
    with pytest.raises(GroundError, match="is no GraphML"):
        read_ground(tmp_path / "bad.graphml")
    with pytest.raises(GroundError, match="cannot be read"):
        read_ground(tmp_path / "none.graphml")
    network = to_exchange(sample_town.graph("car"))
    network.remove_edge(*next(iter(network.edges(keys=True))))
    with pytest.raises(GroundError, match="its turns are not those of its edges"):
        from_networkx(network, "edited")
    town = draw_town("A--B")
    with pytest.raises(GroundError, match="closed arcs"):
        to_exchange(view(town.graph, Overlay().close([0])))
    assert isinstance(town.points["A"], LonLat)
