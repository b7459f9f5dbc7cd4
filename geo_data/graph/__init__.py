"""The road graph: frozen integer columns, the laws they keep, and the ground that holds one graph a profile."""

from geo_data.graph.assemble import Pieces, assemble, with_turns
from geo_data.graph.ground import FORMAT_VERSION, Ground, GroundMeta
from geo_data.graph.roads import COLUMNS, RoadGraph, graph_of
from geo_data.graph.turns import Hours, TurnRules

__all__ = [
    "COLUMNS",
    "FORMAT_VERSION",
    "Ground",
    "GroundMeta",
    "Hours",
    "Pieces",
    "RoadGraph",
    "TurnRules",
    "assemble",
    "graph_of",
    "with_turns",
]
