"""RoadGraph: the roads of one travel profile as read-only columns that every search shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_data.errors import GroundError
from geo_data.graph.turns import BAN, jump_value
from geo_data.types import ROAD_CLASSES, ArcIdx, ArcPosition, Float64s, Int32s, Int64s, UInt8s

COLUMNS: Final[dict[str, type[np.generic]]] = {
    "node_lon_e7": np.int32,
    "node_lat_e7": np.int32,
    "node_island": np.uint8,
    "first_out": np.int32,
    "tail": np.int32,
    "head": np.int32,
    "travel_ms": np.int32,
    "length_mm": np.int32,
    "arc_piece": np.int32,
    "arc_against": np.uint8,
    "twin": np.int32,
    "first_in": np.int32,
    "in_arc": np.int32,
    "step_state": np.int32,
    "state_node": np.int32,
    "state_row": np.int32,
    "state_slack": np.int32,
    "jump_state": np.int32,
    "jump_step": np.int32,
    "jump_to": np.int32,
    "back_step_state": np.int32,
    "back_state_node": np.int32,
    "back_state_row": np.int32,
    "back_state_slack": np.int32,
    "back_jump_state": np.int32,
    "back_jump_step": np.int32,
    "back_jump_to": np.int32,
    "row_ms": np.int32,
    "timed_entry": np.int32,
    "timed_days": np.uint8,
    "timed_from_min": np.int32,
    "timed_to_min": np.int32,
    "piece_first_point": np.int32,
    "piece_class": np.uint8,
    "piece_name": np.int32,
    "piece_way": np.int64,
    "piece_island": np.uint8,
    "piece_arc_along": np.int32,
    "piece_arc_against": np.int32,
    "point_lon_e7": np.int32,
    "point_lat_e7": np.int32,
    "grid_frame": np.int64,
    "grid_first": np.int32,
    "grid_segment": np.int32,
}
"""The columns of a RoadGraph in file order, with their dtypes."""


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """The roads one travel profile may use: n junctions, m arcs, p pieces of road with their geometry.

    A junction is where ways of the profile meet or end; the points between are shape. Each piece has one arc
    a usable direction; arcs are sorted by tail (``first_out``) and listed by head (``first_in``, ``in_arc``).
    ``travel_ms`` ≥ 1 is a rounded integer, so that sums are exact. ``arc_against`` is 1 where the arc runs
    against its piece's geometry; ``twin`` is the arc of the other direction, or -1. ``*_island`` is 1 outside
    the largest strongly connected part. ``piece_name`` indexes ``names``, or is -1. The grid columns list the
    segments (by the index of their first point) of each cell: ``grid_frame`` is west, south, cell width and
    cell height in 1e-7 degree, columns, rows. The columns from ``step_state`` to ``timed_to_min`` are the
    turns, as ``geo_data.graph.turns`` explains: forward, backward (``back_*``, whose steps are the places in
    ``in_arc``), and the entries of ``row_ms`` that are forbidden at some hours. A ``travel_ms`` of UNREACHED
    closes an arc. All columns are read-only; ``check`` states the laws.
    """

    profile: str
    names: tuple[str, ...]
    node_lon_e7: Int32s
    node_lat_e7: Int32s
    node_island: UInt8s
    first_out: Int32s
    tail: Int32s
    head: Int32s
    travel_ms: Int32s
    length_mm: Int32s
    arc_piece: Int32s
    arc_against: UInt8s
    twin: Int32s
    first_in: Int32s
    in_arc: Int32s
    step_state: Int32s
    state_node: Int32s
    state_row: Int32s
    state_slack: Int32s
    jump_state: Int32s
    jump_step: Int32s
    jump_to: Int32s
    back_step_state: Int32s
    back_state_node: Int32s
    back_state_row: Int32s
    back_state_slack: Int32s
    back_jump_state: Int32s
    back_jump_step: Int32s
    back_jump_to: Int32s
    row_ms: Int32s
    timed_entry: Int32s
    timed_days: UInt8s
    timed_from_min: Int32s
    timed_to_min: Int32s
    piece_first_point: Int32s
    piece_class: UInt8s
    piece_name: Int32s
    piece_way: Int64s
    piece_island: UInt8s
    piece_arc_along: Int32s
    piece_arc_against: Int32s
    point_lon_e7: Int32s
    point_lat_e7: Int32s
    grid_frame: Int64s
    grid_first: Int32s
    grid_segment: Int32s
    derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    """What searches have worked out from the columns, and keep."""

    @property
    def n_nodes(self) -> int:
        """Number of junctions."""
        return len(self.node_lon_e7)

    @property
    def n_arcs(self) -> int:
        """Number of arcs."""
        return len(self.head)

    @property
    def n_pieces(self) -> int:
        """Number of road pieces."""
        return len(self.piece_class)

    @property
    def has_turns(self) -> bool:
        """Whether any turn is forbidden, dear, or remembered."""
        return bool(len(self.state_node) != self.n_nodes or np.any(self.row_ms != 0))

    def column(self, name: str) -> npt.NDArray[np.generic]:
        """Return one of ``COLUMNS`` by its name."""
        assert name in COLUMNS, name
        values: npt.NDArray[np.generic] = getattr(self, name)
        return values

    def nbytes(self) -> int:
        """Return the bytes of all columns."""
        return sum(self.column(name).nbytes for name in COLUMNS)

    def piece_points(self, piece: int) -> slice:
        """Return where the points of a piece are, both ends included."""
        return slice(int(self.piece_first_point[piece]), int(self.piece_first_point[piece + 1]))

    def arc_geometry(self, arc: ArcIdx | int) -> Float64s:
        """Return the points of an arc in the direction of travel, float64[k ≥ 2, 2] longitude, latitude."""
        points = self.piece_points(int(self.arc_piece[arc]))
        line = np.empty((points.stop - points.start, 2))
        line[:, 0] = self.point_lon_e7[points]
        line[:, 1] = self.point_lat_e7[points]
        line /= 1e7
        return line[::-1].copy() if self.arc_against[arc] else line

    def arc_name(self, arc: ArcIdx | int) -> str | None:
        """Return the street name of an arc, or None where it has none."""
        name = int(self.piece_name[self.arc_piece[arc]])
        return self.names[name] if name >= 0 else None

    def arc_length_m(self, arc: ArcIdx | int) -> float:
        """Return the length of an arc in metres, to the millimetre."""
        return int(self.length_mm[arc]) / 1000.0

    def turns_ms(self, arcs: Sequence[ArcIdx | int]) -> list[int]:
        """Return the ms of each turn along a way of arcs, one fewer than those; BAN where a turn is forbidden."""
        found: list[int] = []
        if len(arcs) == 0:
            return found
        state = int(self.step_state[arcs[0]])
        for arc in arcs[1:]:
            node = self.state_node[state]
            assert self.tail[arc] == node, "each arc follows the one before"
            value = int(self.row_ms[self.state_row[state] + arc - self.first_out[node]])
            next_state = int(self.step_state[arc])
            if value < BAN:
                value = jump_value(value)
                low, high = np.searchsorted(self.jump_state, [state, state + 1])
                next_state = int(self.jump_to[low + np.flatnonzero(self.jump_step[low:high] == arc)[0]])
            found.append(value)
            state = next_state
        return found

    def piece_length_m(self, piece: int) -> float:
        """Return the length of a piece in metres, to the millimetre."""
        arc = int(self.piece_arc_along[piece])
        return self.arc_length_m(arc if arc >= 0 else int(self.piece_arc_against[piece]))

    def check_position(self, position: ArcPosition) -> ArcPosition:
        """Return the position unchanged, or raise GroundError where it is not on an arc of this graph."""
        arc, along_m, offset_m = position
        if not 0 <= arc < self.n_arcs:
            raise GroundError(
                f"arc {arc} is not in this ground ({self.n_arcs} arcs)",
                "positions belong to the ground they were located on: locate the point again",
            )
        if not (0.0 <= along_m <= self.arc_length_m(arc) + 0.001 and 0.0 <= offset_m < math.inf):
            raise GroundError(
                f"position {along_m} m along arc {arc}, {offset_m} m off it, is not on the arc "
                f"({self.arc_length_m(arc)} m long)",
                "positions belong to the ground they were located on: locate the point again",
            )
        return position

    def km_by_class(self) -> dict[str, float]:
        """Return the kilometres of road of each class present, each piece counted once."""
        either = np.where(self.piece_arc_along >= 0, self.piece_arc_along, self.piece_arc_against)
        sums = np.bincount(self.piece_class, weights=self.length_mm[either], minlength=len(ROAD_CLASSES))
        return {name: float(sums[i]) / 1e6 for i, name in enumerate(ROAD_CLASSES) if sums[i] > 0}

    def reversed(self) -> RoadGraph:
        """Return the graph with every arc turned round; new arc j is old arc ``in_arc[j]``.

        The law kept: a search forward here equals a search backward there. The geometry, the grid and the
        islands are shared, not copied.
        """
        order = self.in_arc
        place = np.empty_like(order)
        place[order] = np.arange(len(order), dtype=np.int32)

        def moved(arcs: Int32s) -> Int32s:
            return np.where(arcs >= 0, place[arcs], np.int32(-1)).astype(np.int32)

        turned = {name: self.column(name.removeprefix("back_")) for name in COLUMNS if name.startswith("back_")}
        turned |= {name.removeprefix("back_"): self.column(name) for name in turned}
        columns: dict[str, Any] = {name: self.column(name) for name in COLUMNS} | turned
        columns |= {
            "first_out": self.first_in,
            "first_in": self.first_out,
            "in_arc": place,
            "tail": self.head[order],
            "head": self.tail[order],
            "travel_ms": self.travel_ms[order],
            "length_mm": self.length_mm[order],
            "arc_piece": self.arc_piece[order],
            "arc_against": (1 - self.arc_against[order]).astype(np.uint8),
            "twin": moved(self.twin[order]),
            "piece_arc_along": moved(self.piece_arc_against),
            "piece_arc_against": moved(self.piece_arc_along),
        }
        return replace(self, **columns)

    def check(self) -> None:
        """Check every law of the columns; raises GroundError naming the first that is broken."""
        from geo_data.graph.laws import check_graph  # noqa: PLC0415 - laws.py needs this module's class

        check_graph(self)


def graph_of(profile: str, names: tuple[str, ...], columns: Mapping[str, npt.NDArray[np.generic]]) -> RoadGraph:
    """Return the graph of columns by name, as ``COLUMNS`` lists them; raises KeyError where one is missing."""
    typed: dict[str, Any] = {name: columns[name] for name in COLUMNS}
    return RoadGraph(profile, names, **typed)
