"""The tablet's side of its connection, sans I/O: the same promises that the web tablet keeps.

An order is drawn only after it is stored, ``stored`` is said only after the store's commit, and a command keeps
the key it was given when the button was pressed until its result has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import ValidationError

from dispatch.domain import events as ev
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.refusals import TABLE, Code
from dispatch.domain.state import TRIGGER_OF, Order
from dispatch.domain.types import Point
from dispatch.wire import frames as fr

MAX_OUTBOX: Final = 64
"""Unanswered commands that a tablet keeps; more than one order's answers never wait."""

MAX_PARTS: Final = 64
"""Parts of one snapshot; a tablet's own state seldom needs a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabletOrder:
    """The live order as the tablet knows it."""

    order: str
    incident: str
    where: Point
    eta_ms: int
    deadline_ms: int
    status: OrderStatus = ORDER.first
    epoch: str | None = None
    """That of the log in which it was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tablet:
    """All that a tablet must keep over a crash: its place in the log, its order, its unanswered commands."""

    team: str
    device: str
    epoch: str | None = None
    seq: int = 0
    order: TabletOrder | None = None
    outbox: Mapping[str, fr.CommandFrame | fr.HelpFrame] = field(default_factory=dict)
    live: bool = False
    shown: frozenset[str] = frozenset()
    parts: tuple[fr.Snapshot, ...] = ()
    """The parts of a snapshot that is not whole yet."""
    restored: bool = False
    """The log was restored: commands wait for the snapshot, which tells whether their order is still that one."""


# ── inputs ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket is open; ``ticket`` lets this device in once."""

    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The socket is gone."""


@dataclass(frozen=True, slots=True)
class Received:
    """A text frame came in."""

    text: str


@dataclass(frozen=True, slots=True)
class Committed:
    """The tablet's store holds everything up to ``seq``, durably."""

    seq: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """The order is on the screen and has sounded."""

    order: str


@dataclass(frozen=True, slots=True)
class Press:
    """The patrol member pressed a button; ``key`` is new and made for this press."""

    key: str
    verb: OrderTrigger
    note: str = ""


@dataclass(frozen=True, slots=True)
class CallHelp:
    """The patrol member asks for more force at the scene; ``key`` is new and made for this press."""

    key: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Some seconds have passed with unanswered commands: say them again, by the same keys."""


Input = Connected | Lost | Received | Committed | Drawn | Press | CallHelp | Again

# ── outputs ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Send:
    """Send this frame."""

    frame: fr.AnyClientFrame


@dataclass(frozen=True, slots=True)
class Commit:
    """Store the state strictly, then say ``Committed(seq)``."""

    seq: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw and sound this order, then say ``Drawn``."""

    order: TabletOrder


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The order is no longer this team's: expired, recalled, declined or closed."""

    order: str
    status: OrderStatus


@dataclass(frozen=True, slots=True)
class Hang:
    """Close the socket; come back unless ``reconnect`` is False."""

    reason: str
    reconnect: bool = True


Output = Send | Commit | Draw | Withdrawn | Hang
Stepped = tuple[Tablet, list[Output]]


def step(tablet: Tablet, given: Input, now_ms: int) -> Stepped:
    """The next state of a tablet and what its shell must do, in this order.

    The shell finishes the outputs of one input, and gives ``Committed`` for each Commit, before the next input.
    """
    match given:
        case Connected():
            hello = fr.Hello(
                role="tablet",
                device=tablet.device,
                team=tablet.team,
                epoch=tablet.epoch,
                seq=tablet.seq,
                ticket=given.ticket,
            )
            return replace(tablet, live=False, parts=()), [Send(hello)]
        case Lost():
            return replace(tablet, live=False, parts=()), []
        case Received():
            return _received(tablet, given.text)
        case Committed():
            return _committed(tablet, given.seq)
        case Drawn():
            said: list[Output] = [Send(fr.Shown(order=given.order))] if tablet.live else []
            return replace(tablet, shown=frozenset({given.order})), said
        case Again():
            again = tablet.live and not tablet.restored
            return tablet, [Send(command) for command in tablet.outbox.values()] if again else []
        case Press() | CallHelp():
            return _press(tablet, given, now_ms)


def _settled(code: str | None) -> bool:
    """Whether an answer is a verdict; a code of a newer service is one."""
    return code is None or code not in set(Code) or TABLE[Code(code)].settled


def _received(tablet: Tablet, text: str) -> Stepped:
    try:
        frame = fr.SERVER_FRAMES.validate_json(text)
    except ValidationError as error:
        return tablet, [Hang(f"a frame that this tablet does not know: {error.errors()[0]['msg']}")]
    return _frame(tablet, frame)


def _frame(tablet: Tablet, frame: fr.AnyServerFrame) -> Stepped:
    match frame:
        case fr.Welcome():
            return _welcome(tablet, frame)
        case fr.Snapshot():
            return _snapshot(tablet, frame)
        case fr.EventFrame():
            if frame.after != tablet.seq:
                return tablet, [Hang(f"gap: frame {frame.seq} follows {frame.after}, the tablet has {tablet.seq}")]
            return _event(replace(tablet, seq=frame.seq), frame.event)
        case fr.Result():
            if frame.key not in tablet.outbox or not _settled(frame.code):
                return tablet, []
            left = {key: command for key, command in tablet.outbox.items() if key != frame.key}
            return replace(tablet, outbox=left), [Commit(tablet.seq)]
        case fr.Ping():
            return tablet, [Send(fr.Pong(at_ms=frame.at_ms))]
        case fr.Bye():
            return replace(tablet, live=False), [Hang(frame.message, frame.reconnect)]
        case _:
            return tablet, []


def _welcome(tablet: Tablet, frame: fr.Welcome) -> Stepped:
    restored = tablet.restored or tablet.epoch not in (None, frame.epoch)
    tablet = replace(tablet, live=True, epoch=frame.epoch, restored=restored)
    again: list[Output] = [] if restored else [Send(command) for command in tablet.outbox.values()]
    if (
        not frame.resume
    ):  # what was held means nothing now: until the snapshot is whole there is nothing to resume from
        return replace(tablet, seq=0), again
    if tablet.seq:
        again.insert(0, Send(fr.Stored(seq=tablet.seq)))
    if tablet.order is not None and tablet.order.status is ORDER.first:
        again.append(Draw(tablet.order))
    return tablet, again


def _snapshot(tablet: Tablet, frame: fr.Snapshot) -> Stepped:
    parts = (*tablet.parts, frame)
    if frame.part != len(parts) or frame.parts > MAX_PARTS:
        return replace(tablet, parts=()), [Hang(f"part {frame.part} of a snapshot came after {len(parts) - 1}")]
    if frame.part < frame.parts:
        return replace(tablet, parts=parts), []
    order = next((order for part in parts for order in part.orders if order.team == tablet.team), None)
    tablet, again = _after_restore(replace(tablet, seq=frame.seq, parts=()), order)
    if order is None:
        return replace(tablet, order=None), [Commit(frame.seq), *again]
    incidents = (incident for part in parts for incident in part.incidents)
    incident = next(incident for incident in incidents if incident.incident == order.incident)
    known = TabletOrder(
        order=order.order,
        incident=order.incident,
        where=incident.where,
        eta_ms=order.eta_ms,
        deadline_ms=order.deadline_ms,
        status=order.status,
        epoch=tablet.epoch,
    )
    shown = frozenset() if order.shown_at_ms is None else tablet.shown  # the desk was not told: draw it again
    return replace(tablet, order=known, shown=shown), [Commit(frame.seq), *again]


def _after_restore(tablet: Tablet, order: Order | None) -> tuple[Tablet, list[Output]]:
    """The outbox under a restored log: answers to an order that is still the same one are of this epoch now.

    An id says nothing, for the log counts anew; the same incident and deadline do. The desk refuses the rest.
    """
    if not tablet.restored:
        return tablet, []
    held = tablet.order
    same = held is not None and order is not None and _identity(held) == _identity(order)
    outbox = {
        key: command.model_copy(update={"epoch": tablet.epoch})
        if same and held is not None and command.order == held.order
        else command
        for key, command in tablet.outbox.items()
    }
    tablet = replace(tablet, outbox=outbox, restored=False)
    return tablet, [Send(command) for command in outbox.values()]


def _identity(order: TabletOrder | Order) -> tuple[str, str, int]:
    return order.order, order.incident, order.deadline_ms


def _event(tablet: Tablet, event: ev.Event) -> Stepped:
    if isinstance(event, ev.OrderOffered):
        order = TabletOrder(
            order=event.order,
            incident=event.incident,
            where=event.where,
            eta_ms=event.eta_ms,
            deadline_ms=event.deadline_ms,
            epoch=tablet.epoch,
        )
        # a new offer was never shown, even where a restored log gives an id a second time
        return replace(tablet, order=order, shown=frozenset()), [Commit(tablet.seq)]
    trigger = TRIGGER_OF.get(type(event))
    held = tablet.order
    if trigger is None or held is None or getattr(event, "order", None) != held.order:
        return tablet, [Commit(tablet.seq)]
    status = ORDER.next(held.status, trigger)
    assert status is not None, f"{held.order} is {held.status} and cannot {trigger}"
    if ORDER.live(status):
        return replace(tablet, order=replace(held, status=status)), [Commit(tablet.seq)]
    return replace(tablet, order=None), [Commit(tablet.seq), Withdrawn(held.order, status)]


def _committed(tablet: Tablet, seq: int) -> Stepped:
    outputs: list[Output] = [Send(fr.Stored(seq=seq))] if tablet.live and seq else []
    if tablet.order is not None and tablet.order.order not in tablet.shown:
        outputs.append(Draw(tablet.order))
    return tablet, outputs


def _press(tablet: Tablet, press: Press | CallHelp, now_ms: int) -> Stepped:
    if tablet.order is None or len(tablet.outbox) >= MAX_OUTBOX:
        return tablet, []
    about: dict[str, Any] = {
        "order": tablet.order.order,
        "occurred_at_ms": now_ms,
        "note": press.note,
        "epoch": tablet.order.epoch,
    }
    command: fr.CommandFrame | fr.HelpFrame
    if isinstance(press, Press):
        command = fr.CommandFrame(key=press.key, verb=press.verb, **about)
    else:
        command = fr.HelpFrame(key=press.key, **about)
    tablet = replace(tablet, outbox={**tablet.outbox, press.key: command})
    outputs: list[Output] = [Commit(tablet.seq)]
    return tablet, [*outputs, Send(command)] if tablet.live and not tablet.restored else outputs
