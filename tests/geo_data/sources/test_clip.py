"""Clipping: roads are cut at the border, and what is inside is as before."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from geo_data.errors import GroundError
from geo_data.sources import read_ground
from geo_data.sources.clip import read_area
from geo_data.sources.osm import read_osm
from geo_data.sources.table import read_table

METRE = 1 / 111_195.0


def write(path, geometry):
    path.write_text(json.dumps(shapely.geometry.mapping(geometry)), encoding="utf-8")
    return path


@pytest.fixture
def long_road(tmp_path):
    (tmp_path / "nodes.csv").write_text("id,x_m,y_m\na,0,0\nb,1000,0\nc,2000,0\n")
    (tmp_path / "roads.csv").write_text("from,to,length_m\na,b,\nb,c,2000\n")
    return tmp_path


def test_a_road_is_cut_at_the_border(long_road):
    area = shapely.box(300 * METRE, -50 * METRE, 1500 * METRE, 50 * METRE)
    graph = read_table(long_road, ("car",), clip=area).graph("car")
    ends = sorted({round(lon / 1e7 / METRE) for lon in graph.node_lon_e7.tolist()})
    assert ends == [300, 1000, 1500]
    lengths = sorted({round(mm / 1000) for mm in graph.length_mm.tolist()})
    assert lengths == [700, 1000]  # half of the road that is stated as 2,000 m


def test_a_road_that_leaves_and_comes_back_is_two(long_road):
    ring = shapely.box(-METRE, -50 * METRE, 900 * METRE, 50 * METRE) - shapely.box(
        400 * METRE, -60 * METRE, 600 * METRE, 60 * METRE
    )
    graph = read_table(long_road, ("car",), clip=ring).graph("car")
    ends = sorted({round(lon / 1e7 / METRE) for lon in graph.node_lon_e7.tolist()})
    assert ends == [0, 400, 600, 900]
    assert graph.n_pieces == 2


def test_the_whole_area_changes_nothing(repo_root):
    source = repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz"
    whole = read_osm(source, ("car",))
    west, south, east, north = whole.meta.bounds
    same = read_osm(source, ("car",), clip=shapely.box(west - 1, south - 1, east + 1, north + 1))
    for name in ("tail", "head", "travel_ms", "length_mm", "point_lon_e7", "row_ms"):
        assert np.array_equal(whole.graph("car").column(name), same.graph("car").column(name))


def test_the_sample_town_by_a_polygon_file(repo_root, tmp_path):
    source = repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz"
    whole = read_osm(source, ("car", "foot"))
    west, south, east, north = whole.meta.bounds
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    area = middle.buffer(min(east - west, north - south) / 3)
    ground = read_ground(source, ("car", "foot"), clip=write(tmp_path / "area.geojson", area))
    wider = area.buffer(2e-7)
    for profile in ground.profiles:
        graph, all_roads = ground.graph(profile), whole.graph(profile)
        graph.check()
        points = shapely.points(graph.point_lon_e7 / 1e7, graph.point_lat_e7 / 1e7)
        assert np.all(shapely.covers(wider, points))
        lines = [shapely.LineString(all_roads.arc_geometry(a)) for a in range(all_roads.n_arcs)]
        share = [shapely.intersection(line, area).length / line.length for line in lines]
        assert graph.length_mm.sum() == pytest.approx(float(np.dot(share, all_roads.length_mm)), rel=1e-3)


def test_what_is_no_area(tmp_path, repo_root):
    with pytest.raises(GroundError, match="cannot be read"):
        read_area(tmp_path / "none.geojson")
    (tmp_path / "bad.geojson").write_text("{")
    with pytest.raises(GroundError, match="is no GeoJSON"):
        read_area(tmp_path / "bad.geojson")
    with pytest.raises(GroundError, match="has no polygons"):
        read_area(write(tmp_path / "point.geojson", shapely.Point(1, 2)))
    with pytest.raises(GroundError, match="not in degrees"):
        read_area(write(tmp_path / "metres.geojson", shapely.box(0, 0, 1e5, 1e5)))
    source = repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz"
    with pytest.raises(GroundError, match="no road is within"):
        read_ground(source, ("car",), clip=write(tmp_path / "sea.geojson", shapely.box(0, 0, 1, 1)))
    with pytest.raises(GroundError, match="cannot be clipped"):
        read_ground("Somewhere", clip=write(tmp_path / "box.geojson", shapely.box(0, 0, 1, 1)))


def test_streets_of_ouhai_are_one_area(shared_data):
    area = read_area(shared_data / "boundaries" / "ouhai_streets_wgs84.geojson")
    assert area.is_valid and 300 < area.area * 111.2**2 * 0.88 < 800  # km²
