"""What the map shows: a shape with its layer, the zoom from which it is seen, and its tags in short words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from geo_data.gazetteer.records import Named
from geo_data.graph import Ground
from geo_data.types import ROAD_CLASSES

LAYERS: Final = ("areas", "buildings", "waterways", "rails", "roads", "names")
"""The layers of every tile, in the order in which they are drawn."""

MIN_ZOOM: Final = 8
MAX_ZOOM: Final = 14
"""Tiles are made for these zooms; the page enlarges those of the last one."""

ROAD_FROM_ZOOM: Final[Mapping[str, int]] = {
    "motorway": 8,
    "trunk": 8,
    "primary": 8,
    "secondary": 8,
    "tertiary": 9,
    "unclassified": 10,
    "residential": 11,
    "living_street": 11,
    "road": 12,
    "pedestrian": 12,
    "service": 13,
    "track": 12,
    "cycleway": 13,
    "footway": 13,
    "path": 13,
    "steps": 13,
    "bridleway": 13,
}
"""The zoom from which a class of roads is seen; every class of ``ROAD_CLASSES`` has one."""

Tags = tuple[tuple[str, str | int], ...]


class Feature(NamedTuple):
    """One shape in WGS-84 degrees, of one of ``LAYERS``, in the tiles of ``from_zoom`` and above."""

    layer: str
    from_zoom: int
    tags: Tags
    shape: shapely.Geometry


@dataclass(slots=True)
class MapMatter:
    """Everything of an extract that is drawn, and everything that has a name to be searched by."""

    features: list[Feature] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)


def road_features(lines: Mapping[Tags, Sequence[shapely.Geometry]]) -> list[Feature]:
    """Roads of equal tags joined end to end, so that names find long lines; one-way roads keep their direction.

    ``lines`` are LineStrings by tags, of which ``class`` is one of ``ROAD_CLASSES``. The length is kept.
    """
    features = []
    for tags, pieces in lines.items():
        said = dict(tags)
        merged = shapely.line_merge(shapely.multilinestrings(list(pieces)), directed="oneway" in said)
        from_zoom = ROAD_FROM_ZOOM[str(said["class"])] + (1 if said.get("drive") else 0)
        features += [Feature("roads", from_zoom, tags, part) for part in shapely.get_parts(merged)]
    return features


def matter_of_ground(ground: Ground) -> MapMatter:
    """The roads and street names of a ground that comes from no OSM file: all that can be drawn of it."""
    lines: dict[Tags, list[shapely.Geometry]] = {}
    matter, drawn = MapMatter(), set[int]()
    for graph in sorted(ground.graphs.values(), key=lambda graph: -graph.n_pieces):
        points = np.column_stack([graph.point_lon_e7, graph.point_lat_e7]).astype(np.float64) / 1e7
        for piece, way in enumerate(graph.piece_way.tolist()):
            if way in drawn:
                continue
            shape: Any = shapely.linestrings(points[graph.piece_points(piece)])
            number = int(graph.piece_name[piece])
            name = graph.names[number] if number >= 0 else ""
            tags: Tags = (("class", ROAD_CLASSES[graph.piece_class[piece]]),) + ((("name", name),) if name else ())
            lines.setdefault(tags, []).append(shape)
            if name:
                matter.named.append(Named(name=name, kind="street", shape=shape))
        drawn.update(graph.piece_way.tolist())  # a way that several profiles use is drawn once
    matter.features = road_features(lines)
    return matter
