"""The child's side of a contest: one process a contestant, one line of JSON a request and an answer.

Standard library only: it runs in the peers' environment too. Requests are ``{"op": "prepare", …}``,
``{"op": "run", "task": NAME, "queries": [i, …], …}`` and ``{"op": "end"}``; whatever a library prints goes to
stderr, so that the answers stay alone on stdout.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PROFILE = "car"
"""The travel profile of ours that is measured; the peers' is the one most like it."""


class Timed(NamedTuple):
    """An answer whose time the task took itself, in ms: a start of a process, a build."""

    took_ms: float
    check: Any


Query = Callable[[int], Any]
"""Answers the query with this number; what it returns is compared with other contestants' answers."""

Task = Callable[..., Query]
"""Makes ready what may be ready before the clock starts, and returns the query."""


class MissingError(Exception):
    """The peer cannot take part; the text says why."""


def roster_of(team_arcs: list[int], query: int, teams: int) -> list[int]:
    """Return the arcs at whose ends the teams of a query stand: another part of the list each time."""
    begin = query * 37 % max(1, len(team_arcs) - teams)
    return team_arcs[begin : begin + teams]


def rss_mib() -> float:
    """Return the memory of this process that is in use now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def serve(prepare: Callable[..., Mapping[str, Any]], tasks: Mapping[str, Task]) -> None:
    """Answer requests until the last one; a MissingError or ImportError in ``prepare`` is told, not raised."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    ready: dict[str, Query] = {}
    for line in sys.stdin:
        request = json.loads(line)
        op = request.pop("op")
        if op == "end":
            return
        answer = _prepared(prepare, request) if op == "prepare" else _run(tasks, ready, **request)
        print(json.dumps(answer), file=answers, flush=True)


def _prepared(prepare: Callable[..., Mapping[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    try:
        told = prepare(**request)
    except ImportError as error:
        return {"missing": f"{error.name or error} is not available on this Python"}
    except MissingError as error:
        return {"missing": str(error)}
    return {"rss_mib": rss_mib(), "python": sys.version.split()[0], **told}


def _run(
    tasks: Mapping[str, Task], ready: dict[str, Query], task: str, queries: list[int], **options: Any
) -> dict[str, Any]:
    key = json.dumps([task, options], sort_keys=True)
    try:
        if key not in ready:
            ready[key] = tasks[task](**options)
        took_ms, checks = _answers(ready[key], queries)
    except MissingError as error:
        return {"missing": str(error)}
    except Exception as error:  # told in the table, so that an hour's run is not lost for one task
        traceback.print_exc()
        return {"missing": f"failed: {error!r}"[:200]}
    return {"took_ms": took_ms, "checks": checks, "rss_mib": rss_mib()}


def _answers(query: Query, queries: list[int]) -> tuple[list[float], list[Any]]:
    took_ms, checks = [], []
    for number in queries:
        start_ns = time.perf_counter_ns()
        check = query(number)
        took = (time.perf_counter_ns() - start_ns) / 1e6
        if isinstance(check, Timed):
            took, check = check
        elif callable(check):  # an answer that is only counted or compared after the clock
            check = check()
        took_ms.append(took)
        checks.append(check)
    return took_ms, checks
