"""Teams: registered, on duty, off duty."""

from __future__ import annotations

from dispatch.domain import events as ev
from dispatch.domain.commands import ChangeTeam, EndDuty, RegisterTeam, StartDuty
from dispatch.domain.duty_machine import DUTY, DutyTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Team
from dispatch.service.plans import Decision, Locate, Plan
from dispatch.service.settings import DeskSettings


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
    fields = ("name", "name_en", "unit", "profile", "home")
    return all(getattr(known, name) == getattr(said, name) for name in fields)


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
    if not DUTY.allows(team.duty, DutyTrigger.END):
        return Decision((), command.team)
    return Decision((ev.DutyEnded(team=command.team),), command.team)
