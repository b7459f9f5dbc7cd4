"""Writes the tablet's golden transcript: all inputs of a hard day. ``python -m tests.golden.tablet``.

The story runs the real desk, the service's session and the Python tablet; the TypeScript tablet, given the same
inputs, must answer with the same outputs and hold the same state after each.
"""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Final

from dispatch.domain import commands as cmd
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import TABLE
from dispatch.domain.types import TeamId
from dispatch.wire import frames as fr
from dispatch.wire import session as ss
from dispatch.wire import tablet_session as ts
from tests.service.driver import key
from tests.service.random_day import new_desk
from tests.wire.line import Line, Pad

FILE: Final = Path(__file__).with_name("tablet_transcript.json")
TEAM: Final = "T1"


class Day(Pad):
    """A tablet whose every input is written down with what came of it; ``online`` lays the cable."""

    def __init__(self) -> None:
        self.desk = new_desk(2)
        super().__init__(TEAM, lambda: self.desk.now_ms)
        self.steps: list[dict[str, Any]] = []
        self.line: Line | None = None
        self._keys = 100

    def give(self, given: ts.Input, crash_after: int | None = None) -> bool:
        """One input to its end, and all that it leads to; written down."""
        waiting = [given]
        while waiting:
            each = waiting.pop(0)
            self.tablet, outputs = ts.step(self.tablet, each, self.now_ms())
            self.steps.append(
                {
                    "now_ms": self.now_ms(),
                    "given": _input(each),
                    "outputs": [_output(output) for output in outputs],
                    "state": _state(self.tablet),
                }
            )
            for output in outputs:
                waiting += self._do(output)
        return False

    def online(self) -> None:
        """Connect, and hear all that is there to hear."""
        self.line = Line(self.desk)
        self.give(ts.Connected("ticket"))
        self.talk()

    def offline(self) -> None:
        self.line = None
        self.give(ts.Lost())
        self.out.clear()

    def talk(self) -> None:
        """Carry what both have to say until neither has more."""
        assert self.line is not None
        self.line.give(ss.Tick())
        while self.out or self.line.out:
            said, self.out = self.out, []
            for text in said:
                self.line.give_text(text)
            heard, self.line.out = self.line.out, []
            for text in heard:
                self.give(ts.Received(text))

    def hear(self, frame: fr.AnyServerFrame) -> None:
        """Something that this service does not say today."""
        self.give(ts.Received(fr.encode(frame)))

    def press(self, *verbs: OrderTrigger, note: str = "") -> None:
        for verb in verbs:
            self._keys += 1
            self.give(ts.Press(key(self._keys), verb, note))
        self.desk.pass_time(1000)
        if self.line is not None:
            self.talk()

    def report(self, place: str) -> None:
        self.desk.report(place)
        self.desk.pass_time(100)
        if self.line is not None:
            self.talk()


def day() -> Day:
    """Dead spots, silence, a decline, a recall, help, another epoch, and frames that cannot be."""
    tablet = Day()
    t = OrderTrigger
    tablet.give(ts.Press(key(1), t.ACCEPT))  # nothing to answer yet
    tablet.online()
    tablet.report("mill")
    tablet.press(t.ACCEPT, t.DEPART)  # 出发: one tap, two commands
    tablet.offline()
    tablet.give(ts.Again())
    tablet.press(t.ARRIVE)
    tablet.give(ts.CallHelp(key(50), "三个人"))
    tablet.online()  # all that was said in the dead spot
    tablet.give(ts.Again())
    tablet.press(t.REPORT_BACK, t.CLOSE, note="已调解")
    tablet.report("mill")
    tablet.press(t.DECLINE, note="爆胎")
    tablet.offline()
    tablet.desk.pass_time(120_000)
    for incident in list(tablet.desk.state.open_incidents):
        tablet.desk.applied(cmd.CloseIncident(incident=incident, outcome="done"))
    tablet.report("mill")
    tablet.online()
    tablet.give(ts.Lost())
    tablet.online()  # not answered yet: it sounds again
    tablet.desk.pass_time(61_000)  # nobody pressed
    tablet.talk()
    tablet.report("bridge")
    order = tablet.tablet.order
    if order is not None:
        tablet.desk.applied(cmd.CloseIncident(incident=next(iter(tablet.desk.state.open_incidents)), outcome="no"))
    tablet.talk()
    tablet.desk.applied(cmd.StandBy(team=TeamId(TEAM), where=tablet.desk.ground.point("mill")))
    tablet.talk()
    _cannot_be(tablet)
    return tablet


def _cannot_be(tablet: Day) -> None:
    """What a service never says in good order."""
    tablet.hear(fr.Ping(at_ms=7))
    tablet.hear(fr.Result(key=key(999), outcome="applied"))
    tablet.report("school")
    tablet.offline()
    tablet.press(OrderTrigger.ACCEPT)
    waiting = next(iter(tablet.tablet.outbox), key(998))
    tablet.hear(fr.Result(key=waiting, outcome="refused", code="overloaded", message="later"))
    tablet.hear(fr.Result(key=waiting, outcome="refused", code="of_a_newer_service", message="no"))
    seq = tablet.tablet.seq
    row = tablet.desk.rows()[-1]
    tablet.hear(fr.EventFrame.model_construct(seq=seq + 9, after=seq + 5, at_ms=row.at_ms, event=row.event))
    tablet.hear(fr.Snapshot(seq=3, part=2, parts=2))
    tablet.give(ts.Received("{"))
    tablet.give(ts.Received('{"type":"song"}'))
    tablet.give(ts.Lost())
    tablet.give(ts.Connected("t"))
    tablet.hear(fr.Welcome(epoch="another", head=1, resume=False, generation=2, now_ms=1))
    tablet.hear(fr.Snapshot(seq=1, part=1, parts=2))
    tablet.hear(fr.Snapshot(seq=1, part=2, parts=2, teams=[tablet.desk.state.teams[TeamId(TEAM)]]))
    tablet.hear(fr.Bye(code="going_down", message="the service restarts", reconnect=True))
    tablet.hear(fr.Bye(code="device_revoked", message="this device was shut out", reconnect=False))


def _input(given: ts.Input) -> dict[str, Any]:
    return {"kind": type(given).__name__.lower(), **asdict(given)}


def _output(output: ts.Output) -> dict[str, Any]:
    kind = type(output).__name__.lower()
    if isinstance(output, ts.Send):
        return {"kind": kind, "frame": json.loads(fr.encode(output.frame))}
    fields = {name: getattr(output, name) for name in output.__dataclass_fields__}
    plain = {name: asdict(value) if is_dataclass(value) else value for name, value in fields.items()}
    return {"kind": kind, **plain}


def _state(tablet: ts.Tablet) -> dict[str, Any]:
    return {
        "epoch": tablet.epoch,
        "seq": tablet.seq,
        "order": None if tablet.order is None else asdict(tablet.order),
        "outbox": list(tablet.outbox),
        "live": tablet.live,
        "shown": sorted(tablet.shown),
        "parts": len(tablet.parts),
    }


def transcript_text() -> str:
    told = day()
    document: dict[str, Any] = {
        "team": TEAM,
        "device": told.tablet.device,
        "unsettled": sorted(code for code, row in TABLE.items() if not row.settled),
        "steps": told.steps,
    }
    lines = [json.dumps(step, ensure_ascii=False) for step in document.pop("steps")]
    head = json.dumps(document, ensure_ascii=False)[:-1]
    text = f'{head}, "steps": [\n' + ",\n".join(lines) + "\n]}\n"
    return text.replace(told.desk.log.epoch, "0123456789abcdef")  # a log's epoch is made by chance


if __name__ == "__main__":
    FILE.write_text(transcript_text(), encoding="utf-8")
