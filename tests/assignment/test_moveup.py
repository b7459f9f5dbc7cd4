"""Move-up advice against every set of moves, and its laws."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from dispatch.assignment.moveup import MAX_MOVES, MoveUpQuestion, MoveUpRules, Way, advise
from dispatch.domain.types import TeamId

GAINS = [0, *(round(700 * 0.3**k) for k in range(20))]


def question(seed: int) -> MoveUpQuestion:
    chance = random.Random(seed)
    n, teams, posts = chance.randint(1, 12), chance.randint(1, 4), chance.randint(1, 4)

    def some() -> frozenset[int]:
        return frozenset(p for p in range(n) if chance.random() < chance.choice([0.2, 0.5]))

    names = [TeamId(f"T{number}") for number in range(teams)]
    ways = [
        Way(team, f"S{post}", chance.choice([60_000, 60_000, 2_000_000]), some())
        for team in names
        for post in range(posts)
        if chance.random() < 0.8
    ]
    return MoveUpQuestion(
        weight_milli=[chance.choice([0, 1_000, 4_000, 10_000]) for _ in range(n)],
        gain_milli=GAINS,
        covered={team: some() for team in names},
        ways=ways,
    )


def value(asked: MoveUpQuestion, covered: dict[TeamId, frozenset[int]]) -> int:
    total = 0
    for point, weight in enumerate(asked.weight_milli):
        k = sum(point in points for points in covered.values())
        total += weight * sum(GAINS[1 : k + 1])
    return total


def after(asked: MoveUpQuestion, ways: tuple[Way, ...]) -> int:
    return value(asked, dict(asked.covered) | {way.team: way.covers for way in ways})


def best(asked: MoveUpQuestion, rules: MoveUpRules, most: int) -> tuple[int, int, int]:
    """The largest net worth of any set of moves, with fewer moves and less driving where equal."""
    may = [way for way in asked.ways if way.drive_ms <= rules.drive_most_ms]
    before = value(asked, dict(asked.covered))
    found = [(0, 0, 0)]
    for size in range(1, most + 1):
        for ways in combinations(may, size):
            if len({way.team for way in ways}) == len({way.post for way in ways}) == size:
                net = after(asked, ways) - before - size * rules.least_micro
                found.append((net, -size, -sum(way.drive_ms for way in ways)))
    return max(row for row in found if row[0] > 0 or row == (0, 0, 0))


@pytest.mark.parametrize("most", [1, 2, 3])
def test_it_equals_the_best_of_every_set_of_moves(most: int) -> None:
    moved = 0
    for seed in range(500):
        asked = question(1000 * most + seed)
        rules = MoveUpRules(most=most, least_micro=random.Random(seed).choice([0, 1, 500_000, 3_000_000]))
        found = advise(asked, rules)
        assert found.exact
        assert found.before_micro == value(asked, dict(asked.covered))
        net = found.after_micro - found.before_micro - len(found.moves) * rules.least_micro
        assert (net, -len(found.moves), -sum(move.drive_ms for move in found.moves)) == best(asked, rules, most)
        moved += bool(found.moves)
    assert moved > 100


def test_it_never_makes_it_worse_and_its_sums_are_right() -> None:
    for seed in range(800):
        asked = question(9000 + seed)
        found = advise(asked, MoveUpRules(most=MAX_MOVES, least_micro=0))
        ways = {(way.team, way.post): way for way in asked.ways}
        chosen = tuple(ways[move.team, move.post] for move in found.moves)
        assert found.after_micro == after(asked, chosen) >= found.before_micro
        assert found.after_micro - found.before_micro == sum(m.won_micro - m.lost_micro for m in found.moves)
        assert len({move.team for move in found.moves}) == len({move.post for move in found.moves}) == len(chosen)


def test_the_order_in_which_the_ways_are_named_changes_nothing() -> None:
    chance = random.Random(5)
    for seed in range(200):
        asked = question(20_000 + seed)
        ways = list(asked.ways)
        chance.shuffle(ways)
        again = MoveUpQuestion(
            weight_milli=asked.weight_milli, gain_milli=asked.gain_milli, covered=asked.covered, ways=ways
        )
        rules = MoveUpRules(most=3, least_micro=0)
        assert advise(again, rules) == advise(asked, rules)


def test_m01_a_move_that_opens_as_much_as_it_fills_is_not_advised() -> None:
    asked = MoveUpQuestion(
        weight_milli=[1_000, 1_000],
        gain_milli=GAINS,
        covered={TeamId("A"): frozenset({0})},
        ways=[Way(TeamId("A"), "S", 1, frozenset({1}))],
    )
    assert advise(asked, MoveUpRules(least_micro=0)).moves == ()


def test_m02_of_two_teams_at_one_place_one_is_sent_to_the_hole_and_not_both() -> None:
    asked = MoveUpQuestion(
        weight_milli=[10_000, 4_000],
        gain_milli=GAINS,
        covered={TeamId("A"): frozenset({0}), TeamId("B"): frozenset({0})},
        ways=[Way(TeamId(name), "S", 60_000, frozenset({1})) for name in "AB"],
    )
    (move,) = advise(asked, MoveUpRules(most=2, least_micro=0)).moves
    assert (move.team, move.won_micro, move.lost_micro) == ("A", 4_000 * 700, 10_000 * 210)


def test_m03_only_so_many_moves_an_hour() -> None:
    rules = MoveUpRules(most=2, per_hour=4)
    hour = 3_600_000
    assert rules.left([], 10 * hour) == 2
    assert rules.left([10 * hour - 1] * 3, 10 * hour) == 1
    assert rules.left([10 * hour - 1] * 9, 10 * hour) == 0
    assert rules.left([9 * hour] * 9, 10 * hour) == 2
    assert advise(question(1), rules, most=0).moves == ()
