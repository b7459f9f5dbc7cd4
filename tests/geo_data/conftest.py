"""An independent slow oracle, and the grounds that the tests ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from geo_data.graph import Ground, RoadGraph
from geo_data.sources.osm import read_osm
from geo_data.sources.turn_network import to_turn_network
from geo_data.types import ArcIdx, ArcPosition


class Oracle:
    """NetworkX Dijkstra on the exported states of a graph, with the ends of a query tied to them.

    It restates the rounding: a part of an arc takes whole ms, rounded down from the start of its piece.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self.nx = to_turn_network(graph)
        self.junction = dict(self.nx.nodes(data="junction"))
        self.states: dict[int, list[int]] = {}
        for state, node in self.junction.items():
            self.states.setdefault(node, []).append(state)

    def times(
        self,
        start: Sequence[ArcPosition],
        ends: Sequence[Sequence[ArcPosition]],
        limit_ms: int,
        towards: bool = False,
    ) -> tuple[dict[int, int], list[int | None]]:
        """Return the ms of every junction within the limit, and of each end (None beyond it).

        With ``towards`` the junctions are left out: there, what is to come depends on the turn.
        """
        if towards:
            return {}, self._towards(start, ends, limit_ms)
        graph = self.nx
        graph.add_node("from")
        for p in start:
            rest_ms = int(self.graph.travel_ms[p.arc]) - self._part_ms(p.arc, self._mm(p))
            graph.add_edge("from", int(self.graph.step_state[p.arc]), travel_ms=rest_ms + self._walk_ms(p))
        found = nx.single_source_dijkstra_path_length(graph, "from", cutoff=limit_ms, weight="travel_ms")
        graph.remove_node("from")
        nodes: dict[int, int] = {}
        for state, ms in found.items():
            if state != "from":
                nodes[self.junction[state]] = min(ms, nodes.get(self.junction[state], ms))
        return nodes, [self._end(start, end, found, limit_ms) for end in ends]

    def _towards(self, target, starts, limit_ms: int) -> list[int | None]:
        """Return the ms of each start to the target, by one search on the reversed network."""
        graph = self.nx
        graph.add_node("to")
        for p in target:
            part_ms = self._part_ms(p.arc, self._mm(p)) + self._walk_ms(p)
            for state in self.states.get(int(self.graph.tail[p.arc]), []):
                for _, _, key, turn_ms in list(graph.out_edges(state, keys=True, data="turn_ms")):
                    if key == p.arc:
                        graph.add_edge(state, "to", travel_ms=turn_ms + part_ms)
        back = nx.reverse_view(graph)
        found = nx.single_source_dijkstra_path_length(back, "to", cutoff=limit_ms, weight="travel_ms")
        graph.remove_node("to")
        times: list[int | None] = []
        for start in starts:
            ways = []
            for q in start:
                rest_ms = int(self.graph.travel_ms[q.arc]) - self._part_ms(q.arc, self._mm(q)) + self._walk_ms(q)
                ways.append(found.get(int(self.graph.step_state[q.arc]), limit_ms + 1) + rest_ms)
                for p in target:
                    if q.arc == p.arc and self._mm(q) <= self._mm(p):
                        ride_ms = self._part_ms(p.arc, self._mm(p)) - self._part_ms(q.arc, self._mm(q))
                        ways.append(ride_ms + self._walk_ms(q) + self._walk_ms(p))
            times.append(min((ms for ms in ways if ms <= limit_ms), default=None))
        return times

    def _end(self, start, end, found, limit_ms: int) -> int | None:
        ways = []
        for p in end:
            part_ms = self._part_ms(p.arc, self._mm(p)) + self._walk_ms(p)
            for state in self.states.get(int(self.graph.tail[p.arc]), []):
                for _, _, key, turn_ms in self.nx.out_edges(state, keys=True, data="turn_ms"):
                    if key == p.arc and state in found:
                        ways.append(found[state] + turn_ms + part_ms)
            for q in start:
                if q.arc == p.arc and self._mm(q) <= self._mm(p):
                    ways.append(part_ms - self._part_ms(q.arc, self._mm(q)) + self._walk_ms(q))
        return min((ms for ms in ways if ms <= limit_ms), default=None)

    def _walk_ms(self, p: ArcPosition) -> int:
        return round(p.offset_m / 1.4 * 1000)

    def _mm(self, p: ArcPosition) -> int:
        return min(int(self.graph.length_mm[p.arc]), round(p.along_m * 1000))

    def _part_ms(self, arc: int, mm: int) -> int:
        travel_ms, length_mm = int(self.graph.travel_ms[arc]), int(self.graph.length_mm[arc])
        if length_mm == 0:
            return travel_ms * int(self.graph.arc_against[arc])
        if self.graph.arc_against[arc]:
            return travel_ms - travel_ms * (length_mm - mm) // length_mm
        return travel_ms * mm // length_mm


def random_position(graph: RoadGraph, rng: np.random.Generator) -> tuple[ArcPosition, ...]:
    """Return the positions of a random place on a road, both directions, sometimes off it, often at an end."""
    arc = int(rng.integers(graph.n_arcs))
    length_m = graph.arc_length_m(arc)
    along_m = round(length_m * float(rng.choice([0.0, 1.0, rng.random(), rng.random(), rng.random()])), 3)
    offset_m = float(rng.choice([0.0, 0.0, round(rng.random() * 80, 2)]))
    places = [ArcPosition(ArcIdx(arc), along_m, offset_m)]
    if graph.twin[arc] >= 0:
        places.append(ArcPosition(ArcIdx(int(graph.twin[arc])), max(0.0, round(length_m - along_m, 3)), offset_m))
    return tuple(places)


@pytest.fixture(scope="session")
def oracle() -> Callable[[RoadGraph], Oracle]:
    return Oracle


@pytest.fixture(scope="session")
def random_place() -> Callable[[RoadGraph, np.random.Generator], tuple[ArcPosition, ...]]:
    return random_position


@pytest.fixture(scope="session")
def sample_town(repo_root: Path) -> Ground:
    return read_osm(repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz")


@pytest.fixture(scope="session")
def porto_alegre(shared_data: Path) -> Ground:
    return read_osm(shared_data / "roads" / "porto_alegre.osm.pbf", ("car",))
