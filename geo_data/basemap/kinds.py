"""Which tags of OpenStreetMap are which kind of area, water or name: tables, the first that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

AREAS: Final[tuple[tuple[str, frozenset[str], str, int], ...]] = (
    ("natural", frozenset({"water", "bay"}), "water", 8),
    ("waterway", frozenset({"riverbank", "dock"}), "water", 8),
    ("landuse", frozenset({"reservoir", "basin"}), "water", 9),
    ("natural", frozenset({"wood", "scrub"}), "forest", 9),
    ("landuse", frozenset({"forest"}), "forest", 9),
    ("leisure", frozenset({"park", "garden", "golf_course", "nature_reserve"}), "park", 10),
    ("landuse", frozenset({"cemetery", "recreation_ground", "village_green"}), "park", 11),
    ("natural", frozenset({"grassland", "heath"}), "grass", 10),
    ("landuse", frozenset({"grass", "meadow"}), "grass", 11),
    ("leisure", frozenset({"pitch", "playground", "stadium", "sports_centre"}), "pitch", 13),
    ("natural", frozenset({"wetland"}), "wetland", 10),
    ("natural", frozenset({"bare_rock", "scree", "sand", "beach", "glacier"}), "bare", 10),
    ("landuse", frozenset({"farmland", "orchard", "vineyard", "allotments"}), "farmland", 10),
    ("landuse", frozenset({"industrial", "quarry", "port", "depot"}), "industrial", 10),
    ("landuse", frozenset({"railway", "military", "construction"}), "industrial", 12),
    ("landuse", frozenset({"commercial", "retail"}), "commercial", 11),
    ("amenity", frozenset({"school", "university", "college", "kindergarten"}), "school", 12),
    ("amenity", frozenset({"hospital", "clinic"}), "hospital", 12),
    ("landuse", frozenset({"residential"}), "residential", 9),
    ("place", frozenset({"square"}), "square", 13),
)
"""Key, values, kind, zoom from which it is drawn."""

LINE_WATER: Final[Mapping[str, str]] = {
    "river": "river",
    "canal": "canal",
    "stream": "stream",
    "drain": "stream",
    "ditch": "stream",
}

_NAMED: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    (
        "place",
        {
            "city": "city",
            "town": "town",
            "village": "village",
            "hamlet": "hamlet",
            "isolated_dwelling": "hamlet",
            "suburb": "suburb",
            "quarter": "quarter",
            "neighbourhood": "neighbourhood",
            "square": "poi",
            "island": "poi",
            "locality": "poi",
        },
    ),
    (
        "amenity",
        {
            "police": "police",
            "hospital": "hospital",
            "clinic": "hospital",
            "doctors": "hospital",
            "fire_station": "fire_station",
            "townhall": "government",
            "courthouse": "government",
            "community_centre": "government",
            "school": "school",
            "kindergarten": "school",
            "university": "school",
            "college": "school",
            "marketplace": "market",
            "bus_station": "station",
            "ferry_terminal": "station",
            "place_of_worship": "worship",
        },
    ),
    ("railway", {"station": "station", "halt": "station"}),
    ("aeroway", {"aerodrome": "station", "terminal": "station"}),
    ("office", {"government": "government", "company": "company"}),
    ("shop", {"mall": "market", "supermarket": "market"}),
    ("tourism", {"hotel": "lodging", "guest_house": "lodging", "hostel": "lodging", "motel": "lodging"}),
    ("leisure", {"park": "park", "garden": "park", "nature_reserve": "park"}),
    ("natural", {"water": "water", "peak": "peak"}),
    ("landuse", {"industrial": "company", "reservoir": "water", "residential": "neighbourhood"}),
    ("man_made", {"works": "company"}),
)
_OTHER: Final[tuple[tuple[str, str], ...]] = (
    ("shop", "shop"),
    ("amenity", "poi"),
    ("tourism", "poi"),
    ("office", "company"),
    ("healthcare", "hospital"),
    ("leisure", "poi"),
    ("historic", "poi"),
    ("man_made", "poi"),
    ("building", "poi"),
    ("landuse", "poi"),
)
_FURNITURE: Final = frozenset({"bench", "parking_space", "waste_basket", "vending_machine", "recycling"})
BUILDING_FROM_ZOOM: Final = 13


def area_of(tags: Mapping[str, str]) -> tuple[str, str | None, int]:
    """Layer, kind and first zoom of an area; the kind is None where it is not drawn."""
    if tags.get("building", "no") != "no":
        return "buildings", "building", BUILDING_FROM_ZOOM
    for key, values, kind, from_zoom in AREAS:
        if tags.get(key) in values:
            return "areas", kind, from_zoom
    return "areas", None, 0


def kind_of(tags: Mapping[str, str]) -> str | None:
    """What a named thing is, None where it is nothing that anybody looks for."""
    if tags.get("amenity") in _FURNITURE:
        return None
    for key, table in _NAMED:
        kind = table.get(tags.get(key, ""))
        if kind is not None:
            return kind
    return next((kind for key, kind in _OTHER if tags.get(key, "no") != "no"), None)
