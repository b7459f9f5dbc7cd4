"""The browser for every test in this folder, and a service whose operator confirms each choice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch import bootstrap
from tests.e2e.browser import browser
from tests.e2e.desks import RECOMMEND
from tests.live import Service, serving

__all__ = ["asking", "browser"]


@pytest.fixture
def asking(town: bootstrap.Town, tmp_path: Path) -> Iterator[Service]:
    """A service whose operator confirms each choice."""
    with serving(town, tmp_path, RECOMMEND) as made:
        yield made
