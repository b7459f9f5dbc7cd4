"""A desk without loop, socket or ground: drives the real plans with a table of times, folds, keeps the log."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from dispatch.adapters.log_memory import MemoryLog
from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.assignment.times import TimesTable
from dispatch.domain import commands as cmd
from dispatch.domain.events import Envelope, Event
from dispatch.domain.holes import Hole
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Order
from dispatch.domain.types import (
    DeviceId,
    FixSource,
    IncidentId,
    IncidentKind,
    OrderId,
    Point,
    TeamId,
    TeamKind,
    Tier,
    Urgency,
)
from dispatch.domain.walk import Step
from dispatch.service.decide import decide
from dispatch.service.plans import Decision, Locate, Located, Need, TeamStart
from dispatch.service.ports import Log
from dispatch.service.settings import DeskSettings
from dispatch.service.timers import Timer, next_timer
from dispatch.wire.records import digest

START_MS = 1_800_000_000_000
HOME = Point(120.5, 28.0)
SEA = Point(0.0, 0.0)
MOST_TIMERS = 10_000

Row = Mapping[str, int | Reason]


@dataclass(frozen=True)
class Table:
    """A ground that is a table: seconds of each team to each place (or why not), and straight-line metres."""

    seconds: Mapping[str, Row]
    straight_m: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    loss_micro: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def places(self) -> list[str]:
        return sorted({place for row in self.seconds.values() for place in row})

    def point(self, place: str) -> Point:
        return Point(120.0 + self.places.index(place) / 100, 28.0)

    def locate(self, point: Point) -> Located | Refusal:
        if point == HOME:
            return Located(road="home road", place="", tier=Tier.T3, off_road_m=0)
        name = next((place for place in self.places if self.point(place) == point), None)
        if name is None:
            return Refusal(Code.TOO_FAR_FROM_ROAD, f"{point.lat}, {point.lon}")
        return Located(road=f"{name} road", place=name, tier=self.tiers.get(name, Tier.T3), off_road_m=3)

    def times(self, incidents: Sequence[tuple[IncidentId, Point]], teams: Sequence[TeamStart]) -> TimesTable:
        where = {self.point(place): place for place in self.places}
        return TimesTable.of(
            {(name, team.team): self.time(team.team, where[to]) for name, to in incidents for team in teams}
        )

    def time(self, team: TeamId, place: str) -> TravelTime:
        found = self.seconds.get(team, {}).get(place, Reason.NO_WAY)
        seconds = None if isinstance(found, Reason) else found
        return TravelTime(
            team=team,
            position=HOME,
            fix=FixSource.HOME,
            fix_age_ms=0,
            straight_m=self.straight_m.get(team, {}).get(place, 10 * (seconds or 0)),
            eta_ms=None if seconds is None else seconds * 1000,
            road_m=10 * (seconds or 0),
            reason=found if isinstance(found, Reason) else None,
            hole=Hole(team=team, loss_micro=self.loss_micro[team]) if team in self.loss_micro else None,
        )


# seconds to      the mill  the school
TOWN = Table(
    {
        "T1": {"mill": 60, "school": 200},
        "T2": {"mill": 120, "school": 100},
        "T3": {"mill": 180, "school": 300},
    },
    tiers={"school": Tier.T1},
)
"""The town of most stories."""


@dataclass(frozen=True)
class Done:
    """What came of a command that was not refused, and the facts that it wrote."""

    kind: Literal["applied", "replayed", "superseded"]
    subject: str
    first_seq: int
    last_seq: int
    events: tuple[Event, ...] = ()

    @property
    def answer(self) -> tuple[str, int, int]:
        """What the caller is told, but for whether it was told before."""
        return (self.subject, self.first_seq, self.last_seq)


class DeskDriver:
    """One desk: ``do`` decides and folds a command, ``pass_time`` runs due timers, ``crash`` refolds."""

    def __init__(self, ground: Table, settings: DeskSettings | None = None, log: Log | None = None) -> None:
        self.ground, self.settings = ground, settings or DeskSettings()
        self.log: Log = log or MemoryLog()
        self.now_ms = START_MS
        self.state = DeskState()
        self.crash()

    def crash(self) -> None:
        """Forget everything but the log."""
        self.state = DeskState()
        for row in self.log.read():
            self.state.apply(row)

    def do(self, command: cmd.Command, key: str | None = None) -> Done | Refusal:
        """Take one command to its end, as the single writer does."""
        known = self.state.answers.get(key) if key else None
        if known is not None:
            if known.digest != digest(command):
                return Refusal(Code.KEY_REUSED, key or "")
            return Done("replayed", known.subject, known.first_seq, known.last_seq)
        result = self._drive(command)
        if isinstance(result, Refusal):
            return result
        if not result.events:
            return Done("superseded", result.subject, self.state.seq, self.state.seq)
        mark = digest(command) if key else None
        rows = [
            Envelope(seq=seq, at_ms=self.now_ms, key=key, digest=mark, event=event)
            for seq, event in enumerate(result.events, self.state.seq + 1)
        ]
        self.log.append(rows)
        for row in rows:
            self.state.apply(row)
        return Done("applied", result.subject, rows[0].seq, rows[-1].seq, result.events)

    def _drive(self, command: cmd.Command) -> Decision | Refusal:
        plan = decide(self.state, command, self.settings, self.now_ms)
        answer: object = None
        while True:
            try:
                need: Need | Step = plan.send(answer)
            except StopIteration as done:
                result: Decision | Refusal = done.value
                return result
            if isinstance(need, Step):
                answer = None
            elif isinstance(need, Locate):
                answer = self.ground.locate(need.point)
            else:
                answer = self.ground.times(need.incidents, need.teams)

    def pass_time(self, ms: int) -> list[Event]:
        """Let ``ms`` pass; each timer runs at the moment it is due. Returns the facts that came of it."""
        end_ms, facts = self.now_ms + ms, []
        held_up: dict[Timer, int] = {}
        for _ in range(MOST_TIMERS):
            ready = next_timer(self.state, held_up)
            if ready is None or ready[0] > end_ms:
                self.now_ms = end_ms
                return facts
            ready_ms, timer = ready
            self.now_ms = max(self.now_ms, ready_ms)
            done = self.do(timer.command)
            assert isinstance(done, Done), f"the clock's own command was refused: {done}"
            if not done.events:
                held_up[timer] = self.now_ms + self.settings.retry_after_ms
            facts += done.events
        raise AssertionError(f"more than {MOST_TIMERS} timers in {ms} ms")

    def rows(self, after: int = 0) -> list[Envelope]:
        return list(self.log.read(after))

    # ── shorthand for stories ─────────────────────────────────────────────────────────────────────────────

    def applied(self, command: cmd.Command, key: str | None = None) -> Done:
        done = self.do(command, key)
        assert isinstance(done, Done), done
        return done

    def refused(self, command: cmd.Command, key: str | None = None) -> Code:
        """The code of a refusal; nothing may have been written."""
        seq = self.log.head()
        refusal = self.do(command, key)
        assert isinstance(refusal, Refusal), refusal
        assert self.log.head() == seq, "a refused command appended something"
        return refusal.code

    def register(self, *teams: str, on_duty: bool = True) -> None:
        for team in teams:
            self.applied(register(team))
            if on_duty:
                self.applied(cmd.StartDuty(team=TeamId(team)))

    def report(self, place: str, key: str | None = None) -> IncidentId:
        return IncidentId(self.applied(self.reporting(place), key).subject)

    def reporting(self, place: str, note: str = "") -> cmd.ReportIncident:
        where = SEA if place == "the sea" else self.ground.point(place)
        return cmd.ReportIncident(where=where, what=IncidentKind.DISPUTE, urgency=Urgency.URGENT, note=note)

    def answering(self, order: Order, verb: OrderTrigger, note: str = "") -> cmd.AnswerOrder:
        return cmd.AnswerOrder(order=order.order, team=order.team, verb=verb, occurred_at_ms=self.now_ms, note=note)

    def live(self, incident: str) -> Order | None:
        """The live order of an incident, fresh from the state."""
        orders = self.state.live_orders(IncidentId(incident))
        assert len(orders) <= 1
        return orders[0] if orders else None

    def asked(self, incident: str) -> list[str]:
        """Every team that was asked for an incident, in order."""
        return [self.state.orders[name].team for name in self.state.incidents[IncidentId(incident)].orders]

    def walk(self, order: OrderId, *verbs: OrderTrigger) -> Order:
        """Let the order's own team say these, one second apart."""
        for verb in verbs:
            self.pass_time(1000)
            self.applied(self.answering(self.state.orders[order], verb, note="done"))
        return self.state.orders[order]


def register(team: str, home: Point = HOME, name: str | None = None) -> cmd.RegisterTeam:
    return cmd.RegisterTeam(
        team=TeamId(team),
        name=name or f"巡防{team}队",
        name_en=f"Team {team}",
        unit=TeamKind.VILLAGE,
        profile="car",
        home=home,
    )


def key(number: int) -> str:
    """The ``number``-th key of a test: the same in every run."""
    return str(uuid.UUID(int=0x018F << 112 | 0x7 << 76 | 0x2 << 62 | number))


def live(order: Order) -> bool:
    return ORDER.live(order.status)


def device(team: str) -> DeviceId:
    return DeviceId(f"tablet-{team}")
