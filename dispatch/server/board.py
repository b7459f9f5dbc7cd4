"""Where the teams are: the latest fix of each, in memory; never a fact of record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from dispatch.adapters.positions import MOST_M_S, Datum, Field, Seen, Track, Verdict, take
from dispatch.domain.types import FixSource, Point, TeamId
from dispatch.wire.frames import Fix

HEADING_WITHIN_MS: Final = 30_000
"""A heading that is older says nothing about where a team drives now."""

HEADING_FROM_M_S: Final = 2.0
"""Slower than that, a receiver's heading is noise."""


class Board:
    """The track of each team, whatever its source; every fix passes one filter (``adapters.positions.take``).

    ``most_m_s`` is how fast a team may be before a fix counts as a jump; simulated days run faster than real ones.
    What ``field`` does not hold (None: it holds all) moves nobody.
    """

    def __init__(self, most_m_s: float = MOST_M_S, field: Field | None = None) -> None:
        self._most_m_s, self._field = most_m_s, field
        self._tracks: dict[str, Track] = {}
        self._changed: set[str] = set()
        self.verdicts: Counter[Verdict] = Counter()

    def put(self, fixes: Iterable[Fix], now_ms: int) -> None:
        """Take fixes of the websocket; one from the future counts as taken now."""
        for fix in fixes:
            self.see(_seen(fix), now_ms)

    def see(self, fix: Seen, now_ms: int) -> Verdict:
        """Take a fix of any source, and say what came of it."""
        if self._field is not None and not self._field.holds(fix.point):
            self.verdicts[Verdict.OFF_GROUND] += 1
            return Verdict.OFF_GROUND
        track, verdict = take(self._tracks.get(fix.team), fix, now_ms, self._most_m_s)
        self._tracks[fix.team] = track
        self.verdicts[verdict] += 1
        if verdict is Verdict.TAKEN:
            self._changed.add(fix.team)
        return verdict

    def latest(self, team: TeamId, now_ms: int) -> tuple[Point, FixSource, int] | None:
        """Point, source and age in ms of a team's fix, or None where there is none."""
        track = self._tracks.get(team)
        if track is None:
            return None
        return track.latest.point, track.latest.source, max(0, now_ms - track.latest.at_ms)

    def battery(self, team: TeamId) -> float | None:
        """The percentage that a team's latest fix named, None where it named none."""
        track = self._tracks.get(team)
        return None if track is None else track.latest.battery

    def heading_deg(self, team: TeamId, now_ms: int) -> float | None:
        """Degrees clockwise from north, None where a team stands, its fix is old, or it is not known."""
        track = self._tracks.get(team)
        if track is None or now_ms - track.latest.at_ms > HEADING_WITHIN_MS:
            return None
        speed_m_s = track.latest.speed_m_s
        return track.latest.heading_deg if speed_m_s is None or speed_m_s >= HEADING_FROM_M_S else None

    def tracks(self) -> list[Track]:
        """Every team's track, by team."""
        return [self._tracks[team] for team in sorted(self._tracks)]

    def all(self) -> list[Fix]:
        """Every team's latest fix."""
        return [_fix(track.latest) for track in self._tracks.values()]

    def take_changed(self) -> list[Fix]:
        """The fixes that changed since the last call, one per team."""
        changed, self._changed = self._changed, set()
        return [_fix(self._tracks[team].latest) for team in sorted(changed)]


def _seen(fix: Fix) -> Seen:
    return Seen(
        team=TeamId(fix.team),
        point=Point(fix.lon, fix.lat),
        at_ms=fix.at_ms,
        accuracy_m=fix.accuracy_m,
        speed_m_s=fix.speed_m_s or None,
        battery=fix.battery_pct,
        datum=Datum.WGS84,
        source=fix.source,
    )


def _fix(seen: Seen) -> Fix:
    return Fix.model_construct(  # what the filter took is in range; consoles' fixes are made by the thousand
        team=seen.team,
        lon=seen.point.lon,
        lat=seen.point.lat,
        at_ms=seen.at_ms,
        accuracy_m=seen.accuracy_m,
        speed_m_s=seen.speed_m_s or 0.0,
        source=seen.source,
        battery_pct=seen.battery,
    )
