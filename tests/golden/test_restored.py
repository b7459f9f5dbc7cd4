"""The tablet's golden transcript is what the code says today, and tells what a restore must not do."""

from __future__ import annotations

import json

from dispatch.wire import frames as fr
from tests.golden.restored import FILE, frames, told, transcript_text
from tests.service.driver import key


def test_the_file_is_what_the_code_says_today() -> None:
    assert FILE.read_text(encoding="utf-8") == transcript_text(), "on purpose? python -m tests.golden.restored"


def test_an_answer_goes_over_a_restore_to_its_own_order_alone() -> None:
    document = json.loads(FILE.read_text(encoding="utf-8"))
    said = [frame for step in document["steps"] for frame in step["said"] if frame["type"] == "command"]
    assert [(frame["key"], frame["epoch"]) for frame in said] == [(key(1), "epoch-2"), (key(2), "epoch-2")]
    heard = frames(document)
    assert [one.epoch for one in heard if isinstance(one, fr.Welcome)] == ["epoch-1", "epoch-2", "epoch-3"]
    results = {one.key: (one.outcome, one.code) for one in heard if isinstance(one, fr.Result)}
    assert results == {key(1): ("applied", None), key(2): ("refused", "another_log")}


def test_in_the_end_the_new_order_is_offered_shown_and_untouched() -> None:
    story = told()
    (order,) = story.desk.state.orders.values()
    assert (order.order, order.status, order.accepted_at_ms) == ("O0001", "offered", None)
    assert order.shown_at_ms is not None
    assert not story.pad.tablet.outbox
