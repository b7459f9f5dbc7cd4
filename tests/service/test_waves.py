"""Stories of force: waves that follow, teams that are diverted or called off, and what an operator does by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.assignment.candidates import Reason
from dispatch.assignment.problem import Policy, Rules
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.duty_machine import Duty
from dispatch.domain.incident_machine import IncidentStatus
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code
from dispatch.domain.state import Order
from dispatch.domain.types import IncidentId, IncidentKind, Mode, Shift, TeamId, TeamKind, Urgency, Wave
from dispatch.service.settings import DeskSettings
from tests.service.driver import TOWN, DeskDriver, Table, register
from tests.service.random_day import PLANS

ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE = (
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
)
# seconds to        the mill   the school
CITY = Table(
    {
        "V1": {"mill": 60, "school": 200},
        "V2": {"mill": 120, "school": 100},
        "V3": {"mill": 400, "school": 500},
        "D1": {"mill": 240, "school": 300},
        "S1": {"mill": 300, "school": 360},
        "S2": {"mill": 330, "school": 390},
        "X1": {"mill": 900, "school": 900},
    }
)
CLASS = {"V": TeamKind.VILLAGE, "D": TeamKind.DEDICATED, "S": TeamKind.STATION, "X": TeamKind.DISTRICT}


def city(*teams: str, mode: Mode = Mode.AUTO, **facts: object) -> DeskDriver:
    desk = DeskDriver(CITY, DeskSettings(plans=PLANS, mode=mode))
    for team in teams or CITY.seconds:
        desk.applied(replace(register(team), unit=CLASS[team[0]], **facts))
        desk.applied(cmd.StartDuty(team=TeamId(team)))
    return desk


def report(desk: DeskDriver, place: str, what: IncidentKind, urgency: Urgency = Urgency.URGENT) -> IncidentId:
    where = desk.ground.point(place)
    return IncidentId(desk.applied(cmd.ReportIncident(where=where, what=what, urgency=urgency)).subject)


def sent(desk: DeskDriver, incident: str) -> list[tuple[str, str]]:
    """Who is under way or there, and in which wave."""
    return [(order.team, str(order.wave)) for order in desk.state.live_orders(IncidentId(incident))]


def order_of(desk: DeskDriver, team: str) -> Order:
    return desk.state.orders[desk.state.live_order_of[TeamId(team)]]


def kinds(facts: object) -> list[str]:
    return [fact.kind for fact in facts]  # type: ignore[attr-defined]


# ── waves ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_w01_a_fight_is_sent_two_street_teams_at_once() -> None:
    desk = city()
    assert sent(desk, report(desk, "mill", IncidentKind.FIGHT)) == [("V1", "W1"), ("V2", "W1")]


def test_w02_a_critical_fight_is_sent_its_second_wave_with_the_report() -> None:
    desk = city()
    incident = report(desk, "mill", IncidentKind.FIGHT, Urgency.CRITICAL)
    assert sent(desk, incident) == [("V1", "W1"), ("V2", "W1"), ("D1", "W2")]
    opened = desk.state.incidents[incident].waves
    assert [(one.wave, one.reason) for one in opened] == [(Wave.W1, "reported"), (Wave.W2, "urgency")]
    assert order_of(desk, "D1").deadline_ms == desk.now_ms + 60_000, "the second wave has its own time to accept"


def test_w03_where_a_street_team_is_silent_the_next_is_asked_and_the_second_wave_is_called() -> None:
    desk = city()
    incident = report(desk, "mill", IncidentKind.ALARM)
    facts = desk.pass_time(desk.settings.accept_within_ms)
    assert kinds(facts) == ["order_expired", "wave_opened", "order_offered", "order_offered"]
    assert sent(desk, incident) == [("V2", "W1"), ("D1", "W2")]


def test_w04_nobody_there_by_the_target_calls_the_second_wave_once_and_an_arrival_stops_it() -> None:
    for arrives in (False, True):
        desk = city()
        incident = report(desk, "mill", IncidentKind.DISPUTE)
        order = order_of(desk, "V1")
        desk.walk(order.order, ACCEPT, DEPART, *([ARRIVE] if arrives else []))
        reported_ms, target_ms = desk.state.incidents[incident].reported_at_ms, 300_000
        assert desk.pass_time(reported_ms + target_ms - 1 - desk.now_ms) == []
        facts = desk.pass_time(1)
        assert kinds(facts) == ([] if arrives else ["wave_opened", "order_offered"])
        desk.crash()
        later = desk.pass_time(3_600_000)
        assert "wave_opened" not in kinds(later), "a deadline fires once"


def test_w05_help_calls_the_next_wave_then_the_last_one_once_more_and_is_never_refused() -> None:
    desk = city()
    incident = report(desk, "mill", IncidentKind.DISPUTE)
    order = desk.walk(order_of(desk, "V1").order, ACCEPT, DEPART, ARRIVE)
    for number in range(8):
        desk.pass_time(31_000)
        wish = cmd.AskForHelp(order=order.order, team=order.team, occurred_at_ms=desk.now_ms, note="more")
        facts = desk.applied(wish).events
        assert kinds(facts)[0] == "help_asked"
        assert ("wave_opened" in kinds(facts)) == (number < 5), "six calls at most, whatever the plan"
    assert {"D1", "S1", "S2"} <= {team for team, _ in sent(desk, incident)}
    assert desk.refused(cmd.CallWave(incident=incident)) is Code.NO_FURTHER_WAVE


def test_w06_help_asked_twice_in_one_breath_is_asked_once_and_an_unaccepted_order_cannot_ask() -> None:
    desk = city()
    report(desk, "mill", IncidentKind.DISPUTE)
    order = order_of(desk, "V1")
    wish = cmd.AskForHelp(order=order.order, team=order.team, occurred_at_ms=desk.now_ms)
    assert desk.refused(wish) is Code.WRONG_STATE
    desk.walk(order.order, ACCEPT)
    assert desk.applied(wish).kind == "applied"
    assert desk.applied(replace(wish, note="again")).kind == "superseded"
    assert desk.refused(replace(wish, team=TeamId("V2"))) is Code.NOT_YOUR_ORDER


def test_w07_a_wave_that_nobody_can_fill_calls_the_next_one_and_the_rest_is_told() -> None:
    desk = city("V1", "S1")
    incident = report(desk, "mill", IncidentKind.FIGHT)
    assert sent(desk, incident) == [("V1", "W1"), ("S1", "W2")]
    waiting = desk.rows()[-1].event
    assert isinstance(waiting, ev.IncidentWaiting)
    assert waiting.short == (Wave.W1,)
    reasons = {row.team: row.reason for row in waiting.excluded}
    assert reasons == {"V1": Reason.BUSY, "S1": Reason.WRONG_CLASS}


# ── who fits ──────────────────────────────────────────────────────────────────────────────────────────────


def test_w08_the_hours_of_a_shift_are_kept_by_the_clock_of_the_place() -> None:
    desk = DeskDriver(TOWN)
    minute = (desk.now_ms // 60_000 + 480) % 1440
    shift = Shift(minute, (minute + 10) % 1440)
    desk.applied(replace(register("T1"), shift=shift))
    desk.applied(cmd.StartDuty(team=TeamId("T1")))
    desk.register("T2")
    assert desk.asked(desk.report("mill")) == ["T1"]
    desk.walk(order_of(desk, "T1").order, ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE)
    desk.pass_time(600_000)
    incident = desk.report("mill")
    assert desk.asked(incident) == ["T2"]
    excluded = order_of(desk, "T2").choice.excluded
    assert ev.Exclusion(team=TeamId("T1"), reason=Reason.OFF_DUTY) in excluded


# ── diversion, tasks ──────────────────────────────────────────────────────────────────────────────────────


def test_w09_a_team_under_way_is_taken_for_a_graver_incident_and_the_first_one_is_not_forgotten() -> None:
    """V1 ──▶ school (routine) … and the mill (critical) is on its way: recall and new offer in one decision."""
    desk = city("V1", "V3")
    routine = report(desk, "mill", IncidentKind.THEFT, Urgency.ROUTINE)
    first = order_of(desk, "V1")
    desk.walk(first.order, ACCEPT, DEPART)
    head = desk.log.head()
    critical = report(desk, "mill", IncidentKind.DISPUTE, Urgency.CRITICAL)
    assert sent(desk, critical) == [("V1", "W1")]
    assert sent(desk, routine) == [("V3", "W1")]
    facts = [row.event for row in desk.rows(head)]
    assert kinds(facts) == ["incident_reported", "order_recalled", "order_offered", "order_offered"]
    recalled = desk.state.orders[first.order]
    assert (recalled.status, recalled.end_reason) == (OrderStatus.RECALLED, "diverted")
    assert order_of(desk, "V1").replaces == first.order


@pytest.mark.parametrize("steps", [(ACCEPT, DEPART, ARRIVE), (ACCEPT, DEPART, ARRIVE, REPORT_BACK)])
def test_w10_a_team_on_the_scene_is_not_taken_away_however_grave_the_other_is(steps: tuple) -> None:
    desk = city("V1")
    routine = report(desk, "mill", IncidentKind.THEFT, Urgency.ROUTINE)
    desk.walk(order_of(desk, "V1").order, *steps)
    critical = report(desk, "mill", IncidentKind.OTHER, Urgency.CRITICAL)
    assert sent(desk, routine) == [("V1", "W1")]
    assert desk.state.incidents[critical].waiting_reason is not None


def test_w11_a_team_on_a_duty_task_is_called_off_but_an_idle_one_a_little_farther_goes_first() -> None:
    desk = DeskDriver(Table({"A": {"x": 100}, "B": {"x": 120}}))
    desk.register("A", "B")
    now_and_later = {"starts_at_ms": desk.now_ms, "ends_at_ms": desk.now_ms + 3_600_000}
    desk.applied(cmd.PlanTask(team=TeamId("A"), task="fire check", **now_and_later))
    assert kinds(desk.pass_time(0)) == ["task_started"]
    assert desk.asked(desk.report("x")) == ["B"]
    facts = desk.applied(desk.reporting("x")).events
    assert kinds(facts) == ["incident_reported", "task_ended", "order_offered"]
    assert desk.state.teams[TeamId("A")].duty is Duty.ON_PATROL
    assert desk.state.teams[TeamId("A")].task is None


def test_w12_a_task_ends_at_its_time_or_is_missed_once_also_over_a_restart() -> None:
    for busy in (False, True):
        desk = DeskDriver(TOWN)
        desk.register("T1")
        if busy:
            desk.report("mill")
            desk.walk(order_of(desk, "T1").order, ACCEPT)
        start_ms = desk.now_ms + 10_000
        desk.applied(cmd.PlanTask(team=TeamId("T1"), task="x", starts_at_ms=start_ms, ends_at_ms=start_ms + 60_000))
        desk.crash()
        facts = desk.pass_time(3_600_000)
        task_facts = [fact for fact in facts if fact.kind.startswith("task_")]
        assert kinds(task_facts) == (["task_ended"] if busy else ["task_started", "task_ended"])
        assert task_facts[-1].reason == ("missed" if busy else "time")  # type: ignore[union-attr]


# ── an operator confirms ──────────────────────────────────────────────────────────────────────────────────


def test_w13_a_recommendation_alerts_nobody_until_it_is_confirmed_and_stays_in_the_fact() -> None:
    desk = city(mode=Mode.RECOMMEND)
    incident = report(desk, "mill", IncidentKind.FIGHT)
    assert not desk.state.orders
    known = desk.state.incidents[incident]
    assert known.waiting_reason == "unconfirmed"
    assert [(pick.team, pick.wave, pick.eta_ms) for pick in known.recommended] == [
        ("V1", Wave.W1, 60_000),
        ("V2", Wave.W1, 120_000),
    ]
    head = desk.log.head()
    desk.pass_time(299_000)
    assert desk.rows(head) == [], "the same recommendation is not written again and again"
    said = cmd.ConfirmRecommendation(incident=incident, teams=(TeamId("V1"), TeamId("V2")))
    facts = desk.applied(said).events
    assert kinds(facts)[:3] == ["recommendation_confirmed", "order_offered", "order_offered"]
    assert {order.by for order in desk.state.orders.values()} == {"operator"}
    assert order_of(desk, "V1").choice == known.recommended[0].choice


def test_w14_what_is_confirmed_must_be_what_is_recommended_now() -> None:
    desk = city(mode=Mode.RECOMMEND)
    incident = report(desk, "mill", IncidentKind.DISPUTE)
    for teams in ((), ("V2",), ("V1", "V2")):
        said = cmd.ConfirmRecommendation(incident=incident, teams=tuple(TeamId(team) for team in teams))
        assert desk.refused(said) is Code.RECOMMENDATION_CHANGED
    desk.applied(cmd.EndDuty(team=TeamId("V1")))
    stale = cmd.ConfirmRecommendation(incident=incident, teams=(TeamId("V1"),))
    assert desk.refused(stale) is Code.RECOMMENDATION_CHANGED
    desk.pass_time(desk.settings.retry_after_ms)
    assert [pick.team for pick in desk.state.incidents[incident].recommended] == ["V2"]


# ── by hand, and undone ───────────────────────────────────────────────────────────────────────────────────


def test_w15_an_operator_may_send_whom_the_plan_would_not_and_the_reason_is_kept() -> None:
    desk = city()
    incident = report(desk, "mill", IncidentKind.DISPUTE)
    facts = desk.applied(cmd.SendTeam(incident=incident, team=TeamId("X1"), reason="speaks Yi")).events
    assert kinds(facts) == ["override_noted", "order_offered"]
    order = order_of(desk, "X1")
    assert (order.by, order.choice.policy) == ("operator", "manual")
    assert order.choice.margin_ms is not None and order.choice.margin_ms < 0, "the nearest would come sooner"
    assert facts[0] == ev.OverrideNoted(incident=incident, about=TeamId("X1"), reason="speaks Yi")


def test_w16_sending_a_busy_team_by_hand_recalls_its_order_and_its_incident_gets_another() -> None:
    desk = city("V1", "V2")
    first = report(desk, "mill", IncidentKind.DISPUTE)
    second = report(desk, "school", IncidentKind.OTHER)
    assert (sent(desk, first), sent(desk, second)) == ([("V1", "W1")], [("V2", "W1")])
    desk.applied(cmd.SendTeam(incident=second, team=TeamId("V1"), reason="both are needed"))
    assert {team for team, _ in sent(desk, second)} == {"V1", "V2"}
    assert desk.state.incidents[first].waiting_reason is not None


def test_w17_only_the_impossible_is_refused() -> None:
    desk = DeskDriver(Table({"A": {"x": 10}, "B": {"x": Reason.NO_WAY}}))
    desk.register("A", "B")
    desk.applied(register("C"))
    incident = desk.report("x")
    refusals = [
        (cmd.SendTeam(incident=incident, team=TeamId("B"), reason="r"), Code.CANNOT_REACH),
        (cmd.SendTeam(incident=incident, team=TeamId("C"), reason="r"), Code.TEAM_OFF_DUTY),
        (cmd.SendTeam(incident=incident, team=TeamId("Z"), reason="r"), Code.UNKNOWN_TEAM),
        (cmd.SendTeam(incident=IncidentId("I9"), team=TeamId("A"), reason="r"), Code.UNKNOWN_INCIDENT),
    ]
    for command, code in refusals:
        assert desk.refused(command) is code
    assert desk.applied(cmd.SendTeam(incident=incident, team=TeamId("A"), reason="r")).kind == "superseded"
    desk.applied(cmd.CloseIncident(incident=incident))
    assert desk.refused(cmd.SendTeam(incident=incident, team=TeamId("A"), reason="r")) is Code.INCIDENT_NOT_OPEN


def test_w18_a_recalled_team_is_not_asked_again_and_the_recall_can_be_undone_within_its_time() -> None:
    desk = city("V1", "V2")
    incident = report(desk, "mill", IncidentKind.DISPUTE)
    order = order_of(desk, "V1")
    desk.applied(cmd.RecallOrder(order=order.order, reason="wrong team"))
    assert sent(desk, incident) == [("V2", "W1")]
    desk.pass_time(desk.settings.undo_within_ms - 1)
    desk.applied(cmd.UndoOrder(order=order.order))
    assert sent(desk, incident) == [("V1", "W1")], "the one offered in its place had not accepted and is recalled"
    assert desk.state.orders[order.order].status is OrderStatus.RECALLED, "the facts remain"


def test_w19_after_its_time_an_undo_is_refused_and_nothing_of_the_desks_own_is_undone() -> None:
    desk = city("V1", "V2")
    incident = report(desk, "mill", IncidentKind.DISPUTE)
    assert desk.refused(cmd.UndoOrder(order=order_of(desk, "V1").order)) is Code.NOTHING_TO_UNDO
    desk.applied(cmd.SendTeam(incident=incident, team=TeamId("V2"), reason="r"))
    desk.walk(order_of(desk, "V2").order, ACCEPT)
    desk.pass_time(desk.settings.undo_within_ms)
    assert desk.refused(cmd.UndoOrder(order=order_of(desk, "V2").order)) is Code.UNDO_TOO_LATE


def test_w20_a_closing_can_be_undone_for_a_while_and_who_goes_is_decided_anew() -> None:
    desk = city("V1", "V2")
    incident = report(desk, "mill", IncidentKind.DISPUTE)
    desk.walk(order_of(desk, "V1").order, ACCEPT, DEPART)
    desk.applied(cmd.CloseIncident(incident=incident))
    desk.pass_time(desk.settings.undo_within_ms)
    desk.applied(cmd.ReopenIncident(incident=incident))
    assert desk.state.incidents[incident].status is IncidentStatus.OPEN
    assert sent(desk, incident) == [("V1", "W1")]
    desk.applied(cmd.CloseIncident(incident=incident))
    desk.pass_time(desk.settings.undo_within_ms + 1)
    assert desk.refused(cmd.ReopenIncident(incident=incident)) is Code.UNDO_TOO_LATE


# ── the same incident, reported twice ─────────────────────────────────────────────────────────────────────


def test_w21_a_second_report_near_in_place_time_and_kind_is_offered_as_the_same() -> None:
    desk = city()
    first = report(desk, "mill", IncidentKind.FIGHT)
    assert desk.state.incidents[report(desk, "mill", IncidentKind.FIGHT)].similar == (first,)
    assert desk.state.incidents[report(desk, "mill", IncidentKind.OTHER)].similar[0] == first
    assert desk.state.incidents[report(desk, "mill", IncidentKind.THEFT)].similar != (first,)
    assert desk.state.incidents[report(desk, "school", IncidentKind.FIGHT)].similar == ()
    desk.pass_time(desk.settings.same_within_ms + 1)
    assert first not in desk.state.incidents[report(desk, "mill", IncidentKind.FIGHT)].similar


def test_w22_orders_of_a_merged_incident_go_on_and_end_the_one_that_is_left() -> None:
    desk = city("V1", "V2")
    first, again = report(desk, "mill", IncidentKind.DISPUTE), report(desk, "mill", IncidentKind.DISPUTE)
    desk.applied(cmd.MergeIncidents(incident=again, into=first))
    assert desk.state.incidents[again].status is IncidentStatus.MERGED
    assert {team for team, _ in sent(desk, first)} == {"V1", "V2"}
    for team in ("V1", "V2"):
        order = order_of(desk, team)
        desk.walk(order.order, ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE)
    assert desk.state.incidents[first].status is IncidentStatus.CLOSED
    assert desk.refused(cmd.UnmergeIncident(incident=again)) is Code.INCIDENT_NOT_OPEN


def test_w23_merging_into_one_that_waits_ends_its_waiting_and_unmerging_begins_it_again() -> None:
    desk = city("V1")
    served, waits = report(desk, "mill", IncidentKind.DISPUTE), report(desk, "mill", IncidentKind.DISPUTE)
    assert desk.state.incidents[waits].waiting_reason == "all_busy"
    facts = desk.applied(cmd.MergeIncidents(incident=served, into=waits)).events
    assert kinds(facts) == ["incident_merged", "waiting_ended"]
    desk.applied(cmd.UnmergeIncident(incident=served))
    assert desk.state.incidents[waits].waiting_reason == "all_busy"
    assert sent(desk, served) == [("V1", "W1")]
    assert desk.refused(cmd.MergeIncidents(incident=served, into=served)) is Code.SAME_INCIDENT
    assert ORDER.live(order_of(desk, "V1").status)


# ── the hole that sending opens ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("policy", "goes"), [(Policy.NEAREST, "A"), (Policy.COVERAGE, "B")])
def test_w24_a_fact_shows_the_hole_and_the_coverage_policy_sends_whom_the_town_misses_least(
    policy: Policy, goes: str
) -> None:
    """A is nearest and covers much; B comes in time too and covers nothing; C would be too late."""
    ground = Table({"A": {"x": 60}, "B": {"x": 200}, "C": {"x": 400}}, loss_micro={"A": 900_000, "B": 0, "C": 0})
    desk = DeskDriver(ground, DeskSettings(rules=Rules(policy=policy)))
    desk.register("A", "B", "C")
    (order,) = desk.state.live_orders(desk.report("x"))
    assert order.team == goes
    assert order.choice.hole is not None
    assert order.choice.hole.loss_micro == ground.loss_micro[goes]
    assert {one.team: one.loss_micro for one in order.choice.ranked} == {"A": 900_000, "B": 0, "C": 0}
