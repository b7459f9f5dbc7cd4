"""The desk of most stories."""

import pytest

from tests.service.driver import TOWN, DeskDriver


@pytest.fixture
def desk() -> DeskDriver:
    desk = DeskDriver(TOWN)
    desk.register("T1", "T2", "T3")
    return desk
