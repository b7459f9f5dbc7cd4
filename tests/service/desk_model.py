"""The model of any desk: every deed in any order, on the real service and a real log; all laws after every step.

A log is given by a factory, so that the same model runs on every kind of log (see ``LogFolder``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.duty_machine import DUTY, Duty
from dispatch.domain.incident_machine import INCIDENT
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.domain.types import IncidentId, OrderId, TeamId
from dispatch.service.needs import SERVED, UNCONFIRMED, not_again, unmet
from dispatch.service.ports import Log
from dispatch.service.settings import DeskSettings
from dispatch.service.timers import timers
from tests.service.driver import DeskDriver, Done, key
from tests.service.random_day import ASKING, DEEDS, RICH, TABLE, TEAMS, crew, wish

numbers = st.integers(0, 99)
CLOCKS_OWN = (cmd.AssignIncident, cmd.ExpireOrder, cmd.OpenWave, cmd.StartTask, cmd.LapseTask)
"""Commands that only the clock gives, without a key; here it also gives them when they are not due."""

WHATEVER = [
    *DEEDS,
    "report",
    *(["advance", "work", "time"] * 2),
    *(["work", "same", "other"] * 2),
    "again",
    "kill",
    "clock",
]
PASSES_MS = (1, 999, 15_000, 30_000, 31_000, 90_000, 700_000)
CLOCK_MS = (45_000, -3_600_000, -20_000, -1, 3_600_000)
WORK = (
    OrderTrigger.ACCEPT,
    OrderTrigger.DEPART,
    OrderTrigger.ARRIVE,
    OrderTrigger.REPORT_BACK,
    OrderTrigger.CLOSE,
)
PATH = [
    OrderStatus.OFFERED,
    OrderStatus.ACCEPTED,
    OrderStatus.EN_ROUTE,
    OrderStatus.ON_SCENE,
    OrderStatus.REPORTED_BACK,
    OrderStatus.CLOSED,
]

OpenLog = Callable[[Path], Log]
"""Opens the log of a folder; called again with the same folder after a crash, it finds what was committed."""


class DeskModel(RuleBasedStateMachine):
    """The real plans, folds and timers; the clock goes on by itself only where a rule lets it.

    Subclasses set ``open_log``; one whose log lives in memory gives the same object for the same folder.
    """

    open_log: ClassVar[OpenLog]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="desk-model-")
        self.said: list[tuple[cmd.Command, Done]] = []
        self.settled: dict[str, OrderStatus] = {}
        self.set_back = False
        self.replica = DeskState()
        self.checked = 0

    @initialize(settings=st.sampled_from([DeskSettings(), RICH, RICH, ASKING]))
    def a_desk_is_opened(self, settings: DeskSettings) -> None:
        self.desk = DeskDriver(TABLE, settings, type(self).open_log(Path(self.folder.name)))
        for team in TEAMS[:4]:
            self.desk.applied(crew(team))
            self.desk.applied(cmd.StartDuty(team=team))

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.log.close()
        self.folder.cleanup()

    # ── what may happen ───────────────────────────────────────────────────────────────────────────────────

    @rule(word=st.sampled_from(WHATEVER), a=numbers, b=numbers, c=numbers)
    def something_happens(self, word: str, a: int, b: int, c: int) -> None:
        """One rule for all: Hypothesis leaves out whole rules of a day, and a day without wishes is none."""
        match word:
            case "again" if self.said:
                self._somebody_says_it_again(a % len(self.said))
            case "time":
                self.desk.pass_time(PASSES_MS[a % len(PASSES_MS)])
                self._nothing_is_overdue()
            case "kill":
                self._reopen()
            case "clock":
                self._the_machines_clock_is_set(CLOCK_MS[a % len(CLOCK_MS)])
            case "work" if live := sorted(self.desk.state.live_order_of.values()):
                self._a_team_does_all_its_work(live[a % len(live)])
            case "same" if names := list(self.desk.state.open_incidents):
                self._say(cmd.MergeIncidents(incident=names[a % len(names)], into=names[b % len(names)]))
            case "other" if names := self._merged():
                self._say(cmd.UnmergeIncident(incident=names[a % len(names)]))
            case _ if command := wish(self.desk, (word, a, b, c)):
                self._say(command)

    def _a_team_does_all_its_work(self, name: OrderId) -> None:
        """From where it stands to the end: words by chance seldom come so far."""
        for verb in WORK:
            if ORDER.allows(self.desk.state.orders[name].status, verb):
                self._say(self.desk.answering(self.desk.state.orders[name], verb, note="all of it"))

    def _merged(self) -> list[IncidentId]:
        return [name for name, known in self.desk.state.incidents.items() if known.merged_into is not None]

    def _say(self, command: cmd.Command) -> None:
        """One command, with a key of its own but for the clock's; what came of it is true and is remembered."""
        head, before = self.desk.log.head(), self.desk.state.copy()
        its_key = None if isinstance(command, CLOCKS_OWN) else key(len(self.said))
        answer = self.desk.do(command, its_key)
        if isinstance(answer, Refusal):
            assert self.desk.log.head() == head, "a refused command appended something"
        elif answer.kind == "applied":
            assert self.desk.log.head() == head + len(answer.events) > head
            assert its_key is None or self.desk.state.answers[its_key].subject == answer.subject
            self._the_decision_is_true(
                before, answer.events, by_hand=isinstance(command, cmd.SendTeam | cmd.UndoOrder)
            )
            if its_key is not None:
                self.said.append((command, answer))
        else:
            assert self.desk.log.head() == head

    def _somebody_says_it_again(self, number: int) -> None:
        command, first = self.said[number]
        before = self.desk.log.head()
        again = self.desk.do(command, key(number))
        assert isinstance(again, Done)
        assert (again.kind, again.answer) == ("replayed", first.answer)
        other = self.desk.do(cmd.CloseIncident(incident="I0001", outcome="never said"), key(number))
        assert isinstance(other, Refusal)
        assert other.code is Code.KEY_REUSED
        assert self.desk.log.head() == before

    def _the_machines_clock_is_set(self, ms: int) -> None:
        """Within a run the desk's clock never steps (adapters/clock); between two runs it may."""
        self.set_back = self.set_back or ms < 0
        self._reopen()
        self.desk.now_ms += ms
        self.desk.pass_time(0)
        self._nothing_is_overdue()

    def _reopen(self) -> None:
        state, now_ms, settings = self.desk.state, self.desk.now_ms, self.desk.settings
        self.desk.log.close()
        self.desk = DeskDriver(TABLE, settings, type(self).open_log(Path(self.folder.name)))
        self.desk.now_ms = now_ms
        assert self.desk.state == state, "the log folds to another desk"

    # ── what is true after every step ─────────────────────────────────────────────────────────────────────

    def _the_decision_is_true(self, before: DeskState, events: tuple[ev.Event, ...], *, by_hand: bool) -> None:
        """Who is sent can be sent, and who is left out is what the exclusion says, on the desk as it was.

        What an operator confirms keeps the choice that was recommended, which was true when it was recommended.
        """
        busy = set(before.live_order_of) | {one.team for one in events if isinstance(one, ev.OrderOffered)}
        parted = {before.root(one.incident) for one in events if isinstance(one, ev.IncidentUnmerged)}
        asked_before = {name: not_again(before, name) for name in before.open_incidents if name not in parted}
        for event in events:
            if isinstance(event, ev.TeamsRecommended):
                for pick in event.picks:
                    self._the_choice_is_true(before, pick.team, pick.choice, busy)
            if not isinstance(event, ev.OrderOffered):
                continue
            assert DUTY.live(before.teams[event.team].duty), f"{event.team} is off duty"
            if not by_hand and event.by == "desk":
                assert event.team not in asked_before.get(event.incident, {}), (
                    f"{event.team} was asked in this round"
                )
            if event.by == "operator" and not by_hand:
                seen = {pick.team: pick.choice for pick in before.incidents[event.incident].recommended}
                assert event.choice == seen[event.team]
            else:
                self._the_choice_is_true(before, event.team, event.choice, busy)

    def _the_choice_is_true(self, before: DeskState, team: str, choice: ev.Choice, busy: set[TeamId]) -> None:
        excluded = {row.team: row.reason for row in choice.excluded}
        assert team not in excluded
        for other, reason in excluded.items():
            if reason == Reason.OFF_DUTY:
                off_shift = before.teams[other].shift is not None
                assert off_shift or not DUTY.live(before.teams[other].duty)
            elif reason == Reason.BUSY:
                assert other in busy

    def _nothing_is_overdue(self) -> None:
        now_ms = self.desk.now_ms
        for order in self.desk.state.orders.values():
            if ORDER.allows(order.status, OrderTrigger.EXPIRE):
                assert order.deadline_ms > now_ms, f"{order.order} outlived its deadline unanswered"
        for timer in timers(self.desk.state):
            retry = isinstance(timer.command, cmd.AssignIncident)
            assert retry or timer.due_ms > now_ms, f"{timer} is overdue"
        for team in self.desk.state.teams.values():
            assert team.task is None or team.task.ends_at_ms > now_ms

    @invariant()
    def the_log_folds_to_the_live_state(self) -> None:
        for row in self.desk.log.read(self.replica.seq):
            self.replica.apply(row)
        assert self.replica == self.desk.state

    @invariant()
    def a_team_has_at_most_one_live_order_and_it_is_the_one_that_is_kept(self) -> None:
        live = [order for order in self.desk.state.orders.values() if ORDER.live(order.status)]
        assert len({order.team for order in live}) == len(live)
        assert {order.team: order.order for order in live} == self.desk.state.live_order_of
        for team in self.desk.state.live_order_of:
            duty = self.desk.state.teams[team].duty
            assert DUTY.live(duty) and duty is not Duty.ON_TASK, f"{team} is {duty} with a live order"

    @invariant()
    def no_order_moves_backwards(self) -> None:
        for name, order in self.desk.state.orders.items():
            was = self.settled.get(name, OrderStatus.OFFERED)
            if was in PATH and order.status in PATH:
                assert PATH.index(order.status) >= PATH.index(was)
            elif was not in PATH:
                assert order.status is was, "what has ended stays as it ended"
            self.settled[name] = order.status

    @invariant()
    def an_open_incident_that_lacks_a_team_or_has_none_waits_with_a_reason_and_no_other_does(self) -> None:
        state, settings = self.desk.state, self.desk.settings
        for incident in state.incidents.values():
            is_open = INCIDENT.live(incident.status)
            assert (incident.incident in state.open_incidents) == is_open
            if not is_open:
                assert incident.waiting_reason is None and incident.retry_at_ms is None
                assert not incident.recommended
            else:
                lacking = unmet(state, settings, incident.incident)
                alone = not lacking and not state.live_orders(incident.incident)
                waits = incident.waiting_reason is not None
                assert waits == (bool(lacking) or alone), (incident.incident, lacking)
                assert alone == (incident.waiting_reason == SERVED)
                assert bool(incident.recommended) == (incident.waiting_reason == UNCONFIRMED)
                assert (incident.retry_at_ms is not None) == (waits and not alone)

    @invariant()
    def a_merged_incident_hangs_on_one_other_and_a_closed_group_has_no_live_order(self) -> None:
        state = self.desk.state
        for name, incident in state.incidents.items():
            if incident.merged_into is not None:
                assert name in state.incidents[incident.merged_into].merged
                assert not INCIDENT.live(incident.status)
            if state.root(name) not in state.open_incidents:
                assert not any(ORDER.live(state.orders[order].status) for order in incident.orders)

    @invariant()
    def ids_are_unique_and_every_order_belongs_to_its_incident(self) -> None:
        state = self.desk.state
        given = [name for incident in state.incidents.values() for name in incident.orders]
        assert len(given) == len(set(given))
        assert set(given) == set(state.orders)
        for name, incident in state.incidents.items():
            assert [state.orders[order].incident for order in incident.orders] == [name] * len(incident.orders)
            attempts = [state.orders[order].attempt for order in incident.orders]
            assert attempts == list(range(1, len(attempts) + 1))

    @invariant()
    def the_times_of_an_order_go_forward(self) -> None:
        for order in self.desk.state.orders.values():
            steps = [
                order.offered_at_ms,
                order.accepted_at_ms,
                order.departed_at_ms,
                order.arrived_at_ms,
                order.reported_back_at_ms,
                order.ended_at_ms,
            ]
            times = [at_ms for at_ms in steps if at_ms is not None]
            assert self.set_back or times == sorted(times)
            if order.status is OrderStatus.EXPIRED:
                assert order.accepted_at_ms is None
                assert order.ended_at_ms is not None
                assert order.ended_at_ms >= order.deadline_ms

    @invariant()
    def every_deadline_has_fired_at_most_once(self) -> None:
        """Of each offer one expiry (the machine), of each wave one late call, of each task one start and end."""
        for row in self.desk.log.read(self.checked):
            self.checked = row.seq
            self._count(row.event)

    def _count(self, event: ev.Event) -> None:
        counts = self.__dict__.setdefault("counts", {})
        match event:
            case ev.IncidentReopened():
                for name in [name for name in counts if name[:2] == ("late", event.incident)]:
                    del counts[name]
            case ev.WaveOpened(reason="late"):
                name = ("late", event.incident, event.wave)
                assert counts.setdefault(name, 0) == 0, f"{name} was called twice"
                counts[name] += 1
            case ev.TaskPlanned():
                counts["task", event.team] = "planned"
            case ev.TaskStarted():
                assert counts["task", event.team] == "planned"
                counts["task", event.team] = "started"
            case ev.TaskEnded():
                assert counts["task", event.team] in ("planned", "started")
                counts["task", event.team] = "ended"
            case _:
                pass


class LogFolder:
    """The memory log as a folder: what was committed is found again under the same path until it is cleaned up."""

    def __init__(self, make: Callable[[], Log]) -> None:
        self._make, self._held = make, ("", make())

    def __call__(self, folder: Path) -> Log:
        if self._held[0] != str(folder):
            self._held = (str(folder), self._make())
        return self._held[1]
