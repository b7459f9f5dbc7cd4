"""The columns of a graph: every law is checked, and a broken one is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import GroundError
from geo_data.graph import COLUMNS
from geo_data.graph.grid import build_grid
from geo_data.toy import grid_town, random_town


def frozen(values):
    values.flags.writeable = False
    return values


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(1, 120))
def test_every_random_graph_keeps_the_laws(seed, nodes, roads):
    random_town(seed, nodes, roads).check()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_reversed_twice_is_the_same(seed):
    graph = random_town(seed)
    turned = graph.reversed()
    for arc in range(0, graph.n_arcs, 7):
        old = int(graph.in_arc[arc])
        assert (turned.tail[arc], turned.head[arc]) == (graph.head[old], graph.tail[old])
        np.testing.assert_array_equal(turned.arc_geometry(arc), graph.arc_geometry(old)[::-1])
    again = turned.reversed()
    for name in ("travel_ms", "length_mm", "tail", "arc_against"):
        assert sorted(again.column(name).tolist()) == sorted(graph.column(name).tolist())
    np.testing.assert_array_equal(again.first_out, graph.first_out)


@pytest.mark.parametrize(
    ("column", "index", "value", "law"),
    [
        ("travel_ms", 3, 0, "travel_ms not in"),
        ("length_mm", 3, -1, "length_mm negative"),
        ("head", 0, 10**6, "an end is no junction"),
        ("tail", 0, 5, "arcs not sorted by tail"),
        ("in_arc", 0, 1, "in_arc no permutation"),
        ("twin", 0, 0, "twin of twin"),
        ("twin", 0, 10**6, "twin is no arc"),
        ("arc_against", 0, 2, "arc_against"),
        ("arc_piece", 0, 99, "arc_piece"),
        ("piece_class", 0, 99, "piece_class"),
        ("piece_name", 0, 7, "piece_name"),
        ("piece_arc_along", 0, -1, "an arc is of no piece"),
        ("point_lon_e7", 0, 12345, "geometry does not start at the tail"),
        ("node_lat_e7", 0, 12345, "geometry does not start at the tail"),
        ("first_out", 0, 1, "first_out"),
        ("grid_segment", slice(None), 1, "grid cell"),
    ],
)
def test_a_broken_law_is_named(column, index, value, law):
    graph = grid_town(4, 3)
    values = graph.column(column).copy()
    values[index] = value
    with pytest.raises(GroundError, match=law) as caught:
        replace(graph, **{column: frozen(values)}).check()
    assert "import" in caught.value.hint


def test_a_writeable_or_foreign_column_is_named():
    graph = grid_town(2, 2)
    with pytest.raises(GroundError, match="tail is writeable"):
        replace(graph, tail=graph.tail.copy()).check()
    with pytest.raises(GroundError, match="tail is int64"):
        replace(graph, tail=frozen(graph.tail.astype(np.int64))).check()


def test_memory_of_an_arc(sample_town):
    for profile in sample_town.profiles:
        graph = sample_town.graph(profile)
        assert graph.nbytes() == sum(graph.column(name).nbytes for name in COLUMNS)
        assert graph.nbytes() / graph.n_arcs <= 150


def test_kilometres_count_a_piece_once():
    assert grid_town(3, 2, block_m=500.0).km_by_class() == {"residential": pytest.approx(3.5)}


def test_a_huge_sparse_ground_has_a_small_grid():
    # two roads on two continents: the cells grow instead of their number
    lon = np.array([-1_700_000_000, -1_699_000_000, 1_700_000_000, 1_701_000_000], dtype=np.int32)
    lat = np.array([-600_000_000, -600_000_000, 600_000_000, 601_000_000], dtype=np.int32)
    frame, first, segment = build_grid(lon, lat, np.array([0, 2, 4], dtype=np.int32))
    assert frame[4] * frame[5] == len(first) - 1 <= 1 << 16
    assert set(segment.tolist()) == {0, 2}
