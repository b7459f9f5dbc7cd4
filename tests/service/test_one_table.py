"""A decision asks the ground once: one table for all incidents that want a team and all teams that could go."""

from __future__ import annotations

from dispatch.domain.commands import AssignIncident, Command, StartDuty
from dispatch.domain.types import TeamId
from dispatch.domain.walk import Step
from dispatch.service.decide import decide
from dispatch.service.plans import Decision, Locate, TravelTimes
from tests.service.driver import TOWN, DeskDriver


def asked(desk: DeskDriver, command: Command) -> tuple[list[TravelTimes], Decision]:
    """The tables that deciding a command asks for, and what is decided; the desk stays as it was."""
    plan = decide(desk.state, command, desk.settings, desk.now_ms)
    tables: list[TravelTimes] = []
    answer: object = None
    while True:
        try:
            need = plan.send(answer)
        except StopIteration as done:
            assert isinstance(done.value, Decision)
            return tables, done.value
        answer = None
        if isinstance(need, TravelTimes):
            tables.append(need)
            answer = desk.ground.times(need.incidents, need.teams)
        elif isinstance(need, Locate):
            answer = desk.ground.locate(need.point)
        else:
            assert isinstance(need, Step)


def test_all_that_wait_stand_in_one_table_with_all_teams_on_duty() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1", "T2", "T3", on_duty=False)
    names = [desk.report("mill"), desk.report("school")]
    desk.now_ms += desk.settings.retry_after_ms
    desk.applied(StartDuty(team=TeamId("T2")))
    (table,), _ = asked(desk, AssignIncident(incident=names[0]))
    assert [name for name, _ in table.incidents] == names
    assert [start.team for start in table.teams] == ["T2"], "those off duty are not asked"


def test_where_nobody_could_go_nothing_is_asked() -> None:
    desk = DeskDriver(TOWN)
    desk.register("T1", on_duty=False)
    tables, decision = asked(desk, desk.reporting("mill"))
    assert tables == []
    assert decision.events, "it is recorded, and waits"
