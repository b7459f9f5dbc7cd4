"""A route: its times, its points and its length agree with the search and with each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.coordinates import haversine_m
from geo_data.nearest import nearest
from geo_data.reach import reach
from geo_data.route import point_at, route
from geo_data.toy import draw_town, random_town
from geo_data.types import MAX_TRAVEL_MS, UNREACHED


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_equals_reach_and_is_connected(random_place, seed, place_seed):
    graph = random_town(seed)
    rng = np.random.default_rng(place_seed)
    start, end = random_place(graph, rng), random_place(graph, rng)
    way = route(graph, start, end)
    expected = reach(graph, start, MAX_TRAVEL_MS).at(end)
    if way is None:
        assert expected == UNREACHED
        return
    assert way.travel_ms == expected
    for a, b in itertools.pairwise(way.arcs):
        assert graph.head[a] == graph.tail[b]
    assert way.start in start and way.end in end
    assert len(way.lonlat) == len(way.time_ms) >= 2
    assert np.all(np.diff(way.time_ms) >= 0) and way.time_ms[-1] <= way.travel_ms
    (arrival,) = nearest(graph, end, [start])
    if arrival.travel_ms != UNREACHED:
        assert arrival.travel_ms == way.travel_ms


def test_points_and_metres_of_a_drawn_way():
    town = draw_town("""
        A---B
            |
            C
    """)
    way = route(town.graph, town.at("A"), town.at("C"))
    assert way is not None
    assert way.travel_ms == 40_000 + 20_000
    assert way.length_m == pytest.approx(600.0)
    line = way.lonlat
    metres = haversine_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]).sum()
    assert metres == pytest.approx(600.0, abs=0.1)
    halfway = point_at(way, 20_000)
    assert halfway[0] == pytest.approx(town.points["B"].lon / 2, abs=1e-6)
    assert point_at(way, -5) == pytest.approx(town.points["A"], abs=1e-6)
    assert point_at(way, 10**9) == pytest.approx(town.points["C"], abs=1e-6)


def test_no_way_is_none():
    town = draw_town("""
        A>>>B
    """)
    assert route(town.graph, town.at("B"), town.at("A")) is None
    assert route(town.graph, town.at("A"), town.at("B"), limit_ms=39_999) is None
    assert route(town.graph, town.at("A"), town.at("B"), limit_ms=40_000) is not None


def test_names_once_in_a_row(sample_town, random_place):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(1)
    ways = [route(graph, random_place(graph, rng), random_place(graph, rng)) for _ in range(10)]
    named = [way.names for way in ways if way is not None and way.names]
    assert named
    for names in named:
        assert all(a != b for a, b in itertools.pairwise(names))
        assert set(names) <= set(graph.names)
