"""The teams of one travel profile on their roads, kept between decisions: only what moved is placed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dispatch.assignment.candidates import Reason
from dispatch.domain.types import Point, TeamId
from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.locate import locate
from geo_data.nearest import rank
from geo_data.roster import Roster
from geo_data.types import UNREACHED, ArcPosition, LonLat

MAX_KNOWN: Final = 20_000
"""Points whose place on the roads is remembered; then all are forgotten."""

Answer = tuple[int | None, int, Reason | None]
"""Ms or None, road metres, and why there is no time."""


class Fleet:
    """A roster of one graph that follows its teams. One thread at a time."""

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self._number: dict[TeamId, int] = {}
        self._point: dict[TeamId, Point] = {}
        self._roster = Roster(graph, [])
        self._known: dict[Point, tuple[ArcPosition, ...]] = {}

    def snapped(self, point: Point) -> tuple[ArcPosition, ...]:
        """The positions of a point on the roads, none where no road is near; remembered."""
        found = self._known.get(point)
        if found is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            found = self._known[point] = snapped(self.graph, point)
        return found

    def place(self, teams: Sequence[tuple[TeamId, Point]]) -> None:
        """Put these teams where they are now; others stay where they were until the roster is made anew."""
        if any(team not in self._number for team, _ in teams) or len(self._number) > 2 * len(teams) + 16:
            self._number = {team: index for index, (team, _) in enumerate(teams)}
            self._point = dict(teams)
            self._roster = Roster(self.graph, [self.snapped(point) for _, point in teams])
            return
        for team, point in teams:
            if self._point[team] != point:
                self._roster.move(self._number[team], self.snapped(point))
                self._point[team] = point

    def answers(self, target: Point, teams: Sequence[TeamId], limit_ms: int) -> list[Answer]:
        """The time, road metres and reason of each team (placed before) to a point: one ranking."""
        to = self.snapped(target)
        if not to:
            return [(None, 0, Reason.NO_WAY)] * len(teams)
        found = rank(self.graph, to, self._roster, limit_ms)
        by_number: list[Answer] = [
            (None, 0, Reason.NO_WAY if positions else Reason.OFF_ROAD) for positions in self._roster.teams
        ]
        for number, ms, mm in zip(
            found.team.tolist(), found.travel_ms.tolist(), found.length_mm.tolist(), strict=True
        ):
            if ms == UNREACHED:
                break
            by_number[number] = (ms, round(mm / 1000.0), None)
        return [by_number[self._number[team]] for team in teams]


def snapped(graph: RoadGraph, point: Point) -> tuple[ArcPosition, ...]:
    """The positions of a point, none where it is no place or has no road near."""
    try:
        return locate(graph, LonLat(point.lon, point.lat))
    except GroundError:
        return ()
