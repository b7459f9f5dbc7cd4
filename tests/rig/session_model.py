"""The model of any desk with sessions in it: tablets and a console on lines that break, as one more rule."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from dispatch.adapters.log_memory import MemoryLog
from dispatch.domain.order_machine import ORDER, OrderStatus, OrderTrigger
from dispatch.domain.refusals import TABLE as REFUSALS
from dispatch.domain.refusals import Code
from dispatch.wire import frames as fr
from dispatch.wire import tablet_session as ts
from tests.rig.sim_people import NEXT
from tests.service.desk_model import WHATEVER, DeskModel, LogFolder, numbers
from tests.service.driver import DeskDriver, key
from tests.service.random_day import TEAMS
from tests.wire.line import Line, Pad

DEEDS = (
    *["frames"] * 6,
    *["press"] * 8,
    *["quiet"] * 4,
    "connect",
    "connect",
    "cut",
    "off",
    "dies",
    "resend",
    "twice",
)
MOST_FRAMES = 3_000
TEAMS_WITH_TABLETS = TEAMS[:3]


class Screen:
    """A console that keeps what it saw."""

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.seq = self.after = 0
        self.seen: dict[int, str] = {}

    def hello(self) -> fr.Hello:
        return fr.Hello(role="console", device="console", epoch=self.epoch, seq=self.seq)

    def hear(self, frame: fr.AnyServerFrame) -> None:
        match frame:
            case fr.Welcome(resume=False):
                self.epoch, self.seen = frame.epoch, {}
            case fr.Snapshot():
                self.seq = self.after = frame.seq
            case fr.EventFrame():
                assert frame.after == self.seq, "the console's line has a gap"
                self.seq = frame.seq
                self.seen[frame.seq] = frame.event.kind
            case _:
                pass


class ConnectedDesk(DeskModel):
    """Every line is a real session on either side; what is under way is lost when it is cut."""

    open_log = LogFolder(MemoryLog)

    def __init__(self) -> None:
        super().__init__()
        self.pads = [Pad(team, lambda: self.desk.now_ms) for team in TEAMS_WITH_TABLETS]
        self.lines: list[Line | None] = [None] * (len(self.pads) + 1)
        self.screen = Screen()
        self.pressed: dict[str, str] = {}
        self.answered: set[str] = set()
        self.dies_after: int | None = None

    @rule(word=st.sampled_from([*WHATEVER, *DEEDS]), a=numbers, b=numbers, c=numbers)
    def something_happens(self, word: str, a: int, b: int, c: int) -> None:
        """One rule for all, for Hypothesis leaves out whole rules of a day (desk_model)."""
        if word in DEEDS:
            self._something_happens_on_a_line(word, a, b)
        else:
            super().something_happens(word, a, b, c)

    def _something_happens_on_a_line(self, word: str, a: int, b: int) -> None:
        number = a % len(self.lines)
        pad = self.pads[number] if number < len(self.pads) else None
        self._forget_dead_lines()
        match word:
            case "connect":
                self._connect(number)
            case "frames":
                for _ in range(b % 9 + 1):
                    self._up(number)
                    self._down(number)
            case "cut":
                self._cut(number)
            case "off" if pad is not None:
                pad.crash()
                self._cut(number)
            case "dies" if pad is not None:
                self.dies_after = b % 4
                self._down(number)
                self.dies_after = None
            case "press" if pad is not None:
                self._press(number, pad, b)
            case "resend" if pad is not None:
                self._give(number, ts.Again())
            case "twice" if (line := self.lines[number]) is not None and line.out:
                if line.out[0].startswith(('{"type":"event"', '{"type":"result"')):
                    line.out.insert(0, line.out[0])  # a worse transport than TCP
            case "quiet":
                self._come_to_rest(number)

    # ── one line ──────────────────────────────────────────────────────────────────────────────────────────

    def _forget_dead_lines(self) -> None:
        """A service that was killed took its sockets along."""
        for number, line in enumerate(self.lines):
            if line is not None and line.desk is not self.desk:
                self._cut(number)

    def _connect(self, number: int) -> None:
        self._cut(number)
        self.lines[number] = line = Line(self.desk)
        if number < len(self.pads):
            self._give(number, ts.Connected())
        else:
            line.say(self.screen.hello())

    def _cut(self, number: int) -> None:
        if self.lines[number] is None:
            return
        self.lines[number] = None
        if number < len(self.pads):
            pad = self.pads[number]
            pad.out = []
            pad.give(ts.Lost())

    def _up(self, number: int) -> None:
        line = self.lines[number]
        if line is not None and number < len(self.pads) and self.pads[number].out:
            line.give_text(self.pads[number].out.pop(0))

    def _down(self, number: int) -> None:
        line = self.lines[number]
        if line is None or not line.out:
            return
        text = line.out.pop(0)
        if number == len(self.pads):
            frame = fr.SERVER_FRAMES.validate_json(text)
            if isinstance(frame, fr.EventFrame) and frame.after != self.screen.seq:
                self._cut(number)  # it came twice: a client begins anew
                return
            self.screen.hear(frame)
            return
        self._note_result(text)
        self._give(number, ts.Received(text), self.dies_after)

    def _note_result(self, text: str) -> None:
        if text.startswith('{"type":"result"'):
            frame = fr.SERVER_FRAMES.validate_json(text)
            assert isinstance(frame, fr.Result)
            if frame.code is None or REFUSALS[Code(frame.code)].settled:
                self.answered.add(frame.key)

    def _give(self, number: int, given: ts.Input, dies_after: int | None = None) -> None:
        pad = self.pads[number]
        died = pad.give(given, dies_after)
        if died or pad.hung:
            pad.hung = False
            self._cut(number)

    def _press(self, number: int, pad: Pad, b: int) -> None:
        if pad.tablet.order is None and b % 2:
            self._come_to_rest(number)
        if (order := pad.tablet.order) is None:
            return
        verb = NEXT[order.status] if b % 4 else list(OrderTrigger)[b % 5]
        its_key = key(500_000 + len(self.pressed))
        self._give(number, ts.Press(its_key, verb, "note") if b % 13 else ts.CallHelp(its_key, "more"))
        if its_key in pad.on_disk.outbox:
            self.pressed[its_key] = pad.tablet.team

    def _come_to_rest(self, number: int) -> None:
        """Until nothing is under way on this line any more."""
        for _ in range(MOST_FRAMES):
            line = self.lines[number]
            if line is None or line.closed is not None:
                self._connect(number)
            elif line.out or (number < len(self.pads) and self.pads[number].out):
                self._up(number)
                self._down(number)
            else:
                line.pump()
                if not line.out:
                    return
        raise AssertionError("the two ends of a line never come to rest")

    # ── what is true ──────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def the_bell_rings(self) -> None:
        for line in getattr(self, "lines", ()):
            if line is not None and line.desk is self.desk and line.closed is None:
                line.pump()

    @invariant()
    def a_tablet_never_knows_what_is_not_on_the_log(self) -> None:
        for pad in getattr(self, "pads", ()):
            assert pad.tablet.seq <= self.desk.log.head()
            assert pad.on_disk.seq <= pad.tablet.seq or not pad.tablet.live

    def teardown(self) -> None:
        try:
            if hasattr(self, "lines") and isinstance(self.desk, DeskDriver):
                self._forget_dead_lines()
                for number in range(len(self.lines)):
                    self._cut(number)
                for number in (*range(len(self.lines)), *range(len(self.lines))):  # one moves what another sees
                    self._come_to_rest(number)
                self._all_agree()
        finally:
            super().teardown()

    def _all_agree(self) -> None:
        state, rows = self.desk.state, self.desk.rows()
        for pad in self.pads:
            tablet, name = pad.tablet, state.live_order_of.get(pad.tablet.team)  # type: ignore[call-overload]
            assert (tablet.order and tablet.order.order) == name, f"{tablet.device} has another order than the desk"
            assert not tablet.outbox, "a command was never answered"
            assert (pad.on_disk.seq, tablet.epoch) == (tablet.seq, self.desk.log.epoch)
            if name is None or tablet.order is None:
                continue
            order = state.orders[name]
            held = tablet.order
            assert (held.status, held.deadline_ms, held.eta_ms) == (order.status, order.deadline_ms, order.eta_ms)
            assert order.stored_at_ms is not None, "the desk was never told that the order is stored"
            assert order.status is not OrderStatus.OFFERED or order.shown_at_ms is not None
            assert ORDER.live(order.status)
        there = {row.key for row in rows}
        lost = [its_key for its_key in self.pressed if its_key not in there and its_key not in self.answered]
        assert not lost, f"{len(lost)} buttons had no effect and no verdict"
        assert self.screen.seq == len(rows), "the console is not at the log's head"
        assert self.screen.seen == {row.seq: row.event.kind for row in rows[self.screen.after :]}
        assert replace(state) == state
