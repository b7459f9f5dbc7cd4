"""One decision for 20 open incidents and 200 teams, with all that explains it; and the log beside bare fsync.

A decision is all that the desk does between a report and its facts: the real plan of ``ReportIncident``, driven
with the real ground. Nineteen incidents wait and the twentieth comes; the plan locates it, asks for one table of
times by road with the hole of every team, decides all twenty together, and writes twenty orders, each with its
reasons. Between two decisions ten teams report new positions and every incident is another one, as on a day that is
far busier than any. The hierarchy of the roads is made before, as the service does. The log's part is in
``desk_log``.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from dispatch.adapters.places import Place
from dispatch.adapters.rankings import prepare_rankings
from dispatch.adapters.travel import GroundTravel, Start
from dispatch.assignment.appraisal import NUMBER_BITS, NUMBER_MASK
from dispatch.assignment.joint import Assigned, Assignments, assign
from dispatch.assignment.matching import match
from dispatch.assignment.problem import Policy, Rules
from dispatch.assignment.times import TimesTable
from dispatch.bootstrap import CACHE, ROOT, settle, town_of
from dispatch.cli.bench import Options, Result
from dispatch.domain import commands as cmd
from dispatch.domain.events import DutyStarted, Envelope, Event, OrderOffered
from dispatch.domain.holes import Hole
from dispatch.domain.state import DeskState
from dispatch.domain.types import FixSource, IncidentKind, Point, TeamId, TeamKind, Tier, Urgency
from dispatch.domain.walk import Step
from dispatch.server.advisor import ready_teams
from dispatch.service.decide import decide
from dispatch.service.needs import question_of
from dispatch.service.plans import Decision, Locate, TeamStart, TravelTimes
from dispatch.service.settings import DeskSettings
from geo_data import samples
from geo_data.graph import Ground, RoadGraph
from geo_data.locate import position_point
from geo_data.types import UNREACHED, ArcIdx, ArcPosition

PORTO = ROOT.parent / "shared" / "data" / "roads" / "porto.osm.pbf"
INCIDENTS, TEAMS, PLACES, MOVING = 20, 200, 300, 10
ROUNDS, QUICK_ROUNDS, WARM_UP = 200, 20, 5
DISTRICT_M = 6_000.0
GOAL_MS = 20.0
SETTINGS = DeskSettings(rules=Rules(policy=Policy.COVERAGE))
NOW_MS = SETTINGS.retry_after_ms
"""When the waiting incidents are due again: they were reported at 0."""

PARTS = (
    "table of times by road",
    "live cover, every hole",
    "matching, proof, explanation",
    "place, question, facts folded",
)


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

    def somewhere(self) -> Point:
        """A point on a road of the district."""
        arc = self.chance.choice(self._arcs)
        along_m = self.graph.arc_length_m(arc) * self.chance.random()
        return Point(*position_point(self.graph, ArcPosition(ArcIdx(arc), along_m)))

    def enrolment(self) -> list[cmd.Command]:
        """The commands that make the teams known."""
        return [
            cmd.RegisterTeam(
                team=team,
                name=team,
                name_en=team,
                unit=self.chance.choice(list(TeamKind)),
                profile=self.graph.profile,
                home=self.fixes.at[team],
            )
            for team in self.teams
        ]

    def move(self) -> None:
        """Ten teams have moved."""
        for team in self.chance.sample(self.teams, MOVING):
            self.fixes.at[team] = self.somewhere()

    def incident(self) -> cmd.ReportIncident:
        """One more incident, somewhere."""
        return cmd.ReportIncident(
            where=self.somewhere(), what=IncidentKind.DISPUTE, urgency=self.chance.choice(list(Urgency))
        )


class _TimedTravel(GroundTravel):
    """The real ground, with a watch on the part that keeps the cover."""

    cover_s = 0.0

    def _losses(self, teams: Sequence[TeamStart], starts: Sequence[Start]) -> Mapping[TeamId, Hole]:
        begun = time.perf_counter()
        try:
            return super()._losses(teams, starts)
        finally:
            self.cover_s = time.perf_counter() - begun


@dataclass(slots=True)
class _Driven:
    """One command driven to its end: what came of it, the table it asked for, and where the time went, in s."""

    decision: Decision
    table: TimesTable
    whole_s: float
    table_s: float
    assign_s: float


async def _drive(travel: GroundTravel, state: DeskState, command: cmd.Command, now_ms: int) -> _Driven:
    """Drive a plan with the real ground, as the desk's loop does."""
    table, table_s, answered, assign_s = TimesTable({}), 0.0, 0.0, 0.0
    begun = time.perf_counter()
    plan = decide(state, command, SETTINGS, now_ms)
    answer: object = None
    while True:
        try:
            need = plan.send(answer)
        except StopIteration as done:
            assert isinstance(done.value, Decision), done.value
            return _Driven(done.value, table, time.perf_counter() - begun, table_s, assign_s)
        answer = None
        if isinstance(need, Locate):
            answer = await travel.locate(need.point)
        elif isinstance(need, TravelTimes):
            asked = time.perf_counter()
            table = answer = await travel.times_many(need.incidents, need.teams, now_ms)
            answered = time.perf_counter()
            table_s += answered - asked
        elif need is Step.ASSIGN:
            assign_s += time.perf_counter() - answered


def _apply(state: DeskState, facts: Iterable[Event], now_ms: int) -> None:
    for event in facts:
        state.apply(Envelope(seq=state.seq + 1, at_ms=now_ms, key=None, digest=None, event=event))


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
    begun = time.perf_counter()
    prepare_rankings(town.ground, [day.graph.profile], CACHE / "ranks").join()
    prepared_s = time.perf_counter() - begun
    travel = _TimedTravel(town.ground, day.places, day.fixes)
    say(f"{rounds} decisions of {INCIDENTS} incidents × {TEAMS} teams on {source.name} …")
    known = DeskState()
    for command in day.enrolment():
        _apply(known, (await _drive(travel, known, command, 0)).decision.events, 0)
    spent: list[tuple[float, float, float, float, float]] = []
    peers: list[tuple[float, float]] = []
    for number in range(rounds + WARM_UP):
        if number == WARM_UP:
            settle()
        day.move()
        state = await _waiting(travel, day, known)
        travel.watch(lambda now_ms, state=state: ready_teams(state, SETTINGS, now_ms))  # type: ignore[misc]
        driven = await _drive(travel, state, day.incident(), NOW_MS)
        found = _checked(state, driven)
        if number >= WARM_UP:
            rest_s = driven.whole_s - driven.table_s - driven.assign_s
            parts = (driven.table_s - travel.cover_s, travel.cover_s, driven.assign_s, rest_s)
            spent.append((driven.whole_s, *parts))
            peers.append(_beside_scipy(found))
    gc.unfreeze()
    options.notes.append(
        f"{MOVING} of the {TEAMS} teams move between two decisions; the cover is kept for the others."
        f" {PLACES} places, {len(day.graph.head):,} arcs. The hierarchy of the roads was made or loaded before, in"
        f" {prepared_s:.1f} s, on a thread beside the service; it is not part of a decision."
    )
    return _results(spent, peers, rounds)


def _results(spent: Sequence[tuple[float, ...]], peers: Sequence[tuple[float, float]], rounds: int) -> list[Result]:
    whole, *parts = ([1000 * each for each in column] for column in zip(*spent, strict=True))
    what = f"decision, {INCIDENTS} incidents × {TEAMS} teams"
    rows = [
        Result(measure=f"{what}, median", ours=statistics.median(whole), unit="ms", limit=GOAL_MS, queries=rounds),
        Result(measure=f"{what}, 95th percentile", ours=np.quantile(whole, 0.95).item(), unit="ms", queries=rounds),
    ]
    for name, column in zip(PARTS, parts, strict=True):
        rows.append(Result(measure=f"  of it: {name}", ours=statistics.median(column), unit="ms", queries=rounds))
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
    return rows


async def _waiting(travel: GroundTravel, day: _Day, known: DeskState) -> DeskState:
    """A desk on which all incidents but one wait for a team, because all teams came on duty a moment ago."""
    state = known.fork()
    for _ in range(INCIDENTS - 1):
        _apply(state, (await _drive(travel, state, day.incident(), 0)).decision.events, 0)
    _apply(state, [DutyStarted(team=team) for team in day.teams], NOW_MS)
    return state


def _checked(state: DeskState, driven: _Driven) -> Assignments:
    """A fast answer that is wrong is none: all are sent somebody, each with its reasons, and the prices prove it.

    The same question is answered again, outside the measured time, for the proof that the plan does not keep.
    """
    offers = [event for event in driven.decision.events if isinstance(event, OrderOffered)]
    assert len(offers) == INCIDENTS and all(offer.choice.hole is not None for offer in offers)
    draft = state.fork()
    _apply(draft, (fact for fact in driven.decision.events if not isinstance(fact, OrderOffered)), NOW_MS)
    question = question_of(draft, SETTINGS, NOW_MS)
    found = assign(question.needs, question.units, driven.table, SETTINGS.rules)
    sent = {(row.need.incident, row.candidate.team) for row in found.rows if isinstance(row, Assigned)}
    assert sent == {(offer.incident, offer.team) for offer in offers}
    assert found.proof.holds()
    return found


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
