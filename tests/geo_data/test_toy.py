"""Drawn towns are what they look like."""

from __future__ import annotations

import numpy as np
import pytest

from geo_data.errors import GroundError
from geo_data.reach import reach
from geo_data.toy import draw_town, random_town
from geo_data.types import MAX_TRAVEL_MS


def test_a_drawing_is_read():
    town = draw_town("""
        A--B
        |  v
        C<-D--+
              |
              E
    """)
    graph = town.graph
    graph.check()
    assert sorted(town.points) == ["A", "B", "C", "D", "E"]
    assert graph.n_nodes == 6 and graph.n_arcs == 2 * 4 + 2
    from_a = reach(graph, town.at("A"), MAX_TRAVEL_MS)
    assert [from_a.at(town.at(name)) for name in "BCDE"] == [30_000, 20_000, 50_000, 100_000]
    # the way back from D to A is by the one-way to C, to B it is round by A
    from_d = reach(graph, town.at("D"), MAX_TRAVEL_MS)
    assert [from_d.at(town.at(name)) for name in "CAB"] == [30_000, 50_000, 80_000]


@pytest.mark.parametrize("drawing", ["A--", "A B", "", "A-\n  B", "A->-<-B", "--A-B"])
def test_a_drawing_that_is_none(drawing):
    with pytest.raises(GroundError, match=r"line \d+, column \d+"):
        draw_town(drawing)


def test_the_same_seed_gives_the_same_town():
    a, b = random_town(7), random_town(7)
    np.testing.assert_array_equal(a.travel_ms, b.travel_ms)
    np.testing.assert_array_equal(a.point_lon_e7, b.point_lon_e7)
    assert np.any(a.tail == a.head), "loops are among the roads"
    assert np.any(a.twin < 0), "and one-way roads"
    ends = np.column_stack([a.tail, a.head])
    assert len(np.unique(ends, axis=0)) < len(ends), "and parallel ones"
