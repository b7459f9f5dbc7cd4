"""The tablet's session, input by input: the promises that a tablet keeps to its crew and to the desk."""

from __future__ import annotations

import pytest

from dispatch.domain import commands as cmd
from dispatch.domain.order_machine import OrderStatus, OrderTrigger
from dispatch.domain.refusals import Code
from dispatch.domain.types import TeamId
from dispatch.wire import frames as fr
from dispatch.wire import tablet_session as ts
from dispatch.wire.snapshot import snapshot_frames
from tests.service.driver import START_MS, DeskDriver, key
from tests.service.random_day import new_desk
from tests.wire.line import Line, frames_to

ACCEPT = OrderTrigger.ACCEPT


@pytest.fixture
def desk() -> DeskDriver:
    return new_desk()


def welcome(desk: DeskDriver, *, resume: bool) -> fr.Welcome:
    return fr.Welcome(epoch=desk.log.epoch, head=desk.state.seq, resume=resume, generation=1, now_ms=START_MS)


def step(tablet: ts.Tablet, *given: ts.Input | fr.AnyServerFrame) -> tuple[ts.Tablet, list[ts.Output]]:
    """Several inputs; the outputs of the last."""
    outputs: list[ts.Output] = []
    for one in given:
        wanted = one if isinstance(one, ts.Input) else ts.Received(fr.encode(one))
        tablet, outputs = ts.step(tablet, wanted, START_MS)
    return tablet, outputs


def on_duty(desk: DeskDriver) -> ts.Tablet:
    """T1's tablet, live, with everything up to now stored."""
    new = ts.Tablet(team="T1", device="d1")
    tablet, _ = step(new, ts.Connected(), welcome(desk, resume=False), *snapshot_frames(desk.state, "T1"))
    tablet, outputs = step(tablet, ts.Committed(tablet.seq))
    assert outputs == [ts.Send(fr.Stored(seq=tablet.seq))]
    return tablet


def offered(desk: DeskDriver) -> fr.EventFrame:
    after = desk.log.head()
    desk.report("mill")
    (frame,) = frames_to(desk.rows(), "T1", after, desk.log.head())
    return frame


def with_order(desk: DeskDriver) -> ts.Tablet:
    tablet, _ = step(on_duty(desk), offered(desk))
    return step(tablet, ts.Committed(tablet.seq), ts.Drawn("O0001"))[0]


def test_the_first_word_is_a_hello_with_what_is_held(desk: DeskDriver) -> None:
    new = ts.Tablet(team="T1", device="d1")
    assert step(new, ts.Connected())[1] == [ts.Send(fr.Hello(role="tablet", device="d1", team="T1"))]
    held = on_duty(desk)
    hello = fr.Hello(role="tablet", device="d1", team="T1", epoch=desk.log.epoch, seq=held.seq)
    assert step(held, ts.Lost(), ts.Connected())[1] == [ts.Send(hello)]


def test_an_order_is_stored_then_said_to_be_stored_then_drawn_then_said_to_be_shown(desk: DeskDriver) -> None:
    frame = offered(desk)
    tablet, outputs = step(on_duty_before(desk, frame), frame)
    assert outputs == [ts.Commit(frame.seq)]
    tablet, outputs = step(tablet, ts.Committed(frame.seq))
    assert tablet.order is not None
    assert outputs == [ts.Send(fr.Stored(seq=frame.seq)), ts.Draw(tablet.order)]
    tablet, outputs = step(tablet, ts.Drawn("O0001"))
    assert outputs == [ts.Send(fr.Shown(order="O0001"))]
    assert step(tablet, ts.Committed(frame.seq))[1] == [ts.Send(fr.Stored(seq=frame.seq))], "it is drawn once"


def on_duty_before(desk: DeskDriver, frame: fr.EventFrame) -> ts.Tablet:
    return ts.Tablet(team="T1", device="d1", epoch=desk.log.epoch, seq=frame.after, live=True)


def test_a_button_makes_a_command_that_is_stored_before_it_is_sent(desk: DeskDriver) -> None:
    tablet = with_order(desk)
    command = fr.CommandFrame(
        key=key(1), verb=ACCEPT, order="O0001", occurred_at_ms=START_MS, note="ok", epoch=tablet.epoch
    )
    pressed, outputs = step(tablet, ts.Press(key(1), ACCEPT, "ok"))
    assert outputs == [ts.Commit(tablet.seq), ts.Send(command)]
    assert pressed.outbox == {key(1): command}


def test_a_button_without_a_connection_is_kept_for_the_next_welcome(desk: DeskDriver) -> None:
    tablet, outputs = step(with_order(desk), ts.Lost(), ts.Press(key(1), ACCEPT))
    assert [type(output) for output in outputs] == [ts.Commit]
    _, outputs = step(tablet, ts.Connected(), welcome(desk, resume=True))
    commands = [o.frame for o in outputs if isinstance(o, ts.Send) and isinstance(o.frame, fr.CommandFrame)]
    assert commands == list(tablet.outbox.values())
    assert commands[0].key == key(1)


@pytest.mark.parametrize("resume", [True, False])
def test_a_command_is_sent_again_with_the_same_key_until_its_result_has_come(
    desk: DeskDriver, resume: bool
) -> None:
    tablet, _ = step(with_order(desk), ts.Press(key(1), ACCEPT))
    command = tablet.outbox[key(1)]
    for _ in range(3):
        tablet, outputs = step(tablet, ts.Lost(), ts.Connected(), welcome(desk, resume=resume))
        assert ts.Send(command) in outputs
    tablet, outputs = step(tablet, fr.Result(key=key(2), outcome="applied"))
    assert (list(tablet.outbox), outputs) == ([key(1)], [])
    tablet, outputs = step(tablet, fr.Result(key=key(1), outcome="applied"))
    assert (list(tablet.outbox), [type(output) for output in outputs]) == ([], [ts.Commit])


@pytest.mark.parametrize("outcome", ["applied", "replayed", "superseded"])
def test_any_result_that_is_final_ends_the_command(desk: DeskDriver, outcome: str) -> None:
    tablet, _ = step(with_order(desk), ts.Press(key(1), ACCEPT), fr.Result(key=key(1), outcome=outcome))
    assert not tablet.outbox


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        (Code.WRONG_STATE, False),
        (Code.NOT_YOUR_ORDER, False),
        (Code.KEY_REUSED, False),
        (Code.STORAGE_FULL, True),  # nothing was recorded: the crew sees it and presses again
        (Code.OVERLOADED, True),
        (Code.OUTCOME_UNKNOWN, True),  # "ask again with the same key after the restart"
        (Code.GOING_DOWN, True),
    ],
)
def test_a_command_of_unknown_outcome_is_kept_to_be_asked_again_with_the_same_key(
    desk: DeskDriver, code: Code, kept: bool
) -> None:
    refused = fr.Result(key=key(1), outcome="refused", code=code, message="…")
    tablet, _ = step(with_order(desk), ts.Press(key(1), ACCEPT), refused)
    assert (key(1) in tablet.outbox) is kept


def test_the_outbox_has_a_limit(desk: DeskDriver) -> None:
    tablet = with_order(desk)
    for number in range(ts.MAX_OUTBOX + 10):
        tablet, outputs = step(tablet, ts.Press(key(number), ACCEPT))
    assert (len(tablet.outbox), outputs) == (ts.MAX_OUTBOX, [])


def test_a_button_without_an_order_does_nothing(desk: DeskDriver) -> None:
    assert step(on_duty(desk), ts.Press(key(1), ACCEPT))[1] == []


def test_a_gap_makes_the_tablet_hang_up_and_change_nothing(desk: DeskDriver) -> None:
    tablet, frame = on_duty(desk), offered(desk)
    for after in (tablet.seq - 1, tablet.seq + 1):
        held, outputs = step(tablet, frame.model_copy(update={"after": after}))
        assert [(type(output), output.reconnect) for output in outputs] == [(ts.Hang, True)]
        assert held == tablet


@pytest.mark.parametrize("text", ["no", '{"type":"surprise"}', '{"type":"ping","at_ms":1,"new":2}'])
def test_a_frame_that_the_tablet_does_not_know_makes_it_hang_up(desk: DeskDriver, text: str) -> None:
    _, outputs = step(on_duty(desk), ts.Received(text))
    assert [type(output) for output in outputs] == [ts.Hang]


@pytest.mark.parametrize("reconnect", [True, False])
def test_a_bye_says_whether_to_come_back(desk: DeskDriver, reconnect: bool) -> None:
    tablet, outputs = step(on_duty(desk), fr.Bye(code="x", message="why", reconnect=reconnect))
    assert outputs == [ts.Hang("why", reconnect)]
    assert not tablet.live


def test_a_ping_is_answered(desk: DeskDriver) -> None:
    assert step(on_duty(desk), fr.Ping(at_ms=5))[1] == [ts.Send(fr.Pong(at_ms=5))]


@pytest.mark.parametrize(
    ("how", "status"),
    [("expire", OrderStatus.EXPIRED), ("close", OrderStatus.RECALLED), ("decline", OrderStatus.DECLINED)],
)
def test_an_order_that_is_lost_is_withdrawn_from_the_screen(
    desk: DeskDriver, how: str, status: OrderStatus
) -> None:
    tablet = with_order(desk)
    order = desk.state.orders["O0001"]
    if how == "expire":
        desk.pass_time(desk.settings.accept_within_ms)
    elif how == "close":
        desk.applied(cmd.CloseIncident(incident=order.incident))
    else:
        desk.applied(desk.answering(order, OrderTrigger.DECLINE))
    (frame,) = frames_to(desk.rows(), "T1", tablet.seq, desk.log.head())
    tablet, outputs = step(tablet, frame)
    assert outputs == [ts.Commit(frame.seq), ts.Withdrawn("O0001", status)]
    assert tablet.order is None


def test_a_restored_log_gives_a_snapshot_and_is_offered_the_outbox_again(desk: DeskDriver) -> None:
    tablet, _ = step(with_order(desk), ts.Press(key(1), ACCEPT), ts.Lost())
    restored = new_desk()
    tablet, outputs = step(tablet, ts.Connected(), welcome(restored, resume=False))
    assert outputs == [], "its order may be another one now"
    tablet, outputs = step(tablet, *snapshot_frames(restored.state, "T1"))
    assert (tablet.epoch, tablet.seq, tablet.order) == (restored.log.epoch, restored.log.head(), None)
    assert outputs == [ts.Commit(tablet.seq), ts.Send(tablet.outbox[key(1)])], "the desk is to refuse it"
    assert tablet.outbox[key(1)].epoch == desk.log.epoch


def test_an_answer_to_an_order_that_the_backup_has_too_is_still_good_after_the_restore(desk: DeskDriver) -> None:
    tablet, _ = step(with_order(desk), ts.Press(key(1), ACCEPT), ts.Lost())
    restored = fr.Welcome(epoch="new", head=desk.state.seq, resume=False, generation=1, now_ms=START_MS)
    tablet, outputs = step(tablet, ts.Connected(), restored, *snapshot_frames(desk.state, "T1"))
    (command,) = [o.frame for o in outputs if isinstance(o, ts.Send) and isinstance(o.frame, fr.CommandFrame)]
    assert (command.key, command.epoch) == (key(1), "new")
    assert tablet.outbox == {key(1): command}, "as it is stored before it is sent"
    _, outputs = step(tablet, ts.Again())
    assert outputs == [ts.Send(command)]


def test_a_welcome_of_another_log_without_its_snapshot_is_no_place_to_resume_from(desk: DeskDriver) -> None:
    """The line broke between the two: the seq of the old log means nothing in the new one."""
    tablet = with_order(desk)
    restored = new_desk()
    for _ in range(40):
        restored.report("school")
    tablet, outputs = step(
        tablet, ts.Lost(), ts.Connected(), welcome(restored, resume=False), ts.Lost(), ts.Connected()
    )
    (hello,) = [output.frame for output in outputs if isinstance(output, ts.Send)]
    line = Line(restored)
    line.say(hello)
    assert [frame.type for frame in line.heard()][:2] == ["welcome", "snapshot"]


def test_a_snapshot_in_parts_is_taken_when_its_last_part_has_come(desk: DeskDriver) -> None:
    """The incident is in the first part and the order in the second; half a snapshot is none."""
    desk.report("mill")
    (whole,) = snapshot_frames(desk.state, "T1")
    first = whole.model_copy(update={"parts": 2, "orders": []})
    last = whole.model_copy(update={"part": 2, "parts": 2, "teams": [], "incidents": []})
    new = ts.Tablet(team="T1", device="d1")
    tablet, outputs = step(new, ts.Connected(), welcome(desk, resume=False), first)
    assert (tablet.seq, tablet.order, outputs) == (0, None, [])
    done, outputs = step(tablet, last)
    assert done.order is not None
    assert (done.order.order, done.seq, outputs) == ("O0001", whole.seq, [ts.Commit(whole.seq)])
    broken, outputs = step(tablet, ts.Lost(), ts.Connected(), welcome(desk, resume=False), last)
    assert [type(output) for output in outputs] == [ts.Hang], "a last part without its first"
    assert broken.order is None


def test_an_order_whose_shown_was_lost_is_shown_again_after_a_snapshot(desk: DeskDriver) -> None:
    tablet = with_order(desk)
    assert desk.state.orders["O0001"].shown_at_ms is None, "the frame was lost"
    tablet, _ = step(tablet, ts.Lost(), ts.Connected(), welcome(desk, resume=False))
    tablet, _ = step(tablet, *snapshot_frames(desk.state, "T1"))
    _, outputs = step(tablet, ts.Committed(tablet.seq))
    assert ts.Draw(tablet.order) in outputs
    desk.applied(cmd.MarkShown(team=TeamId("T1"), device="d1", order="O0001"))
    tablet, _ = step(with_order_shown(tablet), *snapshot_frames(desk.state, "T1"))
    assert ts.Draw(tablet.order) not in step(tablet, ts.Committed(tablet.seq))[1]


def with_order_shown(tablet: ts.Tablet) -> ts.Tablet:
    return step(tablet, ts.Drawn("O0001"))[0]


def test_a_call_for_help_is_kept_and_sent_by_its_key_like_any_answer(desk: DeskDriver) -> None:
    tablet = with_order(desk)
    wish = fr.HelpFrame(key=key(7), order="O0001", occurred_at_ms=START_MS, note="five men", epoch=tablet.epoch)
    pressed, outputs = step(tablet, ts.CallHelp(key(7), "five men"))
    assert outputs == [ts.Commit(tablet.seq), ts.Send(wish)]
    _, outputs = step(pressed, ts.Lost(), ts.Connected(), welcome(desk, resume=True))
    assert ts.Send(wish) in outputs
    done, _ = step(pressed, fr.Result(key=key(7), outcome="applied"))
    assert not done.outbox
