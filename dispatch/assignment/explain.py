"""Why this team: the ranking, the margin, what a straight line would have done, and the hole that opens."""

from __future__ import annotations

from collections.abc import Mapping

from dispatch.assignment.appraisal import Appraisal, Pair
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
    sent: Mapping[TeamId, object] | None = None,
) -> tuple[Candidate, Choice]:
    """The chosen team's candidate and why; ``chosen`` must be among the appraisal's pairs.

    ``sent`` names the teams that the same decision sends elsewhere: those are excluded here, whatever their time.
    ``ranked`` holds the first MAX_RANKED by (time, id), and the chosen one as the last where it is not among them.
    """
    pairs = [pair for pair in appraisal.pairs if pair.time is not None]
    gone: list[Exclusion] = []
    if sent:
        away = [pair for pair in pairs if pair.unit.team in sent and pair.unit.team != chosen]
        gone = [Exclusion(team=pair.unit.team, reason=Reason.SENT_ELSEWHERE) for pair in away]
        pairs = [pair for pair in pairs if pair.unit.team not in sent or pair.unit.team == chosen]
    at = next(index for index, pair in enumerate(pairs) if pair.unit.team == chosen)
    shown = pairs[:MAX_RANKED] if at < MAX_RANKED else [*pairs[: MAX_RANKED - 1], pairs[at]]
    ranked = tuple(candidate_of(pair, cover) for pair in shown)
    first = ranked[min(at, MAX_RANKED - 1)]
    others = [pair.eta_ms for index, pair in enumerate(pairs[:2]) if index != at]
    air = min(pairs, key=_by_air)
    if gone:
        excluded = tuple(sorted([*gone, *appraisal.excluded], key=lambda row: row.team))
    else:
        excluded = tuple(appraisal.excluded)
    hole = cover.get(chosen) if cover is not None and pairs[at].unit.engagement is None else None
    return first, Choice(
        policy=policy,
        ranked=ranked,
        excluded=excluded[:MAX_EXCLUDED],
        margin_ms=others[0] - first.eta_ms if others else None,
        straight_line_team=air.unit.team,
        straight_line_loss_ms=air.eta_ms - first.eta_ms,
        hole=hole,
    )


def _by_air(pair: Pair) -> tuple[int, TeamId]:
    assert pair.time is not None, "pairs without a time are left out"
    return pair.time.straight_m, pair.unit.team
