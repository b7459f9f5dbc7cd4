"""The bodies of the HTTP API; strict and closed, with a limit on every list and text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dispatch.domain.records import Task
from dispatch.domain.state import Incident, Order
from dispatch.domain.types import DAY_MIN, FixSource, IncidentKind, Point, Shift, TeamKind, Urgency, Wave
from dispatch.wire.frames import Key, Lat, Lon, Millis, Name

MAX_PICKS = 12
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
"""Why an operator chose otherwise: it is kept for ever, so it must say something."""


class Body(BaseModel):
    """What every body is: closed and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReportBody(Body):
    """Report an incident; ``key`` is made by the sender and kept for every repetition of the same report."""

    key: Key
    lat: Lat
    lon: Lon
    what: IncidentKind = IncidentKind.OTHER
    urgency: Urgency = Urgency.URGENT
    note: Annotated[str, Field(max_length=2000)] = ""


class CloseBody(Body):
    """Close an incident, with its outcome in a few words."""

    key: Key
    outcome: Annotated[str, Field(max_length=2000)] = ""


class KeyBody(Body):
    """A command that needs nothing but its key: reopen, unmerge, call a wave, undo."""

    key: Key


class MergeBody(Body):
    """Merge an incident into another open one that is the same."""

    key: Key
    into: Name


class NoteBody(Body):
    """Add a note to an incident, open or not."""

    key: Key
    note: Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]


class ConfirmBody(Body):
    """Let these recommended teams go: those that the operator saw."""

    key: Key
    teams: Annotated[list[Name], Field(min_length=1, max_length=MAX_PICKS)]


class SendBody(Body):
    """Send a team by hand and say why."""

    key: Key
    team: Name
    reason: Reason
    wave: Wave | None = None


class RecallBody(Body):
    """Take an order back and say why."""

    key: Key
    reason: Reason


class HelpBody(Body):
    """A team asks for more force at its incident, told by radio to whoever sends this."""

    key: Key
    note: Annotated[str, Field(max_length=2000)] = ""


class StandbyBody(Body):
    """Post a team at a standby point; without a point it goes on patrol again."""

    key: Key
    lat: Lat | None = None
    lon: Lon | None = None


class TaskBody(Body):
    """Plan a duty task for a team, in ms since the epoch."""

    key: Key
    task: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    starts_at_ms: Millis
    ends_at_ms: Millis


class ShiftBody(Body):
    """The hours of a team in minutes after local midnight; a shift may run over midnight."""

    from_min: Annotated[int, Field(ge=0, lt=DAY_MIN)]
    until_min: Annotated[int, Field(ge=0, lt=DAY_MIN)]


class TeamBody(Body):
    """Make a team known, at its home."""

    key: Key
    team: Name
    name: Name
    name_en: Annotated[str, Field(max_length=64)] = ""
    unit: TeamKind = TeamKind.VILLAGE
    profile: Name = "car"
    lat: Lat
    lon: Lon
    skills: Annotated[list[Annotated[str, Field(min_length=1, max_length=32)]], Field(max_length=8)] = []
    vehicle: Annotated[str, Field(max_length=32)] = "car"
    staff: Annotated[int, Field(ge=1, le=50)] = 2
    shift: ShiftBody | None = None


class DutyBody(Body):
    """Start or end a team's duty."""

    key: Key
    on_duty: bool


class Done(Body):
    """What came of a command: the id it was about and the log positions it wrote."""

    outcome: Literal["applied", "replayed", "superseded"]
    subject: str
    first_seq: int
    last_seq: int


class Problem(Body):
    """Any "no": the code of the refusal table, what is wrong, and what to do."""

    code: str
    number: int
    message: str
    hint: str


class IncidentView(Body):
    """An incident with its orders, those of incidents merged into it included."""

    incident: Incident
    orders: list[Order]


class TeamView(Body):
    """A team as the board shows it: duty, task, live order, and its latest position with source and age.

    ``source`` tells a real fix from a computed place: home or standby point, where there is no fix.
    """

    team: str
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    duty: str
    order: str | None
    incident: str | None
    skills: list[str]
    vehicle: str
    staff: int
    shift: Shift | None
    task: Task | None
    post: Point | None
    post_name: str
    position: Point
    source: FixSource
    fix_age_ms: int | None
    connected: bool


class WalkStep(Body):
    """One step of the walk of an incident: its number and name, when it was done, in ms after the report."""

    step: int
    name: str
    detail: str
    at_ms: float | None


class GroundView(Body):
    """What the service routes on; ``bounds`` is west, south, east, north in degrees."""

    source: str
    source_date: str | None
    licence: str
    synthetic: bool
    bounds: tuple[float, float, float, float]
    profiles: list[str]
    junctions: int
    arcs: int
    pace: float
    demo: bool


class PlaceView(Body):
    """A place with a tier of its own."""

    place: str
    name: str
    name_en: str
    tier: str
    kind: str
    lon: float
    lat: float
    radius_m: float


class FoundView(Body):
    """A place that a search found; ``place`` and ``tier`` are those of our own places, None for the extract's.

    ``kind`` is one of ``geo_data.gazetteer.KINDS``; ``within`` the nearest village, or empty; ``away_m`` the
    distance to where the question looked, None where it looked nowhere.
    """

    name: str
    name_en: str
    kind: str
    lon: float
    lat: float
    within: str
    within_en: str
    away_m: float | None
    place: str | None
    tier: str | None


class Health(Body):
    """Whether the service answers and its log takes new facts."""

    status: Literal["ok", "degraded"]
    seq: int
    epoch: str
    teams: int
    open_incidents: int
    connections: int
    problem: str | None = None
