"""The browser for every test in this folder, and services that it leaves before they end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch import bootstrap
from dispatch.service.settings import DeskSettings
from tests.e2e.browser import Browser, browser
from tests.e2e.desks import RECOMMEND
from tests.live import DESK, Service, serving

__all__ = ["asking", "browser", "service"]


@pytest.fixture
def service(town: bootstrap.Town, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service that decides by itself."""
    yield from _left(town, tmp_path, DESK, request)


@pytest.fixture
def asking(town: bootstrap.Town, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service whose operator confirms each choice."""
    yield from _left(town, tmp_path, RECOMMEND, request)


def _left(
    town: bootstrap.Town, tmp_path: Path, desk: DeskSettings, request: pytest.FixtureRequest
) -> Iterator[Service]:
    held: Browser | None = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    with serving(town, tmp_path, desk) as made:
        yield made
        if held is not None:
            held.leave()
