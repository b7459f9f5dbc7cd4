"""The outside of a process that is killed: who sends it keyed commands, and what the log must say afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dispatch.adapters.log_chain import Checkpoint, sound
from dispatch.adapters.log_codec import envelopes_of
from dispatch.adapters.log_open import Reader
from dispatch.bootstrap import ROOT
from dispatch.domain.events import Envelope
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.state import DeskState, Order

TEAMS = ("T1", "T2", "T3")
PLACES = ("mill", "school")
MOST_OPEN, MOST_PENDING, ASKED_AGAIN = 6, 24, 4
LIFE_WITHIN_S = 60.0
NEXT = {trigger: status for (status, trigger) in ORDER.table if trigger not in ("decline", "expire", "recall")}
ENDS = {"order_closed", "order_declined", "order_expired", "order_recalled"}
READ_BYTES = 1 << 16
MOST_RECENT = 2_000
BIRTHS = 0.12
"""Share of the lives that are ended while they are born."""


class Ledger:
    """What was promised outside, and the rows that each death left; ``broken`` names the promises that fell."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.mark, self.state = Checkpoint(), DeskState()
        self.acknowledged: dict[str, tuple[str, int, int]] = {}
        self.said: dict[str, dict[str, Any]] = {}
        self.pending: dict[str, dict[str, Any]] = {}
        self.refused: set[str] = set()
        self.shown: dict[int, dict[str, Any]] = {}
        self.keys: dict[str, list[int]] = {}
        self.facts: dict[int, tuple[str, str | None, int]] = {}
        self.live: dict[str, str] = {}
        self.effects: set[tuple[str, str]] = set()
        self.figures = {"lost": 0, "double_effects": 0, "double_assignments": 0, "replayed": 0}
        self.figures |= {"rows": 0, "committed_unanswered": 0}
        self.broken: list[str] = []
        self.recent: list[Envelope] = []
        """The rows of the last readings, the latest at the end."""

    def fell(self, figure: str, what: str) -> None:
        """A promise fell."""
        self.figures[figure] = self.figures.get(figure, 0) + 1
        if len(self.broken) < 20:
            self.broken.append(f"seed {self.seed}: {what}")

    def answered(self, line: dict[str, Any]) -> None:
        """An answer came: an acknowledgement is a promise from now on, and must be what it was before."""
        key, kind = line["answer"], line["kind"]
        if kind == "refused":
            if key in self.acknowledged and line["settled"]:
                self.fell("lost", f"{key} was acknowledged, and is refused now: {line['code']}")
            elif line["settled"]:
                self.pending.pop(key, None)
                self.refused.add(key)
            self.figures[f"refused_{line['code']}"] = self.figures.get(f"refused_{line['code']}", 0) + 1
            return
        self.pending.pop(key, None)
        if kind == "superseded":
            return
        told = (line["subject"], line["first_seq"], line["last_seq"])
        if key in self.keys and kind != "replayed":
            self.fell("double_effects", f"{key} is on the log, and was {kind} again")
        if self.acknowledged.setdefault(key, told) != told:
            self.fell("double_effects", f"{key} was {self.acknowledged[key]}, now it is {told}")
        self.figures["replayed"] += kind == "replayed"

    def reopened(self, reader: Reader) -> None:
        """The process is dead: read on where the last reading ended, and compare with all that was promised."""
        for stored in sound(reader.rows(self.mark.seq), self.mark):
            (row,) = envelopes_of([stored[:6]])
            self._row(row)
            self.mark = Checkpoint(stored[0], stored[6])
        self.figures["committed_unanswered"] += sum(key in self.keys for key in self.pending)
        noted = reader.checkpoint()
        if noted != self.mark:
            self.fell("lost", f"the log notes {noted.seq} rows and has {self.mark.seq}")
        for key, (_, first, last) in self.acknowledged.items():
            if self.keys.get(key) != list(range(first, last + 1)):
                self.fell("lost", f"{key} was acknowledged as {first}…{last}, the log has {self.keys.get(key)}")
        for key in self.refused & self.keys.keys():
            self.fell("lost", f"{key} was refused, and is on the log as {self.keys[key]}")
        for seq, line in self.shown.items():
            if self.facts.get(seq) != (line["kind"], line["key"], line["at_ms"]):
                self.fell("lost", f"row {seq} was shown as {line}, the log has {self.facts.get(seq)}")
        self.shown.clear()

    def _row(self, row: Envelope) -> None:
        self.state.apply(row)
        self.figures["rows"] += 1
        self.recent.append(row)
        if len(self.recent) > 2 * MOST_RECENT:
            del self.recent[:MOST_RECENT]
        self.facts[row.seq] = (row.event.kind, row.key, row.at_ms)
        if row.key is not None:
            rows = self.keys.setdefault(row.key, [])
            if rows and rows[-1] != row.seq - 1:
                self.fell("double_effects", f"{row.key} is on the log twice: {rows} and {row.seq}")
            rows.append(row.seq)
        kind, order = row.event.kind, str(getattr(row.event, "order", ""))
        if kind == "order_offered":
            team = str(getattr(row.event, "team", ""))
            if team in self.live.values() or order in self.live:
                self.fell("double_assignments", f"{team} was given {order} while it had a live order")
            self.live[order] = team
        if kind.startswith("order_"):
            if (order, kind) in self.effects:
                self.fell("double_effects", f"{order} has {kind} twice")
            self.effects.add((order, kind))
        if kind in ENDS:
            self.live.pop(order, None)


class Crowd:
    """Everybody outside one desk: reporters, tablets and their unanswered commands; a seed decides what is said."""

    def __init__(self, ledger: Ledger, chance: random.Random) -> None:
        self._ledger, self._chance = ledger, chance
        self._view: dict[str, tuple[str, str]] = {}
        self._asked: set[tuple[str, str]] = set()
        self._open = 0

    def born(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        """A life is ready: what was not answered is said again, and some of what was."""
        ledger, state = self._ledger, self._ledger.state
        if line["ready"] != state.seq:
            ledger.fell("lost", f"the log ends at {state.seq}, the desk began at {line['ready']}")
        self._asked.clear()
        self._open = len(state.open_incidents)
        self._view = {name: (order.team, order.status) for name, order in self._live(state)}
        known = list(ledger.acknowledged)
        again = [ledger.said[key] for key in self._chance.sample(known, min(ASKED_AGAIN, len(known)))]
        if not ledger.said:
            again += [self._new(do=do, team=team) for team in TEAMS for do in ("register", "duty")]
        return [*ledger.pending.values(), *again]

    @staticmethod
    def _live(state: DeskState) -> list[tuple[str, Order]]:
        return [(name, state.orders[name]) for name in state.live_order_of.values()]

    def saw(self, line: dict[str, Any]) -> None:
        """A fact was shown."""
        self._ledger.shown[line["row"]] = line
        kind, order = line["kind"], line.get("order", "")
        if kind == "order_offered":
            self._view[order] = (line["team"], "offered")
        elif kind in ENDS:
            self._view.pop(order, None)
        elif order in self._view:
            verb = {"order_accepted": "accept", "order_departed": "depart", "order_arrived": "arrive"}.get(
                kind, "report_back" if kind == "order_reported_back" else ""
            )
            if verb:
                team, status = self._view[order]
                self._view[order] = (team, ORDER.next(status, OrderTrigger(verb)) or status)
        self._open += (kind == "incident_reported") - (kind == "incident_closed")

    def next(self) -> list[dict[str, Any]]:
        """What is said now, each with a new key."""
        said = []
        for order, (team, status) in list(self._view.items()):
            verb = next((str(verb) for verb, before in NEXT.items() if before == status), None)
            if verb is None or (order, verb) in self._asked or self._chance.random() < 0.1:
                continue  # some offers are left to their deadline
            self._asked.add((order, verb))
            said.append(
                self._new(do="answer", order=order, team=team, verb=verb, at_ms=time.time_ns() // 1_000_000)
            )
        while self._open < MOST_OPEN and len(self._ledger.pending) < MOST_PENDING:
            self._open += 1
            said.append(self._new(do="report", place=self._chance.choice(PLACES), note=""))
            if self._chance.random() < 0.2 and self._ledger.state.open_incidents:
                incident = self._chance.choice(sorted(self._ledger.state.open_incidents))
                said.append(self._new(do="close", incident=incident))
        return said

    def _new(self, **said: Any) -> dict[str, Any]:
        said["key"] = str(uuid.UUID(int=self._chance.getrandbits(128)))
        self._ledger.said[said["key"]] = self._ledger.pending[said["key"]] = said
        return said


class Host:
    """The process that forks lives; see crashloop_desk."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._inward, self._outward = folder / "in", folder / "out"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.rig.crashloop_desk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | (environment or {}),
        )

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def live(
        self,
        target: str,
        ledger: Ledger,
        chance: random.Random,
        *,
        meanwhile: Callable[[], object] | None = None,
        faulty_s: float | None = None,
    ) -> bool:
        """One life from birth to SIGKILL at a random moment; True where it had become ready.

        ``meanwhile`` is done once in the middle of it (a database server is killed and started, say). With
        ``faulty_s`` its disk fails: then it may end by itself, and is given that long for it.
        """
        for fifo in (self._inward, self._outward):
            fifo.unlink(missing_ok=True)
            os.mkfifo(fifo)
        inward = os.open(self._inward, os.O_RDWR | os.O_NONBLOCK)
        outward = os.open(self._outward, os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.write(f"{target}\t{self._inward}\t{self._outward}\n")
            self._process.stdin.flush()
            pid = int(self._process.stdout.readline())
            talk = Talk(inward, outward, Crowd(ledger, chance), ledger)
            if faulty_s is not None:
                talk.may_end = True
                talk.until(time.monotonic() + faulty_s)
            elif meanwhile is None and chance.random() < BIRTHS:  # a server that is away is no place to be born
                talk.until(time.monotonic() + chance.uniform(0, 0.03))
            else:
                talk.until_ready()
                talk.until(time.monotonic() + chance.uniform(0.0, 0.12))
            if meanwhile is not None:
                meanwhile()
                talk.until(time.monotonic() + 1.5)
            if not talk.ended:
                os.kill(pid, signal.SIGKILL)
            assert self._process.stdout.readline() == "dead\n"
            talk.rest()
            return talk.ready
        finally:
            os.close(inward)
            os.close(outward)


class Talk:
    """The two pipes of one life."""

    def __init__(self, inward: int, outward: int, crowd: Crowd, ledger: Ledger) -> None:
        self._inward, self._outward, self._crowd, self._ledger = inward, outward, crowd, ledger
        self._left, self._unsent = b"", b""
        self.ready = self.ended = self.may_end = False

    def until_ready(self) -> None:
        """Wait for the birth."""
        end_s = time.monotonic() + LIFE_WITHIN_S
        while not self.ready and time.monotonic() < end_s:
            self.until(time.monotonic() + 0.005, act=False)
        assert self.ready, f"no desk within {LIFE_WITHIN_S:g} s"

    def until(self, end_s: float, *, act: bool = True) -> None:
        """Talk until a moment."""
        while (left_s := end_s - time.monotonic()) > 0 and not self.ended:
            if act and self.ready:
                self._send(self._crowd.next())
            if select.select([self._outward], [], [], min(left_s, 0.005))[0] and not self._take():
                time.sleep(0.001)  # nobody has the other end yet

    def rest(self) -> None:
        """What the dead had still said."""
        while self._take():
            pass

    def _take(self) -> bool:
        try:
            got = os.read(self._outward, READ_BYTES)
        except BlockingIOError:
            return False
        *lines, self._left = (self._left + got).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))
        return bool(got)

    def _hear(self, line: dict[str, Any]) -> None:
        if "ready" in line:
            self.ready = True
            self._send(self._crowd.born(line))
        elif "row" in line:
            self._crowd.saw(line)
        elif "answer" in line:
            self._ledger.answered(line)
        elif "broke" in line or "stopped" in line:
            self.ended = True
            if not self.may_end:
                self._ledger.fell("broke", f"the process ended by itself: {line}")

    def _send(self, said: list[dict[str, Any]]) -> None:
        self._unsent += b"".join(json.dumps(each).encode() + b"\n" for each in said)
        with contextlib.suppress(BlockingIOError):
            self._unsent = self._unsent[os.write(self._inward, self._unsent) :] if self._unsent else b""
