"""Writes the golden transcript: what a console is sent on one rich morning. ``python -m tests.golden.make``.

The same file is read by the Python and the TypeScript tests: a client that starts from ``snapshot`` and takes
``frames`` must hold what ``final`` says. It changes only on purpose.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.types import IncidentId, IncidentKind, Mode, Point, TeamId, TeamKind, Tier, Urgency
from dispatch.service.settings import DeskSettings
from dispatch.wire import frames as fr
from dispatch.wire.snapshot import snapshot_frames
from tests.service.driver import DeskDriver, Table, device, key, register
from tests.service.random_day import PLANS
from tests.wire.line import frames_to

FILE: Final = Path(__file__).with_name("console_transcript.json")

TOWN: Final = Table(
    {
        "V01": {"school": 95, "market": 180, "mill": 400},
        "V02": {"school": 140, "market": 60, "mill": 330},
        "V03": {"school": 260, "market": 220, "mill": Reason.NO_WAY},
        "D01": {"school": 120, "market": 90, "mill": 210},
        "D02": {"school": Reason.OFF_ROAD, "market": Reason.OFF_ROAD, "mill": Reason.OFF_ROAD},
    },
    straight_m={"V02": {"school": 300}, "D01": {"school": 800}, "V01": {"school": 700}},
    tiers={"school": Tier.T1, "market": Tier.T2},
)
FORWARD: Final = (
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
)


class Morning:
    """The story, told to a desk; every command has a key, as it would from a console or a tablet."""

    def __init__(self) -> None:
        self.desk = DeskDriver(TOWN)
        self._keys = 0

    def say(self, command: cmd.Command) -> str:
        self._keys += 1
        return self.desk.applied(command, key(self._keys)).subject

    def report(self, place: str, what: IncidentKind, urgency: Urgency, note: str) -> IncidentId:
        where = self.desk.ground.point(place)
        return IncidentId(self.say(cmd.ReportIncident(where=where, what=what, urgency=urgency, note=note)))

    def enroll(self, team: str, unit: TeamKind, *, on_duty: bool = True) -> None:
        self.say(replace(register(team, Point(120.5, 28.0), f"{team} 巡防队"), unit=unit))
        if on_duty:
            self.say(cmd.StartDuty(team=TeamId(team)))

    def reached(self, incident: IncidentId) -> None:
        """The order of an incident gets to its tablet: stored, then shown."""
        order = self.desk.live(incident)
        assert order is not None
        self.desk.pass_time(120)
        self.desk.applied(cmd.MarkStored(team=order.team, device=device(order.team), seq=self.desk.state.seq))
        self.desk.pass_time(80)
        self.desk.applied(cmd.MarkShown(order=order.order, team=order.team, device=device(order.team)))

    def answer(self, incident: IncidentId, *verbs: OrderTrigger, note: str = "", each_ms: int = 20_000) -> None:
        for verb in verbs:
            order = self.desk.live(incident)
            assert order is not None
            self.desk.pass_time(each_ms)
            self.say(self.desk.answering(order, verb, note))


def morning() -> tuple[DeskDriver, int]:
    """The desk after the story, and the seq at which the console came in."""
    told = Morning()
    desk = told.desk
    for team, unit in (("V01", TeamKind.VILLAGE), ("V02", TeamKind.VILLAGE), ("D01", TeamKind.DEDICATED)):
        told.enroll(team, unit)
    told.enroll("D02", TeamKind.DEDICATED, on_duty=False)
    early = told.report("market", IncidentKind.THEFT, Urgency.ROUTINE, "a bicycle")
    told.reached(early)
    told.answer(early, *FORWARD, note="found behind the stall", each_ms=5000)
    school = told.report("school", IncidentKind.FIGHT, Urgency.CRITICAL, '校门口有人打架 "快"')
    told.reached(school)
    console_came_at = desk.state.seq

    market = told.report("market", IncidentKind.DISPUTE, Urgency.URGENT, "")
    told.reached(market)
    told.answer(school, OrderTrigger.ACCEPT, OrderTrigger.DEPART, each_ms=2000)
    told.answer(market, OrderTrigger.DECLINE, note="爆胎", each_ms=3000)  # V02 cannot: D01 is asked
    desk.pass_time(31_000)  # D01 is silent: nobody is left, the market waits
    mill = told.report("mill", IncidentKind.FIRE, Urgency.CRITICAL, "smoke")  # D01 again, the nearest that is free
    told.say(cmd.StartDuty(team=TeamId("D02")))  # off the roads: it changes nothing for those who wait
    desk.pass_time(16_000)
    told.enroll("V03", TeamKind.VILLAGE)  # registered and sent in the same minute
    told.answer(
        school, OrderTrigger.ARRIVE, OrderTrigger.REPORT_BACK, note="two boys, parents called", each_ms=9000
    )
    desk.pass_time(30_000)
    told.answer(school, OrderTrigger.CLOSE, each_ms=1000)  # closed by the team: V01 is free again
    desk.pass_time(40_000)
    told.say(
        cmd.CloseIncident(incident=mill, outcome="误报: steam")
    )  # closed by the operator, its order is recalled
    desk.pass_time(1000)
    afternoon(told)
    for team in ("D02", "V03"):
        if TeamId(team) not in desk.state.live_order_of:
            told.say(cmd.EndDuty(team=TeamId(team)))
    late = told.report("school", IncidentKind.TRAFFIC, Urgency.ROUTINE, "")
    told.reached(late)
    return desk, console_came_at


def afternoon(told: Morning) -> None:
    """Two reports of one fight that an operator merges, teams sent and taken back by hand, tasks, and help."""
    desk = told.desk
    desk.settings = replace(desk.settings, mode=Mode.RECOMMEND, plans=PLANS)
    v01, v03, d01 = TeamId("V01"), TeamId("V03"), TeamId("D01")
    for name in list(desk.state.open_incidents):
        told.say(cmd.CloseIncident(incident=name, outcome="done by noon"))
    told.say(cmd.StandBy(team=v01, where=desk.ground.point("market")))
    told.say(cmd.PlanTask(team=d01, task="消防检查", starts_at_ms=desk.now_ms, ends_at_ms=desk.now_ms + 600_000))
    desk.pass_time(1000)
    told.say(cmd.ResumePatrol(team=v01))
    first = told.report("market", IncidentKind.FIGHT, Urgency.URGENT, "three men")
    again = told.report("market", IncidentKind.FIGHT, Urgency.URGENT, "a fight, three men")
    told.say(cmd.MergeIncidents(incident=again, into=first))
    told.say(cmd.AddNote(incident=first, note="两人受伤"))
    picks = desk.state.incidents[first].recommended
    told.say(cmd.ConfirmRecommendation(incident=first, teams=tuple(pick.team for pick in picks)))
    desk.pass_time(3000)
    order = desk.state.live_orders(first)[0]
    for verb in (OrderTrigger.ACCEPT, OrderTrigger.DEPART):
        told.say(desk.answering(desk.state.orders[order.order], verb))
    told.say(cmd.AskForHelp(order=order.order, team=order.team, occurred_at_ms=desk.now_ms, note="five by now"))
    told.say(cmd.UnmergeIncident(incident=again))
    idle = next(team for team in (v03, v01, d01) if team not in desk.state.live_order_of)
    told.say(cmd.SendTeam(incident=again, team=idle, reason="knows the family"))
    told.say(cmd.UndoOrder(order=desk.state.live_order_of[idle]))
    told.say(cmd.MergeIncidents(incident=again, into=first))
    told.say(cmd.CloseIncident(incident=first, outcome="?"))
    told.say(cmd.ReopenIncident(incident=first))
    desk.pass_time(60_000)
    told.say(cmd.CloseIncident(incident=first, outcome="settled"))
    served = told.report("market", IncidentKind.DISPUTE, Urgency.ROUTINE, "")
    (pick,) = desk.state.incidents[served].recommended
    told.say(cmd.ConfirmRecommendation(incident=served, teams=(pick.team,)))
    unserved = told.report("market", IncidentKind.DISPUTE, Urgency.ROUTINE, "again")
    told.say(cmd.MergeIncidents(incident=served, into=unserved))  # its team counts there: nobody more is wanted
    desk.settings = DeskSettings()


def transcript() -> dict[str, Any]:
    desk, start = morning()
    rows = desk.rows()
    early = DeskDriver(TOWN)
    early.log.append(rows[:start])
    early.crash()
    (snapshot,), (final,) = snapshot_frames(early.state, None), snapshot_frames(desk.state, None)
    frames = frames_to(rows, None, start, len(rows))
    return {name: _plain(value) for name, value in (("snapshot", snapshot), ("frames", frames), ("final", final))}


def _plain(value: fr.Frame | list[fr.EventFrame]) -> Any:
    if isinstance(value, list):
        return [_plain(frame) for frame in value]
    return json.loads(fr.encode(value))


def transcript_text() -> str:
    return json.dumps(transcript(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(transcript_text(), encoding="utf-8")
