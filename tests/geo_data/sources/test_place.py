"""osmnx: its graph of a file is the ground of that file; without internet there is a clear word."""

from __future__ import annotations

import gzip

import networkx as nx
import numpy as np
import pytest
import requests

from geo_data.errors import GroundError
from geo_data.sources import read_ground
from geo_data.sources.networkx import to_networkx
from geo_data.sources.place import from_osmnx

ox = pytest.importorskip("osmnx")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def town_xml(repo_root, tmp_path_factory):
    path = tmp_path_factory.mktemp("osmnx") / "town.osm"
    path.write_bytes(gzip.decompress((repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz").read_bytes()))
    return path


@pytest.mark.parametrize("simplify", [False, True])
def test_equals_the_file_itself(sample_town, town_xml, simplify):
    found = ox.graph_from_xml(town_xml, simplify=False, retain_all=True)
    if simplify:
        found = ox.simplify_graph(found)
    ground = from_osmnx(found, "town", ("car",))
    graph, own = ground.graph("car"), sample_town.graph("car")
    graph.check()
    # the same roads, cut elsewhere: the same kilometres, there and back, and nearly the same times;
    # where osmnx has merged roads of two classes into one edge, the first class counts for both
    assert graph.length_mm.sum() == pytest.approx(own.length_mm.sum(), rel=0.02 if simplify else 1e-4)
    assert graph.travel_ms.sum() == pytest.approx(own.travel_ms.sum(), rel=0.02 if simplify else 2e-3)
    assert ground.meta.connected_share["car"] == pytest.approx(sample_town.meta.connected_share["car"], abs=0.01)


def test_no_internet_is_told(monkeypatch):
    def offline(*_args, **_kwargs):
        raise requests.exceptions.ConnectionError("Name or service not known")

    monkeypatch.setattr(ox, "graph_from_place", offline)
    with pytest.raises(GroundError, match="cannot be asked for 'Ouhai'") as caught:
        read_ground("Ouhai")
    assert "no internet" in caught.value.hint


def test_an_unknown_place_is_told(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise TypeError("Nominatim did not geocode query")

    monkeypatch.setattr(ox, "graph_from_place", unknown)
    with pytest.raises(GroundError, match="gave no roads for 'Nowhere'"):
        read_ground("Nowhere")


def test_the_export_is_what_networkx_and_osmnx_know(sample_town):
    graph = sample_town.graph("car")
    exported = to_networkx(graph)
    assert exported.number_of_nodes() == graph.n_nodes
    assert exported.number_of_edges() == graph.n_arcs
    arc = graph.n_arcs // 2
    fields = exported.edges[int(graph.tail[arc]), int(graph.head[arc]), arc]
    assert fields["travel_ms"] == graph.travel_ms[arc] and fields["length_m"] == graph.length_mm[arc] / 1000
    largest = max(nx.strongly_connected_components(exported), key=len)
    assert set(np.flatnonzero(graph.node_island == 0).tolist()) == largest
    assert len(ox.convert.graph_to_gdfs(exported, nodes=True, edges=False)) == graph.n_nodes
