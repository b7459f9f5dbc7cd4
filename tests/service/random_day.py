"""A day of a desk from numbers: each deed is a word and three numbers that pick its team, its order, its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.types import IncidentId, IncidentKind, Mode, OrderId, Shift, TeamId, TeamKind, Urgency, Wave
from dispatch.service.response_plan import parse_plans
from dispatch.service.settings import DeskSettings
from tests.service.driver import SEA, DeskDriver, Table, device, key, register

TEAMS = [f"T{number}" for number in range(1, 7)]
PLACES = ["mill", "school", "bridge", "port"]
TABLE = Table(
    {
        "T1": {"mill": 60, "school": 200, "bridge": 90, "port": 240},
        "T2": {"mill": 120, "school": 100, "bridge": 90, "port": Reason.NO_WAY},
        "T3": {"mill": 180, "school": 300, "bridge": 200, "port": 30},
        "T4": {"mill": 60, "school": Reason.NO_WAY, "bridge": 500, "port": 100},
        "T5": dict.fromkeys(PLACES, Reason.OFF_ROAD),
        "T6": {"mill": 10, "school": 10, "bridge": 10, "port": 10},
    }
)
FILE = Path(__file__).parents[2] / "dispatch" / "service" / "response_plans.toml"
PLANS: Final = parse_plans(FILE.read_text(encoding="utf-8"), FILE.name)
RICH: Final = DeskSettings(plans=PLANS)
"""The plans that the service comes with: waves, classes, deadlines."""
ASKING: Final = replace(RICH, mode=Mode.RECOMMEND)
"""The same desk, but an operator confirms."""

FACTS_OF: Final = {
    "T3": {"unit": TeamKind.DEDICATED, "skills": ("mediation",)},
    "T4": {"unit": TeamKind.STATION, "staff": 4, "vehicle": "van"},
    "T6": {"unit": TeamKind.DISTRICT, "shift": Shift(8 * 60, 8 * 60 - 1)},
}
KINDS: Final = [IncidentKind.FIGHT, IncidentKind.FIRE, IncidentKind.DISPUTE, IncidentKind.MISSING]

Deed = tuple[str, int, int, int]


def crew(team: str, name: str | None = None) -> cmd.RegisterTeam:
    """A team of the random days, of its own class."""
    return replace(register(team, name=name), **FACTS_OF.get(team, {}))


def new_desk(teams: int = 4, settings: DeskSettings | None = None) -> DeskDriver:
    desk = DeskDriver(TABLE, settings)
    for team in TEAMS[:teams]:
        desk.applied(crew(team) if settings else register(team))
        desk.applied(cmd.StartDuty(team=TeamId(team)))
    return desk


class _Pick:
    """What a deed's numbers stand for on this desk; some of it is nonsense on purpose, 0 never is.

    Hypothesis likes 0: were that the nonsense, its days would be full of refusals.
    """

    def __init__(self, desk: DeskDriver, a: int, b: int, c: int) -> None:
        self.desk, self.a, self.b, self.c = desk, a, b, c
        self.team = TeamId((*TEAMS, "T99")[a % (len(TEAMS) + 1)])
        self.order = OrderId(f"O{1 + b % (len(desk.state.orders) + 2):04d}")
        self.incident = IncidentId(f"I{1 + b % (len(desk.state.incidents) + 2):04d}")
        self.other = IncidentId(f"I{1 + c % (len(desk.state.incidents) + 2):04d}")
        self.latest = OrderId(f"O{len(desk.state.orders):04d}")


def _report(p: _Pick) -> cmd.Command:
    where = SEA if p.a % 13 == 12 else p.desk.ground.point(PLACES[p.a % len(PLACES)])
    urgency = [Urgency.URGENT, Urgency.CRITICAL, Urgency.ROUTINE][p.c % 3]
    return cmd.ReportIncident(where=where, what=KINDS[p.b % len(KINDS)], urgency=urgency, note=f"note {p.c}")


def _advance(p: _Pick) -> cmd.Command | None:
    """The next sensible answer of a team that has a live order; one in six declines where it may."""
    live = sorted(p.desk.state.live_order_of.values())
    if not live:
        return None
    order = p.desk.state.orders[live[p.a % len(live)]]
    verbs = [trigger for trigger in OrderTrigger if ORDER.allows(order.status, trigger)]
    verbs = [verb for verb in verbs if verb not in (OrderTrigger.EXPIRE, OrderTrigger.RECALL)]
    if len(verbs) > 1:
        verbs = [OrderTrigger.DECLINE if p.c % 6 == 5 else OrderTrigger.ACCEPT]
    return p.desk.answering(order, verbs[0], note=f"report {p.c}")


def _answer(p: _Pick) -> cmd.Command:
    verb = list(OrderTrigger)[p.c % len(OrderTrigger)]
    return cmd.AnswerOrder(order=p.order, team=p.team, verb=verb, occurred_at_ms=p.desk.now_ms, note="odd")


def _confirm(p: _Pick) -> cmd.Command:
    """One of the recommendations, whole or in part; or teams that nobody recommended."""
    known = [one for one in p.desk.state.incidents.values() if one.recommended]
    if not known or p.c % 9 == 8:
        return cmd.ConfirmRecommendation(incident=p.incident, teams=(p.team,))
    incident = known[p.b % len(known)]
    teams = tuple(pick.team for pick in incident.recommended)
    return cmd.ConfirmRecommendation(incident=incident.incident, teams=teams[: p.a % len(teams) + 1])


def _help(p: _Pick) -> cmd.Command | None:
    live = sorted(p.desk.state.live_order_of.items())
    if not live:
        return None
    team, order = live[p.a % len(live)]
    return cmd.AskForHelp(
        order=order, team=p.team if p.c % 7 == 6 else team, occurred_at_ms=p.desk.now_ms, note="help"
    )


def _task(p: _Pick) -> cmd.Command:
    starts_ms = p.desk.now_ms + p.b * 1000 - 20_000
    return cmd.PlanTask(team=p.team, task="fire check", starts_at_ms=starts_ms, ends_at_ms=starts_ms + p.c * 2000)


DEEDS: Final[dict[str, Callable[[_Pick], cmd.Command | None]]] = {
    "report": _report,
    "advance": _advance,
    "answer": _answer,
    "confirm": _confirm,
    "help": _help,
    "task": _task,
    "close": lambda p: cmd.CloseIncident(incident=p.incident, outcome=f"outcome {p.c}"),
    "reopen": lambda p: cmd.ReopenIncident(incident=p.incident),
    "merge": lambda p: cmd.MergeIncidents(incident=p.incident, into=p.other),
    "unmerge": lambda p: cmd.UnmergeIncident(incident=p.incident),
    "note": lambda p: cmd.AddNote(incident=p.incident, note=f"more {p.c}"),
    "wave": lambda p: cmd.CallWave(incident=p.incident),
    "send": lambda p: cmd.SendTeam(
        incident=p.incident, team=p.team, reason="knows it", wave=(None, *Wave)[p.c % 4]
    ),
    "recall": lambda p: cmd.RecallOrder(order=p.order if p.c % 2 else p.latest, reason="not them"),
    "undo": lambda p: cmd.UndoOrder(order=p.order if p.c % 3 == 0 else p.latest),
    "register": lambda p: crew(TEAMS[p.a % len(TEAMS)], name="another" if p.c > 90 else None),
    "start": lambda p: cmd.StartDuty(team=p.team),
    "end": lambda p: cmd.EndDuty(team=p.team),
    "standby": lambda p: cmd.StandBy(
        team=p.team, where=SEA if p.c % 11 == 10 else p.desk.ground.point(PLACES[p.b % len(PLACES)])
    ),
    "patrol": lambda p: cmd.ResumePatrol(team=p.team),
    "endtask": lambda p: cmd.EndTask(team=p.team),
    "stored": lambda p: cmd.MarkStored(team=p.team, device=device(p.team), seq=p.desk.state.seq - p.c % 5),
    "shown": lambda p: cmd.MarkShown(team=p.team, device=device(p.team), order=p.order),
    "assign": lambda p: cmd.AssignIncident(incident=p.incident),
    "expire": lambda p: cmd.ExpireOrder(order=p.order),
    "late": lambda p: cmd.OpenWave(incident=p.incident, wave=list(Wave)[p.c % 3]),
    "begin": lambda p: cmd.StartTask(team=p.team),
    "lapse": lambda p: cmd.LapseTask(team=p.team),
}
WORDS = [*DEEDS, "report", "report", "advance", "advance", "advance", "advance", "confirm", "wait", "wait", "again"]

deeds = st.tuples(st.sampled_from(WORDS), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
days = st.lists(deeds, max_size=20) | st.lists(deeds, min_size=25, max_size=70)


def wish(desk: DeskDriver, deed: Deed) -> cmd.Command | None:
    """The command of a deed; None where there is nothing it could be about."""
    word, a, b, c = deed
    return DEEDS[word](_Pick(desk, a, b, c)) if word in DEEDS else None


def live_a_day(desk: DeskDriver, day: list[Deed]) -> None:
    for number, deed in enumerate(day):
        if deed[0] == "wait":
            desk.pass_time(deed[1] * 700)
        elif (command := wish(desk, deed)) is not None:
            desk.do(command, key(number))
