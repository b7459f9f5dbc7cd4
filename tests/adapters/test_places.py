"""Places and rosters from CSV: which place a point is in, and what is said of a file that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.adapters.places import MAX_TEAMS, Place, PlaceIndex, read_places, read_roster
from dispatch.domain.types import Point, TeamKind, Tier
from geo_data import samples
from geo_data.errors import GroundError

HEAD = "id,name,name_en,tier,kind,lat,lon,radius_m\n"
METRE = 1 / 111_320  # degrees of latitude


def circle(name: str, tier: Tier, north_m: float, radius_m: float) -> Place:
    return Place(name, name, name, tier, "", Point(120.0, 28.0 + north_m * METRE), radius_m)


def at(north_m: float) -> Point:
    return Point(120.0, 28.0 + north_m * METRE)


def test_a_point_has_the_place_whose_circle_it_is_in_and_none_outside() -> None:
    places = [circle("school", Tier.T1, 0, 100)]
    assert PlaceIndex(places).at(at(99)) == places[0]
    assert PlaceIndex(places).at(at(101)) is None
    assert PlaceIndex([]).at(at(0)) is None


def test_of_two_circles_the_strictest_tier_wins_even_from_farther_away() -> None:
    school, market = circle("school", Tier.T1, 90, 100), circle("market", Tier.T2, 0, 100)
    assert PlaceIndex([market, school]).at(at(0)) == school
    assert PlaceIndex([school, market]).at(at(-5)) == school
    assert PlaceIndex([school, market]).at(at(-20)) == market


def test_of_two_circles_of_one_tier_the_nearer_wins_and_a_tie_is_by_id() -> None:
    near, far = circle("b", Tier.T2, 10, 100), circle("a", Tier.T2, 50, 100)
    assert PlaceIndex([far, near]).at(at(0)) == near
    twins = [circle("y", Tier.T2, 0, 100), circle("x", Tier.T2, 0, 100)]
    assert PlaceIndex(twins).at(at(0)) == twins[1]


def test_the_samples_are_read_whole() -> None:
    places, teams = read_places(samples.PLACES_CSV), read_roster(samples.TEAMS_CSV)
    assert {place.tier for place in places} >= {Tier.T1, Tier.T2}
    assert len({place.place for place in places}) == len(places)
    assert sum(team.unit is TeamKind.VILLAGE for team in teams) == 12
    assert sum(team.unit is TeamKind.DEDICATED for team in teams) == 6


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "places.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_place_needs_no_english_name_and_no_kind_and_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = written(tmp_path, "\ufeffid,name,tier,lat,lon,radius_m\nP1, 学校 ,T1,28.0,120.0,90\n")
    assert read_places(file) == [Place("P1", "学校", "学校", Tier.T1, "", Point(120.0, 28.0), 90.0)]


@pytest.mark.parametrize(
    ("row", "wrong", "rule"),
    [
        ("P1,a,,T4,,28,120,90", "line 2: tier 'T4'", "T1, T2 or T3"),
        ("P1,a,,T1,,91,120,90", "line 2: lat '91'", "-90 to 90"),
        ("P1,a,,T1,,28,east,90", "line 2: lon 'east'", "-180 to 180"),
        ("P1,a,,T1,,28,120,-1", "line 2: radius_m '-1'", "0 to 100000"),
        ("P1,a,,T1,,nan,120,9", "line 2: lat 'nan'", "-90 to 90"),
        ("P1,a,,T1,,28,120,inf", "line 2: radius_m 'inf'", "0 to 100000"),
        ("P1,,,T1,,28,120,90", "line 2: name ''", "must not be empty"),
        ("P1,a,,T1,,28", "line 2: lon ''", "must not be empty"),
        ("P0,a,,T1,,28,120,90\n\nP1,a,,T1,,28,x,90", "line 4: lon 'x'", "-180 to 180"),
        ("P1,a,,T1,,28,120,90,7,8", "line 2: more columns", "double quotes"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_line_and_column(
    tmp_path: Path, row: str, wrong: str, rule: str
) -> None:
    with pytest.raises(GroundError) as raised:
        read_places(written(tmp_path, HEAD + row + "\n"))
    assert f"places.csv {wrong}" in str(raised.value)
    assert rule in raised.value.hint


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "has no column id, name, tier"),
        ("id,name,tier,lat,lon\nP1,a,T1,28,120\n", "has no column radius_m"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "cannot be read"),
        (HEAD.encode("utf-8") + "P1,派出所,,T1,,28,120,90\n".encode("gb18030"), "cannot be read"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, text: str | bytes, wrong: str) -> None:
    with pytest.raises(GroundError, match=wrong):
        read_places(written(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GroundError, match="cannot be read"):
        read_places(tmp_path / "nowhere.csv")


def test_a_roster_names_a_team_once_and_knows_two_kinds(tmp_path: Path) -> None:
    head = "id,name,lat,lon,kind,profile\n"
    teams = read_roster(written(tmp_path, head + "T1,一,28,120,,\nT2,二,28,120,dedicated,ebike\n"))
    assert [(team.team, team.unit, team.profile) for team in teams] == [
        ("T1", TeamKind.VILLAGE, "car"),
        ("T2", TeamKind.DEDICATED, "ebike"),
    ]
    for rows, wrong in (
        ("T1,a,28,120,,\nT1,b,28,120,,\n", "line 3: id 'T1'"),
        ("T1,a,28,120,navy,\n", "kind 'navy'"),
    ):
        with pytest.raises(GroundError, match=wrong):
            read_roster(written(tmp_path, head + rows))


def test_a_roster_may_say_what_a_team_can_do_and_when(tmp_path: Path) -> None:
    file = tmp_path / "teams.csv"
    file.write_text(
        "id,name,lat,lon,kind,skills,vehicle,staff,shift\n"
        "A,一队,28,120.5,station,mediation dog,van,4,20:00-08:00\n"
        "B,二队,28,120.5,,,,,\n",
        encoding="utf-8",
    )
    first, second = read_roster(file)
    assert (first.unit, first.skills, first.vehicle, first.staff) == ("station", ("mediation", "dog"), "van", 4)
    assert first.shift is not None
    assert [first.shift.holds(minute) for minute in (0, 479, 480, 1199, 1200)] == [True, True, False, False, True]
    assert (second.skills, second.vehicle, second.staff, second.shift) == ((), "car", 2, None)


ROSTER = "id,name,lat,lon,kind,skills,vehicle,staff,shift\n"


@pytest.mark.parametrize(
    ("text", "wrong", "todo"),
    [
        (ROSTER + "A" * 65 + ",x,28,120,,,,,\n", "line 2: id 'A{40}…'", "at most 64 characters: shorten"),
        (ROSTER + "A," + "x" * 65 + ",28,120,,,,,\n", "line 2: name 'x{40}…'", "at most 64 characters: shorten"),
        (ROSTER + "\x1b[31mA,x,28,120,,,,,\n", "line 2: id '�.31mA'", "control character: take it out"),
        (ROSTER + "A\0,x,28,120,,,,,\n", "line 2: id 'A�'", "control character: take it out"),
        (ROSTER + 'A,"x\ny",28,120,,,,,\n', "line 3: name 'x�y'", "control character: take it out"),
        (
            ROSTER + "A,x,28,120,," + " ".join(f"s{n}" for n in range(9)) + ",,,\n",
            "line 2: skills",
            "at most 8 words",
        ),
        (ROSTER + "A,x,28,120,," + "s" * 33 + ",,,\n", "line 2: skills", "1 to 32 letters"),
        (ROSTER + "A,x,28,120,,,,²,\n", "line 2: staff '²'", "from 1 to 50"),
        (ROSTER + "A,x,28,120,,,,,\nA,y,28,120,,,,,\n", "line 3: id 'A'", "give each team an id of its own"),
        ("id,id,name,lat,lon\nA,B,x,28,120\n", "two columns id", "each column once"),
        (
            ROSTER + "".join(f"T{n},x,28,120,,,,,\n" for n in range(MAX_TEAMS + 1)),
            f"more than {MAX_TEAMS} teams",
            "split the file",
        ),
    ],
)
def test_a_roster_beyond_its_limits_is_told_with_what_to_do(
    tmp_path: Path, text: str, wrong: str, todo: str
) -> None:
    with pytest.raises(GroundError, match=wrong) as told:
        read_roster(written(tmp_path, text))
    assert todo in told.value.hint
    assert "\x1b" not in str(told.value)


def test_a_roster_may_use_what_chinese_names_are_written_with(tmp_path: Path) -> None:
    (team,) = read_roster(written(tmp_path, ROSTER + "巡1,一　队·甲,28,120,,调解,,,\n"))
    assert (team.team, team.name, team.skills) == ("巡1", "一　队·甲", ("调解",))


@pytest.mark.parametrize(
    ("row", "column"),
    [("A,x,28,120,,,,0,", "staff"), ("A,x,28,120,,,,,24:00-08:00", "shift"), ("A,x,28,120,navy,,,,", "kind")],
)
def test_a_roster_line_that_makes_no_sense_is_told(tmp_path: Path, row: str, column: str) -> None:
    file = tmp_path / "teams.csv"
    file.write_text(f"id,name,lat,lon,kind,skills,vehicle,staff,shift\n{row}\n", encoding="utf-8")
    with pytest.raises(GroundError, match=f"line 2: {column}"):
        read_roster(file)
