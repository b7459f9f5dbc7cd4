"""Any day of a desk: whatever comes in whatever order, what must hold holds after every step."""

from __future__ import annotations

import random
from typing import get_args, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.refusals import TABLE as TABLE_OF_REFUSALS
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from tests.service.driver import DeskDriver, Done, key
from tests.service.random_day import TABLE, TEAMS, WORDS, new_desk, wish

numbers = st.integers(0, 99)
EVERY_KIND = {get_args(get_type_hints(kind)["kind"])[0] for kind in get_args(ev.Event)}
CLOCKS_OWN = (cmd.AssignIncident, cmd.ExpireOrder)
"""Commands that only the clock gives, without a key; here it also gives them when they are not due."""


class AnyDay(RuleBasedStateMachine):
    """The real plans, folds and timers; the clock goes on by itself only where a rule lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = DeskDriver(TABLE)
        self.said: list[tuple[cmd.Command, Done]] = []
        self.desk.register(*TEAMS[:3])

    @rule(
        word=st.sampled_from([word for word in WORDS if word not in ("wait", "again")]),
        a=numbers,
        b=numbers,
        c=numbers,
    )
    def somebody_wants_something(self, word: str, a: int, b: int, c: int) -> None:
        command = wish(self.desk, (word, a, b, c))
        if command is None:
            return
        before = self.desk.log.head()
        its_key = None if isinstance(command, CLOCKS_OWN) else key(len(self.said))
        answer = self.desk.do(command, its_key)
        if isinstance(answer, Refusal):
            assert self.desk.log.head() == before, "a refused command appended something"
        elif answer.kind == "applied":
            assert self.desk.log.head() == before + len(answer.events) > before
            if its_key is not None:
                self.said.append((command, answer))
        else:
            assert self.desk.log.head() == before

    @precondition(lambda self: self.said)
    @rule(pick=numbers)
    def somebody_says_it_again(self, pick: int) -> None:
        number = pick % len(self.said)
        command, first = self.said[number]
        before = self.desk.log.head()
        again = self.desk.do(command, key(number))
        assert isinstance(again, Done)
        assert (again.kind, again.answer) == ("replayed", first.answer)
        other = self.desk.do(cmd.CloseIncident(incident="I0001", outcome="never said"), key(number))
        assert isinstance(other, Refusal)
        assert other.code is Code.KEY_REUSED
        assert self.desk.log.head() == before

    @rule(ms=st.sampled_from([1, 999, 15_000, 30_000, 31_000, 90_000]))
    def time_passes(self, ms: int) -> None:
        self.desk.pass_time(ms)
        for order in self.desk.state.orders.values():
            if ORDER.allows(order.status, OrderTrigger.EXPIRE):
                assert order.deadline_ms > self.desk.now_ms, f"{order.order} outlived its deadline unanswered"

    @rule()
    def the_service_is_killed(self) -> None:
        self.desk.crash()

    @invariant()
    def the_log_folds_to_the_live_state(self) -> None:
        replayed = DeskState()
        for number, row in enumerate(self.desk.log.read(), 1):
            assert row.seq == number, "seq has a gap"
            replayed.apply(row)
        assert replayed == self.desk.state

    @invariant()
    def a_team_has_at_most_one_live_order_and_it_is_the_one_that_is_kept(self) -> None:
        live = [order for order in self.desk.state.orders.values() if ORDER.live(order.status)]
        assert len({order.team for order in live}) == len(live)
        assert {order.team: order.order for order in live} == self.desk.state.live_order_of

    @invariant()
    def an_open_incident_has_a_live_order_or_a_reason_and_a_closed_one_has_neither(self) -> None:
        state = self.desk.state
        for incident in state.incidents.values():
            live = state.live_orders(incident.incident)
            is_open = incident.closed_at_ms is None
            assert (incident.incident in state.open_incidents) == is_open
            if not is_open:
                assert not live
                assert incident.retry_at_ms is None
            else:
                assert bool(live) != bool(incident.waiting_reason)
                assert (incident.retry_at_ms is not None) == (incident.waiting_reason is not None)

    @invariant()
    def ids_are_unique_and_every_order_belongs_to_its_incident(self) -> None:
        state = self.desk.state
        given = [name for incident in state.incidents.values() for name in incident.orders]
        assert len(given) == len(set(given))
        assert set(given) == set(state.orders)
        for name, incident in state.incidents.items():
            assert [state.orders[order].incident for order in incident.orders] == [name] * len(incident.orders)
            attempts = [state.orders[order].attempt for order in incident.orders]
            assert attempts == list(range(1, len(attempts) + 1))

    @invariant()
    def the_times_of_an_order_go_forward(self) -> None:
        for order in self.desk.state.orders.values():
            steps = [
                order.offered_at_ms,
                order.accepted_at_ms,
                order.departed_at_ms,
                order.arrived_at_ms,
                order.reported_back_at_ms,
                order.ended_at_ms,
            ]
            times = [at_ms for at_ms in steps if at_ms is not None]
            assert times == sorted(times)
            if order.status is OrderStatus.EXPIRED:
                assert order.accepted_at_ms is None
                assert order.ended_at_ms is not None
                assert order.ended_at_ms >= order.deadline_ms


AnyDay.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=50,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class TestAnyDay(AnyDay.TestCase):
    """A hundred and fifty days of fifty steps each."""


def test_random_days_come_to_every_kind_of_fact_and_to_most_refusals() -> None:
    """The days above are worth nothing if they are all alike."""
    chance = random.Random(135)
    facts, codes = set(), set()
    for _ in range(60):
        desk = new_desk()
        for _ in range(60):
            deed = (chance.choice(WORDS), *(chance.randrange(100) for _ in range(3)))
            command = wish(desk, deed)
            answer = desk.do(command) if command else None
            if deed[0] == "wait":
                desk.pass_time(deed[1] * 700)
            if isinstance(answer, Refusal):
                codes.add(answer.code)
        facts |= {row.event.kind for row in desk.rows()}
    assert facts == EVERY_KIND
    business = {code for code in Code if 103 <= TABLE_OF_REFUSALS[code].number < 300}
    assert codes >= business - {Code.KEY_REUSED, Code.BODY_TOO_LARGE}
