"""Why this team: the ranking, the margin, what a straight line would have done, and the hole that opens."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dispatch.assignment.appraisal import NUMBER_BITS, NUMBER_MASK, Appraisal, Pair
from dispatch.assignment.candidates import Reason
from dispatch.assignment.policies import MAX_EXCLUDED, MAX_RANKED
from dispatch.assignment.problem import Policy
from dispatch.domain.events import Candidate, Choice, Exclusion
from dispatch.domain.holes import Hole
from dispatch.domain.types import TeamId

Cover = Mapping[TeamId, Hole]


def candidate_of(pair: Pair, cover: Cover | None) -> Candidate:
    """A pair as the fact keeps it; the pair's time must be known."""
    time = pair.time
    assert time is not None, f"{pair.unit.team} has no travel time"
    return Candidate(
        team=pair.unit.team,
        eta_ms=pair.eta_ms,
        road_m=time.road_m,
        straight_m=time.straight_m,
        position=time.position,
        fix=time.fix,
        fix_age_ms=time.fix_age_ms,
        drift_ms=pair.drift_ms,
        loss_micro=loss_of(pair, cover),
    )


def loss_of(pair: Pair, cover: Cover | None) -> int | None:
    """The size of the hole that a team's leaving opens: 0 for one that is under way and covers nothing."""
    if cover is None:
        return None
    hole = cover.get(pair.unit.team)
    return 0 if pair.unit.engagement is not None or hole is None else hole.loss_micro


def choice_of(
    appraisal: Appraisal,
    chosen: TeamId,
    policy: Policy,
    cover: Cover | None = None,
    sent: Collection[TeamId] = (),
) -> tuple[Candidate, Choice]:
    """The chosen team's candidate and why; ``chosen`` must be ranked in the appraisal and have a time.

    ``sent`` names the teams that the same decision sends elsewhere: those are excluded here, whatever their time.
    The choice ranks the first MAX_RANKED by (time, id), and the chosen one as the last where it is not among them.
    """
    row, crew, spots = appraisal.row, appraisal.crew, appraisal.at
    assert row is not None, "a team is chosen by its time"
    here: list[int] = []
    gone: list[int] = []
    for packed in appraisal.ranked:
        number = packed & NUMBER_MASK
        if spots[number] < 0 or row.eta_ms[spots[number]] is None:
            continue
        team = crew[number].team
        (gone if team in sent and team != chosen else here).append(packed)
    at = next(index for index, packed in enumerate(here) if crew[packed & NUMBER_MASK].team == chosen)
    shown = here[:MAX_RANKED] if at < MAX_RANKED else [*here[: MAX_RANKED - 1], here[at]]
    ranked = tuple([candidate_of(appraisal.pair(packed), cover) for packed in shown])
    first = ranked[min(at, MAX_RANKED - 1)]
    others = [packed >> NUMBER_BITS for index, packed in enumerate(here[:2]) if index != at]
    straight_m = row.straight_m
    _, by_air, air_ms = min([(straight_m[spots[p & NUMBER_MASK]], p & NUMBER_MASK, p >> NUMBER_BITS) for p in here])
    return first, Choice(
        policy=policy,
        ranked=ranked,
        excluded=_excluded(appraisal, gone),
        margin_ms=others[0] - first.eta_ms if others else None,
        straight_line_team=crew[by_air].team,
        straight_line_loss_ms=air_ms - first.eta_ms,
        hole=cover.get(chosen) if cover is not None and crew[here[at] & NUMBER_MASK].engagement is None else None,
    )


def _excluded(appraisal: Appraisal, gone: list[int]) -> tuple[Exclusion, ...]:
    """The first MAX_EXCLUDED by id of those left out and of those sent elsewhere."""
    away = [(packed & NUMBER_MASK, Reason.SENT_ELSEWHERE) for packed in gone]
    rows = sorted([*appraisal.left_out, *away]) if away else appraisal.left_out
    crew = appraisal.crew
    return tuple([Exclusion(team=crew[number].team, reason=reason) for number, reason in rows[:MAX_EXCLUDED]])
