"""The words of the duty: identities, points, and the axes that are never folded into one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

from dispatch.domain.words import Word

TeamId = NewType("TeamId", str)
IncidentId = NewType("IncidentId", str)
OrderId = NewType("OrderId", str)
DeviceId = NewType("DeviceId", str)
CommandKey = NewType("CommandKey", str)


@dataclass(frozen=True, slots=True)
class Point:
    """A WGS-84 point in degrees: longitude -180…180, latitude -90…90."""

    lon: float
    lat: float


class Tier(Word):
    """Which target a place has (重点部位 / 重点区域 / 一般街面)."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"


TARGET_MS: Final[dict[Tier, int]] = {Tier.T1: 60_000, Tier.T2: 180_000, Tier.T3: 300_000}
"""Default target of each tier in ms from report to arrival; a desk may be configured otherwise."""


class Urgency(Word):
    """How grave an incident is (紧急程度)."""

    CRITICAL = "critical"
    URGENT = "urgent"
    ROUTINE = "routine"


class Wave(Word):
    """The force class that is sent (第一/二/三波警力)."""

    W1 = "W1"
    W2 = "W2"
    W3 = "W3"


class IncidentKind(Word):
    """What happened, in the usual types of a station's day."""

    DISPUTE = "dispute"
    THEFT = "theft"
    FIGHT = "fight"
    TRAFFIC = "traffic"
    FIRE = "fire"
    MISSING = "missing"
    ALARM = "alarm"
    FLOOD = "flood"
    OTHER = "other"


class TeamKind(Word):
    """The force class: village (村居巡防队) and station patrols (专制巡防队), station officers, district units."""

    VILLAGE = "village"
    DEDICATED = "dedicated"
    STATION = "station"
    DISTRICT = "district"


class FixSource(Word):
    """Where a team's position came from: a fix of its tablet, or its home or standby point as there is no fix."""

    FIX = "fix"
    HOME = "home"


class Mode(Word):
    """Who sends: the desk by itself, or an operator who confirms what the desk recommends."""

    AUTO = "auto"
    RECOMMEND = "recommend"


DAY_MIN: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Shift:
    """The hours of a team: minutes after local midnight, 0…1439; a shift may run over midnight."""

    from_min: int
    until_min: int

    def holds(self, minute: int) -> bool:
        """Whether ``minute`` of the day (0…1439) is in the shift; equal ends are the whole day."""
        if self.from_min < self.until_min:
            return self.from_min <= minute < self.until_min
        return minute >= self.from_min or minute < self.until_min


_PANIC: Final = "panic "


def panic_source(team: TeamId) -> str:
    """The source of an incident in which a team itself needs help."""
    return f"{_PANIC}{team}"


def team_in_need(source: str) -> TeamId | None:
    """The team that itself needs help in an incident of this source; None for every other source."""
    return TeamId(source.removeprefix(_PANIC)) if source.startswith(_PANIC) else None
