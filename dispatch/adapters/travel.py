"""The ground as the desk sees it: where a point is, and how long each team takes to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from dispatch.adapters.places import Place, place_at
from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import FixSource, Point, TeamId, Tier
from dispatch.service.plans import Located, TeamStart
from dispatch.service.ports import Positions
from geo_data.coordinates import straight_m
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph import Ground, RoadGraph
from geo_data.locate import locate, position_name
from geo_data.nearest import nearest
from geo_data.types import UNREACHED, ArcPosition, LonLat

SEARCH_LIMIT_MS: Final = 45 * 60 * 1000
"""A team that is farther away than this is no help in time."""


class GroundTravel:
    """Answers the desk's needs from one ground, at once and on the caller's thread.

    A search is about as short as handing it to a thread and back; drawings, which are slow, have their own thread
    (adapters/drawing) and never delay a decision.
    """

    def __init__(self, ground: Ground, places: Sequence[Place], positions: Positions) -> None:
        self._ground, self._places, self._positions = ground, places, positions
        self._first = ground.graph(ground.profiles[0])

    async def locate(self, point: Point) -> Located | Refusal:
        """The road, place and tier of a point; refused where it is no place or has no road within 300 m."""
        return self._locate(point)

    async def times(self, to: Point, teams: Sequence[TeamStart], now_ms: int) -> Sequence[TravelTime]:
        """The travel time of each team to a point: one backward search a profile, in the order of ``teams``."""
        return self._times(to, teams, [self._start(team, now_ms) for team in teams])

    def warm(self) -> None:
        """Compile or load the kernels, so that the first incident does not wait for them."""
        node = self._first.arc_geometry(0)[0]
        point = Point(float(node[0]), float(node[1]))
        start = [(point, FixSource.HOME, 0)]
        self._times(point, [TeamStart(TeamId("warm"), self._first.profile, point)], start)

    def _locate(self, point: Point) -> Located | Refusal:
        try:
            positions = locate(self._first, LonLat(point.lon, point.lat))
        except TooFarFromRoad as error:
            return Refusal(Code.TOO_FAR_FROM_ROAD, str(error))
        except GroundError as error:
            return Refusal(Code.OUT_OF_RANGE, str(error))
        place = place_at(self._places, point)
        return Located(
            road=position_name(self._first, positions[0]) or "",
            place=place.name if place else "",
            tier=place.tier if place else Tier.T3,
            off_road_m=round(positions[0].offset_m),
        )

    def _start(self, team: TeamStart, now_ms: int) -> tuple[Point, FixSource, int]:
        return self._positions.latest(team.team, now_ms) or (team.home, FixSource.HOME, 0)

    def _times(
        self, to: Point, teams: Sequence[TeamStart], starts: Sequence[tuple[Point, FixSource, int]]
    ) -> list[TravelTime]:
        by_profile: defaultdict[str, list[int]] = defaultdict(list)
        for index, team in enumerate(teams):
            by_profile[team.profile].append(index)
        answers: dict[int, tuple[int | None, int, Reason | None]] = {}
        for profile, indices in by_profile.items():
            if profile not in self._ground.profiles:
                answers |= dict.fromkeys(indices, (None, 0, Reason.UNKNOWN_PROFILE))
                continue
            points = [starts[index][0] for index in indices]
            found = _arrivals(self._ground.graph(profile), to, points)
            answers |= dict(zip(indices, found, strict=True))
        times = []
        for index, team in enumerate(teams):
            point, source, age_ms = starts[index]
            eta_ms, road_m, reason = answers[index]
            times.append(
                TravelTime(
                    team=team.team,
                    position=point,
                    fix=source,
                    fix_age_ms=age_ms,
                    straight_m=round(straight_m(LonLat(point.lon, point.lat), LonLat(to.lon, to.lat))),
                    eta_ms=eta_ms,
                    road_m=road_m,
                    reason=reason,
                )
            )
        return times


def _arrivals(graph: RoadGraph, to: Point, starts: Sequence[Point]) -> list[tuple[int | None, int, Reason | None]]:
    """Time, road metres and reason of each start, from one search backward from the target."""
    try:
        target = locate(graph, LonLat(to.lon, to.lat))
    except GroundError:
        return [(None, 0, Reason.NO_WAY)] * len(starts)
    positions = [_snapped(graph, point) for point in starts]
    answers: list[tuple[int | None, int, Reason | None]] = [
        (None, 0, Reason.NO_WAY if found else Reason.OFF_ROAD) for found in positions
    ]
    for arrival in nearest(graph, target, positions, limit_ms=SEARCH_LIMIT_MS):
        if arrival.travel_ms != UNREACHED:
            answers[arrival.index] = (arrival.travel_ms, round(arrival.length_m), None)
    return answers


def _snapped(graph: RoadGraph, point: Point) -> tuple[ArcPosition, ...]:
    try:
        return locate(graph, LonLat(point.lon, point.lat))
    except GroundError:
        return ()
