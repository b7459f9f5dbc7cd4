"""The crash loop itself, short; and that its ledger sees what it is there to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dispatch.adapters.log_open import SqliteReader
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.domain import events as ev
from dispatch.domain.types import TeamKind
from tests.contract.rows import ORDER, TEAM, WHERE, offered, rows_of
from tests.rig import crashloop
from tests.rig.crashloop_client import Ledger
from tests.rig.part import Effort

REGISTERED = ev.TeamRegistered(
    team=TEAM, name="1队", name_en="Team 1", unit=TeamKind.DEDICATED, profile="car", home=WHERE
)


@pytest.mark.slow
def test_what_was_acknowledged_outlives_every_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crashloop, "SHORT", crashloop.Plan(sqlite=30, postgres=8, servers=1, services=1))
    found = crashloop.run(Effort(seed=135, short=True, folder=tmp_path))
    assert found.broken == ()
    assert found.figures["kills"] >= 39
    assert found.figures["acknowledged"] > 100
    assert found.figures["replayed"] > 10


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[SqliteReader]:
    """A log with a team that is registered by one key and goes on duty by another."""
    log = SqliteLog(tmp_path / "log.sqlite", 0)
    log.append(rows_of([REGISTERED], 1, key="k1", digest="d"))
    log.append(rows_of([ev.DutyStarted(team=TEAM)], 2, key="k2", digest="d"))
    log.close()
    opened = SqliteReader(tmp_path / "log.sqlite")
    yield opened
    opened.close()


def answer(key: str, first: int, last: int, kind: str = "applied") -> dict[str, Any]:
    return {"answer": key, "kind": kind, "subject": "s", "first_seq": first, "last_seq": last}


def test_an_acknowledged_command_that_is_not_on_the_log_is_named(reader: SqliteReader) -> None:
    ledger = Ledger(7)
    ledger.answered(answer("k1", 1, 1))
    ledger.answered(answer("k3", 3, 3))
    ledger.reopened(reader)
    assert ledger.figures["lost"] == 1
    assert "seed 7: k3" in ledger.broken[0]


def test_a_row_that_was_shown_and_is_another_one_is_named(reader: SqliteReader) -> None:
    ledger = Ledger(7)
    ledger.shown = {
        2: {"row": 2, "kind": "duty_ended", "key": "k2", "at_ms": 0},
        9: {"kind": "x", "key": "", "at_ms": 0},
    }
    ledger.reopened(reader)
    assert ledger.figures["lost"] == 2


def test_a_key_that_is_applied_again_after_a_death_is_named(reader: SqliteReader) -> None:
    ledger = Ledger(7)
    ledger.answered(answer("k1", 1, 1))
    ledger.reopened(reader)
    ledger.answered(answer("k1", 1, 1, "replayed"))
    assert ledger.broken == []
    ledger.answered(answer("k1", 5, 5))
    assert ledger.figures["double_effects"] == 2, "it was applied twice, and answered otherwise than before"


def test_a_second_live_order_of_a_team_is_named() -> None:
    ledger = Ledger(7)
    ledger.state = SimpleNamespace(apply=lambda _row: None)  # type: ignore[assignment]  # the fold would refuse it
    for row in rows_of([offered(ORDER, TEAM), offered("O0002", TEAM)]):
        ledger._row(row)
    assert ledger.figures["double_assignments"] == 1
