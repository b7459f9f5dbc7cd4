"""Writes the tablet's golden transcript: what it is given and what it says. ``python -m tests.golden.restored``.

Two restores are in it: after the first its order is still the same and its answer is of the new epoch; after the
second the id is another order's, and the desk refuses the answer. Any tablet of ``patrol.v1`` says the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from dispatch.adapters.log_memory import MemoryLog
from dispatch.domain.order_machine import OrderTrigger
from dispatch.wire import frames as fr
from dispatch.wire import tablet_session as ts
from tests.golden.make import TOWN
from tests.service.driver import DeskDriver, key
from tests.wire.line import Line, Pad

FILE: Final = Path(__file__).with_name("restored_transcript.json")
TEAM: Final = "V01"


class Story:
    """A desk and its tablet over a good line; every input of the tablet is written down with what it says."""

    def __init__(self) -> None:
        self.desk = DeskDriver(TOWN, log=log_of("epoch-1"))
        self.desk.register(TEAM)
        self.pad = Pad(TEAM, lambda: self.desk.now_ms)
        self.line = Line(self.desk)
        self.steps: list[dict[str, Any]] = []

    def give(self, kind: str, given: ts.Input, **about: Any) -> None:
        self.pad.out = []
        self.pad.give(given)
        said = [json.loads(text) for text in self.pad.out]
        self.steps.append({"given": {"kind": kind, "now_ms": self.desk.now_ms, **about}, "said": said})
        for text in self.pad.out:
            self.line.give_text(text)

    def connect(self) -> None:
        self.line = Line(self.desk)
        self.give("connected", ts.Connected())
        self.settle()

    def settle(self) -> None:
        self.line.pump()
        while self.line.out:
            text = self.line.out.pop(0)
            self.give("text", ts.Received(text), frame=json.loads(text))

    def press(self, number: int, verb: OrderTrigger) -> None:
        self.give("press", ts.Press(key(number), verb), key=key(number), verb=str(verb))

    def restore(self, epoch: str, rows: int) -> None:
        """The log is that of a backup with so many rows; the tablet's line was cut before."""
        kept, now_ms = self.desk.rows()[:rows], self.desk.now_ms
        self.desk.log = log_of(epoch)
        self.desk.log.append(kept)
        self.desk.crash()
        self.desk.now_ms = now_ms + 1000


def log_of(epoch: str) -> MemoryLog:
    log = MemoryLog()
    log._epoch = epoch
    return log


def told() -> Story:
    story = Story()
    story.connect()
    story.desk.report("school")
    story.settle()
    backup = story.desk.log.head()
    story.give("lost", ts.Lost())
    story.press(1, OrderTrigger.ACCEPT)  # said to nobody: it waits
    story.restore("epoch-2", backup)
    story.connect()  # still the same order: the answer is of epoch-2
    story.settle()
    early = next(row.seq for row in story.desk.rows() if row.event.kind == "incident_reported") - 1
    story.give("lost", ts.Lost())
    story.press(2, OrderTrigger.DEPART)
    story.restore("epoch-3", early)  # the order is gone …
    story.desk.report("market")  # … and its id is given again
    story.connect()
    story.settle()
    return story


def transcript_text() -> str:
    document = {"team": TEAM, "device": f"tablet-{TEAM}", "steps": told().steps}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def frames(document: Any) -> list[fr.AnyServerFrame]:
    """The service's frames of a transcript, through the wire's own reader."""
    texts = [step["given"]["frame"] for step in document["steps"] if step["given"]["kind"] == "text"]
    return [fr.SERVER_FRAMES.validate_json(json.dumps(text)) for text in texts]


if __name__ == "__main__":
    FILE.write_text(transcript_text(), encoding="utf-8")
