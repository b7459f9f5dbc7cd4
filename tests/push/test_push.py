"""Push over real sockets: snapshot + frames = fresh snapshot, resume without a gap, fencing, and bad frames."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dispatch.domain.refusals import TABLE, Code
from dispatch.sim.reporter import new_key
from tests.live import Service

CONSOLE = {"type": "hello", "role": "console", "device": "c1", "team": None, "epoch": None, "seq": 0}


def tablet(team: str) -> dict[str, object]:
    return CONSOLE | {"role": "tablet", "device": f"t-{team}", "team": team}


@contextmanager
def joined(service: Service, hello: dict[str, object]) -> Iterator[tuple[ClientConnection, dict[str, Any]]]:
    """A client that has said hello, and its welcome: a tablet with its ticket, a console with its session."""
    with opened(service, hello) as socket:
        send(socket, with_ticket(service, hello))
        welcome = receive(socket)
        assert welcome["type"] == "welcome", welcome
        yield socket, welcome


def opened(service: Service, hello: object) -> ClientConnection:
    """A connection as a console or a tablet opens it: the one with its cookie, the other with nothing."""
    is_tablet = isinstance(hello, dict) and hello.get("role") == "tablet"
    headers = {} if is_tablet else {"Origin": service.base, "Cookie": service.reporter.cookie or ""}
    return connect(service.ws, compression=None, proxy=None, additional_headers=headers)


def with_ticket(service: Service, hello: dict[str, object]) -> dict[str, object]:
    """A tablet's hello with the device that it is and a fresh ticket."""
    if hello["role"] != "tablet" or hello["team"] is None:
        return hello
    identity = service.tablet(str(hello["team"]))
    return hello | {"device": identity.device, "ticket": identity.ticket()}


def send(socket: ClientConnection, frame: object) -> None:
    socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))


def receive(socket: ClientConnection, *kinds: str) -> dict[str, Any]:
    """The next frame, of these kinds if any are named; pings are answered on the way."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=10))
        if frame["type"] == "ping":
            send(socket, {"type": "pong", "at_ms": frame["at_ms"]})
        elif not kinds or frame["type"] in kinds:
            return frame


def first_place(service: Service) -> tuple[float, float]:
    point = service.town.places[0].point
    return point.lat, point.lon


def offered_to(service: Service, incident: str) -> tuple[str, str]:
    order = service.reporter.incident(incident)["orders"][-1]
    return order["order"], order["team"]


def test_a_console_gets_the_whole_board_and_then_every_event_in_order(service: Service) -> None:
    with joined(service, CONSOLE) as (socket, welcome):
        assert welcome["resume"] is False
        snapshot = receive(socket, "snapshot")
        assert {team["team"] for team in snapshot["teams"]} == {team.team for team in service.town.roster}
        incident = service.reporter.report(*first_place(service))
        frames = [receive(socket, "event") for _ in range(2)]
        assert [frame["event"]["kind"] for frame in frames] == ["incident_reported", "order_offered"]
        assert frames[0]["after"] == snapshot["seq"]
        assert frames[1]["after"] == frames[0]["seq"]
        assert frames[0]["event"]["incident"] == incident


def test_a_console_resumes_without_a_gap(service: Service) -> None:
    with joined(service, CONSOLE) as (socket, welcome):
        seq = receive(socket, "snapshot")["seq"]
        epoch = welcome["epoch"]
    service.reporter.report(*first_place(service))
    with joined(service, CONSOLE | {"epoch": epoch, "seq": seq}) as (socket, welcome):
        assert welcome["resume"] is True
        frame = receive(socket, "event", "snapshot")
        assert (frame["type"], frame["after"]) == ("event", seq)


def test_another_epoch_means_a_snapshot(service: Service) -> None:
    with joined(service, CONSOLE | {"epoch": "of another log", "seq": 3}) as (socket, welcome):
        assert welcome["resume"] is False
        assert receive(socket, "snapshot")["seq"] == welcome["head"]


def test_an_order_goes_to_its_team_alone_and_its_answers_come_back(service: Service) -> None:
    incident = service.reporter.report(*first_place(service))
    order, team = offered_to(service, incident)
    other = next(known.team for known in service.town.roster if known.team != team)
    with joined(service, tablet(team)) as (mine, _), joined(service, tablet(other)) as (theirs, _):
        snapshot = receive(mine, "snapshot")
        assert [held["order"] for held in snapshot["orders"]] == [order]
        assert snapshot["orders"][0]["choice"]["ranked"] == []  # where other teams are is for the desk alone
        assert receive(theirs, "snapshot")["orders"] == []
        send(mine, {"type": "stored", "seq": snapshot["seq"]})
        send(mine, {"type": "shown", "order": order})
        key = new_key()
        command = {"type": "command", "key": key, "verb": "accept", "order": order, "occurred_at_ms": 1, "note": ""}
        send(mine, command)
        assert receive(mine, "result") == {
            "type": "result",
            "key": key,
            "outcome": "applied",
            "code": None,
            "message": None,
        }
        send(mine, command)
        assert receive(mine, "result")["outcome"] == "replayed"
        send(mine, command | {"note": "another body"})
        refused = receive(mine, "result")
        assert (refused["outcome"], refused["code"]) == ("refused", Code.KEY_REUSED)
        send(theirs, command | {"key": new_key()})
        assert receive(theirs)["code"] == Code.NOT_YOUR_ORDER  # and nothing else has come to the other team
    view = service.reporter.incident(incident)["orders"][0]
    assert view["status"] == "accepted"
    assert view["stored_at_ms"] <= view["shown_at_ms"] <= view["accepted_at_ms"]


def test_a_newer_connection_of_a_device_fences_the_older(service: Service) -> None:
    with joined(service, tablet("V01")) as (older, first), joined(service, tablet("V01")) as (newer, second):
        assert second["generation"] == first["generation"] + 1
        bye = receive(older, "bye")
        assert (bye["code"], bye["reconnect"]) == (Code.FENCED, False)
        with pytest.raises(ConnectionClosed) as closed:
            older.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == TABLE[Code.FENCED].close
        assert receive(newer, "snapshot")["teams"][0]["team"] == "V01"


def test_positions_reach_consoles_and_the_next_decision(service: Service) -> None:
    lat, lon = first_place(service)
    farthest = service.reporter.report(lat, lon)
    candidates = service.reporter.incident(farthest)["orders"][0]["choice"]["ranked"]
    mover = candidates[-1]["team"]
    service.reporter.call("POST", f"/api/incidents/{farthest}/close", {"key": new_key(), "outcome": ""})
    with joined(service, CONSOLE) as (console, _), joined(service, tablet(mover)) as (moving, _):
        other = candidates[0]["team"]
        fix = {"team": mover, "lon": lon, "lat": lat, "at_ms": 2**52, "accuracy_m": 4, "speed_m_s": 0}
        send(moving, {"type": "positions", "fixes": [fix, fix | {"team": other, "lat": 0}]})
        seen = receive(console, "peer")["fixes"]
        assert [(one["team"], one["lat"]) for one in seen] == [(mover, lat)]  # nobody moves another team
        assert seen[0]["at_ms"] < 2**52  # a fix from the future counts as taken now
        assert offered_to(service, service.reporter.report(lat, lon))[1] == mover


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("no json", Code.NOT_JSON),
        ("[1, 2]", Code.NOT_JSON),
        ("null", Code.NOT_JSON),
        (b"\x00\x01", Code.NOT_JSON),
        ({"type": "surprise"}, Code.UNKNOWN_FRAME),
        ({"no": "type"}, Code.UNKNOWN_FRAME),
        ({"type": "ping", "at_ms": "now"}, Code.UNKNOWN_FRAME),
        ({"type": "ping", "at_ms": 1, "more": 1}, Code.UNKNOWN_FRAME),
        ({"type": "shown", "order": "x" * 40_000}, Code.FRAME_TOO_LARGE),
        ({"type": "stored", "seq": -1}, Code.UNKNOWN_FRAME),
        (tablet("V01"), Code.UNKNOWN_FRAME),  # hello twice
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_bad_frame_is_told_why_and_harms_nobody(service: Service, frame: object, code: Code) -> None:
    with joined(service, CONSOLE) as (bystander, _), joined(service, tablet("V01")) as (socket, _):
        receive(socket, "snapshot")
        send(socket, frame)
        bye = receive(socket, "bye")
        assert bye["code"] == code
        assert TABLE[code].hint in bye["message"]
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == TABLE[code].close
        receive(bystander, "snapshot")
        service.reporter.report(*first_place(service))
        assert receive(bystander, "event")["event"]["kind"] == "incident_reported"


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"type": "ping", "at_ms": 1}, Code.HELLO_FIRST),
        (tablet("V01") | {"team": None}, Code.UNKNOWN_FRAME),
        (CONSOLE | {"team": "V01"}, Code.UNKNOWN_FRAME),
    ],
)
def test_who_does_not_introduce_itself_is_sent_away(service: Service, hello: object, code: Code) -> None:
    with opened(service, hello) as socket:
        send(socket, hello)
        assert receive(socket)["code"] == code


def test_a_huge_frame_ends_the_connection_and_not_the_service(service: Service) -> None:
    with joined(service, tablet("V01")) as (socket, _), pytest.raises(ConnectionClosed):
        send(socket, "x" * 1_000_000)
        while True:
            socket.recv(timeout=5)
    assert service.reporter.call("GET", "/healthz")["status"] == "ok"


def test_a_console_may_not_answer_for_a_team(service: Service) -> None:
    with joined(service, CONSOLE) as (socket, _):
        send(socket, {"type": "shown", "order": "O0001"})
        assert receive(socket, "bye")["code"] == Code.UNKNOWN_FRAME
