"""From points to arcs: against brute force, at junctions, near islands, and out of range."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_data.coordinates import LocalPlane, straight_m
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.locate import locate, position_name, position_point
from geo_data.reach import reach
from geo_data.toy import draw_town, grid_town
from geo_data.types import ArcPosition, LonLat


def test_equals_brute_force(sample_town):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(12)
    west, south, east, north = sample_town.meta.bounds
    plane = LocalPlane((west + east) / 2, (south + north) / 2)
    lines = []
    for piece in range(graph.n_pieces):
        points = graph.piece_points(piece)
        xy = plane.to_xy(graph.point_lon_e7[points] / 1e7, graph.point_lat_e7[points] / 1e7)
        lines.append(shapely.linestrings(np.column_stack(xy)))
    found = 0
    for _ in range(200):
        point = LonLat(rng.uniform(west, east), rng.uniform(south, north))
        away_m = shapely.distance(lines, shapely.Point(*plane.to_xy(*point))) + 100.0 * graph.piece_island
        best = int(np.argmin(away_m))
        nearest_m = away_m[best] - 100.0 * graph.piece_island[best]
        try:
            positions = locate(graph, point)
        except TooFarFromRoad:
            assert nearest_m > 299.8 or np.min(away_m - 100.0 * graph.piece_island) > 300.0
            continue
        found += 1
        assert positions[0].offset_m == pytest.approx(nearest_m, abs=0.2)
        assert len({position.offset_m for position in positions}) == 1
        for position in positions:
            away = straight_m(position_point(graph, position), point)
            assert away == pytest.approx(position.offset_m, abs=0.6)  # 0.5: shared at a junction
    assert found > 50


def test_both_directions_of_a_two_way_road():
    graph = grid_town(2, 1, block_m=200.0)
    there, back = locate(graph, LonLat(50.0 / 111_195.0, 10.0 / 111_195.0))
    assert graph.twin[there.arc] == back.arc
    assert there.along_m == pytest.approx(50.0, abs=0.05)
    assert back.along_m == pytest.approx(150.0, abs=0.05)
    assert there.offset_m == back.offset_m == pytest.approx(10.0, abs=0.05)


def test_at_the_end_of_a_one_way_every_exit_is_open():
    town = draw_town("""
        A>>>B---C
    """)
    found = reach(town.graph, town.at("B"), 40_000)
    assert found.at(town.at("C")) == 40_000
    assert reach(town.graph, town.at("C"), 40_000, towards=True).at(town.at("B")) == 40_000
    assert found.at(town.at("B")) == 0


def test_a_driveway_island_swallows_nothing():
    # one-way P>Q cannot be left: 40 m nearer than the network, but an island
    town = draw_town(
        """
        A-----B
        |     |
        C-----D

        P>>>>>Q
        """,
        step_m=20.0,
    )
    graph = town.graph
    a_little_above = LonLat(town.points["P"].lon + 50 / 111_195, town.points["P"].lat + 5 / 111_195)
    assert not graph.piece_island[graph.arc_piece[locate(graph, a_little_above)[0].arc]]
    # far from the network the island is all there is
    below = LonLat(town.points["P"].lon + 50 / 111_195, town.points["P"].lat - 280 / 111_195)
    assert graph.piece_island[graph.arc_piece[locate(graph, below)[0].arc]]


def test_too_far_says_how_far():
    graph = grid_town(3, 3)
    with pytest.raises(TooFarFromRoad, match=r"farther than 300 m .* the nearest is 1,11\d m away") as caught:
        locate(graph, LonLat(-0.01, 0.0))
    assert "swapped" in caught.value.hint
    with pytest.raises(TooFarFromRoad, match="none within 20 km"):
        locate(graph, LonLat(100.0, 50.0))
    assert locate(graph, LonLat(-0.01, 0.0), limit_m=1200.0)


@pytest.mark.parametrize(
    "point", [LonLat(181.0, 0.0), LonLat(0.0, 91.0), LonLat(float("nan"), 0.0), LonLat(0.0, float("inf"))]
)
def test_coordinates_out_of_range(point):
    with pytest.raises(GroundError, match="out of range"):
        locate(grid_town(2, 2), point)


def test_swapped_coordinates_are_suspected():
    with pytest.raises(GroundError) as caught:
        locate(grid_town(2, 2), LonLat(28.0, 120.6))
    assert "swapped" in caught.value.hint


@pytest.mark.parametrize("limit_m", [0.0, -1.0, 20_001.0, float("nan")])
def test_a_snap_limit_out_of_range(limit_m):
    with pytest.raises(GroundError, match="snap limit"):
        locate(grid_town(2, 2), LonLat(0.0, 0.0), limit_m)


def test_poles_and_antimeridian_are_just_far():
    graph = grid_town(2, 2)
    for point in (LonLat(0.0, 90.0), LonLat(0.0, -90.0), LonLat(180.0, 0.0), LonLat(-180.0, 0.0)):
        with pytest.raises(TooFarFromRoad):
            locate(graph, point)


def test_names(sample_town):
    graph = sample_town.graph("car")
    named = int(np.flatnonzero(graph.piece_name[graph.arc_piece] >= 0)[0])
    assert position_name(graph, ArcPosition(named, 0.0)) == graph.arc_name(named) != ""
    assert position_name(grid_town(2, 2), ArcPosition(0, 0.0)) is None
