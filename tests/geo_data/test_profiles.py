"""What tags mean: one line a rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_data.errors import GroundError
from geo_data.profiles import CAR, EBIKE, FOOT, FOOT_KMH, PROFILES, TAG_KEYS, find_profile, parse_maxspeed


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("walk", 6.0),
        ("50;30", 30.0),
        ("80|60", 60.0),
        ("none", None),
        ("CN:urban", None),
        ("signals", None),
        ("", None),
        (None, None),
        ("0", None),
        ("-5", None),
    ],
)
def test_maxspeed(text, kmh):
    assert parse_maxspeed(text) == (None if kmh is None else pytest.approx(kmh))


def tags(text):
    """Read "primary oneway=yes": a highway value, then tags."""
    road, *rest = text.split()
    return {"highway": road} | dict(part.split("=", 1) for part in rest)


@pytest.mark.parametrize(
    ("profile", "text", "along", "against"),
    [
        (CAR, "primary", 50.0, 50.0),
        (CAR, "primary oneway=yes", 50.0, 0.0),
        (CAR, "primary oneway=-1", 0.0, 50.0),
        (CAR, "primary oneway=reversible", 0.0, 0.0),
        (CAR, "primary junction=roundabout", 50.0, 0.0),
        (CAR, "primary junction=roundabout oneway=no", 50.0, 50.0),
        (CAR, "motorway", 90.0, 0.0),
        (CAR, "motorway oneway=no", 90.0, 90.0),
        (CAR, "trunk motorroad=yes", 70.0, 70.0),
        (CAR, "primary maxspeed=100", 80.0, 80.0),
        (CAR, "primary maxspeed=20", 16.0, 16.0),
        (CAR, "primary maxspeed=CN:urban", 50.0, 50.0),
        (CAR, "primary maxspeed:forward=50 maxspeed:backward=30", 40.0, 24.0),
        (CAR, "service maxspeed=50", 15.0, 15.0),
        (CAR, "residential access=no", 0.0, 0.0),
        (CAR, "residential access=private", 10.0, 10.0),
        (CAR, "residential access=no motor_vehicle=yes", 28.0, 28.0),
        (CAR, "residential motor_vehicle=no", 0.0, 0.0),
        (CAR, "residential vehicle=no motorcar=destination", 28.0, 28.0),
        (CAR, "residential bicycle=no foot=no", 28.0, 28.0),
        (CAR, "footway", 0.0, 0.0),
        (CAR, "pedestrian motor_vehicle=yes", 10.0, 10.0),
        (CAR, "pedestrian access=yes", 0.0, 0.0),
        (CAR, "construction motor_vehicle=yes", 0.0, 0.0),
        (CAR, "steps", 0.0, 0.0),
        (CAR, "primary speed_kmh=36", 36.0, 36.0),
        (CAR, "primary area=yes", 0.0, 0.0),
        (EBIKE, "residential", 20.0, 20.0),
        (EBIKE, "residential oneway=yes", 20.0, 0.0),
        (EBIKE, "residential oneway=yes oneway:bicycle=no", 20.0, 20.0),
        (EBIKE, "residential oneway:bicycle=yes", 20.0, 0.0),
        (EBIKE, "residential oneway=yes cycleway=opposite_lane", 20.0, 20.0),
        (EBIKE, "residential bicycle=no", 0.0, 0.0),
        (EBIKE, "residential motor_vehicle=no", 20.0, 20.0),
        (EBIKE, "residential access=no bicycle=yes", 20.0, 20.0),
        (EBIKE, "motorway", 0.0, 0.0),
        (EBIKE, "trunk motorroad=yes", 0.0, 0.0),
        (EBIKE, "steps", 0.0, 0.0),
        (EBIKE, "primary speed_kmh=60", 25.0, 25.0),
        (FOOT, "residential oneway=yes", FOOT_KMH, FOOT_KMH),
        (FOOT, "footway oneway:foot=yes", FOOT_KMH, 0.0),
        (FOOT, "steps", FOOT_KMH / 2, FOOT_KMH / 2),
        (FOOT, "motorway", 0.0, 0.0),
        (FOOT, "residential foot=no", 0.0, 0.0),
        (FOOT, "cycleway foot=no", 0.0, 0.0),
        (FOOT, "residential maxspeed=10", FOOT_KMH, FOOT_KMH),
        (FOOT, "pedestrian area=yes", FOOT_KMH, FOOT_KMH),
    ],
)
def test_rules(profile, text, along, against):
    assert profile.judge(tags(text)) == pytest.approx((along, against))


values = st.sampled_from(
    ["yes", "no", "private", "-1", "primary", "steps", "roundabout", "50", "30 mph", "odd", ""]
)


@given(st.dictionaries(st.sampled_from([k for k in TAG_KEYS if k != "speed_kmh"]), values))
def test_speeds_stay_in_range_whatever_the_tags(way):
    for profile in PROFILES.values():
        for kmh in profile.judge(way):
            assert kmh == 0.0 or 1.0 <= kmh <= profile.max_kmh


def test_an_unknown_profile():
    with pytest.raises(GroundError, match="no travel profile 'boat'"):
        find_profile("boat")


@pytest.mark.parametrize(
    ("tags", "open_to_cars"),
    [
        ({"highway": "residential", "access": "no;destination"}, False),
        ({"highway": "residential", "access": "Destination"}, True),
        ({"highway": "residential", "motor_vehicle": "no;private"}, False),
    ],
)
def test_of_several_access_values_the_strictest_counts(tags: dict[str, str], open_to_cars: bool) -> None:
    travel = find_profile("car").judge(tags)
    assert (travel.along_kmh > 0) is open_to_cars


def test_oneway_is_read_however_it_is_written() -> None:
    travel = find_profile("car").judge({"highway": "residential", "oneway": "Yes"})
    assert travel.along_kmh > 0
    assert travel.against_kmh == 0


def test_a_limit_below_walking_pace_is_held_at_it() -> None:
    assert parse_maxspeed("0.000001") == 5.0
    assert parse_maxspeed("50,5") == 50.5
