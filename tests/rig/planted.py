"""``planted``: bugs put into the real code one at a time; each must be found by a part that finds nothing else.

``python -m tests.rig.planted PART [BUG]`` is the process of one bug (or of none): it prints what the part found.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.rig import door, model, sim
from tests.rig.part import Effort, Finding
from tests.rig.planted_bugs import BUGS

ROOT = Path(__file__).resolve().parents[2]
MOST_SEEDS = 120
AT_ONCE = 2
WITHIN_S = 400.0
CLEAN = "nothing"


def look(part: str, seed: int) -> tuple[int, str]:
    """How many tries a part made, and the first thing that it found ("" for nothing)."""
    if part == "door":
        return 1, next(iter(door.holes()), "")
    if part == "model":
        return model.look(seed)
    for number in range(MOST_SEEDS):
        run = sim.run_seed(seed * 1_000_000 + number)
        if run.broken:
            return number + 1, f"seed {run.seed}: {run.broken[0]}"
    return MOST_SEEDS, ""


def _child(part: str, bug: str, seed: int) -> tuple[str, str, str]:
    """(part, bug, what was found); what went wrong with the process itself begins with "!"."""
    command = [sys.executable, "-m", "tests.rig.planted", part, bug, str(seed)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S)
    except subprocess.TimeoutExpired:
        return part, bug, f"! {bug}: no end within {WITHIN_S:.0f} s"
    if done.returncode:
        return part, bug, f"! {bug}: {done.stderr.strip()[-300:]}"
    return part, bug, done.stdout.strip().rpartition("\n")[2]


def run(effort: Effort) -> Finding:
    """Each part without a bug, then each bug with the part that must find it."""
    began_s = time.monotonic()
    work = [(part, CLEAN) for part in sorted({bug.part for bug in BUGS})]
    work += [(bug.part, bug.name) for bug in BUGS]
    broken, notes, caught = [], [], 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for part, bug, found in pool.map(lambda each: _child(*each, effort.seed), work):
            tries, _, what = found.partition(" ")
            if found.startswith("!"):
                broken.append(found[2:])
            elif bug == CLEAN and what:
                broken.append(f"{part} finds something where nothing is planted: {what}")
            elif bug != CLEAN and not what:
                broken.append(f"'{bug}' was not found by {part} in {tries} tries")
            elif bug != CLEAN:
                caught += 1
                notes.append(f"{bug}: {part}, try {tries}: {what}")
                effort.say(notes[-1])
    figures: dict[str, int | float] = {"planted": len(BUGS), "caught": caught}
    return Finding(
        part="planted",
        seed=effort.seed,
        seconds=time.monotonic() - began_s,
        figures=figures,
        broken=tuple(broken),
        notes=tuple(notes),
    )


def main(part: str, name: str, seed: int) -> None:
    """One process: plant, look, tell."""
    if name != CLEAN:
        next(bug for bug in BUGS if bug.name == name).plant()
    tries, found = look(part, seed)
    print(tries, " ".join(found.split()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else CLEAN, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
