"""What must hold in the simulated world: watched on every frame, and judged when everything has healed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dispatch.domain import events as ev
from dispatch.domain.events import Envelope
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.state import DeskState
from dispatch.domain.types import TeamId
from dispatch.service.timers import timers
from dispatch.wire.tablet_session import Tablet
from tests.rig.sim_disk import SimDisk
from tests.rig.sim_net import Link

FENCED_WITHIN_S = 2.0
REVOKED_WITHIN_S = 2.0
WINDOW = 32
"""As the protocol says it (delivery.md), not as the code has it."""

ONCE = ("incident_reported", "incident_closed", "note_added", "order_")
"""Facts that one command brings about at most once for each thing."""

PATH = ("order_accepted", "order_departed", "order_arrived", "order_reported_back", "order_closed")

MAX_BROKEN = 8
"""Sentences kept of one run; the first says what is wrong."""


@dataclass
class Laws:
    """Collects what was broken; ``acknowledged`` is every key that anybody was told is done."""

    disk: SimDisk
    broken: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    def say(self, sentence: str) -> None:
        if len(self.broken) < MAX_BROKEN:
            self.broken.append(sentence)

    def restored(self) -> None:
        """A backup was put in place: what was lost with the disk was lost by it, and by it alone."""
        self.acknowledged &= {row.key for row in self.disk.rows() if row.key}

    def acknowledge(self, key: str) -> None:
        """A client was told that this command is done."""
        self.acknowledged.add(key)


class FrameWatch:
    """The laws of one connection, seen from the service's end."""

    def __init__(self, laws: Laws, link: Link, now_s: Any) -> None:
        self._laws, self._link, self._now_s = laws, link, now_s
        self._last: int | None = None
        self._resumes_from = 0
        self._sent: list[int] = []
        self.tablet = False
        self.device = ""
        self.welcomed = False
        self.fenced_s: float | None = None
        self.revoked_s: float | None = None
        link.said, link.heard = self.said, self.heard

    def heard(self, text: str) -> None:
        frame = json.loads(text)
        if frame["type"] == "hello":
            self.tablet, self.device = frame["role"] == "tablet", frame["device"]
            self._resumes_from = frame["seq"]
        elif frame["type"] == "stored":
            self._sent = [seq for seq in self._sent if seq > frame["seq"]]

    def said(self, text: str) -> None:
        frame, laws, name = json.loads(text), self._laws, f"link {self._link.number}"
        kind = frame["type"]
        if kind != "bye":
            for what, since_s, within_s in (
                ("fenced", self._fenced_s(), FENCED_WITHIN_S),
                ("revoked", self.revoked_s, REVOKED_WITHIN_S),
            ):
                if since_s is not None and self._now_s() - since_s > within_s:
                    laws.say(f"{name} was {what} {self._now_s() - since_s:.1f} s ago and still sends {kind}")
        match kind:
            case "welcome":
                self.welcomed = True
                self._last = self._resumes_from if frame["resume"] else None
            case "snapshot":
                if frame["seq"] > laws.disk.durable:
                    laws.say(f"{name}: a snapshot of seq {frame['seq']}, the disk holds {laws.disk.durable}")
                self._last = frame["seq"]
            case "event":
                self._event(frame, name)
            case "result" if frame["outcome"] in ("applied", "replayed"):
                self.durable_key(frame["key"], name)
            case "result" if frame["code"] == "defect":
                laws.say(f"{name}: {frame['message']}")

    def _fenced_s(self) -> float | None:
        """When it had to know: what was being sent when the line stalled is sent to its end."""
        return None if self.fenced_s is None else max(self.fenced_s, self._link.stalled_until_s)

    def _event(self, frame: dict[str, Any], name: str) -> None:
        laws, seq = self._laws, frame["seq"]
        if seq > laws.disk.durable:
            laws.say(f"{name}: event {seq} was sent, the disk holds {laws.disk.durable}")
        if frame["after"] != self._last or seq <= frame["after"]:
            laws.say(f"{name}: event {seq} after {frame['after']}, the last one sent was {self._last}")
        self._last = seq
        if self.tablet:
            self._sent.append(seq)
            if len(self._sent) > WINDOW:
                laws.say(f"{name}: {len(self._sent)} events under way, the window is {WINDOW}")

    def durable_key(self, key: str, name: str) -> None:
        disk = self._laws.disk
        if disk.seq_of.get(key, disk.durable + 1) > disk.durable:
            self._laws.say(f"{name}: command {key[-4:]} was answered before it was on the disk")


# ── after healing ─────────────────────────────────────────────────────────────────────────────────────────


def judge_log(laws: Laws, rows: list[Envelope], state: DeskState) -> None:
    """The log alone: what was acknowledged is there, once in effect, and it folds to the live state."""
    fold, live, path = DeskState(), dict[str, str](), dict[str, int]()
    for row in rows:
        try:
            fold.apply(row)
        except (AssertionError, KeyError) as error:
            laws.say(f"row {row.seq} does not follow: {error!r}")
            return
        _one_live_order(laws, row, live)
        _forwards(laws, row, path)
    if fold != state:
        laws.say("the log folds to another desk than the live one")
    there = {row.key for row in rows if row.key}
    lost = sorted(laws.acknowledged - there)
    if lost:
        laws.say(f"{len(lost)} acknowledged commands are not on the log, the first is {lost[0]}")
    effects: dict[tuple[str | None, str, str], int] = {}
    for row in rows:
        if row.key is not None:
            subject = str(getattr(row.event, "order", None) or getattr(row.event, "incident", ""))
            name = (row.key, row.event.kind, "" if row.event.kind == "incident_reported" else subject)
            effects[name] = effects.get(name, 0) + 1
    for (key, kind, subject), times in effects.items():
        if times > 1 and kind.startswith(ONCE):
            laws.say(f"one command, {times} effects: {kind} {subject} by {str(key)[-4:]}")


def _one_live_order(laws: Laws, row: Envelope, live: dict[str, str]) -> None:
    event = row.event
    if isinstance(event, ev.OrderOffered):
        if event.team in live:
            laws.say(f"{event.team} has {live[event.team]} and {event.order} at once (row {row.seq})")
        live[event.team] = event.order
    elif isinstance(event, ev.OrderClosed | ev.OrderDeclined | ev.OrderExpired | ev.OrderRecalled):
        live.pop(event.team, None)


def _forwards(laws: Laws, row: Envelope, path: dict[str, int]) -> None:
    if isinstance(row.event, ev.OrderMoved) and row.event.kind in PATH:
        step = PATH.index(row.event.kind)
        if step <= path.get(row.event.order, -1):
            laws.say(f"{row.event.order} moves backwards to {row.event.kind} (row {row.seq})")
        path[row.event.order] = step


def judge_orders(laws: Laws, state: DeskState, now_ms: int, late_ms: int) -> None:
    """Every order ends, or is live with its deadline ahead; no timer is overdue."""
    for order in state.orders.values():
        if ORDER.allows(order.status, OrderTrigger.EXPIRE) and order.deadline_ms + late_ms <= now_ms:
            laws.say(f"{order.order} outlived its deadline by {now_ms - order.deadline_ms} ms unanswered")
    for timer in timers(state):
        if timer.due_ms + late_ms <= now_ms and type(timer.command).__name__ != "AssignIncident":
            laws.say(f"{timer} is overdue by {now_ms - timer.due_ms} ms")


def judge_tablet(laws: Laws, tablet: Tablet, on_disk: Tablet, drawn: Iterable[str], state: DeskState) -> None:
    """A tablet is what the desk's snapshot of its team is, nothing waits in its outbox, and the desk was told."""
    held, name = tablet.order, state.live_order_of.get(TeamId(tablet.team))
    if (None if held is None else held.order) != name:
        laws.say(f"{tablet.device} holds {held and held.order}, the desk says {name}")
        return
    if tablet.outbox:
        laws.say(f"{tablet.device}: {len(tablet.outbox)} commands were never answered")
    if on_disk.seq != tablet.seq:
        laws.say(f"{tablet.device} has seq {tablet.seq}, its disk {on_disk.seq}")
    if name is None or held is None:
        return
    order = state.orders[name]
    if (held.status, held.deadline_ms, held.eta_ms) != (order.status, order.deadline_ms, order.eta_ms):
        laws.say(f"{tablet.device} shows {name} as {held.status}, the desk as {order.status}")
    if order.stored_at_ms is None:
        laws.say(f"the desk was never told that {name} is stored on {tablet.device}")
    if order.status is OrderStatus.OFFERED and order.shown_at_ms is None:
        laws.say(f"the desk was never told that {name} is shown on {tablet.device}")
    if order.status is OrderStatus.OFFERED and name not in drawn:
        laws.say(f"{name} was never drawn on {tablet.device}")


def judge_buttons(
    laws: Laws, device: str, pressed: Iterable[str], answered: Iterable[str], kept: Iterable[str]
) -> None:
    """Whatever was pressed and kept had its effect, got a verdict, or still waits in the outbox."""
    left = set(pressed) - set(answered) - set(kept) - set(laws.disk.seq_of)
    if left:
        laws.say(f"{device}: {len(left)} buttons had no effect and no verdict, the first is {min(left)[-4:]}")


def judge_console(laws: Laws, seen: dict[int, str], after: int, seq: int, rows: list[Envelope]) -> None:
    """A console saw every row after its snapshot, each once, and nothing else."""
    if seq != len(rows):
        laws.say(f"the console is at {seq}, the log at {len(rows)}")
    for row in rows[after:seq]:
        if seen.get(row.seq) != row.event.kind:
            laws.say(f"the console saw {seen.get(row.seq)} as row {row.seq}, the log has {row.event.kind}")
            return
