"""Stories of a desk, from simple to hard: a town or a table, and one sentence each."""

from __future__ import annotations

import pytest

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.incident_machine import IncidentStatus
from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code
from dispatch.domain.types import OrderId, TeamId, Tier
from tests.service.driver import TOWN, DeskDriver, Table, device

ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE, DECLINE = (
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
    OrderTrigger.DECLINE,
)
FORWARD = (ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE)


def test_a01_the_nearest_team_is_asked_with_all_that_its_tablet_must_show(desk: DeskDriver) -> None:
    incident = desk.report("school")
    order = desk.live(incident)
    assert order is not None
    assert order.team == "T2"
    assert order.eta_ms == 100_000
    assert order.deadline_ms == desk.now_ms + desk.settings.accept_within_ms
    known = desk.state.incidents[incident]
    assert (known.tier, known.target_ms, known.place, known.road) == (Tier.T1, 60_000, "school", "school road")


def test_a02_nearest_is_by_road_and_not_by_straight_line() -> None:
    """CoCeSo#95. N is over the river: 200 m away in the air, 10 minutes by the bridge; F drives 3 minutes.

    N ~~river~~ x        F ──────────── x
    """
    ground = Table(
        {"N": {"x": 600}, "F": {"x": 180}},
        straight_m={"N": {"x": 200}, "F": {"x": 1500}},
    )
    desk = DeskDriver(ground)
    desk.register("N", "F")
    order = desk.live(desk.report("x"))
    assert order is not None
    assert order.team == "F"
    assert order.choice.straight_line_team == "N"
    assert order.choice.straight_line_loss_ms == 420_000


def test_a03_a_team_that_is_silent_is_skipped_at_its_deadline_and_not_a_moment_before(desk: DeskDriver) -> None:
    incident = desk.report("mill")
    assert desk.pass_time(desk.settings.accept_within_ms - 1) == []
    facts = desk.pass_time(1)
    assert [type(fact) for fact in facts] == [ev.OrderExpired, ev.OrderOffered]
    assert desk.asked(incident) == ["T1", "T2"]
    assert desk.state.orders[OrderId("O0001")].status is OrderStatus.EXPIRED


def test_a04_a_team_that_declines_is_passed_over_at_once_and_its_reason_is_kept(desk: DeskDriver) -> None:
    incident = desk.report("mill")
    order = desk.live(incident)
    assert order is not None
    done = desk.applied(desk.answering(order, DECLINE, "flat tyre"))
    assert [type(fact) for fact in done.events] == [ev.OrderDeclined, ev.OrderOffered]
    assert done.events[0].note == "flat tyre"
    second = desk.live(incident)
    assert second is not None
    assert second.team == "T2"
    assert ev.Exclusion(team=TeamId("T1"), reason=Reason.DECLINED_BEFORE) in second.choice.excluded


def test_a05_an_order_walks_forward_to_its_end_and_the_incident_ends_with_it(desk: DeskDriver) -> None:
    incident = desk.report("mill")
    order = desk.live(incident)
    assert order is not None
    start_ms = desk.now_ms
    ended = desk.walk(order.order, *FORWARD)
    assert ended.status is OrderStatus.CLOSED
    times = [
        ended.accepted_at_ms,
        ended.departed_at_ms,
        ended.arrived_at_ms,
        ended.reported_back_at_ms,
        ended.ended_at_ms,
    ]
    assert [None if at_ms is None else at_ms - start_ms for at_ms in times] == [1000, 2000, 3000, 4000, 5000]
    assert desk.state.incidents[incident].status is IncidentStatus.CLOSED
    assert desk.state.incidents[incident].outcome == "done"
    assert not desk.state.live_order_of


def test_a06_a_team_off_duty_is_never_offered(desk: DeskDriver) -> None:
    """Resgrid#269."""
    desk.applied(cmd.EndDuty(team=TeamId("T1")))
    incident = desk.report("mill")
    order = desk.live(incident)
    assert order is not None
    assert order.team == "T2"
    assert ev.Exclusion(team=TeamId("T1"), reason=Reason.OFF_DUTY) in order.choice.excluded
    desk.pass_time(10 * 60_000)
    assert "T1" not in desk.asked(incident)


def test_a07_a_busy_team_is_not_offered_a_second_order(desk: DeskDriver) -> None:
    first, second = desk.report("mill"), desk.report("mill")
    assert (desk.asked(first), desk.asked(second)) == (["T1"], ["T2"])
    assert desk.refused(cmd.EndDuty(team=TeamId("T1"))) is Code.TEAM_BUSY


def test_a08_where_all_are_silent_the_incident_waits_with_a_reason_and_all_are_asked_again(
    desk: DeskDriver,
) -> None:
    incident = desk.report("mill")
    facts = desk.pass_time(3 * desk.settings.accept_within_ms)
    assert desk.asked(incident) == ["T1", "T2", "T3"]
    waiting = facts[-1]
    assert isinstance(waiting, ev.IncidentWaiting)
    assert waiting.reason == "none_accepted"
    assert {exclusion.team for exclusion in waiting.excluded} == {"T1", "T2", "T3"}
    assert {exclusion.reason for exclusion in waiting.excluded} == {Reason.SILENT_BEFORE}
    assert desk.pass_time(desk.settings.retry_after_ms - 1) == []
    desk.pass_time(1)
    assert desk.asked(incident) == ["T1", "T2", "T3", "T1"]
    assert desk.state.incidents[incident].waiting_reason is None


def test_a09_where_nobody_is_on_duty_the_reason_says_so_and_a_team_that_comes_is_sent_at_once() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1", "T3", on_duty=False)
    incident = desk.report("mill")
    assert desk.state.incidents[incident].waiting_reason == "all_off_duty"
    desk.pass_time(1000)
    desk.applied(cmd.StartDuty(team=TeamId("T3")))
    desk.pass_time(0)
    order = desk.live(incident)
    assert order is not None
    assert order.team == "T3"


def test_a10_a_desk_without_any_team_records_that_it_has_none() -> None:
    desk = DeskDriver(TOWN)
    incident = desk.report("mill")
    assert desk.state.incidents[incident].waiting_reason == "no_team"


@pytest.mark.parametrize("why", [Reason.OFF_ROAD, Reason.NO_WAY, Reason.UNKNOWN_PROFILE])
def test_a11_a_team_that_the_ground_cannot_bring_is_left_out_with_the_grounds_reason(why: Reason) -> None:
    desk = DeskDriver(Table({"T1": {"x": why}}))
    desk.register("T1")
    incident = desk.state.incidents[desk.report("x")]
    assert incident.waiting_reason == "none_can_reach"
    waiting = desk.rows()[-1].event
    assert isinstance(waiting, ev.IncidentWaiting)
    assert waiting.excluded == (ev.Exclusion(team=TeamId("T1"), reason=why),)


def test_a12_a_team_that_becomes_free_is_sent_to_the_incident_that_waits_for_one() -> None:
    desk = DeskDriver(Table({"T1": {"mill": 60, "school": 60}}))
    desk.register("T1")
    first, second = desk.report("mill"), desk.report("school")
    assert desk.state.incidents[second].waiting_reason == "all_busy"
    order = desk.live(first)
    assert order is not None
    desk.walk(order.order, *FORWARD)
    facts = desk.pass_time(0)
    assert [type(fact) for fact in facts] == [ev.OrderOffered]
    assert desk.asked(second) == ["T1"]


@pytest.mark.parametrize("done", range(len(FORWARD)))
def test_a13_closing_an_incident_recalls_its_order_at_any_step_and_frees_the_team(
    desk: DeskDriver, done: int
) -> None:
    incident = desk.report("mill")
    order = desk.live(incident)
    assert order is not None
    desk.walk(order.order, *FORWARD[:done])
    closed = desk.applied(cmd.CloseIncident(incident=incident, outcome="false alarm"))
    assert {type(fact) for fact in closed.events} == {ev.OrderRecalled, ev.IncidentClosed}
    assert desk.state.orders[order.order].status is OrderStatus.RECALLED
    assert desk.state.incidents[incident].outcome == "false alarm"
    assert not desk.state.live_order_of
    assert desk.applied(cmd.CloseIncident(incident=incident)).kind == "superseded"
    assert desk.pass_time(3_600_000) == []


def test_a14_an_answer_after_the_deadline_is_refused_and_changes_nothing(desk: DeskDriver) -> None:
    incident = desk.report("mill")
    late = desk.live(incident)
    assert late is not None
    desk.pass_time(desk.settings.accept_within_ms)
    for verb in FORWARD:
        assert desk.refused(desk.answering(late, verb)) is Code.WRONG_STATE
    assert desk.asked(incident) == ["T1", "T2"]


def test_a15_an_answer_of_another_team_is_refused(desk: DeskDriver) -> None:
    order = desk.live(desk.report("mill"))
    assert order is not None
    stranger = cmd.AnswerOrder(order=order.order, team=TeamId("T2"), verb=ACCEPT, occurred_at_ms=0)
    assert desk.refused(stranger) is Code.NOT_YOUR_ORDER
    assert (
        desk.refused(cmd.MarkShown(order=order.order, team=TeamId("T2"), device=device("T2")))
        is Code.NOT_YOUR_ORDER
    )


@pytest.mark.parametrize("verb", [OrderTrigger.EXPIRE, OrderTrigger.RECALL])
def test_a16_a_team_cannot_say_what_is_the_clocks_or_the_desks(desk: DeskDriver, verb: OrderTrigger) -> None:
    order = desk.live(desk.report("mill"))
    assert order is not None
    assert desk.refused(desk.answering(order, verb)) is Code.WRONG_STATE


def test_a17_a_step_cannot_be_skipped_and_said_again_it_changes_nothing(desk: DeskDriver) -> None:
    order = desk.live(desk.report("mill"))
    assert order is not None
    for number, verb in enumerate(FORWARD):
        for later in FORWARD[number + 1 :]:
            assert desk.refused(desk.answering(order, later)) is Code.WRONG_STATE
        desk.walk(order.order, verb)
        for earlier in FORWARD[: number + 1]:
            again = desk.applied(desk.answering(order, earlier))
            assert (again.kind, again.events) == ("superseded", ())
    assert desk.refused(desk.answering(order, DECLINE)) is Code.WRONG_STATE
