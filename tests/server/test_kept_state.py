"""A service keeps its state beside its log without being asked, and its next start begins from there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dispatch import bootstrap
from dispatch.adapters.log_snapshots import Keeper, load
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.cli.service import listen, running


def test_a_service_keeps_its_state_wherever_it_was_started(
    town: bootstrap.Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made: list[Keeper] = []

    def keeper(target: str, path: Path, root: Path, last: int) -> Keeper:
        made.append(Keeper(target, path, root, last, every=20))
        return made[-1]

    monkeypatch.setattr(bootstrap, "Keeper", keeper)
    settings = bootstrap.StationSettings(log=Path("day/desk.sqlite"))

    async def live() -> object:
        station = bootstrap.build_station(town, settings)
        access, _ = bootstrap.build_access(None, station)
        async with running(station, listen("127.0.0.1", 0), access):
            assert not await bootstrap.enroll(station.desk, town.roster, on_duty=True)
            assert await asyncio.to_thread(made[-1].wait, 60) == 0
        return station.desk.state

    state = asyncio.run(live())
    log = SqliteLog(tmp_path / "day" / "desk.sqlite")
    kept = load(tmp_path / "day" / "desk.sqlite.snapshot", log)
    log.close()
    assert kept is not None and kept.seq >= 20
    again = bootstrap.build_station(town, settings)
    assert again.desk.state == state
    asyncio.run(_end(again))


async def _end(station: bootstrap.Station) -> None:
    task = asyncio.create_task(station.desk.run())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
