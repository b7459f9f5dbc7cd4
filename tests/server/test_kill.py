"""kill -9 between any two steps of the walk, then a restart: the walk ends as it would have."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.bootstrap import ROOT, sample_town
from dispatch.domain import events as ev
from dispatch.domain.state import DeskState
from dispatch.domain.walk import Step
from dispatch.sim.driver import Driver
from dispatch.sim.identity import Identity, enrol
from dispatch.sim.reporter import Reporter
from dispatch.sim.store import FileStore
from dispatch.sim.tablet import Crew, PatrolTablet
from dispatch.wire.tablet_session import TabletOrder
from tests import people

pytestmark = pytest.mark.slow

TEAMS = 3
PACE = 2000.0
WITHIN_S = 240
AT_ONCE = 5
"""Walks at the same time: most of each is waiting for a deadline."""

# a step is noted more than once: one walk has an offer that nobody answers and one that is carried out
MOMENTS = [
    (Step.REPORT, 1),
    (Step.LOCATE, TEAMS + 1),  # the first ones locate the homes of the teams
    (Step.RECORD, 1),
    (Step.REACH, 1),
    (Step.CANDIDATES, 1),
    (Step.ASSIGN, 1),
    (Step.ORDER, 1),
    (Step.APPEND, 1),
    (Step.PUSH, 1),
    (Step.ANSWERS, 1),  # the first tablet has stored the order
    (Step.ANSWERS, 2),  # … and shown it
    (Step.REACH, 2),  # the deadline has passed, the next team is looked for
    (Step.ORDER, 2),
    (Step.SILENCE, 1),  # the expiry and the second order are on the log, nobody knows of it
    (Step.PUSH, 2),
    (Step.ANSWERS, 5),  # the second team has accepted
    (Step.ANSWERS, 6),  # … and departed
    (Step.ARRIVE, 1),  # arrived
    (Step.ARRIVE, 2),  # reported back
    (Step.ARRIVE, 3),  # the order is closed, the answer not yet given
]


class Parked(Driver):
    """Waits at home: the same team is nearest in every run."""

    def patrol(self, now_ms: int) -> None:
        self.stop(now_ms)


@dataclass(frozen=True)
class Ending:
    """How a walk ended, without the times."""

    kinds: tuple[tuple[str, str], ...]
    teams: tuple[str, ...]


def answers_the_second(order: TabletOrder) -> bool:
    return order.order != "O0001"


@contextlib.asynccontextmanager
async def service(log: Path, step: int, occurrence: int, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("killable.py")),
        *(str(log), str(step), str(occurrence), str(port)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert child.stdout is not None
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def walk(folder: Path, step: int, occurrence: int) -> Ending:
    """One incident from the report to its end, the service killed once on the way (step 0: never)."""
    log, port = folder / "desk.sqlite", free_port()
    base = f"http://127.0.0.1:{port}"
    town = sample_town(lambda _text: None)
    crew = Crew(
        accept_after_s=0.05,
        depart_after_s=0.05,
        on_scene_s=0.1,
        report_s=0.05,
        answers=answers_the_second,
        reconnect_s=(0.05, 0.3),
    )
    people.make_accounts(folder)
    async with asyncio.timeout(WITHIN_S), service(log, step, occurrence, port) as first:
        assert await first.stdout.readline() if first.stdout else None
        reporter = await asyncio.to_thread(people.person, base)
        identities = await asyncio.to_thread(_enrolled, reporter, [team.team for team in town.roster[:TEAMS]])
        tablets = [
            PatrolTablet(
                f"ws://127.0.0.1:{port}/ws",
                identity,
                Parked(town.ground.graph("car"), team.home, PACE, seed=1),
                FileStore(folder / f"{team.team}.json"),
                crew,
            )
            for team, identity in zip(town.roster[:TEAMS], identities, strict=True)
        ]
        crowd = [asyncio.create_task(tablet.run()) for tablet in tablets]
        place = next(place for place in town.places if place.place)
        while (await asyncio.to_thread(reporter.call, "GET", "/healthz"))["connections"] < TEAMS:
            await asyncio.sleep(0.05)  # an order that a late tablet finds in its snapshot is not pushed
        told = asyncio.create_task(
            asyncio.to_thread(reporter.report, place.point.lat, place.point.lon, note="kill test")
        )
        try:
            if not step:
                return await _ended(reporter, await told, log, first)
            assert await first.wait() == -signal.SIGKILL, "the step was never done"
            async with service(log, 0, 0, port) as second:
                return await _ended(reporter, await told, log, second)
        finally:
            reporter.close()
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)


def _enrolled(reporter: Reporter, teams: list[str]) -> list[Identity]:
    return [enrol(reporter, team) for team in teams]


async def _ended(reporter: Reporter, incident: str, log: Path, child: asyncio.subprocess.Process) -> Ending:
    while (await asyncio.to_thread(reporter.incident, incident))["incident"]["status"] != "closed":
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.1)
    child.terminate()
    await child.wait()
    return ending(log)


def ending(log: Path) -> Ending:
    """What the log says in the end; folding it also proves that it is whole."""
    opened = SqliteLog(log)
    state, kinds, teams = DeskState(), [], []
    for row in opened.read():
        state.apply(row)
        subject = getattr(row.event, "order", None) or getattr(row.event, "incident", None)
        if subject is not None:
            kinds.append((row.event.kind, str(subject)))
        if isinstance(row.event, ev.OrderOffered):
            teams.append(row.event.team)
    opened.close()
    assert not state.open_incidents
    assert not state.live_order_of
    return Ending(tuple(kinds), tuple(teams))


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], Ending | Exception]:
    """The undisturbed walk under (0, 0), and one walk a kill."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(moment: tuple[int, int]) -> Ending | Exception:
        async with turns:
            try:
                return await walk(tmp_path_factory.mktemp("walk"), *moment)
            except Exception as error:
                return error

    async def every() -> list[Ending | Exception]:
        return await asyncio.gather(*(one(moment) for moment in [(0, 0), *MOMENTS]))

    return dict(zip([(0, 0), *MOMENTS], asyncio.run(every()), strict=True))


def got(endings: dict[tuple[int, int], Ending | Exception], moment: tuple[int, int]) -> Ending:
    ended = endings[moment]
    if isinstance(ended, Exception):
        raise ended
    return ended


def test_the_undisturbed_walk_has_a_silent_team_and_one_that_closes(endings: dict[tuple[int, int], Ending]) -> None:
    undisturbed = got(endings, (0, 0))
    kinds = [kind for kind, _ in undisturbed.kinds]
    assert kinds.count("incident_reported") == kinds.count("incident_closed") == 1
    assert kinds.count("order_offered") == 2
    assert kinds.count("order_expired") == kinds.count("order_closed") == 1
    assert len(set(undisturbed.teams)) == 2


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment[0].name}-{moment[1]}")
def test_a_killed_service_ends_the_walk_as_if_nothing_had_been(
    moment: tuple[Step, int], endings: dict[tuple[int, int], Ending | Exception]
) -> None:
    undisturbed, ended = got(endings, (0, 0)), got(endings, moment)
    assert ended.teams == undisturbed.teams
    assert sorted(ended.kinds) == sorted(undisturbed.kinds)


def test_every_step_before_the_last_has_its_kill() -> None:
    assert {step for step, _ in MOMENTS} == set(Step) - {Step.LEARN}
