"""Records are changed by nobody: nothing guards them at run time, so the code is read and mypy is asked."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "dispatch" / "domain" / "record.py"
MODULES = [path for path in sorted((ROOT / "dispatch").rglob("*.py")) if path != HOME]
WRITERS = ("setattr", "delattr", "__setattr__", "__delattr__")


def is_record(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(
        isinstance(mark, ast.Name) and mark.id == "record" for mark in node.decorator_list
    )


def record_fields() -> set[str]:
    """The names of all fields of all classes that are marked as records."""
    found = set()
    for path in MODULES:
        made = [node.name for node in ast.walk(ast.parse(path.read_text())) if is_record(node)]  # type: ignore[attr-defined]
        if made:
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            found |= {each.name for name in made for each in fields(getattr(module, name))}
    return found


def writings(source: str, names: set[str]) -> list[str]:
    """Where a module writes to an attribute, of something else than itself, that a record has; or by any name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        written = isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        if written and node.attr in names and ast.unparse(node.value) != "self":
            found.append(f"{node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in WRITERS:
                found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def test_no_code_writes_to_a_record() -> None:
    names = record_fields()
    assert {"waiting_reason", "live_order_of"} & names == {"waiting_reason"}, "records, not the state"
    names -= {"seq"}  # of the envelope; the state has one too, which Draft and apply count on
    told = {str(path.relative_to(ROOT)): writings(path.read_text(), names) for path in MODULES}
    assert not {name: lines for name, lines in told.items() if lines}


@pytest.mark.parametrize(
    "line",
    [
        "state.orders[name].status = OrderStatus.CLOSED",
        "incident.orders += (order,)",
        "team.task, other = None, 1",
        "del order.report",
        "setattr(order, 'status', 1)",
        "object.__setattr__(order, 'status', 1)",
        "for order.report in (): pass",
    ],
)
def test_a_planted_writing_is_found(line: str) -> None:
    assert writings(f"def f(state, incident, order, team, name):\n    {line}\n", record_fields())


def test_the_type_checker_refuses_a_planted_writing(tmp_path: Path) -> None:
    """Where the reader above knows only names, mypy knows types: ``record`` says that its classes are frozen."""
    planted = tmp_path / "planted.py"
    planted.write_text(
        "from dispatch.domain.record import changed\n"
        "from dispatch.domain.records import Task\n\n"
        "task = Task(task='x', starts_at_ms=1, ends_at_ms=2)\n"
        "other = changed(task, task='y')\n"
        "task.task = 'z'\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(planted)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    (error,) = [line for line in checked.stdout.splitlines() if ": error:" in line]
    assert 'planted.py:6: error: Property "task" defined in "Task" is read-only' in error
