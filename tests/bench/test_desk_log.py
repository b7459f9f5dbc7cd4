"""The bench of the logs measures what it says: a quick run of it, and the log that it is made from."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from dispatch.adapters.log_open import SqliteReader
from dispatch.adapters.log_verify import verify
from tests.bench import desk_log
from tests.bench._events import events, long_log


@pytest.mark.slow
def test_a_quick_run_has_every_row_and_reaches_what_does_not_depend_on_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(desk_log, "CACHE", tmp_path)
    rows = {row.measure: row for row in desk_log.rows(lambda _text: None, quick=True)}
    assert len(rows) == 11
    for title in ("SQLite FULL", "PostgreSQL"):
        assert rows[f"{title}: commands of 64 writers"].queries > 64
        assert 2 <= rows[f"{title}: commands a commit"].ours <= 64, "commits are not shared"
    assert all(row.ours > 0 for row in rows.values())
    restart = next(row for measure, row in rows.items() if measure.startswith("restart"))
    assert restart.measure.startswith("restart with 20,000 events, ")


def test_the_long_log_is_sound_and_has_the_snapshot_that_was_asked_for(tmp_path: Path) -> None:
    path = long_log(tmp_path, 3000, 2000)
    with contextlib.closing(SqliteReader(path)) as reader:
        assert verify(reader).seq == 3000
    assert Path(f"{path}.snapshot").is_file()
    assert long_log(tmp_path, 3000, 2000) == path
    kinds = {row.event.kind for piece in events(500) for row in piece}
    assert {"incident_reported", "order_offered", "order_expired", "order_closed", "incident_closed"} <= kinds
