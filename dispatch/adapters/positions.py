"""One filter for every source of positions: late, doubled and impossible fixes never move a team. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from dispatch.domain.types import FixSource, Point, TeamId
from dispatch.domain.words import Word
from geo_data.coordinates import bd09_to_wgs84, gcj02_to_wgs84, straight_m
from geo_data.types import LonLat


class Datum(Word):
    """The datum that a source speaks; everything inside is WGS-84, and each fix keeps what it came in."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


class Verdict(Word):
    """What came of a fix."""

    TAKEN = "taken"
    LATE = "late"
    JUMP = "jump"
    OFF_GROUND = "off_ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A fix: WGS-84 point, ms since the epoch, m, m/s, degrees clockwise from north, 0…100 %; None: not said."""

    team: TeamId
    point: Point
    at_ms: int
    accuracy_m: float | None = None
    speed_m_s: float | None = None
    heading_deg: float | None = None
    battery: float | None = None
    datum: Datum = Datum.WGS84
    source: FixSource = FixSource.FIX


@dataclass(frozen=True, slots=True)
class Track:
    """Where a team is held to be: the latest fix that was taken; ``doubted`` is one that came too far too soon."""

    latest: Seen
    doubted: Seen | None = None


OFF_GROUND_M: Final = 20_000.0
"""So far beyond the edge of the ground a team may drive; what is farther off is no place of this desk."""

METRES_A_DEGREE: Final = 111_195.0
MOST_M_S: Final = 70.0
"""Nothing on the roads is faster (252 km/h)."""

SLACK_M: Final = 100.0
"""What a fix may be wrong by although its accuracy does not say so."""

COURSE_FROM_M: Final = 15.0
COURSE_WITHIN_MS: Final = 60_000
"""Two fixes so far apart in space, and so near in time, tell the course where the source does not."""


@dataclass(frozen=True, slots=True)
class Field:
    """The box of a ground in degrees (WGS-84) with a margin of OFF_GROUND_M around it."""

    west: float
    south: float
    east: float
    north: float

    @staticmethod
    def around(bounds: tuple[float, float, float, float]) -> Field:
        """The field of a ground's bounds (west, south, east, north)."""
        west, south, east, north = bounds
        up = OFF_GROUND_M / METRES_A_DEGREE
        most = min(89.0, max(abs(south), abs(north)) + up)
        side = min(360.0, up / math.cos(math.radians(most)))
        return Field(west - side, south - up, east + side, north + up)

    def holds(self, point: Point) -> bool:
        """Whether a point is on or near the ground."""
        return self.south <= point.lat <= self.north and self.west <= point.lon <= self.east

    def advice(self, point: Point) -> str:
        """What is probably wrong with a point that it does not hold."""
        turned = -90.0 <= point.lon <= 90.0 and self.holds(Point(point.lat, point.lon))
        return "lat and lon are exchanged" if turned else "it is far off this ground"


def to_wgs84(lon: float, lat: float, datum: Datum) -> Point:
    """The WGS-84 point of degrees in a datum."""
    if datum is Datum.WGS84:
        return Point(lon, lat)
    turned = (gcj02_to_wgs84 if datum is Datum.GCJ02 else bd09_to_wgs84)(lon, lat)
    return Point(float(turned[0]), float(turned[1]))


def take(track: Track | None, fix: Seen, now_ms: int, most_m_s: float = MOST_M_S) -> tuple[Track, Verdict]:
    """The track after a fix, and what came of it; a fix from the future counts as taken now.

    A fix that is older than the held one changes nothing (traccar#4417). One that is farther than ``most_m_s``
    allows is a jump, and is marked: the team stays where it is held to be, until a second fix in a row agrees with
    the first. Laws: the track's time never falls; whatever comes late, the track is that of the fixes in order.
    """
    fix = replace(fix, at_ms=min(fix.at_ms, now_ms))
    if track is None:
        return Track(fix), Verdict.TAKEN
    held = track.latest
    if held.at_ms > now_ms:  # the desk's clock was set back
        held = replace(held, at_ms=now_ms)
    if fix.at_ms < held.at_ms:
        return track, Verdict.LATE
    if held.source is FixSource.FIX and not _could(held, fix, most_m_s):
        doubted = track.doubted
        agreed = doubted is not None and doubted.at_ms < fix.at_ms and _could(doubted, fix, most_m_s)
        if not agreed:
            return Track(held, fix), Verdict.JUMP
        assert doubted is not None, "two fixes agree"
        held = doubted
    return Track(_with_course(held, fix)), Verdict.TAKEN


def _could(a: Seen, b: Seen, most_m_s: float) -> bool:
    """Whether a team could have gone from one fix to the other."""
    far_m = straight_m(LonLat(a.point.lon, a.point.lat), LonLat(b.point.lon, b.point.lat))
    return (
        far_m
        <= most_m_s * abs(b.at_ms - a.at_ms) / 1000.0 + (a.accuracy_m or 0.0) + (b.accuracy_m or 0.0) + SLACK_M
    )


def _with_course(held: Seen, fix: Seen) -> Seen:
    """A fix with the course from the one before, where the source says none; standing, it has none."""
    if fix.heading_deg is not None or fix.at_ms - held.at_ms > COURSE_WITHIN_MS:
        return fix
    a, b = (LonLat(each.point.lon, each.point.lat) for each in (held, fix))
    if straight_m(a, b) < COURSE_FROM_M:
        return fix if fix.at_ms > held.at_ms else replace(fix, heading_deg=held.heading_deg)
    return replace(fix, heading_deg=course_deg(held.point, fix.point))


def course_deg(a: Point, b: Point) -> float:
    """Degrees clockwise from north of the way from one point to another, 0…360."""
    east = (b.lon - a.lon) * math.cos(math.radians((a.lat + b.lat) / 2.0))
    return math.degrees(math.atan2(east, b.lat - a.lat)) % 360.0
