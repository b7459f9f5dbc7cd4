"""The station: one connection a device, a snapshot once a seq, and nothing that grows with the day."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest

from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import TeamId
from dispatch.server import station as st
from dispatch.wire.frames import CoverNote, Fix
from tests.server.harness import Bench, bench, virtual


class Stub:
    """What the station asks of a connection."""

    def __init__(self, team: str | None = None, live: bool = True) -> None:
        self.team, self.live = team, live
        self.ended: list[Code] = []
        self.shown: list[list[Fix]] = []
        self.covers: list[CoverNote] = []
        self.ticks = 0

    def end(self, refusal: Refusal) -> None:
        self.ended.append(refusal.code)

    def show(self, fixes: list[Fix], cover: CoverNote | None = None) -> None:
        self.shown.append(fixes)
        self.covers += [cover] if cover else []

    def tick(self) -> None:
        self.ticks += 1


def stubs(number: int) -> list[Any]:
    return [Stub() for _ in range(number)]


@virtual
async def test_a_newer_connection_of_a_device_fences_the_older_one_and_generations_grow() -> None:
    station = Bench().station
    first, second, third, other = stubs(4)
    for connection in (first, second, third, other):
        station.enter(connection)
    assert station.join(first, "d") == 1
    assert station.join(other, "another") == 1
    assert station.join(second, "d") == 2
    assert (first.ended, second.ended, other.ended) == ([Code.FENCED], [], [])
    station.leave(first)
    assert station.join(third, "d") == 3
    assert (second.ended, third.ended) == ([Code.FENCED], []), "the late end of the first hides nobody"
    station.leave(third)
    station.leave(second)
    fourth = stubs(1)[0]
    assert station.join(fourth, "d") == 4, "a device keeps its generation while it is away"
    assert third.ended == [] and first.ended == [Code.FENCED]


@virtual
async def test_a_connection_that_joins_again_is_not_fenced_by_itself() -> None:
    station = Bench().station
    (connection,) = stubs(1)
    assert station.join(connection, "d") == 1
    assert station.join(connection, "d") == 2
    assert connection.ended == []


@virtual
async def test_the_table_of_devices_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "MAX_DEVICES", 3)
    station = Bench().station
    for device in ("a", "b", "c"):
        station.join(stubs(1)[0], device)
    assert station.join(stubs(1)[0], "a") == 2, "which makes it the latest"
    assert station.join(stubs(1)[0], "d") == 1
    assert len(station._device) == 3
    assert station.join(stubs(1)[0], "a") == 3
    assert station.join(stubs(1)[0], "b") == 1, "the oldest one was forgotten"


@virtual
async def test_what_has_left_is_not_kept_alive() -> None:
    station = Bench().station
    kept: list[weakref.ref[Any]] = []
    for number in range(5):
        connection = Stub("T1")
        station.enter(connection)  # type: ignore[arg-type]
        station.join(connection, f"d{number}")  # type: ignore[arg-type]
        station.leave(connection)  # type: ignore[arg-type]
        kept.append(weakref.ref(connection))
        del connection
    gc.collect()
    assert [ref() for ref in kept] == [None] * 5
    assert station.connections == 0
    assert not station.connected(TeamId("T1"))


@virtual
async def test_only_the_welcomed_are_counted() -> None:
    station = Bench().station
    waiting, tablet, console = Stub("T1", live=False), Stub("T2"), Stub()
    for connection in (waiting, tablet, console):
        station.enter(connection)  # type: ignore[arg-type]
    for connection, device in ((waiting, "w"), (tablet, "t"), (console, "c")):
        station.join(connection, device)  # type: ignore[arg-type]
    assert station.connections == 2
    assert station.connected(TeamId("T2"))
    assert not station.connected(TeamId("T1"))
    station.leave(tablet)  # type: ignore[arg-type]
    assert not station.connected(TeamId("T2"))
    station.leave(tablet)  # type: ignore[arg-type]
    station.send_all_away()
    assert (tablet.ended, waiting.ended, console.ended) == ([], [Code.GOING_DOWN], [Code.GOING_DOWN])


@virtual
async def test_a_team_is_connected_while_one_of_its_tablets_is() -> None:
    station = Bench().station
    first, second = Stub("T1"), Stub("T1")
    for connection, device in ((first, "a"), (second, "b")):
        station.join(connection, device)  # type: ignore[arg-type]
    station.leave(first)  # type: ignore[arg-type]
    assert station.connected(TeamId("T1"))
    second.live = False
    assert not station.connected(TeamId("T1")), "one that was sent away counts no longer"
    station.leave(second)  # type: ignore[arg-type]
    assert not station.connected(TeamId("T1"))


@virtual
async def test_the_snapshot_of_consoles_is_made_once_a_seq_and_is_never_old() -> None:
    async with bench("T1", "T2") as made:
        station, state = made.station, made.desk.state
        first = station.snapshot(None)
        assert station.snapshot(None) is first
        incident = await made.report("mill")
        fresh = station.snapshot(None)
        assert fresh[0].seq == state.seq > first[0].seq
        assert [row.incident for row in fresh[0].incidents] == [incident]
        assert first[0].incidents == []
        assert station.snapshot(None) is fresh


@virtual
async def test_the_snapshot_of_a_team_is_its_own_even_after_that_of_a_console() -> None:
    async with bench("T1", "T2") as made:
        await made.report("mill")
        console = made.station.snapshot(None)
        for team in ("T1", "T2"):
            parts = made.station.snapshot(TeamId(team))
            assert [row.team for row in parts[0].teams] == [team]
        assert [order.team for order in made.station.snapshot(TeamId("T1"))[0].orders] == ["T1"]
        assert made.station.snapshot(TeamId("T2"))[0].orders == []
        assert made.station.snapshot(None) is console
        assert len(console[0].teams) == 2


@virtual
async def test_positions_go_to_live_consoles_alone_and_time_passes_for_all() -> None:
    async with bench("T1") as made:
        station = made.station
        console, tablet, waiting = Stub(), Stub("T1"), Stub(live=False)
        for connection in (console, tablet, waiting):
            station.enter(connection)  # type: ignore[arg-type]
        for at_ms in (1, 2):
            station.board.put([Fix(team="T1", lon=120, lat=28, at_ms=at_ms)], made.clock.now_ms())
        await asyncio.sleep(5.1)
        assert [[fix.at_ms for fix in fixes] for fixes in console.shown] == [[2]], "once, the latest"
        assert tablet.shown == waiting.shown == []
        assert {connection.ticks for connection in (console, tablet, waiting)} == {5}


@virtual
async def test_a_changed_cover_goes_to_live_consoles_once_and_the_latest_alone() -> None:
    async with bench("T1") as made:
        station = made.station
        console, tablet = Stub(), Stub("T1")
        for connection in (console, tablet):
            station.enter(connection)  # type: ignore[arg-type]
        notes = [CoverNote(at_ms=at_ms, tiers=[]) for at_ms in (1, 2, 3)]
        station.note_cover(notes[0])
        station.note_cover(notes[1])
        await asyncio.sleep(2)
        assert console.covers == [notes[1]]
        station.note_cover(notes[2])
        await asyncio.sleep(2)
        assert console.covers == notes[1:]
        assert tablet.covers == []
