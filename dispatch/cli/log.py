"""Tools over a log, beside whoever writes it: ``verify``, ``replay``, ``backup``, ``restore`` and ``snapshot``."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dispatch.domain.errors import SetupError

if TYPE_CHECKING:
    from dispatch.domain.state import DeskState

LOG_HELP: Final = "the log: its file, its folder, or postgresql://…[?desk=NAME]"
_LINES: Final = 200
"""Rows of a table that are printed; ``--json`` gives all."""


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the commands."""
    verify = subparsers.add_parser("verify", help="check every row of a log; name the first bad one")
    verify.add_argument("log", metavar="LOG", help=LOG_HELP)
    verify.add_argument("--since", metavar="SEQ:HASH", help="a checkpoint that an earlier verify printed")
    verify.set_defaults(run=run_verify)
    replay = subparsers.add_parser("replay", help="what the desk knew then: teams, incidents, orders")
    replay.add_argument("log", metavar="LOG", help=LOG_HELP)
    replay.add_argument("--to", type=int, metavar="SEQ", help="up to this event (default: the last one)")
    replay.add_argument("--at", metavar="TIME", help="up to this time, like 2026-11-24T14:30 (local time)")
    replay.add_argument("--json", action="store_true", help="the whole state as JSON")
    replay.set_defaults(run=run_replay)
    backup = subparsers.add_parser("backup", help="copy a log into a new file, checked, while it is written")
    backup.add_argument("log", metavar="LOG", help=LOG_HELP)
    backup.add_argument("file", metavar="FILE", help="the new file; it must not exist")
    backup.set_defaults(run=run_backup)
    restore = subparsers.add_parser("restore", help="make a log from a backup: a new one, with a new epoch")
    restore.add_argument("file", metavar="FILE", help="the backup")
    restore.add_argument("log", metavar="LOG", help="a file that does not exist, or an empty postgresql://…")
    restore.set_defaults(run=run_restore)
    snapshot = subparsers.add_parser(
        "snapshot", help="make the snapshot that quickens a start (serve does so itself)"
    )
    snapshot.add_argument("log", metavar="LOG", help=LOG_HELP + "; - reads it from the first line of the input")
    snapshot.add_argument("--to", type=Path, metavar="FILE", help="where (default: beside the log's file)")
    snapshot.set_defaults(run=run_snapshot)


def run_verify(args: argparse.Namespace) -> int:
    """0 where every row is sound, printing the checkpoint; 1 with the first bad row."""
    from dispatch.adapters.log_chain import BadRowError, Checkpoint  # noqa: PLC0415
    from dispatch.adapters.log_open import open_reader  # noqa: PLC0415
    from dispatch.adapters.log_verify import verify  # noqa: PLC0415

    since = Checkpoint.parse(args.since) if args.since else Checkpoint()
    with contextlib.closing(open_reader(args.log)) as reader:
        try:
            mark = verify(reader, since)
        except BadRowError as error:
            print(f"BAD row {error.seq}: {error.problem}")
            return 1
    print(f"sound: {mark.seq - since.seq} rows, up to {mark.seq}")
    print(f"checkpoint {mark}")
    return 0


def run_replay(args: argparse.Namespace) -> int:
    """Print the state of the desk as of an event or a time."""
    from dispatch.adapters.log_open import file_of, is_database, open_reader  # noqa: PLC0415
    from dispatch.adapters.log_snapshots import load  # noqa: PLC0415
    from dispatch.adapters.log_verify import state_at  # noqa: PLC0415

    at_ms = None if args.at is None else _time_ms(args.at)
    if args.to is not None and args.to < 0:
        raise SetupError(f"--to {args.to}: events are counted from 1; 0 is before the first")
    with contextlib.closing(open_reader(args.log)) as reader:
        head = reader.checkpoint().seq
        if args.to is not None and args.to > head:
            raise SetupError(f"--to {args.to}: the log ends at event {head}")
        kept = None
        if at_ms is None and not is_database(args.log):
            kept = load(Path(f"{file_of(args.log)}.snapshot"), reader, head if args.to is None else args.to)
        state, last_ms = state_at(reader, kept, args.to, at_ms)
    if args.json:
        _print_json(state, last_ms, head)
    else:
        _print_tables(state, last_ms, head)
    return 0


def run_backup(args: argparse.Namespace) -> int:
    """Copy a log into a new file; prints the checkpoint of the copy."""
    return _copied(args.log, args.file, "backed up")


def run_restore(args: argparse.Namespace) -> int:
    """Copy a backup into a new log; prints its checkpoint."""
    return _copied(args.file, args.log, "restored")


def run_snapshot(args: argparse.Namespace) -> int:
    """Fold the log from the last snapshot and keep the state."""
    from dispatch.adapters.log_open import file_of, is_database, open_reader  # noqa: PLC0415
    from dispatch.adapters.log_verify import keep  # noqa: PLC0415

    target = sys.stdin.readline().strip() if args.log == "-" else args.log
    if args.to is None and is_database(target):
        raise SetupError("where is the snapshot to be kept? a log in a database needs --to FILE")
    path = args.to or Path(f"{file_of(target)}.snapshot")
    with contextlib.closing(open_reader(target)) as reader:
        try:
            seq = keep(reader, path)
        except OSError as error:
            raise SetupError(f"{path} cannot be written ({error.strerror}): name another file --to") from error
    print(f"{path} holds the state at event {seq}")
    return 0


def _copied(source: str, target: str, done: str) -> int:
    from dispatch.adapters.log_open import copy_log, open_reader, shown  # noqa: PLC0415

    with contextlib.closing(open_reader(source)) as reader:
        mark = copy_log(reader, target)
    print(f"{done}: {mark.seq} events in {shown(target)}")
    print(f"checkpoint {mark}")
    return 0


def _time_ms(text: str) -> int:
    try:
        return round(datetime.datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise SetupError(
            f"--at {text} is no time: write it like 2026-11-24T14:30 or 2026-11-24T14:30:05+08:00"
        ) from error


def _time(ms: int | None) -> str:
    if ms is None:
        return ""
    return datetime.datetime.fromtimestamp(ms / 1000).astimezone().isoformat(" ", "seconds")


def _print_json(state: DeskState, last_ms: int | None, head: int) -> None:
    import msgspec  # noqa: PLC0415

    body = {"seq": state.seq, "head": head, "at_ms": last_ms, "state": msgspec.to_builtins(state)}
    print(json.dumps(body, ensure_ascii=False, indent=1))


def _print_tables(state: DeskState, last_ms: int | None, head: int) -> None:
    print(f"the desk as of event {state.seq} of {head}" + (f", {_time(last_ms)}" if last_ms else ""))
    teams = [
        (team.team, team.name, team.duty, state.live_order_of.get(team.team, "")) for team in state.teams.values()
    ]
    _table("teams", ("team", "name", "duty", "live order"), teams)
    incidents = [
        (each.incident, each.status, each.urgency, each.what, _time(each.reported_at_ms), each.place or each.road)
        for each in (state.incidents[name] for name in state.open_incidents)
    ]
    _table("open incidents", ("incident", "status", "urgency", "what", "reported", "where"), incidents)
    orders = [
        (each.order, each.incident, each.team, each.status, _time(each.offered_at_ms), _time(each.deadline_ms))
        for each in (state.orders[name] for name in state.live_order_of.values())
    ]
    _table("live orders", ("order", "incident", "team", "status", "offered", "deadline"), orders)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    print(f"\n{title}: {len(rows)}")
    if not rows:
        return
    cells = [[str(cell) for cell in row] for row in (head, *rows[:_LINES])]
    widths = [max(_width(row[place]) for row in cells) for place in range(len(head))]
    for row in cells:
        print("  " + "  ".join(cell + " " * (widths[i] - _width(cell)) for i, cell in enumerate(row)).rstrip())
    if len(rows) > _LINES:
        print(f"  … and {len(rows) - _LINES} more: --json has all")


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(char) >= 0x1100 else 1 for char in text)
