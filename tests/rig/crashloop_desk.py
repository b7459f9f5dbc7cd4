"""The process that is killed: the real desk loop on the real log, on one pipe each way, made by fork to be quick.

A host process imports everything once and forks a life for each line ``LOG SEED``; a life reads commands, one JSON
line each, and writes lines back: ``ready``, ``row`` for each fact that everybody may see, ``answer`` for each key.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from typing import Any

from dispatch.adapters.clock import SteadyClock
from dispatch.adapters.log_open import open_log
from dispatch.domain import commands as cmd
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import Refusal
from dispatch.domain.types import IncidentId, IncidentKind, OrderId, TeamId, Urgency
from dispatch.server.loop import Desk
from dispatch.server.walks import Walks
from dispatch.service.settings import DeskSettings
from tests.server.harness import TableTravel
from tests.service.driver import TOWN, register

SETTINGS = DeskSettings(accept_within_ms=150, retry_after_ms=1_000, grace_after_start_ms=0)


def command_of(said: dict[str, Any]) -> cmd.Command:
    """A command of its line."""
    match said["do"]:
        case "register":
            return register(said["team"])
        case "duty":
            return cmd.StartDuty(team=TeamId(said["team"]))
        case "report":
            return cmd.ReportIncident(
                where=TOWN.point(said["place"]),
                what=IncidentKind.DISPUTE,
                urgency=Urgency.URGENT,
                note=said["note"],
            )
        case "answer":
            return cmd.AnswerOrder(
                order=OrderId(said["order"]),
                team=TeamId(said["team"]),
                verb=OrderTrigger(said["verb"]),
                occurred_at_ms=said["at_ms"],
            )
        case _:
            return cmd.CloseIncident(incident=IncidentId(said["incident"]), outcome="settled")


class Life:
    """One desk until it is killed."""

    def __init__(self, target: str) -> None:
        self._desk = Desk(open_log(target), TableTravel(TOWN), SteadyClock(), Walks(), SETTINGS)
        self._told = self._desk.feed.head

    def say(self, **line: Any) -> None:
        """One line, whole or not at all: shorter than what a pipe takes at once."""
        os.write(1, json.dumps(line).encode() + b"\n")

    def show(self) -> None:
        """What everybody may see now."""
        for row in self._desk.feed.after(self._told, 1_000):
            self._told = row.seq
            event = row.event
            subject = {name: getattr(event, name) for name in ("order", "team", "incident") if hasattr(event, name)}
            self.say(row=row.seq, kind=event.kind, key=row.key, at_ms=row.at_ms, **subject)

    async def run(self) -> None:
        """Take commands for ever."""
        loop = asyncio.get_running_loop()
        self._desk.feed.follow(self.show)
        self.say(ready=self._desk.state.seq, epoch=self._desk.epoch)
        threading.Thread(target=self._listen, args=(loop,), daemon=True).start()
        await self._desk.run()
        self.say(stopped=self._desk.problem.sentence() if self._desk.problem else "")

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(self._take, json.loads(line))

    def _take(self, said: dict[str, Any]) -> None:
        key = said["key"]

        def answered(done: asyncio.Future[Any]) -> None:
            answer = done.result()
            if isinstance(answer, Refusal):
                self.say(answer=key, kind="refused", code=answer.code, settled=answer.row.settled)
            else:
                self.say(answer=key, **asdict(answer))

        self._desk.post(command_of(said), key).add_done_callback(answered)


def host() -> None:
    """Fork lives, one at a time; each gets two pipes of its own, opened by name."""
    for line in sys.stdin:
        target, inward, outward = line.rstrip("\n").split("\t")
        child = os.fork()
        if child:
            print(child, flush=True)
            os.waitpid(child, 0)
            print("dead", flush=True)
            continue
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.dup2(os.open(inward, os.O_RDONLY), 0)
        os.dup2(os.open(outward, os.O_WRONLY), 1)
        sys.stdin = os.fdopen(0, "r")
        try:
            asyncio.run(Life(target).run())
        except Exception as error:
            os.write(1, json.dumps({"broke": f"{type(error).__name__}: {error}"}).encode() + b"\n")
        os._exit(0)


if __name__ == "__main__":
    host()
