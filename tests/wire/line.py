"""One connection without a socket: the service's session beside a desk, and a tablet's shell with its own store."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import TypeAdapter

from dispatch.domain.events import Envelope
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState
from dispatch.domain.types import TeamId
from dispatch.wire import frames as fr
from dispatch.wire import session as ss
from dispatch.wire import tablet_session as ts
from dispatch.wire.snapshot import snapshot_frames
from tests.service.driver import DeskDriver

_STORED = TypeAdapter(ts.Tablet)


class Line:
    """The service's end: what the shell in ``dispatch/server/sockets`` does, with lists instead of a socket."""

    def __init__(self, desk: DeskDriver) -> None:
        self.desk = desk
        self.session = ss.opened(desk.now_ms)
        self.out: list[str] = []
        self.board: list[fr.Fix] = []
        self.closed: ss.Close | None = None

    def give(self, given: ss.Input) -> None:
        self.session, outputs = ss.step(self.session, given, self.desk.now_ms)
        for output in outputs:
            match output:
                case ss.Send():
                    text = fr.encode(output.frame)
                    assert len(text.encode()) <= fr.MAX_FRAME_BYTES
                    self.out.append(text)
                case ss.Join():
                    self._join(output.hello)
                case ss.Submit():
                    self._submit(output)
                case ss.Board():
                    self.board += output.fixes
                case ss.Close():
                    self.closed = output
        self.pump()

    def _join(self, hello: fr.Hello) -> None:
        state, epoch = self.desk.state, self.desk.log.epoch
        if hello.team is not None and TeamId(hello.team) not in state.teams:
            self.give(ss.Refused(Refusal(Code.UNKNOWN_TEAM, hello.team)))
            return
        resume = ss.may_resume(hello, epoch, state.seq)
        snapshot = None if resume else snapshot_frames(state, self.session.team)
        self.give(ss.Joined(epoch, state.seq, 1, snapshot))

    def _submit(self, output: ss.Submit) -> None:
        answer = self.desk.do(output.command, output.key)
        if output.key is None:
            return
        if isinstance(answer, Refusal):
            self.give(ss.Answered(output.key, "refused", answer))
        else:
            self.give(ss.Answered(output.key, answer.kind))

    def pump(self) -> None:
        """Hand in the log's rows as far as the window lets."""
        while self.session.wants_rows and self.session.cursor < self.desk.log.head():
            self.give(ss.Rows(self.desk.rows(self.session.cursor)[: fr.WINDOW]))

    def say(self, frame: fr.AnyClientFrame) -> None:
        self.give_text(fr.encode(frame))

    def give_text(self, text: str) -> None:
        self.give(ss.Received(text))

    def heard(self) -> list[fr.AnyServerFrame]:
        """What was sent since the last time, read as a client reads it."""
        texts, self.out = self.out, []
        return [fr.SERVER_FRAMES.validate_json(text) for text in texts]


class Pad:
    """The tablet's end: a shell that carries out each output before the next input, with a store that survives."""

    def __init__(self, team: str, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.tablet = ts.Tablet(team=team, device=f"tablet-{team}")
        self.durable = self._saved()
        self.out: list[str] = []
        self.hung = False
        self.drawn: list[str] = []
        self.withdrawn: list[tuple[str, str]] = []

    def _saved(self) -> bytes:
        return _STORED.dump_json(self.tablet)

    @property
    def on_disk(self) -> ts.Tablet:
        return _STORED.validate_json(self.durable)

    def crash(self) -> None:
        """The battery is out: only what was stored is left."""
        self.tablet = self.on_disk
        self.out, self.hung = [], False

    def give(self, given: ts.Input, crash_after: int | None = None) -> bool:
        """One input; with ``crash_after`` the tablet dies after so many outputs. Returns whether it died."""
        waiting, done = [given], 0
        while waiting:
            self.tablet, outputs = ts.step(self.tablet, waiting.pop(0), self.now_ms())
            for output in outputs:
                if done == crash_after:
                    self.crash()
                    return True
                done += 1
                waiting += self._do(output)
        return False

    def _do(self, output: ts.Output) -> list[ts.Input]:
        match output:
            case ts.Send():
                self._promise(output.frame)
                self.out.append(fr.encode(output.frame))
            case ts.Commit():
                self.durable = self._saved()
                return [ts.Committed(output.seq)]
            case ts.Draw():
                held = self.on_disk.order
                assert held is not None, "an order was drawn before it was stored"
                assert held.order == output.order.order, "an order was drawn before it was stored"
                self.drawn.append(output.order.order)
                return [ts.Drawn(output.order.order)]
            case ts.Withdrawn():
                self.withdrawn.append((output.order, output.status))
            case ts.Hang():
                self.hung = True
        return []

    def _promise(self, frame: fr.AnyClientFrame) -> None:
        """What is said is true of the store at the moment it is said."""
        if isinstance(frame, fr.Stored):
            assert self.on_disk.seq >= frame.seq, "stored was said before the commit"
        if isinstance(frame, fr.CommandFrame):
            assert self.on_disk.outbox.get(frame.key) == frame, "a command was sent before its key was stored"


def state_at(rows: list[Envelope], seq: int) -> DeskState:
    """The desk as it was after ``seq`` rows."""
    state = DeskState()
    for row in rows[:seq]:
        state.apply(row)
    return state


def frames_to(rows: list[Envelope], audience: str | None, after: int, seq: int) -> list[fr.EventFrame]:
    """The event frames that a session sends an audience of rows ``after`` … ``seq``, as a client reads them."""
    role = "console" if audience is None else "tablet"
    session, _ = ss.step(ss.opened(0), ss.Received(fr.encode(fr.Hello(role=role, device="d", team=audience))), 0)
    start = fr.Snapshot(seq=after)
    session, _ = ss.step(session, ss.Joined("e", seq, 1, [start]), 0)
    frames: list[fr.EventFrame] = []
    while session.cursor < seq:
        assert session.wants_rows
        session, outputs = ss.step(session, ss.Rows(rows[session.cursor : seq]), 0)
        for output in outputs:
            assert isinstance(output, ss.Send)
            frame = fr.SERVER_FRAMES.validate_json(fr.encode(output.frame))
            assert isinstance(frame, fr.EventFrame)
            frames.append(frame)
        if audience is not None and frames:
            session, _ = ss.step(session, ss.Received(fr.encode(fr.Stored(seq=frames[-1].seq))), 0)
    return frames
