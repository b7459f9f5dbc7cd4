"""The road graph: frozen integer columns, the laws they keep, and the ground that holds one graph a profile."""

from geo_data.graph.assemble import Pieces, assemble
from geo_data.graph.ground import FORMAT_VERSION, Ground, GroundMeta
from geo_data.graph.roads import COLUMNS, RoadGraph, graph_of

__all__ = ["COLUMNS", "FORMAT_VERSION", "Ground", "GroundMeta", "Pieces", "RoadGraph", "assemble", "graph_of"]
