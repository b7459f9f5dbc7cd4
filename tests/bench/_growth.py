"""Growth: the same searches from the same places on 1, 10 and 100 copies of the roads, laid side by side.

A copy is joined to its neighbours by a road each; pieces are straight. What is reached stays the same, so the
time should: an engine that touches the whole graph for a small question shows here. Run as a child, this module
is ours over so many copies.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from geo_data.graph import Pieces, RoadGraph, assemble
from geo_data.locate import locate
from geo_data.nearest import rank
from geo_data.sources.bundle import load_ground
from geo_data.types import ROAD_CLASSES, ArcPosition
from tests.bench._ours import Side
from tests.bench._worker import PROFILE, Query, serve

SIZES = ((1, (1, 1)), (10, (5, 2)), (100, (10, 10)))
"""Copies, and how they lie: columns, rows."""

GROWTH_AT_MOST = 1.5
RANKED_MS = 600_000
JOIN_MS = 60_000
JOIN_MM = 1_000_000
QUERIES = 60
TASKS = (("circles", "circles 1/3/5 min"), ("ranking_near", "ranking 200 teams in 10 min"), ("bare", "bare 300 s"))


def growth_rows(field: Any, options: Any, say: Callable[[str], None]) -> list[Any]:
    """Return a row a search and size: its median beside that on one copy."""
    from dispatch.cli.bench import Result  # noqa: PLC0415 - the child needs no command line
    from tests.bench._contest import alternate, contestant  # noqa: PLC0415

    sizes = SIZES[:2] if options.quick else SIZES
    rows = []
    with contextlib.ExitStack() as stack:
        children = []
        for copies, _ in sizes:
            say(f"the roads {copies} ×, side by side …")
            child = contestant(
                f"{copies} ×", Path(sys.executable), "tests.bench._growth", copies=copies, **field.spec()
            )
            children.append(stack.enter_context(child))
        arcs = ", ".join(f"{child.name} has {child.told['arcs']:,} arcs" for child in children)
        options.notes.append(f"Growth, on copies of the roads side by side: {arcs}.")
        for task, title in TASKS:
            say(f"growth: {title} …")
            entries = [(child, {"task": task}) for child in children]
            turns = alternate(entries, QUERIES // (4 if options.quick else 1), 6, warm_up=QUERIES)
            first = statistics.median(turns[0].took_ms)
            same = min(_same(turns[0].checks, turn.checks) for turn in turns[1:])
            options.notes.append(f"Growth, {title}: the same answers in {same} of {len(turns[0].checks)} queries.")
            rows += [
                Result(
                    measure=f"growth: {title}, {child.name} the graph",
                    ours=statistics.median(turn.took_ms),
                    unit="ms",
                    peer="ours on 1 ×",
                    peer_value=first,
                    at_most=GROWTH_AT_MOST,
                    queries=len(turn.took_ms),
                )
                for child, turn in zip(children[1:], turns[1:], strict=True)
            ]
    return rows


def _same(ours: Sequence[Any], others: Sequence[Any]) -> int:
    """Count the same answers, areas to 2 %: the cells of a circle depend on the latitude of the whole graph."""
    return sum(_alike(a, b) for a, b in zip(ours, others, strict=True))


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, list):
        return len(a) == len(b) and all(_alike(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b) if isinstance(a, int) else abs(a - b) <= 0.02 * max(a, b)


def tiled(graph: RoadGraph, columns: int, rows: int) -> RoadGraph:
    """Return so many copies of a graph side by side, the first of them where the graph is; its turns are free."""
    n, p, copies = graph.n_nodes, graph.n_pieces, columns * rows
    first, last = _ends(graph)
    lon, lat = graph.node_lon_e7.astype(np.int64), graph.node_lat_e7.astype(np.int64)
    step_lon, step_lat = int(np.ptp(lon)) + 100_000, int(np.ptp(lat)) + 100_000
    copy = np.arange(copies)
    east, north = copy % columns, copy // columns
    node_lon = (lon[None, :] + (east * step_lon)[:, None]).ravel().astype(np.int32)
    node_lat = (lat[None, :] + (north * step_lat)[:, None]).ravel().astype(np.int32)
    offset = np.repeat(copy * n, p)
    joins = _joins(graph, columns, rows)
    start = np.concatenate([np.tile(first, copies) + offset, joins[:, 0]]).astype(np.int32)
    end = np.concatenate([np.tile(last, copies) + offset, joins[:, 1]]).astype(np.int32)
    more = len(joins)
    along, against = _times(graph)
    both = np.column_stack([start, end]).ravel()

    def column(values: Any, join: int, dtype: Any) -> Any:
        return np.concatenate([np.tile(values, copies), np.full(more, join)]).astype(dtype)

    either = np.where(graph.piece_arc_along >= 0, graph.piece_arc_along, graph.piece_arc_against)
    pieces = Pieces(
        node_lon_e7=node_lon,
        node_lat_e7=node_lat,
        piece_from=start,
        piece_to=end,
        along_ms=column(along, JOIN_MS, np.int32),
        against_ms=column(against, JOIN_MS, np.int32),
        piece_length_mm=column(graph.length_mm[either], JOIN_MM, np.int32),
        piece_class=column(graph.piece_class, ROAD_CLASSES.index("residential"), np.uint8),
        piece_name=np.full(len(start), -1, dtype=np.int32),
        piece_way=np.arange(1, len(start) + 1, dtype=np.int64),
        piece_first_point=np.arange(0, 2 * len(start) + 1, 2, dtype=np.int32),
        point_lon_e7=node_lon[both],
        point_lat_e7=node_lat[both],
    )
    return assemble(graph.profile, (), pieces)


def _ends(graph: RoadGraph) -> tuple[Any, Any]:
    """Return the junctions at the start and the end of each piece's geometry."""
    along, against = graph.piece_arc_along, graph.piece_arc_against
    first = np.where(along >= 0, graph.tail[along], graph.head[against])
    last = np.where(along >= 0, graph.head[along], graph.tail[against])
    return first.astype(np.int64), last.astype(np.int64)


def _times(graph: RoadGraph) -> tuple[Any, Any]:
    """Return the ms with and against each piece's geometry, 0 where closed."""
    arcs = (graph.piece_arc_along, graph.piece_arc_against)
    along, against = (np.where(arc >= 0, graph.travel_ms[arc], 0) for arc in arcs)
    return along, against


def _joins(graph: RoadGraph, columns: int, rows: int) -> Any:
    """Return the junctions that a road joins, int64[j, 2]: east end with west end, north end with south end."""
    main = np.flatnonzero(graph.node_island == 0)
    west, east = (main[f(graph.node_lon_e7[main])] for f in (np.argmin, np.argmax))
    south, north = (main[f(graph.node_lat_e7[main])] for f in (np.argmin, np.argmax))
    found = []
    for row in range(rows):
        for column in range(columns):
            here = (row * columns + column) * graph.n_nodes
            if column + 1 < columns:
                found.append((here + east, here + graph.n_nodes + west))
            if row + 1 < rows:
                found.append((here + north, here + columns * graph.n_nodes + south))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


class TiledSide(Side):
    """Our side over copies of the roads."""

    def prepare(self, ground: str, places: str, copies: int = 1, **_field: str) -> Mapping[str, Any]:
        """Lay the copies; the places are those of the first."""
        self.graph = tiled(load_ground(ground).graph(PROFILE), *dict(SIZES)[copies])
        self.read(places)
        spots = [locate(self.graph, point, 20_000.0)[0] for point in self.incidents[:QUERIES]]
        self.arcs = [spot.arc for spot in spots]
        self.spots: Sequence[ArcPosition] = spots
        return {"arcs": self.graph.n_arcs, "nodes": self.graph.n_nodes}

    def circles(self) -> Query:
        """Three nested circles from a place on the road."""
        from geo_data.isochrone import isochrones  # noqa: PLC0415

        def query(i: int) -> Any:
            areas = isochrones(self.graph, (self.spots[i],), (60, 180, 300))
            return lambda: [area.area for area in areas.values()]

        return query

    def ranking_near(self) -> Query:
        """All of 200 teams that come within 10 minutes."""
        roster = self.roster(200, "ground")

        def query(i: int) -> Any:
            found = rank(self.graph, (self.spots[i],), roster, RANKED_MS)
            return lambda: [found.team[:5].tolist(), found.travel_ms[:5].tolist()]

        return query


if __name__ == "__main__":
    SIDE = TiledSide()
    serve(SIDE.prepare, {name: getattr(SIDE, name) for name, _ in TASKS})
