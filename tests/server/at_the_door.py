"""What tests of the door share: a tablet's hello, a real process, and how a socket ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dispatch.access.policy import Role
from dispatch.access.refusals import DOOR_TABLE, Door
from dispatch.bootstrap import ROOT
from dispatch.sim.identity import Identity
from tests.live import Service


def said(code: Door) -> str:
    return DOOR_TABLE[code].meaning


def hello(service: Service, identity: Identity, ticket: str | None, **changes: object) -> dict[str, Any]:
    """What a tablet hears first after its hello."""
    frame = {"type": "hello", "role": "tablet", "device": identity.device, "team": identity.team, "seq": 0}
    with connect(service.ws, proxy=None) as socket:
        socket.send(json.dumps(frame | {"ticket": ticket} | changes))
        heard: dict[str, Any] = json.loads(socket.recv(timeout=10))
        return heard


@contextmanager
def live(service: Service, identity: Identity) -> Iterator[ClientConnection]:
    frame = {"type": "hello", "role": "tablet", "device": identity.device, "team": identity.team}
    with connect(service.ws, proxy=None) as socket:
        socket.send(json.dumps(frame | {"ticket": identity.ticket()}))
        assert json.loads(socket.recv(timeout=10))["type"] == "welcome"
        yield socket


def until_closed(socket: ClientConnection) -> tuple[float, list[dict[str, Any]]]:
    """Seconds until the socket was closed from the other side, and what it said before."""
    begun, heard = time.monotonic(), []
    try:
        while time.monotonic() - begun < 10:
            heard.append(json.loads(socket.recv(timeout=10)))
    except ConnectionClosed:
        return time.monotonic() - begun, heard
    raise AssertionError("it was never closed")


@contextlib.contextmanager
def serve(folder: Path, *flags: str) -> Iterator[tuple[str, subprocess.Popen[str], list[str]]]:
    """The real command as a process: its address, itself, and every line it has said."""
    command = [sys.executable, "-m", "dispatch", "serve", "--port", "0", "--data", str(folder), *flags]
    child = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    lines: list[str] = []
    try:
        assert child.stdout is not None
        base = ""
        while not base:
            line = child.stdout.readline()
            assert line, lines
            lines.append(line)
            if "135 serves" in line and " at " in line:
                base = line.rsplit(" at ", 1)[1].split()[0]
        yield base, child, lines
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        rest, _ = child.communicate(timeout=30)
        lines += rest.splitlines(keepends=True)


def metrics_of(service: Service) -> str:
    auditor = service.person(Role.AUDITOR)
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    connection.request("GET", "/metrics", headers=auditor.headers())
    answer = connection.getresponse()
    assert answer.status == 200
    text = answer.read().decode()
    connection.close()
    return text
