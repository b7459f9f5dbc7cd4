"""Why a team was chosen, as it stays in the fact: the ranking, who was left out, what a straight line would do."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dispatch.domain.holes import Hole
from dispatch.domain.types import FixSource, OrderId, Point, TeamId, Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A team that could go: its travel time and road metres, and the straight line for comparison.

    ``drift_ms`` is the part of ``eta_ms`` that a stale fix may hide (0: the fix is fresh); ``loss_micro`` is the
    size of the hole that its leaving opens, None where cover is not looked at. ``unreached``: no tablet of it was
    connected at that moment, so that an order waits for somebody to call it.
    """

    team: TeamId
    eta_ms: int
    road_m: int
    straight_m: int
    position: Point
    fix: FixSource
    fix_age_ms: int
    drift_ms: int = 0
    loss_micro: int | None = None
    unreached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A team that was not considered, and the code of the reason."""

    team: TeamId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Why this team: the ranking the decision saw, who was left out, and what a straight line would have done.

    ``margin_ms`` is the lead over the best other candidate (None where there is none, negative where a rule chose a
    later one); ``straight_line_loss_ms`` is how much later the team nearest by straight line would arrive (0 where
    it is the same team); ``hole`` is what the leaving of the chosen team alone opens, whoever else goes.
    """

    policy: str
    ranked: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]
    margin_ms: int | None
    straight_line_team: TeamId | None
    straight_line_loss_ms: int
    hole: Hole | None = None

    def for_the_team(self) -> Choice:
        """The choice without where the other teams are: positions of officers are for the desk alone."""
        return replace(self, ranked=(), excluded=(), hole=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A team that the desk recommends and nobody has confirmed: what an offer to it would say.

    ``replaces`` is the order that would be recalled for it: the team's own, or that of the team it relieves.
    """

    team: TeamId
    wave: Wave
    eta_ms: int
    road_m: int
    choice: Choice
    replaces: OrderId | None = None
