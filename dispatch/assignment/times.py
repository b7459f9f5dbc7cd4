"""The times of a whole decision as columns: thousands of pairs without an object for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.domain.holes import Hole
from dispatch.domain.types import FixSource, IncidentId, Point, TeamId

Times = Mapping[tuple[IncidentId, TeamId], TravelTime]
"""What the ground says of each pair that was asked; a ``TimesTable`` is the fast one."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Where each team is, how that is known, and how old that is, in ms: columns of the same length.

    ``hole`` is what each team's leaving opens, or empty where cover was not looked at; ``unreached`` whether no
    tablet of the team is connected, or empty where nobody knows.
    """

    team: Sequence[TeamId]
    position: Sequence[Point]
    fix: Sequence[FixSource]
    age_ms: Sequence[int]
    hole: Sequence[Hole | None] = ()
    unreached: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class TimesRow:
    """The times of all starts to one incident, columns beside those of ``starts``; ``eta_ms`` None has a reason."""

    starts: Starts
    straight_m: Sequence[int]
    eta_ms: Sequence[int | None]
    road_m: Sequence[int]
    reason: Sequence[Reason | None]

    def at(self, index: int) -> TravelTime:
        """The record of one team."""
        starts = self.starts
        return TravelTime(
            starts.team[index],
            starts.position[index],
            starts.fix[index],
            starts.age_ms[index],
            self.straight_m[index],
            self.eta_ms[index],
            self.road_m[index],
            self.reason[index],
            starts.hole[index] if starts.hole else None,
            bool(starts.unreached and starts.unreached[index]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class TimesTable(Mapping[tuple[IncidentId, TeamId], TravelTime]):
    """A row an incident; as a mapping it makes the record of a pair when it is asked for it."""

    rows: Mapping[IncidentId, TimesRow]
    _number: dict[int, dict[TeamId, int]] = field(default_factory=dict, init=False, repr=False)

    @staticmethod
    def of(times: Times) -> TimesTable:
        """The same times as a table; one that is a table already is itself."""
        if isinstance(times, TimesTable):
            return times
        found: dict[IncidentId, list[TravelTime]] = {}
        for (incident, _), time in times.items():
            found.setdefault(incident, []).append(time)
        rows = {}
        for incident, each in found.items():
            team, position, fix, age_ms, straight_m, eta_ms, road_m, reason, hole, unreached = zip(
                *each, strict=True
            )
            starts = Starts(team, position, fix, age_ms, hole, unreached)
            rows[incident] = TimesRow(starts, straight_m, eta_ms, road_m, reason)
        return TimesTable(rows)

    def number(self, incident: IncidentId) -> dict[TeamId, int]:
        """Where each team stands in the row of an incident; rows of the same starts share it."""
        row = self.rows.get(incident)
        if row is None:
            return {}
        known = self._number.get(id(row.starts))
        if known is None:
            known = {team: index for index, team in enumerate(row.starts.team)}
            self._number[id(row.starts)] = known
        return known

    def knows(self, incident: IncidentId, teams: Set[TeamId]) -> bool:
        """Whether all of these teams have been asked about an incident."""
        return teams <= self.number(incident).keys()

    def joined(self, other: TimesTable) -> TimesTable:
        """These rows and those of another table, which stand where both know an incident."""
        return TimesTable({**self.rows, **other.rows})

    def holes(self) -> dict[TeamId, Hole] | None:
        """The hole of each team that has one, None where cover was not looked at."""
        found = {}
        for starts in {id(row.starts): row.starts for row in self.rows.values()}.values():
            found.update(
                {team: hole for team, hole in zip(starts.team, starts.hole, strict=False) if hole is not None}
            )
        return found or None

    def __getitem__(self, pair: tuple[IncidentId, TeamId]) -> TravelTime:
        incident, team = pair
        index = self.number(incident).get(team)
        if index is None:
            raise KeyError(pair)
        return self.rows[incident].at(index)

    def __iter__(self) -> Iterator[tuple[IncidentId, TeamId]]:
        return ((incident, team) for incident, row in self.rows.items() for team in row.starts.team)

    def __len__(self) -> int:
        return sum(len(row.starts.team) for row in self.rows.values())
