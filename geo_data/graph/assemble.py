"""From pieces of road to a RoadGraph: the one place that sorts arcs, pairs twins and finds islands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_data.graph.grid import build_grid
from geo_data.graph.roads import COLUMNS, RoadGraph, graph_of
from geo_data.graph.turns import BAN, Hours, Side, TurnRules, compile_side, plain_side, turned_rules
from geo_data.types import UNREACHED, Int32s, Int64s, UInt8s


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Road pieces between junctions, before they are sorted into arcs.

    ``piece_from`` and ``piece_to`` are junction indices; ``along_ms`` and ``against_ms`` the travel times with
    and against the geometry (at least one is open): 0 where there is no such arc, UNREACHED where there is one
    that is closed for now, for a live change to open. The other columns are those of RoadGraph.
    """

    node_lon_e7: Int32s
    node_lat_e7: Int32s
    piece_from: Int32s
    piece_to: Int32s
    along_ms: Int32s
    against_ms: Int32s
    piece_length_mm: Int32s
    piece_class: UInt8s
    piece_name: Int32s
    piece_way: Int64s
    piece_first_point: Int32s
    point_lon_e7: Int32s
    point_lat_e7: Int32s


def assemble(profile: str, names: tuple[str, ...], pieces: Pieces) -> RoadGraph:
    """Return the graph of ``pieces``, all turns free, each column read-only; needs at least one piece."""
    n, p = len(pieces.node_lon_e7), len(pieces.piece_from)
    along = np.flatnonzero(pieces.along_ms > 0)
    against = np.flatnonzero(pieces.against_ms > 0)
    piece = np.concatenate([along, against])
    turned = np.zeros(len(piece), dtype=np.uint8)
    turned[len(along) :] = 1
    tail = np.concatenate([pieces.piece_from[along], pieces.piece_to[against]])
    head = np.concatenate([pieces.piece_to[along], pieces.piece_from[against]])
    travel_ms = np.concatenate([pieces.along_ms[along], pieces.against_ms[against]])
    order = np.lexsort((turned, piece, head, tail))
    piece, turned, tail, head = piece[order], turned[order], tail[order], head[order]
    arc_of = np.full((2, p), -1, dtype=np.int32)
    arc_of[turned, piece] = np.arange(len(piece), dtype=np.int32)
    is_open = travel_ms[order] != UNREACHED
    island = _islands(n, tail[is_open], head[is_open])
    frame, grid_first, grid_segment = build_grid(pieces.point_lon_e7, pieces.point_lat_e7, pieces.piece_first_point)
    first_out, first_in = _starts(tail, n), _starts(head, n)
    in_arc = np.argsort(head, kind="stable").astype(np.int32)
    forth = plain_side(first_out, np.arange(len(head), dtype=np.int32), head)
    columns: dict[str, npt.NDArray[np.generic]] = {
        **_turn_columns(forth, plain_side(first_in, in_arc, tail)),
        "node_lon_e7": pieces.node_lon_e7,
        "node_lat_e7": pieces.node_lat_e7,
        "node_island": island,
        "first_out": first_out,
        "tail": tail,
        "head": head,
        "travel_ms": travel_ms[order],
        "length_mm": pieces.piece_length_mm[piece],
        "arc_piece": piece,
        "arc_against": turned,
        "twin": arc_of[1 - turned, piece],
        "first_in": first_in,
        "in_arc": in_arc,
        "piece_first_point": pieces.piece_first_point,
        "piece_class": pieces.piece_class,
        "piece_name": pieces.piece_name,
        "piece_way": pieces.piece_way,
        "piece_island": island[pieces.piece_from] | island[pieces.piece_to],
        "piece_arc_along": arc_of[0],
        "piece_arc_against": arc_of[1],
        "point_lon_e7": pieces.point_lon_e7,
        "point_lat_e7": pieces.point_lat_e7,
        "grid_frame": frame,
        "grid_first": grid_first,
        "grid_segment": grid_segment,
    }
    return graph_of(profile, names, {name: frozen(columns[name], COLUMNS[name]) for name in COLUMNS})


def with_turns(graph: RoadGraph, rules: TurnRules) -> RoadGraph:
    """Return the graph with its turns as the rules say, in place of those it had; roads and arcs stay the same."""
    arcs = np.arange(graph.n_arcs, dtype=np.int32)
    forth = compile_side(graph.first_out, arcs, graph.head, rules)
    back = compile_side(graph.first_in, graph.in_arc, graph.tail, turned_rules(rules))
    columns: dict[str, Any] = {name: graph.column(name) for name in COLUMNS}
    columns |= {name: frozen(values, COLUMNS[name]) for name, values in _turn_columns(forth, back).items()}
    turned = graph_of(graph.profile, graph.names, columns)
    island = _turn_islands(turned)
    either = np.where(graph.piece_arc_along >= 0, graph.piece_arc_along, graph.piece_arc_against)
    columns["node_island"] = frozen(island, np.uint8)
    columns["piece_island"] = frozen(island[graph.tail[either]] | island[graph.head[either]], np.uint8)
    return graph_of(graph.profile, graph.names, columns)


def _turn_islands(graph: RoadGraph) -> UInt8s:
    """Return 1 for each junction that has no state in the largest strongly connected part of the states."""
    node = graph.state_node
    degree = np.diff(graph.first_out)[node]
    source = np.repeat(np.arange(len(node), dtype=np.int32), degree)
    within = np.arange(len(source)) - np.repeat(np.cumsum(degree) - degree, degree)
    step = graph.first_out[node][source] + within
    value = graph.row_ms[graph.state_row[source] + within]
    to = graph.step_state[step].copy()
    width = max(1, graph.n_arcs)
    jump = np.searchsorted(
        source.astype(np.int64) * width + step, graph.jump_state.astype(np.int64) * width + graph.jump_step
    )
    to[jump] = graph.jump_to
    allowed = (value != BAN) & (graph.travel_ms[step] != UNREACHED)
    cut_off = _islands(len(node), source[allowed], to[allowed])
    island = np.ones(graph.n_nodes, dtype=np.uint8)
    np.minimum.at(island, node, cut_off)
    return island


def _turn_columns(forth: Side, back: Side) -> dict[str, npt.NDArray[np.generic]]:
    """Return the turn columns by name; the rows of both directions lie end to end."""
    moved = len(forth.row_ms)
    timed: list[tuple[int, Hours]] = forth.timed + [(at + moved, hours) for at, hours in back.timed]
    table = np.array([(at, *hours) for at, hours in sorted(timed)], dtype=np.int64).reshape(-1, 4)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for prefix, side in (("", forth), ("back_", back)):
        for name in ("step_state", "state_node", "state_slack", "jump_state", "jump_step", "jump_to"):
            columns[prefix + name] = getattr(side, name)
    columns["state_row"], columns["back_state_row"] = forth.state_row, back.state_row + moved
    columns["row_ms"] = np.concatenate([forth.row_ms, back.row_ms])
    for i, name in enumerate(("timed_entry", "timed_days", "timed_from_min", "timed_to_min")):
        columns[name] = table[:, i]
    return columns


def frozen(values: npt.NDArray[np.generic], dtype: type[np.generic]) -> npt.NDArray[np.generic]:
    """Return a copy of the values as a contiguous read-only column of ``dtype``."""
    column = np.array(values, dtype=dtype)
    column.flags.writeable = False
    return column


def _starts(groups: Int32s, count: int) -> Int32s:
    first = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(groups, minlength=count), out=first[1:])
    return first


def _islands(n: int, tail: Int32s, head: Int32s) -> UInt8s:
    """Return 1 for each junction outside the largest strongly connected part (Tarjan 1972, in SciPy)."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - only an import needs SciPy, a query does not
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    ones = np.ones(len(tail), dtype=np.int32)
    matrix = csr_array((ones, (tail, head)), shape=(n, n))
    _, part = connected_components(matrix, directed=True, connection="strong")
    return np.asarray(part != np.argmax(np.bincount(part)), dtype=np.uint8)
