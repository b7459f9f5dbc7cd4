"""``device`` and ``tracker``: tablets and programs of the teams, on the data folder, service running or not.

The service reads what was written within half a second, so that a revoked tablet is out within two.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dispatch.cli.data_folder import accounts, check_team
from dispatch.domain.errors import SetupError

if TYPE_CHECKING:
    from dispatch.access.device_machine import DeviceTrigger
    from dispatch.access.records import Device, Tracker
    from dispatch.adapters.access_store import SqliteAccessStore

_TEAM: Final = re.compile(r"\S(?:.{0,62}\S)?")
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register both commands and their verbs."""
    parser = subparsers.add_parser("device", help="tablets: list, invite, confirm, revoke")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _verb(verbs, "list", "every tablet", _list_devices)
    invite = _verb(verbs, "invite", "a QR code, here in the terminal, for a team's next tablet", _invite)
    _of_team(invite)
    invite.add_argument(
        "--at", required=True, metavar="URL", help="how tablets reach the service, as in https://135.example:8135"
    )
    confirm = _verb(verbs, "confirm", "let a waiting tablet in", _confirm)
    confirm.add_argument("device", help="its id, from `device list`")
    confirm.add_argument("figures", help="the six figures on the tablet's own screen")
    revoke = _verb(verbs, "revoke", "shut a tablet out, within two seconds and for good", _revoke)
    revoke.add_argument("device", help="its id, from `device list`")

    parser = subparsers.add_parser("tracker", help="programs that send a team's positions: list, add, revoke")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _verb(verbs, "list", "every tracker; tokens are not told again", _list_trackers)
    add = _verb(verbs, "add", "a token for a team's program; prints it once", _add)
    _of_team(add)
    add.add_argument("--name", default="tracker", help="what to call it (default: tracker)")
    gone = _verb(verbs, "revoke", "make its token void, within a second", _revoke_tracker)
    gone.add_argument("tracker", help="its id, from `tracker list`")


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    sentence: str,
    work: Callable[[SqliteAccessStore, argparse.Namespace], None],
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=sentence, description=sentence)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the folder of the service (default: var)")
    parser.add_argument("--desk", default="main", help="the desk of the service (default: main)")
    parser.set_defaults(run=run, work=work)
    return parser


def _of_team(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("team", help="the team's id")
    parser.add_argument(
        "--log", metavar="LOG", help="where the teams are, as `serve --log` has it (default: in --data)"
    )


def run(args: argparse.Namespace) -> int:
    """Do one verb on the file of accounts and devices: 0."""
    store = accounts(args.data)
    try:
        args.work(store, args)
    finally:
        store.close()
    return 0


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _note(store: SqliteAccessStore, what: str, about: str) -> None:
    from dispatch.adapters.access_store import AuditRow  # noqa: PLC0415

    store.note(AuditRow(_now_ms(), "command line", what, about, ""))


def _when(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at_ms / 1000))


def _team(args: argparse.Namespace) -> str:
    if not _TEAM.fullmatch(args.team):
        raise SetupError(f"'{args.team}' is no team's id: 1 to 64 characters")
    check_team(args.team, args.data, args.log)
    return str(args.team)


def _devices(store: SqliteAccessStore, desk: str) -> list[Device]:
    from dispatch.access.records import Device  # noqa: PLC0415

    held = [each for each in store.load() if isinstance(each, Device) and each.desk == desk]
    return sorted(held, key=lambda each: -each.enrolled_ms)


def _list_devices(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.adapters.secrets_box import check_number  # noqa: PLC0415

    for each in _devices(store, args.desk):
        print(f"{each.device}\t{each.team}\t{each.status}\t{check_number(each.key)}\t{_when(each.enrolled_ms)}")


def _invite(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.access.records import INVITE_MS, Invite  # noqa: PLC0415
    from dispatch.adapters import secrets_box as box  # noqa: PLC0415
    from dispatch.adapters.codes import qr_text  # noqa: PLC0415

    base = args.at.rstrip("/")
    if not _ORIGIN.fullmatch(base):
        raise SetupError(f"--at {args.at} is no address of the service: as in https://135.example:8135")
    team, secret = _team(args), box.new_token()
    until_ms = _now_ms() + INVITE_MS
    store.put([Invite(invite=box.digest_of(secret), team=team, by="command line", until_ms=until_ms)])
    _note(store, "device_invited", team)
    url = f"{base}/enrol#{secret}"
    print(qr_text(url), end="")
    print(f"{url}\n{team}: scan it with the tablet, or open the address there; once, until {_when(until_ms)}")


def _known(store: SqliteAccessStore, args: argparse.Namespace) -> Device:
    found = next((each for each in _devices(store, args.desk) if each.device == args.device), None)
    if found is None:
        raise SetupError(f"no tablet has the id {args.device}: `device list` shows them all")
    return found


def _move(store: SqliteAccessStore, device: Device, trigger: DeviceTrigger) -> None:
    from dispatch.access.device_machine import DEVICE  # noqa: PLC0415
    from dispatch.access.records import Session  # noqa: PLC0415

    status = DEVICE.next(device.status, trigger)
    if status is None:
        raise SetupError(f"{device.device} is {device.status}: nothing was changed")
    over = [each for each in store.load() if isinstance(each, Session) and each.device == device.device]
    moved = replace(device, status=status, by="command line")
    store.put([moved], gone=[] if DEVICE.live(status) else over)
    _note(store, f"device_{status}", f"{device.device} of {device.team}")
    print(f"{device.device} of {device.team} is {status}")


def _confirm(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.access.device_machine import DeviceTrigger  # noqa: PLC0415
    from dispatch.adapters.secrets_box import check_number  # noqa: PLC0415

    device = _known(store, args)
    if args.figures.replace(" ", "") != check_number(device.key):
        raise SetupError(
            f"{args.figures} is not what {device.device} has: if the tablet shows these figures,"
            " somebody else enrolled in its place; revoke it and invite anew"
        )
    _move(store, device, DeviceTrigger.CONFIRM)


def _revoke(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.access.device_machine import DeviceTrigger  # noqa: PLC0415

    _move(store, _known(store, args), DeviceTrigger.REVOKE)


def _trackers(store: SqliteAccessStore, desk: str) -> list[Tracker]:
    from dispatch.access.records import Tracker  # noqa: PLC0415

    held = [each for each in store.load() if isinstance(each, Tracker) and each.desk == desk]
    return sorted(held, key=lambda each: -each.made_ms)


def _list_trackers(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    for each in _trackers(store, args.desk):
        print(f"{each.tracker}\t{each.team}\t{each.name}\t{each.by}\t{_when(each.made_ms)}")


def _add(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    from dispatch.server.trackers import new_tracker  # noqa: PLC0415

    team = _team(args)
    if not 1 <= len(args.name) <= 64:
        raise SetupError("--name has 1 to 64 characters")
    token, made = new_tracker(team, args.name, by="command line", desk=args.desk, now_ms=_now_ms())
    store.put([made])
    _note(store, "tracker_added", f"{made.tracker} of {team}")
    print(f"{made.tracker}\t{team}\t{token}\t(told once: HTTP Basic's password, or Bearer)")


def _revoke_tracker(store: SqliteAccessStore, args: argparse.Namespace) -> None:
    found = next((each for each in _trackers(store, args.desk) if each.tracker == args.tracker), None)
    if found is None:
        raise SetupError(f"no tracker has the id {args.tracker}: `tracker list` shows them all")
    store.put([], gone=[found])
    _note(store, "tracker_revoked", f"{found.tracker} of {found.team}")
    print(f"{found.tracker} of {found.team} is out")
