"""Why this team: the ranking, the margin, what a straight line would have done, and the hole that opens."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dispatch.assignment.appraisal import NUMBER_BITS, NUMBER_MASK, Appraisal
from dispatch.assignment.candidates import Reason
from dispatch.assignment.policies import MAX_EXCLUDED, MAX_RANKED
from dispatch.assignment.problem import Policy, Unit
from dispatch.domain.events import Candidate, Choice, Exclusion
from dispatch.domain.holes import Hole
from dispatch.domain.types import TeamId

Cover = Mapping[TeamId, Hole]


def candidate_of(appraisal: Appraisal, packed: int, cover: Cover | None) -> Candidate:
    """One of the ranked as the fact keeps it; its time must be known."""
    number, row = packed & NUMBER_MASK, appraisal.row
    unit, index = appraisal.crew[number], appraisal.at[number]
    assert row is not None, f"{unit.team} has no travel time"
    starts = row.starts
    return Candidate(
        team=unit.team,
        eta_ms=packed >> NUMBER_BITS,
        road_m=row.road_m[index],
        straight_m=row.straight_m[index],
        position=starts.position[index],
        fix=starts.fix[index],
        fix_age_ms=starts.age_ms[index],
        drift_ms=appraisal.drift_ms.get(number, 0),
        loss_micro=loss_of(unit, cover),
        unreached=bool(starts.unreached and starts.unreached[index]),
    )


def loss_of(unit: Unit, cover: Cover | None) -> int | None:
    """The size of the hole that a team's leaving opens: 0 for one that is under way and covers nothing."""
    if cover is None:
        return None
    hole = cover.get(unit.team)
    return 0 if unit.engagement is not None or hole is None else hole.loss_micro


def choice_of(
    appraisal: Appraisal,
    chosen: int,
    policy: Policy,
    cover: Cover | None = None,
    sent: Collection[int] = (),
) -> tuple[Candidate, Choice]:
    """The chosen team's candidate and why; ``chosen`` must be ranked in the appraisal and have a time.

    ``chosen`` and ``sent`` are numbers in the crew; ``sent`` are the teams that the same decision sends: the others
    of them are excluded here, whatever their time. The choice ranks the first MAX_RANKED by (time, id), and the
    chosen one as the last where it is not among them.
    """
    row, crew, spots = appraisal.row, appraisal.crew, appraisal.at
    assert row is not None, "a team is chosen by its time"
    barred = {*sent} - {chosen}
    here = [packed for packed in appraisal.ranked if packed & NUMBER_MASK not in barred]
    gone = barred.difference([number for number, _ in appraisal.left_out])
    if appraisal.need.held_by is not None:  # it is ranked whether its time is known or not
        known = {number for number, index in enumerate(spots) if index >= 0 and row.eta_ms[index] is not None}
        here = [packed for packed in here if packed & NUMBER_MASK in known]
        gone &= known
    at = next(index for index, packed in enumerate(here) if packed & NUMBER_MASK == chosen)
    shown = here[:MAX_RANKED] if at < MAX_RANKED else [*here[: MAX_RANKED - 1], here[at]]
    ranked = tuple([candidate_of(appraisal, packed, cover) for packed in shown])
    first = ranked[min(at, MAX_RANKED - 1)]
    others = [packed >> NUMBER_BITS for index, packed in enumerate(here[:2]) if index != at]
    straight_m = [*map(row.straight_m.__getitem__, [spots[packed & NUMBER_MASK] for packed in here])]
    least_m = min(straight_m)
    by_air = [packed for packed, metres in zip(here, straight_m, strict=True) if metres == least_m]
    nearest = min(by_air, key=lambda packed: packed & NUMBER_MASK)
    return first, Choice(
        policy=policy,
        ranked=ranked,
        excluded=_excluded(appraisal, gone),
        margin_ms=others[0] - first.eta_ms if others else None,
        straight_line_team=crew[nearest & NUMBER_MASK].team,
        straight_line_loss_ms=(nearest >> NUMBER_BITS) - first.eta_ms,
        hole=cover.get(first.team) if cover is not None and crew[chosen].engagement is None else None,
    )


def _excluded(appraisal: Appraisal, gone: Collection[int]) -> tuple[Exclusion, ...]:
    """The first MAX_EXCLUDED by id of those left out and of those sent elsewhere."""
    away = [(number, Reason.SENT_ELSEWHERE) for number in gone]
    rows = sorted([*appraisal.left_out, *away]) if away else appraisal.left_out
    crew = appraisal.crew
    return tuple([Exclusion(team=crew[number].team, reason=reason) for number, reason in rows[:MAX_EXCLUDED]])
