"""`serve` as its user starts it: the plan, the mode and the log that were named are those that are served."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dispatch.access.policy import Role
from dispatch.adapters.log_open import open_log
from tests import people


@contextmanager
def serving(data: Path, *words: str) -> Iterator[str]:
    """A service with accounts, in a process of its own; gives its address, and ends it as Ctrl-C does."""
    people.make_accounts(data)
    command = [sys.executable, "-m", "dispatch", "serve", "--port", "0", "--data", str(data), *words]
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
    """What came of a report by a dispatcher who signed in with password and second factor."""
    dispatcher = people.person(base, Role.DISPATCHER)
    try:
        found: dict[str, Any] = dispatcher.incident(dispatcher.report(27.99, 120.59))
        return found
    finally:
        dispatcher.close()


def test_the_operator_confirms_where_recommend_is_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "elsewhere.sqlite"
    with serving(tmp_path / "data", "--log", str(log), "--mode", "recommend") as base:
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
    with serving(tmp_path / "data", "--log", url) as base:
        report(base)
    opened = open_log(url)
    try:
        kinds = [row.event.kind for row in opened.read()]
    finally:
        opened.close()
    assert kinds.count("incident_reported") == kinds.count("order_offered") == 1
