"""Who goes where, for all open needs at once: lexicographic by urgency and wave, then total time, exactly.

The order of what matters is carried in the digits of whole-number costs, so that one minimum-cost matching (see
``matching``) decides it all: of each class, the gravest first, as many needs as possible are filled; then, under
the coverage policy, the summed time of those who miss their target, the disturbance, and the expected cover that
is lost (MEXCLP: Daskin 1983); then the total time. Ties go to the teams that have rested longest, then by id.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dispatch.assignment.appraisal import NUMBER_MASK, Appraisal, Appraiser
from dispatch.assignment.candidates import Reason
from dispatch.assignment.code import Code
from dispatch.assignment.explain import Cover, choice_of
from dispatch.assignment.matching import Matching, match, proves
from dispatch.assignment.problem import MAX_NEEDS, MAX_UNITS, Engagement, Need, Rules, Unit
from dispatch.assignment.times import Times, TimesTable
from dispatch.domain.events import Candidate, Choice, Exclusion
from dispatch.domain.types import OrderId, TeamId
from dispatch.domain.words import Word


class Lack(Word):
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

    ``objective`` is what was minimised, comparable within one question: for each class (unfilled, time of the
    late, disturbance, loss, time), then rest, then the exact time where a rest window coarsens it.
    """

    rows: tuple[Row, ...]
    recalls: tuple[OrderId, ...]
    objective: tuple[int, ...]
    proof: Proof


@dataclass(frozen=True, slots=True)
class Proof:
    """The matching with its prices; the costs of all pairs, not only of those that it looked at, are the code's."""

    matching: Matching
    code: Code
    appraisals: Sequence[Appraisal]

    def costs(self) -> list[dict[int, int]]:
        """What each need pays for each team, by the team's number."""
        return [self.code.costs(row, appraisal) for row, appraisal in enumerate(self.appraisals)]

    def without(self) -> list[int]:
        """What each need pays for staying open."""
        return [self.code.without(row) for row in range(len(self.appraisals))]

    def holds(self) -> bool:
        """Whether the prices prove that no assignment is better."""
        return proves(self.matching, self.costs(), self.without())


def assign(
    needs: Sequence[Need],
    units: Sequence[Unit],
    times: Times,
    rules: Rules | None = None,
    cover: Cover | None = None,
) -> Assignments:
    """Decide every need at once; pure, and independent of the order in which needs and units are given.

    ``times`` has the travel time of each pair that was asked for; a pair without one is excluded as not asked.
    ``cover`` has the hole that each team's leaving opens, for the coverage policy and for the explanation; without
    it, it is what the times carry. A team fills at most one need. Needs beyond MAX_NEEDS, the least grave, are
    answered TOO_MANY. Laws: no other assignment has a smaller objective; another unit never makes its digits above
    rest larger (rest counts in ranks among all units, which another unit moves).
    """
    rules = rules or Rules()
    assert len(units) <= MAX_UNITS, f"{len(units)} units: split the desk"
    assert len({unit.team for unit in units}) == len(units), "a team is one unit"
    asked = sorted(needs, key=lambda need: (*need.grade, need.incident, need.slot))
    crew = sorted(units, key=lambda unit: unit.team)
    table = TimesTable.of(times)
    cover = cover if cover is not None else table.holes()
    appraiser = Appraiser(crew, table, rules)
    appraisals = [appraiser.appraise(need) for need in asked[:MAX_NEEDS]]
    code = Code.of(appraisals, crew, rules, cover)
    offers = [code.costs(row, appraisal, len(appraisals) + 1) for row, appraisal in enumerate(appraisals)]
    found = match(offers, [code.without(row) for row in range(len(appraisals))])
    sent = {column for column in found.column if column is not None}
    rows: list[Row] = [
        _row(appraisal, column, rules, cover, sent)
        for column, appraisal in zip(found.column, appraisals, strict=True)
    ]
    rows += [Shortfall(need=need, reason=Lack.TOO_MANY, excluded=()) for need in asked[MAX_NEEDS:]]
    return Assignments(
        tuple(rows), _recalls(rows, crew), code.objective(appraisals, found.column), Proof(found, code, appraisals)
    )


def _row(
    appraisal: Appraisal,
    column: int | None,
    rules: Rules,
    cover: Cover | None,
    sent: Collection[int],
) -> Row:
    need = appraisal.need
    if column is None:
        crew, away = appraisal.crew, Reason.SENT_ELSEWHERE
        gone = [Exclusion(team=crew[packed & NUMBER_MASK].team, reason=away) for packed in appraisal.ranked]
        excluded = tuple(sorted([*gone, *appraisal.excluded()], key=lambda row: row.team))
        return Shortfall(need=need, reason=lack_of(excluded), excluded=excluded)
    unit = appraisal.crew[column]
    if unit.team == need.held_by:
        return Kept(need=need, team=unit.team)
    candidate, choice = choice_of(appraisal, column, rules.policy, cover, sent)
    return Assigned(
        need=need,
        candidate=candidate,
        choice=choice,
        diverted_from=unit.engagement,
        replaces=need.held_by,
        preempted=unit.on_task and unit.engagement is None,
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
