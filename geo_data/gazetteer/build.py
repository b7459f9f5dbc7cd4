"""From names with shapes to what a search finds: one entry a street, told from its namesakes by its village."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from geo_data.gazetteer.records import Entry, Named
from geo_data.gazetteer.spelling import fold
from geo_data.types import Float64s

SAME_STREET_DEG: Final = 0.005
"""Pieces of one name that are nearer than this (about 500 m) are one street."""

SAME_VILLAGE_DEG: Final = 0.02
"""The same for a village or a town, about 2 km."""

SAME_SPOT_DEG: Final = 0.0015
"""The same for all other things of one name and kind, about 150 m."""

WITHIN_M: Final = 5_000.0
"""A village that is farther away says nothing about a place."""

_REACH_DEG: Final = {
    "street": SAME_STREET_DEG,
    "water": SAME_STREET_DEG,
    "village": SAME_VILLAGE_DEG,
    "town": SAME_VILLAGE_DEG,
}

MAX_ENTRIES: Final = 400_000
_M_PER_DEG: Final = 111_195.0


def entries_of(named: Sequence[Named]) -> list[Entry]:
    """What can be found, in one order: pieces of a street joined, doubles left out, each with its nearest village.

    A street stands at the point of it that is nearest to its middle. At most ``MAX_ENTRIES``, house numbers last.
    """
    groups: dict[tuple[str, str], list[Named]] = {}
    for each in named:
        groups.setdefault((each.kind, fold(each.name)), []).append(each)
    found: list[Entry] = []
    for (kind, folded), members in groups.items():
        if folded:
            reach = _REACH_DEG.get(kind, SAME_SPOT_DEG)
            found += [_entry(part) for part in _clusters(members, reach)]
    found.sort(key=lambda each: (each.kind == "address", each.name, each.kind, each.lon, each.lat))
    return _placed(found[:MAX_ENTRIES])


def _clusters(members: Sequence[Named], reach: float) -> list[list[Named]]:
    """Those of one name, parted where they are farther from one another than ``reach`` degrees."""
    if len(members) == 1:
        return [list(members)]
    shapes = [each.shape for each in members]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach)
    parent = list(range(len(members)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        parent[root(one)] = root(other)
    parts: dict[int, list[Named]] = {}
    for i, each in enumerate(members):
        parts.setdefault(root(i), []).append(each)
    return list(parts.values())


def _entry(members: Sequence[Named]) -> Entry:
    shape = shapely.geometrycollections([each.shape for each in members]) if len(members) > 1 else members[0].shape
    middle = shapely.centroid(shape)
    at = shapely.get_coordinates(shapely.shortest_line(shape, middle))[0]  # on it, where the middle is beside it
    first = members[0]
    english = next((each.name_en for each in members if each.name_en), "")
    aliases = tuple(sorted({alias for each in members for alias in each.aliases} - {first.name, english}))
    return Entry(
        first.name, first.kind, round(float(at[0]), 6), round(float(at[1]), 6), name_en=english, aliases=aliases
    )


def _placed(entries: list[Entry]) -> list[Entry]:
    """Each with the village or town that is nearest to it."""
    villages = [each for each in entries if each.kind in ("town", "village")]
    if not villages:
        return entries
    lat = float(np.mean([each.lat for each in villages]))
    tree = shapely.STRtree([shapely.Point(at) for at in _flat(villages, lat)])
    rows, near = tree.query_nearest(
        shapely.points(_flat(entries, lat)), max_distance=WITHIN_M / _M_PER_DEG, all_matches=False
    )
    nearest = dict(zip(rows.tolist(), near.tolist(), strict=True))
    return [
        each if each.kind in ("town", "village") or i not in nearest else _within(each, villages[nearest[i]])
        for i, each in enumerate(entries)
    ]


def _within(entry: Entry, village: Entry) -> Entry:
    return Entry(
        entry.name,
        entry.kind,
        entry.lon,
        entry.lat,
        entry.name_en,
        village.name,
        village.name_en,
        entry.aliases,
    )


def _flat(entries: Sequence[Entry], lat: float) -> Float64s:
    """Degrees of equal length both ways around a latitude."""
    return np.array([(each.lon * np.cos(np.radians(lat)), each.lat) for each in entries], np.float64)
