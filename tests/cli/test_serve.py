"""`serve` as its user starts it: the plan, the mode and the log that were named are those that are served."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dispatch.adapters.log_open import open_log


@contextmanager
def serving(*words: str) -> Iterator[str]:
    """A service in a process of its own; gives its address, and ends it as Ctrl-C does."""
    command = [sys.executable, "-m", "dispatch", "serve", "--port", "0", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        said = ""
        try:
            for line in child.stderr:
                said += line
                if found := re.search(r"at (http://\S+)", line):
                    break
            else:
                pytest.fail(f"it did not start: {said}")
            yield found[1]
        finally:
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=60)


def report(base: str) -> dict[str, Any]:
    body = {"key": KEY, "lat": 27.99, "lon": 120.59, "what": "dispute", "urgency": "urgent"}
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"{base}/api/incidents", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        name = json.loads(answer.read())["subject"]
    with urllib.request.urlopen(f"{base}/api/incidents/{name}", timeout=60) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found


KEY = "018f0000-0000-7000-8000-0000000000a1"


def test_the_operator_confirms_where_recommend_is_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "elsewhere.sqlite"
    with serving("--data", str(tmp_path / "data"), "--log", str(log), "--mode", "recommend") as base:
        found = report(base)
    assert found["incident"]["waiting_reason"] == "unconfirmed" and found["orders"] == []
    opened = open_log(str(log))
    try:
        kinds = [row.event.kind for row in opened.read()]
    finally:
        opened.close()
    assert "teams_recommended" in kinds and "order_offered" not in kinds


def test_the_log_is_a_database_where_one_is_named(tmp_path: Path, postgres) -> None:  # type: ignore[no-untyped-def]
    url = postgres.url
    with serving("--data", str(tmp_path / "data"), "--log", url) as base:
        report(base)
    opened = open_log(url)
    try:
        kinds = [row.event.kind for row in opened.read()]
    finally:
        opened.close()
    assert kinds.count("incident_reported") == kinds.count("order_offered") == 1
