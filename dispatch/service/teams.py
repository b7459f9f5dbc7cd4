"""Teams: registered, on duty, at a standby point, on a duty task, off duty."""

from __future__ import annotations

from typing import Final

from dispatch.domain import events as ev
from dispatch.domain.commands import (
    ChangeTeam,
    EndDuty,
    EndTask,
    LapseTask,
    PlanTask,
    RegisterTeam,
    ResumePatrol,
    StandBy,
    StartDuty,
    StartTask,
)
from dispatch.domain.duty_machine import DUTY, Duty, DutyTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Team
from dispatch.service.plans import Decision, Locate, Located, Plan
from dispatch.service.settings import DeskSettings

_FACTS: Final = ("name", "name_en", "unit", "profile", "home", "skills", "vehicle", "staff", "shift")
MAX_AHEAD_MS: Final = 7 * 24 * 3_600_000
MAX_TASK_MS: Final = 24 * 3_600_000


def register(state: DeskState, command: RegisterTeam, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Make a team known; the same team again changes nothing, other data under a known id is refused."""
    known = state.teams.get(command.team)
    if known is not None:
        return Decision((), command.team) if _same(known, command) else Refusal(Code.TEAM_EXISTS, command.team)
    return (yield from _recorded(command))


def change(state: DeskState, command: ChangeTeam, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Give a known team other data; the same data again changes nothing."""
    known = state.teams.get(command.team)
    if known is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if _same(known, command):
        return Decision((), command.team)
    return (yield from _recorded(command))


def _same(known: Team, said: RegisterTeam | ChangeTeam) -> bool:
    return all(getattr(known, name) == getattr(said, name) for name in _FACTS)


def _recorded(command: RegisterTeam | ChangeTeam) -> Plan:
    located = yield Locate(command.home)
    if isinstance(located, Refusal):
        return located
    registered = ev.TeamRegistered(
        team=command.team,
        name=command.name,
        name_en=command.name_en,
        unit=command.unit,
        profile=command.profile,
        home=command.home,
        skills=command.skills,
        vehicle=command.vehicle,
        staff=command.staff,
        shift=command.shift,
    )
    return Decision((registered,), command.team)


def start_duty(state: DeskState, command: StartDuty, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Put a team on patrol; once on patrol, saying it again changes nothing."""
    yield from ()
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if not DUTY.allows(team.duty, DutyTrigger.START):
        return Decision((), command.team)
    return Decision((ev.DutyStarted(team=command.team),), command.team)


def end_duty(state: DeskState, command: EndDuty, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Take a team off duty; refused while it has a live order."""
    yield from ()
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if command.team in state.live_order_of:
        return Refusal(Code.TEAM_BUSY, f"{command.team} has {state.live_order_of[command.team]}")
    if not DUTY.live(team.duty):
        return Decision((), command.team)
    ended = ev.DutyEnded(team=command.team)
    if team.duty is Duty.ON_TASK:
        return Decision((ev.TaskEnded(team=command.team, reason="off_duty"), ended), command.team)
    return Decision((ended,), command.team)


def stand_by(state: DeskState, command: StandBy, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Post a team at a standby point; refused while it is off duty, on a task, or has a live order."""
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if command.team in state.live_order_of:
        return Refusal(Code.TEAM_BUSY, f"{command.team} has {state.live_order_of[command.team]}")
    if not DUTY.allows(team.duty, DutyTrigger.STAND_BY):
        return _not_free(team)
    if team.post == command.where:
        return Decision((), command.team)
    located: Located | Refusal = yield Locate(command.where)
    if isinstance(located, Refusal):
        return located
    taken = ev.StandbyTaken(team=command.team, where=command.where, place=located.place or located.road)
    return Decision((taken,), command.team)


def _not_free(team: Team) -> Refusal:
    if team.duty is Duty.ON_TASK:
        return Refusal(Code.TASK_EXISTS, f"{team.team} is on its task")
    return Refusal(Code.TEAM_OFF_DUTY, team.team)


def resume_patrol(state: DeskState, command: ResumePatrol, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Let a team leave its standby point; a team that has none is patrolling already."""
    yield from ()
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if not DUTY.allows(team.duty, DutyTrigger.PATROL):
        return Decision((), command.team)
    return Decision((ev.PatrolResumed(team=command.team),), command.team)


def plan_task(state: DeskState, command: PlanTask, _settings: DeskSettings, now_ms: int) -> Plan:
    """Plan a duty task; until it starts the team is as free as before (TicketsCAD#141)."""
    yield from ()
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if team.task is not None:
        return Refusal(Code.TASK_EXISTS, f"{command.team}: {team.task.task}")
    starts_ms, ends_ms = command.starts_at_ms, command.ends_at_ms
    if not now_ms < ends_ms or not 0 < ends_ms - starts_ms <= MAX_TASK_MS or starts_ms > now_ms + MAX_AHEAD_MS:
        return Refusal(Code.BAD_REQUEST, "a task ends in the future, starts within 7 days and lasts up to 24 h")
    planned = ev.TaskPlanned(team=command.team, task=command.task, starts_at_ms=starts_ms, ends_at_ms=ends_ms)
    return Decision((planned,), command.team)


def end_task(state: DeskState, command: EndTask, _settings: DeskSettings, _now_ms: int) -> Plan:
    """End a team's task: done where it was begun, cancelled where it was only planned."""
    yield from ()
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if team.task is None:
        return Refusal(Code.NO_TASK, command.team)
    reason = "done" if team.duty is Duty.ON_TASK else "cancelled"
    return Decision((ev.TaskEnded(team=command.team, reason=reason),), command.team)


def start_task(state: DeskState, command: StartTask, _settings: DeskSettings, now_ms: int) -> Plan:
    """Begin a planned task when its time has come and the team is free for it; otherwise nothing changes yet."""
    yield from ()
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if not may_start_task(state, team) or team.task is None or now_ms < team.task.starts_at_ms:
        return Decision((), command.team)
    return Decision((ev.TaskStarted(team=command.team),), command.team)


def may_start_task(state: DeskState, team: Team) -> bool:
    """Whether a team has a planned task and nothing that keeps it from beginning, but for the time."""
    free = team.team not in state.live_order_of
    return team.task is not None and free and DUTY.allows(team.duty, DutyTrigger.START_TASK)


def lapse_task(state: DeskState, command: LapseTask, _settings: DeskSettings, now_ms: int) -> Plan:
    """End a task whose time is over: time where it was begun, missed where it never was."""
    yield from ()
    team = state.teams.get(command.team)
    if team is None:
        return Refusal(Code.UNKNOWN_TEAM, command.team)
    if team.task is None or now_ms < team.task.ends_at_ms:
        return Decision((), command.team)
    reason = "time" if team.duty is Duty.ON_TASK else "missed"
    return Decision((ev.TaskEnded(team=command.team, reason=reason),), command.team)
