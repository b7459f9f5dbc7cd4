"""The bodies of the HTTP API; strict and closed, with a limit on every list and text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dispatch.domain.state import Incident, Order
from dispatch.domain.types import FixSource, IncidentKind, Point, TeamKind, Urgency
from dispatch.wire.frames import Key, Lat, Lon, Name


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
    """An incident with its orders."""

    incident: Incident
    orders: list[Order]


class TeamView(Body):
    """A team as the board shows it: duty, live order, and its latest position with source and age."""

    team: str
    name: str
    name_en: str
    unit: TeamKind
    profile: str
    duty: str
    order: str | None
    incident: str | None
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


class Health(Body):
    """Whether the service answers and its log takes new facts."""

    status: Literal["ok", "degraded"]
    seq: int
    epoch: str
    teams: int
    open_incidents: int
    connections: int
    problem: str | None = None
