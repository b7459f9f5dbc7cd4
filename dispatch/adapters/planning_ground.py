"""The ground as planning asks it: times of standby points to all demand, kept by place; on a thread of its own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from scipy.spatial import cKDTree

from dispatch.adapters.cover import reached_points
from dispatch.adapters.demand import CoverRules, Demand, Spots, cell_middles, demand_of, spots_of
from dispatch.adapters.places import Place, PlaceIndex
from dispatch.adapters.snapping import snapped
from dispatch.domain.types import Point, Tier
from dispatch.planning.coverage import TIERS, Points
from dispatch.planning.past_incidents import SLOTS, History
from dispatch.planning.siting import Candidates
from geo_data.coordinates import LocalPlane
from geo_data.graph import Ground
from geo_data.locate import position_name
from geo_data.types import UNREACHED, Float64s, Int32s, Int64s

SEARCH_MS: Final = 20 * 60_000
"""Beyond this a post counts as away: a gap says that nobody is near."""

MOST_KEPT_BYTES: Final = 96_000_000
MOST_CANDIDATES: Final = 2_000
"""Standby points that siting tries, spread evenly over the street cells."""

NEAR_M: Final = 400.0
"""A past incident farther than this from every point of demand is outside of the ground."""

CELL_M: Final = 200.0
MOST_CELLS: Final = 20_000
"""Street cells are made larger until there are no more than these, so that a drag stays quick."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a team would stand, and how it travels."""

    profile: str
    point: Point


Answered = TypeVar("Answered")


class PlanningGround:
    """Times from standby points to demand; searches are kept, so that a moved point costs one search.

    Everything runs on one thread of its own, behind the desk's: a plan never delays an order.
    """

    def __init__(self, ground: Ground, places: Sequence[Place], rules: CoverRules | None = None) -> None:
        self._ground, self._places, self._rules = ground, places, rules or CoverRules(cell_m=CELL_M)
        self._demand: Demand | None = None
        self._points: Points | None = None
        self._spots: dict[str, Spots] = {}
        self._kept: OrderedDict[Stand, Int32s] = OrderedDict()
        self._candidates: dict[str, tuple[Int64s, Candidates]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="planning")

    async def aside(self, work: Callable[..., Answered], *given: object) -> Answered:
        """Do something on the planning thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    @property
    def profiles(self) -> tuple[str, ...]:
        """The travel profiles of the ground."""
        return self._ground.profiles

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the ground in degrees."""
        return self._ground.meta.bounds

    def demand(self) -> Demand:
        """The points of demand: places and street cells; made once, in cells as large as MOST_CELLS asks for."""
        if self._demand is None:
            rules, made = self._rules, demand_of(self._ground, self._places, self._rules)
            while len(made) - len(made.places) > MOST_CELLS and rules.cell_m * 1.4 <= 5_000.0:
                rules = _wider(rules)
                made = demand_of(self._ground, self._places, rules)
            self._rules, self._demand = rules, made
        return self._demand

    @property
    def cell_m(self) -> float:
        """The side of a street cell in metres, as it came out."""
        return self._rules.cell_m

    def drawn(self) -> tuple[Float64s, float, float]:
        """Where each point of demand is drawn, float64[p, 2], and a cell's size by lon and lat; in degrees."""
        return cell_middles(self._ground, self.demand(), self.cell_m)

    def street(self, point: int) -> str:
        """The name of the street that a point of demand stands for; empty for a place, or where it has none."""
        demand = self.demand()
        positions = demand.main_positions[point - len(demand.places)] if point >= len(demand.places) else ()
        return (position_name(self._ground.graph(demand.main), positions[0]) or "") if positions else ""

    def points(self) -> Points:
        """The demand as planning counts it, weighed by places and streets."""
        if self._points is None:
            demand = self.demand()
            tier = [TIERS.index(place.tier) for place in demand.places]
            tier += [TIERS.index(Tier.T3)] * (len(demand) - len(demand.places))
            limit_ms = demand.limit_ms[demand.level].astype(np.int32)
            self._points = Points(np.array(tier, dtype=np.int8), limit_ms, demand.weight_milli)
        return self._points

    def times(self, stands: Sequence[Stand]) -> Int32s:
        """The ms from each stand to each point of demand, int32[stands, p]; UNREACHED beyond SEARCH_MS or off road.

        Law: each is ``Reach.at`` of that stand and point alone.
        """
        table = np.empty((len(stands), len(self.demand())), dtype=np.int32)
        for row, stand in enumerate(stands):
            table[row] = self._column(stand)
        return table

    def _column(self, stand: Stand) -> Int32s:
        kept = self._kept.get(stand)
        if kept is not None:
            self._kept.move_to_end(stand)
            return kept
        column = np.full(len(self.demand()), UNREACHED, dtype=np.int32)
        if stand.profile in self._ground.profiles:
            point, ms = self._reached(stand, SEARCH_MS)
            column[point] = ms
        self._kept[stand] = column
        while len(self._kept) > 1 and len(self._kept) * column.nbytes > MOST_KEPT_BYTES:
            self._kept.popitem(last=False)
        return column

    def _reached(self, stand: Stand, limit_ms: int) -> tuple[Int64s, Int64s]:
        graph = self._ground.graph(stand.profile)
        positions = snapped(graph, stand.point)
        if not positions:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        return reached_points(graph, self._spots_of(stand.profile), positions, limit_ms)

    def _spots_of(self, profile: str) -> Spots:
        found = self._spots.get(profile)
        if found is None:
            found = self._spots[profile] = spots_of(self._ground.graph(profile), self.demand())
        return found

    def candidates(self, profile: str) -> tuple[list[Point], Candidates]:
        """Where siting looks: street cells (all, or MOST_CANDIDATES of them evenly spread) and what each covers."""
        kept = self._candidates.get(profile)
        demand = self.demand()
        if kept is None:
            n_places = len(demand.places)
            cells = np.arange(n_places, len(demand))
            chosen = cells[:: max(1, -(-len(cells) // MOST_CANDIDATES))]
            kept = self._candidates[profile] = (chosen, self._covered_by(profile, chosen))
        lonlat = demand.lonlat[kept[0]].tolist()
        return [Point(lon, lat) for lon, lat in lonlat], kept[1]

    def _covered_by(self, profile: str, cells: Int64s) -> Candidates:
        demand, limits = self.demand(), self.points().limit_ms
        first, points, times = [0], [], []
        for cell in cells.tolist():
            stand = Stand(profile, Point(*demand.lonlat[cell].tolist()))
            point, ms = self._reached(stand, int(demand.limit_ms[-1]))
            own = ms <= limits[point]
            points.append(point[own])
            times.append(ms[own])
            first.append(first[-1] + int(own.sum()))
        none = [np.empty(0, dtype=np.int64)]
        return Candidates(np.array(first), np.concatenate(points or none), np.concatenate(times or none))

    def place_history(self, history: History) -> Int64s:
        """The demand point of each past incident, int64[n]: its place, else a cell; -1 for one that is outside."""
        demand = self.demand()
        if not len(history):
            return np.zeros(0, dtype=np.int64)
        plane = LocalPlane(*demand.lonlat.mean(axis=0).tolist())
        tree = cKDTree(np.column_stack(plane.to_xy(*demand.lonlat.T)))
        asked = np.column_stack(plane.to_xy(history.lon, history.lat))
        far_m, nearest = tree.query(asked, distance_upper_bound=max(NEAR_M, 2.0 * self.cell_m))
        found: Int64s = np.where(np.isfinite(far_m), nearest, -1).astype(np.int64)
        index, circles = {place.place: row for row, place in enumerate(demand.places)}, PlaceIndex(demand.places)
        if len(demand.places):
            for row in np.flatnonzero(found >= 0).tolist():
                held = circles.at(Point(float(history.lon[row]), float(history.lat[row])))
                if held is not None:
                    found[row] = index[held.place]
        return found

    def weighed(self, at: Int64s, history: History, slots: Sequence[int]) -> Points:
        """The demand weighed by past incidents of these hours of the week: a thousand for each."""
        assert all(0 <= slot < SLOTS for slot in slots), "hours of a week"
        points = self.points()
        kept = at[(at >= 0) & np.isin(history.slot, list(slots))]
        weight = np.bincount(kept, minlength=len(points.weight)).astype(np.int64) * 1000
        return Points(points.tier, points.limit_ms, weight)


def _wider(rules: CoverRules) -> CoverRules:
    return CoverRules(
        target_ms=rules.target_ms,
        busy_permille=rules.busy_permille,
        place_milli=rules.place_milli,
        street_milli_per_km=rules.street_milli_per_km,
        cell_m=rules.cell_m * 1.4,
        still_m=rules.still_m,
    )
