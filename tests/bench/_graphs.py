"""The graph libraries' side: each searches the very graph that ours searches, exported as plain arrays.

Each is asked in the way that its own documentation recommends for a search with a limit; where it has none, the
fastest it offers. What can be made ready (its graph object) is made before the clock starts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench._worker import MissingError, Query, roster_of, serve

LIMIT_MS = 300_000


class Library:
    """One library, chosen by ``library`` when it is prepared."""

    def prepare(
        self, library: str, graph: str, places: str, plain: bool = False, **_field: str
    ) -> Mapping[str, Any]:
        """Load the arrays and build the library's graph; ``plain`` is the one without turns."""
        import numpy as np  # noqa: PLC0415

        self.np, self.library = np, library
        with np.load(graph) as arrays:
            prefix = "plain_" if plain else ""
            names = ("tail", "head", "travel_ms", "lon", "lat", "after", "place")
            self.columns = {name: arrays[prefix + name] for name in names}
        told = json.loads(Path(places).read_text())
        self.starts = self.columns["after"][told["incident_arcs"]].tolist()
        self.team_arcs = told["team_arcs"]
        self.n = len(self.columns["place"])
        self.tail, self.head, self.ms = (self.columns[name] for name in ("tail", "head", "travel_ms"))
        self.search = getattr(self, f"_{library}")()
        name = {"osmnx_ego": "osmnx"}.get(library, library)
        return {"version": f"{name} {version(name)}", "nodes": self.n, "arcs": len(self.tail)}

    def bare(self) -> Query:
        """One search of 300 s from a node; counted are the junctions it reached."""
        place = self.columns["place"]

        def query(i: int) -> Any:
            found = self.search(self.starts[i])
            return lambda: len(self.np.unique(place[self.np.asarray(found(), dtype=self.np.int64)]))

        return query

    def _lightest(self) -> tuple[Any, Any, Any]:
        """Return the arcs with each pair of nodes once, by its fastest arc: what a matrix can hold."""
        order = self.np.lexsort((self.ms, self.head, self.tail))
        tail, head, ms = self.tail[order], self.head[order], self.ms[order]
        first = self.np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        return tail[first], head[first], ms[first]

    def _matrix(self) -> Any:
        from scipy.sparse import csr_array  # noqa: PLC0415

        tail, head, ms = self._lightest()
        return csr_array((ms.astype(float), (tail, head)), shape=(self.n, self.n))

    def _scipy(self) -> Any:
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        matrix, np = self._matrix(), self.np

        def search(start: int) -> Any:
            found = dijkstra(matrix, indices=start, limit=float(LIMIT_MS))
            return lambda: np.flatnonzero(np.isfinite(found))

        return search

    def coverage(self, teams: int, limit_ms: int) -> Query:
        """The nearest of all teams for every node: one search from many sources (``min_only``)."""
        if self.library != "scipy":
            raise MissingError("only SciPy has a search from many sources")
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        matrix, np = self._matrix(), self.np
        after, place = self.columns["after"], self.columns["place"]

        def query(i: int) -> Any:
            sources = after[roster_of(self.team_arcs, i, teams)]
            found, _, source = dijkstra(
                matrix, indices=sources, min_only=True, return_predecessors=True, limit=float(limit_ms)
            )

            def check() -> Any:
                best_ms = np.full(int(place.max()) + 1, np.inf)
                np.minimum.at(best_ms, place, found)
                reached = best_ms[np.isfinite(best_ms)]
                assert len(source) == len(found)
                return [len(reached), int(reached.sum())]

            return check

        return query

    def _rustworkx(self) -> Any:
        import rustworkx  # noqa: PLC0415

        graph = rustworkx.PyDiGraph()
        graph.add_nodes_from(range(self.n))
        graph.add_edges_from(list(zip(self.tail.tolist(), self.head.tolist(), self.ms.tolist(), strict=True)))

        def search(start: int) -> Any:  # it has no limit: all nodes are searched
            found = rustworkx.dijkstra_shortest_path_lengths(graph, start, float)
            return lambda: [start, *(node for node, ms in found.items() if ms <= LIMIT_MS)]

        return search

    def _igraph(self) -> Any:
        import igraph  # noqa: PLC0415

        graph = igraph.Graph(n=self.n, edges=self.np.column_stack([self.tail, self.head]), directed=True)
        ms, np = self.ms.tolist(), self.np

        def search(start: int) -> Any:  # it has no limit either
            found = graph.distances(source=start, weights=ms)
            return lambda: np.flatnonzero(np.asarray(found[0]) <= LIMIT_MS)

        return search

    def _pandana(self) -> Any:
        import pandana  # noqa: PLC0415
        import pandas as pd  # noqa: PLC0415

        network = pandana.Network(
            pd.Series(self.columns["lon"]),
            pd.Series(self.columns["lat"]),
            pd.Series(self.tail),
            pd.Series(self.head),
            pd.DataFrame({"s": self.ms / 1000.0}),  # it keeps whole thousandths in 32 bits: ms would overflow
            twoway=False,
        )

        def search(start: int) -> Any:
            found = network.nodes_in_range([start], LIMIT_MS / 1000.0, imp_name="s")
            return found["destination"].to_numpy

        return search

    def _networkx(self) -> Any:
        import networkx as nx  # noqa: PLC0415

        graph = nx.DiGraph()  # faster than a MultiDiGraph, and of parallel arcs only the fastest counts
        graph.add_nodes_from(range(self.n))
        arcs = (column.tolist() for column in self._lightest())
        graph.add_weighted_edges_from(zip(*arcs, strict=True), weight="ms")

        def search(start: int) -> Any:
            found = nx.single_source_dijkstra_path_length(graph, start, cutoff=LIMIT_MS, weight="ms")
            return lambda: list(found)

        self.graph = graph
        return search

    def _osmnx_ego(self) -> Any:
        """The usual recipe of isochrones with osmnx: the ego graph by travel time."""
        import networkx as nx  # noqa: PLC0415
        import osmnx  # noqa: F401, PLC0415 - the recipe is its

        self._networkx()

        def search(start: int) -> Any:
            found = nx.ego_graph(self.graph, start, radius=LIMIT_MS, distance="ms")
            return lambda: list(found.nodes)

        return search


if __name__ == "__main__":
    LIBRARY = Library()
    serve(LIBRARY.prepare, {"bare": LIBRARY.bare, "coverage": LIBRARY.coverage})
