"""What the teams that stand ready cover now: places and streets by target, and what nobody covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dispatch.domain.types import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCover:
    """The places of one tier: all, those within its target of one team at least, and of two."""

    tier: Tier
    target_ms: int
    places: int
    once: int
    twice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetCover:
    """Metres of street within ``limit_ms`` of some team, of all metres."""

    limit_ms: int
    covered_m: int
    all_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UncoveredPlace:
    """A place without a team within its target; ``nearest_ms`` is None where none comes within the longest one."""

    place: str
    name: str
    tier: Tier
    target_ms: int
    nearest_ms: int | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverPicture:
    """The live cover in numbers and as cells of street for a map.

    ``limits_ms`` are the distinct targets, rising. Cell i lies at (``lon_e5[i]``, ``lat_e5[i]``), in 1e-5 degrees;
    ``level[i]`` is the index of the first limit within which some team reaches it, ``len(limits_ms)`` where none
    does. ``cells_left_out`` counts the cells that were not sent, covered ones first. ``uncovered`` has the gravest
    tiers first, at most MAX_UNCOVERED of ``n_uncovered``. ``expected_micro`` of ``possible_micro`` is the expected
    covered demand (MEXCLP: Daskin 1983).
    """

    teams: int
    limits_ms: tuple[int, ...]
    tiers: tuple[TierCover, ...]
    streets: tuple[StreetCover, ...]
    uncovered: tuple[UncoveredPlace, ...]
    n_uncovered: int
    cell_m: float
    lon_e5: tuple[int, ...]
    lat_e5: tuple[int, ...]
    level: tuple[int, ...]
    cells_left_out: int
    expected_micro: int
    possible_micro: int


@dataclass(frozen=True, slots=True)
class CoverShare:
    """The cover in a few numbers; ``mark`` differs (but for a chance of 1 in 2³²) where anything of it differs."""

    tiers: tuple[TierCover, ...]
    mark: int


MAX_UNCOVERED: Final = 200
MAX_CELLS: Final = 8_000
