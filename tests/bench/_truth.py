"""Polygons against searches: random points, the truth at each, and how well the polygon tells it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely

from geo_data.coordinates import haversine_m
from geo_data.errors import TooFarFromRoad
from geo_data.graph import RoadGraph
from geo_data.isochrone import isochrones
from geo_data.locate import locate
from geo_data.proximity import OFFROAD_LIMIT_M
from geo_data.reach import reach
from geo_data.types import UNREACHED, LonLat

LIMITS_S = (60, 180, 300)
SEED = 1350
MARGIN = 0.15
"""The points fill the box around the circle of their limit, and so much of its size more on each side."""


@dataclass
class Score:
    """Counts of points by polygon and by truth; NaN where nothing was counted."""

    both: int = 0
    only_polygon: int = 0
    only_truth: int = 0
    neither: int = 0

    def add(self, inside: Any, true: Any) -> None:
        """Count points; both are bool[n]."""
        self.both += int(np.sum(inside & true))
        self.only_polygon += int(np.sum(inside & ~true))
        self.only_truth += int(np.sum(~inside & true))
        self.neither += int(np.sum(~inside & ~true))

    @property
    def precision(self) -> float:
        """The share of the inside that is true."""
        return _share(self.both, self.both + self.only_polygon)

    @property
    def recall(self) -> float:
        """The share of the true that is inside."""
        return _share(self.both, self.both + self.only_truth)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return _share(2 * self.both, 2 * self.both + self.only_polygon + self.only_truth)

    @property
    def true_share(self) -> float:
        """The share of all points that are true."""
        every = self.both + self.only_polygon + self.only_truth + self.neither
        return _share(self.both + self.only_truth, every)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


class Case(NamedTuple):
    """A source, one limit, and the points that are judged for it."""

    source: list[float]
    limit_s: int
    points: list[list[float]]


def cases_of(graph: RoadGraph, sources: Sequence[list[float]], points: int) -> list[Case]:
    """Return a case a source and limit, its points spread evenly over the box around our circle."""
    chance = np.random.default_rng(SEED)
    cases = []
    for source in sources:
        areas = isochrones(graph, locate(graph, LonLat(*source)), LIMITS_S)
        for limit_s in LIMITS_S:
            west, south, east, north = areas[limit_s].bounds
            more_x, more_y = MARGIN * (east - west), MARGIN * (north - south)
            lon = chance.uniform(west - more_x, east + more_x, points)
            lat = chance.uniform(south - more_y, north + more_y, points)
            cases.append(Case(source, limit_s, np.round(np.column_stack([lon, lat]), 7).tolist()))
    return cases


def our_scores(graph: RoadGraph, cases: Sequence[Case]) -> dict[int, Score]:
    """Return for each limit how well our polygons tell what our searches say."""
    scores = {limit_s: Score() for limit_s in LIMITS_S}
    for case in cases:
        start = locate(graph, LonLat(*case.source))
        area = isochrones(graph, start, LIMITS_S)[case.limit_s]
        found = reach(graph, start, case.limit_s * 1000)
        true = []
        for point in case.points:
            try:
                true.append(found.at(locate(graph, LonLat(*point), OFFROAD_LIMIT_M)) != UNREACHED)
            except TooFarFromRoad:
                true.append(False)
        scores[case.limit_s].add(_inside(area, case.points), np.array(true))
    return scores


def their_scores(cases: Sequence[Case], answers: Sequence[Mapping[str, Any]]) -> dict[int, Score]:
    """Return the same of Valhalla: its polygons, its matrix, the same distance off the road."""
    scores = {limit_s: Score() for limit_s in LIMITS_S}
    for case, answer in zip(cases, answers, strict=True):
        shapes = {round(f["properties"]["contour"] * 60): f["geometry"] for f in answer["shape"]["features"]}
        area = shapely.make_valid(shapely.geometry.shape(shapes[case.limit_s]))
        true = [
            seconds is not None
            and seconds <= case.limit_s
            and (lon is None or float(haversine_m(point[0], point[1], lon, lat)) <= OFFROAD_LIMIT_M)
            for point, (seconds, lon, lat) in zip(case.points, answer["times"], strict=True)
        ]
        scores[case.limit_s].add(_inside(area, case.points), np.array(true))
    return scores


def _inside(area: Any, points: Sequence[Sequence[float]]) -> Any:
    lonlat = np.array(points)
    shapely.prepare(area)
    return shapely.contains_xy(area, lonlat[:, 0], lonlat[:, 1])
