"""A team that itself calls for help."""

from __future__ import annotations

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.types import IncidentKind, TeamId, Urgency, panic_source
from tests.service.test_waves import city, report


def test_a_team_that_calls_for_help_is_not_its_own_help_in_any_round() -> None:
    """Whoever was asked first may be silent: the next one asked is still never the team that is in need."""
    desk = city("V1", "V2")
    mill = desk.ground.point("mill")
    called = cmd.ReportIncident(
        where=mill, what=IncidentKind.ALARM, urgency=Urgency.CRITICAL, source=panic_source(TeamId("V1"))
    )
    incident = desk.applied(called).subject
    assert desk.asked(incident) == ["V2"], "V1 stands nearer, and calls itself"
    offered = next(row.event for row in desk.rows() if isinstance(row.event, ev.OrderOffered))
    assert {row.team: row.reason for row in offered.choice.excluded}["V1"] == Reason.CALLS_FOR_HELP
    for _ in range(20):  # V2 is silent, and silent again
        desk.pass_time(60_000)
    assert set(desk.asked(incident)) == {"V2"}
    other = report(desk, "mill", IncidentKind.DISPUTE)
    assert "V1" in desk.asked(other), "it may still go to others"
