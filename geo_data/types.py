"""The words of the ground: indices, places, positions, and the name of infinity."""

from __future__ import annotations

from typing import Final, NamedTuple, NewType

import numpy as np
import numpy.typing as npt

NodeIdx = NewType("NodeIdx", int)
ArcIdx = NewType("ArcIdx", int)

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]
UInt16s = npt.NDArray[np.uint16]
Float64s = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]

UNREACHED: Final = 2**31 - 1
"""Travel time in ms of what was not reached; larger than every time a search may return."""

MAX_TRAVEL_MS: Final = 24 * 3600 * 1000
"""The longest search, 24 h: sums of two such times still fit an int32."""


class LonLat(NamedTuple):
    """A WGS-84 point in degrees: longitude -180…180, latitude -90…90."""

    lon: float
    lat: float


class ArcPosition(NamedTuple):
    """A place on an arc: metres along it from its tail, and metres off the road it stands for.

    ``along_m`` is in [0, length of the arc]; ``offset_m`` ≥ 0 is the straight line from the point that was
    located to the road, walked at foot speed by every search that starts or ends here.
    """

    arc: ArcIdx
    along_m: float
    offset_m: float = 0.0


ROAD_CLASSES: Final = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "pedestrian",
    "track",
    "cycleway",
    "footway",
    "path",
    "steps",
    "bridleway",
    "road",
)
"""Names of ``RoadGraph.piece_class``; a link road (``primary_link``) has the class of its road."""
