"""The facts of teams: who they are, and what they are rostered to do. Times are ms since the Unix epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dispatch.domain.types import Point, Shift, TeamId, TeamKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRegistered:
    """A team is known to the desk, or known by other data from now on; its duty stays as it is."""

    kind: Literal["team_registered"] = "team_registered"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyStarted:
    """A team is on patrol."""

    kind: Literal["duty_started"] = "duty_started"
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEnded:
    """A team is off duty."""

    kind: Literal["duty_ended"] = "duty_ended"
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class StandbyTaken:
    """备勤点: the team stands by at a point."""

    kind: Literal["standby_taken"] = "standby_taken"
    team: TeamId
    where: Point
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolResumed:
    """The team has left its standby point and patrols again."""

    kind: Literal["patrol_resumed"] = "patrol_resumed"
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlanned:
    """微服务: a task from ``starts_at_ms`` to ``ends_at_ms``; till it starts the team is as free as before."""

    kind: Literal["task_planned"] = "task_planned"
    team: TeamId
    task: str
    starts_at_ms: int
    ends_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    """The team is on its duty task: it may still be sent, at a lower rank."""

    kind: Literal["task_started"] = "task_started"
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded:
    """The task is over, or will not be: done, cancelled, called_off (for an incident), time, missed, off_duty."""

    kind: Literal["task_ended"] = "task_ended"
    team: TeamId
    reason: str
