"""The records that the desk's state is made of: frozen, replaced by the fold, sent in snapshots as they are."""

from __future__ import annotations

from typing import Literal

from dispatch.domain.choice import Choice, Pick
from dispatch.domain.duty_machine import DUTY, Duty
from dispatch.domain.incident_machine import INCIDENT, IncidentStatus
from dispatch.domain.order_machine import ORDER, OrderStatus
from dispatch.domain.record import record
from dispatch.domain.types import (
    IncidentId,
    IncidentKind,
    OrderId,
    Point,
    Shift,
    TeamId,
    TeamKind,
    Tier,
    Urgency,
    Wave,
)

MAX_NOTES = 5
"""Notes that an incident's record keeps, the latest; the log keeps all. A record must fit a frame of 32 KiB."""


@record
class Task:
    """A duty task of a team; it runs while the team's duty says so, before that it is only planned."""

    task: str
    starts_at_ms: int
    ends_at_ms: int


@record
class Team:
    """A patrol team. Whether it is busy is read from its live order.

    ``post`` is its standby point, where it has one; ``last_accepted_at_ms`` is for rest rotation.
    """

    team: TeamId
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    home: Point
    duty: Duty = DUTY.first
    skills: tuple[str, ...] = ()
    vehicle: str = "car"
    staff: int = 2
    shift: Shift | None = None
    task: Task | None = None
    post: Point | None = None
    post_name: str = ""
    last_accepted_at_ms: int | None = None


@record
class OpenedWave:
    """A wave that an incident has called: when, why, and when the next one follows if nobody of it has arrived."""

    wave: Wave
    at_ms: int
    reason: str
    late_at_ms: int | None


@record
class Note:
    """What somebody added to an incident."""

    at_ms: int
    note: str
    source: str


@record
class Incident:
    """An incident and every order that was given for it, oldest first.

    Teams that were asked since ``round_from_order`` are not asked again in this round; orders before
    ``since_order`` were given before the incident, or the one it was merged into, was reopened, and fill nothing.
    ``merged`` names the incidents that were merged into this one: their orders count here. One that waits without
    ``retry_at_ms`` waits for the operator, not for a team.
    """

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
    reported_at_ms: int
    status: IncidentStatus = INCIDENT.first
    orders: tuple[OrderId, ...] = ()
    waiting_reason: str | None = None
    retry_at_ms: int | None = None
    round_from_order: int = 0
    closed_at_ms: int | None = None
    outcome: str | None = None
    similar: tuple[IncidentId, ...] = ()
    waves: tuple[OpenedWave, ...] = ()
    since_order: int = 0
    merged_into: IncidentId | None = None
    merged_at_ms: int | None = None
    merged: tuple[IncidentId, ...] = ()
    recommended: tuple[Pick, ...] = ()
    notes: tuple[Note, ...] = ()


@record
class Order:
    """One offer to one team, with the time of each of its steps as the desk recorded them."""

    order: OrderId
    incident: IncidentId
    team: TeamId
    wave: Wave
    attempt: int
    eta_ms: int
    road_m: int
    deadline_ms: int
    choice: Choice
    offered_seq: int
    offered_at_ms: int
    status: OrderStatus = ORDER.first
    stored_at_ms: int | None = None
    shown_at_ms: int | None = None
    accepted_at_ms: int | None = None
    departed_at_ms: int | None = None
    arrived_at_ms: int | None = None
    reported_back_at_ms: int | None = None
    ended_at_ms: int | None = None
    report: str | None = None
    by: Literal["desk", "operator"] = "desk"
    replaces: OrderId | None = None
    help_asked_at_ms: int | None = None
    end_reason: str | None = None


@record
class Answer:
    """What a command with a key came to; the same key and body get it again for ever."""

    digest: str
    first_seq: int
    last_seq: int
    subject: str
