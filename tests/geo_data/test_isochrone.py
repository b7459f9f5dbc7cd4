"""Circles: nested, valid, true to the time field, and closed-form areas."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo_data.coordinates import LocalPlane
from geo_data.errors import GroundError
from geo_data.isochrone import isochrones, isochrones_geojson
from geo_data.locate import position_point
from geo_data.reach import reach
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import ArcPosition

LIMITS_S = (60, 180, 300)
WALK_M_S, WALK_LIMIT_M = 1.4, 100.0


def seconds_at(found, plane, points):
    """Return the true time field at points in metres by brute force: every span, every point."""
    graph, best = found.graph, np.full(len(points), np.inf)
    away = shapely.points(points)
    for arc, from_mm, to_mm, from_ms, to_ms in zip(*(c.tolist() for c in found.arc_spans()), strict=True):
        line = shapely.linestrings(np.column_stack(plane.to_xy(*graph.arc_geometry(arc).T)))
        length_mm = int(graph.length_mm[arc])
        if length_mm == 0:
            continue
        scale = line.length / length_mm
        mark = np.clip(shapely.line_locate_point(line, away) / max(scale, 1e-12), from_mm, to_mm)
        metres = shapely.distance(shapely.line_interpolate_point(line, mark * scale), away)
        share = (mark - from_mm) / max(1, to_mm - from_mm)
        ms = from_ms + share * (to_ms - from_ms) + metres / WALK_M_S * 1000
        best = np.minimum(best, np.where(metres <= WALK_LIMIT_M, ms / 1000, np.inf))
    return best


def agreement(graph, start, towards, rng, limits_s=LIMITS_S):
    """Return F1 of the polygons against the brute field, one a limit, at random points around."""
    areas = isochrones(graph, start, limits_s, towards)
    found = reach(graph, start, limits_s[-1] * 1000, towards)
    plane = LocalPlane(*position_point(graph, start[0]))
    scores = {}
    for limit_s, area in areas.items():
        west, south, east, north = area.bounds
        x, y = plane.to_xy([west, east], [south, north])
        points = rng.uniform([x[0] - 60, y[0] - 60], [x[1] + 60, y[1] + 60], (400, 2))
        inside = shapely.contains_xy(area, *plane.to_lonlat(points[:, 0], points[:, 1]))
        truth = seconds_at(found, plane, points) <= limit_s
        scores[limit_s] = 2 * np.sum(inside & truth) / (np.sum(inside) + np.sum(truth))
    return scores


@pytest.mark.parametrize("towards", [False, True])
def test_polygons_are_the_time_field(sample_town, towards):
    graph = sample_town.graph("car")
    for seed in range(2):
        rng = np.random.default_rng(seed)
        start = (ArcPosition(int(rng.integers(graph.n_arcs)), 0.0),)
        for score in agreement(graph, start, towards, rng, (60, 120, 180)).values():
            assert score >= 0.97


@pytest.mark.parametrize("profile", ["car", "ebike", "foot"])
def test_nested_valid_and_holding_the_roads(sample_town, profile):
    graph = sample_town.graph(profile)
    rng = np.random.default_rng(9)
    for _ in range(5):
        start = (ArcPosition(int(rng.integers(graph.n_arcs)), 0.0),)
        areas = isochrones(graph, start, LIMITS_S)
        assert list(areas) == list(LIMITS_S)
        assert all(area.is_valid and not area.is_empty for area in areas.values())
        assert areas[300].covers(areas[180]) and areas[180].covers(areas[60])
        found = reach(graph, start, 300_000)
        lon, lat = graph.node_lon_e7 / 1e7, graph.node_lat_e7 / 1e7
        for limit_s, area in areas.items():
            # with some seconds left to walk, a junction is surely inside; one a minute late surely is not
            sure = found.node_ms <= (limit_s - 15) * 1000
            assert np.all(shapely.contains_xy(area, lon[sure], lat[sure]))


@settings(deadline=None, max_examples=60)
@example(5282, 353, [1, 3], False)  # rings that have shrunk to a line
@given(
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.lists(st.integers(1, 900), min_size=2, max_size=4),
    st.booleans(),
)
def test_nested_whatever_the_limits(seed, arc, limits_s, towards):
    graph = random_town(seed)
    areas = list(isochrones(graph, [ArcPosition(arc % graph.n_arcs, 0.0)], limits_s, towards).values())
    for small, large in itertools.pairwise(areas):
        assert small.is_valid and large.is_valid
        assert small.is_empty or large.covers(small)


def test_a_walk_off_one_fast_road_is_a_capsule():
    # 50 s, next to none of them on the road: 70 m of walk around 200 m of road
    town = draw_town("A-B", step_m=100.0, step_ms=1)
    area = isochrones(town.graph, [ArcPosition(0, 0.0)], [50])[50]
    plane = LocalPlane(0.0, 0.0)
    metric = shapely.transform(area, lambda at: np.column_stack(plane.to_xy(*at.T)))
    assert metric.area == pytest.approx(2 * 70.0 * 200.0 + math.pi * 70.0**2, rel=0.02)


def test_blocks_between_far_roads_are_holes():
    graph = grid_town(4, 4, block_m=500.0, block_ms=30_000)
    area = isochrones(graph, [ArcPosition(0, 0.0)], [600])[600]
    holes = sum(len(polygon.interiors) for polygon in area.geoms)
    assert holes == 9
    (polygon,) = area.geoms
    plane = LocalPlane(0.0, 0.0)
    for hole in polygon.interiors:
        x, y = plane.to_xy(*shapely.get_coordinates(hole).T)
        assert np.ptp(x) == pytest.approx(300.0, abs=10.0) and np.ptp(y) == pytest.approx(300.0, abs=10.0)


def test_one_way_forward_and_towards_differ():
    town = draw_town("A>>>>>>>>>B")
    there, back = (isochrones(town.graph, [ArcPosition(0, 500.0)], [20], towards)[20] for towards in (False, True))
    middle = town.graph.arc_geometry(0)[1][0] * 0.5
    assert shapely.centroid(there).x > middle > shapely.centroid(back).x


def test_geojson_is_rfc_7946(sample_town):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(0)
    start = (ArcPosition(int(rng.integers(graph.n_arcs)), 0.0),)
    made = isochrones_geojson(graph, start, [60, 150, 300], towards=True)
    assert made["type"] == "FeatureCollection"
    assert [f["properties"] for f in made["features"]] == [
        {"minutes": m, "limit_s": s, "profile": "car", "towards": True} for m, s in ((5, 300), (2.5, 150), (1, 60))
    ]
    for feature in made["features"]:
        assert feature["geometry"]["type"] == "MultiPolygon"
        for polygon in feature["geometry"]["coordinates"]:
            for i, ring in enumerate(polygon):
                assert ring[0] == ring[-1] and len(ring) >= 4
                assert shapely.LinearRing(ring).is_ccw == (i == 0)


@pytest.mark.parametrize("limits_s", [[], [0], [-5], [86_401], list(range(1, 20))])
def test_limits_out_of_range(limits_s):
    with pytest.raises(GroundError, match="out of range"):
        isochrones(grid_town(2, 2), [ArcPosition(0, 0.0)], limits_s)


@pytest.mark.slow
def test_circles_of_porto_alegre_hold_what_the_oracle_reaches(porto_alegre, oracle, random_place):
    graph = porto_alegre.graph("car")
    truth, rng = oracle(graph), np.random.default_rng(8)
    lon, lat = graph.node_lon_e7 / 1e7, graph.node_lat_e7 / 1e7
    for _ in range(12):
        start = random_place(graph, rng)
        towards = bool(rng.integers(2))
        areas = isochrones(graph, start, LIMITS_S, towards)
        node_ms, _ = truth.times(start, [], 300_000, towards)
        ms = np.full(graph.n_nodes, np.inf)
        ms[list(node_ms)] = list(node_ms.values())
        for limit_s, area in areas.items():
            inside = shapely.contains_xy(area, lon, lat)
            assert np.all(inside[ms <= (limit_s - 15) * 1000])
            # what is inside is walked to from a reached road: some reached junction's road passes near it
            late = inside & (ms > limit_s * 1000)
            spans = reach(graph, start, limit_s * 1000, towards).arc_spans()
            lines = shapely.MultiLineString([graph.arc_geometry(a) for a in spans.arc.tolist()])
            assert np.all(shapely.distance(shapely.points(lon[late], lat[late]), lines) < 0.0014)
