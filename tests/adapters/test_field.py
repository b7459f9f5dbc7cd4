"""The field of a ground: what lies far off it moves nobody, and is told at loading."""

from __future__ import annotations

import math
from pathlib import Path

from dispatch.adapters.places import read_places, read_roster, strays
from dispatch.adapters.positions import Field
from dispatch.domain.types import Point
from geo_data.coordinates import straight_m
from geo_data.types import LonLat

BOUNDS = (8.0, 50.0, 8.2, 50.1)
"""A ground in Europe: its degrees may be exchanged and still be degrees."""


def test_a_field_holds_its_ground_and_twenty_kilometres_around_it() -> None:
    field = Field.around(BOUNDS)
    north = Point(8.1, 50.1 + 19_900 / 111_195)
    assert field.holds(north)
    assert not field.holds(Point(8.1, 50.1 + 20_100 / 111_195))
    for point in (Point(8.0, 50.0), Point(8.2, 50.1)):
        assert field.holds(point)
    west = Point(8.0 - 19_900 / (111_195 * math.cos(math.radians(50.1))), 50.05)
    assert straight_m(LonLat(west.lon, west.lat), LonLat(8.0, 50.05)) < 20_000
    assert field.holds(west)


def test_exchanged_degrees_are_told_from_a_place_far_away() -> None:
    field = Field.around(BOUNDS)
    assert "exchanged" in field.advice(Point(50.05, 8.1))
    assert "exchanged" not in field.advice(Point(120.6, 28.0))


def test_places_and_teams_off_the_ground_are_told_at_loading(tmp_path: Path) -> None:
    places, teams = tmp_path / "places.csv", tmp_path / "teams.csv"
    places.write_text("id,name,tier,lat,lon,radius_m\nP1,Hall,T1,50.05,8.1,50\nP2,Gate,T1,8.1,50.05,50\n")
    teams.write_text("id,name,lat,lon\nT1,One,8.1,50.05\nT2,Two,28,120\n")
    said = strays(Field.around(BOUNDS), read_places(places), read_roster(teams))
    assert said == [
        "1 of 2 places lie off this ground (P2): lat and lon are exchanged",
        "2 of 2 teams lie off this ground (T1, T2): lat and lon are exchanged",
    ]
    assert strays(Field.around(BOUNDS), read_places(places)[:1], []) == []
