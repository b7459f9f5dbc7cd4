"""The teams of one travel profile on their roads, kept between decisions: only what moved is placed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from dispatch.adapters.snapping import snapped
from dispatch.assignment.candidates import Reason
from dispatch.domain.types import Point, TeamId
from geo_data.graph import RoadGraph
from geo_data.nearest import ways_table
from geo_data.roster import Roster
from geo_data.types import UNREACHED, ArcPosition, Int64s

MAX_KNOWN: Final = 20_000
"""Points whose place on the roads is remembered; then all are forgotten."""

Spot = tuple[Point, int | None]
"""Where a team is, and its heading in whole degrees where that is known."""


class Answers(NamedTuple):
    """Answers as columns of the same length."""

    eta_ms: list[int | None]
    road_m: list[int]
    reason: list[Reason | None]

    @staticmethod
    def nothing(size: int, reason: Reason) -> Answers:
        """No time for anybody, for one reason."""
        return Answers([None] * size, [0] * size, [reason] * size)

    def fill(self, table: Answers, indices: Sequence[int]) -> None:
        """Write these answers into rows of a larger table."""
        if len(indices) == len(table.eta_ms):
            table.eta_ms[:], table.road_m[:], table.reason[:] = self
            return
        for at, index in enumerate(indices):
            table.eta_ms[index], table.road_m[index] = self.eta_ms[at], self.road_m[at]
            table.reason[index] = self.reason[at]


class Fleet:
    """A roster of one graph that follows its teams. One thread at a time."""

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self._number: dict[TeamId, int] = {}
        self._spot: dict[TeamId, Spot] = {}
        self._roster = Roster(graph, [])
        self._known: dict[Spot, tuple[ArcPosition, ...]] = {}

    def snapped(self, point: Point, heading_deg: int | None = None) -> tuple[ArcPosition, ...]:
        """The positions of a point on the roads, none where no road is near; remembered."""
        spot = (point, heading_deg)
        found = self._known.get(spot)
        if found is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            found = self._known[spot] = snapped(self.graph, point, heading_deg)
        return found

    def place(self, teams: Sequence[tuple[TeamId, Spot]]) -> Int64s:
        """Put these teams where they are now and return their numbers, for ``answer``.

        Others stay where they were until the roster is made anew.
        """
        if any(team not in self._number for team, _ in teams) or len(self._number) > 2 * len(teams) + 16:
            self._number = {team: index for index, (team, _) in enumerate(teams)}
            self._spot = dict(teams)
            self._roster = Roster(self.graph, [self.snapped(*spot) for _, spot in teams])
        moved = {team: spot for team, spot in teams if self._spot[team] != spot}
        if moved:
            self._roster.move_all({self._number[team]: self.snapped(*spot) for team, spot in moved.items()})
            self._spot |= moved
        return np.array([self._number[team] for team, _ in teams], dtype=np.int64)

    def answers(self, targets: Sequence[Point], placed: Int64s, limit_ms: int) -> list[Answers]:
        """The time, road metres and reason of teams, by the numbers of ``place``, to each target."""
        ends = [self.snapped(target) for target in targets]
        ms, mm = ways_table(self.graph, [end for end in ends if end], self._roster, limit_ms)
        ms, mm = ms[:, placed], mm[:, placed]
        late = ms == UNREACHED
        metres = np.rint(np.where(late, 0, mm) / 1000.0).astype(np.int64).tolist()
        rows = zip(ms.tolist(), metres, late, strict=True)
        found = []
        for end in ends:
            if not end:
                found.append(Answers.nothing(len(placed), Reason.NO_WAY))
                continue
            eta_ms, road_m, missing = next(rows)
            answers = Answers(eta_ms, road_m, [None] * len(placed))
            for index in np.flatnonzero(missing).tolist():
                positions = self._roster.teams[int(placed[index])]
                answers.eta_ms[index] = None
                answers.reason[index] = Reason.NO_WAY if positions else Reason.OFF_ROAD
            found.append(answers)
        return found
