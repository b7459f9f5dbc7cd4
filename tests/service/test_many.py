"""Many incidents wait: what is not due costs nothing, what is due is answered, and the law of waiting holds."""

from __future__ import annotations

import random

import pytest

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain.commands import AssignIncident
from dispatch.domain.types import IncidentId, IncidentKind, TeamId, Urgency
from dispatch.service import needs, offering
from dispatch.service.needs import MAX_JOINT, unmet
from dispatch.service.timers import Timer, next_timer, timers
from tests.service.driver import TOWN, DeskDriver, Table
from tests.service.test_mended import FULL, order_of, teams_at
from tests.service.test_waves import report

FAR = Table({"T1": {"mill": Reason.NO_WAY, "school": 90}})


def check_the_law(desk: DeskDriver) -> None:
    """An open incident lacks a team, or has none, exactly where it has a waiting reason: looked up one by one."""
    state = desk.state
    for name in state.open_incidents:
        wants = bool(unmet(state, desk.settings, name)) or not state.live_orders(name)
        assert wants == (state.incidents[name].waiting_reason is not None), name


def test_one_that_can_be_served_is_served_though_forty_graver_ones_cannot() -> None:
    desk = DeskDriver(FAR)
    for _ in range(MAX_JOINT + 3):
        report(desk, "mill", IncidentKind.DISPUTE, Urgency.CRITICAL)
    light = report(desk, "school", IncidentKind.DISPUTE, Urgency.ROUTINE)
    desk.register("T1")
    desk.pass_time(desk.settings.retry_after_ms)
    assert teams_at(desk, light) == ["T1"]
    check_the_law(desk)


@pytest.mark.parametrize("seed", range(2))
def test_the_law_of_waiting_holds_for_all_of_many_after_every_command(seed: int) -> None:
    chance, desk = random.Random(seed), DeskDriver(TOWN)
    desk.register("T1", "T2", "T3", on_duty=False)
    for _ in range(MAX_JOINT + 10):
        report(desk, chance.choice(["mill", "school"]), IncidentKind.DISPUTE, chance.choice(list(Urgency)))
    for _ in range(30):
        team, names = TeamId(f"T{chance.randint(1, 3)}"), list(desk.state.open_incidents)
        one, other = chance.sample(names, 2)
        live = desk.state.live_order_of.get(team)
        wishes: list[cmd.Command] = [
            cmd.StartDuty(team=team),
            cmd.CloseIncident(incident=one, outcome=""),
            cmd.MergeIncidents(incident=one, into=other),
            cmd.CallWave(incident=one),
            AssignIncident(incident=one),
            cmd.SendTeam(incident=one, team=team, reason="by hand"),
        ]
        merged = [each.incident for each in desk.state.incidents.values() if each.merged_into is not None]
        wishes += [cmd.UnmergeIncident(incident=name) for name in merged[:1]]
        desk.do(chance.choice(wishes))
        check_the_law(desk)
        if live is not None and chance.random() < 0.5 and team in desk.state.live_order_of:
            desk.walk(desk.state.live_order_of[team], *FULL[: chance.randint(1, 5)])
            check_the_law(desk)
        desk.pass_time(chance.choice([0, 100, 400]))
        check_the_law(desk)
    desk.pass_time(desk.settings.retry_after_ms)
    check_the_law(desk)


def test_what_waits_and_is_not_due_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = DeskDriver(TOWN)
    for _ in range(600):
        desk.report("mill")
    counted: list[str] = []

    def counting(*args: object) -> object:
        counted.append(str(args[2]))
        return unmet(*args)  # type: ignore[arg-type]

    for module in (needs, offering):
        monkeypatch.setattr(module, "unmet", counting)
    last = desk.report("mill")
    assert set(counted) == {last}
    desk.now_ms += desk.settings.retry_after_ms
    counted.clear()
    desk.applied(AssignIncident(incident=IncidentId("I0599")))
    assert "I0599" in counted, "the one that is asked for, though graver ones wait longer"
    assert len(set(counted)) <= MAX_JOINT


def test_retries_that_are_held_apart_keep_their_order_and_hold_up_nothing_else() -> None:
    desk = DeskDriver(TOWN)
    names = []
    for _ in range(3):
        names.append(desk.report("mill"))
        desk.now_ms += 1_000
    first, second, third = sorted(timers(desk.state), key=lambda timer: timer.due_ms)
    later_ms = third.due_ms + 5_000
    assert next_timer(desk.state) == (first.due_ms, first)
    assert next_timer(desk.state, {}, later_ms) == (later_ms, first)
    held = {first: first.due_ms + 60_000}
    assert next_timer(desk.state, held, later_ms) == (later_ms, second), "who has waited longest, not the first id"
    desk.register("T1", "T2")
    desk.pass_time(0)
    order = order_of(desk, "T1")
    ready = next_timer(desk.state, {}, later_ms + 10**6)
    assert ready is not None
    assert ready[1] == Timer(order.deadline_ms, cmd.ExpireOrder(order=order.order)), "an expiry waits for no retry"
