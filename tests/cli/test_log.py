"""The tools over a log, as they are typed: what they print, and what they say to a mistake."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dispatch.__main__ import main
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.domain.state import DeskState
from dispatch.service.ports import Log
from tests.contract.stores import DURABLE, Sqlite, Store, opened, store_of
from tests.service.driver import START_MS, TOWN, DeskDriver, key


@pytest.fixture(params=DURABLE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A log with a morning in it."""
    made = store_of(request.param, request, tmp_path)
    with opened(made) as log:
        morning(log)
    return made


def morning(log: Log) -> DeskDriver:
    desk = DeskDriver(TOWN, log=log)
    if not desk.state.teams:
        desk.register("T1", "T2", "T3")
    desk.report("mill", key(1 + log.head()))
    desk.pass_time(31_000)
    desk.report("school", key(2 + log.head()))
    desk.pass_time(10_000)
    return desk


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What a command prints, to both streams."""
    assert main(words) == code, capsys.readouterr()
    out = capsys.readouterr()
    return out.out + out.err


def rows(store: Store) -> int:
    return len(store.take())


def test_verify_prints_a_checkpoint_that_it_takes_back(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    first = said(capsys, "verify", store.target)
    head = rows(store)
    assert first.startswith(f"sound: {head} rows, up to {head}\n")
    found = re.search(r"^checkpoint (\d+:[0-9a-f]{64})$", first, re.MULTILINE)
    assert found is not None
    with opened(store) as log:
        morning(log)
    later = said(capsys, "verify", store.target, "--since", found[1])
    assert later.startswith(f"sound: {rows(store) - head} rows, up to {rows(store)}\n")


def test_verify_names_the_first_bad_row_and_fails(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    kept = store.take()
    for seq in (9, 5):
        kept[seq - 1] = (*kept[seq - 1][:5], kept[seq - 1][5] + " ", kept[seq - 1][6])
    store.put(kept)
    assert said(capsys, "verify", store.target, code=1).startswith("BAD row 5: its content is not what was written")


def test_replay_tells_what_the_desk_knew_then(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    head = rows(store)
    for seq in range(head + 1):
        state = DeskState()
        with opened(store) as log:
            for row in log.read():
                if row.seq <= seq:
                    state.apply(row)
        told = json.loads(said(capsys, "replay", store.target, "--to", str(seq), "--json"))
        assert (told["seq"], told["head"]) == (seq, head)
        assert sorted(told["state"]["orders"]) == sorted(state.orders)
        assert told["state"]["live_order_of"] == state.live_order_of
        assert {name: each["status"] for name, each in told["state"]["orders"].items()} == {
            name: each.status for name, each in state.orders.items()
        }
        table = said(capsys, "replay", store.target, "--to", str(seq))
        assert table.startswith(f"the desk as of event {seq} of {head}")
        for title, count in (
            ("teams", len(state.teams)),
            ("open incidents", len(state.open_incidents)),
            ("live orders", len(state.live_order_of)),
        ):
            assert f"\n{title}: {count}\n" in table
        for order in state.live_order_of.values():
            assert order in table


def test_replay_at_a_time_stops_before_the_first_later_event(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []
    for at in ("2027-01-15T08:00:00Z", "2027-01-15T08:00:30.500Z", "2027-01-15T09:00:35+01:00", "2030-01-01"):
        told = json.loads(said(capsys, "replay", store.target, "--at", at, "--json"))
        assert told["at_ms"] >= START_MS
        seen.append(told["seq"])
    assert seen == sorted(seen)
    assert len(set(seen)) == 3
    assert seen[-1] == rows(store)
    assert said(capsys, "replay", store.target, "--at", "1999-12-31").startswith("the desk as of event 0 of")


def test_replay_from_a_snapshot_is_replay_from_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "desk.sqlite"
    log = SqliteLog(file)
    morning(log)
    assert f"holds the state at event {log.head()}" in said(capsys, "snapshot", str(file))
    kept = log.head()
    morning(log)
    log.close()
    for seq in (kept - 1, kept, kept + 1):
        quick = said(capsys, "replay", str(tmp_path), "--to", str(seq), "--json")
        (tmp_path / "desk.sqlite.snapshot").rename(tmp_path / "away")
        assert said(capsys, "replay", str(tmp_path), "--to", str(seq), "--json") == quick
        (tmp_path / "away").rename(tmp_path / "desk.sqlite.snapshot")


def test_a_snapshot_of_a_database_needs_a_place(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if store.target.startswith("postgresql"):
        assert "needs --to FILE" in said(capsys, "snapshot", store.target, code=2)
    to = tmp_path / "kept"
    assert f"holds the state at event {rows(store)}" in said(capsys, "snapshot", store.target, "--to", str(to))
    assert "cannot be written" in said(capsys, "snapshot", store.target, "--to", str(to / "x"), code=2)


def test_backup_and_restore_print_the_checkpoint_of_what_they_made(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = said(capsys, "verify", store.target).splitlines()[-1]
    assert said(capsys, "backup", store.target, str(tmp_path / "b")).splitlines()[-1] == mark
    assert "exists: name a file" in said(capsys, "backup", store.target, str(tmp_path / "b"), code=2)
    assert said(capsys, "restore", str(tmp_path / "b"), str(tmp_path / "again")).splitlines()[-1] == mark
    assert said(capsys, "verify", str(tmp_path / "again")).splitlines()[-1] == mark


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("verify", "/nowhere/at/all"), "there is no log /nowhere/at/all"),
        (("verify", "{log}", "--since", "last week"), "is no checkpoint: give SEQ:HASH"),
        (("verify", "{letter}"), "is not a log of this service"),
        (("replay", "{log}", "--to", "9999"), "the log ends at event"),
        (("replay", "{log}", "--to", "-1"), "events are counted from 1"),
        (("replay", "{log}", "--at", "tomorrow"), "write it like 2026-11-24T14:30"),
        (("backup", "{log}", "{letter}"), "exists: name a file that does not"),
        (("backup", "/nowhere/at/all", "{letter}"), "there is no log"),
        (("backup", "{log}", "/proc/none/copy"), "cannot hold a log"),
        (("restore", "{letter}", "{log}"), "is not a log of this service"),
    ],
)
def test_a_mistake_gets_one_clear_sentence(
    words: tuple[str, ...], answer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, letter = tmp_path / "desk.sqlite", tmp_path / "letter.txt"
    with opened(store := Sqlite(log)) as made:
        morning(made)
    letter.write_text("dear officer, " * 100)
    text = said(capsys, *(word.format(log=store.target, letter=letter) for word in words), code=2)
    assert text.startswith("error: ")
    assert answer in text
    assert letter.read_text().startswith("dear officer")
