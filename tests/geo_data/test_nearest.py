"""The nearest team: adding one never makes it worse, and refusals are errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import GroundError
from geo_data.nearest import nearest
from geo_data.route import route
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import UNREACHED, ArcPosition


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_adding_a_team_never_raises_the_best_time(random_place, seed, place_seed):
    graph, rng = random_town(seed), np.random.default_rng(place_seed)
    target = random_place(graph, rng)
    teams = [random_place(graph, rng) for _ in range(6)]
    best = UNREACHED
    for count in range(1, 7):
        arrivals = nearest(graph, target, teams[:count])
        assert arrivals[0].travel_ms <= best
        best = arrivals[0].travel_ms


def test_metres_are_those_of_the_fastest_way():
    town = draw_town("""
        A---B---C
            |
            D
    """)
    graph = town.graph
    arrivals = nearest(graph, town.at("D"), [town.at("A"), town.at("C"), town.at("D"), town.at("B")])
    assert [tuple(a) for a in arrivals] == [
        (2, 0, 0.0),
        (3, 20_000, pytest.approx(200.0)),
        (0, 60_000, pytest.approx(600.0)),
        (1, 60_000, pytest.approx(600.0)),
    ]
    way = route(graph, town.at("A"), town.at("D"))
    assert way is not None and way.length_m == pytest.approx(600.0)


def test_those_who_cannot_come_are_last():
    town = draw_town("""
        A>>>B---C
    """)
    arrivals = nearest(town.graph, town.at("A"), [town.at("C"), (), town.at("A")])
    assert [tuple(a) for a in arrivals] == [(2, 0, 0.0), (0, UNREACHED, 0.0), (1, UNREACHED, 0.0)]
    assert [a.index for a in nearest(town.graph, town.at("A"), [town.at("C"), town.at("A")], k=2)] == [1]
    assert nearest(town.graph, town.at("A"), []) == []


def test_what_cannot_be_asked():
    graph = grid_town(3, 3)
    here = [ArcPosition(0, 0.0)]
    with pytest.raises(GroundError, match="k is 0"):
        nearest(graph, here, [here], k=0)
    with pytest.raises(GroundError, match="no position"):
        nearest(graph, [], [here])
    with pytest.raises(GroundError, match="not in this ground"):
        nearest(graph, here, [[ArcPosition(10**6, 0.0)]])
