"""``serve``: the service itself, on a ground and a folder that keeps its log."""

from __future__ import annotations

import argparse
import asyncio
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dispatch.cli.arguments import days, port
from dispatch.cli.doors import add_flags, check_flags, is_loopback, names_of, trusted_networks
from dispatch.domain.errors import SetupError

if TYPE_CHECKING:
    from dispatch.adapters.tls import Certificate
    from dispatch.bootstrap import Town
    from dispatch.server.doors import Doors
    from dispatch.server.station import Station


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("serve", help="run the service")
    parser.add_argument("--ground", type=Path, help="a .ground file or what `import` reads (default: sample town)")
    parser.add_argument(
        "--teams",
        type=Path,
        help="a roster CSV: id,name,lat,lon[,name_en][,kind][,profile][,skills][,vehicle][,staff][,shift]",
    )
    parser.add_argument("--places", type=Path, help="places with tiers, CSV: id,name,tier,lat,lon,radius_m")
    parser.add_argument("--data", type=Path, default=Path("var"), help="the folder of the log (default: var)")
    parser.add_argument(
        "--log",
        metavar="LOG",
        help="the log elsewhere: a file, or postgresql://[user@]host/db[?desk=NAME] (passwords: ~/.pgpass)",
    )
    parser.add_argument(
        "--desk", default="main", help="whose rows these are: accounts, tablets, trackers of another desk stay out"
    )
    parser.add_argument(
        "--standby", action="store_true", help="with --log postgresql://…: wait while another service has the desk"
    )
    parser.add_argument("--new-ground", action="store_true", help="the log of --data goes on, on another ground")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=port, help="the port (default: the first free one from 8135)")
    parser.add_argument("--off-duty", action="store_true", help="do not put the roster on duty at the start")
    parser.add_argument("--plans", type=Path, help="a response plan, TOML (default: the service's own)")
    parser.add_argument(
        "--mode",
        choices=("auto", "recommend"),
        default="auto",
        help="auto: the desk offers by itself; recommend: an operator confirms each choice (default: auto)",
    )
    parser.add_argument(
        "--photo-days",
        type=days,
        default=90,
        metavar="DAYS",
        help="how long photos are kept after their incident is closed; 0 for ever (default: 90)",
    )
    add_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM: 0; 1 where the log can no longer be trusted and a restart must settle it."""
    return asyncio.run(_serve(args))


async def _serve(args: argparse.Namespace) -> int:
    from dispatch.adapters.log_open import is_database, shown  # noqa: PLC0415
    from dispatch.adapters.plans import DEFAULT_PLANS, read_plans  # noqa: PLC0415
    from dispatch.bootstrap import (  # noqa: PLC0415
        StationSettings,
        build_access,
        build_station,
        build_webhooks,
        keep_ground,
        sample_town,
        town_of,
    )
    from dispatch.cli.service import address, listen, running, say, warn  # noqa: PLC0415
    from dispatch.cli.standby import check_standby, when_free  # noqa: PLC0415
    from dispatch.domain.types import Mode  # noqa: PLC0415
    from dispatch.server import logs  # noqa: PLC0415
    from dispatch.service.settings import DeskSettings  # noqa: PLC0415

    check_flags(args)
    if args.standby:
        check_standby(args.log)
    logs.configure(args.log_level, everything=True)
    desk = DeskSettings(plans=read_plans(args.plans or DEFAULT_PLANS), mode=Mode(args.mode))
    bound = listen(args.host, args.port)
    town = (
        town_of(args.ground, say, args.places, args.teams)
        if args.ground
        else sample_town(say, args.places, args.teams)
    )
    keep_ground(args.data, town, accept_another=args.new_ground)
    log = args.log or str(args.data / "desk.sqlite")
    snapshot = args.data / "desk.snapshot" if is_database(log) else None
    planning, photos = args.data / "planning", args.photo_days
    settings = StationSettings(
        log=log, snapshot=snapshot, desk=desk, prepare=True, planning=planning, photo_days=photos
    )
    doors, certificate = _outside(args, bound.getsockname()[1])
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    make = partial(build_station, town, settings)
    station = await when_free(args.log, bound, stop, certificate, make) if args.standby else make()
    if station is None:
        return 0
    access, told = build_access(
        args.data, station, [Path(town.ground.meta.source).stem, *names_of(args)], args.desk
    )
    station.webhooks = build_webhooks(args.data, station, log, args.desk)
    first = partial(_take, station, town, on_duty=not args.off_duty)
    level = args.log_level
    async with running(station, bound, access, doors=doors, certificate=certificate, log_level=level, first=first):
        teams = _teams(station, town)
        base = address(bound, secure=certificate is not None)
        say(
            f"135 serves {town.ground.meta.source} with {teams} teams and {len(town.places)} places,"
            f" its log in {shown(log)}, at {base} (Ctrl-C ends it)"
        )
        if told is not None:
            warn(
                f"first start: sign in at {base}/admin as 'administrator' with the one-time password {told}"
                " within 24 hours."
            )
        ends = [asyncio.create_task(stop.wait()), asyncio.create_task(station.desk.stopped.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ends:
            task.cancel()
    if station.desk.problem is not None:
        say(f"stopped: {station.desk.problem.sentence()}")
        return 1
    return 0


def _teams(station: Station, town: Town) -> int:
    """How many teams can be sent; says so where there is none, and refuses a roster of which none was taken."""
    from dispatch.cli.service import say  # noqa: PLC0415

    teams = station.desk.state.teams
    if not teams:
        say("there are no teams: nobody can be sent. Name a roster with --teams, or register teams over HTTP")
    if town.roster and not {team.team for team in town.roster} & set(teams):
        raise SetupError("no team of the roster could be taken: are its lat and lon the right way round?")
    return len(teams)


async def _take(station: Station, town: Town, *, on_duty: bool) -> None:
    """Make the desk's teams those of the roster, before anybody is let in."""
    from dispatch.bootstrap import enroll  # noqa: PLC0415
    from dispatch.cli.service import say  # noqa: PLC0415

    for problem in await enroll(station.desk, town.roster, on_duty=on_duty):
        say(f"team refused: {problem}")


def _outside(args: argparse.Namespace, number: int) -> tuple[Doors, Certificate | None]:
    """By which names and with which certificate the service on port ``number`` is reached."""
    from dispatch.adapters.tls import given_certificate, local_certificate  # noqa: PLC0415
    from dispatch.cli.service import warn  # noqa: PLC0415
    from dispatch.server.doors import doors_of  # noqa: PLC0415

    names, certificate = names_of(args), None
    if args.tls_cert is not None:
        certificate = given_certificate(args.tls_cert, args.tls_key)
    elif args.tls_local:
        certificate = local_certificate(args.data / "tls", ["localhost", "127.0.0.1", "::1", *names])
    elif not is_loopback(args.host) and args.insecure_http:
        warn("--insecure-http: passwords and orders cross this network in the clear. Use --tls-local instead.")
    authority = certificate.authority if certificate else None
    secure = certificate is not None
    return doors_of(
        number,
        secure=secure,
        names=names,
        public_origin=args.public_origin,
        authority=authority,
        proxies=trusted_networks(args.trust_proxy),
    ), certificate
