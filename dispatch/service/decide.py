"""The one table from commands to the plans that decide them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import commands as cmd
from dispatch.domain.state import DeskState
from dispatch.service import by_hand, incidents, orders, teams
from dispatch.service.plans import Plan
from dispatch.service.settings import DeskSettings

PLANS: Final[dict[type[cmd.Command], Callable[[DeskState, Any, DeskSettings, int], Plan]]] = {
    cmd.ReportIncident: incidents.report,
    cmd.CloseIncident: incidents.close,
    cmd.ReopenIncident: incidents.reopen,
    cmd.MergeIncidents: incidents.merge,
    cmd.UnmergeIncident: incidents.unmerge,
    cmd.AddNote: incidents.add_note,
    cmd.AssignIncident: incidents.assign,
    cmd.CallWave: incidents.call_wave,
    cmd.OpenWave: incidents.open_wave,
    cmd.ConfirmRecommendation: by_hand.confirm,
    cmd.SendTeam: by_hand.send,
    cmd.RecallOrder: by_hand.recall,
    cmd.UndoOrder: by_hand.undo,
    cmd.AskForHelp: orders.ask_for_help,
    cmd.RegisterTeam: teams.register,
    cmd.ChangeTeam: teams.change,
    cmd.StartDuty: teams.start_duty,
    cmd.EndDuty: teams.end_duty,
    cmd.StandBy: teams.stand_by,
    cmd.ResumePatrol: teams.resume_patrol,
    cmd.PlanTask: teams.plan_task,
    cmd.EndTask: teams.end_task,
    cmd.StartTask: teams.start_task,
    cmd.LapseTask: teams.lapse_task,
    cmd.AnswerOrder: orders.answer,
    cmd.MarkStored: orders.stored,
    cmd.MarkShown: orders.shown,
    cmd.ExpireOrder: orders.expire,
}


def decide(state: DeskState, command: cmd.Command, settings: DeskSettings, now_ms: int) -> Plan:
    """The plan of ``command``: drive it with answers to its needs until it returns a Decision or a Refusal."""
    return PLANS[type(command)](state, command, settings, now_ms)
