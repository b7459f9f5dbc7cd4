"""What one incident teaches: its clocks, and the thirteen steps of its walk."""

from __future__ import annotations

from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.types import IncidentId
from dispatch.domain.walk import Step
from dispatch.planning.walk import Clocks, WalkLine, clocks, walk_steps
from tests.service.driver import DeskDriver, Table

FORWARD = [
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
]
TOWN = Table({"T1": {"mill": 60}, "T2": {"mill": 90}})


def told(desk: DeskDriver, incident: IncidentId) -> Clocks:
    known = desk.state.incidents[incident]
    return clocks(known, [desk.state.orders[name] for name in known.orders])


def test_an_incident_that_waits_has_no_clocks_at_all() -> None:
    desk = DeskDriver(TOWN)
    assert told(desk, desk.report("mill")) == Clocks(
        offered_ms=None,
        accepted_ms=None,
        departed_ms=None,
        arrived_ms=None,
        reported_back_ms=None,
        closed_ms=None,
        met=None,
    )


def test_the_clocks_run_from_the_report_over_all_orders_of_the_incident() -> None:
    """T1 is silent for 30 s, then T2 answers once a second: its times count from the report, not from its order."""
    desk = DeskDriver(TOWN)
    desk.register("T1", "T2")
    incident = desk.report("mill")
    desk.pass_time(desk.settings.accept_within_ms)
    order = desk.live(incident)
    assert order is not None
    desk.walk(order.order, *FORWARD)
    assert told(desk, incident) == Clocks(
        offered_ms=0,
        accepted_ms=31_000,
        departed_ms=32_000,
        arrived_ms=33_000,
        reported_back_ms=34_000,
        closed_ms=35_000,
        met=True,
    )


def test_the_target_of_five_minutes_is_met_at_the_last_moment_and_missed_after_it() -> None:
    for late_ms, met in ((0, True), (1, False)):
        desk = DeskDriver(TOWN)
        desk.register("T1")
        incident = desk.report("mill")
        order = desk.live(incident)
        assert order is not None
        desk.walk(order.order, *FORWARD[:2])
        desk.pass_time(300_000 - 3000 + late_ms)
        desk.walk(order.order, OrderTrigger.ARRIVE)
        assert told(desk, incident).met is met


def test_the_walk_has_thirteen_lines_in_their_order_each_at_its_first_note() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1")
    incident = desk.state.incidents[desk.report("mill")]
    notes = [
        (Step.REPORT, 10.0, ""),
        (Step.LOCATE, 10.001, "mill road"),
        (Step.PUSH, 10.010, "to T1"),
        (Step.PUSH, 10.020, "to T2"),
        (Step.PUSH, 10.030, "to T1"),
    ]
    lines = walk_steps(incident, [], notes)
    assert [line.step for line in lines] == list(range(1, 14))
    assert lines[0] == WalkLine(Step.REPORT, 0.0, "")
    assert lines[1] == WalkLine(Step.LOCATE, 1.0, "mill road")
    assert lines[8] == WalkLine(Step.PUSH, 10.0, "to T1; to T2")
    assert {line.at_ms for line in lines} == {0.0, 1.0, 10.0, None}
    assert lines[-1].at_ms is None, "nothing is learned before the end"


def test_the_last_step_tells_the_clocks_once_the_incident_is_closed() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1")
    name = desk.report("mill")
    order = desk.live(name)
    assert order is not None
    desk.walk(order.order, *FORWARD)
    incident = desk.state.incidents[name]
    learned = walk_steps(
        incident, [desk.state.orders[order.order]], [(Step.REPORT, 1.0, ""), (Step.ARRIVE, 6.0, "")]
    )[-1]
    assert learned == WalkLine(Step.LEARN, 5000.0, "accepted 1.0 s, arrived 3.0 s, closed 5.0 s; target met")
    assert walk_steps(incident, [], [])[-1].at_ms is None, "a walk that nobody remembers has no times"
