"""A patrol car on the ground: drives its loop, or to an incident, by the clock."""

from __future__ import annotations

import random
from typing import Final

from dispatch.domain.types import Point
from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.locate import locate
from geo_data.route import Route, point_at, route
from geo_data.types import LonLat

PATROL_RADIUS_DEG: Final = 0.012
LONGEST_DRIVE_MS: Final = 45 * 60 * 1000
_TRIES: Final = 8


class Driver:
    """Where a team is: on a route since a moment, or standing. ``pace`` is how much faster than real it drives."""

    def __init__(self, graph: RoadGraph, home: Point, pace: float, seed: int) -> None:
        self._graph, self._home, self._pace = graph, home, pace
        self._chance = random.Random(seed)  # patrol loops need no secrecy
        self._at = home
        self._route: Route | None = None
        self._since_ms = 0

    def at(self, now_ms: int) -> Point:
        """The team's place now."""
        if self._route is None:
            return self._at
        lon, lat = point_at(self._route, round((now_ms - self._since_ms) * self._pace))
        return Point(lon, lat)

    def arrived(self, now_ms: int) -> bool:
        """Whether the drive is over (true when standing)."""
        return self._route is None or (now_ms - self._since_ms) * self._pace >= self._route.travel_ms

    def speed_m_s(self, now_ms: int) -> float:
        """The mean speed of the present drive in real m/s, 0 when standing."""
        if self._route is None or self.arrived(now_ms) or not self._route.travel_ms:
            return 0.0
        return self._route.length_m / (self._route.travel_ms / 1000)

    def drive_to(self, goal: Point, now_ms: int) -> bool:
        """Start driving to a point; False where there is no way, then the team stays where it is."""
        here = self.at(now_ms)
        try:
            way = route(
                self._graph,
                locate(self._graph, LonLat(here.lon, here.lat)),
                locate(self._graph, LonLat(goal.lon, goal.lat)),
                LONGEST_DRIVE_MS,
            )
        except GroundError:
            way = None
        if way is None:
            return False
        self._at, self._route, self._since_ms = here, way, now_ms
        return True

    def stop(self, now_ms: int) -> None:
        """Stand where the team is."""
        self._at, self._route = self.at(now_ms), None

    def patrol(self, now_ms: int) -> None:
        """Go on to another point near home, once the present drive is over."""
        if not self.arrived(now_ms):
            return
        self.stop(now_ms)
        for _ in range(_TRIES):
            goal = Point(
                self._home.lon + self._chance.uniform(-1, 1) * PATROL_RADIUS_DEG,
                self._home.lat + self._chance.uniform(-1, 1) * PATROL_RADIUS_DEG,
            )
            if self.drive_to(goal, now_ms):
                return
