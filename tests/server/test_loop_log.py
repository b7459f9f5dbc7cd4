"""The single writer and its log: a long one, a broken one, one on a full disk; in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from dispatch.adapters.access_store import MemoryAccessStore
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope
from dispatch.domain.refusals import Code
from dispatch.server import loop
from dispatch.server.access import Access
from dispatch.server.app import make_app
from dispatch.server.doors import doors_of
from dispatch.server.outcomes import Outcome
from dispatch.service.ports import LogFullError
from dispatch.service.settings import DeskSettings
from tests.server.harness import Bench, RowsLog, bench, code_of, virtual
from tests.service.driver import TOWN, DeskDriver, Table, key

ACCEPT_MS = DeskSettings().accept_within_ms
RETRY_MS = DeskSettings().retry_after_ms
GRACE_MS = DeskSettings().grace_after_start_ms

MANY = Table({f"T{number:02d}": {"mill": 60 + number, "school": 200 + number} for number in range(30)})


def expired(made: Bench) -> int:
    return made.kinds().count("order_expired")


def overdue() -> DeskDriver:
    """A desk that was down while its one offer ran out."""
    driver = DeskDriver(TOWN)
    driver.register("T1", "T2")
    driver.report("mill")
    return driver


SCRAPER = {"Authorization": "Bearer a monitor's token"}


@virtual
async def test_a_long_log_leaves_its_whole_tail_in_the_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "MAX_TAIL", 5)
    driver = DeskDriver(TOWN)
    driver.register(*(f"T{number}" for number in range(12)))
    for end in range(1, 24):
        made = Bench(RowsLog(driver.rows()[:end]))
        feed = made.desk.feed
        rows = [row.seq for row in feed.after(feed.first - 1, 100)]
        assert rows == list(range(feed.first, end + 1))
        assert len(rows) >= min(5, end)
        assert (feed.head, made.desk.state.seq) == (end, end)


@virtual
async def test_a_log_that_misses_a_row_says_what_to_do() -> None:
    rows = overdue().rows()
    for gone in range(len(rows) - 1):
        with pytest.raises(SetupError, match=r"event \d+ of the log.*backup.*--data"):
            Bench(RowsLog(rows[:gone] + rows[gone + 1 :]))


@virtual
async def test_a_log_whose_rows_do_not_follow_says_what_to_do() -> None:
    rows = overdue().rows()
    twice = Envelope(seq=len(rows) + 1, at_ms=0, key=None, digest=None, event=rows[-1].event)
    with pytest.raises(SetupError, match=rf"event {twice.seq} of the log.*backup.*--data"):
        Bench(RowsLog([*rows, twice]))


@virtual
async def test_a_log_that_speaks_of_nobody_known_says_what_to_do() -> None:
    rows = [replace(row, seq=row.seq - 1) for row in overdue().rows()[1:]]
    with pytest.raises(SetupError, match=r"event 1 of the log.*backup.*--data"):
        Bench(RowsLog(rows))


@virtual
async def test_a_log_with_a_row_that_cannot_be_read_says_what_to_do() -> None:
    with pytest.raises(SetupError, match=r"cannot be read.*no JSON.*backup.*--data"):
        Bench(RowsLog(overdue().rows(), ValueError("no JSON")))


# ── a full disk ───────────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_a_full_disk_refuses_and_pauses_and_then_goes_on() -> None:
    async with bench("T1", "T2") as made:
        incident = await made.report("mill")
        head, desk, log = made.log.head(), made.desk, made.faulty
        access = Access(MemoryAccessStore(), made.clock, monitor="a monitor's token")
        transport = httpx.ASGITransport(make_app(made.station, None, access, doors_of(80, names=["desk"])))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk", headers=SCRAPER) as web:
            assert (await web.get("/healthz")).status_code == 200
            log.error = LogFullError("no space left")
            assert await made.refused(made.reporting("school"), key(1)) == Code.STORAGE_FULL
            assert desk.full is not None
            health = await web.get("/healthz")
            assert (health.status_code, health.json()["status"]) == (503, "degraded")
            assert "free disk space" in health.json()["problem"]
            assert (desk.problem, desk.state.seq, desk.feed.head) == (None, head, head)
            tried = log.tried
            await asyncio.sleep(ACCEPT_MS / 1000 + 30)
            assert 10 <= log.tried - tried <= 40, "the due timer is tried about once a second, never in a rush"
            log.error = None
            await asyncio.sleep(2)
            assert made.asked(incident) == ["T1", "T2"], "and fires as soon as there is space"
            assert desk.full is None
            assert (await web.get("/healthz")).json()["status"] == "ok"
            assert (await made.applied(made.reporting("school"), key(1))).kind == "applied"


@virtual
async def test_a_full_disk_pauses_every_timer_at_once() -> None:
    async with bench(*MANY.seconds, ground=MANY) as made:
        for _ in range(20):
            await made.report("mill")
        made.faulty.error = LogFullError("no space left")
        tried = made.faulty.tried
        await asyncio.sleep(ACCEPT_MS / 1000 + 30)
        assert made.faulty.tried - tried <= 40, "20 due timers, one try a second"
        made.faulty.error = None
        await asyncio.sleep(2)
        assert expired(made) == 20


@virtual
async def test_a_replay_of_what_is_written_waits_for_no_commit_and_is_not_taken_back_by_one() -> None:
    """Found by the rig (sim, seed 1069): it was told "nothing was recorded" of a command that was."""
    async with bench("T1", "T2") as made:
        wish = made.reporting("mill")
        first = await made.applied(wish, key(1))
        made.faulty.error = LogFullError("no space")
        new, again = await asyncio.gather(
            made.desk.post(made.reporting("school"), key(2)), made.desk.post(wish, key(1))
        )
        assert code_of(new) == Code.STORAGE_FULL
        assert again == Outcome("replayed", first.subject, first.first_seq, first.last_seq)
