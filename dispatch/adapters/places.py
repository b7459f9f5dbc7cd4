"""Places with a tier of their own, from a CSV file: id,name,name_en,tier,kind,lat,lon,radius_m."""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from dispatch.adapters.positions import Field
from dispatch.assignment.moveup import Post
from dispatch.domain.types import Point, Shift, TeamId, TeamKind, Tier
from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError

MAX_ROWS: Final = 100_000
MAX_TEAMS: Final = 5_000
"""Teams of a roster: as many as the live cover counts."""

MAX_SKILLS: Final = 8
_OF_PLACE: Final = {"id": 64, "name": 120, "name_en": 120, "kind": 64}
_OF_TEAM: Final = {"id": 64, "name": 64, "name_en": 64, "profile": 32, "vehicle": 32}
"""Characters of the columns that have a limit; a team's are those of its registration over HTTP."""

_SHOWN: Final = 40
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


def strays(field: Field, places: Sequence[Place], teams: Sequence[RosterTeam]) -> list[str]:
    """A sentence for the places, and one for the teams, that lie far off the ground; none where all is well."""
    said = []
    for what, held in (
        ("places", [(place.place, place.point) for place in places]),
        ("teams", [(team.team, team.home) for team in teams]),
    ):
        off = [(name, point) for name, point in held if not field.holds(point)]
        if off:
            names = ", ".join(name for name, _ in off[:5]) + (" …" if len(off) > 5 else "")
            said.append(
                f"{len(off)} of {len(held)} {what} lie off this ground ({names}): {field.advice(off[0][1])}"
            )
    return said


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
    for row in _rows(path, ("id", "name", "tier", "lat", "lon", "radius_m"), _OF_PLACE):
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
    for row in _rows(path, ("id", "name", "lat", "lon"), _OF_TEAM):
        kind = row.get("kind") or TeamKind.VILLAGE
        if kind not in set(TeamKind):
            raise row.error("kind", f"is {', '.join(TeamKind)}")
        if row["id"] in teams:
            raise row.error("id", "stands twice: give each team an id of its own")
        if len(teams) >= MAX_TEAMS:
            raise GroundError(
                f"{path.name} has more than {MAX_TEAMS} teams", "one desk leads so many: split the file"
            )
        teams[row["id"]] = RosterTeam(
            team=TeamId(row["id"]),
            name=row["name"],
            name_en=row.get("name_en") or row["name"],
            unit=TeamKind(kind),
            profile=row.get("profile") or "car",
            home=row.point(),
            skills=_skills(row),
            vehicle=row.get("vehicle") or "car",
            staff=round(row.number("staff", 1, 50)) if row.get("staff") else 2,
            shift=_shift(row),
        )
    return list(teams.values())


def _skills(row: _Row) -> tuple[str, ...]:
    skills = tuple(dict.fromkeys((row.get("skills") or "").split()))
    if len(skills) > MAX_SKILLS or any(len(skill) > 32 for skill in skills):
        raise row.error("skills", f"is at most {MAX_SKILLS} words of 1 to 32 letters, with spaces between")
    return skills


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
        value = _plain(self.get(column, ""))
        shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
        return GroundError(f"{self._path.name} line {self._line}: {column} '{shown}'", f"{column} {rule}")

    def check(self, needed: Sequence[str], longest: Mapping[str, int]) -> None:
        """Raise GroundError where a needed column is empty, or one is too long or holds a control character."""
        for name in needed:
            if not self[name]:
                raise self.error(name, "must not be empty")
        for name, most in longest.items():
            if len(self.get(name, "")) > most:
                raise self.error(name, f"has at most {most} characters: shorten it")
        for name, value in self.items():
            if value != _plain(value):
                raise self.error(name, "holds a control character: take it out")

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


def _plain(text: str) -> str:
    """A text whose control characters (Unicode category Cc) are replaced, for a terminal or a board."""
    return "".join("�" if unicodedata.category(char) == "Cc" else char for char in text)


def _rows(path: Path, needed: Sequence[str], longest: Mapping[str, int]) -> list[_Row]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise GroundError(f"{path.name} has no column {', '.join(missing)}", f"it needs {','.join(needed)}")
            twice = [name for name, count in Counter(reader.fieldnames or ()).items() if count > 1]
            if twice:
                raise GroundError(f"{path.name} has two columns {twice[0]}", "name each column once in the heading")
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
                rows[-1].check(needed, longest)
            return rows
    except OSError as error:
        raise GroundError(f"{path} cannot be read: {error.strerror}", "give a CSV file in UTF-8") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise GroundError(f"{path} cannot be read: {error}", "give a CSV file in UTF-8") from error
