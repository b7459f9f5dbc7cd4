"""``sim``: the real desk loop, sockets and tablet sessions; disk, network, clocks and crashes are simulated.

``PYTHONPATH=. python -m tests.rig.sim SEED …`` runs single seeds again, exactly as they were.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.rig.part import Effort, Finding
from tests.rig.sim_loop import EndlessError, SimLoop
from tests.rig.sim_world import Run, World

SHORT_RUNS, LONG_RUNS = 400, 12_000
SHORT_S, LONG_S = 40.0, 900.0
"""Seconds after which no further run is begun."""

MOST_BROKEN = 5
"""A rig that has found so many broken seeds looks no further."""


class _Ear(logging.Handler):
    """Hears what the service logs with a traceback: a defect, whatever else comes of it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.heard.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every traceback that the service or the loop logs meanwhile, and none of it on the screen."""
    ear, loggers = _Ear(), [logging.getLogger(name) for name in ("dispatch", "asyncio")]
    before = [(logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(ear)
        logger.propagate = False
    try:
        yield ear.heard
    finally:
        for logger, (propagate, level) in zip(loggers, before, strict=True):
            logger.removeHandler(ear)
            logger.propagate, logger.level = propagate, level


def run_seed(seed: int) -> Run:
    """One world from its beginning to its judgement; everything in it follows from ``seed``."""
    loop = SimLoop()

    async def live() -> Run:
        return await World(seed, loop).run()

    with listening() as heard, asyncio.Runner(loop_factory=lambda: loop) as runner:
        try:
            run = runner.run(live())
        except EndlessError as error:
            run = Run(seed, broken=[f"it never ends: {error}"])
        run.broken += heard[:3]
    return run


def run(effort: Effort) -> Finding:
    """Hundreds of worlds in the short form, many thousands in the long one."""
    began_s = said_s = time.monotonic()
    until_s = began_s + (SHORT_S if effort.short else LONG_S)
    first, most = effort.seed * 1_000_000, SHORT_RUNS if effort.short else LONG_RUNS
    totals: Counter[str] = Counter()
    broken: list[str] = []
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for done in pool.imap(run_seed, range(first, first + most), chunksize=4):
            totals.update(done.counts)
            totals["runs"] += 1
            totals["steps"] += done.turns
            broken += [f"seed {done.seed}: {sentence}" for sentence in done.broken]
            if len(broken) >= MOST_BROKEN or time.monotonic() > until_s:
                break
            if time.monotonic() - said_s > 5:
                said_s = time.monotonic()
                effort.say(f"{totals['runs']} worlds, {totals['simulated_kills']} kills, {len(broken)} broken")
    totals["lost"] = sum("acknowledged commands are not" in line for line in broken)
    totals["double_effects"] = sum("effects:" in line for line in broken)
    totals["double_assignments"] = sum("at once" in line for line in broken)
    figures: dict[str, int | float] = dict(totals)
    return Finding(
        part="sim",
        seed=effort.seed,
        seconds=time.monotonic() - began_s,
        figures=figures,
        broken=tuple(broken),
    )


if __name__ == "__main__":
    for word in sys.argv[1:]:
        result = run_seed(int(word))
        print(result.seed, result.trace, result.turns, dict(result.counts), *result.broken, sep="\n  ")
