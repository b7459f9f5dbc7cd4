"""Places with a tier of their own, from a CSV file: id,name,name_en,tier,kind,lat,lon,radius_m."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from dispatch.assignment.moveup import Post
from dispatch.domain.types import Point, Shift, TeamId, TeamKind, Tier
from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError

MAX_ROWS: Final = 100_000
_SHIFT: Final = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
MAX_POSTS: Final = 60
"""Posts that move-up advice looks at."""


@dataclass(frozen=True, slots=True)
class Place:
    """A named circle on the ground: its tier holds within ``radius_m`` of its point."""

    place: str
    name: str
    name_en: str
    tier: Tier
    kind: str
    point: Point
    radius_m: float


@dataclass(frozen=True, slots=True)
class RosterTeam:
    """A team as a roster file names it."""

    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point
    skills: tuple[str, ...] = ()
    vehicle: str = "car"
    staff: int = 2
    shift: Shift | None = None


class PlaceIndex:
    """The circles of many places, asked together about a point."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = sorted(places, key=lambda place: (place.tier, place.place))
        columns = [(place.point.lon, place.point.lat, place.radius_m) for place in self._places]
        self._lon, self._lat, self._radius_m = np.array(columns, dtype=np.float64).reshape(-1, 3).T
        self._tier = [place.tier for place in self._places]

    def at(self, point: Point) -> Place | None:
        """The place whose circle holds the point: the strictest tier first, then the nearest, then by id."""
        away_m = haversine_m(self._lon, self._lat, point.lon, point.lat)
        holding = np.flatnonzero(away_m <= self._radius_m).tolist()
        if not holding:
            return None
        return self._places[min(holding, key=lambda row: (self._tier[row], away_m[row], row))]


def posts_of(places: Sequence[Place]) -> list[Post]:
    """Where a team may stand by: at the key points and key areas, the strictest tiers first, at most MAX_POSTS."""
    held = sorted((place for place in places if place.tier != Tier.T3), key=lambda place: (place.tier, place.place))
    return [Post(place.place, place.name, place.point) for place in held[:MAX_POSTS]]


def read_places(path: Path) -> list[Place]:
    """The places of a CSV file; raises GroundError with file, line and column of what cannot be used."""
    places = []
    for row in _rows(path, ("id", "name", "tier", "lat", "lon", "radius_m")):
        if row["tier"] not in set(Tier):
            raise row.error("tier", "is T1, T2 or T3")
        places.append(
            Place(
                place=row["id"],
                name=row["name"],
                name_en=row.get("name_en") or row["name"],
                tier=Tier(row["tier"]),
                kind=row.get("kind") or "",
                point=row.point(),
                radius_m=row.number("radius_m", 0, 100_000),
            )
        )
    return places


def read_roster(path: Path) -> list[RosterTeam]:
    """The teams of a CSV file (id,name,lat,lon, and more where it has more); raises GroundError as above.

    The further columns are name_en, kind, profile, skills (words between spaces), vehicle, staff, shift.
    """
    teams: dict[str, RosterTeam] = {}
    for row in _rows(path, ("id", "name", "lat", "lon")):
        kind = row.get("kind") or TeamKind.VILLAGE
        if kind not in set(TeamKind):
            raise row.error("kind", f"is {', '.join(TeamKind)}")
        if row["id"] in teams:
            raise row.error("id", "stands twice")
        teams[row["id"]] = RosterTeam(
            team=TeamId(row["id"]),
            name=row["name"],
            name_en=row.get("name_en") or row["name"],
            unit=TeamKind(kind),
            profile=row.get("profile") or "car",
            home=row.point(),
            skills=tuple(dict.fromkeys((row.get("skills") or "").split())),
            vehicle=row.get("vehicle") or "car",
            staff=round(row.number("staff", 1, 50)) if row.get("staff") else 2,
            shift=_shift(row),
        )
    return list(teams.values())


def _shift(row: _Row) -> Shift | None:
    """The hours of a roster line, as in 08:00-20:00; None where it names none."""
    text = row.get("shift") or ""
    if not text:
        return None
    found = _SHIFT.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[3]) > 23:
        raise row.error("shift", "is the local hours of the team, as in 08:00-20:00 or 20:00-08:00")
    return Shift(int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4]))


class _Row(dict[str, str]):
    def __init__(self, path: Path, line: int, values: dict[str, str]) -> None:
        super().__init__(values)
        self._path, self._line = path, line

    def error(self, column: str, rule: str) -> GroundError:
        value = self.get(column, "")
        return GroundError(f"{self._path.name} line {self._line}: {column} '{value}'", f"{column} {rule}")

    def number(self, column: str, low: float, high: float) -> float:
        try:
            value = float(self[column])
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise self.error(column, f"is a number from {low:g} to {high:g}")
        return value

    def point(self) -> Point:
        return Point(self.number("lon", -180, 180), self.number("lat", -90, 90))


def _rows(path: Path, needed: Sequence[str]) -> list[_Row]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise GroundError(f"{path.name} has no column {', '.join(missing)}", f"it needs {','.join(needed)}")
            rows: list[_Row] = []
            for values in reader:
                if len(rows) >= MAX_ROWS:
                    raise GroundError(f"{path.name} has more than {MAX_ROWS} rows", "split the file")
                if None in values:
                    raise GroundError(
                        f"{path.name} line {reader.line_num}: more columns than the heading names",
                        'put a text that holds a comma in double quotes: "a, b"',
                    )
                rows.append(_Row(path, reader.line_num, {str(k): (v or "").strip() for k, v in values.items()}))
                for name in needed:
                    if not rows[-1][name]:
                        raise rows[-1].error(name, "must not be empty")
            return rows
    except OSError as error:
        raise GroundError(f"{path} cannot be read: {error.strerror}", "give a CSV file in UTF-8") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise GroundError(f"{path} cannot be read: {error}", "give a CSV file in UTF-8") from error
