"""A snapshot is the full fold or it is nothing: what is stale, strange or damaged is passed over."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from dispatch.adapters import log_snapshots
from dispatch.adapters.log_snapshots import Keeper, load, save
from dispatch.adapters.log_verify import keep
from dispatch.domain.errors import SetupError
from dispatch.domain.state import DeskState
from dispatch.server.feed import MAX_TAIL
from dispatch.service.ports import Log
from tests.contract.stores import DURABLE, Store, opened, store_of
from tests.server.harness import Bench, virtual
from tests.service.driver import TOWN, DeskDriver, key


@pytest.fixture(params=DURABLE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return store_of(request.param, request, tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.snapshot"


def day(log: Log, incidents: int = 6) -> DeskDriver:
    """A day with orders in every state, waiting incidents, and keys."""
    desk = DeskDriver(TOWN, log=log)
    if not desk.state.teams:
        desk.register("T1", "T2", "T3")
    for number in range(incidents):
        desk.report(("mill", "school")[number % 2], key(log.head() + 1))
        desk.pass_time(11_000)
    return desk


def kept(store: Store, path: Path) -> int:
    with contextlib.closing(store.reader()) as reader:
        return keep(reader, path)


def loaded(store: Store, path: Path, at_most: int | None = None) -> DeskState | None:
    with contextlib.closing(store.reader()) as reader:
        return load(path, reader, at_most)


def test_a_snapshot_is_equal_to_the_full_fold_and_the_next_one_is_made_from_it(store: Store, path: Path) -> None:
    with opened(store) as log:
        for _ in range(3):
            desk = day(log)
            assert kept(store, path) == log.head()
            assert loaded(store, path) == desk.state
            assert desk.state.answers and desk.state.orders and desk.state.open_incidents


def test_a_state_that_was_loaded_folds_on_like_any_other(store: Store, path: Path) -> None:
    with opened(store) as log:
        day(log)
        seq = kept(store, path)
        desk = day(log)
        state = loaded(store, path)
        assert state is not None and state.seq == seq
        for row in log.read(seq):
            state.apply(row)
        assert state == desk.state


def test_a_snapshot_of_another_log_or_of_another_past_is_passed_over(
    store: Store, path: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with opened(store) as log:
        day(log)
    kept(store, path)
    assert loaded(store, path) is not None
    other = store_of("sqlite", request, tmp_path / "other")
    with opened(other) as log:
        day(log)
    assert loaded(other, path) is None, "another epoch"
    rows = store.take()
    cut = rows[:-1]
    store.put(cut, (len(cut), cut[-1][6]))
    assert loaded(store, path) is None, "the row that it stands on is gone"
    store.put([*cut, (*rows[-1][:6], bytes(32))], (len(rows), bytes(32)))
    assert loaded(store, path) is None, "another row stands there"
    store.put(rows, (len(rows), rows[-1][6]))
    assert loaded(store, path) is not None


def test_a_snapshot_by_other_code_is_passed_over(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(store) as log:
        day(log)
    kept(store, path)
    monkeypatch.setattr(log_snapshots, "code_fingerprint", lambda: "another")
    assert loaded(store, path) is None
    assert kept(store, path) == loaded(store, path).seq  # type: ignore[union-attr]


def test_a_snapshot_beyond_the_seq_that_is_asked_for_is_passed_over(store: Store, path: Path) -> None:
    with opened(store) as log:
        day(log)
    seq = kept(store, path)
    assert loaded(store, path, seq - 1) is None
    assert loaded(store, path, seq) is not None


def test_a_damaged_snapshot_is_passed_over_wherever_it_is_damaged(store: Store, path: Path) -> None:
    with opened(store) as log:
        day(log, 2)
    assert loaded(store, path) is None, "none is there"
    kept(store, path)
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        assert loaded(store, path) is None, f"byte {place}"
        path.write_bytes(whole[:place])
        assert loaded(store, path) is None, f"cut at {place}"
    path.write_bytes(whole + b"x")
    assert loaded(store, path) is None
    path.write_bytes(whole)
    assert loaded(store, path) is not None


def test_no_snapshot_is_made_of_a_damaged_log(store: Store, path: Path) -> None:
    with opened(store) as log:
        day(log)
    rows = store.take()
    rows[9] = (*rows[9][:5], rows[9][5] + " ", rows[9][6])
    store.put(rows)
    with pytest.raises(SetupError, match="row 10"):
        kept(store, path)
    assert not path.exists()


def test_a_state_is_kept_only_at_its_own_row(store: Store, path: Path) -> None:
    with opened(store) as log:
        day(log)
    with contextlib.closing(store.reader()) as reader, pytest.raises(AssertionError):
        save(path, DeskState(), reader, reader.checkpoint())


def test_the_keeper_makes_snapshots_in_the_background_while_the_log_is_written(
    store: Store, path: Path, repo_root: Path
) -> None:
    with opened(store) as log:
        keeper = Keeper(store.target, path, repo_root, last=0, every=40)
        day(log, 1)
        keeper.seen(log.head())
        assert keeper.wait(60) is None, "too early"
        day(log, 30)
        seq = log.head()
        keeper.seen(seq)
        keeper.seen(seq + 1000)  # while one is being made there is no second one
        desk = day(log, 3)
        assert keeper.wait(60) == 0
        state = loaded(store, path)
        assert state is not None and seq <= state.seq <= log.head()
        for row in log.read(state.seq):
            state.apply(row)
        assert state == desk.state


def test_a_desk_that_starts_from_a_snapshot_is_the_desk_that_folds_all(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.server.loop.MAX_TAIL", 25)
    with opened(store) as log:
        day(log, 10)
        kept(store, path)
        day(log, 2)
        assert MAX_TAIL > 25
    check_desk(store, path)


@virtual
async def check_desk(store: Store, path: Path) -> None:
    with opened(store) as log:
        whole, quick = Bench(log), Bench(log, kept=loaded(store, path))
        assert quick.desk.state == whole.desk.state
        assert quick.desk.feed.head == whole.desk.feed.head == log.head()
        first = log.head() - 24
        assert quick.desk.feed.first <= first
        assert quick.desk.feed.after(first - 1, 100) == whole.desk.feed.after(first - 1, 100)
        assert not quick.hole()
