"""The fold takes what the tables allow and nothing else: a log that says otherwise is corrupt and not believed."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from dispatch.domain import events as ev
from dispatch.domain.commands import OpenWave
from dispatch.domain.events import Envelope, audience_of
from dispatch.domain.order_machine import ORDER, OrderStatus
from dispatch.domain.state import TRIGGER_OF, DeskState, subject_of
from dispatch.service.timers import timers
from dispatch.wire.records import event_from_json
from tests.contract.rows import INCIDENT, ONE_OF_EACH, TEAM, offered, rows_of
from tests.contract.rows import ORDER as ORDER_ID
from tests.service.random_day import RICH, WORDS, live_a_day, new_desk

REGISTERED, DUTY_STARTED = ONE_OF_EACH[0], ONE_OF_EACH[1]
REPORTED = next(event for event in ONE_OF_EACH if isinstance(event, ev.IncidentReported))
WAY_TO = {
    OrderStatus.OFFERED: (),
    OrderStatus.ACCEPTED: (ev.OrderAccepted,),
    OrderStatus.EN_ROUTE: (ev.OrderAccepted, ev.OrderDeparted),
    OrderStatus.ON_SCENE: (ev.OrderAccepted, ev.OrderDeparted, ev.OrderArrived),
    OrderStatus.REPORTED_BACK: (ev.OrderAccepted, ev.OrderDeparted, ev.OrderArrived, ev.OrderReportedBack),
    OrderStatus.DECLINED: (ev.OrderDeclined,),
    OrderStatus.EXPIRED: (ev.OrderExpired,),
    OrderStatus.RECALLED: (ev.OrderRecalled,),
}
WAY_TO[OrderStatus.CLOSED] = (*WAY_TO[OrderStatus.REPORTED_BACK], ev.OrderClosed)
EVENT = {type(event): event for event in ONE_OF_EACH}


def folded(*events: ev.Event) -> DeskState:
    state = DeskState()
    for row in rows_of([REGISTERED, DUTY_STARTED, REPORTED, *events]):
        state.apply(row)
    return state


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize("kind", list(TRIGGER_OF), ids=lambda kind: kind.__name__)
def test_a_fact_that_the_order_machine_has_no_step_for_is_not_folded(status: OrderStatus, kind: type) -> None:
    state = folded(offered(ORDER_ID, TEAM), *(EVENT[step] for step in WAY_TO[status]))
    assert state.orders[ORDER_ID].status is status
    row = Envelope(seq=state.seq + 1, at_ms=1, key=None, digest=None, event=EVENT[kind])
    target = ORDER.next(status, TRIGGER_OF[kind])
    if target is None:
        with pytest.raises(AssertionError, match="cannot"):
            state.apply(row)
    else:
        state.apply(row)
        assert state.orders[ORDER_ID].status is target
        assert (TEAM in state.live_order_of) == ORDER.live(target)


def test_every_kind_of_fact_that_moves_an_order_moves_it_by_a_trigger_of_its_own() -> None:
    assert set(TRIGGER_OF) == set(get_args(ev.OrderMoved))
    assert len(set(TRIGGER_OF.values())) == len(TRIGGER_OF)


@pytest.mark.parametrize("seq", [0, 3, 5, 99])
def test_a_gap_or_a_repetition_in_the_log_is_not_folded(seq: int) -> None:
    state = folded()
    with pytest.raises(AssertionError, match="after 3"):
        state.apply(Envelope(seq=seq, at_ms=1, key=None, digest=None, event=DUTY_STARTED))


def test_a_second_live_order_of_a_team_is_not_folded() -> None:
    with pytest.raises(AssertionError, match="already has a live order"):
        folded(offered("O0001", TEAM), offered("O0002", TEAM))


@pytest.mark.parametrize("twice", [DUTY_STARTED, EVENT[ev.IncidentClosed]], ids=lambda event: event.kind)
def test_a_step_that_was_taken_cannot_be_taken_again(twice: ev.Event) -> None:
    with pytest.raises(AssertionError, match=r"cannot|is closed"):
        folded(twice, twice)


CONSOLES_ONLY = {
    "incident_reported",
    "incident_waiting",
    "waiting_ended",
    "incident_closed",
    "incident_reopened",
    "incident_merged",
    "incident_unmerged",
    "note_added",
    "wave_opened",
    "teams_recommended",
    "recommendation_confirmed",
    "override_noted",
}


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: event.kind)
def test_a_fact_is_for_its_own_team_and_for_consoles_or_for_consoles_alone(event: ev.Event) -> None:
    assert audience_of(event) == (None if event.kind in CONSOLES_ONLY else TEAM)
    named = subject_of(event)
    of_an_order = event.kind.startswith("order_") or event.kind == "help_asked"
    expected = ORDER_ID if of_an_order else INCIDENT if event.kind in CONSOLES_ONLY else TEAM
    assert named == expected


def test_a_replay_is_known_by_its_key_over_all_the_facts_of_its_command() -> None:
    state = DeskState()
    for row in rows_of([REGISTERED, DUTY_STARTED]):
        state.apply(row)
    for row in rows_of([REPORTED, offered(ORDER_ID, TEAM)], start=3, key="k", digest="d"):
        state.apply(row)
    answer = state.answers["k"]
    assert (answer.digest, answer.first_seq, answer.last_seq, answer.subject) == ("d", 3, 4, INCIDENT)


def test_a_log_of_the_first_days_folds_to_what_it_said_then(repo_root: Path) -> None:
    """Written by the service before waves, tasks and merging were known: what is new has a default."""
    told = json.loads((repo_root / "tests/domain/fixtures/first_days.json").read_text(encoding="utf-8"))
    state = DeskState()
    for row in told["rows"]:
        event = event_from_json(json.dumps(row["event"]))
        state.apply(Envelope(seq=row["seq"], at_ms=row["at_ms"], key=row["key"], digest=row["digest"], event=event))
    assert list(state.open_incidents) == told["open"]
    assert state.live_order_of == told["live"]
    assert {name: order.status for name, order in state.orders.items()} == told["orders"]
    assert {name: team.duty for name, team in state.teams.items()} == told["duty"]
    assert {name: one.waiting_reason for name, one in state.incidents.items()} == told["waiting"]
    assert not [timer for timer in timers(state) if isinstance(timer.command, OpenWave)], "no wave is late there"


def test_a_fork_goes_its_own_way_and_leaves_the_desk_as_it_was() -> None:
    state = folded(offered(ORDER_ID, TEAM))
    before = (state.seq, dict(state.orders), dict(state.incidents), dict(state.live_order_of), dict(state.teams))
    fork = state.fork()
    fork.apply(Envelope(seq=5, at_ms=9, key="k", digest="d", event=EVENT[ev.OrderExpired]))
    fork.apply(Envelope(seq=6, at_ms=9, key=None, digest=None, event=offered("O0002", TEAM)))
    assert before == (
        state.seq,
        dict(state.orders),
        dict(state.incidents),
        dict(state.live_order_of),
        dict(state.teams),
    )
    assert "k" not in state.answers
    assert (len(fork.orders), list(fork.orders)) == (2, ["O0001", "O0002"])
    assert fork.live_order_of == {TEAM: "O0002"}
    straight = folded(offered(ORDER_ID, TEAM), EVENT[ev.OrderExpired], offered("O0002", TEAM))
    assert {name: order.status for name, order in fork.orders.items()} == {
        name: order.status for name, order in straight.orders.items()
    }


def test_a_record_does_not_change_once_it_is_in_the_state() -> None:
    """The fold makes another one.

    Nothing guards a record at run time, for making one would take four times as long; that no code assigns to one
    is a wall (tests/walls/test_records.py).
    """
    state = folded(offered(ORDER_ID, TEAM))
    before, seen = state.orders[ORDER_ID], replace(state.orders[ORDER_ID])
    state.apply(Envelope(seq=5, at_ms=9, key=None, digest=None, event=EVENT[ev.OrderAccepted]))
    assert before == seen
    assert state.orders[ORDER_ID] == replace(before, status=OrderStatus.ACCEPTED, accepted_at_ms=9)


@pytest.mark.parametrize("seed", range(3))
def test_no_record_of_a_day_changes_once_it_is_in_the_state(seed: int) -> None:
    """Every record that ever was in the state is, at the end, what it was when it came in."""
    desk, chance = new_desk(settings=RICH), random.Random(seed)
    live_a_day(desk, [(chance.choice(WORDS), *(chance.randrange(100) for _ in range(3))) for _ in range(150)])
    state, seen = DeskState(), {}
    for row in desk.rows():
        state.apply(row)
        for each in (*state.teams.values(), *state.incidents.values(), *state.orders.values()):
            seen.setdefault(id(each), (each, replace(each)))
    assert len(seen) > 50
    assert all(known == copied for known, copied in seen.values())
