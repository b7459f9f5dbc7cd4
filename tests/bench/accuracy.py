"""The ground's answers beside the truth: circles against searches, and travel times against other engines.

Circles: random points around seeded sources; a point should be inside the polygon exactly where our own search,
the walk off the road included (up to 100 m), comes there in time. Valhalla's polygons are asked the same against
its own matrix. Travel times: a network cut down to what all engines understand alike, each road stating its
speed, and the same seeded pairs for all.
"""

from __future__ import annotations

import contextlib
import json
import math
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from dispatch.cli.bench import Options, Result
from geo_data.sources.bundle import load_ground
from tests.bench._contest import Contestant, alternate, contestant
from tests.bench._eta import EXPLAINED, Trip, class_of, lay_neutral, neutral_pairs, our_trips, trip_of
from tests.bench._field import Field, lay_field
from tests.bench._peers import peers_python
from tests.bench._truth import LIMITS_S, Score, cases_of, our_scores, their_scores
from tests.bench._worker import PROFILE

F1_FLOOR = 0.97
SOURCES, POINTS = 50, 20_000
PAIRS = 1000
NEAR = 0.10
FREE = {
    **dict.fromkeys(("maneuver_penalty", "service_penalty", "alley_penalty", "private_access_penalty"), 0),
    **dict.fromkeys(("destination_only_penalty", "gate_penalty", "toll_booth_penalty"), 0),
    **dict.fromkeys(("service_factor", "use_highways", "use_tolls", "use_living_streets"), 1),
}
"""Valhalla's ``auto`` without the penalties by which it prefers pleasant ways to fast ones."""

Say = Callable[[str], None]


def run(say: Say, options: Options) -> Sequence[Result]:
    """Measure both and return the rows; the classes of disagreement are in the notes."""
    field = lay_field(options.ground, say)
    python = peers_python(say)
    return [*_circles(field, python, say, options), *_travel_times(field, python, say, options)]


def _circles(field: Field, python: Path | None, say: Say, options: Options) -> list[Result]:
    graph = load_ground(field.ground).graph(PROFILE)
    sources, points = (10, 1000) if options.quick else (SOURCES, POINTS)
    told = json.loads(field.places.read_text())
    say(f"polygons against searches: {points:,} points around {sources} sources for each limit …")
    cases = cases_of(graph, told["incidents"]["ground"][:sources], points // sources)
    mine = our_scores(graph, cases)
    file = field.folder / "truth.json"
    file.write_text(json.dumps([{"source": case.source, "points": case.points} for case in cases]))
    with contestant("Valhalla", python, "tests.bench._valhalla", **field.spec()) as valhalla:
        (turn,) = alternate([(valhalla, {"task": "truth", "file": str(file)})], len(cases), 1, warm_up=0)
    theirs = {} if turn.missing else their_scores(cases, turn.checks)
    rows = []
    for limit_s in LIMITS_S:
        peer = theirs.get(limit_s, Score())
        rows.append(
            Result(
                measure=f"polygon truth, {limit_s // 60} min, F1",
                ours=mine[limit_s].f1,
                unit="",
                peer="Valhalla against its own matrix",
                peer_value=peer.f1,
                floor=F1_FLOOR,
                queries=points,
                missing=turn.missing,
            )
        )
        options.notes.append(
            f"{limit_s // 60} min: ours precision {mine[limit_s].precision:.3f}, recall {mine[limit_s].recall:.3f}"
            + (f"; Valhalla {peer.precision:.3f} and {peer.recall:.3f}" if theirs else "")
            + f"; {mine[limit_s].true_share:.0%} of the points are reachable in time."
        )
    return rows


def _travel_times(field: Field, python: Path | None, say: Say, options: Options) -> list[Result]:
    say("travel times on a network that all engines understand alike …")
    network = lay_neutral(field)
    pairs = neutral_pairs(network, 100 if options.quick else PAIRS)
    file = network.folder / "pairs.json"
    file.write_text(json.dumps(pairs))
    mine = our_trips(network, pairs)
    through = network.folder / "through.json"
    through.write_text(json.dumps([trip.through if trip else [] for trip in mine]))
    rows = []
    with contextlib.ExitStack() as stack:
        for name, module, more in (("Valhalla", "_valhalla", {"costing": FREE}), ("OSRM", "_osrm", {})):
            spec = {"osm": str(network.osm(name)), "folder": str(network.folder)}
            peer = stack.enter_context(contestant(name, python, f"tests.bench.{module}", **spec))
            task = {"task": "eta", "file": str(file), **more}
            (direct,) = alternate([(peer, task)], len(pairs), 1, warm_up=0)
            (led,) = alternate([(peer, {**task, "through": str(through)})], len(pairs), 1, warm_up=0)
            theirs = [(trip_of(a), trip_of(b)) for a, b in zip(direct.checks, led.checks, strict=True)]
            rows.append(_row(peer, mine, theirs, options))
    return rows


def _row(
    peer: Contestant, mine: list[Trip | None], theirs: list[tuple[Trip | None, Trip | None]], options: Options
) -> Result:
    classes: dict[str, list[float]] = {}
    for ours, (direct, led) in zip(mine, theirs, strict=bool(theirs)):
        found = class_of(ours, direct, led, NEAR)
        if found:
            gap = direct.seconds / ours.seconds - 1.0 if ours and direct else 0.0
            classes.setdefault(found, []).append(gap)
    for name, gaps in sorted(classes.items(), key=lambda item: -len(item[1])):
        options.notes.append(
            f"{peer.name}, {len(gaps)} of {len(theirs)} pairs more than {NEAR:.0%} apart: {name} (its time "
            f"{statistics.median(gaps):+.0%} at the median). {EXPLAINED[name]}"
        )
    apart = sum(len(gaps) for gaps in classes.values())
    return Result(
        measure=f"travel times within {NEAR:.0%} of {peer.name}",
        ours=100.0 * (1.0 - apart / len(theirs)) if theirs else math.nan,
        unit="%",
        queries=len(theirs),
        missing=peer.missing,
    )
