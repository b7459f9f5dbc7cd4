"""Connections under bad clients: too far behind, too fast, never reading, never speaking. All in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dispatch.access.refusals import Door, DoorRefusal
from dispatch.domain import commands as cmd
from dispatch.domain.refusals import TABLE, Code
from dispatch.domain.types import TeamId, Tier
from dispatch.server import feed as fd
from dispatch.server import loop
from dispatch.server import sockets as so
from dispatch.wire import frames as fr
from tests.server.harness import Bench, Client, bench, joined, settle, virtual
from tests.service.driver import key

TAIL = 8


@pytest.fixture
def short_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fd, "MAX_TAIL", TAIL)


async def churn(made: Bench, times: int) -> None:
    """Rows that no tablet but T9's is told of."""
    for _ in range(times):
        await made.applied(cmd.EndDuty(team=TeamId("T9")))
        await made.applied(cmd.StartDuty(team=TeamId("T9")))


def byes(client: Client) -> list[tuple[str, bool]]:
    return [(frame["code"], frame["reconnect"]) for frame in client.of("bye")]


def sent_away(client: Client, code: Code) -> bool:
    return byes(client) == [(code, TABLE[code].reconnect)] and client.closed == TABLE[code].close


# ── joining and following ─────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_a_console_gets_a_snapshot_and_then_every_event_without_a_gap() -> None:
    async with bench("T1", "T2") as made:
        console = await joined(made.station, "c")
        welcome, snapshot = console.heard
        assert (welcome["type"], welcome["resume"], welcome["generation"]) == ("welcome", False, 1)
        start = made.log.head()
        assert (snapshot["type"], snapshot["seq"]) == ("snapshot", start)
        await made.report("mill")
        await made.report("school")
        await settle()
        assert console.seqs == list(range(start + 1, made.log.head() + 1))
        assert [frame["after"] for frame in console.of("event")] == list(range(start, made.log.head()))
        assert made.station.connections == 1
        console.hang_up()
        await console.task
        assert made.station.connections == 0
        assert not made.desk.feed._bells, "nobody rings for who has gone"


@virtual
async def test_nothing_is_pushed_before_it_is_on_the_log() -> None:
    async with bench("T1") as made:
        tablet, console = await joined(made.station, "t", "T1"), await joined(made.station, "c")
        with made.faulty.shut():
            answer = made.desk.post(made.reporting("mill"))
            await made.faulty.reached()
            await settle()
            assert tablet.seqs == console.seqs == []
            late = await joined(made.station, "late")
            assert late.of("snapshot")[0]["incidents"] == []
        await answer
        await settle()
        assert [frame["event"]["kind"] for frame in tablet.of("event")] == ["order_offered"]
        assert late.seqs == console.seqs == [3, 4]


@virtual
@pytest.mark.usefixtures("short_tail")
async def test_who_holds_what_is_still_in_memory_resumes_and_others_start_from_a_snapshot() -> None:
    async with bench("T1", "T9") as made:
        await churn(made, 10)
        feed, epoch = made.desk.feed, made.desk.epoch
        assert feed.first == feed.head - TAIL + 1
        inside = await joined(made.station, "a", epoch=epoch, seq=feed.first - 1)
        assert inside.of("welcome")[0]["resume"] and not inside.of("snapshot")
        assert inside.seqs == list(range(feed.first, feed.head + 1))
        for number, seq in enumerate((feed.first - 2, 1, 0, feed.head + 1)):
            outside = await joined(made.station, f"b{number}", epoch=epoch, seq=seq)
            assert not outside.of("welcome")[0]["resume"]
            assert [part["seq"] for part in outside.of("snapshot")] == [feed.head]
            assert outside.seqs == []
        foreign = await joined(made.station, "c", epoch="another", seq=feed.head)
        assert foreign.of("snapshot")


@virtual
@pytest.mark.usefixtures("short_tail")
async def test_a_console_that_the_tail_has_passed_by_is_told_so() -> None:
    async with bench("T9") as made:
        slow, quick = await joined(made.station, "slow"), await joined(made.station, "quick")
        slow.reading.clear()
        for _ in range(TAIL):
            await churn(made, 1)
            await settle()
        slow.reading.set()
        await settle()
        assert sent_away(slow, Code.TOO_SLOW)
        assert slow.seqs == sorted(slow.seqs)
        await asyncio.wait_for(slow.task, 1)
        assert quick.seqs[-1] == made.log.head() and quick.closed is None
        again = await joined(made.station, "slow", epoch=made.desk.epoch, seq=slow.seqs[-1])
        assert again.of("snapshot"), "and starts from a snapshot when it comes back"


@virtual
@pytest.mark.usefixtures("short_tail")
async def test_a_tablet_that_never_stores_is_told_when_the_tail_has_passed_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fr, "WINDOW", 2)
    async with bench("T1", "T9") as made:
        tablet = await joined(made.station, "t", "T9")
        await churn(made, 1)
        await settle()
        held = tablet.seqs
        assert len(held) == 2
        await churn(made, TAIL)
        await settle()
        assert tablet.seqs == held, "its window is full"
        tablet.say(type="stored", seq=held[-1])
        await settle()
        assert sent_away(tablet, Code.TOO_SLOW)


# ── too much from a client ────────────────────────────────────────────────────────────────────────────────


def keyed(number: int) -> dict[str, Any]:
    return {"type": "command", "key": key(number), "verb": "accept", "order": "O0001", "occurred_at_ms": 1}


def keyless(_number: int) -> dict[str, Any]:
    return {"type": "stored", "seq": 1}


def seen(_number: int) -> dict[str, Any]:
    return {"type": "shown", "order": "O0001"}


@virtual
@pytest.mark.parametrize("frame", [keyed, keyless, seen])
async def test_no_more_is_read_from_a_tablet_than_the_desk_takes(frame: Any) -> None:
    async with bench("T1", "T2", "T3") as made:
        await made.report("mill")
        tablet = await joined(made.station, "t", "T1")
        taken = tablet.taken
        with made.faulty.shut():
            slow = made.desk.post(made.reporting("school"))
            await made.faulty.reached()
            for number in range(500):
                tablet.say(**frame(number))
            await settle()
            assert 1 <= tablet.taken - taken <= so.MAX_INBOX + 1, "TCP holds the rest"
            others = made.desk.post(made.reporting("mill"), key(9999))
        await slow
        assert getattr(await others, "kind", None) == "applied"
        assert tablet.taken - taken <= 3 * so.MAX_INBOX, "the next report waited for one inbox, not for the flood"
        for _ in range(20):
            await settle()
        assert tablet.taken == tablet.said, "nothing is lost, all is read in its time"
        assert tablet.closed is None
        if frame is keyed:
            assert [answer["key"] for answer in tablet.of("result")] == [key(number) for number in range(500)]


@virtual
async def test_many_flooding_tablets_leave_the_queue_room() -> None:
    async with bench("T1", "T2", "T3") as made:
        await made.report("mill")
        tablets = [await joined(made.station, f"t{number}", "T1") for number in range(8)]
        with made.faulty.shut():
            slow = made.desk.post(made.reporting("school"))
            await made.faulty.reached()
            for tablet in tablets:
                for number in range(300):
                    tablet.say(**keyless(number))
            await settle()
            assert made.desk._queue.qsize() <= 8 * (so.MAX_INBOX + 1) < loop.MAX_QUEUE
            others = made.desk.post(made.reporting("mill"))
        await slow
        assert getattr(await others, "kind", None) == "applied"


@virtual
async def test_no_more_is_read_from_a_client_that_does_not_read() -> None:
    async with bench("T1") as made:
        console = await joined(made.station, "c")
        taken = console.taken
        console.reading.clear()
        for number in range(500):
            console.say(type="ping", at_ms=number)
        await settle()
        assert console.taken - taken <= so.MAX_INBOX + 1
        console.reading.set()
        for _ in range(10):
            await settle()
        assert [frame["at_ms"] for frame in console.of("pong")] == list(range(500))


# ── too little from a client ──────────────────────────────────────────────────────────────────────────────


@virtual
async def test_a_console_that_never_reads_is_cut_and_harms_nobody() -> None:
    async with bench("T1", "T2") as made:
        deaf, good = await joined(made.station, "deaf"), await joined(made.station, "good")
        deaf.reading.clear()
        begun = asyncio.get_running_loop().time()
        await made.report("mill")
        await settle()
        assert asyncio.get_running_loop().time() == begun
        assert good.seqs[-1] == made.log.head(), "others have it at once"
        await asyncio.sleep(so.SEND_WITHIN_S - 1)
        assert not deaf.task.done()
        good.say(type="ping", at_ms=1)
        await asyncio.sleep(2 + so.CLOSE_WITHIN_S)
        assert deaf.task.done(), "although not even a close frame gets through"
        assert made.station.connections == 1
        await made.report("school")
        await settle()
        assert good.seqs[-1] == made.log.head()
        assert len(made.desk.feed._bells) == 1


@virtual
async def test_a_console_that_reads_again_too_late_is_told_why_it_was_cut() -> None:
    async with bench("T1") as made:
        slow = await joined(made.station, "slow")
        slow.reading.clear()
        await made.report("mill")
        await asyncio.sleep(so.SEND_WITHIN_S + so.CLOSE_WITHIN_S / 2)
        slow.reading.set()
        await settle()
        assert slow.task.done() and slow.closed == TABLE[Code.TOO_SLOW].close


@virtual
async def test_a_deaf_client_that_is_fenced_holds_nothing_up() -> None:
    async with bench("T1") as made:
        deaf = await joined(made.station, "t", "T1")
        deaf.reading.clear()
        newer = await joined(made.station, "t", "T1")
        await made.report("mill")
        await settle()
        assert len(newer.seqs) == 1
        await asyncio.sleep(so.SEND_WITHIN_S + 2 * so.CLOSE_WITHIN_S + 1)
        assert deaf.task.done() and made.station.connections == 1


@virtual
async def test_a_deaf_tablet_that_is_shut_out_is_cut_within_two_seconds() -> None:
    async with bench("T1", "T2") as made:
        deaf, good = await joined(made.station, "t", "T1"), await joined(made.station, "u", "T2")
        deaf.reading.clear()
        await made.report("mill")
        await settle()
        deaf.door.refusal = DoorRefusal(Door.DEVICE_REVOKED)
        for _ in range(3):
            for connection in made.station.everyone():
                connection.recheck()
            await asyncio.sleep(0.5)
        assert deaf.task.done() and good.closed is None
        assert made.station.connections == 1


@virtual
async def test_who_says_no_hello_or_falls_silent_is_sent_away() -> None:
    async with bench("T1") as made:
        mute = Client(made.station)
        quiet = await joined(made.station, "c")
        await asyncio.sleep(fr.HELLO_WITHIN_S - 1.5)
        assert mute.closed is None
        await asyncio.sleep(3)
        assert sent_away(mute, Code.HELLO_FIRST)
        await asyncio.sleep(fr.DEAD_AFTER_S)
        assert len(quiet.of("ping")) >= 1
        assert sent_away(quiet, Code.SILENT)
        assert made.station.connections == 0


@virtual
async def test_a_newer_connection_of_the_device_takes_over() -> None:
    async with bench("T1") as made:
        older = await joined(made.station, "t", "T1")
        newer = await joined(made.station, "t", "T1")
        assert newer.of("welcome")[0]["generation"] == 2
        await settle()
        assert sent_away(older, Code.FENCED)
        await made.report("mill")
        await settle()
        assert older.seqs == [] and len(newer.seqs) == 1


@virtual
async def test_what_is_no_frame_ends_its_connection_alone() -> None:
    async with bench("T1") as made:
        good = await joined(made.station, "good")
        binary, stranger = await joined(made.station, "b"), Client(made.station)
        binary.say_bytes(b"\x00")
        stranger.hello("s", "T404")
        await settle()
        assert sent_away(binary, Code.NOT_JSON)
        assert byes(stranger) == [(Code.UNKNOWN_TEAM, True)] and stranger.closed == 4400
        assert good.closed is None and made.station.connections == 1


@virtual
async def test_positions_reach_consoles_the_latest_of_each_team() -> None:
    async with bench("T1", "T2") as made:
        console, tablet = await joined(made.station, "c"), await joined(made.station, "t", "T1")
        now_ms = made.clock.now_ms()
        fixes = [
            {"team": team, "lon": 120, "lat": 28 + at / 10_000, "at_ms": now_ms - 10 + at}
            for team in ("T1", "T2")
            for at in (1, 2)
        ]
        tablet.say(type="positions", fixes=fixes)
        await asyncio.sleep(1)
        assert [(fix["team"], fix["lat"]) for frame in console.of("peer") for fix in frame["fixes"]] == [
            ("T1", 28.0002)
        ]
        late = await joined(made.station, "late")
        assert [fix["team"] for frame in late.of("peer") for fix in frame["fixes"]] == ["T1"]
        assert tablet.of("peer") == []


@virtual
async def test_more_positions_than_a_frame_holds_come_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(so, "MAX_PEER_FIXES", 4)
    async with bench("T1") as made:
        console = await joined(made.station, "c")
        made.station.board.put(
            [fr.Fix(team=f"T{number}", lon=120, lat=28, at_ms=1) for number in range(10)], made.clock.now_ms()
        )
        await asyncio.sleep(1)
        frames = [[fix["team"] for fix in frame["fixes"]] for frame in console.of("peer")]
        assert [len(frame) for frame in frames] == [4, 4, 2]
        assert sorted(team for frame in frames for team in frame) == [f"T{number}" for number in range(10)]


@virtual
async def test_a_console_hears_the_cover_when_it_comes_and_when_it_changes() -> None:
    async with bench("T1") as made:
        made.station.note_cover(fr.CoverNote(at_ms=1, tiers=[fr.TierShare(tier=Tier.T1, places=4, once=3)]))
        console, tablet = await joined(made.station, "c"), await joined(made.station, "t", "T1")
        await asyncio.sleep(1)
        made.station.note_cover(fr.CoverNote(at_ms=2, tiers=[fr.TierShare(tier=Tier.T1, places=4, once=4)]))
        await asyncio.sleep(1)
        covers = [frame["cover"] for frame in console.of("peer") if frame["cover"]]
        assert [(cover["at_ms"], cover["tiers"][0]["once"]) for cover in covers][-2:] == [(1, 3), (2, 4)]
        assert tablet.of("peer") == []
