"""A day of a desk from numbers: each deed is a word and three numbers that pick its team, its order, its time."""

from __future__ import annotations

from hypothesis import strategies as st

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.types import IncidentId, IncidentKind, OrderId, TeamId, Urgency
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
WORDS = [
    "report",
    "report",
    "advance",
    "advance",
    "advance",
    "answer",
    "stored",
    "shown",
    "wait",
    "wait",
    "close",
    "start",
    "end",
    "register",
    "assign",
    "expire",
    "again",
]

Deed = tuple[str, int, int, int]
deeds = st.tuples(st.sampled_from(WORDS), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
days = st.lists(deeds, max_size=20) | st.lists(deeds, min_size=25, max_size=70)


def new_desk(teams: int = 4) -> DeskDriver:
    desk = DeskDriver(TABLE)
    desk.register(*TEAMS[:teams])
    return desk


def wish(desk: DeskDriver, deed: Deed) -> cmd.Command | None:
    """The command of a deed; None where there is nothing it could be about. Some are nonsense on purpose."""
    word, a, b, c = deed
    team = TeamId((*TEAMS, "T99")[a % (len(TEAMS) + 1)])
    order = OrderId(f"O{b % (len(desk.state.orders) + 2):04d}")
    incident = IncidentId(f"I{b % (len(desk.state.incidents) + 2):04d}")
    match word:
        case "report":
            where = SEA if a % 13 == 0 else desk.ground.point(PLACES[a % len(PLACES)])
            return cmd.ReportIncident(
                where=where, what=IncidentKind.FIGHT, urgency=Urgency.URGENT, note=f"note {c}"
            )
        case "close":
            return cmd.CloseIncident(incident=incident, outcome=f"outcome {c}")
        case "assign":
            return cmd.AssignIncident(incident=incident)
        case "register":
            return register(TEAMS[a % len(TEAMS)], name="another" if c > 90 else None)
        case "start":
            return cmd.StartDuty(team=team)
        case "end":
            return cmd.EndDuty(team=team)
        case "advance":
            return _advance(desk, a, c)
        case "answer":
            verb = list(OrderTrigger)[c % len(OrderTrigger)]
            return cmd.AnswerOrder(order=order, team=team, verb=verb, occurred_at_ms=desk.now_ms, note="odd")
        case "stored":
            return cmd.MarkStored(team=team, device=device(team), seq=desk.state.seq - c % 5)
        case "shown":
            return cmd.MarkShown(team=team, device=device(team), order=order)
        case "expire":
            return cmd.ExpireOrder(order=order)
        case _:
            return None


def _advance(desk: DeskDriver, a: int, c: int) -> cmd.Command | None:
    """The next sensible answer of a team that has a live order; one in six declines where it may."""
    live = sorted(desk.state.live_order_of.values())
    if not live:
        return None
    order = desk.state.orders[live[a % len(live)]]
    verbs = [trigger for trigger in OrderTrigger if ORDER.allows(order.status, trigger)]
    verbs = [verb for verb in verbs if verb not in (OrderTrigger.EXPIRE, OrderTrigger.RECALL)]
    if len(verbs) > 1:
        verbs = [OrderTrigger.DECLINE if c % 6 == 0 else OrderTrigger.ACCEPT]
    return desk.answering(order, verbs[0], note=f"report {c}")


def live_a_day(desk: DeskDriver, day: list[Deed]) -> None:
    for number, deed in enumerate(day):
        if deed[0] == "wait":
            desk.pass_time(deed[1] * 700)
        elif (command := wish(desk, deed)) is not None:
            desk.do(command, key(number))
