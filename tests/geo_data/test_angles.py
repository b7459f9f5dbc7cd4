"""Turn costs by angle agree with plain vector geometry, worked out for each pair of arcs by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo_data.graph import TurnCosts, angle_costs
from geo_data.graph.turns import BAN
from geo_data.toy import random_town
from geo_data.types import UNREACHED

COSTS = TurnCosts(right_s=2, left_s=5, sharp_right_s=7, sharp_left_s=11, straight_s=1, back_s=20, dead_end_s=13)


def direction(graph, arc, entering):
    """Return the vector (east, north) of an arc's first or last stretch; one without length points north."""
    line = graph.arc_geometry(arc)
    (x0, y0), (x1, y1) = (line[-2], line[-1]) if entering else (line[0], line[1])
    shrink = math.cos(math.radians(y1 if entering else y0))
    return ((x1 - x0) * shrink, y1 - y0) if (x0, y0) != (x1, y1) else (0.0, 1.0)


def expected_ms(graph, costs, a, b):
    """The ms of the turn from arc a to arc b, or None where it is too near to a border between two kinds."""
    node = int(graph.head[a])
    leaving = list(range(graph.first_out[node], graph.first_out[node + 1]))
    if graph.twin[a] == b:
        ways_on = sum(int(graph.travel_ms[arc]) != UNREACHED for arc in leaving)
        return round(costs.dead_end_s * 1000) if ways_on == 1 else BAN if costs.back_s is None else 20_000
    entering = graph.in_arc[graph.first_in[node] : graph.first_in[node + 1]].tolist()
    # a piece that begins and ends here meets the junction twice
    meets = len(leaving) + sum(int(graph.twin[arc]) < 0 for arc in entering)
    if meets < 3:
        return 0
    (x0, y0), (x1, y1) = direction(graph, a, True), direction(graph, b, False)
    wide = math.degrees(math.atan2(abs(x0 * y1 - y0 * x1), x0 * x1 + y0 * y1))
    if min(abs(wide - 30), abs(wide - 120), 180 - wide) < 0.05:
        return None
    if wide < 30:
        return round(costs.straight_s * 1000)
    right = x0 * y1 - y0 * x1 < 0
    fast = right == costs.keeps_right
    if wide > 120:
        return round((costs.sharp_right_s if fast else costs.sharp_left_s) * 1000)
    return round((costs.right_s if fast else costs.left_s) * 1000)


@pytest.mark.parametrize("keeps_right", [True, False])
def test_each_pair_of_arcs(sample_town, keeps_right):
    costs = TurnCosts(*(getattr(COSTS, name) for name in COSTS.__dataclass_fields__ if name != "keeps_right"),
                      keeps_right=keeps_right)  # fmt: skip
    told, kinds = 0, set()
    for graph in (random_town(1), random_town(2), sample_town.graph("car")):
        cost_ms = angle_costs(graph, costs)
        for a in range(0, graph.n_arcs, 3):
            node = int(graph.head[a])
            for b in range(int(graph.first_out[node]), int(graph.first_out[node + 1])):
                wanted = expected_ms(graph, costs, a, b)
                if wanted is not None:
                    assert int(cost_ms(np.array([a]), np.array([b]))[0]) == wanted
                    told, kinds = told + 1, kinds | {wanted}
    assert told > 3_000 and kinds == {0, 1_000, 2_000, 5_000, 7_000, 11_000, 13_000, 20_000}
