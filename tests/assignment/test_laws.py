"""Laws of ranking and of the policy, on any table of times."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dispatch.assignment.candidates import Ranking, Reason, TravelTime, nearest_by_straight_line, rank
from dispatch.assignment.policies import MAX_EXCLUDED, MAX_RANKED, nearest
from dispatch.domain.types import FixSource, Point, TeamId

teams = st.integers(0, 300).map(lambda number: TeamId(f"T{number:03d}"))


@st.composite
def travel_times(draw: st.DrawFn, team: TeamId) -> TravelTime:
    eta_ms = draw(st.none() | st.integers(0, 20) | st.integers(0, 2_700_000))
    return TravelTime(
        team=team,
        position=Point(120.0, 28.0),
        fix=draw(st.sampled_from(FixSource)),
        fix_age_ms=draw(st.integers(0, 600_000)),
        straight_m=draw(st.integers(0, 20) | st.integers(0, 30_000)),
        eta_ms=eta_ms,
        road_m=draw(st.integers(0, 60_000)),
        reason=None if eta_ms is not None else draw(st.none() | st.sampled_from(Reason)),
    )


@st.composite
def fleets(draw: st.DrawFn, most: int = 12) -> tuple[list[TravelTime], dict[TeamId, Reason]]:
    names = draw(st.lists(teams, unique=True, max_size=most))
    times = [draw(travel_times(name)) for name in names]
    barred = draw(st.lists(st.sampled_from([*names, TeamId("T998"), TeamId("T999")]), unique=True, max_size=5))
    return times, {team: draw(st.sampled_from(Reason)) for team in barred}


def best_ms(ranking: Ranking) -> float:
    chosen = nearest(ranking)
    return float("inf") if chosen is None else chosen[0].eta_ms


@given(fleets(), st.data())
def test_adding_a_team_never_raises_the_best_time(fleet, data: st.DataObject) -> None:
    times, barred = fleet
    newcomer = data.draw(travel_times(TeamId("T500")))
    assert best_ms(rank([*times, newcomer], barred)) <= best_ms(rank(times, barred))


@given(fleets())
def test_the_ranking_is_by_time_and_ties_are_by_id(fleet) -> None:
    times, barred = fleet
    ranked = rank(times, barred).ranked
    expected = sorted((t.eta_ms, t.team) for t in times if t.eta_ms is not None and t.team not in barred)
    assert [(candidate.eta_ms, candidate.team) for candidate in ranked] == expected


@given(fleets(), st.randoms(use_true_random=False))
def test_the_order_in_which_teams_are_named_changes_nothing(fleet, chance) -> None:
    times, barred = fleet
    shuffled, rows = list(times), list(barred.items())
    chance.shuffle(shuffled)
    chance.shuffle(rows)
    assert rank(shuffled, dict(rows)) == rank(times, barred)
    assert nearest(rank(shuffled, dict(rows))) == nearest(rank(times, barred))


@given(fleets())
def test_every_team_is_either_ranked_or_excluded_with_a_reason_and_never_both(fleet) -> None:
    times, barred = fleet
    ranking = rank(times, barred)
    named = [row.team for row in (*ranking.ranked, *ranking.excluded)]
    assert len(named) == len(set(named))
    assert set(named) == {time.team for time in times} | set(barred)
    assert {row.team: row.reason for row in ranking.excluded if row.team in barred} == barred
    assert all(row.reason in set(Reason) for row in ranking.excluded)


@given(fleets())
def test_a_candidate_carries_what_the_ground_said_of_it(fleet) -> None:
    times, barred = fleet
    said = {time.team: time for time in times}
    for row in rank(times, barred).ranked:
        time = said[row.team]
        for name in ("eta_ms", "road_m", "straight_m", "position", "fix", "fix_age_ms"):
            assert getattr(row, name) == getattr(time, name)


@given(fleets(most=30))
def test_the_choice_is_the_first_and_its_margin_and_straight_line_loss_are_right(fleet) -> None:
    times, barred = fleet
    free = [time for time in times if time.eta_ms is not None and time.team not in barred]
    chosen = nearest(rank(times, barred))
    if not free:
        assert chosen is None
        return
    assert chosen is not None
    candidate, choice = chosen
    by_time = sorted(free, key=lambda time: (time.eta_ms, time.team))
    by_air = min(free, key=lambda time: (time.straight_m, time.team))
    assert candidate.team == by_time[0].team
    assert choice.margin_ms == (by_time[1].eta_ms - by_time[0].eta_ms if len(free) > 1 else None)
    assert choice.straight_line_team == by_air.team
    assert choice.straight_line_loss_ms == by_air.eta_ms - by_time[0].eta_ms >= 0
    assert (choice.straight_line_loss_ms == 0) or choice.straight_line_team != candidate.team
    assert choice.ranked == rank(times, barred).ranked[:MAX_RANKED]
    assert len(choice.excluded) <= MAX_EXCLUDED


def test_without_a_candidate_there_is_no_straight_line_either() -> None:
    assert nearest_by_straight_line(()) is None
    assert nearest(Ranking((), ())) is None
