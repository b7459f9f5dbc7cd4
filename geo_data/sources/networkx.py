"""The door to notebooks: a road graph as a NetworkX MultiDiGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geo_data.graph import RoadGraph
from geo_data.types import UNREACHED

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(graph: RoadGraph) -> nx.MultiDiGraph[int]:
    """Return the graph as a MultiDiGraph that osmnx and NetworkX understand, closed arcs left out.

    It knows no turns: a graph with turn rules is exact only as ``to_turn_network`` gives it.

    Nodes are junction indices with ``x``, ``y`` in degrees; the edge of arc a is keyed a and has ``arc``,
    ``travel_ms``, ``length_m``, ``length`` (osmnx's name for it), ``name`` (where there is one) and ``osmid``.
    """
    import networkx as nx  # noqa: PLC0415 - only an export needs it

    exported: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326", profile=graph.profile)
    lon, lat = (graph.node_lon_e7 / 1e7).tolist(), (graph.node_lat_e7 / 1e7).tolist()
    exported.add_nodes_from((i, {"x": lon[i], "y": lat[i]}) for i in range(graph.n_nodes))
    tail, head, travel_ms = graph.tail.tolist(), graph.head.tolist(), graph.travel_ms.tolist()
    length_m, way = (graph.length_mm / 1000.0).tolist(), graph.piece_way[graph.arc_piece].tolist()
    name = graph.piece_name[graph.arc_piece].tolist()
    for arc in np.flatnonzero(graph.travel_ms != UNREACHED).tolist():
        fields: dict[str, Any] = {
            "arc": arc,
            "travel_ms": travel_ms[arc],
            "length_m": length_m[arc],
            "length": length_m[arc],
            "osmid": way[arc],
        }
        if name[arc] >= 0:
            fields["name"] = graph.names[name[arc]]
        exported.add_edge(tail[arc], head[arc], arc, **fields)
    return exported
