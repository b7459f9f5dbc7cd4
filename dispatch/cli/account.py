"""``account``: who may sign in; works on the data folder, whether the service runs or not."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dispatch.cli.data_folder import ACCOUNTS, accounts
from dispatch.domain.errors import SetupError

if TYPE_CHECKING:
    from dispatch.access.records import Account, Session
    from dispatch.adapters.access_store import SqliteAccessStore

ROLES: Final = ("dispatcher", "supervisor", "patrol", "planner", "auditor", "administrator")
_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}")


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its verbs."""
    parser = subparsers.add_parser("account", help="who may sign in: add, reset, list, disable, enable")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb, sentence, work in (
        ("add", "make an account; prints its one-time password", _add),
        ("reset", "a new one-time password and no second factor; its sessions end", _reset),
        ("disable", "shut an account out, within a second", _disable),
        ("enable", "let it in again", _enable),
        ("list", "every account", _list),
    ):
        each = verbs.add_parser(verb, help=sentence, description=sentence)
        if verb != "list":
            each.add_argument("name", help="letters, figures, and . _ -")
        if verb == "add":
            each.add_argument("--role", choices=ROLES, required=True)
            each.add_argument("--desk", action="append", default=[], help="the desks it works on (default: all)")
        each.add_argument("--data", type=Path, default=Path("var"), help="the folder of the service (default: var)")
        each.set_defaults(run=run, work=work)


def run(args: argparse.Namespace) -> int:
    """Do one verb on the file of accounts: 0; ``add`` alone may make the file."""
    from dispatch.adapters.access_store import SqliteAccessStore  # noqa: PLC0415

    if args.work is _add and not (args.data / ACCOUNTS).is_file():
        store = SqliteAccessStore(args.data / ACCOUNTS)
        print(f"{args.data.absolute()} is new: a service with this --data has these accounts", file=sys.stderr)
    else:
        store = accounts(args.data)
    work: Callable[[SqliteAccessStore, argparse.Namespace], None] = args.work
    try:
        work(store, args)
    finally:
        store.close()
    return 0


def _accounts(store: SqliteAccessStore) -> dict[str, Account]:
    from dispatch.access.records import Account  # noqa: PLC0415

    return {each.name: each for each in store.load() if isinstance(each, Account)}


def _known(store: SqliteAccessStore, name: str) -> Account:
    account = _accounts(store).get(name)
    if account is None:
        raise SetupError(f"no account is called {name}: `account list` shows them all")
    return account


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _note(store: SqliteAccessStore, what: str, about: str) -> None:
    from dispatch.adapters.access_store import AuditRow  # noqa: PLC0415

    store.note(AuditRow(_now_ms(), "command line", what, about, ""))


def _add(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.access.policy import EVERY_DESK, Role  # noqa: PLC0415
    from dispatch.server.people import new_account  # noqa: PLC0415

    if not _NAME.fullmatch(args.name):
        raise SetupError(f"'{args.name}' is no account name: letters, figures, and . _ -, at most 64")
    if args.name in _accounts(store):
        raise SetupError(f"{args.name} exists: `account reset {args.name}` gives it a new password")
    account, password = new_account(args.name, Role(args.role), args.desk or [EVERY_DESK], _now_ms())
    store.put([account])
    _note(store, "account_added", f"{args.name}: {args.role}")
    print(f"{args.name}\t{password}\t(works once, within 24 hours)")


def _reset(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.server.people import new_account  # noqa: PLC0415

    account = _known(store, args.name)
    fresh, password = new_account(account.name, account.role, account.desks, _now_ms())
    store.put([replace(fresh, made_ms=account.made_ms)], gone=_sessions(store, account.name))
    _note(store, "account_reset", account.name)
    print(f"{account.name}\t{password}\t(works once, within 24 hours)")


def _sessions(store: SqliteAccessStore, name: str) -> list[Session]:
    from dispatch.access.records import Session  # noqa: PLC0415

    return [each for each in store.load() if isinstance(each, Session) and each.account == name]


def _disable(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.access.policy import Role  # noqa: PLC0415

    account = _known(store, args.name)
    others = [each for each in _accounts(store).values() if each.role is Role.ADMINISTRATOR and not each.disabled]
    if others == [account]:
        raise SetupError(f"{account.name} is the last administrator: make another one first")
    store.put([replace(account, disabled=True)], gone=_sessions(store, account.name))
    _note(store, "account_disabled", account.name)
    print(f"{account.name} is shut out")


def _enable(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    account = _known(store, args.name)
    store.put([replace(account, disabled=False)])
    _note(store, "account_enabled", account.name)
    print(f"{account.name} may sign in")


def _list(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    del args
    for account in sorted(_accounts(store).values(), key=lambda each: each.name):
        state = "disabled" if account.disabled else account.stage
        print(f"{account.name}\t{account.role}\t{','.join(account.desks)}\t{state}")
