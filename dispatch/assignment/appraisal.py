"""Who could fill one need, at what cost, and who could not and why: the gates before the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.assignment.problem import MAX_UNITS, URGENCY_RANK, Need, Phase, Rules, Unit
from dispatch.assignment.times import Starts, Times, TimesRow, TimesTable
from dispatch.domain.events import Exclusion
from dispatch.domain.types import FixSource, TeamKind

NUMBER_BITS: Final = MAX_UNITS.bit_length()
NUMBER_MASK: Final = (1 << NUMBER_BITS) - 1


@dataclass(frozen=True, slots=True)
class Appraisal:
    """Who could fill one need and who could not.

    ``ranked`` holds a whole number for each able team, rising: its ms with drift, and in the low NUMBER_BITS its
    number in the crew, so that equal times stay by id. ``drift_ms`` and ``extra_ms`` name the teams for which they
    are not 0 and not ``idle_ms``. ``left_out`` has the numbers and reasons of all others, by number.
    """

    need: Need
    crew: Sequence[Unit]
    ranked: Sequence[int]
    drift_ms: Mapping[int, int]
    extra_ms: Mapping[int, int]
    idle_ms: int
    left_out: Sequence[tuple[int, Reason]]
    row: TimesRow | None
    at: Sequence[int]

    def excluded(self, most: int | None = None) -> list[Exclusion]:
        """Those left out with their reasons, by id; the first ``most``."""
        return [Exclusion(team=self.crew[number].team, reason=reason) for number, reason in self.left_out[:most]]


def drift_ms(time: TravelTime, rules: Rules) -> int:
    """Ms that a stale fix may hide: the team drove away from the place ever since, and must come back.

    The metres are the age of the fix at ``drift_m_s``, at most ``drift_most_m``; they cost what the metres of its
    road cost. 0 for a fresh fix and for a team at its home. Law: never falls with age.
    """
    if time.eta_ms is None or time.fix is not FixSource.FIX or time.fix_age_ms <= rules.stale_after_ms:
        return 0
    away_m = min(rules.drift_most_m, rules.drift_m_s * time.fix_age_ms // 1000)
    back_ms = away_m * 1000 // rules.drift_m_s
    return max(back_ms, away_m * time.eta_ms // time.road_m) if time.road_m > 0 else back_ms


def able(need: Need, unit: Unit) -> Reason | None:
    """Why a team cannot do what the need asks, whatever the time: shift, force class, skills, vehicle, staff."""
    if not unit.on_shift:
        return Reason.OFF_DUTY
    if need.kinds and unit.kind not in need.kinds:
        return Reason.WRONG_CLASS
    if not need.skills <= unit.skills:
        return Reason.LACKS_SKILL
    if need.vehicle is not None and unit.vehicle != need.vehicle:
        return Reason.WRONG_VEHICLE
    if unit.staff < need.staff:
        return Reason.UNDERSTAFFED
    return None


def disturbance_ms(need: Need, unit: Unit, rules: Rules) -> int | Reason:
    """What it costs to take a team from what it does, in ms added to its time; or why it may not be taken."""
    extra_ms = rules.stickiness_ms if need.held_by is not None else 0
    if unit.engagement is not None:
        live = unit.engagement
        graver = URGENCY_RANK[need.urgency] < URGENCY_RANK[live.urgency]
        may = rules.divert_to is not None and URGENCY_RANK[need.urgency] <= URGENCY_RANK[rules.divert_to]
        if live.phase is Phase.ON_SCENE or not (graver and may):
            return Reason.BUSY
        return extra_ms + rules.divert_gain_ms
    if unit.on_task:
        return extra_ms + rules.preempt_ms if rules.preempt_tasks else Reason.ON_TASK
    return extra_ms


Asked = tuple[frozenset[TeamKind], frozenset[str], str | None, int]


@dataclass(slots=True)
class Appraiser:
    """Appraises the needs of one question; what several of them ask alike is worked out once.

    ``crew`` is sorted by id.
    """

    crew: Sequence[Unit]
    table: TimesTable
    rules: Rules
    _gates: dict[Asked, list[Reason | None]] = field(default_factory=dict)
    _at: dict[int, list[int]] = field(default_factory=dict)
    _plain: dict[tuple[Asked, int], tuple[list[int], list[int]]] = field(default_factory=dict)
    _unseen: dict[int, frozenset[int]] = field(default_factory=dict)

    def appraise(self, need: Need) -> Appraisal:
        """Every unit is either ranked or left out with its reason, never both.

        The team that holds the need is always ranked: it was able when it was sent, and its time falls back to
        what was promised where it is not known now.
        """
        row = self.table.rows.get(need.incident)
        at = self._places(need, row)
        plain, others = self._split(need, row, at)
        eta_ms: Sequence[int | None] = row.eta_ms if row is not None else ()
        special: set[int] = set()
        if need.barred or need.held_by is not None:
            named = {*need.barred, need.held_by}
            special = {number for number, unit in enumerate(self.crew) if unit.team in named}
        if special:
            others = sorted({*others, *special})
            plain = [number for number in plain if number not in special]
        ranked = [ms << NUMBER_BITS | n for n in plain if (ms := eta_ms[at[n]]) is not None]
        drifts: dict[int, int] = {}
        idle_ms = self.rules.stickiness_ms if need.held_by is not None else 0
        unseen = self._unreached(row, at)
        extras = {n: idle_ms + self.rules.unreached_ms for n in plain if n in unseen} if unseen else {}
        left_out: list[tuple[int, Reason]] = []
        if len(ranked) < len(plain) and row is not None:
            left_out = [(n, row.reason[at[n]] or Reason.NO_WAY) for n in plain if eta_ms[at[n]] is None]
        for number in others:
            found = self._one(need, number, row, at[number])
            if isinstance(found, Reason):
                left_out.append((number, found))
                continue
            whole_ms, drifts[number], extras[number] = found
            if number in unseen and self.crew[number].team != need.held_by:
                extras[number] += self.rules.unreached_ms
            ranked.append(whole_ms << NUMBER_BITS | number)
        ranked.sort()
        left_out.sort()
        return Appraisal(need, self.crew, ranked, drifts, extras, idle_ms, left_out, row, at)

    def _places(self, need: Need, row: TimesRow | None) -> list[int]:
        """Where each of the crew stands in a row of times, -1 where it was not asked."""
        key = id(row.starts) if row is not None else -1
        known = self._at.get(key)
        if known is None:
            number = self.table.number(need.incident)
            known = self._at[key] = [number.get(unit.team, -1) for unit in self.crew]
        return known

    def _unreached(self, row: TimesRow | None, at: Sequence[int]) -> frozenset[int]:
        """The numbers of those whom no tablet reaches."""
        if row is None or not row.starts.unreached:
            return frozenset()
        key = id(row.starts)
        known = self._unseen.get(key)
        if known is None:
            told = row.starts.unreached
            known = self._unseen[key] = frozenset(n for n, index in enumerate(at) if index >= 0 and told[index])
        return known

    def _split(self, need: Need, row: TimesRow | None, at: Sequence[int]) -> tuple[list[int], list[int]]:
        """The numbers of those who are able, idle, asked and freshly seen; and all others."""
        asked = (need.kinds, need.skills, need.vehicle, need.staff)
        key = (asked, id(row.starts) if row is not None else -1)
        known = self._plain.get(key)
        if known is None:
            gates = self._gates.get(asked)
            if gates is None:
                gates = self._gates[asked] = [able(need, unit) for unit in self.crew]
            plain: list[int] = []
            others: list[int] = []
            for number, (unit, gate, index) in enumerate(zip(self.crew, gates, at, strict=True)):
                idle = gate is None and unit.engagement is None and not unit.on_task
                fresh = row is not None and index >= 0 and _fresh(row.starts, index, self.rules)
                (plain if idle and fresh else others).append(number)
            known = self._plain[key] = (plain, others)
        return known

    def _one(self, need: Need, number: int, row: TimesRow | None, index: int) -> tuple[int, int, int] | Reason:
        """Ms with drift, drift and disturbance of one unit, or why it is left out."""
        unit = self.crew[number]
        time = row.at(index) if row is not None and index >= 0 else None
        if unit.team == need.held_by:
            if time is None or time.eta_ms is None:
                return unit.engagement.eta_ms if unit.engagement else 0, 0, 0
            late_ms = drift_ms(time, self.rules)
            return time.eta_ms + late_ms, late_ms, 0
        reason = (
            need.barred.get(unit.team) or self._gates[need.kinds, need.skills, need.vehicle, need.staff][number]
        )
        if reason is not None:
            return reason
        extra = disturbance_ms(need, unit, self.rules)
        if isinstance(extra, Reason):
            return extra
        if time is None:
            return Reason.NOT_ASKED
        if time.eta_ms is None:
            return time.reason or Reason.NO_WAY
        late_ms = drift_ms(time, self.rules)
        return time.eta_ms + late_ms, late_ms, extra


def appraise(need: Need, units: Sequence[Unit], times: Times, rules: Rules) -> Appraisal:
    """The appraisal of one need alone: every unit is either ranked or left out with its reason."""
    crew = sorted(units, key=lambda unit: unit.team)
    return Appraiser(crew, TimesTable.of(times), rules).appraise(need)


def _fresh(starts: Starts, index: int, rules: Rules) -> bool:
    return starts.age_ms[index] <= rules.stale_after_ms or starts.fix[index] is not FixSource.FIX
