"""One suite for every log: what the service may rely on, whichever adapter keeps its facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from dispatch.adapters.log_memory import MemoryLog
from dispatch.adapters.log_postgres import PostgresLog
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.domain import events as ev
from dispatch.domain.events import Envelope
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.state import TRIGGER_OF, DeskState
from dispatch.domain.types import Point
from dispatch.service.ports import Log, LogConflictError
from tests.contract.rows import AT_MS, INCIDENT, ONE_OF_EACH, duty_rows, offered, rows_of
from tests.contract.stores import KINDS, opened, store_of
from tests.service.driver import DeskDriver
from tests.service.random_day import TABLE, TEAMS


@pytest.fixture(params=KINDS)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    with opened(store_of(request.param, request, tmp_path)) as made:
        yield made


def test_a_new_log_is_empty_and_has_an_epoch_of_its_own(log: Log) -> None:
    assert log.head() == 0
    assert list(log.read()) == []
    assert len(log.epoch) >= 8
    assert log.epoch == log.epoch
    other = MemoryLog()
    assert other.epoch != log.epoch


def test_what_is_appended_is_read_back_in_order(log: Log) -> None:
    rows = duty_rows(1, 3)
    log.append(rows)
    log.append(duty_rows(4, 2))
    assert log.head() == 5
    assert list(log.read()) == rows + duty_rows(4, 2)


def test_reading_after_a_seq_gives_exactly_the_later_rows(log: Log) -> None:
    log.append(duty_rows(1, 2500))
    for after in (0, 1, 999, 1000, 1001, 2499, 2500, 9999):
        assert [row.seq for row in log.read(after)] == list(range(after + 1, 2501))


def test_a_reading_that_was_begun_is_not_disturbed_by_an_append(log: Log) -> None:
    log.append(duty_rows(1, 10))
    reading = log.read()
    first = next(reading)
    log.append(duty_rows(11, 10))
    assert first.seq == 1
    assert [row.seq for row in reading][:9] == list(range(2, 11))


@pytest.mark.parametrize("start", [0, 1, 2, 4, 5, 99])
def test_rows_that_do_not_begin_after_the_head_are_a_conflict_and_change_nothing(log: Log, start: int) -> None:
    log.append(duty_rows(1, 2))
    with pytest.raises(LogConflictError):
        log.append(duty_rows(start, 2))
    assert (log.head(), len(list(log.read()))) == (2, 2)
    log.append(duty_rows(3, 1))
    assert log.head() == 3


def test_rows_with_a_gap_inside_are_a_conflict_and_none_of_them_is_kept(log: Log) -> None:
    with pytest.raises(LogConflictError):
        log.append([*duty_rows(1, 1), *duty_rows(3, 1)])
    assert (log.head(), list(log.read())) == (0, [])


def test_appending_nothing_changes_nothing(log: Log) -> None:
    log.append([])
    log.append(duty_rows(1, 1))
    log.append([])
    assert log.head() == 1


def test_every_kind_of_fact_comes_back_as_it_was_written(log: Log) -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(get_args(ev.Event))
    rows = rows_of(ONE_OF_EACH, key="018f0000-0000-7000-8000-000000000001", digest="d" * 64)
    log.append(rows)
    assert list(log.read()) == rows
    assert [type(row.event) for row in log.read()] == [type(event) for event in ONE_OF_EACH]


@pytest.mark.parametrize(
    "text", ["", "郭溪派出所", "a'b\"c\\d", "line\nbreak\ttab", "🚓" * 50, "\u0000\u001f\u2028"]
)
def test_any_text_and_any_number_comes_back_unchanged(log: Log, text: str) -> None:
    event = ev.IncidentClosed(incident=INCIDENT, outcome=text)
    home = Point(0.1 + 0.2, -89.999999999999)
    place = replace(ONE_OF_EACH[0], name=text, home=home)
    rows = [
        Envelope(seq=1, at_ms=2**53 - 1, key=None, digest=None, event=event),
        Envelope(seq=2, at_ms=0, key=text, digest=text, event=place),
    ]
    log.append(rows)
    assert list(log.read()) == rows


def test_a_second_live_order_for_a_team_is_refused_and_nothing_of_that_append_is_kept(log: Log) -> None:
    log.append(rows_of([offered("O0001", "T1")]))
    with pytest.raises(LogConflictError):
        log.append(rows_of([offered("O0002", "T2"), offered("O0003", "T1")], start=2))
    assert (log.head(), len(list(log.read()))) == (1, 1)
    log.append(rows_of([offered("O0002", "T2")], start=2))
    with pytest.raises(LogConflictError):
        log.append(rows_of([offered("O0003", "T3"), offered("O0004", "T3")], start=3))
    log.append(rows_of([offered("O0003", "T3")], start=3))
    assert log.head() == 3


ENDS = {OrderTrigger.CLOSE, OrderTrigger.DECLINE, OrderTrigger.EXPIRE, OrderTrigger.RECALL}


@pytest.mark.parametrize("moved", [e for e in ONE_OF_EACH if type(e) in TRIGGER_OF], ids=lambda e: e.kind)
def test_a_team_may_have_its_next_order_only_after_the_one_before_has_ended(log: Log, moved: ev.Event) -> None:
    log.append(rows_of([offered("O0001", "T1"), replace(moved, order="O0001", team="T1")]))
    following = rows_of([offered("O0002", "T1")], start=3)
    if TRIGGER_OF[type(moved)] in ENDS:
        log.append(following)
        assert log.head() == 3
    else:
        with pytest.raises(LogConflictError):
            log.append(following)
        assert log.head() == 2


def test_a_decision_may_end_an_order_and_give_the_team_its_next_one(log: Log) -> None:
    log.append(rows_of([offered("O0001", "T1")]))
    ended = ev.OrderExpired(order="O0001", team="T1")
    log.append(rows_of([ended, offered("O0002", "T1")], start=2))
    assert log.head() == 3


def test_a_desk_may_live_on_any_log_and_be_folded_from_it(log: Log) -> None:
    desk = DeskDriver(TABLE, log=log)
    desk.register(*TEAMS)
    for place in ("mill", "port", "school", "mill"):
        desk.report(place)
        desk.pass_time(40_000)
    replayed = DeskState()
    for row in log.read():
        replayed.apply(row)
    assert replayed == desk.state
    assert replayed.seq == log.head() > 20
    assert desk.now_ms > AT_MS


def test_what_is_written_is_chained_and_the_head_is_the_last_link(log: Log) -> None:
    assert isinstance(log, MemoryLog | SqliteLog | PostgresLog)
    assert str(log.checkpoint()) == f"0:{'0' * 64}"
    marks = set()
    for start in (1, 4, 7):
        log.append(duty_rows(start, 3))
        marks.add(log.checkpoint().hash)
        assert log.hash_at(log.head()) == log.checkpoint().hash
    assert len(marks) == 3
    assert (log.hash_at(0), log.hash_at(10)) == (None, None)


def test_all_logs_give_the_same_rows_the_same_hash(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    marks = set()
    for kind in KINDS:
        with opened(store_of(kind, request, tmp_path)) as log:
            log.append(rows_of(ONE_OF_EACH[:6], key="k\\\0", digest="d" * 64))
            log.append(rows_of(ONE_OF_EACH[6:], start=7))
            assert isinstance(log, MemoryLog | SqliteLog | PostgresLog)
            marks.add(str(log.checkpoint()))
    assert len(marks) == 1


@pytest.mark.parametrize("broken", ["\ud800", "a\udfff"])
def test_what_could_not_be_read_back_is_refused_before_it_is_written(log: Log, broken: str) -> None:
    good, bad = duty_rows(1, 1), rows_of([ev.IncidentClosed(incident=INCIDENT, outcome=broken)], start=2)
    log.check(good)
    endless = replace(ONE_OF_EACH[0], home=Point(float("inf"), 28.0))
    for rows in (bad, rows_of([endless], start=2), [replace(good[0], seq=2, key=broken)]):
        with pytest.raises(ValueError, match=r"event 2 .* cannot be written"):
            log.check(rows)
        with pytest.raises(ValueError, match="cannot be written"):
            log.append([*good, *rows])
    assert (log.head(), log.low, log.regain()) == (0, False, True)
    log.append(good)
    assert log.head() == 1
