"""A restriction over ways, on real roads: no route drives from, via and to in a row, read off the relation."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import osmium
import pytest

from geo_data.graph import RoadGraph
from geo_data.route import route
from geo_data.sources.osm import read_osm
from geo_data.types import ArcPosition


def forbidden(path: Path) -> list[tuple[int, ...]]:
    """Return from, via ways and to of each ``no_*`` relation with via ways."""
    found = []
    for thing in osmium.FileProcessor(str(path), osmium.osm.RELATION):
        tags = dict(thing.tags)
        via = [m.ref for m in thing.members if m.role == "via" and m.type == "w"]
        if via and tags.get("type") == "restriction" and tags.get("restriction", "").startswith("no_"):
            (start,) = (m.ref for m in thing.members if m.role == "from")
            (end,) = (m.ref for m in thing.members if m.role == "to")
            found.append((start, *via, end))
    return found


def ways_of(graph: RoadGraph, arcs: tuple[int, ...]) -> list[int]:
    """Return the OSM ways that a route drives on, each once in a row."""
    return [int(way) for way, _ in itertools.groupby(graph.piece_way[graph.arc_piece[list(arcs)]].tolist())]


def holds(row: tuple[int, ...], ways: list[int]) -> bool:
    return any(tuple(ways[i : i + len(row)]) == row for i in range(len(ways)))


@pytest.mark.slow
def test_no_route_of_porto_drives_a_forbidden_row_of_ways(shared_data):
    path = shared_data / "roads" / "porto.osm.pbf"
    rows = forbidden(path)
    assert rows, "Porto has such a relation"
    graph = read_osm(path, ("car",)).graph("car")
    way = graph.piece_way[graph.arc_piece]
    asked = short = 0
    for row in rows:
        for a, b in itertools.product(np.flatnonzero(way == row[0]), np.flatnonzero(way == row[-1])):
            found = route(graph, [ArcPosition(int(a), 0.0)], [ArcPosition(int(b), graph.arc_length_m(int(b)))])
            if found is not None:
                asked += 1
                assert not holds(row, ways_of(graph, found.arcs))
        # the row can be driven but for its ban: each of its ways meets the next
        for x, y in itertools.pairwise(row):
            heads = set(graph.head[way == x].tolist()) | set(graph.tail[way == x].tolist())
            short += bool(heads & (set(graph.head[way == y].tolist()) | set(graph.tail[way == y].tolist())))
    assert asked > 0 and short == sum(len(row) - 1 for row in rows)
