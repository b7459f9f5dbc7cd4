"""Toy grounds for tests and lessons: towns drawn as text, perfect grids, seeded random graphs.

All are laid around longitude 0, latitude 0, where a metre is the same in both directions.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo_data.coordinates import METRES_PER_E7
from geo_data.errors import GroundError
from geo_data.graph import Pieces, RoadGraph, assemble
from geo_data.locate import locate
from geo_data.types import ROAD_CLASSES, ArcPosition, Float64s, LonLat

TOY_NODES_MAX: Final = 100_000
_RESIDENTIAL: Final = ROAD_CLASSES.index("residential")
_HORIZONTAL: Final = "-<>"
_VERTICAL: Final = "|^v"


@dataclass(frozen=True, slots=True)
class ToyRoad:
    """A straight road between two junctions; a time of 0 closes that direction."""

    start: int
    end: int
    along_ms: int
    against_ms: int
    length_mm: int
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """A toy ground: its roads, and the point of each junction that has a name."""

    graph: RoadGraph
    points: Mapping[str, LonLat]

    def at(self, name: str) -> tuple[ArcPosition, ...]:
        """Return the positions of a named junction."""
        return locate(self.graph, self.points[name])


def toy_graph(x_m: Float64s, y_m: Float64s, roads: Sequence[ToyRoad]) -> RoadGraph:
    """Return the graph of straight roads between points in metres; at most 100,000 points.

    Times and lengths are as given, whatever the points say. A junction no road touches stays in the graph.
    """
    assert 0 < len(x_m) <= TOY_NODES_MAX and len(roads) > 0
    lon_e7 = np.rint(x_m / METRES_PER_E7).astype(np.int32)
    lat_e7 = np.rint(y_m / METRES_PER_E7).astype(np.int32)
    start = np.array([road.start for road in roads], dtype=np.int32)
    end = np.array([road.end for road in roads], dtype=np.int32)
    both = np.column_stack([start, end]).ravel()
    names = sorted({road.name for road in roads if road.name})
    number = {name: i for i, name in enumerate(names)} | {"": -1}
    pieces = Pieces(
        node_lon_e7=lon_e7,
        node_lat_e7=lat_e7,
        piece_from=start,
        piece_to=end,
        along_ms=np.array([road.along_ms for road in roads], dtype=np.int32),
        against_ms=np.array([road.against_ms for road in roads], dtype=np.int32),
        piece_length_mm=np.array([road.length_mm for road in roads], dtype=np.int32),
        piece_class=np.full(len(roads), _RESIDENTIAL, dtype=np.uint8),
        piece_name=np.array([number[road.name] for road in roads], dtype=np.int32),
        piece_way=np.arange(1, len(roads) + 1, dtype=np.int64),
        piece_first_point=np.arange(0, 2 * len(roads) + 1, 2, dtype=np.int32),
        point_lon_e7=lon_e7[both],
        point_lat_e7=lat_e7[both],
    )
    return assemble("toy", tuple(names), pieces)


def grid_town(cols: int, rows: int, block_m: float = 100.0, block_ms: int = 10_000) -> RoadGraph:
    """Return a perfect grid of two-way roads; junction r·cols + c is at (c, r) blocks east and north.

    The closed form: between junctions (c, r) and (c', r') the time is (|c - c'| + |r - r'|)·``block_ms``.
    """
    assert cols >= 1 and rows >= 1 and cols * rows >= 2
    roads = []
    for r in range(rows):
        for c in range(cols):
            here = r * cols + c
            for there, inside in ((here + 1, c + 1 < cols), (here + cols, r + 1 < rows)):
                if inside:
                    roads.append(ToyRoad(here, there, block_ms, block_ms, round(block_m * 1000.0)))
    number = np.arange(cols * rows)
    x_m: Float64s = (number % cols).astype(np.float64) * block_m
    y_m: Float64s = (number // cols).astype(np.float64) * block_m
    return toy_graph(x_m, y_m, roads)


def random_town(
    seed: int, nodes: int = 60, roads: int = 150, block_m: float = 400.0, *, rushed: bool = True
) -> RoadGraph:
    """Return a seeded random graph: two-way and one-way roads, parallel ones, loops and islands among them.

    Times are from 1 ms to some minutes, with many ties; lengths are from the points, at least 0. The same seed
    gives the same graph on every machine. Some roads take 1 ms whatever their length, but for ``rushed`` False:
    then none is faster than 28 m/s, unless it is a few millimetres long.
    """
    assert nodes >= 2 and roads >= 1
    rng = np.random.default_rng(seed)
    x_m, y_m = rng.uniform(0.0, block_m * nodes**0.5, (2, nodes))
    made = []
    for _ in range(roads):
        a = int(rng.integers(nodes))
        away = (x_m - x_m[a]) ** 2 + (y_m - y_m[a]) ** 2
        b = int(np.argsort(away)[min(nodes - 1, int(rng.integers(0, 7)))])  # 0: a loop
        length_mm = round(1000.0 * float(np.sqrt(away[b])) * float(rng.choice([1.0, 1.0, 1.3])))
        along_ms = max(1, round(length_mm / float(rng.choice([3.0, 8.0, 8.0, 14.0]))))
        against_ms = int(rng.choice([0, along_ms, along_ms, max(1, along_ms // 2)]))
        if rng.random() < 0.1:
            along_ms, against_ms = against_ms or (1 if rushed else along_ms), 0
        made.append(ToyRoad(a, b, along_ms, against_ms, length_mm))
        if rng.random() < 0.1:  # a parallel road, slower or faster
            made.append(ToyRoad(a, b, along_ms + int(rng.integers(-1, 3000)) + 1, 0, length_mm))
    return toy_graph(x_m, y_m, made)


def draw_town(drawing: str, step_m: float = 100.0, step_ms: int = 10_000) -> Town:
    """Return the town that a text draws.

    A letter or digit is a junction of that name, ``+`` one without. ``-`` and ``|`` are two-way road, ``>``,
    ``<``, ``^``, ``v`` road that runs one way only; a road is a straight line of these between two junctions.
    Each character to the right or down is ``step_m`` metres and ``step_ms`` on a road, so ``A--B`` is three
    steps. Raises GroundError where a road ends nowhere or contradicts itself, naming the line and column.

    A square whose right side runs down only, 7 arcs::

        A--B
        |  v
        C--D
    """
    lines = [line for line in textwrap.dedent(drawing).splitlines() if line.strip()]
    cells = {(r, c): mark for r, line in enumerate(lines) for c, mark in enumerate(line) if mark != " "}
    nodes = {at: i for i, at in enumerate(sorted(at for at, mark in cells.items() if _is_junction(mark)))}
    roads, used = _drawn_roads(cells, nodes, step_m, step_ms)
    loose = set(cells) - set(nodes) - used
    if loose or not roads:
        r, c = min(loose, default=(0, 0))
        raise GroundError(
            f"line {r + 1}, column {c + 1} of the drawing is no road between two junctions",
            "draw straight roads of -<> or |^v from one letter, digit or + to the next",
        )
    x_m = np.array([c * step_m for _, c in nodes])
    y_m = np.array([-r * step_m for r, _ in nodes])
    graph = toy_graph(x_m, y_m, roads)
    points = {
        cells[at]: LonLat(float(graph.node_lon_e7[i]) / 1e7, float(graph.node_lat_e7[i]) / 1e7)
        for at, i in nodes.items()
        if cells[at] != "+"
    }
    return Town(graph, points)


def _is_junction(mark: str) -> bool:
    return mark == "+" or (mark.isalnum() and mark not in _VERTICAL)


def _drawn_roads(
    cells: Mapping[tuple[int, int], str], nodes: Mapping[tuple[int, int], int], step_m: float, step_ms: int
) -> tuple[list[ToyRoad], set[tuple[int, int]]]:
    """Return the roads to the right of and below each junction, and the cells they use."""
    roads: list[ToyRoad] = []
    used: set[tuple[int, int]] = set()
    for r, c in nodes:
        for dr, dc, marks, forth, back in ((0, 1, _HORIZONTAL, ">", "<"), (1, 0, _VERTICAL, "v", "^")):
            steps, seen = 1, []
            while cells.get((r + steps * dr, c + steps * dc), " ") in marks:
                seen.append((r + steps * dr, c + steps * dc))
                steps += 1
            end = nodes.get((r + steps * dr, c + steps * dc))
            if end is None or not seen:
                continue
            drawn = {cells[at] for at in seen}
            along_ms = 0 if back in drawn else steps * step_ms
            against_ms = 0 if forth in drawn else steps * step_ms
            if along_ms or against_ms:
                used.update(seen)
                roads.append(ToyRoad(nodes[r, c], end, along_ms, against_ms, round(steps * step_m * 1000)))
    return roads, used
