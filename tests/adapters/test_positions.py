"""One filter for every source: late, doubled and impossible fixes never move a team; formats, datums, headings."""

from __future__ import annotations

import csv
import gzip
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.adapters.position_formats import osmand_fields, osmand_json, owntracks
from dispatch.adapters.positions import Datum, Seen, Track, Verdict, course_deg, take, to_wgs84
from dispatch.adapters.snapping import ALONG_DEG, arc_course_deg, leads, snapped
from dispatch.bootstrap import ROOT, town_of
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import Point, TeamId
from geo_data.coordinates import straight_m, wgs84_to_bd09, wgs84_to_gcj02
from geo_data.graph import RoadGraph
from geo_data.toy import draw_town
from geo_data.types import LonLat

SHARED = ROOT.parent / "shared" / "data"
TAXIS = SHARED / "gps" / "porto_taxi_1000_trips.csv.gz"
PORTO = SHARED / "roads" / "porto.osm.pbf"
NOW_MS = 1_800_000_000_000
HOME = Point(120.5, 28.0)


def fix(at_ms: int, east_m: float = 0.0, **more: object) -> Seen:
    point = Point(HOME.lon + east_m / 98_000.0, HOME.lat)
    return Seen(team=TeamId("T1"), point=point, at_ms=at_ms, **more)  # type: ignore[arg-type]


def follow(fixes: list[Seen], now_ms: int = NOW_MS) -> Track:
    track = None
    for each in fixes:
        track, _ = take(track, each, now_ms)
    assert track is not None
    return track


def trip(seed: int, size: int = 30) -> list[Seen]:
    """A drive at up to 20 m/s, a fix each 5 s."""
    chance, east_m, fixes = random.Random(seed), 0.0, []
    for number in range(size):
        fixes.append(fix(NOW_MS - (size - number) * 5_000, east_m))
        east_m += chance.uniform(-10, 100)
    return fixes


# ── laws of the filter ────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_whatever_comes_late_or_twice_the_team_is_where_the_latest_fix_says(
    seed: int, chance: random.Random
) -> None:
    fixes = trip(seed)
    held = follow(fixes).latest
    mixed = [*fixes, *chance.sample(fixes, 10)]
    # the network holds some back, but the newest does not come first of all: the filter knows no future
    mixed.sort(key=lambda each: each.at_ms + chance.choice([0, 0, 4_000, 60_000]))
    found = follow(mixed).latest
    assert (found.point, found.at_ms) == (held.point, held.at_ms)


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_time_of_a_track_never_falls(seed: int, chance: random.Random) -> None:
    fixes = trip(seed)
    chance.shuffle(fixes)
    track, before_ms = None, 0
    for each in fixes:
        track, verdict = take(track, each, NOW_MS)
        assert track.latest.at_ms >= before_ms
        assert (verdict is Verdict.LATE) == (each.at_ms < before_ms)
        before_ms = track.latest.at_ms


def test_p01_an_impossible_jump_is_marked_and_the_team_stays_until_a_second_fix_agrees() -> None:
    held, far, back = fix(NOW_MS - 30_000), fix(NOW_MS - 25_000, 5_000.0), fix(NOW_MS - 20_000, 80.0)
    track, _ = take(None, held, NOW_MS)
    track, verdict = take(track, far, NOW_MS)
    assert verdict is Verdict.JUMP
    assert (track.latest, track.doubted) == (held, far)
    returned, verdict = take(track, back, NOW_MS)
    assert verdict is Verdict.TAKEN
    assert returned.doubted is None
    assert returned.latest.point == back.point
    there, verdict = take(track, fix(NOW_MS - 20_000, 5_090.0), NOW_MS)
    assert verdict is Verdict.TAKEN
    assert there.latest.point == fix(0, 5_090.0).point


def test_p02_two_jumps_to_different_places_never_move_the_team() -> None:
    track = follow([fix(NOW_MS - 60_000)])
    for step in range(1, 10):
        track, verdict = take(track, fix(NOW_MS - 60_000 + step * 1_000, (-1) ** step * 20_000.0), NOW_MS)
        assert verdict is Verdict.JUMP
    assert track.latest == fix(NOW_MS - 60_000)


def test_p03_a_long_silence_and_a_coarse_fix_make_a_far_one_possible() -> None:
    assert take(follow([fix(NOW_MS - 600_000)]), fix(NOW_MS, 20_000.0), NOW_MS)[1] is Verdict.TAKEN
    coarse = fix(NOW_MS - 1_000, 3_000.0, accuracy_m=3_000.0)
    assert take(follow([fix(NOW_MS - 2_000)]), coarse, NOW_MS)[1] is Verdict.TAKEN


def test_p04_the_course_is_that_of_the_way_where_the_source_says_none_and_of_nobody_who_stands() -> None:
    east = follow([fix(NOW_MS - 10_000), fix(NOW_MS - 5_000, 60.0)]).latest
    assert east.heading_deg == pytest.approx(90.0, abs=0.1)
    assert follow([fix(NOW_MS - 10_000), fix(NOW_MS - 5_000, 3.0)]).latest.heading_deg is None
    said = follow([fix(NOW_MS - 10_000), fix(NOW_MS - 5_000, 60.0, heading_deg=271.0)]).latest
    assert said.heading_deg == 271.0
    assert course_deg(Point(0.0, 0.0), Point(0.0, -1.0)) == 180.0


@pytest.mark.parametrize("datum", list(Datum))
def test_p05_a_source_in_another_datum_is_converted_once_and_keeps_its_name(datum: Datum) -> None:
    true = Point(120.5553, 28.0123)
    shift = {Datum.GCJ02: wgs84_to_gcj02, Datum.BD09: wgs84_to_bd09}.get(datum)
    lon, lat = (float(each) for each in shift(true.lon, true.lat)) if shift else (true.lon, true.lat)
    found = osmand_fields({"id": "V01", "lat": str(lat), "lon": str(lon), "datum": datum}, NOW_MS)
    assert isinstance(found, Seen)
    assert found.datum is datum
    assert straight_m(LonLat(*_pair(found.point)), LonLat(*_pair(true))) < 0.01
    assert found.point == to_wgs84(lon, lat, datum)
    if shift:
        assert straight_m(LonLat(lon, lat), LonLat(*_pair(true))) > 300.0


def _pair(point: Point) -> tuple[float, float]:
    return point.lon, point.lat


# ── formats ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_f01_the_same_fix_in_four_formats_is_the_same() -> None:
    at_ms = 1_799_999_990_000
    said = {"lat": "28.0", "lon": "120.5", "bearing": "45", "accuracy": "8", "batt": "77"}
    knots = osmand_fields({"id": "V01", "timestamp": "1799999990", "speed": "19.438444924406", **said}, NOW_MS)
    iso = osmand_fields(
        {"deviceid": "V01", "timestamp": "2027-01-15T07:59:50Z", "speed": "19.438444924406", **said}, NOW_MS
    )
    client = osmand_json(
        {
            "device_id": "V01",
            "location": {
                "timestamp": "2027-01-15T07:59:50.000Z",
                "coords": {"latitude": 28.0, "longitude": 120.5, "accuracy": 8, "speed": 10.0, "heading": 45},
                "battery": {"level": 0.77, "is_charging": False},
            },
        },
        NOW_MS,
    )
    own = owntracks(
        {
            "_type": "location",
            "lat": 28.0,
            "lon": 120.5,
            "tst": 1799999990,
            "acc": 8,
            "vel": 36,
            "cog": 45,
            "batt": 77,
            "topic": "owntracks/desk/V01",
        },
        NOW_MS,
    )
    for found in (knots, iso, client, own):
        assert isinstance(found, Seen)
        assert (found.team, found.point, found.at_ms) == ("V01", Point(120.5, 28.0), at_ms)
        assert (found.accuracy_m, found.heading_deg, found.battery) == (8.0, 45.0, pytest.approx(77.0))
        assert found.speed_m_s == pytest.approx(10.0)


def test_f02_what_a_sender_does_not_know_is_not_invented() -> None:
    found = osmand_fields({"id": "V01", "lat": "28", "lon": "120", "speed": "-1", "bearing": "-1"}, NOW_MS)
    assert isinstance(found, Seen)
    assert (found.speed_m_s, found.heading_deg, found.battery, found.at_ms) == (None, None, None, NOW_MS)
    dilution = osmand_fields({"id": "V01", "location": "28,120", "hdop": "2.5"}, NOW_MS)
    assert isinstance(dilution, Seen)
    assert dilution.accuracy_m == 12.5
    assert osmand_fields({"id": "V01", "lat": "28", "lon": "120", "valid": "0"}, NOW_MS) is None
    assert owntracks({"_type": "transition", "event": "enter"}, NOW_MS) is None
    header = owntracks({"_type": "location", "lat": 1, "lon": 2, "tid": "JJ"}, NOW_MS, "V07")
    assert isinstance(header, Seen)
    assert header.team == "V07"


GOOD = {"id": "V01", "lat": "28", "lon": "120"}


@pytest.mark.parametrize(
    ("fields", "code", "about"),
    [
        ({"lat": "28", "lon": "120"}, Code.BAD_REQUEST, "team"),
        (GOOD | {"lat": "north"}, Code.BAD_REQUEST, "lat"),
        (GOOD | {"lat": "nan"}, Code.BAD_REQUEST, "lat"),
        (GOOD | {"lat": "91"}, Code.OUT_OF_RANGE, "91"),
        (GOOD | {"timestamp": "yesterday"}, Code.BAD_REQUEST, "timestamp"),
        (GOOD | {"timestamp": "-5"}, Code.BAD_REQUEST, "timestamp"),
        (GOOD | {"timestamp": "inf"}, Code.BAD_REQUEST, "timestamp"),
        (GOOD | {"hdop": "good"}, Code.BAD_REQUEST, "hdop"),
        (GOOD | {"datum": "ED50"}, Code.BAD_REQUEST, "wgs84"),
        (GOOD | {"id": "x" * 65}, Code.BAD_REQUEST, "team"),
    ],
)
def test_f03_what_cannot_be_used_is_refused_with_the_field_that_is_wrong(fields, code: Code, about: str) -> None:
    found = osmand_fields(fields, NOW_MS)
    assert isinstance(found, Refusal)
    assert found.code is code
    assert about in found.about


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "_type",
                        "lat",
                        "lon",
                        "tst",
                        "location",
                        "coords",
                        "latitude",
                        "device_id",
                        "tid",
                        "topic",
                        "battery",
                        "level",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
    )
)
def test_f04_no_json_whatever_raises(body: object) -> None:
    json.dumps(body)
    for read in (osmand_json(body, NOW_MS), owntracks(body, NOW_MS)):
        assert read is None or isinstance(read, Seen | Refusal)
    if isinstance(body, dict):
        assert not isinstance(owntracks(body | {"_type": "location"}, NOW_MS), type(None))


# ── headings and roads ────────────────────────────────────────────────────────────────────────────────────────

# Two one-way roads 200 m apart, as the two halves of a very wide avenue: a…b eastward, d…c westward.
AVENUE = """
    A->-----B
    |       |
    D-----<-C
"""


def test_r01_on_a_dual_carriageway_the_heading_chooses_the_half() -> None:
    town = draw_town(AVENUE)
    graph = town.graph
    a, b, d = (town.points[name] for name in "ABD")
    lon = (a.lon + b.lon) / 2
    south = (a.lat - d.lat) / 200.0
    nearer_west = Point(lon, a.lat - 105.0 * south)  # 105 m from the eastward half, 95 m from the westward one
    assert not leads(graph, snapped(graph, nearer_west), 90.0)
    east = snapped(graph, nearer_west, 90.0)
    assert leads(graph, east, 90.0)
    assert east[0].offset_m == pytest.approx(105.0, abs=0.5)
    assert leads(graph, snapped(graph, nearer_west, 270.0), 270.0)
    # standing on the westward half, a team is not moved across by its heading
    # standing on the westward half, a team is not moved across by its heading
    far_south = Point(lon, a.lat - 190.0 * south)
    assert leads(graph, snapped(graph, far_south, 90.0), 270.0)


def test_r02_a_street_that_is_driven_both_ways_keeps_both_directions() -> None:
    town = draw_town("A-------B")
    a, b = town.points["A"], town.points["B"]
    middle = Point((a.lon + b.lon) / 2, a.lat)
    assert len(snapped(town.graph, middle, 90.0)) == len(snapped(town.graph, middle)) == 2
    courses = sorted(arc_course_deg(town.graph, each) for each in snapped(town.graph, middle))
    assert courses == pytest.approx([90.0, 270.0])


def test_r03_where_no_road_is_near_there_is_none_with_or_without_a_heading() -> None:
    graph = draw_town("A-------B").graph
    assert snapped(graph, Point(1.0, 1.0)) == snapped(graph, Point(1.0, 1.0), 90.0) == ()


# ── real tracks ───────────────────────────────────────────────────────────────────────────────────────────────


def taxis(most: int) -> list[list[Seen]]:
    if not TAXIS.exists():
        pytest.skip(f"{TAXIS} is not here")
    trips = []
    with gzip.open(TAXIS, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            line = json.loads(row["POLYLINE"])
            start_ms = int(row["TIMESTAMP"]) * 1000
            trips.append([
                Seen(team=TeamId("T1"), point=Point(lon, lat), at_ms=start_ms + 15_000 * number)
                for number, (lon, lat) in enumerate(line)
            ])  # fmt: skip
            if len(trips) == most:
                break
    return trips


def test_real_tracks_delayed_and_doubled_end_where_they_end_in_order_and_few_fixes_are_jumps() -> None:
    chance, jumps, fixes = random.Random(135), 0, 0
    for each in taxis(300):
        if len(each) < 5:
            continue
        track = None
        for seen in each:
            track, verdict = take(track, seen, NOW_MS)
            jumps += verdict is Verdict.JUMP
            fixes += 1
        mixed = sorted([*each, *chance.sample(each, 4)], key=lambda s: s.at_ms + chance.choice([0, 0, 40_000]))
        jumped = False
        other = None
        for seen in mixed:
            other, verdict = take(other, seen, NOW_MS)
            jumped = jumped or verdict is Verdict.JUMP
        assert track is not None
        assert other is not None
        if not jumped and track.doubted is None:
            assert (other.latest.point, other.latest.at_ms) == (track.latest.point, track.latest.at_ms)
    assert fixes > 10_000
    assert jumps / fixes < 0.01


def test_a_wild_fix_in_a_real_track_never_moves_the_team() -> None:
    for each in taxis(50):
        if len(each) < 10:
            continue
        wild = replace(
            each[5], point=Point(each[5].point.lon + 0.2, each[5].point.lat), at_ms=each[5].at_ms + 1_000
        )
        track = follow(each[:6])
        found, verdict = take(track, wild, NOW_MS)
        assert verdict is Verdict.JUMP
        assert found.latest == track.latest


@pytest.mark.slow
def test_real_moving_taxis_stand_on_roads_that_lead_their_way_more_often_with_their_heading(
    porto: RoadGraph,
) -> None:
    plain = helped = moving = 0
    for each in taxis(120):
        for a, b, c in zip(each, each[1:], each[2:], strict=False):
            legs = [straight_m(LonLat(*_pair(p.point)), LonLat(*_pair(q.point))) for p, q in ((a, b), (b, c))]
            turn = abs((course_deg(a.point, b.point) - course_deg(b.point, c.point) + 180) % 360 - 180)
            if min(legs) < 60.0 or turn > 20.0:
                continue
            moving += 1
            heading = course_deg(a.point, c.point)
            plain += leads(porto, snapped(porto, b.point), heading)
            helped += leads(porto, snapped(porto, b.point, heading), heading)
    assert moving > 1_000
    assert helped >= plain
    assert (moving - helped) < 0.5 * (moving - plain), (moving, plain, helped)
    assert ALONG_DEG < 90.0


@pytest.fixture(scope="module")
def porto() -> RoadGraph:
    if not PORTO.exists():
        pytest.skip(f"{PORTO} is not here")
    return town_of(Path(PORTO), lambda _line: None).ground.graph("car")


def test_courses_of_arcs_are_those_of_their_geometry() -> None:
    graph = draw_town(AVENUE).graph
    for arc in range(graph.n_arcs):
        lon, lat = graph.arc_geometry(arc).T
        whole = course_deg(Point(float(lon[0]), float(lat[0])), Point(float(lon[-1]), float(lat[-1])))
        ends = snapped(graph, Point(float(np.mean(lon)), float(np.mean(lat))))
        mine = [each for each in ends if each.arc == arc]
        assert all(abs((arc_course_deg(graph, each) - whole + 180) % 360 - 180) < 1.0 for each in mine)
