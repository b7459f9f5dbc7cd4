"""The graph with its turns as a NetworkX graph, which ``to_networkx`` cannot be: it knows junctions only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_data.graph import BAN, RoadGraph
from geo_data.graph.turns import jump_value
from geo_data.types import UNREACHED

if TYPE_CHECKING:
    import networkx as nx


def to_turn_network(graph: RoadGraph) -> nx.MultiDiGraph[int]:
    """Return the search states of a graph as nodes and each allowed turn with the arc after it as an edge.

    A node is a state: a junction together with what is remembered of how one came there; it has ``junction``,
    ``x`` and ``y`` in degrees. An edge has the arc as its key, ``travel_ms`` (turn and arc together), ``turn_ms``
    and ``length_m``. One who drives arc a to its end is then at node ``graph.step_state[a]``. The law kept:
    Dijkstra on ``travel_ms`` from there gives the times that ``reach`` gives; a graph without turn rules has one
    node a junction.
    """
    import networkx as nx  # noqa: PLC0415 - only the door that is used

    network: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    for state, node in enumerate(graph.state_node.tolist()):
        place = {"x": int(graph.node_lon_e7[node]) / 1e7, "y": int(graph.node_lat_e7[node]) / 1e7}
        network.add_node(state, junction=node, **place)
    jumps = {
        (state, step): to
        for state, step, to in zip(
            graph.jump_state.tolist(), graph.jump_step.tolist(), graph.jump_to.tolist(), strict=True
        )
    }
    usual, travel_ms, first = graph.step_state.tolist(), graph.travel_ms.tolist(), graph.first_out.tolist()
    length_mm = graph.length_mm.tolist()
    for state, node in enumerate(graph.state_node.tolist()):
        low, high, row = first[node], first[node + 1], int(graph.state_row[state])
        for arc, value in zip(
            range(low, high), np.asarray(graph.row_ms[row : row + high - low]).tolist(), strict=True
        ):
            if value == BAN or travel_ms[arc] == UNREACHED:
                continue
            to, turn_ms = (usual[arc], value) if value >= 0 else (jumps[state, arc], jump_value(value))
            network.add_edge(
                state,
                to,
                key=arc,
                travel_ms=turn_ms + travel_ms[arc],
                turn_ms=turn_ms,
                length_m=length_mm[arc] / 1000.0,
            )
    return network
