"""What only a file can suffer: kill -9, a full disk, a second opener, a file that is none."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.adapters.log_sqlite import LogOpenError, SqliteLog
from dispatch.domain import events as ev
from dispatch.service.ports import LogAwayError, LogConflictError, LogFullError
from tests.contract.rows import INCIDENT, ONE_OF_EACH, duty_rows, offered, rows_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "day" / "desk.sqlite"


def test_a_reopened_log_is_the_same_log(file: Path) -> None:
    log = SqliteLog(file)
    log.append(rows_of(ONE_OF_EACH))
    epoch, rows = log.epoch, list(log.read())
    log.close()
    again = SqliteLog(file)
    assert (again.epoch, again.head(), list(again.read())) == (epoch, len(rows), rows)
    again.append(duty_rows(len(rows) + 1, 1))
    again.close()


def test_a_reopened_log_still_knows_which_team_has_a_live_order(file: Path) -> None:
    log = SqliteLog(file)
    log.append(rows_of([offered("O0001", "T1")]))
    log.close()
    again = SqliteLog(file)
    with pytest.raises(Exception, match="UNIQUE"):
        again.append(rows_of([offered("O0002", "T1")], start=2))
    assert again.head() == 1
    again.close()


def test_a_commit_is_on_the_disk_before_it_is_acknowledged_and_readers_are_not_kept_out(file: Path) -> None:
    log = SqliteLog(file)
    pragmas = {name: log._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}  # 2 is FULL
    assert log._db.execute("PRAGMA mmap_size").fetchone()[0] == 0
    log.append(duty_rows(1, 2))
    reader = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    assert reader.execute("SELECT count(*) FROM events").fetchone() == (2,)
    reader.close()
    log.close()


def test_a_second_opener_is_refused_and_told_what_to_do(file: Path) -> None:
    log = SqliteLog(file)
    with pytest.raises(LogOpenError, match=r"another service writes \S*desk\.sqlite: stop it, or name another"):
        SqliteLog(file)
    log.append(duty_rows(1, 1))
    log.close()
    SqliteLog(file).close()


@pytest.mark.parametrize("content", [b"this is a letter, not a database\n" * 100, bytes(range(256)) * 20])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(LogOpenError, match=r"is not a log of this service .*name another --data folder"):
        SqliteLog(file)
    assert file.read_bytes() == content


def test_another_programs_database_is_refused_and_left_as_it_is(file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE patients (name TEXT)")
    other.close()
    before = file.read_bytes()
    with pytest.raises(LogOpenError, match="is not a log of this service"):
        SqliteLog(file)
    assert file.read_bytes() == before


def test_a_log_of_another_format_is_refused_with_both_numbers(file: Path) -> None:
    SqliteLog(file).close()
    with sqlite3.connect(file) as db:
        db.execute("UPDATE about SET format = 7")
    db.close()
    with pytest.raises(LogOpenError, match="its format is 7, this service reads 2"):
        SqliteLog(file)
    with sqlite3.connect(file) as db:
        db.execute("UPDATE about SET format = 2")
    db.close()
    SqliteLog(file).close()  # a refusal holds no lock


def test_a_log_that_misses_its_last_rows_is_not_written_on(file: Path) -> None:
    log = SqliteLog(file)
    log.append(duty_rows(1, 9))
    log.close()
    with sqlite3.connect(file) as db:
        with pytest.raises(sqlite3.IntegrityError, match="facts are never deleted"):
            db.execute("DELETE FROM events WHERE seq > 7")
        with pytest.raises(sqlite3.IntegrityError, match="facts are never edited"):
            db.execute("UPDATE events SET at_ms = 0")
        db.execute("DROP TRIGGER events_last")
        db.execute("DELETE FROM events WHERE seq > 7")
    db.close()
    with pytest.raises(LogOpenError, match="notes 9 rows and ends after 7; `verify` tells more"):
        SqliteLog(file)


def test_another_writer_that_does_not_keep_to_the_lock_is_noticed_and_nothing_is_mixed(file: Path) -> None:
    log = SqliteLog(file)
    log.append(duty_rows(1, 2))
    with sqlite3.connect(file) as intruder:
        intruder.execute("UPDATE about SET head = 5")
    intruder.close()
    with pytest.raises(LogConflictError, match="no longer ends at 2"):
        log.append(duty_rows(3, 1))
    assert [row.seq for row in log.read()] == [1, 2]
    log.close()


def test_a_program_that_holds_the_file_makes_the_log_refuse_not_stop(file: Path) -> None:
    log = SqliteLog(file)
    log._db.execute("PRAGMA busy_timeout = 50")
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogAwayError, match="another program holds the file"):
        log.append(duty_rows(1, 1))
    holder.execute("ROLLBACK")
    holder.close()
    log.append(duty_rows(1, 1))
    assert log.head() == 1
    log.close()


def test_a_file_that_is_cut_off_is_refused_or_read_whole_but_never_in_part(file: Path) -> None:
    log = SqliteLog(file)
    log.append(duty_rows(1, 500))
    log.close()
    whole = file.read_bytes()
    for share in (0.1, 0.5, 0.9):
        file.write_bytes(whole[: int(len(whole) * share)])
        try:
            log = SqliteLog(file)
        except LogOpenError:
            continue
        with pytest.raises(sqlite3.DatabaseError):
            list(log.read())
        log.close()


def test_a_fact_that_cannot_be_written_as_json_leaves_the_log_usable(file: Path) -> None:
    log = SqliteLog(file)
    broken = ev.IncidentClosed(incident=INCIDENT, outcome="\ud800")
    with pytest.raises(Exception, match=r"surrogate|utf-8"):
        log.append(rows_of([broken]))
    log.append(duty_rows(1, 1))
    assert log.head() == 1
    log.close()


@pytest.mark.parametrize("number", range(3))
def test_kill_9_loses_nothing_that_was_acknowledged(file: Path, repo_root: Path, number: int) -> None:
    command = [sys.executable, "-m", "tests.contract.appender", str(file)]
    with subprocess.Popen(command, cwd=repo_root, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        acknowledged = [int(program.stdout.readline()) for _ in range(20 + 17 * number)]
        time.sleep(0.003 * number)
        program.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in program.stdout.read().split("\n")[:-1]]
        program.wait()
    assert program.returncode == -signal.SIGKILL
    log = SqliteLog(file)
    rows = list(log.read())
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert rows == duty_rows(1, len(rows))
    assert log.head() == len(rows) >= acknowledged[-1]
    assert len(rows) % 3 == 0, "half of an append"
    assert log._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    log.append(duty_rows(log.head() + 1, 1))
    log.close()


def big_rows(start: int) -> list[ev.Envelope]:
    return rows_of([ev.IncidentClosed(incident=INCIDENT, outcome="x" * 4000) for _ in range(8)], start)


def fill(log: SqliteLog) -> int:
    """Append until there is no space; the head, which is that of the last append that was acknowledged."""
    for _ in range(2000):
        head = log.head()
        try:
            log.append(big_rows(head + 1))
        except LogFullError:
            assert log.head() == head
            return head
    raise AssertionError("the disk never became full")


def test_a_database_at_its_limit_refuses_whole_appends_and_works_again_with_more_room(file: Path) -> None:
    log = SqliteLog(file)
    log._db.execute("PRAGMA max_page_count = 60").fetchone()
    head = fill(log)
    assert [row.seq for row in log.read()] == list(range(1, head + 1))
    with pytest.raises(LogFullError):
        log.append(big_rows(head + 1))
    log._db.execute("PRAGMA max_page_count = 600").fetchone()
    log.append(big_rows(head + 1))
    assert [row.seq for row in log.read()] == list(range(1, head + 9))
    log.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, where this user may mount one."""
    disk, mount = tmp_path / "disk", shutil.which("mount")
    disk.mkdir()
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True
        ).returncode
    ):
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_refuses_new_facts_keeps_the_old_ones_and_takes_new_ones_once_there_is_space(
    small_disk: Path,
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    log = SqliteLog(small_disk / "desk.sqlite")
    head = fill(log)
    assert head > 0
    for _ in range(3):
        with pytest.raises(LogFullError):
            log.append(big_rows(head + 1))
        assert [row.seq for row in log.read()] == list(range(1, head + 1))
    ballast.unlink()
    log.append(big_rows(head + 1))
    assert [row.seq for row in log.read()] == list(range(1, head + 9))
    log.close()
    again = SqliteLog(small_disk / "desk.sqlite")
    assert again.head() == head + 8
    again.close()
