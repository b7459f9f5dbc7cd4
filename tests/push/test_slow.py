"""A console that never reads, on real TCP: under 256 KiB wait for it, it is closed and resumes; others go on."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dispatch.server import sockets as so
from dispatch.sim.reporter import new_key
from tests.live import Service
from tests.push.test_push import CONSOLE, first_place, joined, receive, tablet

LIMIT_BYTES = 256 * 1024
OWN_BUFFER = 8 * 1024
NOTES = 500
NOTE = "巡" * 290
"""About 1 KB in a frame."""


class Deaf:
    """A websocket client by hand that says hello and then takes nothing, with a small buffer of its own."""

    def __init__(self, service: Service) -> None:
        host, port = service.base.removeprefix("http://").split(":")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, OWN_BUFFER)
        self.socket.settimeout(20)
        self.socket.connect((host, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        head = [f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade"]
        head += [f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nOrigin: {service.base}"]
        head += [f"Cookie: {service.reporter.cookie}\r\n\r\n"]
        self.socket.sendall("\r\n".join(head).encode())
        while b"\r\n\r\n" not in self.socket.recv(4096, socket.MSG_PEEK):
            time.sleep(0.01)
        payload = json.dumps(CONSOLE | {"device": "deaf"}).encode()
        self.socket.sendall(bytes((0x81, 0x80 | 126)) + len(payload).to_bytes(2) + b"\0\0\0\0" + payload)

    def rest(self) -> bytes:
        """All that the service had sent it, to the end of the connection."""
        data = b""
        try:
            while chunk := self.socket.recv(65_536):
                data += chunk
        except ConnectionError:
            pass
        finally:
            self.socket.close()
        return data


def frames_in(data: bytes) -> Iterator[dict[str, Any]]:
    """The whole text frames in a server's bytes, after the handshake."""
    data = data.partition(b"\r\n\r\n")[2]
    while len(data) >= 4:
        size, start = data[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10]), 10
        if len(data) < start + size:
            return
        if data[0] & 0x0F == 1:
            yield json.loads(data[start : start + size])
        data = data[start + size :]


def test_under_256_kib_wait_for_one_that_reads_nothing_and_nobody_else_waits(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(so, "SEND_WITHIN_S", 2.0)
    incident = service.reporter.report(*first_place(service))
    team = service.reporter.incident(incident)["orders"][-1]["team"]
    other = next(each.team for each in service.town.roster if each.team != team)
    deaf = Deaf(service)
    with joined(service, CONSOLE) as (quick, _), joined(service, tablet(other)) as (pad, _):
        receive(quick, "snapshot")
        receive(pad, "snapshot")
        end_s = time.monotonic() + 5
        while service.station.connections < 3:
            assert time.monotonic() < end_s
            time.sleep(0.02)
        before = 3
        for _ in range(NOTES):
            service.reporter.call("POST", f"/api/incidents/{incident}/notes", {"key": new_key(), "note": NOTE})
        began_s = time.monotonic()
        heard = [receive(quick, "event") for _ in range(NOTES)]
        assert [frame["event"]["kind"] for frame in heard[-3:]] == ["note_added"] * 3
        pad.send(json.dumps({"type": "ping", "at_ms": 1}))
        assert receive(pad, "pong")
        assert time.monotonic() - began_s < 2, "the others waited for the one that reads nothing"
        end_s = time.monotonic() + 15
        while service.station.connections == before:
            assert time.monotonic() < end_s, "it was never closed"
            time.sleep(0.05)
        data = deaf.rest()
        assert OWN_BUFFER < len(data) < LIMIT_BYTES + 4 * OWN_BUFFER
        taken = list(frames_in(data))
        welcome, last = taken[0], taken[-1]
        seqs = [frame["seq"] for frame in taken if frame["type"] == "event"]
        assert 0 < len(seqs) < NOTES and seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    again = CONSOLE | {"device": "deaf", "epoch": welcome["epoch"], "seq": last["seq"]}
    with joined(service, again) as (socket_, resumed):
        assert resumed["resume"] is True
        assert receive(socket_, "event")["after"] == last["seq"]
