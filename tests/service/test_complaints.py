"""What users of other systems complain about, told through the real service: a test a complaint, by its number.

The list is in the project's plan of features. Each test first makes the situation, then shows that it does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import permutations

import pytest

from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.duty_machine import Duty
from dispatch.domain.events import audience_of
from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code
from dispatch.domain.state import Order
from dispatch.domain.types import (
    FixSource,
    IncidentId,
    IncidentKind,
    OrderId,
    Shift,
    TeamId,
    TeamKind,
    Urgency,
)
from dispatch.planning.walk import clocks
from dispatch.service.settings import DeskSettings
from tests.service.driver import TOWN, DeskDriver, Table, device, register
from tests.service.random_day import PLANS

ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE = (
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
)
FORWARD = (ACCEPT, DEPART, ARRIVE, REPORT_BACK, CLOSE)


def order_of(desk: DeskDriver, team: str) -> Order:
    return desk.state.orders[desk.state.live_order_of[TeamId(team)]]


def test_coceso_95_the_nearer_unit_is_missed_under_stress() -> None:
    """Six incidents come down on six teams at once: no other way to send them would be sooner in sum.

    All wait (nobody is on duty), then all teams come on duty in one moment and the desk decides once for all.
    """
    seconds = [[30, 40, 90, 80, 70, 60], [35, 90, 95, 60, 50, 20], [90, 30, 31, 32, 33, 34]]
    seconds += [[10, 11, 12, 13, 14, 15], [99, 98, 97, 96, 95, 94], [20, 90, 20, 90, 20, 90]]
    places = [f"p{number}" for number in range(6)]
    table = Table({f"T{team}": dict(zip(places, row, strict=True)) for team, row in enumerate(seconds)})
    desk = DeskDriver(table)
    for place in places:
        desk.report(place)
    for team in table.seconds:
        desk.applied(register(team))
    for team in table.seconds:
        desk.applied(cmd.StartDuty(team=TeamId(team)))
    desk.pass_time(0)
    chosen = sum(order.eta_ms for order in desk.state.orders.values()) // 1000
    assert len(desk.state.live_order_of) == 6
    assert chosen == min(sum(seconds[t][p] for p, t in enumerate(way)) for way in permutations(range(6)))


def test_coceso_57_dropping_a_unit_again_resets_its_status_and_cannot_be_undone() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1", "T2")
    incident = desk.report("mill")
    order = desk.walk(order_of(desk, "T1").order, ACCEPT, DEPART, ARRIVE)
    again = cmd.SendTeam(incident=incident, team=TeamId("T1"), reason="dropped on the same incident once more")
    assert desk.applied(again).kind == "superseded"
    assert desk.state.orders[order.order] == order, "still on the scene"
    desk.applied(cmd.SendTeam(incident=incident, team=TeamId("T2"), reason="a slip of the mouse"))
    slip = order_of(desk, "T2")
    desk.applied(cmd.UndoOrder(order=slip.order))
    assert desk.state.orders[slip.order].end_reason == "undo"
    assert TeamId("T2") not in desk.state.live_order_of
    assert desk.state.orders[order.order] == order


@dataclass(frozen=True)
class SeenTable(Table):
    """A table that knows of some teams by a fix of a certain age, of the others only their home."""

    fixes_ms: dict[str, int] = field(default_factory=dict)

    def time(self, team: TeamId, place: str) -> TravelTime:
        time = super().time(team, place)
        if team not in self.fixes_ms:
            return time
        return time._replace(fix=FixSource.FIX, fix_age_ms=self.fixes_ms[team])


def test_coceso_12_real_and_computed_positions_look_alike() -> None:
    """A fact says of every candidate where its position came from, and how much a stale one may hide."""
    table = SeenTable({"A": {"x": 100}, "B": {"x": 110}, "C": {"x": 105}}, fixes_ms={"A": 900_000, "B": 2_000})
    desk = DeskDriver(table)
    desk.register("A", "B", "C")
    incident = desk.report("x")
    (order,) = desk.state.live_orders(incident)
    seen = {one.team: (one.fix, one.fix_age_ms, one.drift_ms > 0) for one in order.choice.ranked}
    assert seen == {
        "A": (FixSource.FIX, 900_000, True),
        "B": (FixSource.FIX, 2_000, False),
        "C": (FixSource.HOME, 0, False),
    }
    assert order.team == "C", "A was there a quarter of an hour ago: it counts with the way it may have gone since"


def test_coceso_80_units_that_cannot_be_dispatched_are_offered() -> None:
    desk = DeskDriver(
        Table({name: {"x": 60} for name in "ABCDE"} | {"F": {"x": Reason.NO_WAY}, "G": {"x": 900}}),
        DeskSettings(plans=PLANS),
    )
    minute = (desk.now_ms // 60_000 + 480) % 1440
    night = Shift((minute + 60) % 1440, (minute + 120) % 1440)
    facts: dict[str, dict[str, object]] = {"B": {"unit": TeamKind.STATION}, "C": {"shift": night}}
    for name in "ABCDFG":
        desk.applied(replace(register(name), **facts.get(name, {})))
        if name != "D":
            desk.applied(cmd.StartDuty(team=TeamId(name)))
    busy = desk.report("x")
    desk.walk(desk.state.live_orders(busy)[0].order, *FORWARD[:3])
    second = desk.report("x")
    (order,) = desk.state.live_orders(second)
    assert [one.team for one in order.choice.ranked] == ["G"]
    assert {one.team: one.reason for one in order.choice.excluded} == {
        "A": Reason.BUSY,
        "B": Reason.WRONG_CLASS,
        "C": Reason.OFF_DUTY,
        "D": Reason.OFF_DUTY,
        "F": Reason.NO_WAY,
    }


@pytest.mark.parametrize("number", [82, 116])
def test_ticketscad_82_116_the_status_of_one_order_changes_another(number: int) -> None:
    """#82: two incidents; #116: two teams on one incident. Whatever one does, the other's record stays."""
    desk = DeskDriver(TOWN, DeskSettings(plans=PLANS))
    desk.register("T1", "T2")
    if number == 82:
        desk.report("mill")
        desk.report("school")
    else:
        where = desk.ground.point("mill")
        desk.applied(cmd.ReportIncident(where=where, what=IncidentKind.FIGHT, urgency=Urgency.URGENT))
    mine, other = order_of(desk, "T1"), order_of(desk, "T2")
    desk.applied(cmd.MarkShown(order=mine.order, team=mine.team, device=device("T1")))
    for verb in FORWARD:
        desk.applied(desk.answering(desk.state.orders[mine.order], verb))
        assert desk.state.orders[other.order] == other
    assert desk.state.live_order_of == {other.team: other.order}
    assert desk.state.open_incidents, "the incident is not over while the other team is on it"


def test_ticketscad_141_a_scheduled_call_marks_the_unit_dispatched_now() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1")
    tomorrow_ms = desk.now_ms + 24 * 3_600_000
    task = cmd.PlanTask(
        team=TeamId("T1"), task="visit", starts_at_ms=tomorrow_ms, ends_at_ms=tomorrow_ms + 3_600_000
    )
    (fact,) = desk.applied(task).events
    assert isinstance(fact, ev.TaskPlanned)
    assert desk.state.teams[TeamId("T1")].duty is Duty.ON_PATROL
    assert desk.asked(desk.report("mill")) == ["T1"], "until then it is as free as before"


def test_ticketscad_71_there_are_three_timestamps_and_one_is_shown() -> None:
    """Every step has its own time, of the tablet and of the desk, and none stands for another."""
    desk = DeskDriver(TOWN)
    desk.register("T1")
    incident = desk.report("mill")
    start_ms = desk.now_ms
    order = order_of(desk, "T1")
    for number, verb in enumerate(FORWARD, 1):
        desk.pass_time(number * 1000)
        said = cmd.AnswerOrder(
            order=order.order, team=order.team, verb=verb, occurred_at_ms=desk.now_ms - 400, note="ok"
        )
        (fact, *_) = desk.applied(said).events
        assert fact.occurred_at_ms == desk.now_ms - 400  # type: ignore[union-attr]
    ended = desk.state.orders[order.order]
    legs = clocks(desk.state.incidents[incident], [ended])
    assert (legs.offered_ms, legs.accepted_ms, legs.departed_ms, legs.arrived_ms) == (0, 1000, 3000, 6000)
    assert (legs.reported_back_ms, legs.closed_ms) == (10_000, 15_000)
    assert ended.ended_at_ms == start_ms + 15_000


def test_ticketscad_135_a_note_cannot_be_added_without_opening_the_incident() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1")
    incident = desk.report("mill")
    before, order = desk.state.incidents[incident], order_of(desk, "T1")
    desk.applied(cmd.AddNote(incident=incident, note="the caller rang again"))
    known = desk.state.incidents[incident]
    assert [note.note for note in known.notes] == ["the caller rang again"]
    assert replace(known, notes=()) == before, "nothing else has changed"
    assert order_of(desk, "T1") == order
    desk.applied(cmd.CloseIncident(incident=incident, outcome="settled"))
    desk.applied(cmd.AddNote(incident=incident, note="the neighbour thanked us"))
    assert desk.state.incidents[incident].closed_at_ms is not None
    for number in range(9):
        desk.applied(cmd.AddNote(incident=incident, note=f"{number}"))
    assert [note.note for note in desk.state.incidents[incident].notes] == ["4", "5", "6", "7", "8"]
    assert sum(isinstance(row.event, ev.NoteAdded) for row in desk.rows()) == 11, "the log keeps all"


@pytest.mark.parametrize("number", [269, 270])
def test_resgrid_269_270_people_who_are_off_duty_or_logged_out_are_alerted(number: int) -> None:
    """#269: off duty; #270: off for the rest of the shift. No fact about an incident has them as its audience."""
    desk = DeskDriver(TOWN, DeskSettings(plans=PLANS))
    desk.register("T1", "T2", "T3")
    if number == 269:
        desk.applied(cmd.EndDuty(team=TeamId("T1")))
    else:
        minute = (desk.now_ms // 60_000 + 480) % 1440
        ended = Shift((minute - 480) % 1440, (minute - 1) % 1440)
        facts = replace(register("T1"), shift=ended)
        change = {name: getattr(facts, name) for name in facts.__slots__}
        desk.applied(cmd.ChangeTeam(**change))
    head = desk.log.head()
    for urgency in Urgency:
        where = desk.ground.point("mill")
        desk.applied(cmd.ReportIncident(where=where, what=IncidentKind.FIRE, urgency=urgency))
    desk.pass_time(600_000)
    alerted = {audience_of(row.event) for row in desk.rows(head)} - {None}
    assert alerted
    assert "T1" not in alerted
    if number == 269:
        said = cmd.SendTeam(incident=IncidentId("I0001"), team=TeamId("T1"), reason="by hand neither")
        assert desk.refused(said) is Code.TEAM_OFF_DUTY


def test_resgrid_260_the_address_in_the_alert_differs_from_the_one_entered() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1", "T2")
    where = desk.ground.point("mill")
    said = cmd.ReportIncident(
        where=where, what=IncidentKind.FIRE, urgency=Urgency.URGENT, note="2nd floor, back door"
    )
    incident = desk.applied(said).subject
    desk.pass_time(desk.settings.accept_within_ms)
    offers = [row.event for row in desk.rows() if isinstance(row.event, ev.OrderOffered)]
    assert len(offers) == 2, "the second team is told what the first one was"
    known = desk.state.incidents[IncidentId(incident)]
    for offer in offers:
        assert (offer.where, offer.note, offer.what) == (said.where, said.note, said.what)
        assert (offer.place, offer.road) == (known.place, known.road)


def test_traccar_4417_late_messages_break_the_order_of_events() -> None:
    """Answers that come late or in the wrong order are refused or change nothing; the facts stay in order."""
    desk = DeskDriver(TOWN)
    desk.register("T1", "T2")
    desk.report("mill")
    order = order_of(desk, "T1")
    pressed = {}
    for verb in FORWARD[:3]:
        desk.pass_time(1000)
        pressed[verb] = desk.answering(order, verb)
    assert desk.refused(pressed[ARRIVE]) is Code.WRONG_STATE, "arrived before it was accepted"
    for verb in FORWARD[:3]:
        desk.applied(pressed[verb])
    head, arrived = desk.log.head(), desk.state.orders[order.order]
    for late in (pressed[DEPART], pressed[ACCEPT], pressed[ARRIVE]):
        assert desk.applied(late).kind == "superseded"
    assert (desk.log.head(), desk.state.orders[order.order]) == (head, arrived)
    assert arrived.status is OrderStatus.ON_SCENE
    assert desk.state.orders[OrderId("O0001")].arrived_at_ms == desk.now_ms
