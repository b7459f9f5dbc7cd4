"""Live cover: equal to counting every point by itself, whatever moved; and the holes that it names are real."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import numpy as np
import pytest

from dispatch.adapters.cover import LiveCover, Standing, gains_milli
from dispatch.adapters.demand import CoverRules, demand_of
from dispatch.adapters.fleet import snapped
from dispatch.adapters.places import Place
from dispatch.adapters.travel import GroundTravel
from dispatch.bootstrap import Town, sample_town
from dispatch.domain.types import TARGET_MS, FixSource, IncidentId, Point, TeamId, Tier
from dispatch.service.plans import TeamStart
from geo_data.coverage import Coverage
from geo_data.graph import Ground
from geo_data.graph.ground import GroundMeta
from geo_data.locate import locate
from geo_data.reach import reach
from geo_data.toy import draw_town
from geo_data.types import UNREACHED, LonLat

ANYWHERE = CoverRules(still_m=0.0)


@pytest.fixture(scope="module")
def town() -> Town:
    return sample_town(lambda _line: None)


def standing(town: Town, team: str, point: Point, profile: str = "car") -> Standing:
    return Standing(TeamId(team), profile, point, snapped(town.ground.graph(profile), point))


def somewhere(town: Town, chance: random.Random) -> Point:
    west, south, east, north = town.ground.meta.bounds
    return Point(chance.uniform(west, east), chance.uniform(south, north))


def times_at_every_point(town: Town, cover: LiveCover, teams: Sequence[Standing]) -> np.ndarray:
    """Ms of each team to each point, by asking the reach of each about one point at a time."""
    demand = cover.demand
    table = np.full((len(teams), len(demand)), UNREACHED, dtype=np.int64)
    for row, team in enumerate(teams):
        if not team.positions:
            continue
        graph = town.ground.graph(team.profile)
        found = reach(graph, team.positions, int(demand.limit_ms[-1]))
        for point, (lon, lat) in enumerate(demand.lonlat.tolist()):
            if point >= len(demand.places) and team.profile == demand.main:
                ends = demand.main_positions[point - len(demand.places)]
            else:
                ends = snapped(graph, Point(lon, lat))
            if ends:
                table[row, point] = found.at(ends)
    return table


def check(town: Town, cover: LiveCover, teams: Sequence[Standing]) -> None:
    """Everything that the cover says, worked out from the table of all times."""
    demand, at = cover.demand, times_at_every_point(town, cover, teams)
    for level, limit_ms in enumerate(demand.limit_ms.tolist()):
        assert np.array_equal(cover.count[level], (at <= limit_ms).sum(axis=0))
    own = demand.limit_ms[demand.level]
    k = (at <= own).sum(axis=0)
    gain = [0.0] + [1000 * 0.7 * 0.3**n for n in range(len(teams))]
    upto = [sum(round(each) for each in gain[: n + 1]) for n in range(len(gain))]
    assert cover.expected_micro() == sum(
        weight * upto[each] for weight, each in zip(demand.weight_milli.tolist(), k.tolist(), strict=True)
    )
    holes = cover.holes()
    assert set(holes) == {team.team for team in teams}
    for row, team in enumerate(teams):
        hole = holes[team.team]
        mine = at[row] <= own
        assert hole.loss_micro == sum(
            int(demand.weight_milli[p]) * round(gain[k[p]]) for p in np.flatnonzero(mine).tolist()
        )
        lone = [p for p in np.flatnonzero(mine & (k == 1)).tolist() if p < len(demand.places)]
        assert hole.n_places == len(lone)
        assert {gap.place for gap in hole.places} <= {demand.places[p].place for p in lone}
        by_id = {demand.places[p].place: p for p in lone}
        for gap in hole.places:
            others = np.delete(at[:, by_id[gap.place]], row)
            after = int(others.min()) if len(others) else UNREACHED
            assert gap.before_ms == at[row, by_id[gap.place]] <= gap.target_ms
            assert gap.after_ms == (None if after == UNREACHED else after)
            assert after > gap.target_ms
        lost = {gap.limit_ms: (gap.before_m, gap.after_m) for gap in hole.streets}
        for limit_ms in demand.limit_ms.tolist():
            before_mm = int(demand.street_mm[(at <= limit_ms).any(axis=0)].sum())
            after_mm = int(demand.street_mm[(np.delete(at, row, axis=0) <= limit_ms).any(axis=0)].sum())
            if limit_ms in lost:
                assert lost[limit_ms][0] == before_mm // 1000
                assert abs(lost[limit_ms][1] - after_mm // 1000) <= 1
            else:
                assert before_mm - after_mm < 1000


def test_it_equals_counting_every_point_by_itself_while_teams_come_move_and_go(town: Town) -> None:
    chance = random.Random(135)
    cover = LiveCover(town.ground, town.places, ANYWHERE)
    profiles = list(town.ground.profiles)
    teams = [standing(town, each.team, each.home, each.profile) for each in town.roster[:6]]
    for _ in range(4):
        cover.follow(teams)
        check(town, cover, teams)
        teams = [team for team in teams if chance.random() < 0.8]
        for index in range(len(teams)):
            if chance.random() < 0.5:
                teams[index] = standing(town, teams[index].team, somewhere(town, chance), chance.choice(profiles))
        teams.append(standing(town, f"N{chance.randrange(10**6)}", somewhere(town, chance)))


def test_after_any_moves_it_equals_a_new_one_of_the_same_teams(town: Town) -> None:
    chance = random.Random(7)
    moved = LiveCover(town.ground, town.places, ANYWHERE)
    teams = {f"T{number}": standing(town, f"T{number}", somewhere(town, chance)) for number in range(18)}
    for _ in range(25):
        for name in chance.sample(sorted(teams), 4):
            teams[name] = standing(town, name, somewhere(town, chance))
        if chance.random() < 0.3:
            teams.pop(chance.choice(sorted(teams)))
        moved.follow(list(teams.values()))
    fresh = LiveCover(town.ground, town.places, ANYWHERE)
    fresh.follow(list(teams.values()))
    assert np.array_equal(moved.count, fresh.count)
    assert moved.holes() == fresh.holes()
    assert moved.expected_micro() == fresh.expected_micro()


def test_a_point_is_covered_where_the_grounds_own_coverage_says_that_somebody_comes_in_time(town: Town) -> None:
    cover = LiveCover(town.ground, town.places, ANYWHERE)
    teams = [standing(town, each.team, each.home) for each in town.roster]
    cover.follow(teams)
    graph = town.ground.graph("car")
    nearest = Coverage(graph, [team.positions for team in teams], 300_000)
    for point in range(len(cover.demand)):
        lon, lat = cover.demand.lonlat[point].tolist()
        n = point - len(cover.demand.places)
        ends = cover.demand.main_positions[n] if n >= 0 else locate(graph, LonLat(lon, lat))
        soonest = nearest.at(ends).travel_ms
        for level, limit_ms in enumerate(cover.demand.limit_ms.tolist()):
            assert (cover.count[level, point] > 0) == (soonest <= limit_ms)


def test_only_who_came_went_or_moved_is_searched_again(town: Town) -> None:
    cover = LiveCover(town.ground, town.places, CoverRules(still_m=25.0))
    teams = [standing(town, each.team, each.home) for each in town.roster]
    assert cover.follow(teams) == len(teams)
    assert cover.follow(teams) == 0
    nudged = Point(teams[0].point.lon + 0.0001, teams[0].point.lat)  # 10 m
    moved = Point(teams[1].point.lon + 0.001, teams[1].point.lat)  # 100 m
    teams[0], teams[1] = standing(town, teams[0].team, nudged), standing(town, teams[1].team, moved)
    assert cover.follow(teams) == 1
    assert cover.follow(teams[2:]) == 0
    assert set(cover.teams) == {team.team for team in teams[2:]}


def test_the_streets_of_the_demand_are_all_the_streets_there_are(town: Town) -> None:
    graph = town.ground.graph(town.ground.profiles[0])
    demand = demand_of(town.ground, town.places, CoverRules())
    one = np.where(graph.piece_arc_along >= 0, graph.piece_arc_along, graph.piece_arc_against)
    usable = one[graph.travel_ms[one] != UNREACHED]
    assert demand.street_mm.sum() == graph.length_mm[usable].astype(np.int64).sum()
    assert [int(each) for each in demand.limit_ms] == sorted(set(TARGET_MS.values()))


def test_the_gains_of_one_place_add_up_to_the_chance_that_somebody_is_there() -> None:
    gains = gains_milli(300, 50)
    for k in range(50):
        assert abs(int(gains[: k + 1].sum()) - 1000 * (1 - 0.3**k)) <= 3
    assert gains_milli(0, 3).tolist() == [0, 1000, 0, 0], "a team that is never busy needs no second"


# A, B and C stand on one street, 100 m a step and 10 s; S is a school beside A, in reach of A within 60 s alone.
STREET = """
    S--A-----------B--C
"""


def test_h01_the_hole_that_the_lone_team_opens_is_the_school_and_those_side_by_side_open_none() -> None:
    drawn = draw_town(STREET)
    meta = GroundMeta("drawn", "", "", "", "", (-1.0, -1.0, 1.0, 1.0))
    ground = Ground(meta, {drawn.graph.profile: drawn.graph})
    point = {name: Point(*drawn.points[name]) for name in "SABC"}
    school = Place("P1", "学校", "School", Tier.T1, "school", point["S"], 50.0)
    cover = LiveCover(ground, [school], ANYWHERE)
    cover.follow([Standing(TeamId(n), "toy", point[n], snapped(drawn.graph, point[n])) for n in "ABC"])
    holes = cover.holes()
    (gap,) = holes[TeamId("A")].places
    assert (gap.name, gap.tier, gap.before_ms, gap.after_ms) == ("学校", Tier.T1, 30_000, 150_000)
    assert holes[TeamId("B")].places == holes[TeamId("C")].places == ()
    assert holes[TeamId("A")].loss_micro > holes[TeamId("B")].loss_micro
    assert [gap.limit_ms for gap in holes[TeamId("B")].streets] in ([], [60_000])


class Nowhere:
    """No team has a fix."""

    def latest(self, team: TeamId, now_ms: int) -> tuple[Point, FixSource, int] | None:
        return None


def test_the_times_of_many_incidents_are_those_of_each_alone(town: Town) -> None:
    chance = random.Random(3)
    travel = GroundTravel(town.ground, town.places, Nowhere())
    teams = [TeamStart(team.team, team.profile, team.home) for team in town.roster]
    teams += [TeamStart(TeamId("boat"), "boat", teams[0].home), TeamStart(TeamId("away"), "car", Point(0.0, 0.0))]

    async def ask() -> None:
        for round_ in range(4):
            incidents = [(IncidentId(f"I{number}"), somewhere(town, chance)) for number in range(6)]
            crew = chance.sample(teams, len(teams) - round_)
            many = await travel.times_many(incidents, crew, 0)
            assert len(many) == len(incidents) * len(crew)
            for incident, to in incidents:
                fresh = GroundTravel(town.ground, town.places, Nowhere())
                alone = await fresh.times_many([(incident, to)], crew, 0)
                assert alone == {pair: time for pair, time in many.items() if pair[0] == incident}
            for index, team in enumerate(teams[:5]):
                teams[index] = TeamStart(team.team, team.profile, somewhere(town, chance))

    asyncio.run(ask())


def test_the_losses_are_those_of_the_teams_that_stand_ready(town: Town) -> None:
    travel = GroundTravel(town.ground, town.places, Nowhere())
    teams = [TeamStart(team.team, team.profile, team.home) for team in town.roster]
    found = asyncio.run(travel.losses(teams, 0))
    plain = LiveCover(town.ground, town.places)
    plain.follow([standing(town, team.team, team.home, team.profile) for team in teams])
    assert found == plain.holes()
    assert all(hole.loss_micro > 0 for hole in found.values())
