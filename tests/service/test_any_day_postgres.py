"""Any day again, every fact in a real PostgreSQL before the next step: the same model, the same laws."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis.stateful import run_state_machine_as_test

from dispatch.adapters.log_open import open_log
from dispatch.service.ports import Log
from tests.postgres_server import Postgres
from tests.service.desk_model import DeskModel
from tests.service.test_any_day import profile


def run_days(postgres: Postgres, examples: int, steps: int) -> None:
    """Run the model; each day's folder has a log of its own in the database, found again after a crash."""
    desks: dict[Path, str] = {}

    def opened(folder: Path) -> Log:
        return open_log(desks.setdefault(folder, postgres.url))

    class OnPostgres(DeskModel):
        open_log = staticmethod(opened)

    run_state_machine_as_test(OnPostgres, settings=profile(examples, steps))


def test_twenty_days_of_sixty_steps(postgres):
    run_days(postgres, 20, 60)


@pytest.mark.nightly
def test_two_hundred_days_of_a_hundred_steps(postgres):
    run_days(postgres, 200, 100)
