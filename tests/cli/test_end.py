"""`serve` ends within ten seconds of a Ctrl-C, whatever is going on."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from dispatch.access.policy import Role
from dispatch.cli.service import listen
from dispatch.sim.reporter import Reporter, ReporterError
from tests import people

ENDS_WITHIN_S = 10.0
CONSOLES = 60


def test_a_service_under_load_ends_within_ten_seconds_of_ctrl_c(tmp_path: Path) -> None:
    """Sixty consoles that read nothing, four who report without pause, and a request that never comes whole."""
    people.make_accounts(tmp_path)
    bound = listen("127.0.0.1", 0)
    port = bound.getsockname()[1]
    bound.close()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "dispatch", "serve", "--port", str(port), "--data", str(tmp_path)]
    with (tmp_path / "said").open("w") as out:
        child = subprocess.Popen(command, stderr=out)
    over = threading.Event()
    consoles = contextlib.ExitStack()
    threads: list[threading.Thread] = []
    dribbling = socket.socket()
    try:
        dispatcher = signed_in(base, child)
        counts = [0] * 4
        dispatcher.report(27.99, 120.59)  # the first decision loads the kernels
        for _ in range(CONSOLES):
            console(consoles, base, dispatcher)
        dribbling.connect(("127.0.0.1", port))
        dribbling.sendall(b"POST /api/incidents HTTP/1.1\r\nHost: 127")
        for at in range(len(counts)):
            thread = threading.Thread(target=report, args=(base, dispatcher.cookie, over, counts, at))
            thread.start()
            threads.append(thread)
        time.sleep(3)
        child.send_signal(signal.SIGINT)
        begun = time.monotonic()
        code = child.wait(60)
        took_s = time.monotonic() - begun
    finally:
        over.set()
        if child.poll() is None:
            child.kill()
            child.wait(10)
        dribbling.close()
        with contextlib.suppress(OSError, WebSocketException):
            consoles.close()
        for thread in threads:
            thread.join(20)
        dispatcher.close()
    assert sum(counts) > 0, "there was load"
    said = (tmp_path / "said").read_text()
    assert code == 0, said[-2000:]
    assert took_s < ENDS_WITHIN_S
    at = said.find("Traceback")
    assert at < 0, said[at : at + 4000]


def signed_in(base: str, child: subprocess.Popen[bytes]) -> Reporter:
    until_s = time.monotonic() + 120
    while True:
        try:
            return people.person(base, Role.DISPATCHER)
        except OSError:
            assert child.poll() is None and time.monotonic() < until_s, "it did not start"
            time.sleep(0.2)


def console(held: contextlib.ExitStack, base: str, person: Reporter) -> None:
    headers = {"Origin": base, "Cookie": person.cookie or ""}
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that the service soon waits for it
    narrow.connect(("127.0.0.1", int(base.rsplit(":", 1)[1])))
    opened = connect(
        base.replace("http", "ws") + "/ws",
        sock=narrow,
        proxy=None,
        additional_headers=headers,
        close_timeout=1,
        max_queue=1,
    )
    made = held.enter_context(opened)
    made.send(json.dumps({"type": "hello", "role": "console", "device": f"c{id(made)}"}))


def report(base: str, cookie: str | None, over: threading.Event, counts: list[int], at: int) -> None:
    reporter = Reporter(base)
    reporter.cookie = cookie
    with contextlib.suppress(OSError, ReporterError):
        while not over.is_set():
            reporter.report(27.99, 120.59, within_s=1)
            counts[at] += 1
    reporter.close()
