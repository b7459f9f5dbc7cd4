"""Full and failing disks, short; and that the shim does make calls fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rig import diskfaults
from tests.rig.part import Effort

PROGRAM = """
import os, sys
with open(sys.argv[1], "wb", buffering=0) as file:
    for number in range(4):
        try:
            file.write(b"x")
            print("written", end=" ")
        except OSError as error:
            print(error.errno, end=" ")
    os.fsync(file.fileno())
"""


@pytest.mark.slow
def test_a_disk_that_fails_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    found = diskfaults.run(Effort(seed=135, short=True, folder=tmp_path))
    assert found.broken == ()
    assert found.figures["full_disks"] >= 1
    assert found.figures["acknowledged"] > 100
    shimmed = not any("EIO" in told for told in found.left_out)
    assert not shimmed or found.figures["outcome_unknown"] > 0, "no failing disk was ever noticed"


@pytest.mark.parametrize(("lasting", "said"), [(0, "written 5 written written "), (1, "written 5 5 5 ")])
def test_the_shim_fails_the_call_that_it_is_told_to(tmp_path: Path, lasting: int, said: str) -> None:
    shim = diskfaults.compiled(tmp_path)
    if isinstance(shim, str):
        pytest.skip(shim)
    orders = tmp_path / "orders"
    orders.write_text(f"write 5 2 {lasting}")
    environment = {"LD_PRELOAD": str(shim), "RIG_ORDERS": str(orders)}
    command = [sys.executable, "-c", PROGRAM]
    for name, expected in ((f"{diskfaults.MARK}1", said), ("another", "written written written written ")):
        done = subprocess.run([*command, str(tmp_path / name)], env=environment, capture_output=True, text=True)
        assert done.stdout == expected, done.stderr
