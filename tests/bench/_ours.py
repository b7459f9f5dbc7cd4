"""Our side of the contest: the public API, from a point on the map to the answer, as a desk would ask it."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from geo_data.coverage import Coverage
from geo_data.graph import RoadGraph
from geo_data.hierarchy import give_hierarchy, hierarchy
from geo_data.isochrone import isochrones, isochrones_json
from geo_data.kernels.cover import TEAM_BITS
from geo_data.locate import locate, locate_many
from geo_data.nearest import nearest, rank
from geo_data.proximity import kept_bytes, prepare_tiles
from geo_data.reach import reach
from geo_data.roster import Roster
from geo_data.sources.bundle import load_ground
from geo_data.types import UNREACHED, ArcIdx, ArcPosition, LonLat
from tests.bench._worker import PROFILE, Query, Timed, roster_of, serve

LIMITS_S = (60, 180, 300)
BARE_MS = 300_000
ARCS_ON = 5


class Side:
    """The roads and places, loaded once."""

    def prepare(self, ground: str, places: str, **_field: str) -> Mapping[str, Any]:
        """Load the field; nothing is computed yet."""
        self.field = {"ground": ground, **_field}
        self.graph = load_ground(ground).graph(PROFILE)
        told = self.read(places)
        self.arcs, self.team_arcs = told["incident_arcs"], told["team_arcs"]
        return {"arcs": self.graph.n_arcs, "nodes": self.graph.n_nodes}

    def read(self, places: str) -> dict[str, Any]:
        """Read the places; ``points`` are those on the map, by what they are and scope."""
        told: dict[str, Any] = json.loads(Path(places).read_text())
        self.points = {
            what: {scope: [LonLat(*point) for point in points] for scope, points in told[what].items()}
            for what in ("incidents", "teams")
        }
        self.incidents = self.points["incidents"]["ground"]
        return told

    def circles(self) -> Query:
        """Three nested circles as polygons, from a point; the tiles are made before, as a service does."""
        prepare_tiles(self.graph)

        def query(i: int) -> Any:
            areas = isochrones(self.graph, locate(self.graph, self.incidents[i]), LIMITS_S)
            return lambda: [area.area for area in areas.values()]

        return query

    def circles_text(self) -> Query:
        """The same as GeoJSON text, the form in which a server answers."""
        prepare_tiles(self.graph)

        def query(i: int) -> Any:
            text = isochrones_json(self.graph, locate(self.graph, self.incidents[i]), LIMITS_S)
            return lambda: len(text)

        return query

    def ranking(self, teams: int, scope: str, k: int | None = None) -> Query:
        """All teams (or the k nearest) in order for an incident on the map; their places on the road are known."""
        if hierarchy(self.graph) is None:
            give_hierarchy(self.graph)
        roster = self.roster(teams, scope)
        incidents = self.points["incidents"][scope]

        def query(i: int) -> Any:
            found = rank(self.graph, locate(self.graph, incidents[i]), roster, k=k)
            return lambda: [int(found.team[0]), int(found.travel_ms[0])]

        return query

    def roster(self, teams: int, scope: str) -> Roster:
        """Return the first so many teams of a scope, brought to the road anew."""
        return Roster(self.graph, locate_many(self.graph, self.points["teams"][scope][:teams]))

    def ranking_from_points(self, teams: int, scope: str) -> Query:
        """The same with every team brought to the road anew."""
        incidents = self.points["incidents"][scope]

        def query(i: int) -> Any:
            places = locate_many(self.graph, self.points["teams"][scope][:teams])
            first = nearest(self.graph, locate(self.graph, incidents[i]), places)[0]
            return lambda: [first.index, first.travel_ms]

        return query

    def bare(self) -> Query:
        """One search of 300 s from the end of an arc; counted are the junctions it reached."""
        ends = self.ends(self.arcs)

        def query(i: int) -> Any:
            found = reach(self.graph, ends[i], BARE_MS)
            return lambda: len(np.unique(self.graph.state_node[found.states]))

        return query

    def coverage(self, teams: int, limit_ms: int) -> Query:
        """The nearest of all teams for every arc, from nothing."""

        def query(i: int) -> Any:
            found = Coverage(self.graph, self.ends(roster_of(self.team_arcs, i, teams)), limit_ms)

            def check() -> Any:
                best_ms = np.full(self.graph.n_nodes, UNREACHED, dtype=np.int64)
                np.minimum.at(best_ms, self.graph.state_node, found.label >> TEAM_BITS)
                reached = best_ms[best_ms < UNREACHED]
                return [len(reached), int(reached.sum())]

            return check

        return query

    def ends(self, arcs: Sequence[int]) -> list[tuple[ArcPosition]]:
        """Return a position at the end of each arc."""
        return [(ArcPosition(ArcIdx(arc), self.graph.arc_length_m(arc)),) for arc in arcs]

    def moved(self, teams: int, limit_ms: int, anywhere: bool) -> Query:
        """One team moved in a standing coverage: a few arcs on, as between two messages, or anywhere."""
        arcs = self.team_arcs[:teams]
        places = self.ends(arcs)
        cover = Coverage(self.graph, places, limit_ms)
        chance = np.random.default_rng(teams)

        def query(i: int) -> Any:
            team = i % teams
            arc = int(chance.integers(self.graph.n_arcs)) if anywhere else self.driven_on(arcs[team], chance)
            arcs[team] = arc
            (place,) = self.ends([arc])
            start_ns = time.perf_counter_ns()
            cover.move(team, place)
            return Timed((time.perf_counter_ns() - start_ns) / 1e6, None)

        return query

    def driven_on(self, arc: int, chance: np.random.Generator) -> int:
        """Return the arc on which a car is a few arcs later, taking any way."""
        graph = self.graph
        for _ in range(ARCS_ON):
            begin, end = (int(at) for at in graph.first_out[graph.head[arc] : graph.head[arc] + 2])
            if begin == end:
                break
            arc = int(chance.integers(begin, end))
        return arc

    def build(self, profiles: str) -> Query:
        """From the .pbf to a saved ground of some profiles, in a process of its own, its start included."""
        target = Path(self.field["folder"]) / "built.ground"
        code = (
            "import sys; from geo_data.sources import read_ground, save_ground; "
            "save_ground(read_ground(sys.argv[1], sys.argv[3].split()), sys.argv[2])"
        )

        def query(_i: int) -> Any:
            subprocess.run([sys.executable, "-c", code, self.field["osm"], str(target), profiles], check=True)
            return None

        return query

    def contract(self) -> Query:
        """The hierarchy for rankings made from nothing: what a service does once for a ground, beside its work."""
        graph = load_ground(self.field["ground"]).graph(PROFILE)

        def query(_i: int) -> Any:
            made = give_hierarchy(graph)
            return lambda: len(made.up.above) + len(made.down.above)

        return query

    def labels(self, teams: int, scope: str) -> Query:
        """The labels of teams that have all moved: what the first ranking after it does beside its own work."""
        ranks = hierarchy(self.graph) or give_hierarchy(self.graph)

        def query(_i: int) -> Any:
            roster = self.roster(teams, scope)
            start_ns = time.perf_counter_ns()
            made = roster.labels(ranks)
            return Timed((time.perf_counter_ns() - start_ns) / 1e6, float(made.size.mean()))

        return query

    def load(self) -> Query:
        """From the ground's file to columns, checksums verified."""

        def query(_i: int) -> Any:
            graph = load_ground(self.field["ground"]).graph(PROFILE)
            return lambda: graph.n_arcs

        return query

    def first_query(self) -> Query:
        """Three circles and a ranking of 18 teams, the first thing a fresh process does with a loaded ground."""

        def query(i: int) -> Any:
            command = [sys.executable, "-m", "tests.bench._first", self.field["ground"]]
            points = [self.incidents[i], *self.points["teams"]["ground"][:18]]
            done = subprocess.run(
                command, input=json.dumps(points), capture_output=True, text=True, check=True, env=os.environ
            )
            answer = json.loads(done.stdout)
            return Timed(answer["took_ms"], answer)

        return query

    def memory(self) -> Query:
        """Bytes an arc: of all columns of all profiles, and with what is kept beside them of the one measured."""

        def query(_i: int) -> Any:
            graphs = load_ground(self.field["ground"]).graphs
            total = sum(graph.nbytes() for graph in graphs.values())
            return {
                "bytes_an_arc": total / sum(graph.n_arcs for graph in graphs.values()),
                "kept_an_arc": (kept_bytes() + _derived_bytes(self.graph)) / self.graph.n_arcs,
            }

        return query

    def tiles(self) -> Query:
        """All tiles of the nearest road, made anew: what a service does once at its start."""

        def query(_i: int) -> Any:
            graph = load_ground(self.field["ground"]).graph(PROFILE)
            start_ns = time.perf_counter_ns()
            made = prepare_tiles(graph)
            return Timed((time.perf_counter_ns() - start_ns) / 1e6, made)

        return query


def _derived_bytes(graph: RoadGraph) -> int:
    """Return the bytes of what searches have worked out of a graph and keep, its arrays counted."""
    total = 0
    waiting: list[Any] = list(graph.derived.values())
    for _ in range(10_000):
        if not waiting:
            break
        thing = waiting.pop()
        if isinstance(thing, np.ndarray):
            total += thing.nbytes
        elif isinstance(thing, list | tuple):
            waiting.extend(thing)
        elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
            waiting.extend(getattr(thing, field.name) for field in dataclasses.fields(thing))
    return total


def tasks(side: Side) -> dict[str, Any]:
    """Return the tasks by name."""
    names = ("circles", "circles_text", "ranking", "ranking_from_points", "bare", "coverage", "moved")
    others = ("build", "contract", "labels", "load", "first_query", "memory", "tiles")
    return {name: getattr(side, name) for name in (*names, *others)}


if __name__ == "__main__":
    SIDE = Side()
    serve(SIDE.prepare, tasks(SIDE))
