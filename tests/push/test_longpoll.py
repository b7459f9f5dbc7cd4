"""Push where sockets are blocked: the same promises over POST /api/push, exchange by exchange."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

import pytest

from dispatch.domain.refusals import Code
from dispatch.server import longpoll
from dispatch.sim.reporter import new_key
from dispatch.wire.push_bodies import HOLD_MS
from tests.live import Service
from tests.push.test_push import CONSOLE, first_place, joined, tablet, with_ticket


class Poll:
    """A client of the long poll, one exchange at a time."""

    def __init__(self, service: Service, cookie: str | None = None) -> None:
        self.door = service.stranger()
        self.door.cookie = cookie
        self.session: str | None = None
        self.got = self.said = 0
        self.closed: int | None = None

    def exchange(self, *frames: dict[str, Any], wait_ms: int = 0, lose: bool = False) -> list[dict[str, Any]]:
        body = {"session": self.session, "got": self.got, "first": self.said, "frames": frames, "wait_ms": wait_ms}
        answer = self.door.call("POST", "/api/push", body)
        self.session = answer["session"]
        if lose:
            return []
        self.said += len(frames)
        assert answer["first"] <= self.got, "the service forgot what was not taken"
        fresh = answer["frames"][self.got - answer["first"] :]
        self.got += len(fresh)
        self.closed = answer["closed"]
        return list(fresh)

    def until(self, kind: str, within_s: float = 10) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []
        end_s = time.monotonic() + within_s
        while not any(frame["type"] == kind for frame in heard):
            assert time.monotonic() < end_s, heard
            heard += self.exchange(wait_ms=2000)
        return heard


def joined_poll(service: Service, hello: dict[str, object]) -> Poll:
    is_tablet = hello["role"] == "tablet"
    poll = Poll(service, None if is_tablet else service.reporter.cookie)
    poll.exchange(with_ticket(service, hello))
    return poll


def test_an_order_reaches_a_tablet_without_a_socket_and_its_answer_is_taken_once(service: Service) -> None:
    incident = service.reporter.report(*first_place(service))
    team = service.reporter.incident(incident)["orders"][-1]["team"]
    poll = joined_poll(service, tablet(team))
    welcome, snapshot = poll.until("snapshot")
    assert (welcome["type"], welcome["resume"], welcome["generation"]) == ("welcome", False, 1)
    order = snapshot["orders"][0]["order"]
    said = {"type": "command", "key": new_key(), "verb": "accept", "order": order, "occurred_at_ms": 1}
    poll.exchange({"type": "stored", "seq": snapshot["seq"]}, {"type": "shown", "order": order}, said, lose=True)
    poll.exchange({"type": "stored", "seq": snapshot["seq"]}, {"type": "shown", "order": order}, said)
    heard = poll.until("result")
    results = [frame for frame in heard if frame["type"] == "result"]
    assert [(one["key"], one["outcome"]) for one in results] == [(said["key"], "applied")]
    found = service.reporter.incident(incident)["orders"][-1]
    assert (found["status"], found["shown_at_ms"] is not None) == ("accepted", True)


def test_an_answer_that_was_lost_on_the_way_is_told_again_whole(service: Service) -> None:
    poll = joined_poll(service, CONSOLE)
    time.sleep(0.2)
    assert poll.exchange(lose=True) == []
    welcome, snapshot = poll.exchange(wait_ms=1000)[:2]
    assert (welcome["type"], snapshot["type"]) == ("welcome", "snapshot")
    service.reporter.report(*first_place(service))
    time.sleep(0.2)
    poll.exchange(lose=True)
    events = [frame for frame in poll.exchange(wait_ms=1000) if frame["type"] == "event"]
    assert [frame["after"] for frame in events] == [snapshot["seq"], *(frame["seq"] for frame in events)][:-1]
    assert {frame["event"]["kind"] for frame in events} >= {"incident_reported", "order_offered"}


def test_an_exchange_is_held_until_there_is_something_to_tell(service: Service) -> None:
    poll = joined_poll(service, CONSOLE)
    poll.until("snapshot")
    end_s = time.monotonic() + 30
    while service.station.cover is None and time.monotonic() < end_s:  # counted once after a start, and told
        time.sleep(0.05)
    while poll.exchange(wait_ms=700):
        assert time.monotonic() < end_s
    began_s = time.monotonic()
    assert poll.exchange(wait_ms=700) == []
    assert 0.6 < time.monotonic() - began_s < 5
    with pytest.raises(Exception, match="not understood"):
        poll.exchange(wait_ms=HOLD_MS + 1)


def test_the_newer_connection_fences_the_older_one_across_both_ways(service: Service) -> None:
    poll = joined_poll(service, tablet("V01"))
    assert poll.until("snapshot")[0]["generation"] == 1
    with joined(service, tablet("V01")) as (_, welcome):
        assert welcome["generation"] == 2
        (bye,) = [frame for frame in poll.until("bye") if frame["type"] == "bye"]
        assert (bye["code"], bye["reconnect"]) == ("fenced", False)
        assert poll.closed == 4405


def test_a_revoked_tablet_is_out_of_a_held_exchange_within_two_seconds(service: Service) -> None:
    poll = joined_poll(service, tablet("V02"))
    poll.until("snapshot")
    device = service.tablet("V02").device
    began_s = time.monotonic()
    service.reporter.call("POST", f"/api/devices/{device}/revoke")
    (bye,) = [frame for frame in poll.until("bye") if frame["type"] == "bye"]
    assert bye["code"] == "device_revoked"
    assert time.monotonic() - began_s < 2


def test_a_used_ticket_a_wrong_name_and_a_gap_are_refused(service: Service) -> None:
    hello = with_ticket(service, tablet("V03"))
    first, again = Poll(service), Poll(service)
    first.exchange(hello)
    assert first.until("snapshot")
    again.exchange(hello)
    assert again.until("bye")[-1]["code"] == "bad_ticket"
    first.said += 3
    with pytest.raises(Exception, match="frame 1 is missing"):
        first.exchange({"type": "ping", "at_ms": 1})
    stranger = Poll(service)
    stranger.session = "no such connection"
    with pytest.raises(Exception, match="open a new one"):
        stranger.exchange()


def test_a_console_by_poll_is_its_session_alone(service: Service) -> None:
    nobody = Poll(service)
    nobody.exchange(CONSOLE)
    assert nobody.until("bye")[-1]["code"] == "sign_in"
    mine = joined_poll(service, CONSOLE)
    thief = Poll(service)
    thief.session = mine.session
    with pytest.raises(Exception, match="open a new one"):
        thief.exchange()


def test_nothing_but_hello_is_heard_first_and_binary_nonsense_ends_it(service: Service) -> None:
    poll = Poll(service)
    poll.exchange({"type": "ping", "at_ms": 1})
    assert poll.until("bye")[-1]["code"] == Code.HELLO_FIRST
    assert service.raw("POST", "/api/push", b'{"frames":[1]}')[0] == 422
    assert service.raw("POST", "/api/push", b"\xff")[0] in (400, 422)


def test_a_foreign_page_cannot_poll(service: Service) -> None:
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    headers = {"Origin": "http://evil.example", "Content-Type": "application/json"}
    connection.request("POST", "/api/push", json.dumps({"frames": [CONSOLE]}), headers)
    assert connection.getresponse().status == 403
    connection.close()


def test_those_that_ended_take_no_place_from_those_that_come(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(longpoll, "MAX_POLLS", 2)
    strangers = [Poll(service) for _ in range(5)]
    for each in strangers:
        each.exchange({"type": "ping", "at_ms": 1})
        assert each.until("bye"), "a hello was due"
    assert joined_poll(service, CONSOLE).until("welcome")
    with pytest.raises(Exception, match="open a new one"):
        strangers[0].exchange()
    assert strangers[-1].exchange() == [], "the latest is still remembered"
