"""A contest: processes that answer the same queries in turns, so that noise of the machine meets all alike."""

from __future__ import annotations

import contextlib
import json
import math
import os
import statistics
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dispatch.bootstrap import ROOT
from dispatch.cli.bench import Result

PATIENCE_S = 900.0
"""A child that answers nothing for so long is killed, and the bench ends with its name."""


@dataclass(eq=False)
class Contestant:
    """A child process that answers queries; ``missing`` says why it cannot, ``told`` is what it said of itself."""

    name: str
    process: subprocess.Popen[str] | None
    told: dict[str, Any] = field(default_factory=dict)
    missing: str = ""

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send one request and wait for its answer; a dead child is an error with the end of its stderr."""
        assert self.process is not None and self.process.stdin is not None and self.process.stdout is not None
        patience = threading.Timer(PATIENCE_S, self.process.kill)
        patience.start()
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            patience.cancel()
        if not line:
            code = self.process.wait()
            raise RuntimeError(f"{self.name} ended with exit code {code} at {str(request)[:200]}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def contestant(name: str, python: Path | None, module: str, **prepare: Any) -> Iterator[Contestant]:
    """Start ``python -m module`` and prepare it; with no Python it is missing from the start."""
    if python is None:
        yield Contestant(name, None, missing="the peers' environment could not be made")
        return
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    environment.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba"))
    process = subprocess.Popen(
        [str(python), "-m", module],
        cwd=ROOT,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child = Contestant(name, process)
    try:
        child.told = child.ask(op="prepare", **prepare)
        child.missing = child.told.get("missing", "")
        yield child
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask a child to end; kill it where it does not."""
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps({"op": "end"}), file=process.stdin, flush=True)
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


@dataclass(frozen=True)
class Turn:
    """What one contestant did with all queries of a task, in the order of the queries."""

    took_ms: list[float]
    checks: list[Any]
    rss_mib: float
    missing: str = ""


def alternate(
    entries: Sequence[tuple[Contestant, Mapping[str, Any]]], queries: int, rounds: int, warm_up: int = 3
) -> list[Turn]:
    """Return the turns of all entries (contestant, task with its options) over queries 0 … ``queries`` - 1.

    Each round has the next share of the queries; within a round one process after the other runs it, and the
    next round begins with another one. The first ``warm_up`` queries are run once before, unmeasured.
    """
    took: list[list[float]] = [[] for _ in entries]
    checks: list[list[Any]] = [[] for _ in entries]
    rss = [0.0] * len(entries)
    missing = [child.missing for child, _ in entries]
    for i, (child, task) in enumerate(entries):
        if not missing[i] and warm_up:
            numbers = list(range(min(warm_up, queries)))
            missing[i] = child.ask(op="run", queries=numbers, **task).get("missing", "")
    share = math.ceil(queries / rounds)
    for number, begin in enumerate(range(0, queries, share)):
        numbers = list(range(begin, min(queries, begin + share)))
        order = [(i + number) % len(entries) for i in range(len(entries))]
        for i in order:
            if missing[i]:
                continue
            child, task = entries[i]
            answer = child.ask(op="run", queries=numbers, **task)
            missing[i] = answer.get("missing", "")
            if not missing[i]:
                took[i] += answer["took_ms"]
                checks[i] += answer["checks"]
                rss[i] = answer["rss_mib"]
    return [Turn(*row) for row in zip(took, checks, rss, missing, strict=True)]


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[98] if len(values) > 1 else values[0]


def median(turn: Turn) -> float:
    """Return the median ms of a turn, NaN where it is missing."""
    return statistics.median(turn.took_ms) if turn.took_ms else math.nan


PICKS: Mapping[str, Callable[[Sequence[float]], float]] = {"median": statistics.median, "p99": p99}


def versus(
    measure: str,
    ours: Turn,
    peer: str,
    theirs: Turn,
    *,
    at_least: float | None = None,
    picks: Sequence[str] = ("median", "p99"),
) -> list[Result]:
    """Return a row a pick (median, p99) of ours beside a peer.

    A missing peer's rows neither hold nor fail; where ours is missing they always fail.
    ``at_least`` is the goal of the median; where p99 is picked, of p99 too.
    """
    return [
        Result(
            measure=f"{measure}, {pick}" + (f" (ours {ours.missing})" if ours.missing else ""),
            ours=PICKS[pick](ours.took_ms) if not ours.missing else math.nan,
            unit="ms",
            peer=peer,
            peer_value=PICKS[pick](theirs.took_ms) if not theirs.missing else math.nan,
            at_least=at_least,
            queries=len(ours.took_ms),
            missing=theirs.missing,
        )
        for pick in picks
    ]
