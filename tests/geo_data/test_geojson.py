"""GeoJSON of the answers: shapes, figures, and that it is JSON."""

from __future__ import annotations

import json

import pytest

from geo_data.geojson import nearest_geojson, reached_geojson, route_geojson
from geo_data.manoeuvres import manoeuvres
from geo_data.nearest import nearest
from geo_data.reached import reached_lines
from geo_data.route import route
from geo_data.toy import draw_town

TOWN = draw_town("""
    A--B--C
       v
       D>>E
""")


def test_reached_lines():
    lines = reached_lines(TOWN.graph, TOWN.at("A"), 45)
    made = json.loads(json.dumps(reached_geojson(TOWN.graph, lines)))
    assert len(made["features"]) == len(lines)
    for feature in made["features"]:
        assert feature["geometry"]["type"] == "LineString"
        times_s = feature["properties"]["times_s"]
        assert len(times_s) == len(feature["geometry"]["coordinates"]) >= 2
        assert times_s == sorted(times_s) and times_s[-1] <= 45.0


def test_a_route_and_its_steps():
    way = route(TOWN.graph, TOWN.at("A"), TOWN.at("E"))
    steps = manoeuvres(TOWN.graph, way)
    line, *points = json.loads(json.dumps(route_geojson(way, steps, "en")))["features"]
    assert line["properties"]["travel_s"] == way.travel_ms / 1000
    assert [p["properties"]["text"] for p in points] == ["Head east", "Turn right", "Arrive at the destination"]
    assert points[1]["geometry"]["coordinates"] == pytest.approx(TOWN.points["B"], abs=1e-6)


def test_ranked_starts_and_one_that_cannot_come():
    starts = [TOWN.at("C"), TOWN.at("E"), (), TOWN.at("B")]
    made = json.loads(json.dumps(nearest_geojson(TOWN.graph, starts, nearest(TOWN.graph, TOWN.at("A"), starts))))
    by_index = {f["properties"]["index"]: f for f in made["features"]}
    assert [by_index[i]["properties"]["rank"] for i in (3, 0, 1, 2)] == [1, 2, None, None]
    assert by_index[3]["properties"]["travel_s"] == 30.0
    assert by_index[2]["geometry"] is None and by_index[1]["geometry"]["type"] == "Point"
