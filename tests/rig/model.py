"""``model``: Hypothesis plays any day of a desk with sessions in it, and shrinks what breaks to a few steps."""

from __future__ import annotations

import time
from collections import Counter

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rig.part import Effort, Finding
from tests.rig.session_model import ConnectedDesk

SHORT, LONG = (120, 60), (6_000, 100)
"""Days, and steps of each."""

LOOK = (200, 60)


def look(seed: int, days: int = LOOK[0], steps: int = LOOK[1]) -> tuple[int, str]:
    """Play days by ``seed``; the number played, and what broke ("" for nothing)."""
    counts: Counter[str] = Counter()

    class Day(ConnectedDesk):
        def __init__(self) -> None:
            super().__init__()
            counts["days"] += 1

    profile = settings(
        max_examples=days,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(Day), settings=profile)
    except Exception as error:  # whatever it is: a day that breaks is what we look for
        return counts["days"], f"{type(error).__name__}: {error}".split("\n", 1)[0]
    return counts["days"], ""


def run(effort: Effort) -> Finding:
    """A hundred and twenty days in the short form, six thousand longer ones in the long one."""
    began_s = time.monotonic()
    days, steps = SHORT if effort.short else LONG
    played, broken, done = 0, [], 0
    while played < days and not broken:
        batch = min(40, days - played)
        count, found = look(effort.seed * 1_000 + done, batch, steps)
        played, done = played + max(count, batch), done + 1
        if found:
            broken.append(f"seed {effort.seed * 1_000 + done - 1}: {found}")
        effort.say(f"{played} days of up to {steps} steps")
    return Finding(
        part="model",
        seed=effort.seed,
        seconds=time.monotonic() - began_s,
        figures={"runs": played, "steps_at_most": steps},
        broken=tuple(broken),
    )
