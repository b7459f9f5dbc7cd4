"""Any day of a desk: whatever comes in whatever order, what must hold holds after every step, on every log."""

from __future__ import annotations

import random
from typing import get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, settings

from dispatch.adapters.log_memory import MemoryLog
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.domain import events as ev
from dispatch.domain.refusals import TABLE as TABLE_OF_REFUSALS
from dispatch.domain.refusals import Code, Refusal
from tests.service.desk_model import DeskModel, LogFolder
from tests.service.random_day import ASKING, RICH, WORDS, new_desk, wish

EVERY_KIND = {get_args(get_type_hints(kind)["kind"])[0] for kind in get_args(ev.Event)}


def profile(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


class InMemory(DeskModel):
    open_log = LogFolder(MemoryLog)


class OnSqlite(DeskModel):
    open_log = staticmethod(lambda folder: SqliteLog(folder / "desk.sqlite"))


class TestAnyDay(InMemory.TestCase):
    """Forty days of a hundred steps each, in memory."""

    settings = profile(40, 100)


class TestAnyDayOnDisk(OnSqlite.TestCase):
    """Ten days of sixty steps each, every fact on the disk before the next step."""

    settings = profile(10, 60)


@pytest.mark.nightly
class TestManyDays(InMemory.TestCase):
    """Two hundred days of a hundred steps each, in memory."""

    settings = profile(200, 100)


@pytest.mark.nightly
class TestManyDaysOnDisk(OnSqlite.TestCase):
    """The same on SQLite."""

    settings = profile(200, 100)


def test_random_days_come_to_every_kind_of_fact_and_to_most_refusals() -> None:
    """The days above are worth nothing if they are all alike."""
    chance = random.Random(135)
    facts, codes = set(), set()
    for number in range(120):
        desk = new_desk(settings=ASKING if number % 3 == 0 else RICH)
        for _ in range(80):
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
    # each has a story of its own; the last is the wire's: a command of a log that was restored
    rare = {Code.KEY_REUSED, Code.BODY_TOO_LARGE, Code.NO_FURTHER_WAVE, Code.ANOTHER_LOG}
    assert codes >= business - rare
