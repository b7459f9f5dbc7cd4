"""The ground as the desk sees it: the same times as the ground's own search, and a reason where there is none."""

from __future__ import annotations

import asyncio
import random

import pytest

from dispatch.adapters.places import Place
from dispatch.adapters.travel import SEARCH_LIMIT_MS, GroundTravel
from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.bootstrap import sample_town
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import FixSource, IncidentId, Point, TeamId, Tier
from dispatch.service.plans import Located, TeamStart
from geo_data.coordinates import straight_m
from geo_data.graph import Ground
from geo_data.graph.ground import GroundMeta
from geo_data.locate import locate
from geo_data.nearest import nearest
from geo_data.toy import Town, draw_town
from geo_data.types import UNREACHED, LonLat

NOW_MS = 1_800_000_000_000


class Fixes:
    """Positions that a test sets."""

    def __init__(self, **fixes: tuple[Point, int]) -> None:
        self._fixes = fixes

    def latest(self, team: TeamId, now_ms: int) -> tuple[Point, FixSource, int] | None:
        fix = self._fixes.get(team)
        return None if fix is None else (fix[0], FixSource.FIX, now_ms - fix[1])


def ground_of(town: Town) -> Ground:
    meta = GroundMeta("drawn", "", "", "", "", (-1.0, -1.0, 1.0, 1.0))
    return Ground(meta, {town.graph.profile: town.graph})


def point(town: Town, name: str) -> Point:
    return Point(*town.points[name])


def times(travel: GroundTravel, to: Point, teams: list[TeamStart]) -> list[TravelTime]:
    """One incident's times, in the order of the teams."""
    incident = IncidentId("I1")
    table = asyncio.run(travel.times_many([(incident, to)], teams, NOW_MS))
    assert len(table) == len(teams)
    return [table[incident, team.team] for team in teams]


# N is 200 m from X in the air, over the river; its way is round by the bridge. F drives 500 m on its own bank.
RIVER = """
    N--------+
             |
    X----F   |
    |        |
    +--------+
"""


@pytest.fixture(scope="module")
def river() -> Town:
    return draw_town(RIVER)


def test_t01_the_times_are_by_road_while_the_straight_line_is_kept_beside_them(river: Town) -> None:
    travel = GroundTravel(ground_of(river), [], Fixes())
    teams = [TeamStart(TeamId(name), "toy", point(river, name)) for name in ("N", "F")]
    by_name = {time.team: time for time in times(travel, point(river, "X"), teams)}
    assert by_name["F"].eta_ms == 50_000
    assert by_name["F"].road_m == 500
    assert by_name["N"].eta_ms == 240_000  # 9 right, 4 down, 9 left, 2 up, 10 s a step
    assert by_name["N"].road_m == 2400
    assert by_name["N"].straight_m == pytest.approx(200, abs=2)
    assert by_name["F"].straight_m == pytest.approx(500, abs=2)


def test_t02_one_way_streets_count_from_the_team_to_the_place_and_not_back() -> None:
    town = draw_town(
        """
        A-->--B
        |     |
        +-----+
        """
    )
    travel = GroundTravel(ground_of(town), [], Fixes())
    there = times(travel, point(town, "B"), [TeamStart(TeamId("A"), "toy", point(town, "A"))])
    back = times(travel, point(town, "A"), [TeamStart(TeamId("B"), "toy", point(town, "B"))])
    assert (there[0].eta_ms, back[0].eta_ms) == (60_000, 100_000)


def test_t03_a_team_is_where_its_fix_says_else_at_home_and_the_age_of_the_fix_is_told(river: Town) -> None:
    travel = GroundTravel(ground_of(river), [], Fixes(N=(point(river, "F"), NOW_MS - 4500)))
    home = point(river, "N")
    with_fix, without = times(
        travel, point(river, "X"), [TeamStart(TeamId("N"), "toy", home), TeamStart(TeamId("M"), "toy", home)]
    )
    assert (with_fix.fix, with_fix.fix_age_ms, with_fix.position) == (FixSource.FIX, 4500, point(river, "F"))
    assert (without.fix, without.fix_age_ms, without.position) == (FixSource.HOME, 0, home)
    assert (with_fix.eta_ms, without.eta_ms) == (50_000, 240_000)


def test_t04_a_team_off_the_roads_or_of_an_unknown_profile_has_its_reason(river: Town) -> None:
    travel = GroundTravel(ground_of(river), [], Fixes())
    teams = [
        TeamStart(TeamId("away"), "toy", Point(0.5, 0.5)),
        TeamStart(TeamId("boat"), "boat", point(river, "F")),
        TeamStart(TeamId("F"), "toy", point(river, "F")),
        TeamStart(TeamId("mars"), "toy", Point(200.0, 0.0)),
    ]
    found = times(travel, point(river, "X"), teams)
    assert [time.team for time in found] == ["away", "boat", "F", "mars"], "in the order of the question"
    assert [time.reason for time in found] == [Reason.OFF_ROAD, Reason.UNKNOWN_PROFILE, None, Reason.OFF_ROAD]
    assert [time.eta_ms for time in found] == [None, None, 50_000, None]


def test_t05_where_no_road_leads_there_the_reason_is_no_way() -> None:
    town = draw_town(
        """
        A--->---B
        """
    )
    travel = GroundTravel(ground_of(town), [], Fixes())
    middle = Point((town.points["A"].lon + town.points["B"].lon) / 2, 0.0)
    (time,) = times(travel, middle, [TeamStart(TeamId("B"), "toy", point(town, "B"))])
    assert (time.eta_ms, time.reason) == (None, Reason.NO_WAY)


def test_t06_a_point_has_the_name_of_its_road_the_tier_of_its_place_and_its_distance(river: Town) -> None:
    places = [Place("P1", "学校", "School", Tier.T1, "", point(river, "X"), 60.0)]
    travel = GroundTravel(ground_of(river), places, Fixes())
    at_x = Point(point(river, "X").lon - 40 / 111_320, point(river, "X").lat)
    found = asyncio.run(travel.locate(at_x))
    assert isinstance(found, Located)
    assert (found.place, found.tier) == ("学校", Tier.T1)
    assert found.off_road_m == pytest.approx(40, abs=1)
    elsewhere = asyncio.run(travel.locate(point(river, "F")))
    assert isinstance(elsewhere, Located)
    assert (elsewhere.place, elsewhere.tier, elsewhere.road, elsewhere.off_road_m) == ("", Tier.T3, "", 0)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (Point(0.0, 0.5), Code.TOO_FAR_FROM_ROAD),
        (Point(0.0, 91.0), Code.OUT_OF_RANGE),
        (Point(-180.5, 0.0), Code.OUT_OF_RANGE),
        (Point(float("nan"), 0.0), Code.OUT_OF_RANGE),
    ],
)
def test_t07_a_point_without_a_road_or_off_the_earth_is_refused(river: Town, where: Point, code: Code) -> None:
    refusal = asyncio.run(GroundTravel(ground_of(river), [], Fixes()).locate(where))
    assert isinstance(refusal, Refusal)
    assert refusal.code is code
    assert refusal.about


def test_t08_on_the_sample_town_every_time_is_that_of_the_grounds_own_search() -> None:
    town = sample_town(lambda _line: None)
    travel = GroundTravel(town.ground, town.places, Fixes())
    travel.warm()
    chance = random.Random(135)
    west, south, east, north = town.ground.meta.bounds
    teams = [TeamStart(team.team, team.profile, team.home) for team in town.roster]
    asked = 0
    while asked < 25:
        to = Point(chance.uniform(west, east), chance.uniform(south, north))
        if isinstance(asyncio.run(travel.locate(to)), Refusal):
            continue
        asked += 1
        found = {time.team: time for time in times(travel, to, teams)}
        for profile in {team.profile for team in teams}:
            graph = town.ground.graph(profile)
            mine = [team for team in teams if team.profile == profile]
            starts = [locate(graph, LonLat(team.home.lon, team.home.lat)) for team in mine]
            target = locate(graph, LonLat(to.lon, to.lat))
            for arrival in nearest(graph, target, starts, limit_ms=SEARCH_LIMIT_MS):
                time = found[mine[arrival.index].team]
                assert time.eta_ms == (None if arrival.travel_ms == UNREACHED else arrival.travel_ms)
                assert time.road_m == round(arrival.length_m)
                home = mine[arrival.index].home
                assert time.straight_m == round(straight_m(LonLat(home.lon, home.lat), LonLat(to.lon, to.lat)))
