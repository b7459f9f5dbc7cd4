"""The road graph: frozen integer columns, the laws they keep, and the ground that holds one graph a profile."""

from geo_data.graph.angles import FREE_TURNS, TurnCosts, angle_costs
from geo_data.graph.assemble import Pieces, assemble, with_turns
from geo_data.graph.ground import FORMAT_VERSION, Ground, GroundMeta
from geo_data.graph.roads import COLUMNS, RoadGraph, graph_of
from geo_data.graph.turns import BAN, Hours, TurnRules

__all__ = [
    "BAN",
    "COLUMNS",
    "FORMAT_VERSION",
    "FREE_TURNS",
    "Ground",
    "GroundMeta",
    "Hours",
    "Pieces",
    "RoadGraph",
    "TurnCosts",
    "TurnRules",
    "angle_costs",
    "assemble",
    "graph_of",
    "with_turns",
]
