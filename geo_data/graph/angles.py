"""What a turn costs by its angle: left, right, sharp, back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo_data.graph.roads import RoadGraph
from geo_data.graph.turns import BAN, PairCost
from geo_data.types import UNREACHED, Float64s, Int64s

STRAIGHT_DEG: Final = 30.0
SHARP_DEG: Final = 120.0


@dataclass(frozen=True, slots=True)
class TurnCosts:
    """Seconds lost by turning, as data: by angle where three or more road pieces meet, and by going back.

    Up to 30° is straight on, beyond 120° is sharp. ``back_s`` is what going back on the same road costs where
    there is another way on, None where it is not allowed; ``dead_end_s`` where there is none. With
    ``keeps_right`` False (left-hand traffic) left and right are exchanged.
    """

    right_s: float = 0.0
    left_s: float = 0.0
    sharp_right_s: float = 0.0
    sharp_left_s: float = 0.0
    straight_s: float = 0.0
    back_s: float | None = 0.0
    dead_end_s: float = 0.0
    keeps_right: bool = True

    @property
    def free(self) -> bool:
        """Whether no turn costs anything."""
        return (
            not any(
                (self.right_s, self.left_s, self.sharp_right_s, self.sharp_left_s, self.straight_s, self.dead_end_s)
            )
            and self.back_s == 0.0
        )


FREE_TURNS: Final = TurnCosts()


def angle_costs(graph: RoadGraph, costs: TurnCosts) -> PairCost:
    """Return what turns on the graph cost in ms, as TurnRules wants it; BAN where going back is not allowed."""
    begin_deg, end_deg = bearings_deg(graph)
    pieces_at = np.bincount(
        np.concatenate([graph.tail, graph.head[graph.twin < 0]]), minlength=graph.n_nodes
    )  # a one-way piece is an arc at its tail only
    outs = np.bincount(graph.tail[graph.travel_ms != UNREACHED], minlength=graph.n_nodes)
    fast, slow = (costs.right_s, costs.sharp_right_s), (costs.left_s, costs.sharp_left_s)
    rightward, leftward = (fast, slow) if costs.keeps_right else (slow, fast)
    kinds_s = (costs.straight_s, *rightward, *leftward)
    kinds_ms = np.rint(np.array(kinds_s) * 1000.0).astype(np.int64)
    back_ms = BAN if costs.back_s is None else round(costs.back_s * 1000.0)

    def cost_ms(a: Int64s, b: Int64s) -> Int64s:
        turn_deg = turned_deg(end_deg[a], begin_deg[b])
        wide = np.abs(turn_deg)
        kind = np.where(wide <= STRAIGHT_DEG, 0, np.where(turn_deg > 0.0, 1, 3) + (wide > SHARP_DEG))
        node = graph.head[a]
        ms = np.where(pieces_at[node] >= 3, kinds_ms[kind], 0)
        back = graph.twin[a] == b
        ms[back] = np.where(outs[node[back]] == 1, round(costs.dead_end_s * 1000.0), back_ms)
        return ms

    return cost_ms


def turned_deg(before_deg: Float64s, after_deg: Float64s) -> Float64s:
    """Return by how much one turns from one bearing to another, -180…180, to the right positive."""
    turned: Float64s = (after_deg - before_deg + 180.0) % 360.0 - 180.0
    return turned


def bearings_deg(graph: RoadGraph) -> tuple[Float64s, Float64s]:
    """Return the bearing of each arc where it leaves its tail and where it enters its head, degrees from north.

    That of the first and last stretch of its geometry; of one without length, 0 to the north.
    """
    low = graph.piece_first_point[:-1][graph.arc_piece].astype(np.int64)
    high = graph.piece_first_point[1:][graph.arc_piece].astype(np.int64) - 1
    against = graph.arc_against == 1
    first = np.where(against, high, low)
    second = np.where(against, high - 1, low + 1)
    last = np.where(against, low, high)
    before = np.where(against, low + 1, high - 1)
    return _bearing_deg(graph, first, second), _bearing_deg(graph, before, last)


def _bearing_deg(graph: RoadGraph, start: Int64s, end: Int64s) -> Float64s:
    lat = graph.point_lat_e7[start] / 1e7
    east = (graph.point_lon_e7[end].astype(np.int64) - graph.point_lon_e7[start] + 1_800_000_000) % 3_600_000_000
    east_e7 = (east - 1_800_000_000) * np.cos(np.radians(lat))
    north_e7 = graph.point_lat_e7[end].astype(np.int64) - graph.point_lat_e7[start]
    return np.asarray(np.degrees(np.arctan2(east_e7, north_e7)), dtype=np.float64)
