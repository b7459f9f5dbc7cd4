"""What standby points cover: a table by tier, wave and k, the gaps, and the point that would mend most of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from dispatch.domain.types import Shift, TeamKind, Tier, Wave
from geo_data.types import UNREACHED, Int32s, Int64s

K_MOST: Final = 3
WAVE_OF: Final[dict[TeamKind, Wave]] = {
    TeamKind.VILLAGE: Wave.W1,
    TeamKind.DEDICATED: Wave.W1,
    TeamKind.STATION: Wave.W2,
    TeamKind.DISTRICT: Wave.W3,
}
"""The wave that a force class goes with first, as the glossary has it."""

TIERS: Final = tuple(Tier)
HOUR_MIN: Final = 60
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of demand as columns of one length: ``tier`` (index into TIERS), own target in ms, and weight ≥ 0."""

    tier: npt.NDArray[np.int8]
    limit_ms: Int32s
    weight: Int64s

    def __post_init__(self) -> None:
        assert len(self.tier) == len(self.limit_ms) == len(self.weight), "columns differ in length"


class CoverRow(NamedTuple):
    """A cell of the table: None stands for all waves, all tiers, or each point's own target."""

    wave: Wave | None
    tier: Tier | None
    limit_ms: int | None
    k: int
    demand: int
    covered: int
    points: int
    covered_points: int


class Gap(NamedTuple):
    """A point that nobody reaches in its target: the nearest post and its ms (None: none within the search)."""

    point: int
    post: int | None
    travel_ms: int | None
    missing_ms: int | None


def stands(hours: Shift | None, hour: int | None) -> bool:
    """Whether a post with these hours is manned at some minute of an hour of the day; None asks of all day."""
    if hours is None or hour is None:
        return True
    return any(hours.holds(hour * HOUR_MIN + minute) for minute in range(HOUR_MIN))


def counts(ms: Int32s, limit_ms: Int32s | int) -> Int32s:
    """How many posts reach each point within a limit: ms int32[posts, p], limit one or int32[p] → int32[p]."""
    found: Int32s = (ms <= limit_ms).sum(axis=0, dtype=np.int32)
    return found


def table(points: Points, ms: Int32s, waves: Sequence[Wave], limits_ms: Sequence[int]) -> list[CoverRow]:
    """Coverage by wave × tier × k at each point's own target, and by wave × limit × k over all points.

    ``ms`` int32[posts, p] is the time of each post to each point, UNREACHED where none; ``waves`` are the posts'.
    Law: covered(k + 1) ≤ covered(k), and a longer limit never covers less.
    """
    assert ms.shape == (len(waves), len(points.weight)), "a row a post, a column a point"
    rows = []
    own = np.array([wave.value for wave in waves], dtype=object)
    for wave in (None, *Wave):
        mine = ms if wave is None else ms[own == wave.value]
        at_own = counts(mine, points.limit_ms)
        for tier in (None, *TIERS):
            within = np.ones(len(points.tier), dtype=np.bool_) if tier is None else points.tier == TIERS.index(tier)
            rows += _cells(points, at_own, within, wave=wave, tier=tier, limit_ms=None)
        everywhere = np.ones(len(points.tier), dtype=np.bool_)
        for limit_ms in limits_ms:
            at_limit = counts(mine, limit_ms)
            rows += _cells(points, at_limit, everywhere, wave=wave, tier=None, limit_ms=limit_ms)
    return rows


def _cells(
    points: Points, count: Int32s, within: Flags, *, wave: Wave | None, tier: Tier | None, limit_ms: int | None
) -> list[CoverRow]:
    demand, n = int(points.weight[within].sum()), int(within.sum())
    rows = []
    for k in range(1, K_MOST + 1):
        reached = within & (count >= k)
        covered = int(points.weight[reached].sum())
        rows.append(CoverRow(wave, tier, limit_ms, k, demand, covered, n, int(reached.sum())))
    return rows


def gaps(points: Points, ms: Int32s) -> list[Gap]:
    """Every point that no post reaches in its target: the gravest tier first, then by weight, then by index.

    Law: ``missing_ms`` is the time of the nearest post (the lowest row of equals) minus the target.
    """
    n = len(points.weight)
    best = ms.argmin(axis=0) if len(ms) else np.zeros(n, dtype=np.int64)
    best_ms = ms[best, np.arange(n)] if len(ms) else np.full(n, UNREACHED, dtype=np.int32)
    open_points = np.flatnonzero(best_ms > points.limit_ms)
    order = np.lexsort((open_points, -points.weight[open_points], points.tier[open_points]))
    found = []
    for point in open_points[order].tolist():
        time_ms = int(best_ms[point])
        if time_ms == UNREACHED:
            found.append(Gap(point, None, None, None))
        else:
            found.append(Gap(point, int(best[point]), time_ms, time_ms - int(points.limit_ms[point])))
    return found
