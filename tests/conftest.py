"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.live", "tests.certificate", "tests.postgres"]

ROOT = Path(__file__).resolve().parent.parent
LONGEST = ("tests/rig/test_evidence.py", "tests/server/test_kill.py", "tests/e2e/")
"""Begun first, so that the end of a run that works at several things does not wait for one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; all else stays as it is."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """Return the root of this checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real road extracts beside the checkout; a test that needs it is skipped without it."""
    folder = Path(os.environ.get("DISPATCH135_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real extracts are not at {folder}; set DISPATCH135_SHARED_DATA to where they are")
    return folder
