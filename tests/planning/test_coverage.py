"""Coverage, gaps and siting equal counting by hand: every time by its own search, every gain by counting anew."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from dispatch.adapters.fleet import snapped
from dispatch.adapters.planning_ground import PlanningGround, Stand
from dispatch.bootstrap import Town, sample_town
from dispatch.domain.types import Point, Shift, TeamKind, Tier, Wave
from dispatch.planning.coverage import K_MOST, TIERS, WAVE_OF, Points, counts, gaps, stands, table
from dispatch.planning.siting import Candidates, best_added, best_moved, sooner_ms
from geo_data.nearest import nearest
from geo_data.types import UNREACHED


@pytest.fixture(scope="module")
def town() -> Town:
    return sample_town(lambda _line: None)


@pytest.fixture(scope="module")
def ground(town: Town) -> PlanningGround:
    return PlanningGround(town.ground, town.places)


def made_up(chance: random.Random, n_posts: int = 6, n_points: int = 40) -> tuple[Points, np.ndarray]:
    """Points and times as chance has them, some of them unreached."""
    tier = np.array([chance.randrange(3) for _ in range(n_points)], dtype=np.int8)
    limit = np.array([60_000, 180_000, 300_000], dtype=np.int32)[tier]
    weight = np.array([chance.choice((0, 1, 5, 1000)) for _ in range(n_points)], dtype=np.int64)
    ms = np.array(
        [[chance.choice((chance.randrange(600_000), UNREACHED)) for _ in range(n_points)] for _ in range(n_posts)],
        dtype=np.int32,
    ).reshape(n_posts, n_points)
    return Points(tier, limit, weight), ms


def candidates_of(points: Points, rows: np.ndarray) -> Candidates:
    """Candidates whose times to every point are a table."""
    own = [np.flatnonzero(row <= points.limit_ms) for row in rows]
    first = np.cumsum([0, *(len(each) for each in own)])
    ms = [row[each] for row, each in zip(rows, own, strict=True)]
    return Candidates(first, np.concatenate(own), np.concatenate(ms).astype(np.int64))


def covered_weight(points: Points, ms: np.ndarray) -> int:
    return sum(
        int(weight)
        for at, weight in enumerate(points.weight.tolist())
        if any(row[at] <= points.limit_ms[at] for row in ms)
    )


def test_coverage_of_the_roster_equals_a_ranking_of_each_point(town: Town, ground: PlanningGround) -> None:
    """Each demand point is asked by itself who is nearest, backward; the table counts exactly those in time."""
    demand, points = ground.demand(), ground.points()
    roster = town.roster[:9]
    graph = town.ground.graph("car")
    starts = [snapped(graph, team.home) for team in roster]
    chance = random.Random(135)
    some = sorted({*range(len(demand.places)), *chance.sample(range(len(demand)), 80)})
    ms = ground.times([Stand("car", team.home) for team in roster])
    for at in some:
        ends = (
            demand.main_positions[at - len(demand.places)]
            if at >= len(demand.places)
            else snapped(graph, demand.places[at].point)
        )
        found = {each.index: each.travel_ms for each in nearest(graph, ends, starts, 20 * 60_000)}
        assert [found[row] for row in range(len(roster))] == ms[:, at].tolist()
    cut = Points(points.tier[some], points.limit_ms[some], points.weight[some])
    waves = [WAVE_OF[team.unit] for team in roster]
    for row in table(cut, ms[:, some], waves, demand.limit_ms.tolist()):
        at_hand = 0
        for column, at in enumerate(some):
            if row.tier is not None and TIERS[points.tier[at]] is not row.tier:
                continue
            limit = row.limit_ms if row.limit_ms is not None else int(points.limit_ms[at])
            mine = [post for post in range(len(roster)) if row.wave in (None, waves[post])]
            if sum(int(ms[post, at]) <= limit for post in mine) >= row.k:
                at_hand += int(cut.weight[column])
        assert row.covered == at_hand, row


def test_a_table_never_covers_more_with_a_larger_k_or_a_shorter_limit() -> None:
    chance = random.Random(1)
    for _ in range(20):
        points, ms = made_up(chance)
        rows = table(points, ms, [chance.choice(list(Wave)) for _ in ms], [60_000, 180_000, 300_000])
        by_key = {(row.wave, row.tier, row.limit_ms, row.k): row for row in rows}
        assert len(by_key) == len(rows) == 4 * (4 + 3) * K_MOST
        for (wave, tier, limit, k), row in by_key.items():
            assert 0 <= row.covered <= row.demand and row.covered_points <= row.points
            if k > 1:
                assert row.covered <= by_key[wave, tier, limit, k - 1].covered
            if limit in (180_000, 300_000):
                shorter = 60_000 if limit == 180_000 else 180_000
                assert by_key[wave, tier, shorter, k].covered <= row.covered
            if tier is None and limit is None:
                parts = [by_key[wave, each, None, k] for each in Tier]
                assert row.covered == sum(part.covered for part in parts)


def test_a_gap_misses_its_nearest_time_minus_its_target_and_nothing_else_is_one() -> None:
    chance = random.Random(2)
    for _ in range(30):
        points, ms = made_up(chance, n_posts=chance.randrange(5))
        found = {gap.point: gap for gap in gaps(points, ms)}
        for at in range(len(points.weight)):
            best = min(ms[:, at].tolist(), default=UNREACHED)
            assert (at in found) == (best > points.limit_ms[at])
            if at in found and best == UNREACHED:
                assert found[at][1:] == (None, None, None)
            elif at in found:
                assert found[at].missing_ms == best - points.limit_ms[at] > 0
                assert found[at].post == ms[:, at].tolist().index(best)
        order = [(points.tier[gap.point], -points.weight[gap.point], gap.point) for gap in found.values()]
        assert order == sorted(order)


def test_a_gap_of_the_sample_town_is_the_route_time_minus_the_target(town: Town, ground: PlanningGround) -> None:
    roster = town.roster[:3]
    ms = ground.times([Stand("car", team.home) for team in roster])
    graph, demand = town.ground.graph("car"), ground.demand()
    told = [gap for gap in gaps(ground.points(), ms) if gap.point < len(demand.places) and gap.travel_ms][:12]
    assert told
    for gap in told:
        place = demand.places[gap.point]
        starts = [snapped(graph, team.home) for team in roster]
        best = nearest(graph, snapped(graph, place.point), starts)[0]
        assert gap.missing_ms == best.travel_ms - int(ground.points().limit_ms[gap.point])


def test_the_gain_of_an_added_point_is_what_a_recount_finds_and_no_other_gains_more() -> None:
    chance = random.Random(3)
    for _ in range(25):
        points, ms = made_up(chance)
        _, rows = made_up(chance, n_posts=9)
        candidates = candidates_of(points, rows)
        before = covered_weight(points, ms)
        picks = best_added(points, counts(ms, points.limit_ms) > 0, candidates, 3)
        alone = [covered_weight(points, np.vstack([ms, row])) - before for row in rows]
        if picks:
            assert picks[0].gain == max(alone)
            assert picks[0].candidate == alone.index(max(alone))
        else:
            assert max(alone) == 0
        held, last = ms, before
        for pick in picks:
            held = np.vstack([held, rows[pick.candidate]])
            now = covered_weight(points, held)
            assert now - last == pick.gain > 0
            last = now
        best = max(
            (
                covered_weight(points, np.vstack([ms, rows[list(each)]])) - before
                for each in combinations(range(9), 3)
            ),
        )
        assert sum(pick.gain for pick in picks) >= (1 - 1 / np.e) * best


def test_the_gain_of_a_move_is_what_a_recount_finds_and_no_move_gains_more() -> None:
    chance = random.Random(4)
    for _ in range(25):
        points, ms = made_up(chance)
        _, rows = made_up(chance, n_posts=9)
        before = covered_weight(points, ms)

        def moved(post: int, candidate: int, ms: np.ndarray = ms, rows: np.ndarray = rows) -> np.ndarray:
            after = ms.copy()
            after[post] = rows[candidate]
            return after

        picks = best_moved(points, ms, candidates_of(points, rows), 10)
        for pick in picks:
            assert pick.post is not None
            gain = covered_weight(points, moved(pick.post, pick.candidate)) - before
            assert pick.gain == gain > 0
        every = [covered_weight(points, moved(p, c)) - before for p in range(len(ms)) for c in range(9)]
        assert (picks[0].gain if picks else 0) == max(0, *every)


def test_the_seconds_won_are_the_mean_by_weight_of_what_is_newly_covered() -> None:
    chance = random.Random(5)
    points, ms = made_up(chance)
    _, rows = made_up(chance, n_posts=4)
    best = ms.min(axis=0)
    for candidate, row in enumerate(rows):
        won = [
            (int(best[at]) - int(row[at]), int(points.weight[at]))
            for at in range(len(best))
            if row[at] <= points.limit_ms[at] < best[at] < UNREACHED and points.weight[at]
        ]
        told = sooner_ms(points, best, candidates_of(points, rows), candidate)
        assert told == (sum(ms * w for ms, w in won) // sum(w for _, w in won) if won else None)


def test_candidates_of_the_sample_town_cover_what_their_own_times_say(ground: PlanningGround) -> None:
    where, candidates = ground.candidates("car")
    points = ground.points()
    for candidate in (0, len(where) // 2, len(where) - 1):
        ms = ground.times([Stand("car", where[candidate])])[0]
        point, told = candidates.of(candidate)
        assert np.array_equal(point, np.flatnonzero(ms <= points.limit_ms))
        assert np.array_equal(told, ms[point])


def test_a_post_stands_in_the_hours_of_its_shift() -> None:
    night = Shift(22 * 60, 6 * 60)
    assert [hour for hour in range(24) if stands(night, hour)] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert all(stands(Shift(0, 0), hour) for hour in range(24))
    assert stands(Shift(8 * 60 + 30, 9 * 60 + 10), 8) and stands(Shift(8 * 60 + 30, 9 * 60 + 10), 9)
    assert not stands(Shift(8 * 60 + 30, 9 * 60), 9)
    assert stands(night, None) and stands(None, 12)
    assert set(WAVE_OF) == set(TeamKind)


def test_a_stand_off_the_roads_or_of_no_profile_reaches_nothing(ground: PlanningGround) -> None:
    ms = ground.times([Stand("car", Point(0.0, 0.0)), Stand("boat", Point(120.55, 27.99))])
    assert (ms == UNREACHED).all()
    assert ground.times([]).shape == (0, len(ground.demand()))
