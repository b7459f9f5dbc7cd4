"""A whole service on a log in PostgreSQL: it starts, loses its session, stops, and starts again where it was."""

from __future__ import annotations

import asyncio
import urllib.request
from pathlib import Path

import pytest

from dispatch import bootstrap
from dispatch.adapters.log_open import open_reader
from dispatch.adapters.log_postgres import Address, LogOpenError
from dispatch.adapters.log_verify import keep, verify
from dispatch.cli.service import address, listen, running
from dispatch.domain.commands import ReportIncident
from dispatch.domain.types import IncidentKind, Urgency
from dispatch.server.outcomes import Outcome
from tests.postgres_server import Postgres
from tests.service.driver import key


def test_a_service_lives_on_postgres(
    town: bootstrap.Town, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.adapters.log_postgres.LOCK_S", 0.5)
    settings = bootstrap.StationSettings(log=postgres.url, snapshot=tmp_path / "kept")
    where = town.roster[0].home
    wish = ReportIncident(where=where, what=IncidentKind.FIGHT, urgency=Urgency.CRITICAL, note="")

    async def first() -> tuple[object, str]:
        station = bootstrap.build_station(town, settings)
        bound = listen("127.0.0.1", 0)
        async with running(station, bound, bootstrap.build_access(tmp_path, station)[0]):
            assert not await bootstrap.enroll(station.desk, town.roster, on_duty=True)
            with pytest.raises(LogOpenError, match="another service writes"):
                await asyncio.to_thread(bootstrap.build_station, town, settings)
            with Address(str(settings.log)).connect() as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = 'dispatch135' AND pid <> pg_backend_pid()"
                )
            answer = await station.desk.post(wish, key(1))
            assert isinstance(answer, Outcome) and answer.kind == "applied"
            health = await asyncio.to_thread(urllib.request.urlopen, address(bound) + "/healthz")
            assert health.status == 200
            health.close()
        return station.desk.state, station.desk.epoch

    async def second(state: object, epoch: str) -> None:
        station = bootstrap.build_station(town, settings)
        assert (station.desk.state, station.desk.epoch) == (state, epoch)
        access, _ = bootstrap.build_access(tmp_path, station)
        async with running(station, listen("127.0.0.1", 0), access):
            again = await station.desk.post(wish, key(1))
            assert isinstance(again, Outcome) and again.kind == "replayed"

    state, epoch = asyncio.run(first())
    asyncio.run(second(state, epoch))
    reader = open_reader(str(settings.log))
    head = keep(reader, tmp_path / "kept")
    assert verify(reader).seq == head
    reader.close()
    asyncio.run(second(state, epoch))
