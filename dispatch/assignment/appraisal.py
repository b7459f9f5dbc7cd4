"""Who could fill one need, at what cost, and who could not and why: the gates before the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dispatch.assignment.candidates import Reason, TravelTime
from dispatch.assignment.problem import URGENCY_RANK, Need, Phase, Rules, Unit
from dispatch.domain.events import Exclusion
from dispatch.domain.types import FixSource, IncidentId, TeamId

Times = Mapping[tuple[IncidentId, TeamId], TravelTime]


class Pair(NamedTuple):
    """A team that could fill a need: drift is part of ``eta_ms``; ``extra_ms`` is the price of disturbing."""

    unit: Unit
    eta_ms: int
    drift_ms: int
    extra_ms: int
    time: TravelTime | None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The pairs of one need by (time, id), those left out by id, and its holder (``pairs`` has it too)."""

    need: Need
    pairs: Sequence[Pair]
    excluded: Sequence[Exclusion]

    def pair_of(self, team: TeamId) -> Pair | None:
        """The pair of a team, or None where it is excluded."""
        return next((pair for pair in self.pairs if pair.unit.team == team), None)


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
    extra_ms = 0
    if unit.engagement is not None:
        live = unit.engagement
        graver = URGENCY_RANK[need.urgency] < URGENCY_RANK[live.urgency]
        may = rules.divert_to is not None and URGENCY_RANK[need.urgency] <= URGENCY_RANK[rules.divert_to]
        if live.phase is Phase.ON_SCENE or not (graver and may):
            return Reason.BUSY
        extra_ms += rules.divert_gain_ms
    elif unit.on_task:
        if not rules.preempt_tasks:
            return Reason.ON_TASK
        extra_ms += rules.preempt_ms
    if need.held_by is not None:
        extra_ms += rules.stickiness_ms
    return extra_ms


def appraise(need: Need, units: Sequence[Unit], times: Times, rules: Rules) -> Appraisal:
    """Every unit is either a pair or excluded with its reason, never both.

    The team that holds the need is always a pair: it was able when it was sent, and ``eta_ms`` falls back to what
    was promised where its time is not known now.
    """
    pairs: list[Pair] = []
    excluded: list[Exclusion] = []
    incident, barred = need.incident, need.barred
    for unit in units:
        team = unit.team
        time = times.get((incident, team))
        if team == need.held_by:
            pairs.append(_held(unit, time, rules))
            continue
        reason = barred.get(team) or able(need, unit)
        if reason is None:
            extra = disturbance_ms(need, unit, rules)
            if isinstance(extra, Reason):
                reason = extra
            elif time is None:
                reason = Reason.NOT_ASKED
            elif time.eta_ms is None:
                reason = time.reason or Reason.NO_WAY
            else:
                late_ms = drift_ms(time, rules) if time.fix_age_ms > rules.stale_after_ms else 0
                pairs.append(Pair(unit, time.eta_ms + late_ms, late_ms, extra, time))
                continue
        excluded.append(Exclusion(team=team, reason=reason))
    pairs.sort(key=lambda pair: (pair.eta_ms, pair.unit.team))
    excluded.sort(key=lambda exclusion: exclusion.team)
    return Appraisal(need, pairs, excluded)


def _held(unit: Unit, time: TravelTime | None, rules: Rules) -> Pair:
    if time is not None and time.eta_ms is not None:
        late_ms = drift_ms(time, rules)
        return Pair(unit, time.eta_ms + late_ms, late_ms, 0, time)
    return Pair(unit, unit.engagement.eta_ms if unit.engagement else 0, 0, 0, None)
