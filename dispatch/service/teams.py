"""Teams: registered, on duty, off duty."""

from __future__ import annotations

from dispatch.domain import events as ev
from dispatch.domain.commands import EndDuty, RegisterTeam, StartDuty
from dispatch.domain.duty_machine import DUTY, DutyTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.service.plans import Decision, Locate, Plan
from dispatch.service.settings import DeskSettings


def register(state: DeskState, command: RegisterTeam, _settings: DeskSettings, _now_ms: int) -> Plan:
    """Make a team known; the same team again changes nothing, other data under a known id is refused."""
    known = state.teams.get(command.team)
    if known is not None:
        said = (command.name, command.name_en, command.unit, command.profile, command.home)
        if said == (known.name, known.name_en, known.unit, known.profile, known.home):
            return Decision((), command.team)
        return Refusal(Code.TEAM_EXISTS, command.team)
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
