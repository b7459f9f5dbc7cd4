"""Deadlines survive restarts and clock steps, and each fires once: on SQLite and PostgreSQL, through the loop."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from dispatch.domain import events as ev
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.types import OrderId
from dispatch.service.settings import DeskSettings
from tests.contract.stores import DURABLE, Store, store_of
from tests.server.harness import Bench, bench, nothing, virtual
from tests.service.driver import Table, key

ACCEPT_MS = DeskSettings().accept_within_ms
GRACE_MS = DeskSettings().grace_after_start_ms

TEAMS = tuple(f"T{number:02d}" for number in range(12))
GROUND = Table({team: {"mill": 60 + number, "school": 200 - number} for number, team in enumerate(TEAMS)})


@pytest.fixture(params=DURABLE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return store_of(request.param, request, tmp_path)


def expiries(made: Bench) -> Counter[str]:
    return Counter(row.event.order for row in made.log.read() if isinstance(row.event, ev.OrderExpired))


@virtual
async def test_a_deadline_that_passes_while_the_desk_is_down_fires_once_after_the_grace(store: Store) -> None:
    async with bench(*TEAMS, log=store.open(), ground=GROUND) as made:
        for number, place in enumerate(("mill", "school", "mill")):
            await made.applied(made.reporting(place), key(number))
        assert not expiries(made)
    async with bench(log=store.open(), ground=GROUND, later_ms=10 * ACCEPT_MS) as again:
        await asyncio.sleep(GRACE_MS / 1000 - 0.5)
        assert not expiries(again)
        await asyncio.sleep(1)
        assert expiries(again) == Counter({"O0001": 1, "O0002": 1, "O0003": 1})
    async with bench(log=store.open(), ground=GROUND, later_ms=10 * ACCEPT_MS + GRACE_MS + 600) as third:
        await asyncio.sleep(GRACE_MS / 1000 + 0.1)
        assert set(expiries(third).values()) == {1}, "a restart fires nothing that has fired"


@virtual
@pytest.mark.parametrize("step_ms", [-3_600_000, -20_000, 20_000])
async def test_a_clock_that_is_stepped_over_a_restart_neither_loses_nor_doubles_a_deadline(
    store: Store, step_ms: int
) -> None:
    async with bench(*TEAMS, log=store.open(), ground=GROUND) as made:
        await made.applied(made.reporting("mill"), key(1))
        deadline_ms = made.desk.state.orders[OrderId("O0001")].deadline_ms
        await asyncio.sleep(5)
        later_ms = made.clock.now_ms() + step_ms - LOOP_START_MS
    async with bench(log=store.open(), ground=GROUND, later_ms=later_ms) as again:
        left_s = (deadline_ms - again.clock.now_ms()) / 1000
        wait_s = max(left_s, GRACE_MS / 1000)
        await asyncio.sleep(wait_s - 0.2)
        assert not expiries(again)
        await asyncio.sleep(0.4)
        assert expiries(again) == Counter({"O0001": 1})
        assert again.asked("I0001") == ["T00", "T01"]


LOOP_START_MS = 1_800_000_000_000


@virtual
async def test_a_step_back_in_a_running_desk_holds_a_deadline_and_fires_it_once(store: Store) -> None:
    async with bench(*TEAMS, log=store.open(), ground=GROUND) as made:
        await made.applied(made.reporting("mill"), key(1))
        await asyncio.sleep(ACCEPT_MS / 1000 - 1)
        made.clock.set_by_ms -= 5000
        await asyncio.sleep(5)
        assert not expiries(made)
        await asyncio.sleep(1.5)
        assert expiries(made) == Counter({"O0001": 1})
        made.clock.set_by_ms -= 20_000
        await asyncio.sleep(2)
        assert expiries(made) == Counter({"O0001": 1}), "a moment that comes twice has one deadline"


@virtual
async def test_an_answer_and_a_deadline_in_the_same_moment_never_both_count(store: Store) -> None:
    async with bench(*TEAMS, log=store.open(), ground=GROUND) as made:
        for number in range(6):
            await made.applied(made.reporting("mill"), key(number))
        answers = [made.answering(f"O000{number}", OrderTrigger.ACCEPT) for number in range(1, 7)]
        made.clock.set_by_ms += ACCEPT_MS + GRACE_MS
        outcomes = await asyncio.gather(*(made.desk.post(each, key(100 + n)) for n, each in enumerate(answers)))
        await asyncio.sleep(1)
        accepted = {row.event.order for row in made.log.read() if isinstance(row.event, ev.OrderAccepted)}
        expired = expiries(made)
        assert accepted & expired.keys() == set()
        assert accepted | expired.keys() >= {f"O000{number}" for number in range(1, 7)}
        assert len(outcomes) == 6 and set(expired.values()) <= {1}


@virtual
@pytest.mark.parametrize("seed", range(4))
async def test_any_day_of_restarts_and_clock_steps_fires_every_deadline_once(store: Store, seed: int) -> None:
    """Every offer ends in exactly one way, in any order of reports, answers, restarts and steps of the clock."""
    chance, later_ms, number = random.Random(seed), 0, 0
    for restart in range(5):
        teams = TEAMS if restart == 0 else ()
        async with bench(*teams, log=store.open(), ground=GROUND, later_ms=later_ms) as made:
            for _ in range(8):
                number += 1
                await made.desk.post(made.reporting(chance.choice(("mill", "school"))), key(number))
                await asyncio.sleep(chance.choice((0.0, 3.0, 12.0, 31.0)))
                made.clock.set_by_ms += chance.choice((0, 0, -7000, 9000))
                await made.refused(nothing())
                for order in list(made.desk.state.live_order_of.values()):
                    if chance.random() < 0.3:
                        number += 1
                        verb = chance.choice((OrderTrigger.ACCEPT, OrderTrigger.DECLINE))
                        await made.desk.post(made.answering(order, verb), key(number))
            later_ms = made.clock.now_ms() + chance.choice((-10_000, 0, 60_000)) - LOOP_START_MS
    async with bench(log=store.open(), ground=GROUND, later_ms=later_ms + 10 * ACCEPT_MS) as made:
        await asyncio.sleep((GRACE_MS + ACCEPT_MS) / 1000)
        state, counted = made.desk.state, expiries(made)
        assert set(counted.values()) == {1}
        ends = Counter(
            row.event.order
            for row in made.log.read()
            if isinstance(row.event, ev.OrderExpired | ev.OrderDeclined | ev.OrderAccepted)
        )
        assert set(ends.values()) == {1}
        now_ms = made.clock.now_ms()
        overdue = [o for o in state.orders.values() if o.status == "offered" and o.deadline_ms + 1000 < now_ms]
        assert not overdue, "an order that nobody answered outlived its deadline"
