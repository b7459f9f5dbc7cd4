"""What is pinned: every dependency, with hashes, and from no address."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PYPROJECT["dependency-groups"]
LOCKS = {
    "run": PYPROJECT["project"]["dependencies"],
    "postgres": GROUPS["postgres"],
    "test": PYPROJECT["project"]["dependencies"] + GROUPS["dev"],
    "peers": GROUPS["peers"],
    "node": GROUPS["node"],
}


def pins(purpose: str) -> set[tuple[str, str, str]]:
    """Read (name, version, marker) of every pinned package."""
    text = (ROOT / "requirements" / f"{purpose}.txt").read_text()
    lines = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; (.*?))? \\$", text, re.MULTILINE)
    return {(name.lower(), version, marker) for name, version, marker in lines}


def named(requirement: str) -> str:
    """Return the package that a requirement of pyproject.toml names."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return found[0].lower()


@pytest.mark.parametrize("purpose", LOCKS)
def test_every_dependency_is_pinned(purpose: str) -> None:
    missing = {named(line) for line in LOCKS[purpose]} - {name for name, _, _ in pins(purpose)}
    assert not missing, f"{missing} in pyproject.toml but not in requirements/{purpose}.txt: run ./run lock"


def test_the_extra_for_a_log_in_postgresql_is_what_run_installs() -> None:
    assert PYPROJECT["project"]["optional-dependencies"]["postgres"] == GROUPS["postgres"]


@pytest.mark.parametrize("purpose", LOCKS)
def test_every_pin_has_a_hash_and_nothing_else_stands_there(purpose: str) -> None:
    text = (ROOT / "requirements" / f"{purpose}.txt").read_text().replace("\\\n", "")
    for line in text.splitlines():
        if not line.lstrip().startswith("#"):
            assert re.fullmatch(r"[\w.-]+==\S+ +(; .+?)?( +--hash=sha256:[0-9a-f]{64})+", line), line[:120]


def test_the_pins_of_the_tests_are_those_of_the_product_and_more() -> None:
    assert pins("run") <= pins("test"), "run ./run lock"


def test_every_part_of_the_page_has_a_hash_and_no_address() -> None:
    lock = json.loads((ROOT / "web_client" / "package-lock.json").read_text())
    for name, part in lock["packages"].items():
        if name:
            assert "integrity" in part, f"{name} has no hash: run ./run lock"
            assert "resolv" + "ed" not in part, f"{name} names an address: run ./run lock"
