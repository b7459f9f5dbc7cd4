"""The joint assignment against everything that is allowed, and its laws."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from dispatch.assignment.candidates import Reason
from dispatch.assignment.joint import Assigned, Assignments, Kept, Lack, Shortfall, assign
from dispatch.assignment.problem import MAX_NEEDS, Engagement, Need, Phase, Policy, Rules, Unit
from dispatch.domain.holes import Hole
from dispatch.domain.types import FixSource, IncidentId, OrderId, TeamId, TeamKind, Urgency, Wave
from tests.assignment.questions import Question, everything, greedy, order_of, price, question, travel

SMALL = 3000
LARGE = 40


def answer(asked: Question) -> Assignments:
    return assign(asked.needs, asked.units, asked.times, asked.rules, asked.cover)


def teams_of(found: Assignments) -> tuple[str, ...]:
    chosen = []
    for row in found.rows:
        match row:
            case Assigned():
                chosen.append(row.candidate.team)
            case Kept():
                chosen.append(row.team)
            case Shortfall():
                chosen.append("~")
    return tuple(chosen)


def check_against_everything(asked: Question) -> None:
    found = answer(asked)
    best, teams = min(everything(asked))
    assert [row.need for row in found.rows] == order_of(asked.needs)
    assert found.objective == best
    assert teams_of(found) == teams, "of equal ones the first by id"


@pytest.mark.parametrize("part", range(6))
def test_it_equals_the_best_of_everything_on_thousands_of_small_questions(part: int) -> None:
    for seed in range(part, SMALL, 6):
        check_against_everything(question(seed, 4, 5))


@pytest.mark.slow
def test_it_equals_the_best_of_everything_at_six_by_six() -> None:
    for seed in range(LARGE):
        check_against_everything(question(10_000 + seed, 6, 6, full=True))
    for seed in range(3 * LARGE):
        check_against_everything(question(20_000 + seed, 6, 6))


def test_greedy_is_never_better_and_often_worse() -> None:
    worse = 0
    for seed in range(2000):
        asked = question(30_000 + seed, 8, 10)
        found, plain = answer(asked).objective, greedy(asked)
        assert found <= plain
        worse += found < plain
    assert worse > 100, "the questions are hard enough to tell the two apart"


def test_one_more_team_never_makes_it_worse() -> None:
    compared = 0
    for seed in range(1500):
        asked = question(40_000 + seed, 6, 8)
        idle = [unit for unit in asked.units if unit.engagement is None]
        if not idle:
            continue
        gone = random.Random(seed).choice(idle)
        without = replace(asked, units=[unit for unit in asked.units if unit.team != gone.team])
        more, less = answer(asked).objective, answer(without).objective
        assert more[:-2] <= less[:-2], "above rest, always"
        waits = {unit.last_order_ms or 0 for unit in asked.units}
        if {unit.last_order_ms or 0 for unit in without.units} == waits:
            assert more <= less, "in every digit, where the ranks of rest are the same"
            compared += 1
    assert compared > 500


def test_the_prices_prove_the_answer_at_any_size() -> None:
    for seed in range(60):
        asked = question(50_000 + seed, 30, 60, full=True)
        assert answer(asked).proof.holds()


def test_a_proof_of_another_answer_does_not_hold() -> None:
    spoilt = 0
    for seed in range(300):
        proof = answer(question(60_000 + seed, 6, 6)).proof
        column = list(proof.matching.column)
        for at, taken in enumerate(column):
            if taken is not None:
                column[at] = None
                assert not replace(proof, matching=replace(proof.matching, column=tuple(column))).holds()
                spoilt += 1
                break
    assert spoilt > 100


def test_the_order_in_which_they_are_named_changes_nothing() -> None:
    chance = random.Random(7)
    for seed in range(300):
        asked = question(70_000 + seed)
        needs, units = list(asked.needs), list(asked.units)
        chance.shuffle(needs)
        chance.shuffle(units)
        again = assign(needs, units, dict(reversed(asked.times.items())), asked.rules, asked.cover)
        before = answer(asked)
        assert (again.rows, again.recalls, again.objective) == (before.rows, before.recalls, before.objective)


def test_every_row_is_allowed_explained_and_no_team_goes_twice() -> None:
    for seed in range(1500):
        asked = question(80_000 + seed)
        found = answer(asked)
        gone = [team for team in teams_of(found) if team != "~"]
        assert len(gone) == len(set(gone))
        units = {unit.team: unit for unit in asked.units}
        for row in found.rows:
            named = {unit.team for unit in asked.units}
            if isinstance(row, Kept):
                assert row.team == row.need.held_by
            elif isinstance(row, Shortfall):
                assert {each.team for each in row.excluded} == named
                assert row.reason in set(Lack)
            else:
                unit = units[row.candidate.team]
                assert price(asked, row.need, unit) is not None
                assert row.diverted_from == unit.engagement
                assert row.preempted == (unit.on_task and unit.engagement is None)
                assert row.replaces == row.need.held_by
                ranked = {each.team for each in row.choice.ranked}
                left_out = {each.team for each in row.choice.excluded}
                assert not ranked & left_out
                assert row.candidate in row.choice.ranked
                assert ranked | left_out | ({row.need.held_by} - {None}) == named


def test_a_recalled_order_is_that_of_a_team_that_was_taken_or_replaced_and_named_once() -> None:
    seen = 0
    for seed in range(1500):
        asked = question(90_000 + seed)
        found = answer(asked)
        expected = set()
        for row in found.rows:
            if isinstance(row, Assigned):
                expected |= {row.diverted_from.order} if row.diverted_from else set()
                expected |= {OrderId(f"O-{row.replaces}")} if row.replaces else set()
        assert set(found.recalls) == expected
        assert len(found.recalls) == len(expected)
        seen += len(expected)
    assert seen > 50


# ── stories: one claim each ───────────────────────────────────────────────────────────────────────────────────

NO_CHANCE = random.Random(0)


def need(name: str, urgency: Urgency = Urgency.URGENT, **more: object) -> Need:
    fields = {"incident": IncidentId(name), "wave": Wave.W1, "urgency": urgency, "target_ms": 300_000}
    return Need(**(fields | more))  # type: ignore[arg-type]


def unit(name: str, **more: object) -> Unit:
    fields = {"team": TeamId(name), "kind": TeamKind.VILLAGE}
    return Unit(**(fields | more))  # type: ignore[arg-type]


def live(incident: str, urgency: Urgency, phase: Phase = Phase.EN_ROUTE) -> Engagement:
    return Engagement(
        incident=IncidentId(incident), order=OrderId(f"O{incident}"), urgency=urgency, wave=Wave.W1, phase=phase
    )


def table(**rows: dict[str, int]) -> dict:
    return {
        (IncidentId(incident), TeamId(team)): replace_fix(travel(TeamId(team), eta_ms, NO_CHANCE))
        for incident, row in rows.items()
        for team, eta_ms in row.items()
    }


def replace_fix(time):
    return time._replace(fix_age_ms=0)


def sent(found: Assignments) -> dict[str, str]:
    return {row.need.incident: team for row, team in zip(found.rows, teams_of(found), strict=True)}


def test_j01_two_incidents_at_once_are_better_than_one_after_the_other() -> None:
    times = table(I1={"A": 60_000, "B": 70_000}, I2={"A": 65_000, "B": 500_000})
    found = assign([need("I1"), need("I2")], [unit("A"), unit("B")], times)
    assert sent(found) == {"I1": "B", "I2": "A"}


def test_j02_the_graver_incident_has_the_first_choice_whatever_it_costs_the_other() -> None:
    times = table(I1={"A": 60_000, "B": 70_000}, I2={"A": 65_000, "B": 500_000})
    found = assign([need("I1", Urgency.CRITICAL), need("I2")], [unit("A"), unit("B")], times)
    assert sent(found) == {"I1": "A", "I2": "B"}


def test_j03_a_team_under_way_is_diverted_to_a_graver_incident_and_its_own_gets_another_in_one_decision() -> None:
    times = table(I1={"A": 200_000, "B": 300_000}, I2={"A": 30_000, "B": 400_000})
    needs = [need("I1", Urgency.ROUTINE, held_by=TeamId("A")), need("I2", Urgency.CRITICAL)]
    found = assign(needs, [unit("A", engagement=live("I1", Urgency.ROUTINE)), unit("B")], times)
    assert sent(found) == {"I2": "A", "I1": "B"}
    assert found.recalls == ("OI1",)
    row = found.rows[0]
    assert isinstance(row, Assigned)
    assert row.diverted_from is not None
    assert row.diverted_from.incident == "I1"


def test_j04_a_diversion_that_saves_less_than_the_gain_is_not_made() -> None:
    needs = [need("I1", Urgency.ROUTINE, held_by=TeamId("A")), need("I2", Urgency.CRITICAL)]
    units = [unit("A", engagement=live("I1", Urgency.ROUTINE)), unit("B")]
    for saved_ms, team in ((59_999, "B"), (60_001, "A")):
        times = table(I1={"A": 200_000, "B": 300_000}, I2={"A": 100_000, "B": 100_000 + saved_ms})
        assert sent(assign(needs, units, times))["I2"] == team


@pytest.mark.parametrize("phase", [Phase.OFFERED, Phase.ACCEPTED, Phase.EN_ROUTE, Phase.ON_SCENE])
def test_j05_nobody_leaves_a_scene_and_nobody_is_diverted_to_an_equally_grave_incident(phase: Phase) -> None:
    times = table(I2={"A": 10_000})
    for urgency, may in ((Urgency.CRITICAL, phase is not Phase.ON_SCENE), (Urgency.URGENT, False)):
        found = assign([need("I2", urgency)], [unit("A", engagement=live("I1", Urgency.URGENT, phase))], times)
        assert sent(found) == {"I2": "A" if may else "~"}
        if not may:
            row = found.rows[0]
            assert isinstance(row, Shortfall)
            assert row.reason is Lack.ALL_BUSY


def test_j06_who_is_on_the_way_stays_on_the_way_unless_much_is_saved() -> None:
    needs = [need("I1", held_by=TeamId("A"))]
    units = [unit("A", engagement=live("I1", Urgency.URGENT)), unit("B")]
    for saved_ms, kept in ((119_999, True), (120_001, False)):
        found = assign(needs, units, table(I1={"A": 200_000, "B": 200_000 - saved_ms}))
        assert isinstance(found.rows[0], Kept) is kept
        assert found.recalls == (() if kept else ("OI1",))


def test_j07_a_team_on_a_duty_task_goes_only_where_it_saves_more_than_the_interruption() -> None:
    for saved_ms, team in ((29_999, "B"), (30_001, "A")):
        times = table(I1={"A": 70_000 - saved_ms, "B": 70_000})
        found = assign([need("I1")], [unit("A", on_task=True), unit("B")], times)
        assert sent(found) == {"I1": team}
    found = assign([need("I1")], [unit("A", on_task=True)], table(I1={"A": 1}), Rules(preempt_tasks=False))
    assert isinstance(found.rows[0], Shortfall)
    assert found.rows[0].excluded[0].reason == Reason.ON_TASK


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"kinds": frozenset({TeamKind.DEDICATED})}, Reason.WRONG_CLASS),
        ({"skills": frozenset({"boat"})}, Reason.LACKS_SKILL),
        ({"vehicle": "van"}, Reason.WRONG_VEHICLE),
        ({"staff": 3}, Reason.UNDERSTAFFED),
        ({"barred": {TeamId("A"): Reason.DECLINED_BEFORE}}, Reason.DECLINED_BEFORE),
    ],
)
def test_j08_a_gate_excludes_the_nearest_team_and_says_why(asked: dict, reason: Reason) -> None:
    able = unit("B", kind=TeamKind.DEDICATED, skills=frozenset({"boat"}), vehicle="van", staff=4)
    found = assign([need("I1", **asked)], [unit("A"), able], table(I1={"A": 1, "B": 200_000}))
    row = found.rows[0]
    assert isinstance(row, Assigned)
    assert row.candidate.team == "B"
    assert [(each.team, each.reason) for each in row.choice.excluded] == [("A", reason)]


def test_j09_with_the_coverage_policy_the_team_within_the_target_that_opens_the_smallest_hole_goes() -> None:
    times = table(I1={"A": 60_000, "B": 250_000, "C": 320_000})
    cover = {
        TeamId(name): Hole(team=TeamId(name), loss_micro=loss)
        for name, loss in zip("ABC", (900, 10, 0), strict=True)
    }
    crew = [unit("A"), unit("B"), unit("C")]
    plain = assign([need("I1")], crew, times, Rules(), cover).rows[0]
    aware = assign([need("I1")], crew, times, Rules(policy=Policy.COVERAGE), cover).rows[0]
    assert isinstance(plain, Assigned)
    assert isinstance(aware, Assigned)
    assert (plain.candidate.team, aware.candidate.team) == ("A", "B")
    for row in (plain, aware):
        assert [(each.eta_ms, each.loss_micro) for each in row.choice.ranked] == [
            (60_000, 900),
            (250_000, 10),
            (320_000, 0),
        ]
    assert (plain.choice.margin_ms, aware.choice.margin_ms) == (190_000, -190_000)
    late = assign([need("I1", target_ms=50_000)], crew, times, Rules(policy=Policy.COVERAGE), cover)
    assert sent(late) == {"I1": "A"}, "where nobody is in time the nearest goes"


def test_j10_of_equal_times_the_team_that_rested_longest_goes_then_the_first_by_id() -> None:
    times = table(I1={"A": 50_000, "B": 50_000, "C": 58_000})
    rested = [unit("A", last_order_ms=9), unit("B", last_order_ms=5), unit("C")]
    assert sent(assign([need("I1")], rested, times)) == {"I1": "B"}
    assert sent(assign([need("I1")], [unit("A"), unit("B"), unit("C")], times)) == {"I1": "A"}
    assert sent(assign([need("I1")], rested, times, Rules(rest_window_ms=10_000))) == {"I1": "C"}


def test_j11_a_stale_fix_counts_with_its_drift_and_says_so() -> None:
    fresh = replace_fix(travel(TeamId("A"), 60_000, NO_CHANCE))
    times = table(I1={"B": 70_000})
    stale = type(fresh)(
        team=TeamId("A"), position=fresh.position, fix=FixSource.FIX, fix_age_ms=90_000,
        straight_m=400, eta_ms=60_000, road_m=500, reason=None,
    )  # fmt: skip
    times[IncidentId("I1"), TeamId("A")] = stale
    row = assign([need("I1")], [unit("A"), unit("B")], times).rows[0]
    assert isinstance(row, Assigned)
    assert row.candidate.team == "B"
    late = row.choice.ranked[1]
    assert (late.eta_ms, late.drift_ms) == (60_000 + 90_000, 90_000)  # 90 s at 8 m/s away, 90 s back


def test_j12_several_slots_of_one_incident_get_different_teams() -> None:
    times = table(I1={"A": 1, "B": 2, "C": 3})
    found = assign([need("I1", slot=1), need("I1", slot=2)], [unit(name) for name in "ABC"], times)
    assert set(teams_of(found)) == {"A", "B"}


def test_j13_more_needs_than_the_limit_are_answered_the_gravest_first() -> None:
    many = [need(f"I{number:04d}", Urgency.ROUTINE) for number in range(MAX_NEEDS)]
    found = assign([*many, need("I9999", Urgency.CRITICAL)], [unit("A")], table(I9999={"A": 5}))
    assert sent(found)["I9999"] == "A"
    last = found.rows[-1]
    assert isinstance(last, Shortfall)
    assert last.reason is Lack.TOO_MANY


def test_j14_the_reason_of_a_shortfall_names_what_the_desk_could_change() -> None:
    cases = [
        ([], Lack.NO_TEAM),
        ([unit("A", on_shift=False)], Lack.ALL_OFF_DUTY),
        ([unit("A", on_shift=False), unit("B", engagement=live("I7", Urgency.URGENT))], Lack.ALL_BUSY),
        ([unit("A")], Lack.NONE_CAN_REACH),
        ([unit("A", staff=1)], Lack.NONE_ABLE),
    ]
    for crew, reason in cases:
        row = assign([need("I1", staff=2)], crew, {}).rows[0]
        assert isinstance(row, Shortfall)
        assert row.reason is reason


@pytest.mark.parametrize(("sooner_ms", "goes"), [(29_999, "T2"), (30_001, "T1")])
def test_a_team_that_no_tablet_reaches_goes_where_it_is_sooner_by_more_than_its_order_may_lie_unseen(
    sooner_ms: int, goes: str
) -> None:
    chance = random.Random(0)
    here, one, two = IncidentId("I1"), TeamId("T1"), TeamId("T2")
    need = Need(incident=here, wave=Wave.W1, urgency=Urgency.URGENT, target_ms=300_000)
    units = [Unit(team=one, kind=TeamKind.VILLAGE), Unit(team=two, kind=TeamKind.VILLAGE)]
    times = {
        (here, one): travel(one, 60_000, chance)._replace(fix_age_ms=0, unreached=True),
        (here, two): travel(two, 60_000 + sooner_ms, chance)._replace(fix_age_ms=0, unreached=False),
    }
    (row,) = assign([need], units, times).rows
    assert isinstance(row, Assigned) and row.candidate.team == goes
    told = {candidate.team: candidate.unreached for candidate in row.choice.ranked}
    assert told == {one: True, two: False}, "who looks at the choice sees why the nearer one was passed over"
