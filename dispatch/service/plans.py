"""What a deciding generator may yield and return (see decisions: decide is a generator)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dispatch.domain.events import Event
from dispatch.domain.refusals import Refusal
from dispatch.domain.types import IncidentId, Point, TeamId, Tier
from dispatch.domain.walk import Step


@dataclass(frozen=True, slots=True)
class Locate:
    """Need: where on the ground is this point? Answered by ``Located`` or a ``Refusal``."""

    point: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A point on the ground: its road, its place, and the tier that the place has."""

    road: str
    place: str
    tier: Tier
    off_road_m: int


@dataclass(frozen=True, slots=True)
class TeamStart:
    """A team that may go: its profile, and its home in case there is no fix."""

    team: TeamId
    profile: str
    home: Point


@dataclass(frozen=True, slots=True)
class TravelTimes:
    """Need: how long would each of the teams take to each of the incidents? Answered by one ``TimesTable``.

    Its rows are all of these incidents, each with all of these teams; the hole of each team rides on its start.
    """

    incidents: Sequence[tuple[IncidentId, Point]]
    teams: Sequence[TeamStart]


Need = Locate | TravelTimes


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: facts to append (none: the command changes nothing) and the id it was about."""

    events: tuple[Event, ...]
    subject: str


Plan = Generator[Need | Step, Any, Decision | Refusal]
"""A deciding generator: yields needs (and is sent their answers) and steps that it has done (and is sent None)."""

T = TypeVar("T")

Filling = Generator[Need | Step, Any, T]
"""A part of a plan that yields as a plan does and ends in ``T``."""
