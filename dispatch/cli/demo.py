"""``demo``: the whole service on a town, with simulated patrol tablets on real sockets."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dispatch.cli.arguments import port
from dispatch.domain.errors import SetupError

if TYPE_CHECKING:
    from dispatch.bootstrap import Town
    from dispatch.server.access import Access
    from dispatch.sim.identity import Identity
    from dispatch.sim.reporter import Reporter
    from dispatch.sim.tablet import Crew

LIVE_PACE: Final = 8.0
ONCE_PACE: Final = 60.0
ONCE_WITHIN_S: Final = 120.0
REPORT_EVERY_S: Final = (12.0, 30.0)
MAX_OPEN: Final = 6
MAX_TEAMS: Final = 2000
_TOLD: Final = ("order", "team", "status", "eta_ms")
KINDS: Final = ("dispute", "theft", "fight", "traffic", "fire", "missing", "alarm", "flood")


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("demo", help="a town with patrol teams, and its page in the browser")
    parser.add_argument("--ground", type=Path, help="a .ground or OSM file (default: the synthetic sample town)")
    parser.add_argument("--teams", type=_count, help="how many teams (default: the town's roster, else 18)")
    parser.add_argument("--port", type=port, help="the port (default: the first free one from 8135)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")
    parser.add_argument("--once", action="store_true", help="follow one incident until it is closed, then end")
    parser.add_argument("--json", action="store_true", help="with --once: the walk as one JSON line at the end")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MAX_TEAMS:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of teams from 1 to {MAX_TEAMS}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Run the demo until Ctrl-C, or with ``--once`` until one incident is closed: 0; 1 where it did not close."""
    if args.json and not args.once:
        raise SetupError("--json tells the walk of one incident: use it with --once")
    try:
        return asyncio.run(_demo(args))
    except (asyncio.CancelledError, KeyboardInterrupt):
        return 130 if args.once else 0


async def _demo(args: argparse.Namespace) -> int:
    from dispatch import bootstrap  # noqa: PLC0415 (loaded when it is needed: other commands start faster)
    from dispatch.adapters.plans import read_plans  # noqa: PLC0415
    from dispatch.cli.service import address, listen, running, say, warn  # noqa: PLC0415
    from dispatch.service.settings import DeskSettings  # noqa: PLC0415
    from dispatch.sim.fleet import Fleet  # noqa: PLC0415
    from dispatch.sim.person import enter_demo  # noqa: PLC0415
    from dispatch.sim.reporter import Reporter  # noqa: PLC0415

    started_s = time.perf_counter()
    bound = listen("127.0.0.1", 0 if args.once and args.port is None else args.port)
    town = bootstrap.town_of(args.ground, say) if args.ground else bootstrap.sample_town(say)
    roster = _roster(town, args.teams)
    folder = bootstrap.CACHE / "demo" / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)  # of a demo that was killed and had this very process number
    pace = ONCE_PACE if args.once else LIVE_PACE
    settings = bootstrap.StationSettings(
        log=folder / "desk.sqlite",
        desk=DeskSettings(accept_within_ms=3_000 if args.once else 12_000, plans=read_plans()),
        pace=pace,
        demo=True,
        prepare=not args.once,
    )
    station = bootstrap.build_station(town, settings)
    access, _ = bootstrap.build_access(None, station)
    crew = _crew(once=args.once)
    try:
        async with running(station, bound, access):
            for problem in await bootstrap.enroll(station.desk, roster, on_duty=True):
                say(f"team refused: {problem}")
            base = address(bound)
            say(
                f"135 demo on {town.ground.meta.source}, {len(roster)} teams, at {base}"
                f"  (ready in {time.perf_counter() - started_s:.1f} s; cars drive {pace:g} × real speed)"
            )
            warn("DEMO: made-up data, no passwords: whoever is at this machine may enter and confirm tablets.")
            say("pages: /console, /wall, /planner and /admin of that address; Ctrl+C ends the demo")
            reporter = Reporter(base)
            await asyncio.to_thread(enter_demo, reporter)
            identities = [await let_in(access, base, team.team) for team in roster]
            fleet = Fleet(
                base.replace("http", "ws") + "/ws",
                town.ground,
                roster,
                identities,
                folder / "tablets",
                crew=crew,
                pace=pace,
            )
            driving = asyncio.create_task(fleet.run())
            driving.add_done_callback(_tell_failure)
            try:
                if args.once:
                    return await _once(reporter, town, roster, as_json=args.json)
                if not args.no_browser:
                    _open_page(base)
                return await _live(reporter, town)
            finally:
                driving.cancel()
                await asyncio.gather(driving, return_exceptions=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _crew(*, once: bool) -> Crew:
    """How patrols behave; of one incident the first order is stored and shown, but nobody presses the button."""
    from dispatch.sim.tablet import Crew  # noqa: PLC0415

    if not once:
        return Crew()
    return Crew(
        accept_after_s=0.4,
        depart_after_s=0.2,
        on_scene_s=0.8,
        report_s=0.3,
        answers=lambda o: o.order != "O0001",  # so silence is walked too
    )


async def let_in(access: Access, base: str, team: str) -> Identity:
    """Invite, enrol and confirm one tablet, by its own key, beside the gate: that lets 30 enrol a minute."""
    from dispatch.access.device_machine import DeviceTrigger  # noqa: PLC0415
    from dispatch.access.proofs import enrol_message  # noqa: PLC0415
    from dispatch.access.refusals import DoorRefusal  # noqa: PLC0415
    from dispatch.sim.identity import Identity, new_key, public_text, signed  # noqa: PLC0415

    key = new_key()
    public = public_text(key)
    invited = await access.devices.invite(team, "demo")
    if isinstance(invited, DoorRefusal):
        raise SetupError(f"the tablet of {team} was not invited: {invited}")
    signature = signed(key, enrol_message(invited[0], public))
    device = await access.devices.enrol(invited[0], public, f"sim-{team}", signature, "demo")
    if isinstance(device, DoorRefusal):
        raise SetupError(f"the tablet of {team} was not enrolled: {device}")
    confirmed = await access.devices.move(device.device, DeviceTrigger.CONFIRM, "demo")
    assert not isinstance(confirmed, DoorRefusal), "it was enrolled just now"
    return Identity(base, team, device.device, key)


def _tell_failure(driving: asyncio.Task[None]) -> None:
    if not driving.cancelled() and (error := driving.exception()) is not None:
        print(f"the simulated tablets have stopped, which is a defect: {error!r}", file=sys.stderr)


def _roster(town: Town, count: int | None) -> Sequence[Any]:
    from dispatch.sim.fleet import made_up_roster  # noqa: PLC0415

    known = list(town.roster)
    if count is None:
        return known or made_up_roster(town.ground, 18)
    return known[:count] + made_up_roster(town.ground, max(0, count - len(known)))


def _open_page(base: str) -> None:
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(base)


async def _live(reporter: Reporter, town: Town) -> int:
    """Report incidents now and then until Ctrl-C or SIGTERM."""
    from dispatch.sim.reporter import ReporterError  # noqa: PLC0415

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    chance = random.Random(135)
    wait_s = 3.0
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait_s)
        if stop.is_set():
            return 0
        wait_s = chance.uniform(*REPORT_EVERY_S)
        with contextlib.suppress(ReporterError, OSError):
            open_now = await asyncio.to_thread(reporter.call, "GET", "/api/incidents?status=open")
            if len(open_now) < MAX_OPEN:
                lat, lon = _somewhere(town, chance)
                await asyncio.to_thread(reporter.report, lat, lon, what=chance.choice(KINDS))


def _somewhere(town: Town, chance: random.Random) -> tuple[float, float]:
    from dispatch.sim.fleet import random_point  # noqa: PLC0415

    if town.places and chance.random() < 0.6:
        point = chance.choice(list(town.places)).point
    else:
        point = random_point(town.ground.graph(town.ground.profiles[0]), chance)
    return point.lat, point.lon


async def _once(reporter: Reporter, town: Town, roster: Sequence[Any], *, as_json: bool) -> int:
    """Report one incident near the first team, follow it to its end, print its walk."""
    from dispatch.cli.service import say  # noqa: PLC0415

    chance = random.Random(135)
    until_s = time.monotonic() + ONCE_WITHIN_S
    await _all_connected(reporter, len(roster), until_s)
    lat, lon = _somewhere(town, chance)
    incident = await asyncio.to_thread(reporter.report, lat, lon, what="dispute", note="demo --once")
    say(f"{incident} reported at {lat:.5f},{lon:.5f}; following it …")
    seen: set[tuple[str, str]] = set()
    view: dict[str, Any] = {}
    while time.monotonic() < until_s:
        view = await asyncio.to_thread(reporter.incident, incident)
        for order in view["orders"]:
            if (order["order"], order["status"]) not in seen:
                seen.add((order["order"], order["status"]))
                say(
                    f"  {order['order']} → {order['team']}: {order['status']}  (eta {order['eta_ms'] / 1000:.0f} s)"
                )
        if view["incident"]["status"] == "closed":
            break
        await asyncio.sleep(0.05)
    walk = await asyncio.to_thread(reporter.call, "GET", f"/api/incidents/{incident}/walk")
    done = view["incident"]["status"] == "closed" and all(step["at_ms"] is not None for step in walk)
    print(f"\nThe walk of {incident}" + ("" if done else " (not finished)"))
    for step in walk:
        at = "–" if step["at_ms"] is None else f"{step['at_ms']:,.1f} ms"
        print(f"  {step['step']:>2}  {step['name']:<11}{at:>14}   {step['detail']}")
    if as_json:
        told = {
            "ok": done,
            "incident": incident,
            "ground": town.ground.meta.source,
            "teams": len(roster),
            "steps": len(walk),
            "walk": walk,
            "orders": [
                {key: order[key] for key in ("order", "team", "status", "eta_ms")} for order in view["orders"]
            ],
        }
        print(json.dumps(told, ensure_ascii=False))
    return 0 if done else 1


async def _all_connected(reporter: Reporter, teams: int, until_s: float) -> None:
    while time.monotonic() < until_s:
        health = await asyncio.to_thread(reporter.call, "GET", "/healthz")
        if health["connections"] >= teams:
            return
        await asyncio.sleep(0.05)
