"""Circles: nested, valid, true to the time field, and closed-form areas."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import itertools
import json
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo_data import proximity
from geo_data.coordinates import LocalPlane
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph.grid import build_grid
from geo_data.isochrone import CELLS_MAX, covered_area, isochrones, isochrones_geojson, isochrones_json
from geo_data.locate import locate
from geo_data.overlay import Overlay, view
from geo_data.reach import reach
from geo_data.sources.osm import read_osm
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import UNREACHED, ArcPosition, LonLat

LIMITS_S = (60, 180, 300)
WALK_LIMIT_M = 100.0


def milliseconds_at(found, lon, lat):
    """Return the true time at each point: the nearest road as ``locate`` finds it, the search, the walk."""
    times = []
    for x, y in zip(lon.tolist(), lat.tolist(), strict=True):
        try:
            times.append(found.at(locate(found.graph, LonLat(x, y), WALK_LIMIT_M)))
        except TooFarFromRoad:
            times.append(UNREACHED)
    return np.array(times)


def agreement(graph, start, rng, *, towards=False, limits_s=LIMITS_S, count=400):
    """Return hits, false alarms and misses of the polygons at random points around, int[3], one row a limit."""
    areas = isochrones(graph, start, limits_s, towards)
    found = reach(graph, start, limits_s[-1] * 1000, towards)
    rows = []
    for limit_s, area in areas.items():
        if area.is_empty:
            rows.append((0, 0, 0))
            continue
        west, south, east, north = area.bounds
        lon, lat = rng.uniform(west - 7e-4, east + 7e-4, count), rng.uniform(south - 6e-4, north + 6e-4, count)
        inside = shapely.contains_xy(area, lon, lat)
        truth = milliseconds_at(found, lon, lat) <= limit_s * 1000
        rows.append((np.sum(inside & truth), np.sum(inside & ~truth), np.sum(~inside & truth)))
    return np.array(rows)


def f1(rows):
    return 2 * rows[:, 0] / (2 * rows[:, 0] + rows[:, 1] + rows[:, 2])


@pytest.mark.parametrize("towards", [False, True])
def test_inside_is_reachable_in_time(sample_town, random_place, towards):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(4)
    rows = sum(
        agreement(graph, random_place(graph, rng), rng, towards=towards, limits_s=(60, 120, 180)) for _ in range(12)
    )
    assert np.all(f1(rows) >= 0.97), rows


@pytest.mark.slow
def test_polygon_truth_of_porto(shared_data):
    graph = read_osm(shared_data / "roads" / "porto.osm.pbf", ("car",)).graph("car")
    rng = np.random.default_rng(2026)
    rows = np.zeros((3, 3), dtype=int)
    for _ in range(50):
        start = ()
        while not start:
            with contextlib.suppress(TooFarFromRoad):
                near = graph.arc_geometry(int(rng.integers(graph.n_arcs)))[0] + rng.normal(0.0, 3e-4, 2)
                start = locate(graph, LonLat(*near.tolist()), WALK_LIMIT_M)
        rows += agreement(graph, start, rng, count=134)  # 20,100 points in all
    print("F1 of 60, 180, 300 s:", np.round(f1(rows), 4))
    assert np.all(f1(rows) >= 0.97), rows


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
            # with some seconds left to walk, a junction is inside, but where its roads are an island's; what is
            # narrower than a cell may be missing
            sure = (found.node_ms <= (limit_s - 15) * 1000) & (graph.node_island == 0)
            missing = ~shapely.contains_xy(area, lon[sure], lat[sure])
            assert np.sum(missing) <= 0.02 * np.sum(sure) + 1


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


def test_on_a_closed_road_one_drives_nowhere():
    town = draw_town("""
        A----B----C
             |
             D
    """)
    east = [a for a in range(town.graph.n_arcs) if town.points["C"].lon in town.graph.arc_geometry(a)[:, 0]]
    assert len(east) == 2
    closed = view(town.graph, Overlay().close(east))
    before, after = (isochrones(g, town.at("A"), [150])[150] for g in (town.graph, closed))
    middle = town.points["B"].lon * 1.5, 0.0
    assert shapely.contains_xy(before, *middle) and not shapely.contains_xy(after, *middle)
    rng = np.random.default_rng(1)
    rows = agreement(closed, town.at("A"), rng, limits_s=(60, 150), count=1000)
    assert np.all(f1(rows) >= 0.97), rows


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
    connected = graph.node_island == 0
    for _ in range(12):
        start = random_place(graph, rng)
        towards = bool(rng.integers(2))
        areas = isochrones(graph, start, LIMITS_S, towards)
        node_ms, _ = truth.times(start, [], 300_000, towards)
        ms = np.full(graph.n_nodes, np.inf)
        ms[list(node_ms)] = list(node_ms.values())
        for limit_s, area in areas.items():
            inside = shapely.contains_xy(area, lon, lat)
            sure = connected & (ms <= (limit_s - 15) * 1000)
            assert np.sum(~inside[sure]) <= 0.03 * np.sum(sure) + 1
            # what is inside though its junction is late stands on a road that is reached otherwise
            late = inside & (ms > limit_s * 1000)
            spans = reach(graph, start, limit_s * 1000, towards).arc_spans()
            lines = shapely.MultiLineString([graph.arc_geometry(a) for a in spans.arc.tolist()])
            assert np.all(shapely.distance(shapely.points(lon[late], lat[late]), lines) < 0.0014)


def moved(graph, lon, lat):
    """Return the graph with its points moved by degrees, longitudes wrapped at the antimeridian."""

    def wrapped(values):
        return ((values + round(lon * 1e7) + 1_800_000_000) % 3_600_000_000 - 1_800_000_000).astype(np.int32)

    points = wrapped(graph.point_lon_e7.astype(np.int64)), graph.point_lat_e7 + np.int32(round(lat * 1e7))
    frame, first, segment = build_grid(*points, graph.piece_first_point)
    nodes = wrapped(graph.node_lon_e7.astype(np.int64)), graph.node_lat_e7 + np.int32(round(lat * 1e7))
    return dataclasses.replace(
        graph, point_lon_e7=points[0], point_lat_e7=points[1], node_lon_e7=nodes[0], node_lat_e7=nodes[1],
        grid_frame=frame, grid_first=first, grid_segment=segment,
    )  # fmt: skip


def test_cut_in_two_at_the_antimeridian():
    town = grid_town(9, 9)
    here = isochrones(town, [ArcPosition(0, 0.0)], [70])[70]
    there = isochrones(moved(town, 179.9965, 0.0), [ArcPosition(0, 0.0)], [70])[70]
    assert there.is_valid and len(there.geoms) >= 2
    west, _, east, _ = there.bounds
    assert west == -180.0 and east == 180.0
    assert there.area == pytest.approx(here.area, rel=0.02)


@pytest.mark.parametrize("lat", [-89.9, 70.0, 89.99])
def test_far_north_and_south(lat):
    graph = moved(grid_town(4, 4), 10.0, lat)
    area = isochrones(graph, [ArcPosition(0, 0.0)], [30])[30]
    assert area.is_valid and not area.is_empty
    assert area.bounds[1] >= -90.0 and area.bounds[3] <= 90.0


def test_hours_take_coarser_cells_in_bounded_memory(monkeypatch):
    graph = grid_town(50, 50, block_m=2_000.0, block_ms=60_000)
    cells = []
    make = proximity.make_tile
    monkeypatch.setattr(proximity, "make_tile", lambda g, c, *at: cells.append(c.level) or make(g, c, *at))
    areas = isochrones(graph, [ArcPosition(0, 0.0)], [60, 3_600, 86_400])
    assert all(area.is_valid and not area.is_empty for area in areas.values())
    assert areas[86_400].covers(areas[3_600]) and areas[3_600].covers(areas[60])
    width_m = 102_000.0
    assert set(cells) == {math.ceil(math.log2(width_m / proximity.CELL_M / math.sqrt(CELLS_MAX)))}


def test_the_walk_to_the_road_is_in_the_limit():
    graph = grid_town(3, 3)
    near, far = ([ArcPosition(0, 50.0, offset_m)] for offset_m in (0.0, 70.0))
    assert isochrones(graph, near, [80])[80].covers(isochrones(graph, far, [80])[80])
    assert isochrones(graph, far, [49])[49].is_empty  # 70 m at 1.4 m/s are 50 s


@pytest.mark.parametrize("towards", [False, True])
def test_who_is_covered_now(sample_town, random_place, towards):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(12)
    teams = [random_place(graph, rng) for _ in range(10)]
    one = covered_area(graph, [*teams, ()], 120, towards)
    each = shapely.union_all([isochrones(graph, team, [120], towards)[120] for team in teams])
    assert one.is_valid
    assert shapely.symmetric_difference(one, each).area < 0.01 * one.area
    assert covered_area(graph, [], 120).is_empty
    assert covered_area(graph, [()], 120).is_empty
    with pytest.raises(GroundError, match="out of range"):
        covered_area(graph, teams, 0)


def test_the_text_is_the_geojson(sample_town, random_place):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(3)
    for limits_s in ([60, 180, 300], [1], [90]):
        start = random_place(graph, rng)
        text = isochrones_json(graph, start, limits_s)
        assert text == json.dumps(isochrones_geojson(graph, start, limits_s), separators=(",", ":"))
    for east, north in ((-120.5, -30.25), (0.0, 0.0), (179.9999, 51.0)):
        graph = moved(grid_town(3, 3), east, north)
        text = isochrones_json(graph, [ArcPosition(0, 0.0)], [40])
        assert json.loads(text) == isochrones_geojson(graph, [ArcPosition(0, 0.0)], [40])


def test_tiles_are_kept_within_their_memory_and_forgotten_with_their_ground(monkeypatch):
    graph = grid_town(40, 2, block_m=500.0)
    alone = isochrones(graph, [ArcPosition(0, 0.0)], [600])[600]
    made = proximity.prepare_tiles(graph)
    assert made >= 12
    monkeypatch.setattr(proximity, "TILES_MAX_BYTES", 400_000)
    with ThreadPoolExecutor(4) as pool:
        areas = list(pool.map(lambda _: isochrones(graph, [ArcPosition(0, 0.0)], [600])[600], range(12)))
    assert all(area.equals_exact(alone, 0.0) for area in areas)
    other = grid_town(40, 3, block_m=500.0)
    assert not isochrones(other, [ArcPosition(0, 0.0)], [600])[600].is_empty
    assert proximity.kept_bytes() <= 400_000
    del other
    gc.collect()
    assert proximity.kept_bytes() == 0
