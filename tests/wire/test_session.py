"""The service's session, input by input: what is said, and when it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import commands as cmd
from dispatch.domain.events import Event, OrderOffered, audience_of
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import TABLE, Code, Refusal
from dispatch.domain.types import DeviceId, TeamId
from dispatch.wire import frames as fr
from dispatch.wire import session as ss
from tests.service.driver import START_MS, DeskDriver, key
from tests.service.random_day import TEAMS, days, live_a_day, new_desk
from tests.wire.line import Line, frames_to

TABLET = fr.Hello(role="tablet", device="d1", team="T1")
CONSOLE = fr.Hello(role="console", device="c1")
SAID = fr.CommandFrame(key=key(1), verb=OrderTrigger.ACCEPT, order="O0001", occurred_at_ms=START_MS)
FIX = fr.Fix(team="T1", lon=120.5, lat=28.0, at_ms=START_MS)


@pytest.fixture
def desk() -> DeskDriver:
    return new_desk()


def joined(desk: DeskDriver, hello: fr.Hello) -> Line:
    line = Line(desk)
    line.say(hello)
    assert line.session.phase is ss.Phase.LIVE
    return line


def ended_with(line: Line, code: Code) -> None:
    """The connection has ended: a bye that says why, then the close code of the table, and nothing after that."""
    bye = line.heard()[-1]
    assert isinstance(bye, fr.Bye)
    assert (bye.code, bye.reconnect) == (code, TABLE[code].reconnect)
    assert TABLE[code].hint in bye.message
    assert line.closed is not None
    assert line.closed.code == (TABLE[code].close or 4400)
    for late in (ss.Received(fr.encode(fr.Ping(at_ms=1))), ss.Tick(), ss.Refused(Refusal(Code.SILENT))):
        line.give(late)
    assert line.heard() == []


@pytest.mark.parametrize(
    "frame",
    [fr.Stored(seq=1), fr.Shown(order="O1"), SAID, fr.Positions(fixes=[FIX]), fr.Ping(at_ms=1), fr.Pong(at_ms=1)],
)
def test_whatever_comes_before_hello_ends_the_connection(desk: DeskDriver, frame: fr.AnyClientFrame) -> None:
    head, line = desk.log.head(), Line(desk)
    line.say(frame)
    ended_with(line, Code.HELLO_FIRST)
    assert desk.log.head() == head


def test_nothing_is_said_to_a_client_before_its_hello(desk: DeskDriver) -> None:
    line = Line(desk)
    desk.report("mill")
    line.pump()
    line.give(ss.Tick())
    assert line.heard() == []


def test_hello_must_come_within_five_seconds(desk: DeskDriver) -> None:
    line = Line(desk)
    desk.now_ms += 4999
    line.give(ss.Tick())
    assert line.closed is None
    desk.now_ms += 1
    line.give(ss.Tick())
    ended_with(line, Code.HELLO_FIRST)


@pytest.mark.parametrize("hello", [TABLET, CONSOLE])
def test_the_same_hello_again_changes_nothing_and_another_one_ends_the_connection(
    desk: DeskDriver, hello: fr.Hello
) -> None:
    line = joined(desk, hello)
    line.heard()
    held = line.session
    line.say(hello)
    assert (line.heard(), line.session.phase) == ([], ss.Phase.LIVE)
    assert replace(line.session, heard_ms=held.heard_ms) == held
    line.say(hello.model_copy(update={"device": "d2"}))
    ended_with(line, Code.UNKNOWN_FRAME)


@pytest.mark.parametrize(
    "hello", [fr.Hello(role="tablet", device="d"), fr.Hello(role="console", device="d", team="T1")]
)
def test_a_tablet_names_its_team_and_a_console_names_none(desk: DeskDriver, hello: fr.Hello) -> None:
    line = Line(desk)
    line.say(hello)
    ended_with(line, Code.UNKNOWN_FRAME)


def test_a_team_that_the_desk_does_not_know_is_sent_away(desk: DeskDriver) -> None:
    line = Line(desk)
    line.say(fr.Hello(role="tablet", device="d", team="T99"))
    ended_with(line, Code.UNKNOWN_TEAM)


@pytest.mark.parametrize("frame", [fr.Stored(seq=1), fr.Shown(order="O0001"), SAID, fr.Positions(fixes=[FIX])])
def test_a_console_that_speaks_as_a_tablet_is_sent_away(desk: DeskDriver, frame: fr.AnyClientFrame) -> None:
    desk.report("mill")
    head, line = desk.log.head(), joined(desk, CONSOLE)
    line.say(frame)
    ended_with(line, Code.UNKNOWN_FRAME)
    assert (desk.log.head(), line.board) == (head, [])


@pytest.mark.parametrize(
    ("text", "code"),
    [("no", Code.NOT_JSON), ('{"type":"x"}', Code.UNKNOWN_FRAME), ("x" * 40_000, Code.FRAME_TOO_LARGE)],
)
def test_an_unreadable_frame_ends_this_connection_and_touches_nothing_else(
    desk: DeskDriver, text: str, code: Code
) -> None:
    other, line = joined(desk, CONSOLE), joined(desk, TABLET)
    line.give(ss.Received(text))
    ended_with(line, code)
    other.heard()
    desk.report("mill")
    other.pump()
    assert len(other.heard()) == 2


@pytest.mark.parametrize("hello", [TABLET, CONSOLE])
def test_a_ping_is_answered_with_its_own_time(desk: DeskDriver, hello: fr.Hello) -> None:
    line = joined(desk, hello)
    line.heard()
    line.say(fr.Ping(at_ms=77))
    assert line.heard() == [fr.Pong(at_ms=77)]
    line.say(fr.Pong(at_ms=77))
    assert line.heard() == []


def test_a_quiet_client_is_asked_after_10_s_and_again_every_10_s_and_is_dead_after_25_s(desk: DeskDriver) -> None:
    line = joined(desk, TABLET)
    line.heard()
    said = []
    for second in range(1, 26):
        desk.now_ms = START_MS + second * 1000
        line.give(ss.Tick())
        if second < 25:
            said += [(second, frame) for frame in line.heard()]
    assert said == [(at_s, fr.Ping(at_ms=START_MS + at_s * 1000)) for at_s in (10, 20)]
    ended_with(line, Code.SILENT)


def test_any_word_of_the_client_puts_the_end_off(desk: DeskDriver) -> None:
    line = joined(desk, TABLET)
    for _ in range(10):
        desk.now_ms += 24_999
        line.give(ss.Tick())
        line.say(fr.Pong(at_ms=1))
    assert line.closed is None


def test_a_frame_that_cannot_be_read_is_no_sign_of_life(desk: DeskDriver) -> None:
    session = ss.opened(0)
    session, _ = ss.step(session, ss.Received(fr.encode(CONSOLE)), 0)
    after, _ = ss.step(session, ss.Received("no"), 5000)
    assert after.heard_ms == 0


@pytest.mark.parametrize("code", [Code.FENCED, Code.GOING_DOWN, Code.TOO_SLOW, Code.NOT_JSON, Code.OVERLOADED])
@pytest.mark.parametrize("greeted", [True, False])
def test_whatever_ends_a_connection_is_told_with_its_code_and_whether_to_come_back(
    desk: DeskDriver, code: Code, greeted: bool
) -> None:
    """A binary frame is such a reason: the shell gives it in as not_json."""
    line = joined(desk, TABLET) if greeted else Line(desk)
    line.give(ss.Refused(Refusal(code, "about")))
    ended_with(line, code)


def test_the_word_of_a_tablet_becomes_a_command_of_its_own_team() -> None:
    session = ss.Session(
        opened_ms=0, heard_ms=0, pinged_ms=0, phase=ss.Phase.LIVE, hello=TABLET, sent=50, cursor=60
    )
    device, team = DeviceId("d1"), TeamId("T1")
    table = [
        (fr.Stored(seq=40), cmd.MarkStored(team=team, device=device, seq=40), None),
        (fr.Stored(seq=999), cmd.MarkStored(team=team, device=device, seq=50), None),  # no more than was sent
        (fr.Shown(order="O0001"), cmd.MarkShown(team=team, device=device, order="O0001"), None),
        (
            SAID,
            cmd.AnswerOrder(order="O0001", team=team, verb=OrderTrigger.ACCEPT, occurred_at_ms=START_MS),
            key(1),
        ),
    ]
    for frame, command, its_key in table:
        _, outputs = ss.step(session, ss.Received(fr.encode(frame)), 1)
        assert outputs == [ss.Submit(command, its_key)]


def test_a_tablet_places_its_own_team_only(desk: DeskDriver) -> None:
    line = joined(desk, TABLET)
    line.say(fr.Positions(fixes=[FIX, FIX.model_copy(update={"team": "T2"})]))
    assert line.board == [FIX]


def test_the_result_of_a_command_says_what_came_of_it(desk: DeskDriver) -> None:
    desk.report("mill")  # T1 and T4 are both 60 s away, T1 comes first
    line = joined(desk, TABLET)
    line.heard()
    said = [SAID, SAID, SAID.model_copy(update={"note": "x"}), SAID.model_copy(update={"key": key(2)})]
    said.append(SAID.model_copy(update={"key": key(3), "verb": OrderTrigger.CLOSE}))
    for frame in said:
        line.say(frame)
    results = [frame for frame in line.heard() if isinstance(frame, fr.Result)]
    assert [(result.outcome, result.code) for result in results] == [
        ("applied", None),
        ("replayed", None),
        ("refused", "key_reused"),
        ("superseded", None),
        ("refused", "wrong_state"),
    ]
    assert [result.key for result in results] == [key(1), key(1), key(1), key(2), key(3)]


def test_an_answer_from_before_a_restore_is_refused_without_asking_the_desk(desk: DeskDriver) -> None:
    desk.report("mill")
    line = joined(desk, TABLET)
    line.heard()
    head = desk.log.head()
    help_ = fr.HelpFrame(key=key(2), order="O0001", occurred_at_ms=START_MS, epoch="of another log")
    for frame in (SAID.model_copy(update={"epoch": "of another log"}), help_):
        line.say(frame)
        (result,) = line.heard()
        assert isinstance(result, fr.Result)
        assert (result.key, result.outcome, result.code) == (frame.key, "refused", "another_log")
    assert desk.log.head() == head
    line.say(SAID.model_copy(update={"epoch": desk.log.epoch}))
    assert [frame.outcome for frame in line.heard() if isinstance(frame, fr.Result)] == ["applied"]


def test_of_33_frames_the_last_waits_until_the_tablet_has_stored_one(desk: DeskDriver) -> None:
    line, team = joined(desk, TABLET), TeamId("T1")
    line.heard()
    for _ in range(50):
        desk.applied(cmd.EndDuty(team=team))
        desk.applied(cmd.StartDuty(team=team))
    line.pump()
    sent = line.heard()
    assert len(sent) == fr.WINDOW == 32
    line.pump()
    assert line.heard() == []
    line.say(fr.Stored(seq=sent[0].seq))
    assert [frame.seq for frame in line.heard()] == [sent[-1].seq + 1]
    line.say(fr.Stored(seq=sent[0].seq))  # said again: frees nothing
    assert line.heard() == []
    for _ in range(100):
        line.say(fr.Stored(seq=line.session.sent))
        assert len(line.session.in_flight) <= fr.WINDOW
    assert line.session.cursor == desk.log.head()


def test_a_console_has_no_window_because_it_stores_nothing(desk: DeskDriver) -> None:
    line = joined(desk, CONSOLE)
    line.heard()
    for _ in range(100):
        desk.report("mill")
    line.pump()
    assert [frame.seq for frame in line.heard()] == list(range(9, desk.log.head() + 1))


@pytest.mark.parametrize(
    ("epoch", "seq", "head", "resume"),
    [
        ("this", 10, 10, True),
        ("this", 1, 10, True),
        ("this", 1, 1 + ss.MAX_RESUME, True),
        ("this", 1, 2 + ss.MAX_RESUME, False),  # too far behind
        ("this", 11, 10, False),  # ahead of the log: it was restored
        ("this", 0, 10, False),  # holds nothing
        ("other", 10, 10, False),
        (None, 10, 10, False),
    ],
)
def test_a_client_resumes_only_where_it_left_off_in_this_very_log(
    epoch: str | None, seq: int, head: int, resume: bool
) -> None:
    hello = TABLET.model_copy(update={"epoch": epoch, "seq": seq})
    assert ss.may_resume(hello, "this", head) is resume


@pytest.mark.parametrize("resume", [True, False])
def test_the_welcome_says_whether_a_snapshot_or_the_missed_events_follow(desk: DeskDriver, resume: bool) -> None:
    desk.report("mill")
    epoch = desk.log.epoch if resume else "an older log"
    line = joined(desk, CONSOLE.model_copy(update={"epoch": epoch, "seq": 4}))
    welcome, *rest = line.heard()
    assert isinstance(welcome, fr.Welcome)
    assert (welcome.resume, welcome.epoch, welcome.head) == (resume, desk.log.epoch, desk.log.head())
    assert (welcome.protocol, welcome.now_ms) == ("patrol.v1", desk.now_ms)
    if resume:
        assert [(frame.after, frame.seq) for frame in rest] == [(n - 1, n) for n in range(5, desk.log.head() + 1)]
    else:
        assert [(frame.type, frame.seq) for frame in rest] == [("snapshot", desk.log.head())]


def told_to(audience: str | None, event: Event) -> Event:
    """What an audience may read of an event: where other teams are is for the desk alone."""
    if audience is None or not isinstance(event, OrderOffered):
        return event
    return replace(event, choice=replace(event.choice, ranked=(), excluded=()))


@given(days, st.sampled_from([None, *TEAMS[:4]]), st.integers(0, 99), st.integers(0, 99))
def test_an_audience_gets_exactly_its_own_frames_and_each_names_the_one_before(day, audience, a, b) -> None:
    desk = new_desk()
    live_a_day(desk, day)
    rows = desk.rows()
    first, last = sorted((a % (len(rows) + 1), b % (len(rows) + 1)))
    frames = frames_to(rows, audience, first, last)
    due = [row for row in rows[first:last] if audience is None or audience_of(row.event) == audience]
    told = [(row.seq, row.at_ms, told_to(audience, row.event)) for row in due]
    assert [(frame.seq, frame.at_ms, frame.event) for frame in frames] == told
    assert [frame.after for frame in frames] == [first, *(frame.seq for frame in frames)][: len(frames)]
    if audience is not None:
        for frame in frames:
            assert getattr(frame.event, "team", None) == audience
