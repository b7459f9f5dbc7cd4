"""docs/security.md is fresh, says something of every chapter, and names only tests that exist."""

from __future__ import annotations

import ast
import re

import pytest

from tests.server.asvs import CHAPTERS, PAGE, ROOT, VERDICTS, Line, read, render

LINES = read()


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m tests.server.asvs"


def test_every_chapter_is_there_and_no_line_twice() -> None:
    assert {line.chapter for line in LINES} == set(range(1, len(CHAPTERS) + 1))
    assert len({line.number for line in LINES}) == len(LINES)
    assert {line.verdict for line in LINES} <= set(VERDICTS)
    assert all(len(line.proof) > 4 or line.proof == "none" for line in LINES), "a verdict without a reason"


@pytest.mark.parametrize("line", [line for line in LINES if line.verdict == "tested"], ids=lambda line: line.number)
def test_each_named_test_exists(line: Line) -> None:
    found = re.match(r"(tests/[\w/]+\.py)::(test_\w+)", line.proof)
    assert found, f"{line.number} names no test: {line.proof}"
    tree = ast.parse((ROOT / found[1]).read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert found[2] in names, f"{line.number}: {found[1]} has no {found[2]}"
