"""The frames of ``patrol.v1``: JSON text, at most 32 KiB, one object a frame, ``type`` first.

Issue order: what the walk of one incident needs. The challenge and the ticket of a tablet go over HTTP.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, TypeAdapter

from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.state import Incident, Order, Team
from dispatch.domain.types import FixSource, Tier
from dispatch.wire.records import EventBody

PROTOCOL: Final = "patrol.v1"
MAX_FRAME_BYTES: Final = 32 * 1024
HELLO_WITHIN_S: Final = 5.0
PING_EVERY_S: Final = 10.0
DEAD_AFTER_S: Final = 25.0
WINDOW: Final = 32
"""Order frames that may be under way to a tablet before it has said ``stored``."""

Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Millis = Annotated[int, Field(ge=0, lt=2**53)]
Seq = Annotated[int, Field(ge=0, lt=2**53)]
Epoch = Annotated[str, Field(max_length=64)]


class Frame(BaseModel):
    """What every frame is: closed (an unknown field is an error) and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# ── client → service ──────────────────────────────────────────────────────────────────────────────────────


class Hello(Frame):
    """The first frame of a client: who it is and the last (epoch, seq) it holds.

    A tablet shows a one-use ``ticket``, younger than 30 s; a console's session came with its handshake.
    """

    type: Literal["hello"] = "hello"
    role: Literal["console", "tablet"]
    device: Name
    team: Name | None = None
    epoch: Epoch | None = None
    seq: Seq = 0
    ticket: Annotated[str, Field(max_length=64)] | None = None


class Stored(Frame):
    """Everything up to ``seq`` is on the device's durable storage (cumulative)."""

    type: Literal["stored"] = "stored"
    seq: Seq


class Shown(Frame):
    """An order is drawn and sounded."""

    type: Literal["shown"] = "shown"
    order: Name


class CommandFrame(Frame):
    """A team's answer to its order; ``key`` (UUIDv7) was made and persisted before the first sending.

    ``epoch`` is that of the log in which the order was seen: a restored log gives its ids anew.
    """

    type: Literal["command"] = "command"
    key: Key
    verb: OrderTrigger
    order: Name
    occurred_at_ms: Millis
    note: Annotated[str, Field(max_length=2000)] = ""
    epoch: Epoch | None = None


class HelpFrame(Frame):
    """增援: the team of a live order asks for more force; ``key`` and ``epoch`` as in a command."""

    type: Literal["help"] = "help"
    key: Key
    order: Name
    occurred_at_ms: Millis
    note: Annotated[str, Field(max_length=2000)] = ""
    epoch: Epoch | None = None


class Fix(Frame):
    """One position of a team: WGS-84 degrees, metres (null: not said), metres a second, when it was taken.

    ``battery_pct`` is the charge of the device that took it, None where it does not say.
    """

    team: Name
    lon: Lon
    lat: Lat
    at_ms: Millis
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    speed_m_s: Annotated[float, Field(ge=0, le=100)] = 0.0
    source: FixSource = FixSource.FIX
    battery_pct: Annotated[float, Field(ge=0, le=100)] | None = None


class Positions(Frame):
    """Fixes of the device's own team, latest wins; never delays anything else."""

    type: Literal["positions"] = "positions"
    fixes: Annotated[list[Fix], Field(min_length=1, max_length=64)]


class Ping(Frame):
    """Are you there; ``at_ms`` is the sender's clock."""

    type: Literal["ping"] = "ping"
    at_ms: Millis


class Pong(Frame):
    """The answer to a ping, with its ``at_ms``."""

    type: Literal["pong"] = "pong"
    at_ms: Millis


# ── service → client ──────────────────────────────────────────────────────────────────────────────────────


class Welcome(Frame):
    """The hello was taken: the log's epoch and head, and whether a snapshot or the missed events follow.

    ``generation`` grows with every connection of the device; the older one is closed.
    """

    type: Literal["welcome"] = "welcome"
    protocol: Literal["patrol.v1"] = "patrol.v1"
    epoch: str
    head: Seq
    resume: bool
    generation: int
    ping_every_s: float = PING_EVERY_S
    now_ms: Millis


class Snapshot(Frame):
    """What this audience may see, as of ``seq``, in parts: apply when ``part == parts`` (both from 1).

    A console gets every team, every incident that is open or among the latest closed, and their orders; a tablet
    its own team, its live order and that order's incident.
    """

    type: Literal["snapshot"] = "snapshot"
    seq: Seq
    part: int = 1
    parts: int = 1
    teams: list[Team] = []
    incidents: list[Incident] = []
    orders: list[Order] = []


class EventFrame(Frame):
    """One event; ``after`` is the seq of the frame before it for this audience, so that a gap is seen."""

    type: Literal["event"] = "event"
    seq: Seq
    after: Seq
    at_ms: Millis
    event: EventBody


class Result(Frame):
    """What came of a command, sent only after commit: ``code`` and ``message`` where it was refused."""

    type: Literal["result"] = "result"
    key: Key
    outcome: Literal["applied", "replayed", "superseded", "refused"]
    code: str | None = None
    message: str | None = None


class TierShare(Frame):
    """Of the places of one tier: all, and those that some team reaches within the tier's target."""

    tier: Tier
    places: Annotated[int, Field(ge=0)]
    once: Annotated[int, Field(ge=0)]


class CoverNote(Frame):
    """How much is covered; after another ``at_ms``, when the cover changed, GET /api/coverage is worth asking."""

    at_ms: Millis
    tiers: list[TierShare]


class Peer(Frame):
    """Board data for consoles, lossy and without seq: the latest fix of each team that moved, a changed cover."""

    type: Literal["peer"] = "peer"
    fixes: list[Fix]
    cover: CoverNote | None = None


class Bye(Frame):
    """Why the connection ends, and whether to come back."""

    type: Literal["bye"] = "bye"
    code: str
    message: str
    reconnect: bool
    retry_after_ms: int = 0


ClientFrame = Annotated[
    Hello | Stored | Shown | CommandFrame | HelpFrame | Positions | Ping | Pong,
    Discriminator("type"),
]
ServerFrame = Annotated[
    Welcome | Snapshot | EventFrame | Result | Peer | Ping | Pong | Bye,
    Discriminator("type"),
]
AnyClientFrame = Hello | Stored | Shown | CommandFrame | HelpFrame | Positions | Ping | Pong
AnyServerFrame = Welcome | Snapshot | EventFrame | Result | Peer | Ping | Pong | Bye

CLIENT_FRAMES: Final[TypeAdapter[AnyClientFrame]] = TypeAdapter(ClientFrame)
SERVER_FRAMES: Final[TypeAdapter[AnyServerFrame]] = TypeAdapter(ServerFrame)


def encode(frame: Frame) -> str:
    """A frame as JSON text."""
    return frame.model_dump_json()
