"""Who goes where, for all open needs at once: lexicographic by urgency and wave, then total time, exactly.

The order of what matters is carried in the digits of whole-number costs, so that one minimum-cost matching (see
``matching``) decides it all: of each class, the gravest first, as many needs as possible are filled; then, under
the coverage policy, the lateness beyond the targets, the disturbance, and the expected cover that is lost
(MEXCLP: Daskin 1983); then the total time. Ties go to the teams that have rested longest, then by id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dispatch.assignment.appraisal import Appraisal, Pair, Times, appraise
from dispatch.assignment.candidates import Reason
from dispatch.assignment.explain import Cover, choice_of, loss_of
from dispatch.assignment.matching import Matching, match
from dispatch.assignment.problem import MAX_NEEDS, MAX_UNITS, Engagement, Need, Policy, Rules, Unit
from dispatch.domain.events import Candidate, Choice, Exclusion
from dispatch.domain.types import IncidentId, OrderId, TeamId


class Lack(StrEnum):
    """Why a need stays open."""

    NO_TEAM = "no_team"
    ALL_OFF_DUTY = "all_off_duty"
    ALL_BUSY = "all_busy"
    NONE_ACCEPTED = "none_accepted"
    NONE_ABLE = "none_able"
    NONE_CAN_REACH = "none_can_reach"
    ALL_SENT_ELSEWHERE = "all_sent_elsewhere"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A team is to be sent: who and why.

    ``diverted_from`` is the live order that it is taken from, ``replaces`` the team that held the need until now,
    ``preempted`` that it is called off a duty task.
    """

    need: Need
    candidate: Candidate
    choice: Choice
    diverted_from: Engagement | None = None
    replaces: TeamId | None = None
    preempted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The team that holds the need keeps it: nothing is to be done."""

    need: Need
    team: TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Nobody can be sent now: the reason in one word, and that of every team."""

    need: Need
    reason: Lack
    excluded: tuple[Exclusion, ...]


Row = Assigned | Kept | Shortfall


@dataclass(frozen=True, slots=True)
class Assignments:
    """One row a need, the gravest first, then by incident, wave and slot; and the live orders to take back.

    ``objective`` is what was minimised, comparable within one question: for each class (unfilled, lateness,
    disturbance, loss, time), then rest, then the exact time where a rest window coarsens it.
    """

    rows: tuple[Row, ...]
    recalls: tuple[OrderId, ...]
    objective: tuple[int, ...]
    proof: Proof


@dataclass(frozen=True, slots=True)
class Proof:
    """The matching with its prices, and the costs that it was solved for: ``matching.proves(*proof)`` checks it."""

    matching: Matching
    costs: Sequence[Mapping[int, int]]
    without: Sequence[int]


def assign(
    needs: Sequence[Need],
    units: Sequence[Unit],
    times: Times,
    rules: Rules | None = None,
    cover: Cover | None = None,
) -> Assignments:
    """Decide every need at once; pure, and independent of the order in which needs and units are given.

    ``times`` has the travel time of each pair that was asked for; a pair without one is excluded as not asked.
    ``cover`` has the hole that each team's leaving opens, for the coverage policy and for the explanation. A team
    fills at most one need. Needs beyond MAX_NEEDS, the least grave, are answered TOO_MANY. Laws: no other
    assignment has a smaller objective; another unit never makes the objective larger.
    """
    rules = rules or Rules()
    assert len(units) <= MAX_UNITS, f"{len(units)} units: split the desk"
    assert len({unit.team for unit in units}) == len(units), "a team is one unit"
    asked = sorted(needs, key=lambda need: (*need.grade, need.incident, need.slot))
    crew = sorted(units, key=lambda unit: unit.team)
    appraisals = [appraise(need, crew, times, rules) for need in asked[:MAX_NEEDS]]
    number = {unit.team: index for index, unit in enumerate(crew)}
    code = _Code.of(appraisals, crew, rules, cover)
    costs = [
        {number[pair.unit.team]: code.cost(row, pair, number[pair.unit.team]) for pair in appraisal.pairs}
        for row, appraisal in enumerate(appraisals)
    ]
    without = [code.without(row) for row in range(len(appraisals))]
    found = match(costs, without)
    chosen = [None if column is None else crew[column].team for column in found.column]
    sent = {
        team: appraisal.need.incident
        for team, appraisal in zip(chosen, appraisals, strict=True)
        if team is not None
    }
    rows: list[Row] = [
        _row(appraisal, team, rules, cover, sent) for team, appraisal in zip(chosen, appraisals, strict=True)
    ]
    rows += [Shortfall(need=need, reason=Lack.TOO_MANY, excluded=()) for need in asked[MAX_NEEDS:]]
    return Assignments(
        tuple(rows), _recalls(rows, crew), code.objective(appraisals, chosen), Proof(found, costs, without)
    )


def _row(
    appraisal: Appraisal,
    team: TeamId | None,
    rules: Rules,
    cover: Cover | None,
    sent: Mapping[TeamId, IncidentId],
) -> Row:
    need = appraisal.need
    if team is None:
        gone = [Exclusion(team=pair.unit.team, reason=Reason.SENT_ELSEWHERE) for pair in appraisal.pairs]
        excluded = tuple(sorted([*gone, *appraisal.excluded], key=lambda row: row.team))
        return Shortfall(need=need, reason=lack_of(excluded), excluded=excluded)
    if team == need.held_by:
        return Kept(need=need, team=team)
    candidate, choice = choice_of(appraisal, team, rules.policy, cover, sent)
    pair = appraisal.pair_of(team)
    assert pair is not None, "the chosen team is one of the pairs"
    return Assigned(
        need=need,
        candidate=candidate,
        choice=choice,
        diverted_from=pair.unit.engagement,
        replaces=need.held_by,
        preempted=pair.unit.on_task and pair.unit.engagement is None,
    )


def lack_of(excluded: Sequence[Exclusion]) -> Lack:
    """Why nobody goes, in one word, from the reasons of all teams: what the desk could change comes first."""
    reasons = {row.reason for row in excluded} - {Reason.OFF_DUTY}
    if not excluded:
        return Lack.NO_TEAM
    if not reasons:
        return Lack.ALL_OFF_DUTY
    if Reason.SENT_ELSEWHERE in reasons:
        return Lack.ALL_SENT_ELSEWHERE
    if reasons & {Reason.SILENT_BEFORE, Reason.DECLINED_BEFORE}:
        return Lack.NONE_ACCEPTED
    if reasons <= {Reason.BUSY, Reason.ON_TASK}:
        return Lack.ALL_BUSY
    if reasons & {Reason.OFF_ROAD, Reason.NO_WAY, Reason.UNKNOWN_PROFILE, Reason.NOT_ASKED}:
        return Lack.NONE_CAN_REACH
    return Lack.ALL_BUSY if Reason.BUSY in reasons else Lack.NONE_ABLE


def _recalls(rows: Sequence[Row], crew: Sequence[Unit]) -> tuple[OrderId, ...]:
    """The live orders that end with this decision: of the teams taken away, and of those that were replaced."""
    moved = {row.candidate.team for row in rows if isinstance(row, Assigned)}
    moved |= {row.replaces for row in rows if isinstance(row, Assigned) and row.replaces is not None}
    return tuple(unit.engagement.order for unit in crew if unit.team in moved and unit.engagement is not None)


@dataclass(frozen=True, slots=True)
class _Code:
    """How the order of what matters is written into one whole number: the width in bits of each digit."""

    grades: Sequence[int]
    n_grades: int
    widths: tuple[int, int, int, int]
    rest: Mapping[int, int]
    rest_width: int
    exact_width: int
    id_width: int
    n_units: int
    targets: Sequence[int]
    rules: Rules
    cover: Cover | None

    @staticmethod
    def of(appraisals: Sequence[Appraisal], crew: Sequence[Unit], rules: Rules, cover: Cover | None) -> _Code:
        """The code of one question: every digit is wide enough for the sum over all needs."""
        n = max(1, len(appraisals))
        known = sorted({appraisal.need.grade for appraisal in appraisals})
        most_ms = max((p.eta_ms + p.extra_ms for a in appraisals for p in a.pairs), default=0)
        most_extra_ms = max((p.extra_ms for a in appraisals for p in a.pairs), default=0)
        most_loss = max((hole.loss_micro for hole in cover.values()), default=0) if cover else 0
        aware = rules.policy is Policy.COVERAGE
        time, disturbance, loss = ((n * most).bit_length() for most in (most_ms, most_extra_ms, most_loss))
        waits = sorted({unit.last_order_ms or 0 for unit in crew})
        return _Code(
            grades=[known.index(appraisal.need.grade) for appraisal in appraisals],
            n_grades=len(known),
            widths=(time if aware else 0, disturbance if aware else 0, loss if aware else 0, time),
            rest={wait: rank for rank, wait in enumerate(waits)},
            rest_width=(n * len(waits)).bit_length(),
            exact_width=time if rules.rest_window_ms else 0,
            id_width=len(crew).bit_length(),
            n_units=len(crew),
            targets=[appraisal.need.target_ms for appraisal in appraisals],
            rules=rules,
            cover=cover,
        )

    def parts(self, row: int, pair: Pair) -> tuple[int, int, int, int]:
        """Lateness, disturbance, loss and time of a pair, as they are summed and compared."""
        whole_ms, window_ms = pair.eta_ms + pair.extra_ms, self.rules.rest_window_ms
        time = whole_ms // window_ms if window_ms else whole_ms
        if self.rules.policy is not Policy.COVERAGE:
            return 0, 0, 0, time
        held = pair.extra_ms == 0 and pair.unit.engagement is not None
        loss = 0 if held else loss_of(pair, self.cover) or 0
        return (whole_ms if pair.eta_ms > self.targets[row] else 0), pair.extra_ms, loss, time

    def cost(self, row: int, pair: Pair, number: int) -> int:
        """The pair's cost as one number; numbers of two pairs of a need are never equal."""
        inner = 0
        for part, width in zip(self.parts(row, pair), self.widths, strict=True):
            inner = inner << width | part
        rest = self.rest[pair.unit.last_order_ms or 0]
        exact = pair.eta_ms + pair.extra_ms if self.exact_width else 0
        tail = (rest << self.exact_width | exact) << self.id_width * len(self.grades)
        return inner << self._shift(row) | tail | number << self._place(row)

    def without(self, row: int) -> int:
        """What it costs to leave a need open: more than any filling, less than leaving a graver one open."""
        return 1 << sum(self.widths) + self._shift(row) | self.n_units << self._place(row)

    def _shift(self, row: int) -> int:
        unfilled = len(self.grades).bit_length()
        tail = self.rest_width + self.exact_width + self.id_width * len(self.grades)
        return tail + (sum(self.widths) + unfilled) * (self.n_grades - 1 - self.grades[row])

    def _place(self, row: int) -> int:
        return self.id_width * (len(self.grades) - 1 - row)

    def objective(self, appraisals: Sequence[Appraisal], chosen: Sequence[TeamId | None]) -> tuple[int, ...]:
        """What an assignment costs, as a tuple to be compared: not from the code, but from the parts."""
        sums = [[0] * 5 for _ in range(self.n_grades)]
        rest = exact = 0
        for row, (appraisal, team) in enumerate(zip(appraisals, chosen, strict=True)):
            pair = appraisal.pair_of(team) if team is not None else None
            if pair is None:
                sums[self.grades[row]][0] += 1
                continue
            for at, part in enumerate(self.parts(row, pair), 1):
                sums[self.grades[row]][at] += part
            rest += self.rest[pair.unit.last_order_ms or 0]
            exact += pair.eta_ms + pair.extra_ms if self.rules.rest_window_ms else 0
        return (*(part for grade in sums for part in grade), rest, exact)
