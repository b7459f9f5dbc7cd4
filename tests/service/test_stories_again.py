"""More stories of a desk: what is said twice, too late, in the wrong words, or after a night's sleep."""

from __future__ import annotations

import pytest

from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.duty_machine import Duty
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import Code
from dispatch.domain.types import IncidentId, IncidentKind, OrderId, Point, TeamId, Urgency
from dispatch.service.settings import DeskSettings
from tests.service.driver import HOME, DeskDriver, Done, Table, device, key, register

ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE, DECLINE = (
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
    OrderTrigger.DECLINE,
)
FORWARD = (ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE)


def commands_with_a_subject(desk: DeskDriver) -> list[tuple[cmd.Command, str]]:
    """One command of each kind that a person sends, in an order in which each is applied; and what it is about."""
    mill = desk.ground.point("mill")
    say = {"team": TeamId("T1"), "occurred_at_ms": 1, "order": OrderId("O0001")}
    return [
        (register("T9"), "T9"),
        (cmd.StartDuty(team=TeamId("T9")), "T9"),
        (cmd.EndDuty(team=TeamId("T9")), "T9"),
        (desk.reporting("mill"), "I0001"),
        (cmd.AnswerOrder(verb=ACCEPT, **say), "O0001"),
        (desk.reporting("school"), "I0002"),
        (cmd.AnswerOrder(verb=DECLINE, team=TeamId("T2"), occurred_at_ms=1, order=OrderId("O0002")), "O0002"),
        (cmd.CloseIncident(incident=IncidentId("I0001"), outcome="ok"), "I0001"),
        (cmd.CloseIncident(incident=IncidentId("I0002")), "I0002"),
        (cmd.ReportIncident(where=mill, what=IncidentKind.FIRE, urgency=Urgency.CRITICAL), "I0003"),
    ]


def test_a18_the_same_key_with_the_same_body_gets_the_same_answer_for_ever(desk: DeskDriver) -> None:
    first = {}
    for number, (command, subject) in enumerate(commands_with_a_subject(desk)):
        done = desk.applied(command, key(number))
        assert (done.kind, done.subject) == ("applied", subject), command
        first[number] = done
    head = desk.log.head()
    for after in ("at once", "after a crash", "an hour later"):
        if after == "after a crash":
            desk.crash()
        if after == "an hour later":
            desk.pass_time(3_600_000)
            head = desk.log.head()
        for number, (command, _) in enumerate(commands_with_a_subject(desk)):
            again = desk.applied(command, key(number))
            assert again.kind == "replayed"
            assert again.answer == first[number].answer, (after, command)
    assert desk.log.head() == head


def test_a19_the_same_key_with_another_body_is_refused(desk: DeskDriver) -> None:
    desk.applied(desk.reporting("mill"), key(1))
    assert desk.refused(desk.reporting("school"), key(1)) is Code.KEY_REUSED
    assert desk.refused(desk.reporting("mill", note="a fight"), key(1)) is Code.KEY_REUSED
    assert desk.refused(cmd.StartDuty(team=TeamId("T1")), key(1)) is Code.KEY_REUSED
    assert len(desk.state.incidents) == 1


def test_a20_two_incidents_never_bleed_into_each_other(desk: DeskDriver) -> None:
    """TicketsCAD#82: whatever is done for one leaves every record of the other as it was."""
    mill, school = desk.report("mill"), desk.report("school")
    other = desk.live(school)
    assert other is not None
    order = desk.live(mill)
    assert order is not None
    before = desk.state.incidents[school]
    desk.applied(cmd.MarkShown(order=order.order, team=order.team, device=device(order.team)))
    for verb in FORWARD:
        desk.applied(desk.answering(order, verb, "x"))
        assert desk.state.orders[other.order] == other
        assert desk.state.incidents[school] == before
    desk.applied(cmd.CloseIncident(incident=mill))
    assert desk.state.orders[other.order] == other


def test_a21_saying_the_same_thing_twice_changes_nothing(desk: DeskDriver) -> None:
    """CoCeSo#57."""
    desk.report("mill")
    order = OrderId("O0001")
    twice: list[cmd.Command] = [
        register("T1"),
        cmd.StartDuty(team=TeamId("T1")),
        cmd.MarkStored(team=TeamId("T1"), device=device("T1"), seq=99),
        cmd.MarkShown(team=TeamId("T1"), device=device("T1"), order=order),
        cmd.ExpireOrder(order=order),
        cmd.AssignIncident(incident=IncidentId("I0001")),
    ]
    for command in twice:
        desk.applied(command)
    state, head = desk.state.orders[order], desk.log.head()
    for command in twice:
        assert desk.applied(command).kind == "superseded", command
    assert (desk.state.orders[order], desk.log.head()) == (state, head)
    assert (state.stored_at_ms, state.shown_at_ms) == (desk.now_ms, desk.now_ms)


def test_a22_stored_counts_for_an_order_only_once_the_tablet_has_come_so_far(desk: DeskDriver) -> None:
    order = desk.live(desk.report("mill"))
    assert order is not None
    stored = cmd.MarkStored(team=TeamId("T1"), device=device("T1"), seq=order.offered_seq - 1)
    assert desk.applied(stored).kind == "superseded"
    other = cmd.MarkStored(team=TeamId("T2"), device=device("T2"), seq=order.offered_seq)
    assert desk.applied(other).kind == "superseded"
    done = desk.applied(cmd.MarkStored(team=TeamId("T1"), device=device("T1"), seq=order.offered_seq))
    assert done.events == (ev.OrderStored(order=order.order, team=order.team, device=device("T1")),)


def test_a23_what_is_unknown_is_refused_by_its_name(desk: DeskDriver) -> None:
    nobody, nothing, never = TeamId("T99"), IncidentId("I9999"), OrderId("O9999")
    table: list[tuple[cmd.Command, Code]] = [
        (cmd.StartDuty(team=nobody), Code.UNKNOWN_TEAM),
        (cmd.EndDuty(team=nobody), Code.UNKNOWN_TEAM),
        (cmd.MarkStored(team=nobody, device=device("x"), seq=1), Code.UNKNOWN_TEAM),
        (cmd.CloseIncident(incident=nothing), Code.UNKNOWN_INCIDENT),
        (cmd.AssignIncident(incident=nothing), Code.UNKNOWN_INCIDENT),
        (cmd.AnswerOrder(order=never, team=TeamId("T1"), verb=ACCEPT, occurred_at_ms=0), Code.UNKNOWN_ORDER),
        (cmd.MarkShown(order=never, team=TeamId("T1"), device=device("x")), Code.UNKNOWN_ORDER),
        (cmd.ExpireOrder(order=never), Code.UNKNOWN_ORDER),
    ]
    for command, code in table:
        assert desk.refused(command) is code, command


def test_a24_too_far_from_a_road_is_refused_and_leaves_no_incident(desk: DeskDriver) -> None:
    assert desk.refused(desk.reporting("the sea")) is Code.TOO_FAR_FROM_ROAD
    assert desk.refused(register("T8", home=Point(0.0, 0.0))) is Code.TOO_FAR_FROM_ROAD
    assert not desk.state.incidents
    assert "T8" not in desk.state.teams


def test_a25_a_known_team_with_other_data_is_refused(desk: DeskDriver) -> None:
    assert desk.refused(register("T1", name="another")) is Code.TEAM_EXISTS
    assert desk.state.teams[TeamId("T1")].home == HOME


def test_a26_a_clock_of_a_tablet_that_runs_ahead_is_held_to_the_desks(desk: DeskDriver) -> None:
    order = desk.live(desk.report("mill"))
    assert order is not None
    ahead = cmd.AnswerOrder(order=order.order, team=order.team, verb=ACCEPT, occurred_at_ms=desk.now_ms + 9_999)
    (fact,) = desk.applied(ahead).events
    assert isinstance(fact, ev.OrderAccepted)
    assert fact.occurred_at_ms == desk.now_ms


def test_a27_a_desk_that_slept_over_a_deadline_wakes_and_does_what_was_due(desk: DeskDriver) -> None:
    incident = desk.report("mill")
    desk.crash()
    desk.now_ms += 3_600_000
    desk.pass_time(0)
    assert desk.asked(incident) == ["T1", "T2"]
    again = desk.live(incident)
    assert again is not None
    assert again.deadline_ms == desk.now_ms + desk.settings.accept_within_ms, "the next team has its whole time"


def test_a28_of_two_timers_at_one_moment_the_order_expires_before_the_incident_asks_again() -> None:
    ground = Table({"T1": {"mill": 60, "school": 60}})
    desk = DeskDriver(ground, DeskSettings(accept_within_ms=15_000, retry_after_ms=15_000))
    desk.register("T1")
    mill, school = desk.report("mill"), desk.report("school")
    facts = desk.pass_time(15_000)
    assert [type(fact) for fact in facts] == [ev.OrderExpired, ev.OrderOffered, ev.IncidentWaiting], "one decision"
    assert (desk.asked(mill), desk.asked(school)) == (["T1"], ["T1"])


def test_a29_a_team_may_go_off_and_on_duty_and_is_never_lost(desk: DeskDriver) -> None:
    team = TeamId("T1")
    for _ in range(3):
        desk.applied(cmd.EndDuty(team=team))
        assert desk.applied(cmd.EndDuty(team=team)).kind == "superseded"
        assert desk.state.teams[team].duty is Duty.OFF_DUTY
        assert isinstance(desk.do(cmd.StartDuty(team=team)), Done)
        assert desk.state.teams[team].duty is Duty.ON_PATROL


@pytest.mark.parametrize(
    "wrong", [{"accept_within_ms": 99}, {"accept_within_ms": 3_600_001}, {"retry_after_ms": 999}]
)
def test_a30_a_desk_cannot_be_set_to_times_that_make_no_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(AssertionError, match="…"):
        DeskSettings(**wrong)
