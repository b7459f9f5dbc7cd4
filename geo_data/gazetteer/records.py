"""What can be searched: something with a name and a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import shapely

KINDS: Final = (
    "town",
    "village",
    "station",
    "police",
    "hospital",
    "fire_station",
    "government",
    "school",
    "market",
    "park",
    "water",
    "peak",
    "worship",
    "shop",
    "lodging",
    "company",
    "street",
    "poi",
    "address",
)
"""The kinds of what is found, the more sought first: of two equal matches the earlier kind stands above."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name read from an extract, with its shape in WGS-84 degrees; ``aliases`` are its other names."""

    name: str
    kind: str
    shape: shapely.Geometry
    name_en: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a search can find. ``within`` is the nearest village or town, to tell equal names apart."""

    name: str
    kind: str
    lon: float
    lat: float
    name_en: str = ""
    within: str = ""
    within_en: str = ""
    aliases: tuple[str, ...] = ()
