"""Manoeuvres: drawn towns with one claim each, and the sums of the steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import GroundError
from geo_data.locate import locate
from geo_data.manoeuvres import KINDS, manoeuvres
from geo_data.phrases import LANGUAGES, phrase
from geo_data.route import route
from geo_data.toy import ToyRoad, draw_town, random_town, toy_graph
from geo_data.types import ArcPosition, LonLat


def kinds(town, start, end):
    way = route(town.graph, town.at(start), town.at(end))
    return [step.kind for step in manoeuvres(town.graph, way)]


def test_left_right_and_a_bend_without_choice():
    town = draw_town("""
        A---B---C
            |
        D---E
        |
        F
    """)
    assert kinds(town, "A", "F") == ["depart", "right", "arrive"]  # E and D are bends
    assert kinds(town, "F", "A") == ["depart", "left", "arrive"]
    assert kinds(town, "F", "C") == ["depart", "right", "arrive"]
    assert kinds(town, "A", "C") == ["depart", "arrive"]


def star(angle_deg, name="", ahead=True):
    """Return a way north to a junction, with a road off it at an angle to the right, and one straight on."""
    east, north = 300.0 * math.sin(math.radians(angle_deg)), 300.0 * math.cos(math.radians(angle_deg))
    x, y = np.array([0.0, 0.0, 0.0, east, -300.0]), np.array([-300.0, 0.0, 300.0, north, 0.0])
    roads = [ToyRoad(0, 1, 9_000, 9_000, 300_000, "Long Street"), ToyRoad(1, 3, 9_000, 9_000, 300_000, name)]
    roads.append(ToyRoad(1, 2 if ahead else 4, 9_000, 9_000, 300_000, "Long Street"))
    graph = toy_graph(x, y, roads)
    begin = next(a for a in range(graph.n_arcs) if graph.tail[a] == 0)
    end = next(a for a in range(graph.n_arcs) if graph.head[a] == 3)
    return graph, [ArcPosition(begin, 0.0)], [ArcPosition(end, 300.0)]


@pytest.mark.parametrize(
    ("angle_deg", "kind"),
    [
        (35, "slight-right"),
        (90, "right"),
        (150, "sharp-right"),
        (-35, "slight-left"),
        (-90, "left"),
        (-150, "sharp-left"),
        (176, "u-turn"),
    ],
)
def test_the_kind_is_the_angle(angle_deg, kind):
    graph, start, end = star(angle_deg, "Side Lane")
    steps = manoeuvres(graph, route(graph, start, end))
    assert [step.kind for step in steps] == ["depart", kind, "arrive"]
    assert [step.street for step in steps] == ["Long Street", "Side Lane", "Side Lane"]
    assert steps[0].heading_deg == pytest.approx(0.0, abs=0.1) or steps[0].heading_deg > 359.9
    assert steps[1].heading_deg == pytest.approx(angle_deg % 360, abs=0.5)
    assert [step.length_m for step in steps] == pytest.approx([300.0, 300.0, 0.0], abs=0.01)
    assert [step.travel_ms for step in steps] == [9_000, 9_000, 0]


def test_a_new_name_straight_on_and_a_bend_past_a_side_road():
    graph, start, end = star(5, "New Street", ahead=False)
    assert [s.kind for s in manoeuvres(graph, route(graph, start, end))] == ["depart", "continue", "arrive"]
    graph, start, end = star(5, "Long Street", ahead=False)
    assert [s.kind for s in manoeuvres(graph, route(graph, start, end))] == ["depart", "arrive"]
    graph, start, end = star(35, "Long Street", ahead=False)
    assert [s.kind for s in manoeuvres(graph, route(graph, start, end))] == ["depart", "arrive"]


def test_back_on_the_same_road_is_a_u_turn():
    town = draw_town("A>>B--C")
    way = route(town.graph, [ArcPosition(1, 10.0)], [ArcPosition(2, 200.0)])
    names = [step.kind for step in manoeuvres(town.graph, way)]
    assert names[0] == "depart" and names[-1] == "arrive" and "u-turn" in names


def roundabout(corners=8, radius_m=25.0):
    """Return a ring of one-way arcs (counter-clockwise from the south), with a road out at every other corner."""
    turn = -math.pi / 2 + 2 * math.pi * np.arange(corners) / corners
    x, y = radius_m * np.cos(turn), radius_m * np.sin(turn)
    out = np.arange(0, corners, 2)
    x, y = np.concatenate([x, 8 * x[out]]), np.concatenate([y, 8 * y[out]])
    side_m = 2 * radius_m * math.sin(math.pi / corners)
    roads = [ToyRoad(i, (i + 1) % corners, 2_000, 0, round(side_m * 1000), "Ring") for i in range(corners)]
    names = ("South Road", "East Road", "North Road", "West Road")
    roads += [
        ToyRoad(int(c), corners + i, 15_000, 15_000, round(7 * radius_m * 1000), names[i % 4])
        for i, c in enumerate(out)
    ]
    return toy_graph(x, y, roads)


@pytest.mark.parametrize(("end", "exit_number", "street"), [(9, 1, "East Road"), (10, 2, "North Road")])
def test_exits_of_a_roundabout_are_counted(end, exit_number, street):
    graph = roundabout()
    start = next(a for a in range(graph.n_arcs) if graph.tail[a] == 8)
    last = next(a for a in range(graph.n_arcs) if graph.head[a] == end)
    way = route(graph, [ArcPosition(start, 0.0)], [ArcPosition(last, 100.0)])
    steps = manoeuvres(graph, way)
    assert [step.kind for step in steps] == ["depart", "roundabout", "arrive"]
    assert (steps[1].exit, steps[1].street) == (exit_number, street)
    assert phrase(steps[1], "en") == f"At the roundabout take exit {exit_number} onto {street}"
    assert phrase(steps[1]) == f"进入环岛，从第{exit_number}个出口驶出，进入{street}"


def test_a_block_of_one_way_streets_is_no_roundabout():
    town = draw_town("""
        A-B>>C
          ^  v
          E<<D-F
    """)
    assert "roundabout" not in kinds(town, "A", "F")


def test_into_and_out_of_a_roundabout():
    graph = roundabout()
    ring = next(a for a in range(graph.n_arcs) if graph.tail[a] == 3 and graph.twin[a] < 0)
    start = next(a for a in range(graph.n_arcs) if graph.tail[a] == 8)
    into = manoeuvres(graph, route(graph, [ArcPosition(start, 0.0)], [ArcPosition(ring, 5.0)]))
    assert [(s.kind, s.exit) for s in into] == [("depart", None), ("roundabout", None), ("arrive", None)]
    assert phrase(into[1], "en") == "Enter the roundabout Ring"
    last = next(a for a in range(graph.n_arcs) if graph.head[a] == 10)
    out = manoeuvres(graph, route(graph, [ArcPosition(ring, 5.0)], [ArcPosition(last, 100.0)]))
    assert [s.kind for s in out] == ["depart", "right", "arrive"]


@pytest.mark.parametrize(("north_m", "kind"), [(20.0, "arrive-left"), (-20.0, "arrive-right"), (1.0, "arrive")])
def test_the_side_of_the_door(north_m, kind):
    town = draw_town("A-----B")
    door = LonLat(town.points["B"].lon / 2, north_m / 111_195.0)
    way = route(town.graph, town.at("A"), locate(town.graph, door))
    last = manoeuvres(town.graph, way, door)[-1]
    assert last.kind == kind
    assert last.travel_ms == pytest.approx(abs(north_m) / 1.4 * 1000, abs=20)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_steps_sum_to_the_route(random_place, seed, place_seed):
    graph = random_town(seed)
    rng = np.random.default_rng(place_seed)
    way = route(graph, random_place(graph, rng), random_place(graph, rng))
    if way is None:
        return
    steps = manoeuvres(graph, way)
    assert steps[0].kind == "depart" and steps[-1].kind == "arrive" and len(steps) >= 2
    assert {step.kind for step in steps} <= set(KINDS)
    assert sum(step.travel_ms for step in steps) == way.travel_ms
    assert all(step.travel_ms >= 0 and step.length_m >= 0.0 for step in steps)
    assert sum(step.length_m for step in steps) == pytest.approx(way.length_m, abs=1.0)
    for language in LANGUAGES:
        assert all(phrase(step, language) for step in steps)


def test_an_unknown_language_is_refused():
    graph, start, end = star(90)
    step = manoeuvres(graph, route(graph, start, end))[0]
    with pytest.raises(GroundError, match="language 'fr'"):
        phrase(step, "fr")
