"""Commands that are decided one after another share a commit, and nobody hears of any before it is done."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Callable, Sequence

import pytest

from dispatch.domain import commands as cmd
from dispatch.domain.events import Envelope
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import Code
from dispatch.domain.state import DeskState
from dispatch.domain.types import TeamId
from dispatch.server import loop
from dispatch.server.outcomes import Outcome
from dispatch.service.ports import LogAwayError, LogFullError, OutcomeUnknownError
from dispatch.service.settings import DeskSettings
from tests.server.harness import Bench, FaultyLog, bench, code_of, nothing, settle, virtual
from tests.service.driver import TOWN, DeskDriver, Table, key, register

MANY = Table({f"T{number:03d}": {"mill": 60 + number, "school": 600 - number} for number in range(200)})


class CountingLog(FaultyLog):
    """A log that notes how many rows each commit had."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[int] = []
        self.reserve_only = self.has_room = False

    @property
    def low(self) -> bool:
        return self.reserve_only

    def regain(self) -> bool:
        self.reserve_only = self.reserve_only and not self.has_room
        return not self.reserve_only

    def append(self, envelopes: Sequence[Envelope]) -> None:
        super().append(envelopes)
        self.commits.append(len(envelopes))


def folded(made: Bench) -> DeskState:
    state = DeskState()
    for row in made.log.read():
        state.apply(row)
    return state


@virtual
async def test_commands_that_wait_share_a_commit_and_a_lone_one_waits_for_nobody() -> None:
    log = CountingLog()
    async with bench(log=log) as made:
        began = asyncio.get_running_loop().time()
        await made.applied(register("T000"))
        assert asyncio.get_running_loop().time() == began
        answers = await asyncio.gather(*(made.desk.post(register(f"T{i:03d}")) for i in range(1, 200)))
        assert log.commits[0] == 1
        assert sum(log.commits) == 200
        assert max(log.commits) == loop.MAX_GROUP
        assert len(log.commits) <= 1 + 200 // loop.MAX_GROUP + 1
        assert [answer.first_seq for answer in answers if isinstance(answer, Outcome)] == list(range(2, 201))
        assert made.desk.state == folded(made)


@virtual
async def test_a_group_sees_its_own_decisions_and_nobody_else_does_before_the_commit() -> None:
    async with bench("T1", "T2") as made:
        before = copy.deepcopy(made.desk.state)
        with made.faulty.shut():
            answers = [
                made.desk.post(made.reporting("mill"), key(1)),
                made.desk.post(made.reporting("mill"), key(2)),
                made.desk.post(made.reporting("mill"), key(1)),
                made.desk.post(made.reporting("mill", "other words"), key(2)),
                made.desk.post(cmd.EndDuty(team=TeamId("T1"))),
            ]
            await made.faulty.reached()
            await settle()
            assert not any(answer.done() for answer in answers), "a refusal that rests on them waits too"
            assert made.desk.state == before
        first, second, again, reused, busy = [await answer for answer in answers]
        assert isinstance(first, Outcome) and isinstance(second, Outcome) and isinstance(again, Outcome)
        assert (again.kind, again.subject, again.first_seq) == ("replayed", first.subject, first.first_seq)
        assert (code_of(reused), code_of(busy)) == (Code.KEY_REUSED, Code.TEAM_BUSY)
        assert [made.asked(each.subject) for each in (first, second)] == [["T1"], ["T2"]]


@virtual
@pytest.mark.parametrize(
    ("error", "code"), [(LogFullError("no space"), Code.STORAGE_FULL), (LogAwayError("away"), Code.LOG_AWAY)]
)
async def test_a_commit_that_fails_takes_back_every_decision_of_its_group(error: Exception, code: Code) -> None:
    async with bench("T1", "T2") as made:
        before, state = made.log.head(), copy.deepcopy(made.desk.state)
        made.faulty.error = error
        wishes = [(made.reporting(place), key(number)) for number, place in enumerate(("mill", "school", "mill"))]
        answers = await asyncio.gather(*(made.desk.post(*wish) for wish in [*wishes, wishes[0]]))
        assert [code_of(answer) for answer in answers] == [code] * 4
        assert (made.log.head(), made.desk.state, made.desk.feed.head) == (before, state, before)
        assert made.desk.full is not None
        assert code_of(await made.desk.post(nothing())) == Code.UNKNOWN_ORDER, (
            "what writes nothing is still answered"
        )
        made.faulty.error = None
        done = await asyncio.gather(*(made.desk.post(*wish) for wish in wishes))
        assert [answer.kind for answer in done if isinstance(answer, Outcome)] == ["applied"] * 3
        assert made.desk.state == folded(made)
        assert made.desk.full is None


@virtual
async def test_an_unknown_outcome_is_the_answer_of_the_whole_group_and_a_restart_settles_it_by_key() -> None:
    class TornLog(CountingLog):
        """Its commit succeeds and says that it did not."""

        def append(self, envelopes: Sequence[Envelope]) -> None:
            super().append(envelopes)
            if len(envelopes) > 2:
                raise OutcomeUnknownError("the answer was lost")

    log = TornLog()
    async with bench("T1", "T2", log=log) as made:
        wishes = [(made.reporting(place), key(number)) for number, place in enumerate(("mill", "school"))]
        answers = await asyncio.gather(*(made.desk.post(*wish) for wish in wishes))
        assert [code_of(answer) for answer in answers] == [Code.OUTCOME_UNKNOWN] * 2
        await made.desk.stopped.wait()
    async with bench(log=log) as again:
        settled = await asyncio.gather(*(again.desk.post(*wish) for wish in wishes))
        assert [answer.kind for answer in settled if isinstance(answer, Outcome)] == ["replayed"] * 2
        assert len(again.desk.state.incidents) == 2


@virtual
@pytest.mark.parametrize("bad_row", [1, 2])
async def test_a_fold_that_fails_before_the_commit_harms_its_command_alone(
    monkeypatch: pytest.MonkeyPatch, bad_row: int
) -> None:
    async with bench("T1", "T2") as made:
        desk, whole = made.desk, DeskState.apply
        before, broken = made.log.head(), [True]

        def apply(state: DeskState, row: Envelope) -> None:
            if broken[0] and row.key == key(2) and row.seq == before + 2 + bad_row:
                raise AssertionError("the tables do not allow it")
            whole(state, row)

        monkeypatch.setattr(DeskState, "apply", apply)
        answers = await asyncio.gather(
            *(desk.post(made.reporting(place), key(n)) for n, place in enumerate(("mill", "school", "mill"), 1))
        )
        assert [code_of(answer) for answer in answers] == [None, Code.DEFECT, None]
        assert made.log.head() == before + 4
        broken[0] = False
        assert desk.state == folded(made)
        assert (await made.applied(made.reporting("school"), key(2))).kind == "applied", "the key was not used up"


@virtual
async def test_a_fact_that_cannot_be_written_harms_its_command_alone() -> None:
    async with bench("T1", "T2") as made:
        answers = await asyncio.gather(
            made.desk.post(made.reporting("mill"), key(1)),
            made.desk.post(made.reporting("mill", "\ud800")),
            made.desk.post(made.reporting("school"), key(3)),
        )
        assert [code_of(answer) for answer in answers] == [None, Code.DEFECT, None]
        assert made.desk.state == folded(made)


@virtual
async def test_with_the_reserve_alone_new_work_is_refused_and_running_work_ends() -> None:
    log = CountingLog()
    async with bench("T1", log=log) as made:
        await made.report("mill")
        log.reserve_only = True
        assert await made.refused(made.reporting("school"), key(1)) == Code.STORAGE_FULL
        assert await made.refused(register("T9")) == Code.STORAGE_FULL
        for verb in (OrderTrigger.ACCEPT, OrderTrigger.DEPART, OrderTrigger.ARRIVE):
            await made.applied(made.answering("O0001", verb))
            assert made.desk.full is not None
        log.has_room = True
        assert (await made.applied(made.reporting("school"), key(1))).kind == "applied"
        assert made.desk.full is None


@virtual
async def test_a_desk_that_goes_down_in_a_commit_still_tells_the_truth() -> None:
    made = Bench()
    made.start()
    with made.faulty.shut():
        answers = [made.desk.post(register(f"T{number}")) for number in range(3)]
        await made.faulty.reached()
        for task in made.tasks:
            task.cancel()
        await settle_some()
        assert not any(answer.done() for answer in answers)
    await asyncio.gather(*made.tasks, return_exceptions=True)
    assert [code_of(await answer) for answer in answers] == [None] * 3
    assert made.log.head() == 3


async def settle_some() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@virtual
async def test_due_timers_share_a_commit_too_and_each_fires_once() -> None:
    log = CountingLog()
    async with bench(log=log, ground=MANY) as made:
        await made.enroll(*list(MANY.seconds)[:60])
        for _ in range(30):
            await made.report("mill")
        log.commits.clear()
        made.clock.set_by_ms += DeskSettings().accept_within_ms
        await made.refused(nothing())  # wakes it: nobody tells a sleeper that the clock was set
        await asyncio.sleep(1)
        kinds = made.kinds()
        assert kinds.count("order_expired") == 30
        assert len(log.commits) < 15
        assert made.desk.state == folded(made)


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_is_equal_and_lives_its_own_life(seed: int) -> None:
    rows = random_rows(seed)
    cut = random.Random(seed).randrange(len(rows))
    original = DeskState()
    for row in rows[:cut]:
        original.apply(row)
    kept, twin = copy.deepcopy(original), original.copy()
    assert twin == original
    for row in rows[cut:]:
        twin.apply(row)
    assert original == kept, "folding on the copy must not be seen"
    for row in rows[cut:]:
        original.apply(row)
    assert twin == original


def random_rows(seed: int) -> list[Envelope]:
    chance, driver = random.Random(seed), DeskDriver(TOWN)
    driver.register("T1", "T2", "T3")
    actions: list[Callable[[], object]] = [
        lambda: driver.report(chance.choice(("mill", "school"))),
        lambda: driver.pass_time(chance.randrange(40_000)),
        lambda: [
            driver.do(driver.answering(order, chance.choice(list(OrderTrigger))))
            for order in list(driver.state.orders.values())
        ],
    ]
    for _ in range(40):
        chance.choice(actions)()
    return driver.rows()


@virtual
@pytest.mark.parametrize("seed", range(6))
async def test_a_log_written_in_groups_is_the_log_written_one_by_one(seed: int) -> None:
    """The same wishes at the same moment, all at once through the loop and one after another without it."""
    chance = random.Random(seed)
    teams = [f"T{number:03d}" for number in range(8)]
    alone = DeskDriver(MANY)
    alone.register(*teams)
    wishes: list[tuple[cmd.Command, str]] = []
    for number in range(150):
        wish: cmd.Command
        orders = list(alone.state.orders.values())
        match chance.randrange(5):
            case 0 | 1:
                wish = alone.reporting(chance.choice(("mill", "school")))
            case 2 | 3 if orders:
                wish = alone.answering(chance.choice(orders), chance.choice(list(OrderTrigger)))
            case _:
                kind = chance.choice((cmd.StartDuty, cmd.EndDuty))
                wish = kind(team=TeamId(chance.choice([*teams, "T999"])))
        wishes.append((wish, key(chance.randrange(1, number + 2))))
        alone.do(*wishes[-1])
    log = CountingLog()
    async with bench(*teams, log=log, ground=MANY) as made:
        log.commits.clear()
        await asyncio.gather(*(made.desk.post(*wish) for wish in wishes))
        assert list(log.read()) == alone.rows()
        assert made.desk.state == alone.state
        assert len(log.commits) < sum(log.commits) / 5
