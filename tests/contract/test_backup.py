"""The restore drill: a copy made during writes is the log up to a seq, and a new log when it is put to work."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.adapters import log_open
from dispatch.adapters.log_chain import Checkpoint
from dispatch.adapters.log_codec import StoredRow
from dispatch.adapters.log_open import Reader, SqliteReader, copy_log, open_log, open_reader
from dispatch.adapters.log_postgres import Address
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.adapters.log_verify import state_at, verify
from dispatch.domain.errors import SetupError
from dispatch.domain.state import DeskState
from dispatch.service.ports import Log
from tests.contract.stores import DURABLE, Store, opened, rechained, store_of
from tests.postgres_server import Postgres
from tests.service.driver import TOWN, DeskDriver


@pytest.fixture(params=DURABLE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return store_of(request.param, request, tmp_path)


def day(log: Log, incidents: int) -> DeskDriver:
    desk = DeskDriver(TOWN, log=log)
    if not desk.state.teams:
        desk.register("T1", "T2", "T3")
    for number in range(incidents):
        desk.report(("mill", "school")[number % 2])
        desk.pass_time(20_000)
    return desk


def folded(log: Log, until: int) -> DeskState:
    state = DeskState()
    for row in log.read():
        if row.seq <= until:
            state.apply(row)
    return state


def test_the_drill_backup_during_writes_restore_another_epoch_the_same_fold(store: Store, tmp_path: Path) -> None:
    copies = []
    with opened(store) as log:
        day(log, 3)
        writing, stop = threading.Event(), threading.Event()

        def write() -> None:
            while not stop.is_set() and log.head() < 5000:
                day(log, 1)
                writing.set()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert writing.wait(20)
            for number in range(3):
                with contextlib.closing(store.reader()) as reader:
                    copies.append((tmp_path / f"copy{number}", copy_log(reader, str(tmp_path / f"copy{number}"))))
                before = log.head()
                for _ in range(2000):
                    if log.head() > before or not writer.is_alive():
                        break
                    stop.wait(0.005)
        finally:
            stop.set()
            writer.join()
        assert copies[0][1].seq < copies[-1][1].seq < log.head(), "it was written all the while"
        epochs = {log.epoch}
        for file, mark in copies:
            with contextlib.closing(SqliteReader(file)) as copy:
                assert verify(copy) == mark
            restored = SqliteLog(file)
            assert restored.checkpoint() == mark
            assert folded(restored, mark.seq) == folded(log, mark.seq)
            epochs.add(restored.epoch)
            day(restored, 2)  # and goes on
            restored.close()
            again = SqliteLog(file)
            assert again.epoch in epochs, "the epoch changes when a backup is put to work, and only then"
            again.close()
        assert len(epochs) == 1 + len(copies)


def test_two_desks_from_one_backup_are_two_logs(store: Store, tmp_path: Path) -> None:
    with opened(store) as log:
        day(log, 2)
        with contextlib.closing(store.reader()) as reader:
            copy_log(reader, str(tmp_path / "backup"))
        twins = []
        for name in ("a", "b"):
            (tmp_path / name).write_bytes((tmp_path / "backup").read_bytes())
            twin = SqliteLog(tmp_path / name)
            twins.append(twin.epoch)
            twin.close()
        assert len({log.epoch, *twins}) == 3


def test_a_backup_is_restored_into_a_database_row_by_row(store: Store, tmp_path: Path, postgres: Postgres) -> None:
    with opened(store) as log:
        desk = day(log, 4)
        with contextlib.closing(store.reader()) as reader:
            mark = copy_log(reader, str(tmp_path / "backup"))
        target = postgres.url
        with contextlib.closing(open_reader(str(tmp_path / "backup"))) as reader:
            assert copy_log(reader, target) == mark
        with contextlib.closing(open_reader(target)) as reader:
            assert verify(reader) == mark
            assert state_at(reader)[0] == desk.state
        with contextlib.closing(open_log(target)) as restored:
            assert restored.epoch != log.epoch
            assert day(restored, 1).state.seq > mark.seq
        with (
            contextlib.closing(open_reader(str(tmp_path / "backup"))) as reader,
            pytest.raises(SetupError, match="has rows already"),
        ):
            copy_log(reader, target)


def test_nothing_is_overwritten_and_nothing_is_left_behind(store: Store, tmp_path: Path) -> None:
    with opened(store) as log:
        day(log, 4)
    there = tmp_path / "there"
    there.write_text("a letter")
    with contextlib.closing(store.reader()) as reader, pytest.raises(SetupError, match="exists: name a file"):
        copy_log(reader, str(there))
    assert there.read_text() == "a letter"
    rows = store.take()
    rows[7] = (*rows[7][:5], rows[7][5] + " ", rows[7][6])
    store.put(rows)
    folder = tmp_path / "out"
    folder.mkdir()
    with (
        contextlib.closing(store.reader()) as reader,
        pytest.raises(SetupError, match=r"row 8: its .* earlier"),
    ):
        copy_log(reader, str(folder / "copy"))
    nonsense = rechained([*rows[:7], (8, *rows[7][1:5], "{}", b""), *rows[8:]])
    store.put(nonsense, (len(nonsense), nonsense[-1][6]))
    with contextlib.closing(store.reader()) as reader, pytest.raises(SetupError, match="row 8: it cannot be read"):
        copy_log(reader, str(folder / "copy"))
    assert list(folder.iterdir()) == []


def test_a_log_that_is_cut_at_its_end_or_has_a_row_before_its_first_gets_no_copy(
    store: Store, tmp_path: Path
) -> None:
    with opened(store) as log:
        day(log, 4)
    rows = store.take()
    end = len(rows)
    folder = tmp_path / "out"
    folder.mkdir()
    for kept, told in (
        (rows[:-1], rf"row {end}: it is missing: the log notes {end} rows and ends after {end - 1}"),
        ([], "row 1: it is missing"),
        ([(0, *rows[0][1:]), *rows], "row 0: it was added"),
    ):
        store.put(kept)
        with contextlib.closing(store.reader()) as reader, pytest.raises(SetupError, match=told):
            copy_log(reader, str(folder / "copy"))
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("wrong", ["content", "end", "meaning"])
def test_a_restore_into_a_database_that_fails_leaves_no_row_and_can_be_done_again(
    store: Store, tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setattr(log_open, "_BATCH", 5)  # the bad row stands in a later batch
    with opened(store) as log:
        day(log, 8)
    with contextlib.closing(store.reader()) as reader:
        mark = copy_log(reader, str(tmp_path / "backup"))
    rows = store.take()
    if wrong == "content":
        store.put([*rows[:20], (*rows[20][:5], rows[20][5] + " ", rows[20][6]), *rows[21:]])
    elif wrong == "end":
        store.put(rows[:-1])
    else:  # a team's second live order, chained as it should be
        first = next(row for row in rows if row[4] == "order_offered")
        twice = rechained([*rows, (len(rows) + 1, *first[1:5], first[5].replace("O0001", "O9999"), b"")])
        store.put(twice, (len(twice), twice[-1][6]))
    target = postgres.url
    with (
        contextlib.closing(store.reader()) as reader,
        pytest.raises(SetupError, match=r"no copy was made|none was made"),
    ):
        copy_log(reader, target)
    with contextlib.closing(open_reader(target)) as left:
        assert (left.checkpoint(), list(left.rows()), left.live_orders()) == (Checkpoint(), [], {})
    with contextlib.closing(open_reader(str(tmp_path / "backup"))) as reader:
        assert copy_log(reader, target) == mark
    with contextlib.closing(open_reader(target)) as restored:
        assert verify(restored) == mark


def test_a_restore_whose_connection_is_lost_leaves_no_row(
    store: Store, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever batch it is lost in, the first included: nothing is sent again outside the transaction."""
    with opened(store) as log:
        day(log, 4)
    rows = store.take()
    monkeypatch.setattr(log_open, "_BATCH", 5)
    for lost_after in (0, 10):
        target = postgres.url

        class Cut:
            """The log's reader; the database ends the restore's session while a row is read."""

            def __init__(self, reader: Reader) -> None:
                self.epoch, self.reader = reader.epoch, reader
                self.checkpoint, self.hash_at = reader.checkpoint, reader.hash_at
                self.live_orders, self.close = reader.live_orders, reader.close

            def rows(self, after: int = 0) -> Iterator[StoredRow]:
                for row in self.reader.rows(after):
                    if row[0] == lost_after + 1:  # noqa: B023 (used within the round)
                        with contextlib.closing(Address(target).connect()) as other:  # noqa: B023
                            other.execute(
                                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE state ="
                                " 'idle in transaction' AND query NOT LIKE '%FROM events%'"
                            )
                    yield row

        with contextlib.closing(Cut(store.reader())) as reader, pytest.raises(SetupError, match="none was made"):
            copy_log(reader, target)
        with contextlib.closing(open_reader(target)) as left:
            assert (left.checkpoint(), list(left.rows())) == (Checkpoint(), [])
    assert len(rows) > 15


def test_two_copies_to_one_name_do_not_mix_and_other_files_stay(store: Store, tmp_path: Path) -> None:
    with opened(store) as log:
        day(log, 2)
    draft = tmp_path / "copy.draft"
    draft.write_text("somebody's own")
    outcomes: list[str] = []

    def copy() -> None:
        with contextlib.closing(store.reader()) as reader:
            try:
                copy_log(reader, str(tmp_path / "copy"))
                outcomes.append("made")
            except SetupError as error:
                outcomes.append("told" if "name a file that does not" in str(error) else str(error))

    threads = [threading.Thread(target=copy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "told", "told", "told"]
    with contextlib.closing(SqliteReader(tmp_path / "copy")) as made:
        verify(made)
    assert draft.read_text() == "somebody's own"
    assert not list(tmp_path.glob("copy.*.draft*"))
