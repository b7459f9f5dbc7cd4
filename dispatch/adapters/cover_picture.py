"""The live cover as a picture for people: counts by tier, metres of street, and the gaps."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from dispatch.adapters.cover import LiveCover
from dispatch.domain.cover import (
    MAX_CELLS,
    MAX_UNCOVERED,
    CoverPicture,
    CoverShare,
    StreetCover,
    TierCover,
    UncoveredPlace,
)
from dispatch.domain.types import Tier
from geo_data.types import UNREACHED, Int64s


def picture_of(cover: LiveCover) -> CoverPicture:
    """What the teams that ``cover`` follows reach now.

    Laws: a street within a limit is within every longer one; the places of a tier are covered twice only where they
    are covered once; where no team stands ready, nothing is covered.
    """
    demand, count = cover.demand, cover.count
    n_places, limits = len(demand.places), demand.limit_ms.tolist()
    own = count[demand.level, np.arange(len(demand))]
    level = np.where((count > 0).any(axis=0), np.argmax(count > 0, axis=0), len(limits))[n_places:]
    street_mm = demand.street_mm[n_places:]
    shown = _shown(level, len(limits))
    lonlat_e5 = np.rint(demand.lonlat[n_places:][shown] * 1e5).astype(np.int64)
    uncovered = _uncovered(cover, own[:n_places].astype(np.int64))
    return CoverPicture(
        teams=len(cover.teams),
        limits_ms=tuple(limits),
        tiers=tuple(_tier(cover, tier, own[:n_places].astype(np.int64)) for tier in Tier),
        streets=tuple(
            StreetCover(
                limit_ms=limit_ms,
                covered_m=int(street_mm[level <= index].sum()) // 1000,
                all_m=int(street_mm.sum()) // 1000,
            )
            for index, limit_ms in enumerate(limits)
        ),
        uncovered=tuple(uncovered[:MAX_UNCOVERED]),
        n_uncovered=len(uncovered),
        cell_m=cover.rules.cell_m,
        lon_e5=tuple(lonlat_e5[:, 0].tolist()),
        lat_e5=tuple(lonlat_e5[:, 1].tolist()),
        level=tuple(level[shown].tolist()),
        cells_left_out=len(level) - len(shown),
        expected_micro=cover.expected_micro(),
        possible_micro=int(demand.weight_milli.sum()) * 1000,
    )


def share_of(cover: LiveCover) -> CoverShare:
    """The same in a few numbers. Law: its tiers are those of the picture, and its mark changes with the picture."""
    own = cover.count[cover.demand.level, np.arange(len(cover.demand))]
    at_places = own[: len(cover.demand.places)].astype(np.int64)
    return CoverShare(tuple(_tier(cover, tier, at_places) for tier in Tier), crc32(cover.count.tobytes()))


def _shown(level: Int64s, most: int) -> Int64s:
    """The cells that are sent: all of them, or where they are too many the worst covered."""
    order = np.argsort(most - level, kind="stable")[:MAX_CELLS]
    return np.sort(order).astype(np.int64)


def _tier(cover: LiveCover, tier: Tier, own: Int64s) -> TierCover:
    mine = np.array([place.tier is tier for place in cover.demand.places], dtype=np.bool_)
    return TierCover(
        tier=tier,
        target_ms=cover.rules.target_ms[tier],
        places=int(mine.sum()),
        once=int((own[mine] >= 1).sum()),
        twice=int((own[mine] >= 2).sum()),
    )


def _uncovered(cover: LiveCover, own: Int64s) -> list[UncoveredPlace]:
    demand, nearest_ms = cover.demand, cover.soonest_place_ms()
    found = []
    for index in np.flatnonzero(own == 0).tolist():  # places come with the gravest tiers first
        place, soonest = demand.places[index], int(nearest_ms[index])
        found.append(
            UncoveredPlace(
                place=place.place,
                name=place.name,
                tier=place.tier,
                target_ms=int(demand.limit_ms[demand.level[index]]),
                nearest_ms=None if soonest == UNREACHED else soonest,
                lon=place.point.lon,
                lat=place.point.lat,
            )
        )
    return found
