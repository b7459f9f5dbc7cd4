"""Frames: every one comes back as it was sent, and everything else is told what is wrong with it."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.refusals import Code, Refusal
from dispatch.wire import frames as fr
from dispatch.wire.keys import uuid7
from dispatch.wire.records import event_from_json, event_to_json
from dispatch.wire.session import parse
from dispatch.wire.snapshot import snapshot_frames
from tests.contract.rows import ONE_OF_EACH
from tests.service.driver import START_MS, key
from tests.service.random_day import live_a_day, new_desk

FIX = fr.Fix(team="T1", lon=120.55, lat=27.99, at_ms=START_MS, accuracy_m=4.5, speed_m_s=8.25)
FROM_CLIENT = [
    fr.Hello(role="tablet", device="d1", team="T1", epoch="abc", seq=7),
    fr.Hello(role="console", device="d2"),
    fr.Stored(seq=0),
    fr.Shown(order="O0001"),
    fr.CommandFrame(key=key(1), verb=OrderTrigger.ACCEPT, order="O0001", occurred_at_ms=START_MS, note="好"),
    fr.HelpFrame(key=key(1), order="O0001", occurred_at_ms=START_MS, note="五个人"),
    fr.Positions(fixes=[FIX] * 64),
    fr.Ping(at_ms=1),
    fr.Pong(at_ms=2**53 - 1),
]
FROM_SERVICE = [
    fr.Welcome(epoch="abc", head=9, resume=True, generation=3, now_ms=START_MS),
    fr.Result(key=key(1), outcome="applied"),
    fr.Result(key=key(1), outcome="refused", code="wrong_state", message="no"),
    fr.Peer(fixes=[FIX]),
    fr.Bye(code="fenced", message="a newer one", reconnect=False, retry_after_ms=5),
    fr.Ping(at_ms=1),
    fr.Pong(at_ms=1),
    *(fr.EventFrame(seq=n, after=n - 1, at_ms=START_MS, event=event) for n, event in enumerate(ONE_OF_EACH, 1)),
]


@pytest.mark.parametrize("frame", FROM_CLIENT, ids=lambda frame: frame.type)
def test_a_client_frame_comes_back_as_it_was_sent(frame: fr.AnyClientFrame) -> None:
    assert parse(fr.encode(frame)) == frame


@pytest.mark.parametrize("frame", FROM_SERVICE, ids=lambda frame: frame.type)
def test_a_service_frame_comes_back_as_it_was_sent(frame: fr.AnyServerFrame) -> None:
    assert fr.SERVER_FRAMES.validate_json(fr.encode(frame)) == frame


def test_a_snapshot_comes_back_as_it_was_sent() -> None:
    desk = new_desk()
    live_a_day(desk, [("report", 1, 0, 0), ("advance", 0, 0, 1), ("wait", 60, 0, 0), ("report", 2, 0, 0)])
    for audience in (None, "T1", "T4"):
        for frame in snapshot_frames(desk.state, audience):
            assert fr.SERVER_FRAMES.validate_json(fr.encode(frame)) == frame


def test_no_kind_of_frame_was_forgotten_above() -> None:
    assert {type(frame) for frame in FROM_CLIENT} == set(get_args(fr.AnyClientFrame))
    assert {type(frame) for frame in FROM_SERVICE} | {fr.Snapshot} == set(get_args(fr.AnyServerFrame))


@pytest.mark.parametrize("frame", FROM_CLIENT, ids=lambda frame: frame.type)
def test_a_frame_with_a_field_too_many_or_too_few_is_refused_by_the_fields_name(frame: fr.AnyClientFrame) -> None:
    fields = json.loads(fr.encode(frame))
    more = parse(json.dumps(fields | {"extra": 1}))
    assert isinstance(more, Refusal)
    assert (more.code, "extra" in more.about) == (Code.UNKNOWN_FRAME, True)
    needed = [name for name, field in type(frame).model_fields.items() if field.is_required()]
    for name in needed:
        fewer = parse(json.dumps({other: value for other, value in fields.items() if other != name}))
        assert isinstance(fewer, Refusal)
        assert (fewer.code, name in fewer.about) == (Code.UNKNOWN_FRAME, True)


@pytest.mark.parametrize("text", ["", "hello", "{", "[]", "7", "null", '"ping"', "{'type': 'ping'}", "[" * 9999])
def test_what_is_no_json_object_is_refused_as_such(text: str) -> None:
    refusal = parse(text)
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.NOT_JSON


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"type": "teleport"},
        {"type": "welcome", "epoch": "x"},
        {"type": "event", "seq": 1},
        {"type": "stored", "seq": -1},
        {"type": "stored", "seq": 2**53},
        {"type": "stored", "seq": 1.5},
        {"type": "ping", "at_ms": None},
        {"type": "shown", "order": ""},
        {"type": "shown", "order": "x" * 65},
        {"type": "hello", "role": "admin", "device": "d"},
        {"type": "positions", "fixes": []},
        {"type": "positions", "fixes": [FIX.model_dump()] * 65},
        {"type": "positions", "fixes": [FIX.model_dump() | {"lat": 90.1}]},
        {"type": "positions", "fixes": [FIX.model_dump() | {"lon": -180.1}]},
        {"type": "positions", "fixes": [FIX.model_dump() | {"lat": float("nan")}]},
        {"type": "positions", "fixes": [FIX.model_dump() | {"speed_m_s": float("inf")}]},
        {"type": "command", "key": "7", "verb": "accept", "order": "O1", "occurred_at_ms": 1},
        {"type": "command", "key": key(1) + "\n", "verb": "accept", "order": "O1", "occurred_at_ms": 1},
        {"type": "command", "key": key(1), "verb": "explode", "order": "O1", "occurred_at_ms": 1},
        {
            "type": "command",
            "key": key(1),
            "verb": "accept",
            "order": "O1",
            "occurred_at_ms": 1,
            "note": "x" * 2001,
        },
    ],
)
def test_an_unknown_type_or_a_value_out_of_its_range_is_refused(fields: dict[str, object]) -> None:
    refusal = parse(json.dumps(fields))
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.UNKNOWN_FRAME


def test_a_frame_of_32_kib_is_read_and_one_byte_more_is_refused_whatever_its_characters() -> None:
    frame = fr.encode(fr.Ping(at_ms=1))
    assert parse(frame + " " * (fr.MAX_FRAME_BYTES - len(frame))) == fr.Ping(at_ms=1)
    for text in (frame + " " * (fr.MAX_FRAME_BYTES - len(frame) + 1), "溪" * (fr.MAX_FRAME_BYTES // 3 + 1)):
        refusal = parse(text)
        assert isinstance(refusal, Refusal)
        assert refusal.code is Code.FRAME_TOO_LARGE


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
@settings(max_examples=50)
def test_no_text_whatever_makes_the_reader_fail(text: str) -> None:
    assert isinstance(parse(text.encode(errors="replace").decode()), Refusal)


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: event.kind)
def test_a_fact_is_one_line_of_json_that_names_its_kind(event) -> None:
    text = event_to_json(event)
    assert "\n" not in text
    assert json.loads(text)["kind"] == event.kind
    assert event_from_json(text) == event


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=16))
def test_keys_are_uuid_version_7_that_the_wire_takes_and_later_ones_sort_later(
    a: int, b: int, chance: bytes
) -> None:
    first, second = uuid7(a, chance), uuid7(b, chance)
    assert (first < second) == (a < b)
    assert (first[14], first[19] in "89ab") == ("7", True)
    assert int(first.replace("-", "")[:12], 16) == a
    assert fr.Result(key=first, outcome="applied").key == first
