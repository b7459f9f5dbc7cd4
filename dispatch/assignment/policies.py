"""Who goes: a policy takes a ranking and returns the choice and its reason; nearest by road time is the default."""

from __future__ import annotations

from typing import Final

from dispatch.assignment.candidates import Ranking, nearest_by_straight_line
from dispatch.domain.events import Candidate, Choice

MAX_RANKED: Final = 10
MAX_EXCLUDED: Final = 60
"""How much of a ranking a fact keeps: a frame is at most 32 KiB, and nobody reads the eleventh."""


def nearest(ranking: Ranking) -> tuple[Candidate, Choice] | None:
    """The candidate with the least road time, and why; None where there is no candidate.

    Law: adding a team never raises the time of the one that is chosen.
    """
    if not ranking.ranked:
        return None
    first = ranking.ranked[0]
    straight = nearest_by_straight_line(ranking.ranked)
    assert straight is not None
    margin_ms = ranking.ranked[1].eta_ms - first.eta_ms if len(ranking.ranked) > 1 else None
    return first, Choice(
        policy="nearest",
        ranked=ranking.ranked[:MAX_RANKED],
        excluded=ranking.excluded[:MAX_EXCLUDED],
        margin_ms=margin_ms,
        straight_line_team=straight.team,
        straight_line_loss_ms=straight.eta_ms - first.eta_ms,
    )
