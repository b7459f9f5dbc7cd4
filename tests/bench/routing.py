"""The ground beside every routing engine and graph library: same places, one process at a time, in turns.

Ours starts at a point on the map and is the public API in Python; the peers are asked in their fastest form.
What a row measures stands in the docstring of its task in ``_ours``, ``_valhalla``, ``_osrm`` and ``_graphs``.
"""

from __future__ import annotations

import contextlib
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.cli.bench import Options, Result
from tests.bench._contest import Contestant, Turn, alternate, contestant, median, versus
from tests.bench._field import Field, lay_field
from tests.bench._growth import growth_rows
from tests.bench._peers import peers_python

LIBRARIES = (
    ("scipy", False, "SciPy dijkstra", 2.0),
    ("scipy", True, "SciPy dijkstra, turns left out", None),
    ("rustworkx", False, "rustworkx", 1.0),
    ("igraph", False, "igraph", 1.0),
    ("pandana", False, "pandana", 1.0),
    ("networkx", False, "NetworkX", 1.0),
    ("osmnx_ego", False, "osmnx ego_graph recipe", 1.0),
)
"""Library, whether without turns, title, and how many times faster the bare search must be (None: told only)."""

SLOW = ("igraph", "rustworkx", "osmnx_ego", "networkx")
RANKING = ((18, 30.0), (200, 50.0), (2000, 100.0))
"""Teams, and how many times faster than OSRM's table the ranking must be."""

CIRCLES_AT_LEAST = 10.0
COVERAGE_AT_LEAST = 3.0
MOVED_AT_LEAST = 20.0
COVERED_TEAMS, COVERED_MS = 200, 3_600_000
BYTES_AN_ARC = 150.0
LOAD_MS = 50.0
FIRST_QUERY_MS = 100.0
CHILDREN = "tests.bench."

Say = Callable[[str], None]


@dataclass(frozen=True)
class Amounts:
    """How many queries of each kind, and over how many rounds."""

    circles: int = 300
    ranking: int = 120
    bare: int = 300
    slow: int = 60
    coverage: int = 40
    builds: int = 3
    starts: int = 7
    rounds: int = 12


QUICK = Amounts(circles=24, ranking=12, bare=24, slow=6, coverage=6, builds=1, starts=2, rounds=3)


def run(say: Say, options: Options) -> Sequence[Result]:
    """Measure everything of the routing table and return its rows."""
    amounts = QUICK if options.quick else Amounts()
    field = lay_field(options.ground, say)
    python = peers_python(say)
    rows: list[Result] = []
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(contestant("ours", _own_python(), CHILDREN + "_ours", **field.spec()))
        say(f"{field.title}: {ours.told['nodes']:,} junctions, {ours.told['arcs']:,} arcs of one profile")
        options.notes.append(
            f"{field.title}: {ours.told['nodes']:,} junctions and {ours.told['arcs']:,} arcs for a car; the same "
            "seeded places for all, spread as densely as the roads are."
        )
        say("Valhalla and OSRM: their data is built where it is not there yet …")
        valhalla = stack.enter_context(contestant("Valhalla", python, CHILDREN + "_valhalla", **field.spec()))
        osrm = stack.enter_context(contestant("OSRM", python, CHILDREN + "_osrm", **field.spec()))
        _tell(options, ours, valhalla, osrm)
        rows += _circles(ours, valhalla, amounts, say)
        rows += _ranking(ours, osrm, amounts, say)
        rows += _bare(ours, (field, python), amounts, say, options)
        rows += _coverage(ours, (field, python), amounts, say, options)
        rows += _building(ours, valhalla, osrm, amounts, say, options)
        rows += _holding(ours, amounts, say, options)
    rows += growth_rows(field, options, say)
    return rows


def _own_python() -> Path:
    import sys  # noqa: PLC0415

    return Path(sys.executable)


def _tell(options: Options, *children: Contestant) -> None:
    for child in children:
        about = child.missing or ", ".join(f"{child.told[key]}" for key in ("version",) if key in child.told)
        if child.name != "ours":
            options.notes.append(f"{child.name}: {about or 'ready'}.")


def _circles(ours: Contestant, valhalla: Contestant, amounts: Amounts, say: Say) -> list[Result]:
    say("three circles …")
    shape, text, theirs, fine = alternate(
        [
            (ours, {"task": "circles"}),
            (ours, {"task": "circles_text"}),
            (valhalla, {"task": "circles"}),
            (valhalla, {"task": "circles", "denoise": 0.0, "generalize": 0.0}),
        ],
        amounts.circles,
        amounts.rounds,
    )
    told = "Valhalla isochrone"
    return [
        *versus("circles 1/3/5 min, polygons", shape, told, theirs, at_least=CIRCLES_AT_LEAST),
        *versus("circles 1/3/5 min, GeoJSON text", text, told, theirs),
        *versus("circles 1/3/5 min, GeoJSON text", text, f"{told}, no simplifying", fine),
    ]


def _ranking(ours: Contestant, osrm: Contestant, amounts: Amounts, say: Say) -> list[Result]:
    rows: list[Result] = []
    for scope, where in (("district", "in a district"), ("ground", "all over the ground")):
        for teams, at_least in RANKING:
            say(f"ranking {teams} teams {where} …")
            known, few, anew, theirs = alternate(
                [
                    (ours, {"task": "ranking", "teams": teams, "scope": scope}),
                    (ours, {"task": "ranking", "teams": teams, "scope": scope, "k": 5}),
                    (ours, {"task": "ranking_from_points", "teams": teams, "scope": scope}),
                    (osrm, {"task": "ranking", "teams": teams, "scope": scope}),
                ],
                amounts.ranking,
                amounts.rounds,
            )
            label = f"ranking {teams:,} teams {where}"
            rows += versus(label, known, "OSRM table", theirs, at_least=at_least, picks=("median",))
            rows += versus(label, known, "OSRM table", theirs, picks=("p99",))
            rows += versus(f"{label}: the 5 nearest", few, "OSRM table", theirs, picks=("median",))
            rows += versus(f"{label}, each located anew", anew, "OSRM table", theirs, picks=("median",))
    return rows


def _bare(
    ours: Contestant, place: tuple[Field, Path | None], amounts: Amounts, say: Say, options: Options
) -> list[Result]:
    field, python = place
    say("bare searches of 300 s …")
    rows: list[Result] = []
    for library, plain, title, at_least in LIBRARIES:
        spec = {**field.spec(), "library": library, "plain": plain}
        with contestant(title, python, CHILDREN + "_graphs", **spec) as peer:
            queries = amounts.slow if library in SLOW else amounts.bare
            mine, theirs = alternate([(ours, {"task": "bare"}), (peer, {"task": "bare"})], queries, amounts.rounds)
            rows += versus("bare search 300 s", mine, title, theirs, at_least=at_least, picks=("median",))
            rows += versus("bare search 300 s", mine, title, theirs, picks=("p99",))
            about = (
                peer.missing or f"{peer.told['version']}, {peer.told['nodes']:,} nodes, {peer.told['arcs']:,} arcs"
            )
            options.notes.append(f"{title}: {about}; {_agreement(mine, theirs)}.")
    return rows


def _coverage(
    ours: Contestant, place: tuple[Field, Path | None], amounts: Amounts, say: Say, options: Options
) -> list[Result]:
    say("coverage …")
    field, python = place
    asked = {"teams": COVERED_TEAMS, "limit_ms": COVERED_MS}
    with contestant("SciPy", python, CHILDREN + "_graphs", library="scipy", **field.spec()) as scipy:
        entries = [(child, {"task": "coverage", **asked}) for child in (ours, scipy)]
        mine, theirs = alternate(entries, amounts.coverage, amounts.rounds)
    near, far, whole = alternate(
        [
            (ours, {"task": "moved", "anywhere": False, **asked}),
            (ours, {"task": "moved", "anywhere": True, **asked}),
            (ours, {"task": "coverage", **asked}),
        ],
        amounts.coverage,
        amounts.rounds,
    )
    options.notes.append(f"Coverage, SciPy: {_agreement(mine, theirs)}, with the same sum of times.")
    label, full = f"coverage of {COVERED_TEAMS} teams", "our full recompute"
    return [
        *versus(label, mine, "SciPy multi-source min_only", theirs, at_least=COVERAGE_AT_LEAST, picks=("median",)),
        *versus(label, mine, "SciPy multi-source min_only", theirs, picks=("p99",)),
        *versus("one team drives on", near, full, whole, at_least=MOVED_AT_LEAST, picks=("median",)),
        *versus("one team put anywhere", far, full, whole, at_least=MOVED_AT_LEAST, picks=("median",)),
    ]


def _agreement(mine: Turn, theirs: Turn) -> str:
    if mine.missing or theirs.missing:
        return "not compared"
    same = sum(a == b for a, b in zip(mine.checks, theirs.checks, strict=True))
    return f"the same junctions counted as reached in {same} of {len(mine.checks)} searches"


def _building(  # noqa: PLR0917 - the contestants
    ours: Contestant, valhalla: Contestant, osrm: Contestant, amounts: Amounts, say: Say, options: Options
) -> list[Result]:
    say("imports, each anew …")
    every, car, ranks, tiles, contracted = alternate(
        [
            (ours, {"task": "build", "profiles": "car ebike foot"}),
            (ours, {"task": "build", "profiles": "car"}),
            (ours, {"task": "contract"}),
            (valhalla, {"task": "build"}),
            (osrm, {"task": "build"}),
        ],
        amounts.builds,
        amounts.builds,
        warm_up=0,
    )
    rows = []
    for peer, theirs in (("Valhalla tiles, all modes", tiles), ("OSRM extract + contract, car", contracted)):
        rows += versus("import, three profiles", every, peer, theirs, at_least=1.0, picks=("median",))
        rows += versus("import, car alone", car, peer, theirs, picks=("median",))
    summed = [a + b for a, b in zip(car.took_ms, ranks.took_ms, strict=True)]
    both = Turn(summed, [], 0.0, car.missing or ranks.missing)
    rows += versus("import and hierarchy, car", both, "OSRM extract + contract, car", contracted, picks=("median",))
    (labels,) = alternate([(ours, {"task": "labels", "teams": 200, "scope": "ground"})], 12, 1)
    options.notes.append(
        "Rankings use a contraction hierarchy, made once a ground beside the service's work (in "
        f"{median(ranks):,.0f} ms here); the labels of teams that have moved are made at the next ranking, "
        f"{median(labels) / 200 * 1000:.0f} µs a team, which the figures of known teams leave out."
    )
    return rows


def _holding(ours: Contestant, amounts: Amounts, say: Say, options: Options) -> list[Result]:
    say("memory, loading, first queries …")
    (memory,) = alternate([(ours, {"task": "memory"})], 1, 1, warm_up=0)
    (load,) = alternate([(ours, {"task": "load"})], amounts.starts * 3, amounts.starts)
    (first,) = alternate([(ours, {"task": "first_query"})], amounts.starts, 1, warm_up=1)
    (tiles,) = alternate([(ours, {"task": "tiles"})], min(3, amounts.starts), 1, warm_up=0)
    for name, turn in (("memory", memory), ("load", load), ("first query", first), ("tiles", tiles)):
        if turn.missing:
            options.notes.append(f"Ours, {name}: {turn.missing}.")
    held = memory.checks[0] if memory.checks else {"bytes_an_arc": math.nan, "kept_an_arc": math.nan}
    starts = [check["imports_ms"] + check["load_ms"] + check["took_ms"] for check in first.checks]
    options.notes += [
        f"Beside its columns a ground in use keeps what searches worked out of it, {held['kept_an_arc']:.0f} bytes "
        "an arc here, most of it tiles of the nearest road for circles (bounded by a cache; all of them made at a "
        f"service's start in {median(tiles):.0f} ms).",
        "A fresh process: imports, loading and the first query (18 teams ranked, three circles) together "
        f"{statistics.median(starts or [math.nan]):.0f} ms; memory of our measuring process at the end "
        f"{memory.rss_mib:.0f} MiB.",
    ]
    rows = (
        ("memory of a loaded ground", held["bytes_an_arc"], "B/arc", BYTES_AN_ARC, 0),
        ("load of a ground, three profiles, median", median(load), "ms", LOAD_MS, len(load.took_ms)),
        ("first query after a warm start, median", median(first), "ms", FIRST_QUERY_MS, len(first.took_ms)),
    )
    return [
        Result(measure=measure, ours=ours_value, unit=unit, limit=limit, queries=queries)
        for measure, ours_value, unit, limit, queries in rows
    ]
