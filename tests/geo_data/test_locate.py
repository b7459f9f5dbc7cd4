"""From points to arcs: against brute force, at junctions, near islands, and out of range."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from geo_data.coordinates import METRES_PER_E7, LocalPlane, haversine_m, straight_m
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph import RoadGraph
from geo_data.locate import POINTS_MAX, locate, locate_many, position_name, position_point
from geo_data.reach import reach
from geo_data.roster import Roster
from geo_data.toy import draw_town, grid_town
from geo_data.types import UNREACHED, ArcPosition, LonLat


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


def _slow(graph: RoadGraph, point: LonLat, limit_m: float) -> list[list[tuple[int, float, float]]]:
    """Return what may be right, worked out from every segment: one answer for each road equally near."""
    is_segment = np.ones(len(graph.point_lon_e7), dtype=bool)
    is_segment[graph.piece_first_point[1:] - 1] = False
    a = np.flatnonzero(is_segment)
    metres = np.array([METRES_PER_E7 * np.cos(np.radians(point.lat)), METRES_PER_E7])
    xy = (np.column_stack([graph.point_lon_e7, graph.point_lat_e7]) - np.array(point) * 1e7) * metres
    along = xy[a + 1] - xy[a]
    square = np.maximum((along * along).sum(axis=1), 1e-30)
    share = np.clip(-(xy[a] * along).sum(axis=1) / square, 0.0, 1.0)
    away_m = np.hypot(*(xy[a] + share[:, None] * along).T)
    piece = np.searchsorted(graph.piece_first_point, a, side="right") - 1
    cost = np.where(away_m <= limit_m, away_m + 100.0 * graph.piece_island[piece], np.inf)
    if not np.isfinite(cost).any():
        return [[]]
    best = np.flatnonzero(cost <= cost.min() + 1e-9)
    return [_slow_positions(graph, int(piece[i]), int(a[i]), float(share[i]), float(away_m[i])) for i in best]


def _slow_positions(
    graph: RoadGraph, piece: int, at: int, share: float, away_m: float
) -> list[tuple[int, float, float]]:
    points, length_m = graph.piece_points(piece), graph.piece_length_m(piece)
    lon, lat = graph.point_lon_e7[points] / 1e7, graph.point_lat_e7[points] / 1e7
    steps_m = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    k = at - points.start
    here_m = (steps_m[:k].sum() + share * steps_m[k]) * length_m / steps_m.sum()
    on = [(int(graph.piece_arc_along[piece]), here_m), (int(graph.piece_arc_against[piece]), length_m - here_m)]
    on = [(arc, along_m) for arc, along_m in on if arc >= 0]
    able = [(arc, along_m) for arc, along_m in on if graph.travel_ms[arc] != UNREACHED]
    found = able or on[:1]
    if len(able) < 2:
        arc, along_m = found[0]
        ends = [(graph.tail[arc], along_m), (graph.head[arc], length_m - along_m)]
        for node in [node for node, from_m in ends if from_m <= 0.5][:1]:
            is_open = graph.travel_ms != UNREACHED
            into, out = (
                np.flatnonzero((graph.head == node) & is_open),
                np.flatnonzero((graph.tail == node) & is_open),
            )
            # the first that enters, as listed, and the first that leaves
            listed = [j for j in graph.in_arc.tolist() if j in set(into.tolist())][:1]
            found = [*found, *((j, graph.arc_length_m(j)) for j in listed), *((j, 0.0) for j in out[:1].tolist())]
    return [(arc, along_m, away_m) for arc, along_m in found]


def _places_to_try(graph: RoadGraph, rng: np.random.Generator, n: int) -> list[LonLat]:
    """Return points on the roads, at the ends of one-ways, beside them, and far from any."""
    k = rng.integers(0, len(graph.point_lon_e7), n)
    one_way = np.flatnonzero((graph.piece_arc_along < 0) | (graph.piece_arc_against < 0))
    k[: n // 3] = graph.piece_first_point[rng.choice(one_way, n // 3)]
    spread = rng.choice([0.0, 1e-7, 4e-6, 1e-4, 5e-3], n)[:, None]
    near = np.column_stack([graph.point_lon_e7[k], graph.point_lat_e7[k]]) / 1e7 + rng.normal(size=(n, 2)) * spread
    return [LonLat(float(lon), float(lat)) for lon, lat in near]


@pytest.mark.parametrize("closed_share", [0.0, 0.4])
def test_many_equals_one_and_the_slow_way(sample_town, closed_share):
    rng = np.random.default_rng(31)
    graph = sample_town.graph("car")
    closed = np.where(rng.random(graph.n_arcs) < closed_share, UNREACHED, graph.travel_ms).astype(np.int32)
    graph = dataclasses.replace(graph, travel_ms=closed)
    for limit_m in (300.0, 40.0):
        points = _places_to_try(graph, rng, 300)
        many = locate_many(graph, points, limit_m)
        assert len(many) == len(points)
        shared = 0
        for point, positions in zip(points, many, strict=True):
            if positions:
                assert locate(graph, point, limit_m) == positions
            else:
                with pytest.raises(TooFarFromRoad):
                    locate(graph, point, limit_m)
            answers = _slow(graph, point, limit_m)
            # sums in another order differ by less than a nanometre a kilometre: 1e-6 m is far above, 1 mm far below
            assert any(
                [p.arc for p in positions] == [arc for arc, *_ in answer]
                and np.allclose([p.along_m for p in positions], [m for _, m, _ in answer], rtol=0.0, atol=1e-6)
                and np.allclose([p.offset_m for p in positions], [m for *_, m in answer], rtol=0.0, atol=1e-9)
                for answer in answers
            ), (point, positions, answers)
            shared += len({graph.arc_piece[p.arc] for p in positions}) > 1
        assert shared > 10 and 0 < sum(not positions for positions in many) < 150


def test_many_of_none_and_too_many():
    graph = grid_town(2, 2)
    assert locate_many(graph, []) == []
    with pytest.raises(GroundError, match="too many"):
        locate_many(graph, [LonLat(0.0, 0.0)] * (POINTS_MAX + 1))
    with pytest.raises(GroundError, match="out of range") as caught:
        locate_many(graph, [LonLat(0.0, 0.0), LonLat(28.0, 120.6), LonLat(float("nan"), 0.0)])
    assert "swapped" in caught.value.hint
    for point in (LonLat(float("nan"), 0.0), LonLat(0.0, float("inf")), LonLat(181.0, 0.0)):
        with pytest.raises(GroundError, match="out of range"):
            locate_many(graph, [LonLat(0.0, 0.0), point])
    with pytest.raises(GroundError, match="snap limit"):
        locate_many(graph, [LonLat(0.0, 0.0)], 0.0)


def test_a_team_with_no_road_near_is_in_the_roster_and_nowhere():
    graph = grid_town(3, 3)
    teams = locate_many(graph, [LonLat(0.0, 0.0), LonLat(1.0, 1.0)])
    assert teams[0] and teams[1] == ()
    assert Roster(graph, teams).placed == 1


@pytest.mark.parametrize("wrong", [(0.001,), (0.001, 0.001, 5.0), None, 7.0, ("east", "north")])
def test_a_point_that_is_not_two_numbers_is_refused(wrong):
    with pytest.raises(GroundError, match="not two numbers"):
        locate_many(grid_town(3, 3), [LonLat(0.001, 0.001), wrong, wrong])
    with pytest.raises(GroundError, match="nan"):
        locate_many(grid_town(3, 3), [(None, 0.001)])
