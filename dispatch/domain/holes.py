"""What sending a team leaves open: places and streets that lose their 1/3/5 cover, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dispatch.domain.types import TeamId, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGap:
    """A place that is left without a team within its tier's target.

    ``before_ms`` is the time of the nearest team now, ``after_ms`` that of the next one, None where none comes
    within the longest target.
    """

    place: str
    name: str
    tier: Tier
    target_ms: int
    before_ms: int
    after_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetGap:
    """Metres of street within ``limit_ms`` of some team: with the team that is sent, and without it."""

    limit_ms: int
    before_m: int
    after_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """What opens where ``team`` alone leaves its post; ``loss_micro`` is its size in one number.

    Where one decision sends several teams, each hole is counted with the others at their posts: together they may
    open more than the sum, and whoever shows a hole says that it is of one team alone.

    The size is the expected covered demand that is lost (MEXCLP: Daskin 1983), in millionths of a unit of demand,
    0 for a team that covers nothing now. ``places`` are the gravest tiers first, at most MAX_GAPS of ``n_places``.
    """

    team: TeamId
    loss_micro: int
    places: tuple[PlaceGap, ...] = ()
    n_places: int = 0
    streets: tuple[StreetGap, ...] = ()


MAX_GAPS: Final = 12
"""How many places a fact names: nobody reads the thirteenth, and a frame is at most 32 KiB."""
