"""The service's side of one connection, sans I/O: ``step(state, input, now) → (state, outputs)``.

The shell (server/sockets) carries bytes and asks the desk; this file alone decides what is said and when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from pydantic import ValidationError

from dispatch.access.refusals import DoorRefusal
from dispatch.domain.commands import AnswerOrder, AskForHelp, Command, MarkShown, MarkStored
from dispatch.domain.events import Envelope, OrderOffered, audience_of
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import DeviceId, OrderId, TeamId
from dispatch.wire import frames as fr

MAX_RESUME: Final = 5_000
"""A client that missed more events than this gets a snapshot instead."""


class Phase(StrEnum):
    """Where a connection stands."""

    HELLO = "hello"
    JOINING = "joining"
    LIVE = "live"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One connection. ``cursor`` is the last log row looked at, ``sent`` the last seq sent to this audience."""

    opened_ms: int
    heard_ms: int
    pinged_ms: int
    phase: Phase = Phase.HELLO
    hello: fr.Hello | None = None
    cursor: int = 0
    sent: int = 0
    stored: int = 0
    in_flight: tuple[int, ...] = ()
    epoch: str | None = None
    """That of the log which the welcome named; None before it."""

    @property
    def team(self) -> TeamId | None:
        """The audience of this connection: a team, or None for a console."""
        return TeamId(self.hello.team) if self.hello and self.hello.team and self.hello.role == "tablet" else None

    @property
    def wants_rows(self) -> bool:
        """Whether log rows after ``cursor`` may be handed in: live, and the window is not full."""
        return self.phase is Phase.LIVE and len(self.in_flight) < fr.WINDOW


# ── inputs ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Received:
    """A text frame came in."""

    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The desk took the hello; with ``snapshot`` the client starts from it, without it resumes from its seq."""

    epoch: str
    head: int
    generation: int
    snapshot: Sequence[fr.Snapshot] | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Log rows after the cursor, in order: of all audiences and without a gap.

    With ``upto`` they are only those that this audience may be told, all of them up to that seq.
    """

    rows: Sequence[Envelope]
    upto: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A command was decided and, where it was applied, committed."""

    key: str
    outcome: Literal["applied", "replayed", "superseded", "refused"]
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Fixes:
    """Board data for a console."""

    fixes: Sequence[fr.Fix]
    cover: fr.CoverNote | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The connection must end: not let in, not joined, fenced, too slow, or the service goes down."""

    refusal: Refusal | DoorRefusal


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Input = Received | Joined | Rows | Answered | Fixes | Refused | Tick

# ── outputs ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Send:
    """Send this frame."""

    frame: fr.AnyServerFrame


@dataclass(frozen=True, slots=True)
class Join:
    """Ask the desk to join this client; ``resume_from`` is None where it must have a snapshot."""

    hello: fr.Hello


@dataclass(frozen=True, slots=True)
class Submit:
    """Give this command to the desk; with a key, its answer is due."""

    command: Command
    key: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """These are the team's latest positions."""

    fixes: Sequence[fr.Fix]


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket with this code."""

    code: int
    reason: str


Output = Send | Join | Submit | Board | Close
Stepped = tuple[Session, list[Output]]


def opened(now_ms: int) -> Session:
    """A connection that was just accepted."""
    return Session(opened_ms=now_ms, heard_ms=now_ms, pinged_ms=now_ms)


def step(session: Session, given: Input, now_ms: int) -> Stepped:
    """The next state of a connection and what its shell must do now; an ended connection does nothing."""
    if session.phase is Phase.ENDED:
        return session, []
    match given:
        case Received():
            return _received(session, given.text, now_ms)
        case Joined():
            return _joined(session, given, now_ms)
        case Rows():
            return _rows(session, given)
        case Answered():
            return session, [Send(_result(given))]
        case Fixes():
            return session, [Send(fr.Peer(fixes=list(given.fixes), cover=given.cover))]
        case Refused():
            return _end(session, given.refusal)
        case Tick():
            return _tick(session, now_ms)


def _end(session: Session, refusal: Refusal | DoorRefusal) -> Stepped:
    row = refusal.row
    bye = fr.Bye(code=refusal.code, message=refusal.sentence(), reconnect=row.reconnect)
    return replace(session, phase=Phase.ENDED), [Send(bye), Close(row.close or 4400, refusal.code)]


def parse(text: str) -> fr.AnyClientFrame | Refusal:
    """A client frame from text, or why it is none."""
    if len(text) > fr.MAX_FRAME_BYTES or len(text.encode()) > fr.MAX_FRAME_BYTES:
        return Refusal(Code.FRAME_TOO_LARGE, f"{len(text.encode())} bytes")
    try:
        return fr.CLIENT_FRAMES.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid" or (first["type"] in _NO_OBJECT and not first["loc"]):
            return Refusal(Code.NOT_JSON, first["msg"])
        where = ".".join(str(part) for part in first["loc"])
        return Refusal(Code.UNKNOWN_FRAME, f"{where}: {first['msg']}" if where else first["msg"])


_NO_OBJECT: Final = {"model_attributes_type", "model_type", "dict_type"}


def _received(session: Session, text: str, now_ms: int) -> Stepped:
    frame = parse(text)
    if isinstance(frame, Refusal):
        return _end(session, frame)
    session = replace(session, heard_ms=now_ms)
    if isinstance(frame, fr.Hello):
        return _hello(session, frame)
    if session.phase is not Phase.LIVE:
        return _end(session, Refusal(Code.HELLO_FIRST, f"got {frame.type}"))
    match frame:
        case fr.Ping():
            return session, [Send(fr.Pong(at_ms=frame.at_ms))]
        case fr.Pong():
            return session, []
        case _ if session.team is None:
            return _end(session, Refusal(Code.UNKNOWN_FRAME, f"a console does not send {frame.type}"))
        case _:
            return _from_tablet(session, session.team, frame)


def _hello(session: Session, frame: fr.Hello) -> Stepped:
    if session.phase is not Phase.HELLO:
        if frame == session.hello:
            return session, []  # the same once more: a network said it twice
        return _end(session, Refusal(Code.UNKNOWN_FRAME, "another hello was said before"))
    if (frame.role == "tablet") == (frame.team is None):
        return _end(session, Refusal(Code.UNKNOWN_FRAME, "a tablet names its team, a console names none"))
    return replace(session, phase=Phase.JOINING, hello=frame), [Join(frame)]


def _from_tablet(
    session: Session, team: TeamId, frame: fr.Stored | fr.Shown | fr.CommandFrame | fr.HelpFrame | fr.Positions
) -> Stepped:
    assert session.hello is not None
    device = DeviceId(session.hello.device)
    if isinstance(frame, fr.CommandFrame | fr.HelpFrame) and frame.epoch not in (None, session.epoch):
        # an id of the log as it was before a restore: it may name another order now
        return session, [Send(_result(Answered(frame.key, "refused", Refusal(Code.ANOTHER_LOG, frame.order))))]
    match frame:
        case fr.Stored():
            seq = min(frame.seq, session.sent)
            in_flight = tuple(sent for sent in session.in_flight if sent > seq)
            session = replace(session, stored=max(session.stored, seq), in_flight=in_flight)
            return session, [Submit(MarkStored(team=team, device=device, seq=seq), None)]
        case fr.Shown():
            return session, [Submit(MarkShown(team=team, device=device, order=OrderId(frame.order)), None)]
        case fr.CommandFrame():
            command = AnswerOrder(
                order=OrderId(frame.order),
                team=team,
                verb=frame.verb,
                occurred_at_ms=frame.occurred_at_ms,
                note=frame.note,
            )
            return session, [Submit(command, frame.key)]
        case fr.HelpFrame():
            wish = AskForHelp(
                order=OrderId(frame.order), team=team, occurred_at_ms=frame.occurred_at_ms, note=frame.note
            )
            return session, [Submit(wish, frame.key)]
        case fr.Positions():
            own = [fix for fix in frame.fixes if fix.team == team]
            return session, [Board(own)] if own else []


def _joined(session: Session, joined: Joined, now_ms: int) -> Stepped:
    assert session.phase is Phase.JOINING and session.hello is not None
    resume = joined.snapshot is None
    start = session.hello.seq if joined.snapshot is None else joined.snapshot[0].seq
    welcome = fr.Welcome(
        epoch=joined.epoch, head=joined.head, resume=resume, generation=joined.generation, now_ms=now_ms
    )
    session = replace(session, phase=Phase.LIVE, cursor=start, sent=start, epoch=joined.epoch)
    session = replace(session, stored=start if resume else 0)
    return session, [Send(welcome), *(Send(part) for part in joined.snapshot or ())]


def may_resume(hello: fr.Hello, epoch: str, head: int) -> bool:
    """Whether a client can go on from the seq it holds, or must start from a snapshot."""
    return hello.epoch == epoch and 0 < hello.seq <= head and head - hello.seq <= MAX_RESUME


def _rows(session: Session, given: Rows) -> Stepped:
    outputs: list[Output] = []
    team, cursor, sent = session.team, session.cursor, session.sent
    in_flight = list(session.in_flight)
    for row in given.rows:
        if len(in_flight) >= fr.WINDOW:
            break
        assert row.seq == cursor + 1 or (given.upto is not None and row.seq > cursor), (
            f"row {row.seq} after {cursor}"
        )
        cursor = row.seq
        if team is None or audience_of(row.event) == team:
            event = row.event
            if team is not None and isinstance(event, OrderOffered):
                event = replace(event, choice=event.choice.for_the_team())
            frame = fr.EventFrame.model_construct(seq=row.seq, after=sent, at_ms=row.at_ms, event=event)
            outputs.append(Send(frame))
            sent = row.seq
            if team is not None:
                in_flight.append(sent)
    else:
        cursor = max(cursor, given.upto or 0)
    return replace(session, cursor=cursor, sent=sent, in_flight=tuple(in_flight)), outputs


def _result(answered: Answered) -> fr.Result:
    refusal = answered.refusal
    return fr.Result(
        key=answered.key,
        outcome=answered.outcome,
        code=refusal.code if refusal else None,
        message=refusal.sentence() if refusal else None,
    )


def due(session: Session, now_ms: int) -> bool:
    """Whether a Tick now would say or end anything; so that nobody is woken once a second for nothing."""
    return session.phase is not Phase.ENDED and bool(_tick(session, now_ms)[1])


def _tick(session: Session, now_ms: int) -> Stepped:
    if session.phase is not Phase.LIVE:
        if now_ms - session.opened_ms >= fr.HELLO_WITHIN_S * 1000:
            return _end(session, Refusal(Code.HELLO_FIRST))
        return session, []
    if now_ms - session.heard_ms >= fr.DEAD_AFTER_S * 1000:
        return _end(session, Refusal(Code.SILENT))
    idle = now_ms - max(session.heard_ms, session.pinged_ms)
    if idle >= fr.PING_EVERY_S * 1000:
        return replace(session, pinged_ms=now_ms), [Send(fr.Ping(at_ms=now_ms))]
    return session, []
