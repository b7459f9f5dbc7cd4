"""A tablet and a desk over a line that breaks anywhere, again and again: in the end they agree, once in effect."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from dispatch.adapters.log_memory import MemoryLog
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.domain.refusals import Refusal
from dispatch.wire import frames as fr
from dispatch.wire import tablet_session as ts
from tests.service.driver import DeskDriver, Table, key
from tests.wire.line import Line, Pad

TEAM = "T1"
NEXT = {
    OrderStatus.OFFERED: OrderTrigger.ACCEPT,
    OrderStatus.ACCEPTED: OrderTrigger.DEPART,
    OrderStatus.EN_ROUTE: OrderTrigger.ARRIVE,
    OrderStatus.ON_SCENE: OrderTrigger.REPORT_BACK,
    OrderStatus.REPORTED_BACK: OrderTrigger.CLOSE,
}
SAID_BY = {
    OrderTrigger.ACCEPT: "order_accepted",
    OrderTrigger.DEPART: "order_departed",
    OrderTrigger.ARRIVE: "order_arrived",
    OrderTrigger.REPORT_BACK: "order_reported_back",
    OrderTrigger.CLOSE: "order_closed",
    OrderTrigger.DECLINE: "order_declined",
}
TEAMS_OWN = (
    ev.OrderAccepted | ev.OrderDeparted | ev.OrderArrived | ev.OrderReportedBack | ev.OrderClosed | ev.OrderDeclined
)
few = st.integers(0, 6)


class BrokenLine(RuleBasedStateMachine):
    """Frames are delivered one by one in both directions; a cut loses all that is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = DeskDriver(Table({"T1": {"mill": 60}, "T2": {"mill": 90}}))
        self.desk.register("T1", "T2")
        self.pad = Pad(TEAM, lambda: self.desk.now_ms)
        self.line: Line | None = None
        self.pressed: list[fr.CommandFrame] = []
        self.restored = False
        self.meant: dict[str, tuple[str, int]] = {}
        """By key: the order that the crew saw when it pressed the button, by what no other order has."""

    # ── the line ──────────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.line is None)
    @rule(died_after=st.none() | few)
    def the_tablet_connects(self, died_after: int | None) -> None:
        self.line = Line(self.desk)
        self._give(ts.Connected(), died_after)

    @precondition(lambda self: self.line is not None)
    @rule()
    def the_line_breaks(self) -> None:
        self.line = None
        self.pad.out = []
        self.pad.give(ts.Lost())

    @precondition(lambda self: self.line is not None)
    @rule(count=few)
    def some_frames_reach_the_desk(self, count: int) -> None:
        for _ in range(count):
            if self.line is not None and self.pad.out:
                self.line.give_text(self.pad.out.pop(0))

    @precondition(lambda self: self.line is not None)
    @rule(count=few, died_after=st.none() | few)
    def some_frames_reach_the_tablet(self, count: int, died_after: int | None) -> None:
        for number in range(count):
            if self.line is not None and self.line.out:
                self._give(ts.Received(self.line.out.pop(0)), died_after if number == count - 1 else None)

    @rule()
    def the_line_is_good_for_a_while(self) -> None:
        for _ in range(1000):
            if self.line is None:
                self.the_tablet_connects(None)
            if not self.pad.out and not self.line.out:
                return
            self.some_frames_reach_the_desk(1)
            self.some_frames_reach_the_tablet(1, None)
        raise AssertionError("the two never come to rest")

    def _give(self, given: ts.Input, died_after: int | None = None) -> None:
        died = self.pad.give(given, died_after)
        if died or self.pad.hung:
            self.pad.hung = False
            self.the_line_breaks()

    # ── the two ends ──────────────────────────────────────────────────────────────────────────────────────

    @rule(decline=few, died_after=st.none() | few)
    def the_crew_presses_a_button(self, decline: int, died_after: int | None) -> None:
        order = self.pad.tablet.order
        if order is None:
            return
        verb = NEXT[order.status]
        if verb is OrderTrigger.ACCEPT and decline == 0:
            verb = OrderTrigger.DECLINE
        self._give(ts.Press(key(len(self.pressed)), verb, "note"), died_after)
        self.meant[key(len(self.pressed))] = (order.incident, order.deadline_ms)
        command = self.pad.on_disk.outbox.get(key(len(self.pressed)))
        self.pressed += [command] if command else []

    @precondition(lambda self: len(self.desk.state.open_incidents) < 3)
    @rule()
    def something_happens(self) -> None:
        self.desk.report("mill")
        self._wake()

    @rule(pick=few)
    def the_operator_closes_an_incident(self, pick: int) -> None:
        names = list(self.desk.state.open_incidents)
        if pick < len(names):
            self.desk.applied(cmd.CloseIncident(incident=names[pick]))
            self._wake()

    @rule(ms=st.sampled_from([1000, 20_000, 31_000]))
    def time_passes(self, ms: int) -> None:
        self.desk.pass_time(ms)
        self._wake()

    @rule(on=st.booleans())
    def the_duty_of_the_team_changes(self, on: bool) -> None:
        self.desk.do(cmd.StartDuty(team=TEAM) if on else cmd.EndDuty(team=TEAM))
        self._wake()

    @rule()
    def the_tablet_is_switched_off(self) -> None:
        self.pad.crash()
        self.line = None

    @rule()
    def the_service_is_killed(self) -> None:
        self.desk.crash()
        if self.line is not None:
            self.the_line_breaks()

    @rule(lost=st.integers(1, 8))
    def the_log_is_restored_from_a_backup(self, lost: int) -> None:
        rows = self.desk.rows()
        log = MemoryLog()
        log.append(rows[: max(4, len(rows) - lost)])  # the teams were there in every backup
        now_ms = self.desk.now_ms
        self.desk.log = log
        self.desk.crash()
        self.desk.now_ms = now_ms
        self.restored = True
        if self.line is not None:
            self.the_line_breaks()

    def _wake(self) -> None:
        if self.line is not None:
            self.line.pump()

    # ── in the end ────────────────────────────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        if self.line is not None:
            self.the_line_breaks()
        self.the_line_is_good_for_a_while()
        self.they_agree()
        self.every_button_had_its_effect_once()
        self.no_answer_met_another_order()

    def no_answer_met_another_order(self) -> None:
        """After a restore an id is given again: what was meant for the lost order moves no other one."""
        for row in self.desk.rows():
            if row.key in self.meant and (name := getattr(row.event, "order", None)) is not None:
                order = self.desk.state.orders[name]
                if isinstance(row.event, TEAMS_OWN):
                    assert (order.incident, order.deadline_ms) == self.meant[row.key]

    def they_agree(self) -> None:
        tablet, state = self.pad.tablet, self.desk.state
        name = state.live_order_of.get(TEAM)
        held = tablet.order
        assert (None if held is None else held.order) == name
        assert tablet.epoch == self.desk.log.epoch
        assert not tablet.outbox, "a command was never answered"
        assert self.pad.on_disk.seq == tablet.seq
        if name is None:
            return
        order = state.orders[name]
        assert held is not None
        assert (held.status, held.deadline_ms, held.eta_ms) == (order.status, order.deadline_ms, order.eta_ms)
        assert order.stored_at_ms is not None, "the desk was never told that the order is stored"
        assert name in self.pad.drawn
        if order.status is OrderStatus.OFFERED:
            assert order.shown_at_ms is not None, "the desk was never told that the order is shown"

    def every_button_had_its_effect_once(self) -> None:
        facts = [(row.event.kind, getattr(row.event, "order", None)) for row in self.desk.rows()]
        for kind in SAID_BY.values():
            named = [order for said, order in facts if said == kind]
            assert len(named) == len(set(named)), f"{kind} twice"
        for command in self.pressed:
            if self.restored or (SAID_BY[command.verb], command.order) in facts:
                continue
            again = cmd.AnswerOrder(order=command.order, team=TEAM, verb=command.verb, occurred_at_ms=0)
            answer = self.desk.do(again)
            assert isinstance(answer, Refusal), f"{command.verb} of {command.order} was lost"


BrokenLine.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class TestBrokenLine(BrokenLine.TestCase):
    """Two hundred lines of forty mishaps each."""
