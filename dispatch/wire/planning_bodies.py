"""The bodies of the planning API; strict and closed, a limit on every list. No text of an incident is in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dispatch.domain.types import TeamKind, Tier, Wave
from dispatch.wire.bodies import Body
from dispatch.wire.frames import Lat, Lon, Millis, Name

MAX_POSTS = 300
MAX_ROWS = 1_000
"""Past incidents of one request; a file goes up in several."""

DocumentName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Hour = Annotated[int, Field(ge=0, le=23)]
Weekday = Annotated[int, Field(ge=0, le=6)]
Minute = Annotated[int, Field(ge=0, le=1439)]
Day = Annotated[int, Field(ge=0, le=100_000)]
Weekdays = Annotated[list[Weekday], Field(max_length=7)]
Count = Annotated[int, Field(ge=0)]


class PostBody(Body):
    """A standby point of a plan: a team of ``unit`` stands there from ``from_min`` until ``until_min``, local time.

    Equal ends are the whole day; a shift may run over midnight.
    """

    post: Name
    name: Annotated[str, Field(max_length=64)] = ""
    name_en: Annotated[str, Field(max_length=64)] = ""
    lat: Lat
    lon: Lon
    unit: TeamKind = TeamKind.VILLAGE
    profile: Name = "car"
    from_min: Minute = 0
    until_min: Minute = 0


class AskBody(Body):
    """What to look at: the live teams, the roster's homes, or these posts; at an hour, or all day (None).

    ``demand`` weighs by streets and places, or by past incidents: ``log`` or an imported history, of these weekdays
    (0 is Monday; none: all) and of ``hour``.
    """

    source: Literal["now", "roster", "posts"] = "posts"
    posts: Annotated[list[PostBody], Field(max_length=MAX_POSTS, default_factory=list)]
    hour: Hour | None = None
    weekdays: Annotated[Weekdays, Field(default_factory=list)]
    demand: DocumentName = "streets"


class MendBody(AskBody):
    """The same, and what may be done: add a point, or move one; a team of ``unit`` by ``profile``."""

    way: Literal["add", "move"] = "add"
    profile: Name = "car"
    picks: Annotated[int, Field(ge=1, le=10)] = 3


class SavePlanBody(Body):
    """Save a plan under its name; ``version`` is the one that was read, 0 for a new plan."""

    title: Annotated[str, Field(min_length=1, max_length=64, pattern=r"\S")]
    note: Annotated[str, Field(max_length=500)] = ""
    posts: Annotated[list[PostBody], Field(max_length=MAX_POSTS)]
    version: Annotated[int, Field(ge=0, lt=2**31)] = 0


class PlanView(Body):
    """A plan as it is kept."""

    plan: DocumentName
    title: str
    note: str
    posts: list[PostBody]
    version: int
    author: str
    saved_at_ms: Millis


class PlanHeadView(Body):
    """A plan without its posts, for the list."""

    plan: DocumentName
    title: str
    note: str
    posts: Count
    version: int
    author: str
    saved_at_ms: Millis


class HistoryBody(Body):
    """Past incidents to keep under a name: in its place, or with ``at`` behind the ``at`` that are there.

    A part that was kept and is said again changes nothing; the answer says how many are kept: where to go on.
    A row is latitude, longitude, local day (days since 1970-01-01) and local hour.
    """

    title: Annotated[str, Field(min_length=1, max_length=64, pattern=r"\S")]
    rows: Annotated[list[tuple[Lat, Lon, Day, Hour]], Field(min_length=1, max_length=MAX_ROWS)]
    at: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class PastIncidentsView(Body):
    """Past incidents that planning may weigh by: how many, over how many days, and how many lie on this ground."""

    history: DocumentName
    title: str
    incidents: Count
    days: Count
    inside: Count


class PlaceName(Body):
    """A place among the points, by its order there."""

    place: str
    name: str
    name_en: str


class DemandView(Body):
    """The points of demand as columns of one length, places first; ``tier`` is an index into T1, T2, T3.

    A street stands at the middle of its cell, which is ``cell_lon`` × ``cell_lat`` degrees large.
    """

    cell_m: float
    cell_lon: float
    cell_lat: float
    lon: list[float]
    lat: list[float]
    tier: list[int]
    weight: list[int]
    limit_ms: list[int]
    places: list[PlaceName]
    profiles: list[str]


class CoverCell(Body):
    """A cell of the coverage table; None stands for all waves, all tiers, or each point's own target."""

    wave: Wave | None
    tier: Tier | None
    limit_ms: int | None
    k: int
    demand: int
    covered: int
    points: int
    covered_points: int


class CoverView(Body):
    """Coverage: the posts that stand, the table, and in ``count`` a byte a point, base64: how many reach it."""

    posts: list[PostBody]
    limits_ms: list[int]
    hour: int | None
    incidents: Count
    cells: list[CoverCell]
    count: str
    took_ms: float


class GapView(Body):
    """A point that nobody reaches in its target; without a post nobody is near within 20 minutes."""

    point: int
    tier: Tier
    name: str
    name_en: str
    street: str
    lon: float
    lat: float
    weight: int
    target_ms: int
    post: str | None
    travel_ms: int | None
    missing_ms: int | None


class GapsView(Body):
    """The gravest gaps, at most as many as were asked for; ``total`` counts all."""

    total: Count
    demand: int
    gaps: list[GapView]


class MendPick(Body):
    """A standby point that covers more: where, what is gained, and for a move which post goes there."""

    lon: float
    lat: float
    gain: int
    points: Count
    lost: int
    post: str | None
    sooner_ms: int | None


class MendView(Body):
    """What would mend most, best first; added points are chosen one after the other, moves each by itself."""

    way: Literal["add", "move"]
    demand: int
    covered: int
    candidates: Count
    picks: list[MendPick]


class HourView(Body):
    """An hour of the day: the posts that stand, past incidents in it, and the share covered, in thousandths."""

    hour: Hour
    posts: Count
    incidents: Count
    all_permille: int
    t1_permille: int
    t2_permille: int
    t3_permille: int


class HoursView(Body):
    """The 24 hours of a day."""

    incidents: Count
    days: Count
    hours: list[HourView]


class HeatView(Body):
    """Past incidents in cells: the middle of each, and rows (cell, hour of the week from Monday 0:00, how many)."""

    history: DocumentName
    cell_m: float
    incidents: Count
    outside: Count
    days: Count
    lon: list[float]
    lat: list[float]
    rows: list[tuple[int, int, int]]


class LegView(Body):
    """One leg of a group; percentiles are None where there are too few."""

    leg: Literal["offered", "accepted", "departed", "arrived", "reported_back"]
    n: Count
    p50_ms: int | None
    p90_ms: int | None


class GroupView(Body):
    """Incidents of a tier or of a place; of a group smaller than ``least`` only the number is told."""

    name: str
    tier: Tier | None
    target_ms: int | None
    incidents: Count
    arrived: Count
    met: Count
    legs: list[LegView]


class ReportView(Body):
    """Response clocks from the log, by tier and by place, never by a person or a single team."""

    days: int
    incidents: Count
    least: Count
    tiers: list[GroupView]
    places: list[GroupView]
