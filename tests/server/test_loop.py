"""The single writer, in virtual time: nothing is seen before it is on the log, no failure reaches too far.

Neither commands nor timers starve the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from dispatch.domain import commands as cmd
from dispatch.domain.events import Envelope
from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code
from dispatch.domain.state import DeskState
from dispatch.domain.types import IncidentId, OrderId, TeamId
from dispatch.domain.walk import Step
from dispatch.server import loop
from dispatch.server.outcomes import Outcome
from dispatch.service.ports import LogConflictError, OutcomeUnknownError
from dispatch.service.settings import DeskSettings
from tests.server.harness import Bench, bench, code_of, nothing, settle, virtual
from tests.service.driver import TOWN, DeskDriver, Table, key, register

ACCEPT_MS = DeskSettings().accept_within_ms
RETRY_MS = DeskSettings().retry_after_ms
GRACE_MS = DeskSettings().grace_after_start_ms

MANY = Table({f"T{number:02d}": {"mill": 60 + number, "school": 200 + number} for number in range(30)})


def expired(made: Bench) -> int:
    return made.kinds().count("order_expired")


# ── commit first ──────────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_nothing_is_seen_before_it_is_on_the_log() -> None:
    async with bench("T1") as made:
        before, desk = made.log.head(), made.desk
        rung: list[tuple[int, int, int]] = []
        desk.feed.follow(lambda: rung.append((made.log.head(), desk.state.seq, desk.feed.head)))
        with made.faulty.shut():
            answer = desk.post(made.reporting("mill"), key(1))
            await made.faulty.reached()
            await settle()
            assert (desk.state.seq, desk.feed.head) == (before, before)
            assert not desk.state.incidents and not desk.state.answers and not rung
            assert not answer.done()
        done = await answer
        assert isinstance(done, Outcome)
        assert (done.first_seq, done.last_seq) == (before + 1, before + 2)
        assert rung == [(before + 2,) * 3], "the bell rings once, when log, state and feed agree"


@virtual
@pytest.mark.parametrize("error", [OutcomeUnknownError("fsync"), LogConflictError("two writers")])
async def test_a_log_that_is_no_longer_trusted_stops_the_desk(error: Exception) -> None:
    async with bench("T1") as made:
        before, desk = made.log.head(), made.desk
        made.faulty.error = error
        answers = [desk.post(made.reporting("mill"), key(number)) for number in range(3)]
        assert [code_of(await answer) for answer in answers] == [Code.OUTCOME_UNKNOWN] * 3
        await desk.stopped.wait()
        made.faulty.error = None
        assert code_of(await desk.post(nothing())) == Code.OUTCOME_UNKNOWN, "not even after the log has recovered"
        assert desk.problem is not None and desk.problem.code == Code.OUTCOME_UNKNOWN
        assert made.faulty.closed
        assert made.faulty.tried == before + 1, "what waited behind it was not tried"
        assert desk.state.seq == desk.feed.head == before


@virtual
@pytest.mark.parametrize("bad_row", [1, 2])
async def test_a_failing_fold_after_the_commit_stops_the_desk_and_leaves_no_hole(
    monkeypatch: pytest.MonkeyPatch, bad_row: int
) -> None:
    async with bench("T1") as made:
        before, desk = made.log.head(), made.desk
        whole: Callable[[DeskState, Envelope], None] = DeskState.apply

        def apply(state: DeskState, row: Envelope) -> None:
            if row.seq == before + bad_row and state is desk.state:
                raise AssertionError("the tables do not allow it")
            whole(state, row)

        monkeypatch.setattr(DeskState, "apply", apply)
        answer = desk.post(made.reporting("mill"), key(1))
        behind = desk.post(made.reporting("school"), key(2))
        assert code_of(await answer) == Code.OUTCOME_UNKNOWN
        assert code_of(await behind) == Code.OUTCOME_UNKNOWN
        await desk.stopped.wait()
        assert made.log.head() == before + 4, "both shared a commit"
        assert desk.feed.head == before
        assert not made.hole()


@virtual
async def test_a_failing_note_after_the_commit_stops_the_desk_and_leaves_no_hole() -> None:
    async with bench("T1") as made:
        before, desk = made.log.head(), made.desk
        made.trace.breaks_at = Step.APPEND
        assert await made.refused(made.reporting("mill"), key(1)) == Code.OUTCOME_UNKNOWN
        await desk.stopped.wait()
        assert made.log.head() == before + 2, "it was recorded, so nobody may say that it was not"
        assert not made.hole()


@virtual
async def test_a_failing_bell_after_the_commit_stops_the_desk() -> None:
    def bell() -> None:
        raise RuntimeError("the rope is broken")

    async with bench("T1") as made:
        made.desk.feed.follow(bell)
        assert await made.refused(made.reporting("mill"), key(1)) == Code.OUTCOME_UNKNOWN
        await made.desk.stopped.wait()
        assert not made.hole()


@virtual
async def test_a_defect_in_deciding_harms_its_command_alone() -> None:
    async with bench("T1", "T2") as made:
        before = made.log.head()
        made.travel.broken.add("mill")
        assert await made.refused(made.reporting("mill"), key(1)) == Code.DEFECT
        assert made.log.head() == made.desk.feed.head == made.desk.state.seq == before
        assert made.desk.problem is None and not made.desk.stopped.is_set()
        assert made.asked(await made.report("school")) == ["T2"]
        made.travel.broken.clear()
        assert (await made.applied(made.reporting("mill"), key(1))).kind == "applied", "the key was not used up"


@virtual
async def test_a_defect_in_a_note_before_the_commit_records_nothing() -> None:
    async with bench("T1") as made:
        before = made.log.head()
        made.trace.breaks_at = Step.CANDIDATES
        assert await made.refused(made.reporting("mill"), key(1)) == Code.DEFECT
        made.trace.breaks_at = None
        assert made.log.head() == before
        assert made.asked(await made.report("mill")) == ["T1"]


# ── keys, limits, the end ─────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_one_key_at_the_same_time_is_one_incident() -> None:
    async with bench("T1", "T2") as made:
        answers = await asyncio.gather(*(made.desk.post(made.reporting("mill"), key(1)) for _ in range(20)))
        outcomes = [answer for answer in answers if isinstance(answer, Outcome)]
        assert [answer.kind for answer in outcomes] == ["applied"] + ["replayed"] * 19
        assert len({(answer.subject, answer.first_seq, answer.last_seq) for answer in outcomes}) == 1
        assert list(made.desk.state.incidents) == [outcomes[0].subject]
        assert await made.refused(made.reporting("mill", "another"), key(1)) == Code.KEY_REUSED
        assert made.kinds().count("incident_reported") == 1


@virtual
async def test_one_key_in_two_bodies_at_the_same_time_is_one_incident() -> None:
    async with bench("T1") as made:
        first = made.desk.post(made.reporting("mill"), key(1))
        second = made.desk.post(made.reporting("mill", "other words"), key(1))
        assert code_of(await first) is None
        assert code_of(await second) == Code.KEY_REUSED


@virtual
async def test_a_full_queue_refuses_at_once_and_serves_what_it_took() -> None:
    made = Bench()
    taken = [made.desk.post(nothing()) for _ in range(loop.MAX_QUEUE)]
    over = made.desk.post(nothing())
    assert over.done() and code_of(over.result()) == Code.OVERLOADED
    assert not any(answer.done() for answer in taken)
    made.start()
    assert {code_of(await answer) for answer in taken} == {Code.UNKNOWN_ORDER}
    assert await made.refused(nothing()) == Code.UNKNOWN_ORDER, "and has room again"
    await made.stop()


@virtual
async def test_a_desk_that_goes_down_answers_what_waits() -> None:
    made = Bench()
    made.start()
    await settle()
    with made.faulty.shut():
        under_way = made.desk.post(register("T1"))
        await made.faulty.reached()
        waiting = [made.desk.post(nothing()) for _ in range(5)]
        made.faulty.gate.set()
        await made.stop()
    assert [code_of(answer.result()) for answer in waiting] == [Code.GOING_DOWN] * 5
    assert made.faulty.closed and made.desk.stopped.is_set()
    assert made.desk.problem is None
    assert not under_way.done() or code_of(under_way.result()) in (None, Code.GOING_DOWN, Code.OUTCOME_UNKNOWN)


@virtual
async def test_who_no_longer_waits_for_an_answer_stops_nothing() -> None:
    async with bench("T1") as made:
        given_up = made.desk.post(made.reporting("mill"), key(1))
        given_up.cancel()
        assert (await made.applied(made.reporting("mill"), key(1))).kind == "replayed"
        assert await made.refused(nothing()) == Code.UNKNOWN_ORDER


# ── timers ────────────────────────────────────────────────────────────────────────────────────────────────


@virtual
async def test_an_offer_expires_on_time_and_not_before() -> None:
    async with bench("T1", "T2") as made:
        incident = await made.report("mill")
        await asyncio.sleep((ACCEPT_MS - 100) / 1000)
        assert made.asked(incident) == ["T1"]
        await asyncio.sleep(0.2)
        assert made.asked(incident) == ["T1", "T2"]


@virtual
async def test_one_failing_timer_does_not_hold_up_another_incident() -> None:
    async with bench("T1", "T2", "T3") as made:
        mill = await made.report("mill")
        school = await made.report("school")
        assert (made.asked(mill), made.asked(school)) == (["T1"], ["T2"])
        made.travel.broken.add("mill")
        await asyncio.sleep(ACCEPT_MS / 1000 + 1)
        assert made.asked(school) == ["T2", "T3"], "although the mill's timer was due first and fails"
        tried = made.travel.asked.count("mill")
        await asyncio.sleep(60)
        again = made.travel.asked.count("mill") - tried
        assert 1 <= again <= 60_000 // RETRY_MS + 1, "the failing one is tried again, but not without end"
        made.travel.broken.clear()
        await asyncio.sleep(RETRY_MS / 1000 + 1)
        assert made.desk.state.orders[OrderId("O0001")].status == OrderStatus.EXPIRED
        assert made.desk.problem is None


@virtual
async def test_due_expiries_fire_although_the_queue_is_never_empty() -> None:
    async with bench("T1", "T2", "T3") as made:
        await made.report("mill")
        await made.report("school")
        flood = [made.desk.post(nothing()) for _ in range(500)]
        waiting: list[int] = []
        made.desk.feed.follow(lambda: waiting.append(sum(not answer.done() for answer in flood)))
        made.clock.set_by_ms += ACCEPT_MS
        assert {code_of(await answer) for answer in flood} == {Code.UNKNOWN_ORDER}
        assert expired(made) == 2
        assert min(waiting) > 400, "they came near the front of the flood, not behind it"


@virtual
async def test_commands_get_through_although_timers_are_due() -> None:
    async with bench(*MANY.seconds, ground=MANY) as made:
        for _ in MANY.seconds:
            await made.report("mill")
        made.clock.set_by_ms += ACCEPT_MS
        closing = [
            made.desk.post(cmd.CloseIncident(incident=IncidentId(f"I00{number}"))) for number in range(26, 31)
        ]
        assert {code_of(await answer) for answer in closing} == {None}
        kinds = made.kinds()
        last = max(place for place, kind in enumerate(kinds) if kind == "incident_closed")
        before = kinds[:last].count("order_expired")
        assert 1 <= before <= len(closing) + 1, "each waited for one timer, not for all of them"
        await asyncio.sleep(1)
        assert expired(made) == len(MANY.seconds) - len(closing)


@virtual
async def test_an_incident_that_waits_on_writes_nothing_and_is_asked_at_once_when_a_team_comes() -> None:
    async with bench() as made:
        incident = await made.report("mill")
        assert made.desk.state.incidents[incident].waiting_reason == "no_team"
        head, asked = made.log.head(), made.trace.steps.count(Step.CANDIDATES)
        await asyncio.sleep(600)
        assert made.log.head() == head
        assert 20 <= made.trace.steps.count(Step.CANDIDATES) - asked <= 600_000 // RETRY_MS + 1
        await made.enroll("T1")
        await asyncio.sleep(0.05)
        assert made.asked(incident) == ["T1"]


@virtual
async def test_many_that_wait_are_asked_one_after_the_other_and_leave_time_for_commands() -> None:
    async with bench() as made:
        names = [await made.report("mill") for _ in range(200)]
        await asyncio.sleep(RETRY_MS / 1000)
        before, began_s = made.trace.steps.count(Step.CANDIDATES), asyncio.get_running_loop().time()
        await asyncio.sleep(60)
        took_s = asyncio.get_running_loop().time() - began_s
        asked = made.trace.steps.count(Step.CANDIDATES) - before
        assert len(names) <= asked <= took_s * 1000 / loop.RETRIES_APART_MS + 1, "each of them, and no more"
        await made.enroll("T1")
        await asyncio.sleep(0.05)
        assert made.asked(names[0]) == ["T1"]


@virtual
async def test_an_incident_that_waits_for_a_busy_team_is_asked_at_once_when_it_is_free() -> None:
    async with bench("T1") as made:
        first = await made.report("mill")
        second = await made.report("school")
        assert made.desk.state.incidents[second].waiting_reason == "all_busy"
        await made.applied(made.answering("O0001", OrderTrigger.ACCEPT))
        await asyncio.sleep(61)
        head = made.log.head()
        await asyncio.sleep(61)
        assert made.log.head() == head
        await made.applied(cmd.CloseIncident(incident=first))
        await asyncio.sleep(0.05)
        assert made.asked(second) == ["T1"]


@virtual
async def test_a_waiting_reason_that_changes_is_written_once() -> None:
    async with bench("T1") as made:
        await made.applied(cmd.EndDuty(team=TeamId("T1")))
        incident = await made.report("mill")
        assert made.desk.state.incidents[incident].waiting_reason == "all_off_duty"
        head = made.log.head()
        made.travel.ground = Table({"T1": {}, "T2": {"mill": 1, "school": 1}})
        await made.applied(cmd.StartDuty(team=TeamId("T1")))
        await asyncio.sleep(100)
        assert made.kinds(head) == ["duty_started", "incident_waiting"]
        assert made.desk.state.incidents[incident].waiting_reason == "none_can_reach"


# ── after a start ─────────────────────────────────────────────────────────────────────────────────────────


def overdue() -> DeskDriver:
    """A desk that was down while its one offer ran out."""
    driver = DeskDriver(TOWN)
    driver.register("T1", "T2")
    driver.report("mill")
    return driver


@virtual
async def test_no_deadline_fires_within_the_grace_after_a_start() -> None:
    async with bench(log=overdue().log, later_ms=10 * ACCEPT_MS) as made:
        await asyncio.sleep((GRACE_MS - 500) / 1000)
        assert made.kinds()[-1] == "order_offered"
        await made.refused(nothing())
        assert made.kinds()[-1] == "order_offered", "nor because a command came"
        await asyncio.sleep(0.6)
        assert made.asked("I0001") == ["T1", "T2"]


@virtual
async def test_an_answer_that_was_pressed_while_the_desk_was_down_is_in_time() -> None:
    async with bench(log=overdue().log, later_ms=10 * ACCEPT_MS) as made:
        await asyncio.sleep((GRACE_MS - 500) / 1000)
        await made.applied(made.answering("O0001", OrderTrigger.ACCEPT), key(1))
        await asyncio.sleep(600)
        assert made.asked("I0001") == ["T1"]
        assert expired(made) == 0
