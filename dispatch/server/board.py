"""Where the teams are: the latest fix of each, in memory; never a fact of record."""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.domain.types import FixSource, Point, TeamId
from dispatch.wire.frames import Fix


class Board:
    """Latest fix by team; an older fix never replaces a newer one."""

    def __init__(self) -> None:
        self._fixes: dict[str, Fix] = {}
        self._changed: set[str] = set()

    def put(self, fixes: Iterable[Fix], now_ms: int) -> None:
        """Take fixes; one from the future counts as taken now."""
        for fix in fixes:
            held = self._fixes.get(fix.team)
            taken = min(fix.at_ms, now_ms)
            if held is None or min(held.at_ms, now_ms) <= taken:
                self._fixes[fix.team] = fix.model_copy(update={"at_ms": taken})
                self._changed.add(fix.team)

    def latest(self, team: TeamId, now_ms: int) -> tuple[Point, FixSource, int] | None:
        """Point, source and age in ms of a team's fix, or None where there is none."""
        fix = self._fixes.get(team)
        return None if fix is None else (Point(fix.lon, fix.lat), fix.source, max(0, now_ms - fix.at_ms))

    def all(self) -> list[Fix]:
        """Every team's latest fix."""
        return list(self._fixes.values())

    def take_changed(self) -> list[Fix]:
        """The fixes that changed since the last call, one per team."""
        changed, self._changed = self._changed, set()
        return [self._fixes[team] for team in sorted(changed)]
