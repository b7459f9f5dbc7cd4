"""Who could go: teams and their travel times in, a ranking out, each exclusion with its reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dispatch.domain.events import Candidate, Exclusion
from dispatch.domain.holes import Hole
from dispatch.domain.types import FixSource, Point, TeamId
from dispatch.domain.words import Word


class Reason(Word):
    """Why a team is not considered; the console translates the code."""

    OFF_DUTY = "off_duty"
    BUSY = "busy"
    SILENT_BEFORE = "silent_before"
    DECLINED_BEFORE = "declined_before"
    RECALLED_BEFORE = "recalled_before"
    SERVED_BEFORE = "served_before"
    CALLS_FOR_HELP = "calls_for_help"
    OFF_ROAD = "off_road"
    NO_WAY = "no_way"
    UNKNOWN_PROFILE = "unknown_profile"
    WRONG_CLASS = "wrong_class"
    LACKS_SKILL = "lacks_skill"
    WRONG_VEHICLE = "wrong_vehicle"
    UNDERSTAFFED = "understaffed"
    ON_TASK = "on_task"
    SENT_ELSEWHERE = "sent_elsewhere"
    NOT_ASKED = "not_asked"


class TravelTime(NamedTuple):
    """What the ground says of one team and one place; ``eta_ms`` is None where ``reason`` says why.

    ``hole`` is what opens where the team leaves its post, None where that is not looked at or it covers nothing.
    ``unreached``: it is known that no tablet of the team is connected.
    A tuple, for a decision asks for thousands of them.
    """

    team: TeamId
    position: Point
    fix: FixSource
    fix_age_ms: int
    straight_m: int
    eta_ms: int | None
    road_m: int
    reason: Reason | None
    hole: Hole | None = None
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates by (time, team id), and those left out."""

    ranked: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]


def rank(times: Sequence[TravelTime], barred: Mapping[TeamId, Reason]) -> Ranking:
    """Rank every team that can come and is not barred, by time, then id; the rest is excluded with its reason."""
    ranked: list[Candidate] = []
    excluded = [Exclusion(team=team, reason=reason) for team, reason in barred.items()]
    for time in times:
        if time.team in barred:
            continue
        if time.eta_ms is None:
            excluded.append(Exclusion(team=time.team, reason=time.reason or Reason.NO_WAY))
            continue
        ranked.append(
            Candidate(
                team=time.team,
                eta_ms=time.eta_ms,
                road_m=time.road_m,
                straight_m=time.straight_m,
                position=time.position,
                fix=time.fix,
                fix_age_ms=time.fix_age_ms,
                unreached=time.unreached,
            )
        )
    ranked.sort(key=lambda candidate: (candidate.eta_ms, candidate.team))
    excluded.sort(key=lambda exclusion: exclusion.team)
    return Ranking(tuple(ranked), tuple(excluded))


def nearest_by_straight_line(ranked: Collection[Candidate]) -> Candidate | None:
    """The candidate that a system without roads would have sent."""
    return min(ranked, key=lambda candidate: (candidate.straight_m, candidate.team), default=None)
