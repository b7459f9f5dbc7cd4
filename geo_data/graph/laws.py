"""The laws of a RoadGraph's columns, each with the name it is reported by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from geo_data.errors import GroundError
from geo_data.graph.roads import COLUMNS, RoadGraph
from geo_data.graph.turns import TURN_MS_MAX
from geo_data.types import ROAD_CLASSES, UNREACHED, Int32s


def check_graph(graph: RoadGraph) -> None:
    """Check every law; raises GroundError naming the first that is broken."""
    for name, dtype in COLUMNS.items():
        column = graph.column(name)
        if column.dtype != dtype or column.ndim != 1:
            raise _broken(graph, f"{name} is {column.dtype}[{column.ndim}-d], not {np.dtype(dtype)}[1-d]")
        if column.flags.writeable:
            raise _broken(graph, f"{name} is writeable")
    for groups in (_shapes, _arcs, _turns, _pieces):  # in this order: later laws index by what earlier ones prove
        for law, holds in groups(graph):
            if not holds:
                raise _broken(graph, law)


def _broken(graph: RoadGraph, law: str) -> GroundError:
    return GroundError(
        f"the road graph '{graph.profile}' is broken: {law}",
        "import the ground again from its source; if that does not help, report it as a bug",
    )


def _rising(first: Int32s, count: int, total: int) -> bool:
    """Whether ``first`` is a table of group starts over ``total`` items in ``count`` groups."""
    return bool(len(first) == count + 1 and first[0] == 0 and first[-1] == total and np.all(np.diff(first) >= 0))


def _within(values: npt.NDArray[np.generic], low: int, high: int) -> bool:
    """Whether all values are in [low, high)."""
    numbers = values.astype(np.int64)
    return len(numbers) == 0 or bool(numbers.min() >= low and numbers.max() < high)


def _shapes(graph: RoadGraph) -> Iterator[tuple[str, bool]]:
    n, m, p, points = graph.n_nodes, graph.n_arcs, graph.n_pieces, len(graph.point_lon_e7)
    yield "no arcs", m > 0
    yield "node columns differ in length", len(graph.node_lat_e7) == n == len(graph.node_island)
    arc_columns = ("tail", "travel_ms", "length_mm", "arc_piece", "arc_against", "twin", "in_arc")
    yield "arc columns differ in length", all(len(graph.column(c)) == m for c in arc_columns)
    piece_columns = ("piece_name", "piece_way", "piece_island", "piece_arc_along", "piece_arc_against")
    yield "piece columns differ in length", all(len(graph.column(c)) == p for c in piece_columns)
    yield "point columns differ in length", len(graph.point_lat_e7) == points
    yield "first_out is no table of starts", _rising(graph.first_out, n, m)
    yield "first_in is no table of starts", _rising(graph.first_in, n, m)
    yield "piece_first_point is no table of starts", _rising(graph.piece_first_point, p, points)
    yield "grid_frame has not six figures", len(graph.grid_frame) == 6
    cells = int(graph.grid_frame[4] * graph.grid_frame[5])
    yield "grid_first is no table of starts", _rising(graph.grid_first, cells, len(graph.grid_segment))


def _arcs(graph: RoadGraph) -> Iterator[tuple[str, bool]]:
    n, m, p = graph.n_nodes, graph.n_arcs, graph.n_pieces
    arcs = np.arange(m)
    yield "an end is no junction", _within(graph.tail, 0, n) and _within(graph.head, 0, n)
    yield "travel_ms not in 1…2^31-1", _within(graph.travel_ms, 1, UNREACHED + 1)
    yield "length_mm negative", _within(graph.length_mm, 0, 2**31)
    yield "arc_piece is no piece", _within(graph.arc_piece, 0, p)
    yield "arc_against not 0 or 1", _within(graph.arc_against, 0, 2)
    degree = np.diff(graph.first_out)
    yield "arcs not sorted by tail", bool(np.all(graph.tail == np.repeat(np.arange(n), degree)))
    yield "in_arc no permutation", bool(np.all(np.sort(graph.in_arc) == arcs))
    degree = np.diff(graph.first_in)
    by_head = graph.head[graph.in_arc]
    yield "in_arc not sorted by head", bool(np.all(by_head == np.repeat(np.arange(n), degree)))
    yield "twin is no arc", _within(graph.twin, -1, m)
    a = np.flatnonzero(graph.twin >= 0)
    b = graph.twin[a]
    yield "twin of twin is another arc", bool(np.all(graph.twin[b] == a) and np.all(a != b))
    yield (
        "twin runs elsewhere",
        bool(np.all(graph.tail[a] == graph.head[b]) and np.all(graph.arc_piece[a] == graph.arc_piece[b])),
    )
    yield "twin has another length", bool(np.all(graph.length_mm[a] == graph.length_mm[b]))


def _turns(graph: RoadGraph) -> Iterator[tuple[str, bool]]:
    m, rows = graph.n_arcs, graph.row_ms
    yield "row_ms out of range", _within(rows, -2 - TURN_MS_MAX, TURN_MS_MAX + 1)
    arcs = np.arange(m)
    for prefix, first, into in (
        ("", graph.first_out, graph.head),
        ("back_", graph.first_in, graph.tail[graph.in_arc]),
    ):
        steps, node, row, slack, jumps, jump_step, jump_to = (
            _ints(graph, prefix + name)
            for name in (
                "step_state",
                "state_node",
                "state_row",
                "state_slack",
                "jump_state",
                "jump_step",
                "jump_to",
            )
        )
        count = len(node)
        yield f"{prefix}step_state has not a state an arc", len(steps) == m and _within(steps, 0, count)
        yield f"{prefix}state columns differ in length", len(row) == count == len(slack)
        yield f"{prefix}state_node is no rising list of junctions", _within(node, 0, graph.n_nodes)
        yield f"{prefix}state_node is no rising list of junctions", bool(np.all(np.diff(node) >= 0))
        onward = graph.head if not prefix else into
        yield f"{prefix}step_state is at another junction", bool(np.all(node[steps] == onward[arcs]))
        yield f"{prefix}state_slack negative", _within(slack, 0, UNREACHED + 1)
        degree = np.diff(first)[node]
        yield (
            f"{prefix}state_row leaves row_ms",
            _within(row, 0, len(rows) + 1) and _within(row + degree, 0, len(rows) + 1),
        )
        yield f"{prefix}jump columns differ in length", len(jumps) == len(jump_step) == len(jump_to)
        inside = _within(jumps, 0, count) and _within(jump_step, 0, m) and _within(jump_to, 0, count)
        yield f"{prefix}jump is no state or step", inside and bool(np.all(np.diff(jumps) >= 0))
        place = jump_step - first[node[jumps]]
        yield f"{prefix}jump is no turn of its state", bool(np.all((place >= 0) & (place < degree[jumps])))
        yield f"{prefix}jump leads elsewhere", bool(np.all(node[jump_to] == onward[jump_step]))
        listed = rows[row[jumps] + place]
        # a turn that is forbidden at the hour of a view keeps its jump
        yield f"{prefix}jump is not marked", bool(np.all(listed < 0))
        yield f"{prefix}a marked turn has no jump", _marks(rows, row, degree) == int(np.count_nonzero(listed < -1))
    timed = (graph.timed_days, graph.timed_from_min, graph.timed_to_min)
    yield "timed columns differ in length", all(len(column) == len(graph.timed_entry) for column in timed)
    yield "timed_entry is no turn", _within(graph.timed_entry, 0, len(rows))


def _ints(graph: RoadGraph, name: str) -> Int32s:
    return np.asarray(graph.column(name), dtype=np.int32)


def _marks(rows: Int32s, row: Int32s, degree: Int32s) -> int:
    """Return how many turns of all states are marked as jumps."""
    marked = np.concatenate([[0], np.cumsum(rows < -1)])
    return int((marked[row + degree] - marked[row]).sum())


def _pieces(graph: RoadGraph) -> Iterator[tuple[str, bool]]:
    m, p, points = graph.n_arcs, graph.n_pieces, len(graph.point_lon_e7)
    yield "a piece has less than two points", bool(np.all(np.diff(graph.piece_first_point) >= 2))
    yield "piece_class unknown", _within(graph.piece_class, 0, len(ROAD_CLASSES))
    yield "piece_name is no name", _within(graph.piece_name, -1, len(graph.names))
    for against, column in ((0, graph.piece_arc_along), (1, graph.piece_arc_against)):
        yield "arc of piece is no arc", _within(column, -1, m)
        has = np.flatnonzero(column >= 0)
        arcs = column[has]
        ok = np.all(graph.arc_piece[arcs] == has) and np.all(graph.arc_against[arcs] == against)
        yield "arc of piece is another's", bool(ok)
    both = np.count_nonzero(graph.piece_arc_along >= 0) + np.count_nonzero(graph.piece_arc_against >= 0)
    yield "an arc is of no piece", both == m
    start = graph.piece_first_point[:-1][graph.arc_piece]
    end = graph.piece_first_point[1:][graph.arc_piece] - 1
    at_tail = np.where(graph.arc_against == 1, end, start)
    for node, place in ((graph.node_lon_e7, graph.point_lon_e7), (graph.node_lat_e7, graph.point_lat_e7)):
        yield "geometry does not start at the tail", bool(np.all(node[graph.tail] == place[at_tail]))
    yield "longitude out of range", _within(graph.point_lon_e7, -1_800_000_000, 1_800_000_001)
    yield "latitude out of range", _within(graph.point_lat_e7, -900_000_000, 900_000_001)
    yield "grid segment is no point", _within(graph.grid_segment, 0, points)
    listed = np.zeros(points, dtype=bool)
    listed[graph.grid_segment] = True
    listed[graph.piece_first_point[1:] - 1] = True
    yield "a segment is in no grid cell", bool(listed.all()) and p > 0
