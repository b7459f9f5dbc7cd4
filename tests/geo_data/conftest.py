"""An independent slow oracle, and the grounds that the tests ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from geo_data.graph import Ground, RoadGraph
from geo_data.sources.networkx import to_networkx
from geo_data.sources.osm import read_osm
from geo_data.types import ArcIdx, ArcPosition


class Oracle:
    """NetworkX Dijkstra on the exported graph, its edges cut at the positions of a query.

    It restates the rounding: a part of an arc takes whole ms, rounded down from the start of its piece.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self.nx = to_networkx(graph)
        self.ends = {arc: (u, v) for u, v, arc in self.nx.edges(keys=True)}

    def times(
        self,
        start: Sequence[ArcPosition],
        ends: Sequence[Sequence[ArcPosition]],
        limit_ms: int,
        towards: bool = False,
    ) -> tuple[dict[object, int], list[int | None]]:
        """Return the ms of every junction within the limit, and of each end (None beyond it)."""
        with self._cut([start, *ends], towards) as graph:
            found = nx.single_source_dijkstra_path_length(graph, "q0", cutoff=limit_ms, weight="travel_ms")
        nodes = {node: ms for node, ms in found.items() if not isinstance(node, str | tuple)}
        return nodes, [found.get(f"q{i + 1}") for i in range(len(ends))]

    @contextmanager
    def _cut(self, queries: list[Sequence[ArcPosition]], towards: bool) -> Iterator[nx.MultiDiGraph]:
        graph, added = self.nx, []
        cuts: dict[int, set[int]] = {}
        for i, query in enumerate(queries):
            graph.add_node(f"q{i}")
            added.append(f"q{i}")
            for p in query:
                cuts.setdefault(int(p.arc), set()).add(self._mm(p))
        for arc, marks in cuts.items():
            tail, head = self.ends[arc]
            last, last_ms = tail, 0
            for mm in sorted(marks):
                graph.add_edge(last, (arc, mm), travel_ms=self._part_ms(arc, mm) - last_ms)
                added.append((arc, mm))
                last, last_ms = (arc, mm), self._part_ms(arc, mm)
            graph.add_edge(last, head, travel_ms=int(self.graph.travel_ms[arc]) - last_ms)
        for i, query in enumerate(queries):
            for p in query:
                walk_ms = round(p.offset_m / 1.4 * 1000)
                at, outside = (int(p.arc), self._mm(p)), f"q{i}"
                inward = (i == 0) != towards
                graph.add_edge(*((outside, at) if inward else (at, outside)), travel_ms=walk_ms)
        try:
            yield nx.reverse_view(graph) if towards else graph
        finally:
            graph.remove_nodes_from(added)

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
