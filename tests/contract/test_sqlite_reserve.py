"""When the disk is full: the reserve is for the end of running work, and comes back when there is space."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.adapters.log_open import SqliteReader
from dispatch.adapters.log_sqlite import LogOpenError, Reserve, SqliteLog
from dispatch.adapters.log_verify import verify
from dispatch.domain import events as ev
from dispatch.domain.state import DeskState
from dispatch.service.ports import LogFullError
from tests.contract.rows import INCIDENT, rows_of
from tests.service.driver import TOWN, DeskDriver

RESERVE = 400_000


def big_rows(start: int) -> list[ev.Envelope]:
    return rows_of([ev.IncidentClosed(incident=INCIDENT, outcome="x" * 4000) for _ in range(8)], start)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB, where this user may mount one."""
    disk, mount = tmp_path / "disk", shutil.which("mount")
    disk.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if mount is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_leaves_room_for_the_end_of_running_work(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    log = SqliteLog(small_disk / "desk.sqlite", RESERVE)
    assert not log.low
    ballast.write_bytes(bytes(1_000_000))
    for _ in range(1000):
        if log.low:
            break
        log.append(big_rows(log.head() + 1))
    assert log.low, "the reserve was never needed"
    assert not (small_disk / "desk.sqlite.reserve").exists()
    acknowledged = log.head()
    assert not log.regain(), "there is no space for new work"
    log.append(rows_of([ev.OrderExpired(order="O1", team="T1")], acknowledged + 1))
    with pytest.raises(LogFullError):
        for _ in range(1000):
            log.append(big_rows(log.head() + 1))
    head = log.head()
    assert [row.seq for row in log.read()] == list(range(1, head + 1)), "reading goes on"
    ballast.unlink()
    assert log.regain() and not log.low
    assert (small_disk / "desk.sqlite.reserve").stat().st_size == RESERVE
    log.append(big_rows(head + 1))
    log.close()
    again = SqliteLog(small_disk / "desk.sqlite", RESERVE)
    assert again.head() == head + 8
    again.close()


def test_a_log_that_is_opened_on_a_full_disk_is_low_from_the_start(small_disk: Path) -> None:
    SqliteLog(small_disk / "desk.sqlite", 0).close()
    (small_disk / "ballast").write_bytes(bytes(2_400_000))
    log = SqliteLog(small_disk / "desk.sqlite", RESERVE)
    assert log.low
    (small_disk / "ballast").unlink()
    assert log.regain() and not log.low
    log.close()


def test_a_reserve_takes_real_room_and_gives_it_back_once(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "r", 1 << 20)
    assert reserve.regain() and not reserve.low
    assert (tmp_path / "r").stat().st_blocks * 512 >= 1 << 20, "a hole holds no room"
    assert reserve.release() and reserve.low
    assert not reserve.release(), "it was given already"
    assert reserve.regain() and not reserve.low


def test_no_reserve_is_never_low(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "r", 0)
    assert reserve.regain() and not reserve.low
    assert not reserve.release() and not reserve.low
    assert not (tmp_path / "r").exists()


# ── logs of format 1, which had no hashes ─────────────────────────────────────────────────────────────────


FORMAT_1 = """
CREATE TABLE about (epoch TEXT NOT NULL, format INTEGER NOT NULL) STRICT;
CREATE TABLE events (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, key TEXT, digest TEXT, kind TEXT NOT NULL,
    body TEXT NOT NULL) STRICT;
CREATE TABLE live_orders (team TEXT PRIMARY KEY, order_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO about VALUES ('0123456789abcdef', 1);
"""


def old_log(file: Path) -> DeskState:
    """A log as it was written before rows had hashes, with one live order; the state that it makes."""
    desk = DeskDriver(TOWN, log=(new := SqliteLog(file.with_name("new.sqlite"))))
    desk.register("T1", "T2")
    desk.report("mill")
    desk.pass_time(31_000)
    rows = new._db.execute("SELECT seq, at_ms, key, digest, kind, body FROM events").fetchall()
    live = new._db.execute("SELECT team, order_id FROM live_orders").fetchall()
    new.close()
    assert live
    db = sqlite3.connect(file)
    db.executescript(FORMAT_1)
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
    db.executemany("INSERT INTO live_orders VALUES (?, ?)", live)
    db.commit()
    db.close()
    return desk.state


def test_a_log_of_the_first_format_is_brought_up_to_date_without_changing_a_fact(tmp_path: Path) -> None:
    file = tmp_path / "desk.sqlite"
    state = old_log(file)
    with pytest.raises(LogOpenError, match="`serve` brings it up to date"):
        SqliteReader(file)
    log = SqliteLog(file)
    assert log.epoch == "0123456789abcdef"
    folded = DeskState()
    for row in log.read():
        folded.apply(row)
    assert folded == state
    team = next(iter(state.live_order_of))
    with pytest.raises(Exception, match="UNIQUE"):
        log.append(rows_of([replace(log_offer(log), order="O9", team=team)], log.head() + 1))
    log.close()
    reader = SqliteReader(file)
    assert verify(reader).seq == state.seq
    reader.close()


def log_offer(log: SqliteLog) -> ev.OrderOffered:
    return next(row.event for row in log.read() if isinstance(row.event, ev.OrderOffered))


def test_a_log_of_the_first_format_that_is_damaged_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "desk.sqlite"
    old_log(file)
    with sqlite3.connect(file) as db:
        db.execute("UPDATE events SET body = 'nonsense' WHERE seq = 3")
    db.close()
    for _ in range(2):
        with pytest.raises(LogOpenError, match="its row 3 cannot be read"):
            SqliteLog(file)
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT format FROM about").fetchone() == (1,)
    db.close()
