"""Stories that an adversary told: each was wrong once, and each is a place where it must not go wrong again."""

from __future__ import annotations

import pytest

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.incident_machine import IncidentStatus
from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import Order
from dispatch.domain.types import IncidentId, IncidentKind, Mode, TeamId, Urgency
from dispatch.service.needs import MAX_JOINT, SERVED
from dispatch.service.settings import DeskSettings
from tests.service.driver import TOWN, DeskDriver, Table
from tests.service.test_waves import city, kinds, order_of, report, sent

ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE = FULL = (
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
)


def town(*teams: str, mode: Mode = Mode.AUTO, ground: Table = TOWN) -> DeskDriver:
    desk = DeskDriver(ground, DeskSettings(mode=mode))
    desk.register(*teams)
    return desk


def teams_at(desk: DeskDriver, incident: IncidentId) -> list[str]:
    return [order.team for order in desk.state.live_orders(incident)]


def reason_of(desk: DeskDriver, incident: IncidentId) -> str | None:
    return desk.state.incidents[incident].waiting_reason


def send(desk: DeskDriver, incident: IncidentId, team: str) -> Order:
    desk.applied(cmd.SendTeam(incident=incident, team=TeamId(team), reason="by hand"))
    return order_of(desk, team)


# ── reopened, merged ──────────────────────────────────────────────────────────────────────────────────────


def test_m01_a_reopened_incident_counts_no_order_of_before_not_of_a_merged_one_either() -> None:
    desk = town("T1", "T2", "T3")
    stays, same = desk.report("mill"), desk.report("mill")
    desk.applied(cmd.MergeIncidents(incident=same, into=stays))
    for team in ("T2", "T1"):
        desk.walk(order_of(desk, team).order, *FULL)
    assert desk.state.incidents[stays].status is IncidentStatus.CLOSED
    desk.applied(cmd.ReopenIncident(incident=stays))
    assert teams_at(desk, stays) == ["T1"], "somebody goes: what was done before does not count"
    desk.crash()
    assert teams_at(desk, stays) == ["T1"]


def test_m02_who_declined_a_merged_incident_is_not_asked_again_in_its_round_but_after_it() -> None:
    seconds = (60, 120, 180, 900)
    ground = Table({f"T{n}": {"mill": s} for n, s in enumerate(seconds, 1)})
    desk = town("T1", "T2", "T3", "T4", ground=ground)

    def decline(team: str) -> None:
        desk.applied(desk.answering(order_of(desk, team), OrderTrigger.DECLINE))

    into, same = desk.report("mill"), desk.report("mill")
    decline("T2")
    assert (teams_at(desk, into), teams_at(desk, same)) == (["T1"], ["T3"])
    desk.applied(cmd.MergeIncidents(incident=same, into=into))
    decline("T3")
    decline("T1")
    assert teams_at(desk, into) == ["T4"], "T2 and T3 have declined the one that was merged"
    decline("T4")
    assert reason_of(desk, into) == "none_accepted"
    desk.pass_time(desk.settings.retry_after_ms)
    assert teams_at(desk, into) == ["T1"]
    decline("T1")
    assert teams_at(desk, into) == ["T2"], "the new round is new for the merged one too"


# ── nobody there, nobody wanted ───────────────────────────────────────────────────────────────────────────


def _a_helper_declines(desk: DeskDriver) -> IncidentId:
    incident = desk.report("mill")
    first, helper = order_of(desk, "T1"), send(desk, incident, "T2")
    desk.walk(first.order, *FULL)
    desk.applied(desk.answering(helper, OrderTrigger.DECLINE))
    return incident


def _the_merged_ones_team_closes(desk: DeskDriver) -> IncidentId:
    stays, same = desk.report("mill"), desk.report("mill")
    desk.applied(cmd.MergeIncidents(incident=same, into=stays))
    desk.walk(order_of(desk, "T2").order, *FULL)
    desk.applied(cmd.UnmergeIncident(incident=same))
    assert teams_at(desk, stays) == ["T1"]
    assert reason_of(desk, stays) is None
    return same


def _the_others_team_closes(desk: DeskDriver) -> IncidentId:
    stays, same = desk.report("mill"), desk.report("mill")
    desk.applied(cmd.MergeIncidents(incident=same, into=stays))
    desk.walk(order_of(desk, "T1").order, *FULL)
    desk.applied(cmd.UnmergeIncident(incident=same))
    assert teams_at(desk, same) == ["T2"]
    return stays


@pytest.mark.parametrize("story", [_a_helper_declines, _the_merged_ones_team_closes, _the_others_team_closes])
def test_m04_an_incident_that_nobody_is_at_and_nobody_is_wanted_at_waits_for_the_operator(story) -> None:
    desk = town("T1", "T2", "T3")
    incident = story(desk)
    known = desk.state.incidents[incident]
    assert (known.status, known.waiting_reason, known.retry_at_ms) == (IncidentStatus.OPEN, SERVED, None)
    head = desk.log.head()
    desk.pass_time(7_200_000)
    told = {getattr(row.event, "incident", None) for row in desk.rows(head)}
    assert incident not in told, "it is said once, and the clock has nothing to ask"
    desk.register("T9")
    assert desk.state.incidents[incident].retry_at_ms is None, (
        "it waits for no team: one that comes changes nothing"
    )
    desk.applied(cmd.CallWave(incident=incident))
    assert teams_at(desk, incident) or reason_of(desk, incident) not in (None, SERVED)
    desk.applied(cmd.CloseIncident(incident=incident))
    assert desk.state.incidents[incident].status is IncidentStatus.CLOSED


def test_m05_a_team_that_leaves_does_not_end_what_it_asked_help_for_and_is_not_its_own_help() -> None:
    desk = town("T1")
    incident = desk.report("mill")
    order = desk.walk(order_of(desk, "T1").order, *FULL[:3])
    desk.applied(cmd.AskForHelp(order=order.order, team=order.team, occurred_at_ms=desk.now_ms))
    desk.walk(order.order, REPORT_BACK, CLOSE)
    assert desk.state.incidents[incident].status is IncidentStatus.OPEN
    assert reason_of(desk, incident) is not None
    desk.pass_time(60_000)
    assert teams_at(desk, incident) == []
    (waiting, *_) = [row.event for row in reversed(desk.rows()) if isinstance(row.event, ev.IncidentWaiting)]
    assert waiting.excluded == (ev.Exclusion(team=TeamId("T1"), reason=Reason.SERVED_BEFORE),)
    desk.register("T2")
    desk.pass_time(desk.settings.retry_after_ms)
    assert teams_at(desk, incident) == ["T2"]
    desk.walk(order_of(desk, "T2").order, *FULL)
    assert desk.state.incidents[incident].status is IncidentStatus.CLOSED, "now nothing is wanted any more"


def test_m06_one_team_of_two_that_leaves_does_not_end_an_incident_whose_plan_wants_two() -> None:
    desk = city("V1")
    incident = report(desk, "mill", IncidentKind.FIGHT)
    desk.walk(order_of(desk, "V1").order, *FULL)
    assert desk.state.incidents[incident].status is IncidentStatus.OPEN
    assert reason_of(desk, incident) not in (None, SERVED)


# ── undo ──────────────────────────────────────────────────────────────────────────────────────────────────

CROSSED = Table(
    {"T1": {"mill": 60, "school": 200}, "T2": {"mill": 120, "school": 100}, "T3": {"mill": 900, "school": 950}}
)


@pytest.mark.parametrize("steps", [(), (ACCEPT,)])
def test_m07_undoing_a_diversion_by_hand_gives_the_team_back_unless_another_has_accepted(steps: tuple) -> None:
    desk = town("T1", "T2", "T3", ground=CROSSED)
    first, second = desk.report("mill"), desk.report("school")
    desk.walk(order_of(desk, "T1").order, ACCEPT, DEPART)
    slip = send(desk, second, "T1")
    assert teams_at(desk, first) == ["T3"], "the desk has found another"
    desk.walk(order_of(desk, "T3").order, *steps)
    desk.applied(cmd.UndoOrder(order=slip.order))
    assert teams_at(desk, first) == (["T3"] if steps else ["T1"])
    assert teams_at(desk, second) == ["T2"]
    assert desk.applied(cmd.UndoOrder(order=slip.order)).kind == "superseded"


def test_m08_undoing_a_diversion_gives_the_team_back_where_nobody_could_go_instead() -> None:
    desk = town("T1", "T2", ground=CROSSED)
    first, second = desk.report("mill"), desk.report("school")
    slip = send(desk, second, "T1")
    assert reason_of(desk, first) is not None
    desk.applied(cmd.UndoOrder(order=slip.order))
    assert (teams_at(desk, first), reason_of(desk, first)) == (["T1"], None)


@pytest.mark.parametrize(
    ("teams", "recalled", "instead", "after"),
    [
        (("V1", "V2", "V3"), ("V1",), ["V2", "V3"], ["V2", "V1"]),
        (("V1", "V2"), ("V1",), ["V2"], ["V2", "V1"]),
        (("V1", "V2", "V3", "D1"), ("V2", "V1"), ["D1", "V3"], ["D1", "V1"]),
    ],
    ids=["one was sent instead", "nobody was sent instead", "two were sent instead"],
)
def test_m09_an_undo_takes_back_one_offer_made_instead_and_none_that_was_made_before(
    teams: tuple[str, ...], recalled: tuple[str, ...], instead: list[str], after: list[str]
) -> None:
    desk = city(*teams)
    incident = report(desk, "mill", IncidentKind.FIGHT)
    assert sent(desk, incident) == [("V1", "W1"), ("V2", "W1")]
    desk.pass_time(1)
    for team in recalled:
        order = order_of(desk, team)
        desk.applied(cmd.RecallOrder(order=order.order, reason="a slip"))
    assert teams_at(desk, incident) == instead
    desk.applied(cmd.UndoOrder(order=order.order))
    assert teams_at(desk, incident) == after


@pytest.mark.parametrize("given", [True, False])
def test_m10_an_undo_is_in_time_to_the_very_last_moment_and_said_twice_it_is_done_once(given: bool) -> None:
    for late_ms in (1, 0):
        desk = town("T1", "T2")
        incident = desk.report("mill")
        order = order_of(desk, "T1")
        if given:
            order = send(desk, incident, "T2")
            for step in (ACCEPT, DEPART):
                desk.applied(desk.answering(desk.state.orders[order.order], step))
        else:
            desk.applied(cmd.RecallOrder(order=order.order, reason="a slip"))
        for answering in desk.state.live_orders(incident):
            if answering.status is OrderStatus.OFFERED:
                desk.applied(desk.answering(answering, ACCEPT))
        desk.pass_time(desk.settings.undo_within_ms + late_ms)
        said = cmd.UndoOrder(order=order.order)
        if late_ms:
            assert desk.refused(said) is Code.UNDO_TOO_LATE
            continue
        assert desk.applied(said).kind == "applied"
        assert (order.team in teams_at(desk, incident)) != given
        head = desk.log.head()
        assert desk.applied(said).kind == "superseded", "also where the team is busy with it again"
        desk.pass_time(3_600_000)
        assert desk.applied(said).kind == "superseded"
        assert not any(isinstance(row.event, ev.OverrideNoted) for row in desk.rows(head))


# ── an operator confirms ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before_s", "after_s", "anew"),
    [(60, 72, False), (60, 73, True), (60, 47, True), (600, 630, False), (600, 631, True), (600, 569, True)],
)
def test_m11_a_recommendation_is_said_anew_where_a_time_has_moved_by_a_fifth_or_by_half_a_minute(
    before_s: int, after_s: int, anew: bool
) -> None:
    desk = town("T1", mode=Mode.RECOMMEND, ground=Table({"T1": {"mill": before_s}}))
    incident = desk.report("mill")
    desk.ground = Table({"T1": {"mill": after_s}})
    head = desk.log.head()
    desk.pass_time(2 * desk.settings.retry_after_ms)
    assert kinds(row.event for row in desk.rows(head)) == ["teams_recommended"] * anew
    (pick,) = desk.state.incidents[incident].recommended
    assert pick.eta_ms == 1000 * (after_s if anew else before_s)


def test_m12_what_is_confirmed_goes_with_the_time_of_that_moment_or_not_at_all() -> None:
    desk = town("T1", "T2", mode=Mode.RECOMMEND)
    incident = desk.report("mill")
    desk.ground = Table({"T1": {"mill": 66}, "T2": {"mill": 900}})
    said = cmd.ConfirmRecommendation(incident=incident, teams=(TeamId("T1"),))
    desk.applied(said)
    order = order_of(desk, "T1")
    assert (order.eta_ms, order.road_m) == (66_000, 660)
    other = desk.report("mill")
    desk.ground = Table({"T1": {"mill": 66}, "T2": {"mill": Reason.NO_WAY}})
    said = cmd.ConfirmRecommendation(incident=other, teams=(TeamId("T2"),))
    assert desk.refused(said) is Code.RECOMMENDATION_CHANGED


def test_m13_a_diversion_that_was_recommended_is_not_confirmed_once_the_team_is_on_the_scene() -> None:
    desk = city("V1", mode=Mode.RECOMMEND)
    routine = report(desk, "mill", IncidentKind.THEFT, Urgency.ROUTINE)
    desk.applied(cmd.ConfirmRecommendation(incident=routine, teams=(TeamId("V1"),)))
    order = desk.walk(order_of(desk, "V1").order, ACCEPT, DEPART)
    critical = report(desk, "mill", IncidentKind.DISPUTE, Urgency.CRITICAL)
    (pick,) = desk.state.incidents[critical].recommended
    assert (pick.team, pick.replaces) == ("V1", order.order)
    desk.applied(desk.answering(order, ARRIVE))
    said = cmd.ConfirmRecommendation(incident=critical, teams=(TeamId("V1"),))
    assert desk.refused(said) is Code.RECOMMENDATION_CHANGED
    assert sent(desk, routine) == [("V1", "W1")]


# ── help, the scene, too many ─────────────────────────────────────────────────────────────────────────────


def test_m14_help_is_asked_again_where_the_clock_was_set_back_and_an_ended_order_is_told_the_truth() -> None:
    desk = town("T1", "T2", "T3")
    incident = desk.report("mill")
    order = desk.walk(order_of(desk, "T1").order, *FULL[:3])
    wish = cmd.AskForHelp(order=order.order, team=order.team, occurred_at_ms=desk.now_ms)
    desk.applied(wish)
    desk.now_ms -= 3_600_000
    assert desk.applied(wish).kind == "applied", "an hour before it was asked is not within half a minute of it"
    desk.applied(cmd.CloseIncident(incident=incident))
    refusal = desk.do(wish)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.WRONG_STATE
    assert "it has ended" in refusal.about
    assert "accept" not in refusal.about


def test_m15_a_team_on_the_scene_is_not_relieved_by_a_nearer_one_when_a_graver_incident_stirs_all() -> None:
    desk = city("X1")
    desk.ground = Table(
        {"X1": {"mill": 900, "school": 900}, "V1": {"mill": 10, "school": 50}, "V2": {"mill": 10, "school": 60}}
    )
    routine = report(desk, "mill", IncidentKind.THEFT, Urgency.ROUTINE)
    order = send(desk, routine, "X1")
    desk.walk(order.order, *FULL[:3])
    desk.register("V1", "V2")
    head = desk.log.head()
    report(desk, "school", IncidentKind.OTHER, Urgency.CRITICAL)
    assert not [row for row in desk.rows(head) if isinstance(row.event, ev.OrderRecalled)]
    assert ("X1", "W1") in sent(desk, routine)


def test_m16_more_incidents_than_one_decision_looks_at_are_told_so_and_asked_later_the_gravest_first() -> None:
    names = [f"T{number}" for number in range(MAX_JOINT + 1)]
    desk = DeskDriver(Table({name: {"mill": 60} for name in names}))
    asked = [desk.report("mill") for _ in range(MAX_JOINT)]
    desk.register(*names)
    last = report(desk, "mill", IncidentKind.DISPUTE, Urgency.ROUTINE)
    assert all(teams_at(desk, name) for name in asked)
    assert (teams_at(desk, last), reason_of(desk, last)) == ([], "too_many"), "although a team is free"
    desk.pass_time(desk.settings.retry_after_ms)
    assert len(teams_at(desk, last)) == 1
