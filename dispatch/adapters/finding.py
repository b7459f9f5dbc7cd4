"""Places by their names: those of the extract and our own, never on the desk's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Final

from dispatch.adapters.places import Place
from dispatch.domain.types import Point
from dispatch.wire.bodies import FoundView
from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError
from geo_data.gazetteer import KINDS, Entry, Found, Gazetteer, fold, load_gazetteer

SAME_M: Final = 300.0
"""A name of the extract this near to a place of ours with the same name is that place."""

_KIND_OF: Final = {
    "village_centre": "village",
    "housing": "village",
    "bus_station": "station",
    "commercial_street": "street",
    "industrial_gate": "company",
    "dormitory": "company",
    "kindergarten": "school",
    "tunnel": "street",
}
_OURS_FIRST: Final = 0.25


class PlaceFinder:
    """The names of one ground, read and indexed at the first question or by ``prepare``."""

    def __init__(self, names: Path | None, places: Sequence[Place]) -> None:
        self._names, self._places = names, {place.place: place for place in places}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="finding")

    def prepare(self) -> None:
        """Begin to read and index, so that the first question does not wait for it."""
        self._thread.submit(self.find, "a", None, 1)

    async def ask(self, query: str, near: Point | None, limit: int) -> list[FoundView]:
        """``find`` on a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.find, query, near, limit)

    def find(self, query: str, near: Point | None, limit: int) -> list[FoundView]:
        """At most ``limit`` places that are called so, the best first; of our own places their id and tier too."""
        at = None if near is None else (near.lon, near.lat)
        ours, owners = self._ours
        mine = [found._replace(rank=found.rank - _OURS_FIRST) for found in ours.search(query, at, limit)]
        theirs = self._extract.search(query, at, limit)
        both = sorted([*mine, *theirs], key=lambda found: found.rank)
        return [_view(found, owners.get(found.entry)) for found in both[:limit]]

    @cached_property
    def _ours(self) -> tuple[Gazetteer, dict[Entry, Place]]:
        owners = {
            Entry(
                place.name,
                place.kind if place.kind in KINDS else _KIND_OF.get(place.kind, "poi"),
                place.point.lon,
                place.point.lat,
                place.name_en,
            ): place
            for place in self._places.values()
        }
        return Gazetteer(list(owners)), owners

    @cached_property
    def _extract(self) -> Gazetteer:
        if self._names is None:
            return Gazetteer([])
        try:
            entries = load_gazetteer(self._names)
        except GroundError:
            return Gazetteer([])  # removed while the service ran: the map and our own places are still there
        known: dict[str, list[Place]] = {}
        for place in self._places.values():
            known.setdefault(fold(place.name), []).append(place)
        return Gazetteer([each for each in entries if not _is_one_of(each, known.get(fold(each.name), ()))])


def _is_one_of(entry: Entry, places: Sequence[Place]) -> bool:
    return any(
        float(haversine_m(place.point.lon, place.point.lat, entry.lon, entry.lat)) <= SAME_M for place in places
    )


def _view(found: Found, place: Place | None) -> FoundView:
    entry = found.entry
    return FoundView(
        name=entry.name,
        name_en=entry.name_en,
        kind=entry.kind,
        lon=entry.lon,
        lat=entry.lat,
        within=entry.within,
        within_en=entry.within_en,
        away_m=None if found.away_m is None else round(found.away_m, 1),
        place=None if place is None else place.place,
        tier=None if place is None else place.tier,
    )
