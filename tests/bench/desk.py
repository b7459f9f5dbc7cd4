"""One decision for 20 open incidents and 200 teams, with all that explains it; and the log beside bare fsync.

A decision is all of it: the table of times by road, the live cover with the hole of every team, the joint
assignment with its proof, and the explanation of each choice. Between two decisions ten teams report new positions
and every incident is another one, as on a day that is far busier than any. The log's part is in ``desk_log``.
"""

from __future__ import annotations

import asyncio
import importlib.util
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from dispatch.adapters.places import Place
from dispatch.adapters.travel import GroundTravel
from dispatch.assignment.appraisal import NUMBER_BITS, NUMBER_MASK
from dispatch.assignment.joint import Assigned, Assignments, assign
from dispatch.assignment.matching import match
from dispatch.assignment.problem import Need, Policy, Rules, Unit
from dispatch.bootstrap import ROOT, town_of
from dispatch.cli.bench import Options, Result
from dispatch.domain.types import (
    TARGET_MS,
    FixSource,
    IncidentId,
    Point,
    TeamId,
    TeamKind,
    Tier,
    Urgency,
    Wave,
)
from dispatch.service.plans import TeamStart
from geo_data import samples
from geo_data.graph import Ground, RoadGraph
from geo_data.locate import position_point
from geo_data.types import UNREACHED, ArcIdx, ArcPosition

PORTO = ROOT.parent / "shared" / "data" / "roads" / "porto.osm.pbf"
INCIDENTS, TEAMS, PLACES, MOVING = 20, 200, 300, 10
ROUNDS, QUICK_ROUNDS, WARM_UP = 200, 20, 5
DISTRICT_M = 6_000.0
GOAL_MS = 20.0


class _Fixes:
    """Where the teams are, as the board would have it."""

    def __init__(self) -> None:
        self.at: dict[TeamId, Point] = {}

    def latest(self, team: TeamId, now_ms: int) -> tuple[Point, FixSource, int] | None:
        """The fix of a team, five seconds old."""
        return self.at[team], FixSource.FIX, 5_000


class _Day:
    """A seeded district with its teams, places and incidents."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.chance = random.Random(seed)
        self.graph = ground.graph(ground.profiles[0])
        self._arcs = _district(self.graph)
        tiers = [Tier.T1, Tier.T2]
        self.places = [
            Place(f"P{n:03d}", f"P{n:03d}", "", self.chance.choice(tiers), "", self.somewhere(), 100.0)
            for n in range(PLACES)
        ]
        self.teams = [TeamId(f"T{n:03d}") for n in range(TEAMS)]
        self.fixes = _Fixes()
        self.fixes.at = {team: self.somewhere() for team in self.teams}
        self.units = [Unit(team=team, kind=self.chance.choice(list(TeamKind))) for team in self.teams]
        self.starts = tuple(TeamStart(team, self.graph.profile, self.fixes.at[team]) for team in self.teams)

    def somewhere(self) -> Point:
        """A point on a road of the district."""
        arc = self.chance.choice(self._arcs)
        along_m = self.graph.arc_length_m(arc) * self.chance.random()
        return Point(*position_point(self.graph, ArcPosition(ArcIdx(arc), along_m)))

    def next(self) -> tuple[list[tuple[IncidentId, Point]], list[Need]]:
        """Ten teams have moved; twenty incidents of all urgencies are open."""
        for team in self.chance.sample(self.teams, MOVING):
            self.fixes.at[team] = self.somewhere()
        incidents = [(IncidentId(f"I{n:02d}"), self.somewhere()) for n in range(INCIDENTS)]
        needs = [
            Need(
                incident=name,
                wave=Wave.W1,
                urgency=self.chance.choice(list(Urgency)),
                target_ms=TARGET_MS[self.chance.choice(list(Tier))],
            )
            for name, _ in incidents
        ]
        return incidents, needs


def _district(graph: RoadGraph) -> list[int]:
    """The open arcs within some kilometres of the middle of the roads."""
    lon = graph.node_lon_e7[graph.tail] / 1e7
    lat = graph.node_lat_e7[graph.tail] / 1e7
    x_m = (lon - np.median(lon)) * 111_000 * np.cos(np.radians(np.median(lat)))
    y_m = (lat - np.median(lat)) * 111_000
    near = (np.hypot(x_m, y_m) < DISTRICT_M) & (graph.travel_ms != UNREACHED)
    near &= graph.node_island[graph.tail] == 0
    arcs: list[int] = np.flatnonzero(near).tolist()
    return arcs


def run(say: Callable[[str], None], options: Options) -> Sequence[Result]:
    """Measure the decision, then the log where its bench is here."""
    source = options.ground or (PORTO if PORTO.exists() else samples.TOWN_OSM)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    results = asyncio.run(_decisions(source, rounds, say, options))
    beside = Path(__file__).with_name("desk_log.py")
    if beside.exists() and not options.quick:
        spec = importlib.util.spec_from_file_location("bench_desk_log", beside)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        results += module.rows(say)
    return results


async def _decisions(source: Path, rounds: int, say: Callable[[str], None], options: Options) -> list[Result]:
    town = town_of(source, say)
    day = _Day(town.ground, 135)
    travel = GroundTravel(town.ground, day.places, day.fixes)
    say(f"{rounds} decisions of {INCIDENTS} incidents × {TEAMS} teams on {source.name} …")
    rules = Rules(policy=Policy.COVERAGE)
    spent: list[tuple[float, float, float]] = []
    peers: list[tuple[float, float]] = []
    for number in range(rounds + WARM_UP):
        incidents, needs = day.next()
        begun = time.perf_counter()
        times = await travel.times_many(incidents, day.starts, 0)
        timed = time.perf_counter()
        cover = await travel.losses(day.starts, 0)
        covered = time.perf_counter()
        found = assign(needs, day.units, times, rules, cover)
        ended = time.perf_counter()
        _check(found)
        if number >= WARM_UP:
            spent.append((timed - begun, covered - timed, ended - covered))
            peers.append(_beside_scipy(found))
    whole = [1000 * sum(each) for each in spent]
    what = f"decision, {INCIDENTS} incidents × {TEAMS} teams"
    rows = [
        Result(measure=f"{what}, median", ours=statistics.median(whole), unit="ms", limit=GOAL_MS, queries=rounds),
        Result(measure=f"{what}, 95th percentile", ours=np.quantile(whole, 0.95).item(), unit="ms", queries=rounds),
    ]
    parts = ("table of times by road", "live cover, every hole", "assignment, proof, explanation")
    for at, part in enumerate(parts):
        median = 1000 * statistics.median(each[at] for each in spent)
        rows.append(Result(measure=f"  of it: {part}", ours=median, unit="ms", queries=rounds))
    ours, scipys = (1000 * statistics.median(column) for column in zip(*peers, strict=True))
    rows.append(
        Result(
            measure="matching alone, exact lexicographic, with prices",
            ours=ours,
            unit="ms",
            peer="scipy linear_sum_assignment, one float",
            peer_value=scipys,
            queries=rounds,
        )
    )
    options.notes.append(
        f"{MOVING} of the {TEAMS} teams move between two decisions; the cover is kept for the others."
        f" {PLACES} places, {len(day.graph.head):,} arcs."
    )
    return rows


def _check(found: Assignments) -> None:
    """A fast answer that is wrong is none: every choice is explained and the prices prove it."""
    assert all(isinstance(row, Assigned) and row.choice.hole is not None for row in found.rows)
    assert found.proof.holds()


def _beside_scipy(found: Assignments) -> tuple[float, float]:
    costs, without = found.proof.costs(), found.proof.without()
    begun = time.perf_counter()
    match(costs, without)
    ended = time.perf_counter()
    table = np.full((len(costs), TEAMS), 1e12)
    for i, appraisal in enumerate(found.proof.appraisals):
        for packed in appraisal.ranked:
            table[i, packed & NUMBER_MASK] = packed >> NUMBER_BITS
    scipys = time.perf_counter()
    linear_sum_assignment(table)
    return ended - begun, time.perf_counter() - scipys
