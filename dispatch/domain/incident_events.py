"""The facts of incidents. Times are ms since the Unix epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dispatch.domain.choice import Exclusion, Pick
from dispatch.domain.types import IncidentId, IncidentKind, Point, TeamId, Tier, Urgency, Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReported:
    """An incident is open; where it is, which place and tier that is, and the target it sets.

    ``similar`` names open incidents that may be the same one, the nearest first: an operator merges them or not.
    ``late_at_ms`` is when the next wave follows by itself where nobody of this one has arrived (None: never).
    """

    kind: Literal["incident_reported"] = "incident_reported"
    incident: IncidentId
    what: IncidentKind
    urgency: Urgency
    where: Point
    tier: Tier
    target_ms: int
    place: str
    road: str
    off_road_m: int
    note: str
    source: str
    similar: tuple[IncidentId, ...] = ()
    late_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWaiting:
    """Somebody is wanted whom the desk cannot send now; why, and when it asks again.

    ``short`` names the waves that lack a team; empty (a log of the first days) is the first wave. The reason
    ``served`` is another: nobody is wanted and nobody is there any more, and the operator is to close the incident.
    Then ``retry_at_ms`` is None, for the clock has nothing to ask.
    """

    kind: Literal["incident_waiting"] = "incident_waiting"
    incident: IncidentId
    reason: str
    excluded: tuple[Exclusion, ...]
    retry_at_ms: int | None
    short: tuple[Wave, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEnded:
    """Nobody more is wanted at an incident that waited: somebody's order has come to count for it."""

    kind: Literal["waiting_ended"] = "waiting_ended"
    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClosed:
    """An incident has ended."""

    kind: Literal["incident_closed"] = "incident_closed"
    incident: IncidentId
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReopened:
    """The closing was a mistake: the incident is open again, and who goes is decided anew."""

    kind: Literal["incident_reopened"] = "incident_reopened"
    incident: IncidentId
    late_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMerged:
    """The incident is the same as ``into``: its orders go on and count there, its own needs end."""

    kind: Literal["incident_merged"] = "incident_merged"
    incident: IncidentId
    into: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentUnmerged:
    """The merging was a mistake: the incident stands for itself again."""

    kind: Literal["incident_unmerged"] = "incident_unmerged"
    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded:
    """Somebody has more to say about an incident; nothing else about it changes."""

    kind: Literal["note_added"] = "note_added"
    incident: IncidentId
    note: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveOpened:
    """第二/三波警力: a further wave goes too; ``reason`` is urgency, silent, late, help, unfilled or operator."""

    kind: Literal["wave_opened"] = "wave_opened"
    incident: IncidentId
    wave: Wave
    reason: str
    late_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsRecommended:
    """The desk would send these teams; nobody goes until an operator confirms. Asked again at ``retry_at_ms``."""

    kind: Literal["teams_recommended"] = "teams_recommended"
    incident: IncidentId
    picks: tuple[Pick, ...]
    short: tuple[Wave, ...]
    retry_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationConfirmed:
    """An operator lets these recommended teams go."""

    kind: Literal["recommendation_confirmed"] = "recommendation_confirmed"
    incident: IncidentId
    teams: tuple[TeamId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideNoted:
    """An operator chose by hand: about whom, and why. The reason is for the desk alone, not for the team."""

    kind: Literal["override_noted"] = "override_noted"
    incident: IncidentId
    about: TeamId
    reason: str
