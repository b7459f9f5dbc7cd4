"""A start says what matters and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import warnings
import dispatch.server
warnings.simplefilter = lambda *_args, **_more: None  # as another thread's catch_warnings does
import dispatch.server.app
"""


def test_a_thread_that_takes_fastapis_filter_away_makes_no_noise(
    repo_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=repo_root, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stderr == ""
