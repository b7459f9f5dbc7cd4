"""The command line of the ground: import, info, isochrone, nearest, route."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.types import UNREACHED, LonLat

if TYPE_CHECKING:
    from geo_data.graph import Ground, RoadGraph
    from geo_data.types import ArcPosition

MINUTES_MAX: Final = 24 * 60


def add_parsers(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Add the commands import, info, isochrone, nearest and route; each sets ``run``, which returns the exit code.

    ``run`` raises GroundError for input that cannot be used; the caller prints it and exits 2.
    """
    importer = subparsers.add_parser("import", help="read roads from a file or a place into a ground file")
    importer.add_argument(
        "source", metavar="FILE", help=".osm.pbf, .osm, .osm.gz, .osm.bz2, a road table, or a place"
    )
    importer.add_argument("-o", "--output", metavar="X.ground", required=True, type=Path)
    importer.add_argument("--profiles", metavar="P,P", default="car,ebike,foot", help="default: %(default)s")
    importer.add_argument("--licence", help="licence and attribution of the source, kept in the ground")
    importer.add_argument("--clip", metavar="F.geojson", type=Path, help="only the roads within its polygons")
    importer.add_argument("--reversible", action="store_true", help="one-way roads can be reversed live")
    importer.add_argument("--ferries", action="store_true", help="take ferries that state their duration")
    importer.set_defaults(run=run_import)

    info = subparsers.add_parser("info", help="what a ground holds and where it came from")
    info.add_argument("ground", metavar="X.ground", type=Path)
    info.add_argument("--json", action="store_true", help="as one line of JSON")
    info.set_defaults(run=run_info)

    isochrone = subparsers.add_parser("isochrone", help="the area reached within some minutes, as GeoJSON")
    _add_place(isochrone)
    isochrone.add_argument("--minutes", metavar="M,M", default="1,3,5", help="default: %(default)s")
    isochrone.add_argument("--towards", action="store_true", help="from where the place can be reached")
    isochrone.add_argument("-o", "--output", metavar="F.geojson", type=Path, help="default: standard output")
    isochrone.set_defaults(run=run_isochrone)

    ranking = subparsers.add_parser("nearest", help="which teams reach a place first")
    _add_place(ranking)
    ranking.add_argument("--teams", metavar="teams.csv", required=True, type=Path, help="id,name,lat,lon")
    ranking.add_argument("--k", type=int, metavar="K", help="only the K fastest teams")
    ranking.add_argument("--json", action="store_true", help="as one line of JSON")
    ranking.set_defaults(run=run_nearest)

    way = subparsers.add_parser("route", help="the fastest way between two places, turn by turn")
    way.add_argument("ground", metavar="X.ground", type=Path)
    way.add_argument("--from", metavar="LAT,LON", required=True, dest="start", help="WGS-84; --from=-30.03,-51.2")
    way.add_argument("--to", metavar="LAT,LON", required=True, help="WGS-84")
    way.add_argument("--profile", default="car", help="travel profile, default: %(default)s")
    way.add_argument("--lang", default="zh-CN", help="zh-CN or en, default: %(default)s")
    way.add_argument("--json", action="store_true", help="as one line of GeoJSON: the way and its steps")
    way.set_defaults(run=run_route)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ground", metavar="X.ground", type=Path)
    parser.add_argument(
        "--at", metavar="LAT,LON", required=True, help="WGS-84; write --at=-30.03,-51.2 for the south"
    )
    parser.add_argument("--profile", default="car", help="travel profile, default: %(default)s")


def run_import(args: argparse.Namespace) -> int:
    """Read the source and write the ground, or nothing at all; progress goes to a terminal's stderr."""
    from geo_data.sources import read_ground, save_ground  # noqa: PLC0415 - heavy, and not every command's

    if not args.output.parent.is_dir():
        raise GroundError(f"there is no directory {args.output.parent}", "make it, or choose another output")
    began_s = time.perf_counter()
    profiles = [name.strip() for name in args.profiles.split(",") if name.strip()]
    ground = read_ground(
        args.source, profiles, args.licence, _progress, args.reversible, clip=args.clip, ferries=args.ferries
    )
    _progress(f"writing {args.output}")
    save_ground(ground, args.output)
    _progress("")
    took_s = time.perf_counter() - began_s
    for warning in ground.meta.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    sizes = ", ".join(f"{name} {ground.graph(name).n_arcs:,} arcs" for name in ground.profiles)
    print(f"{args.output}: {sizes}; {args.output.stat().st_size / 1e6:.1f} MB in {took_s:.1f} s")
    return 0


def run_info(args: argparse.Namespace) -> int:
    """Print what a ground holds, as a table or as JSON."""
    ground = _load(args.ground)
    about = _about(ground)
    if args.json:
        print(json.dumps(about, ensure_ascii=False))
        return 0
    meta = ground.meta
    west, south, east, north = meta.bounds
    print(f"source   {meta.source}\ndate     {meta.source_date or 'not stated'}\nlicence  {meta.licence}")
    print(f"sha256   {meta.source_sha256}\nmade     {meta.made_at}, format {meta.format_version}")
    print(f"bounds   {south:.5f},{west:.5f} … {north:.5f},{east:.5f} (lat,lon)")
    for warning in meta.warnings:
        print(f"warning  {warning}")
    profiles = about["profiles"]
    rows = [["", *profiles]]
    for label, key in (("junctions", "junctions"), ("arcs", "arcs")):
        rows.append([label, *(f"{p[key]:,}" for p in profiles.values())])
    rows.append(["largest connected", *(f"{p['connected_share']:.1%}" for p in profiles.values())])
    rows.append(["km in all", *(f"{p['km']:,.1f}" for p in profiles.values())])
    for name in sorted({c for p in profiles.values() for c in p["km_by_class"]}, key=_class_order):
        rows.append([f"km {name}", *(f"{p['km_by_class'].get(name, 0.0):,.1f}" for p in profiles.values())])
    print()
    _print_table(rows)
    return 0


def run_isochrone(args: argparse.Namespace) -> int:
    """Print or write the areas around a place as GeoJSON."""
    at, limits_s = parse_at(args.at), parse_minutes(args.minutes)
    graph = _load(args.ground).graph(args.profile)
    from geo_data.isochrone import isochrones_geojson  # noqa: PLC0415 - heavy
    from geo_data.locate import locate  # noqa: PLC0415

    areas = isochrones_geojson(graph, locate(graph, at), limits_s, args.towards)
    text = json.dumps(areas, ensure_ascii=False)
    if args.output is None:
        print(text)
        return 0
    try:
        args.output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise GroundError(f"{args.output} cannot be written: {error.strerror}", "choose another output") from None
    minutes = ", ".join(f"{limit_s / 60:g}" for limit_s in limits_s)
    print(f"{args.output}: the area of {minutes} min by {args.profile}{' towards' * args.towards} {args.at}")
    return 0


def run_nearest(args: argparse.Namespace) -> int:
    """Print the teams by their travel time to a place, and those that cannot come with the reason."""
    at = parse_at(args.at)
    if args.k is not None and args.k < 1:
        raise GroundError(f"--k {args.k} is out of range", "ask for at least one team")
    teams = read_teams(args.teams)
    graph = _load(args.ground).graph(args.profile)
    answer = rank_teams(graph, at, teams, args.k)
    if args.json:
        head = {"at": {"lat": at.lat, "lon": at.lon}, "profile": args.profile}
        print(json.dumps({**head, **answer}, ensure_ascii=False))
        return 0
    rows = [["rank", "team", "name", "eta", "road m", "straight m"]]
    for row in answer["teams"]:
        eta = f"{int(row['eta_s']) // 60}:{int(row['eta_s']) % 60:02d}"
        figures = (f"{row['road_m']:,.0f}", f"{row['straight_m']:,.0f}")
        rows.append([str(row["rank"]), row["id"], row["name"], eta, *figures])
    _print_table(rows, left=(1, 2))
    if answer["unreachable"]:
        print("\ncannot come:")
        for row in answer["unreachable"]:
            print(f"  {row['id']}  {row['name']}: {row['reason']}")
    return 0


def run_route(args: argparse.Namespace) -> int:
    """Print the steps of the fastest way between two places; 1 where there is none."""
    start, end = parse_at(args.start, "--from"), parse_at(args.to, "--to")
    graph = _load(args.ground).graph(args.profile)
    from geo_data.geojson import route_geojson  # noqa: PLC0415 - heavy
    from geo_data.locate import locate  # noqa: PLC0415
    from geo_data.manoeuvres import manoeuvres  # noqa: PLC0415
    from geo_data.phrases import check_language, phrase  # noqa: PLC0415
    from geo_data.route import route  # noqa: PLC0415

    check_language(args.lang)
    way = route(graph, locate(graph, start), locate(graph, end))
    if way is None:
        print(f"no '{args.profile}' way leads from {args.start} to {args.to}", file=sys.stderr)
        return 1
    steps = manoeuvres(graph, way, end)
    if args.json:
        print(json.dumps(route_geojson(way, steps, args.lang), ensure_ascii=False))
        return 0
    rows = [["", "m", "min"]]
    rows += [[phrase(s, args.lang), f"{s.length_m:,.0f}", _clock(s.travel_ms)] for s in steps]
    rows.append(["", f"{way.length_m:,.0f}", _clock(way.travel_ms)])
    _print_table(rows)
    return 0


def _clock(travel_ms: int) -> str:
    seconds = round(travel_ms / 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"


def rank_teams(graph: RoadGraph, at: LonLat, teams: Sequence[Team], k: int | None) -> dict[str, Any]:
    """Return ``teams`` by rank and ``unreachable`` with reasons, ready for JSON; ``k`` cuts the first list.

    A team's row has rank, id, name, eta_s (to the ms), road_m and straight_m. Raises TooFarFromRoad where the
    place itself has no road.
    """
    from geo_data.coordinates import straight_m  # noqa: PLC0415 - heavy
    from geo_data.locate import locate  # noqa: PLC0415
    from geo_data.nearest import NEAREST_LIMIT_MS, nearest  # noqa: PLC0415

    target = locate(graph, at)
    reasons: dict[int, str] = {}
    starts: list[tuple[ArcPosition, ...]] = []
    for i, (_, _, place) in enumerate(teams):
        try:
            starts.append(locate(graph, place))
        except TooFarFromRoad as error:
            starts.append(())
            reasons[i] = str(error)
    ranked: list[dict[str, Any]] = []
    lost: list[dict[str, Any]] = []
    for index, travel_ms, length_m in nearest(graph, target, starts):
        ident, name, place = teams[index]
        row: dict[str, Any] = {"id": ident, "name": name, "straight_m": round(straight_m(place, at), 1)}
        if travel_ms == UNREACHED:
            reason = f"no '{graph.profile}' way within {NEAREST_LIMIT_MS // 60_000} minutes"
            lost.append({**row, "reason": reasons.get(index, reason)})
        else:
            ranked.append({"rank": len(ranked) + 1, **row, "eta_s": travel_ms / 1000, "road_m": round(length_m, 1)})
    return {"teams": ranked if k is None else ranked[:k], "unreachable": lost}


Team = tuple[str, str, LonLat]
"""A team of teams.csv: id, name, place."""


def read_teams(path: Path) -> list[Team]:
    """Return the teams of a roster, at least one; raises GroundError naming line and column."""
    from dispatch.adapters.places import read_roster  # noqa: PLC0415 - heavy

    teams = [(str(team.team), team.name, LonLat(team.home.lon, team.home.lat)) for team in read_roster(path)]
    if not teams:
        raise GroundError(f"{path} has no teams", "write one team a line: id,name,lat,lon")
    return teams


def parse_at(text: str, option: str = "--at") -> LonLat:
    """Return the point of ``LAT,LON``; raises GroundError where it is none or out of range."""
    from geo_data.coordinates import check_lonlat  # noqa: PLC0415 - heavy

    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise GroundError(f"{option} '{text}' is not LAT,LON", f"write it as {option} 41.15,-8.61") from None
    return check_lonlat(LonLat(lon, lat))


def parse_minutes(text: str) -> list[int]:
    """Return whole seconds of ``1,3,5`` or ``0.5,2`` minutes; raises GroundError out of 0…1,440 minutes."""
    try:
        minutes = [float(part) for part in text.split(",")]
    except ValueError:
        minutes = []
    if not minutes or not all(0.0 < value <= MINUTES_MAX for value in minutes):
        raise GroundError(f"--minutes '{text}' is out of range", f"write one or more of 0…{MINUTES_MAX}, as 1,3,5")
    return [max(1, round(value * 60)) for value in minutes]


def _load(path: Path) -> Ground:
    from geo_data.sources.bundle import load_ground  # noqa: PLC0415 - heavy

    return load_ground(path)


def _about(ground: Ground) -> dict[str, Any]:
    """Return all that info says, ready for JSON."""
    meta = asdict(ground.meta)
    km_by_class, share = meta.pop("km_by_class"), meta.pop("connected_share")
    west, south, east, north = meta.pop("bounds")
    meta["bounds"] = {"west": west, "south": south, "east": east, "north": north}
    profiles = {}
    for name in ground.profiles:
        graph = ground.graph(name)
        profiles[name] = {
            "junctions": graph.n_nodes,
            "arcs": graph.n_arcs,
            "connected_share": share[name],
            "km": sum(km_by_class[name].values()),
            "km_by_class": km_by_class[name],
            "bytes_per_arc": graph.nbytes() / graph.n_arcs,
        }
    return {**meta, "profiles": profiles}


def _class_order(name: str) -> int:
    from geo_data.types import ROAD_CLASSES  # noqa: PLC0415 - beside its only use

    return ROAD_CLASSES.index(name)


def _progress(message: str) -> None:
    """Show one line of progress in place on a terminal; "" clears it. Nothing is shown elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{message}")
        sys.stderr.flush()


def _print_table(rows: Sequence[Sequence[str]], left: tuple[int, ...] = (0,)) -> None:
    """Print rows with aligned columns: those of ``left`` to the left, the others to the right."""
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = []
        for i, text in enumerate(row):
            pad = " " * (widths[i] - _width(text))
            cells.append(text + pad if i in left else pad + text)
        print("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Return the terminal columns of a text: Chinese characters take two."""
    from unicodedata import east_asian_width  # noqa: PLC0415 - beside its only use

    return sum(2 if east_asian_width(mark) in "WF" else 1 for mark in text)
