"""The one table from commands to the plans that decide them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import commands as cmd
from dispatch.domain.state import DeskState
from dispatch.service import incidents, orders, teams
from dispatch.service.plans import Plan
from dispatch.service.settings import DeskSettings

PLANS: Final[dict[type[cmd.Command], Callable[[DeskState, Any, DeskSettings, int], Plan]]] = {
    cmd.ReportIncident: incidents.report,
    cmd.CloseIncident: incidents.close,
    cmd.AssignIncident: incidents.assign,
    cmd.RegisterTeam: teams.register,
    cmd.ChangeTeam: teams.change,
    cmd.StartDuty: teams.start_duty,
    cmd.EndDuty: teams.end_duty,
    cmd.AnswerOrder: orders.answer,
    cmd.MarkStored: orders.stored,
    cmd.MarkShown: orders.shown,
    cmd.ExpireOrder: orders.expire,
}


def decide(state: DeskState, command: cmd.Command, settings: DeskSettings, now_ms: int) -> Plan:
    """The plan of ``command``: drive it with answers to its needs until it returns a Decision or a Refusal."""
    return PLANS[type(command)](state, command, settings, now_ms)
