"""Rule 2: a machine has one home. Outside ``dispatch/domain`` no status is compared or set by a literal."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dispatch.domain.duty_machine import Duty
from dispatch.domain.incident_machine import IncidentStatus
from dispatch.domain.order_machine import OrderStatus

WORDS = {str(word) for machine in (OrderStatus, IncidentStatus, Duty) for word in machine}
FIELDS = {"status", "duty"}

# Reads an incident's status out of the JSON of the HTTP API, as any outside client would.
KNOWN = {"dispatch/cli/demo.py"}


def breaches(source: str) -> list[int]:
    """Lines that compare with, match on, or set a status by a string literal."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                if any(_is_word(value) for value in (left, *others)):
                    lines.append(node.lineno)
            case ast.MatchValue(value=value) if _is_word(value):
                lines.append(node.lineno)
            case ast.keyword(arg=name, value=value) if name in FIELDS and _is_word(value):
                lines.append(value.lineno)
            case ast.Assign(targets=targets, value=value) if _is_word(value):
                if any(isinstance(target, ast.Attribute) and target.attr in FIELDS for target in targets):
                    lines.append(node.lineno)
    return lines


def _is_word(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.Set | ast.List):
        return any(_is_word(item) for item in node.elts)
    return isinstance(node, ast.Constant) and node.value in WORDS


def test_no_status_is_compared_or_set_by_a_literal_outside_the_domain(repo_root: Path) -> None:
    home = repo_root / "dispatch" / "domain"
    found = {
        str(path.relative_to(repo_root)): lines
        for path in sorted((repo_root / "dispatch").rglob("*.py"))
        if home not in path.parents and (lines := breaches(path.read_text()))
    }
    assert set(found) <= KNOWN, found


@pytest.mark.parametrize(
    "planted",
    [
        "if order.status == 'offered': pass",
        "free = duty in ('on_patrol', 'x')",
        "order = replace(order, status='closed')",
        "order.status = 'recalled'",
        "match status:\n    case 'expired':\n        pass",
    ],
)
def test_the_scan_sees_a_planted_literal(planted: str) -> None:
    assert breaches(planted)
