"""Coverage: each arc's nearest teams are those of the searches, and moving a team equals starting afresh."""

from __future__ import annotations

import numpy as np
import pytest

from geo_data.coverage import Coverage, nearest_k
from geo_data.errors import GroundError
from geo_data.kernels.lanes import POOL_START
from geo_data.nearest import rank, times_table
from geo_data.overlay import Overlay, view
from geo_data.reach import reach
from geo_data.roster import Roster
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import UNREACHED, ArcIdx, ArcPosition
from tests.geo_data.slow import lone_position, with_random_rules


def town(seed, rng):
    plain = random_town(seed, nodes=int(rng.integers(2, 70)), roads=int(rng.integers(1, 160)))
    return with_random_rules(plain, rng)[0] if seed % 4 else plain


def teams_of(graph, rng, random_place, count):
    pick = lone_position if rng.integers(2) else random_place
    return [pick(graph, rng) if rng.random() < 0.9 else () for _ in range(count)]


def far_end(graph, arc):
    return (ArcPosition(ArcIdx(arc), graph.arc_length_m(arc)),)


def same(a: Coverage, b: Coverage) -> None:
    np.testing.assert_array_equal(a.label, b.label)
    np.testing.assert_array_equal(a.arc_ms, b.arc_ms)
    np.testing.assert_array_equal(a.arc_team, b.arc_team)


@pytest.mark.parametrize("seed", range(16))
def test_the_nearest_teams_of_arcs_are_those_of_single_searches(seed, random_place):
    rng = np.random.default_rng(seed)
    graph = town(seed, rng)
    teams = teams_of(graph, rng, random_place, 6)
    limit_ms = int(rng.integers(0, 600_000))
    cover = Coverage(graph, teams, limit_ms)
    team, team_ms = nearest_k(graph, teams, limit_ms, 3)
    founds = [reach(graph, place, limit_ms) if place else None for place in teams]
    for arc in range(graph.n_arcs):
        if graph.length_mm[arc] == 0:
            continue  # a mark in mm cannot tell the ends of a road without length apart
        end = far_end(graph, arc)
        times = [(f.at(end), i) for i, f in enumerate(founds) if f is not None and f.at(end) != UNREACHED]
        wanted = [*sorted(times), *[(UNREACHED, -1)] * 3][:3]
        assert list(zip(team_ms[arc].tolist(), team[arc].tolist(), strict=True)) == wanted
        assert (int(cover.arc_ms[arc]), int(cover.arc_team[arc])) == wanted[0]
        assert cover.at(end) == (wanted[0][1], wanted[0][0])
        middle = (ArcPosition(ArcIdx(arc), graph.arc_length_m(arc) / 2, 7.0),)
        best = min(((f.at(middle), i) for i, f in enumerate(founds) if f is not None), default=(UNREACHED, -1))
        assert cover.at(middle) == ((best[1], best[0]) if best[0] != UNREACHED else (-1, UNREACHED))


@pytest.mark.parametrize("seed", range(24))
def test_moving_teams_equals_starting_afresh(seed, random_place):
    rng = np.random.default_rng(100 + seed)
    graph = town(seed, rng)
    teams = teams_of(graph, rng, random_place, int(rng.integers(1, 9)))
    limit_ms = int(rng.integers(0, 900_000))
    cover = Coverage(graph, teams, limit_ms)
    for _ in range(25):
        moved = int(rng.integers(len(teams)))
        teams[moved] = () if rng.random() < 0.2 else teams_of(graph, rng, random_place, 1)[0]
        cover.move(moved, teams[moved])
        same(cover, Coverage(graph, teams, limit_ms))


@pytest.mark.parametrize("seed", range(8))
def test_nobody_is_nearest_by_a_closed_road(seed, random_place):
    rng = np.random.default_rng(seed)
    open_graph = town(seed, rng)
    shut = rng.choice(open_graph.n_arcs, open_graph.n_arcs // 4, replace=False)
    graph = view(open_graph, Overlay().close(shut))
    teams = [random_place(graph, rng) for _ in range(5)]
    cover = Coverage(graph, teams, 600_000)
    for round_ in range(4):
        team, team_ms = nearest_k(graph, teams, 600_000, 1)
        np.testing.assert_array_equal(cover.arc_ms, team_ms[:, 0])
        np.testing.assert_array_equal(cover.arc_team, team[:, 0])
        assert np.all(cover.arc_team[shut] == -1)
        same(cover, Coverage(graph, teams, 600_000))
        for end in (far_end(graph, int(arc)) for arc in rng.integers(0, graph.n_arcs, 20)):
            if graph.length_mm[end[0].arc] > 0:
                assert cover.at(end).travel_ms == min(reach(graph, place, 600_000).at(end) for place in teams)
        teams[round_] = random_place(graph, rng)
        cover.move(round_, teams[round_])


def test_moving_teams_on_the_sample_town(sample_town, random_place):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(8)
    teams = [random_place(graph, rng) for _ in range(18)]
    cover = Coverage(graph, teams, 600_000)
    for _ in range(20):
        moved = int(rng.integers(18))
        teams[moved] = random_place(graph, rng) if rng.random() < 0.8 else ()
        cover.move(moved, teams[moved])
        same(cover, Coverage(graph, teams, 600_000))


def test_a_roster_follows_its_teams(random_place):
    graph, rng = random_town(5), np.random.default_rng(5)
    teams = [random_place(graph, rng) for _ in range(12)]
    roster = Roster(graph, teams)
    for _ in range(60):
        moved = int(rng.integers(12))
        teams[moved] = () if rng.random() < 0.3 else random_place(graph, rng)
        roster.move(moved, teams[moved])
        target = random_place(graph, rng)
        for k in (None, 1, 4):
            a, b = rank(graph, target, roster, k=k), rank(graph, target, Roster(graph, teams), k=k)
            for left, right in zip(a, b, strict=True):
                np.testing.assert_array_equal(left, right)
    targets = [random_place(graph, rng) for _ in range(5)]
    table = times_table(graph, targets, roster)
    for row, target in zip(table, targets, strict=True):
        found = reach(graph, target, 3_600_000, towards=True)
        assert row.tolist() == [found.at(team) for team in teams]


def test_a_roster_belongs_to_its_graph():
    graph = grid_town(3, 3)
    here = [ArcPosition(ArcIdx(0), 0.0)]
    roster = Roster(graph, [here, []])
    closed = view(graph, Overlay().close([0]))
    with pytest.raises(GroundError, match="of another graph"):
        rank(closed, here, roster)
    assert rank(closed, here, roster.on(closed)).travel_ms.tolist() == [UNREACHED, UNREACHED]
    with pytest.raises(GroundError, match="not in this ground"):
        roster.move(0, [ArcPosition(ArcIdx(99), 0.0)])
    assert roster.teams[0] == tuple(here), "a team that cannot be moved stays"


def test_a_drawn_coverage():
    town = draw_town("""
        A---B---C
    """)
    cover = Coverage(town.graph, [town.at("A"), town.at("C")], 60_000)
    assert cover.at(town.at("A")) == (0, 0) and cover.at(town.at("C")) == (1, 0)
    assert cover.at(town.at("B")) == (0, 40_000), "ties go to the lower team"
    cover.move(0, ())
    assert cover.at(town.at("A")) == (-1, UNREACHED), "beyond the limit"
    assert cover.at(town.at("B")) == (1, 40_000)
    with pytest.raises(GroundError, match="k is 0"):
        nearest_k(town.graph, [], 1000, 0)
    assert Coverage(town.graph, [], 1000).at(town.at("B")) == (-1, UNREACHED)


def test_what_comes_exactly_at_the_limit_comes():
    town = draw_town("""
        A---B---C
    """)
    graph = town.graph
    to_b, to_c = (int(np.flatnonzero(graph.arc_against == 0)[i]) for i in range(2))
    start, after_b = (ArcPosition(ArcIdx(to_b), 0.0),), (ArcPosition(ArcIdx(to_c), 0.0),)
    at_limit, below = Coverage(graph, [start], 80_000), Coverage(graph, [start], 79_999)
    assert at_limit.at(far_end(graph, to_c)) == (0, 80_000) and below.at(far_end(graph, to_c)) == (-1, UNREACHED)
    far = int(graph.step_state[to_c])
    assert at_limit.label[far] >> 32 == 80_000 and below.label[far] >> 32 == UNREACHED
    assert Coverage(graph, [start], 40_000).at(after_b) == (0, 40_000)


@pytest.mark.parametrize("seed", range(3))
def test_teams_at_many_junctions_of_many_roads(seed):
    graph = random_town(seed, nodes=70, roads=4500)
    starts = np.flatnonzero(np.diff(graph.first_in) > 0)
    teams = [far_end(graph, int(graph.in_arc[graph.first_in[node]])) for node in starts]
    assert np.diff(graph.first_out)[starts][:64].sum() > POOL_START  # one batch offers more than there is room for
    cover = Coverage(graph, teams, 600_000)
    team, team_ms = nearest_k(graph, teams, 600_000, 1)
    np.testing.assert_array_equal(cover.arc_ms, team_ms[:, 0])
    np.testing.assert_array_equal(cover.arc_team, team[:, 0])
