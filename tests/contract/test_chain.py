"""Corruption that is planted in a log is found, at the first row that it touches, wherever the log is kept."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from dispatch.adapters.log_chain import GENESIS, BadRowError, Checkpoint
from dispatch.adapters.log_codec import LogOpenError
from dispatch.adapters.log_verify import verify
from dispatch.domain.errors import SetupError
from tests.contract.stores import DURABLE, KINDS, Database, Row, Sqlite, Store, opened, rechained, store_of
from tests.service.driver import TOWN, DeskDriver

ROWS = 30


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A sound log of a desk's day."""
    made = store_of(request.param, request, tmp_path)
    with opened(made) as log:
        desk = DeskDriver(TOWN, log=log)
        desk.register("T1", "T2", "T3")
        for number in range(100):
            if log.head() > ROWS:
                break
            desk.report(("mill", "school")[number % 2])
            desk.pass_time(31_000)
    return made


def bad_row(store: Store, since: Checkpoint | None = None) -> tuple[int, str]:
    reader = store.reader()
    try:
        with pytest.raises(BadRowError) as found:
            verify(reader, since or Checkpoint())
    finally:
        reader.close()
    return found.value.seq, found.value.problem


def sound(store: Store, since: Checkpoint | None = None) -> Checkpoint:
    reader = store.reader()
    try:
        return verify(reader, since or Checkpoint())
    finally:
        reader.close()


def test_a_sound_log_is_sound_and_so_is_what_follows_any_of_its_rows(store: Store) -> None:
    rows = store.take()
    last = sound(store)
    assert last == Checkpoint(len(rows), rows[-1][6])
    for row in rows:
        assert sound(store, Checkpoint(row[0], row[6])) == last


CHANGES: dict[str, Callable[[Row], Row]] = {
    "a second later": lambda row: (row[0], row[1] + 1000, *row[2:]),
    "another key": lambda row: (*row[:2], "00000000-0000-7000-8000-000000000000", *row[3:]),
    "another digest": lambda row: (*row[:3], "0" * 64, *row[4:]),
    "another kind": lambda row: (*row[:4], "duty_ended", *row[5:]),
    "another body": lambda row: (*row[:5], row[5].replace('"', '" ', 1), row[6]),
    "no body": lambda row: (*row[:5], "", row[6]),
    "another hash": lambda row: (*row[:6], bytes(32)),
    "a short hash": lambda row: (*row[:6], row[6][:31]),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seq", [1, 17, ROWS])
def test_a_changed_row_is_named(store: Store, change: str, seq: int) -> None:
    rows = store.take()
    rows[seq - 1] = CHANGES[change](rows[seq - 1])
    store.put(rows)
    assert bad_row(store) == (seq, "its content is not what was written (the hash does not follow)")


def test_moving_text_between_two_fields_is_found(store: Store) -> None:
    rows = store.take()
    seq = 5
    kind, body = rows[seq - 1][4:6]
    rows[seq - 1] = (*rows[seq - 1][:4], kind + body[:1], body[1:], rows[seq - 1][6])
    store.put(rows)
    assert bad_row(store)[0] == seq


@pytest.mark.parametrize("seq", [1, 2, 17])
def test_a_deleted_row_is_named_whether_or_not_the_gap_is_closed(store: Store, seq: int) -> None:
    rows = store.take()
    without = rows[: seq - 1] + rows[seq:]
    store.put(without)
    assert bad_row(store) == (seq, f"it is missing: row {seq + 1} stands in its place")
    store.put([(place, *row[1:]) for place, row in enumerate(without, 1)])
    assert bad_row(store)[0] == seq


def test_swapped_rows_are_named_at_the_first_of_them(store: Store) -> None:
    rows = store.take()
    rows[6], rows[11] = (7, *rows[11][1:]), (12, *rows[6][1:])
    store.put(rows)
    assert bad_row(store)[0] == 7


def test_an_added_row_is_named(store: Store) -> None:
    rows = store.take()
    end = len(rows)
    store.put(rechained([*rows, (end + 1, *rows[-1][1:])]))
    assert bad_row(store) == (end + 1, f"it was added: the log notes {end} rows")


@pytest.mark.parametrize("seq", [0, -1, -5, -(2**63)])
def test_a_row_before_the_first_is_named(store: Store, seq: int) -> None:
    rows = store.take()
    store.put([(seq, *rows[0][1:]), *rows])
    assert bad_row(store) == (seq, "it was added: rows are counted from 1")


@pytest.mark.parametrize("left", [0, 1, 20])
def test_rows_cut_off_the_end_are_found_by_the_noted_head_or_by_a_checkpoint(store: Store, left: int) -> None:
    rows = store.take()
    end = len(rows)
    checkpoint = Checkpoint(end - 3, rows[end - 4][6])
    store.put(rows[:left])
    assert bad_row(store) == (left + 1, f"it is missing: the log notes {end} rows and ends after {left}")
    store.put(rows[:left], (left, rows[left - 1][6] if left else GENESIS))
    assert bad_row(store, checkpoint) == (end - 3, "it is not the row of the checkpoint")


def test_a_whole_chain_that_was_made_anew_is_found_by_a_checkpoint_from_before(store: Store) -> None:
    rows = store.take()
    early, late = Checkpoint(4, rows[3][6]), Checkpoint(25, rows[24][6])
    at = next(place for place, row in enumerate(rows) if row[4] == "incident_reported" and place > 4)
    rows[at] = (*rows[at][:5], rows[at][5].replace("dispute", "theft", 1), rows[at][6])
    forged = rechained(rows)
    store.put(forged, (len(forged), forged[-1][6]))
    assert sound(store).seq == len(rows), "nothing inside the log can tell"
    assert sound(store, early).seq == len(rows)
    assert bad_row(store, late)[0] == 25


def test_rows_that_are_chained_but_mean_nonsense_are_named(store: Store) -> None:
    rows = store.take()
    rows[2] = (3, *rows[0][1:])
    rows[3] = (4, *rows[1][1:4], "order_closed", rows[1][5].replace("duty_started", "order_closed"), b"")
    forged = rechained(rows)
    store.put(forged, (len(forged), forged[-1][6]))
    seq, problem = bad_row(store)
    assert seq == 4
    assert "cannot be read" in problem or "does not follow" in problem


def test_any_single_byte_of_any_row_matters(store: Store) -> None:
    chance = random.Random(4)
    rows = store.take()
    for _ in range(15):
        seq = chance.randrange(1, len(rows) + 1)
        row = rows[seq - 1]
        place = chance.randrange(len(row[5]))
        body = row[5][:place] + chr(ord(row[5][place]) ^ 1) + row[5][place + 1 :]
        store.put([*rows[: seq - 1], (*row[:5], body, row[6]), *rows[seq:]])
        assert bad_row(store)[0] == seq


@pytest.mark.parametrize("text", ["", "7", "7:", "7:abc", "x:" + "0" * 64, "7:" + "g" * 64, "0:" + "1" * 64])
def test_what_is_no_checkpoint_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SetupError, match=r"is no checkpoint: "):
        Checkpoint.parse(text)


def test_a_checkpoint_is_read_as_it_is_printed() -> None:
    mark = Checkpoint(77, bytes(range(32)))
    assert Checkpoint.parse(str(mark)) == mark


@pytest.mark.parametrize("kind", DURABLE)
@pytest.mark.parametrize("count", [0, 2])
def test_a_log_notes_its_head_once_or_is_told_to_be_damaged(
    kind: str, count: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store = store_of(kind, request, tmp_path)
    with opened(store) as log:
        DeskDriver(TOWN, log=log).register("T1")
    if isinstance(store, Sqlite):
        with contextlib.closing(sqlite3.connect(store.file)) as db, db:
            if count:
                with pytest.raises(sqlite3.IntegrityError):
                    db.execute("INSERT INTO about SELECT * FROM about")
                db.execute("DROP INDEX about_one")
                db.execute("INSERT INTO about SELECT * FROM about")
            else:
                db.execute("DELETE FROM about")
    else:
        assert isinstance(store, Database)
        with contextlib.closing(store.connect()) as base, base.transaction():
            if count:
                base.execute("ALTER TABLE about DROP CONSTRAINT about_pkey")
                base.execute("INSERT INTO about SELECT * FROM about")
            else:
                base.execute("DELETE FROM about")
    told = "has more than one row: restore a backup" if count else "has no row: restore a backup"
    for use in (store.reader, store.open):
        with pytest.raises(LogOpenError, match=told):
            use()


@pytest.mark.parametrize("kind", DURABLE)
def test_the_tables_themselves_refuse_a_row_before_the_first(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store = store_of(kind, request, tmp_path)
    store.open().close()
    planted = "INSERT INTO events VALUES (0, 1, NULL, NULL, 'duty_started', '{}', 'x')"
    if isinstance(store, Sqlite):
        with contextlib.closing(sqlite3.connect(store.file)) as db, pytest.raises(sqlite3.IntegrityError):
            db.execute(planted.replace("'x'", "X'00'"))
    else:
        assert isinstance(store, Database)
        with contextlib.closing(store.connect()) as base, pytest.raises(psycopg.errors.CheckViolation):
            base.execute(planted)
