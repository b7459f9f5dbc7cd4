"""Each route × each role × each origin, and the socket: the matrix of the server's tests, counted as a part."""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from dispatch.bootstrap import ROOT
from dispatch.server.permissions import RULES, WEBSOCKET
from tests.people import ROLES
from tests.rig.part import Effort, Finding
from tests.server.test_routes_matrix import FOREIGN

MATRIX = "tests/server/test_routes_matrix.py"
WITHIN_S = 600


def run(effort: Effort) -> Finding:
    """Run the matrix in a process of its own against a real service; a failed test is a broken promise."""
    began_s = time.monotonic()
    told = effort.folder / "matrix.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={told}", MATRIX]
    broken: tuple[str, ...] = ()
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False)
        said = done.stdout[-2000:] + done.stderr[-2000:]
    except subprocess.TimeoutExpired:
        said = f"it did not end within {WITHIN_S} s"
    tests, failed = results(told)
    if failed or not tests:
        broken = tuple(f"seed {effort.seed}: {name}" for name in failed) or (f"seed {effort.seed}: {said}",)
    effort.say(f"{tests} tests of the matrix, {len(failed)} failed")
    http = sum(method != WEBSOCKET for method, _ in RULES)
    figures = {
        "routes": len(RULES),
        "roles": len(ROLES) + 1,  # and nobody
        "origins": len(FOREIGN) + 2,  # the service's own, and none
        "asked": http * (len(ROLES) + 1 + len(FOREIGN)) + 2 * len(FOREIGN) + 1,
        "runs": tests,
    }
    return Finding(
        part="routes", seed=effort.seed, seconds=time.monotonic() - began_s, figures=figures, broken=broken
    )


def results(told: Path) -> tuple[int, list[str]]:
    """How many tests a JUnit file has, and what became of those that did not pass."""
    if not told.is_file():
        return 0, []
    cases = list(ET.parse(told).getroot().iter("testcase"))
    failed = []
    for case in cases:
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                failed.append(f"{case.get('name')} {child.tag}: {(child.get('message') or '')[:300]}")
    return len(cases), failed
