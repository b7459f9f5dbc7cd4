"""The short form of the evidence is part of every test run: the report itself says that all holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.bootstrap import ROOT
from dispatch.cli.evidence import names
from tests.rig.planted_bugs import BUGS


@pytest.mark.slow
def test_the_short_form_finds_nothing_broken_and_every_planted_bug(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dispatch", "evidence", "--short", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=2_400)
    assert (tmp_path / "report.json").exists(), done.stderr[-2000:]
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["verdict"]["wrong"] == [], (tmp_path / "report.md").read_text(encoding="utf-8")
    assert done.returncode == 0
    found = {part["part"]: part["figures"] for part in report["parts"]}
    assert list(found) == names()
    assert {"sim", "model", "planted"} <= set(found)
    assert found["sim"]["runs"] >= 100
    assert found["sim"]["unsynced_lost"] > 0, "no crash ever lost anything: then nothing was tested"
    assert found["sim"]["acknowledged"] > 1_000
    assert found["model"]["runs"] >= 40
    assert found["planted"]["caught"] == found["planted"]["planted"] == len(BUGS) >= 15
    assert "<svg" in (tmp_path / "report.svg").read_text(encoding="utf-8")
