"""Outside subscribers on real sockets: one that fails first, one that is dead, a restart, and where none may be."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dispatch.__main__ import main
from dispatch.adapters import webhook_post
from dispatch.adapters.webhook_post import ForbiddenAddressError, check_url, may_go
from dispatch.adapters.webhook_store import Hook, WebhookStore
from dispatch.bootstrap import build_webhooks
from dispatch.server import webhooks as wh
from tests.live import Service
from tests.push.test_push import first_place

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
KINDS = ("incident_reported", "order_offered", "incident_closed")


class Receiver:
    """A real HTTP server that answers as it is told, and keeps what it took with its own check of the signature."""

    def __init__(self, *first: int) -> None:
        self.answers, self.tries = list(first), 0
        self.taken: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.tries += 1
                status = outer.answers.pop(0) if outer.answers else 204
                signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
                own = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
                assert self.headers["webhook-signature"] == f"v1,{own}"
                assert abs(time.time() - int(self.headers["webhook-timestamp"])) < 30
                if status < 300:
                    outer.taken.append(json.loads(body))
                    assert outer.taken[-1]["id"] == self.headers["webhook-id"]
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the library's)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/in"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def kinds(self) -> list[str]:
        return [event["type"].split(".")[1] for event in self.taken]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def receiver(*first: int) -> Iterator[Receiver]:
    made = Receiver(*first)
    try:
        yield made
    finally:
        made.close()


def subscribe(service: Service, name: str, url: str) -> None:
    store = WebhookStore(service.folder / "webhooks.sqlite")
    store.add(Hook(name=name, url=url, secret=SECRET, kinds=KINDS, inside=True))
    store.close()


def hook_of(service: Service, name: str) -> Hook:
    store = WebhookStore(service.folder / "webhooks.sqlite")
    try:
        return next(hook for hook in store.load() if hook.name == name)
    finally:
        store.close()


@contextmanager
def telling(service: Service, names: int, desk: str = "main") -> Iterator[wh.Webhooks]:
    """The service's webhooks, running on its loop, from when every subscriber is followed."""
    hooks = build_webhooks(service.folder, service.station, str(service.folder / "desk.sqlite"), desk)
    hooks.retry_first_s = 0.05
    task = asyncio.run_coroutine_threadsafe(hooks.run(), service.loop)
    try:
        until(lambda: len(hooks._tasks) == names and all(hook_of(service, n).epoch for n in hooks._tasks))
        yield hooks
    finally:
        task.cancel()
        with contextlib.suppress(BaseException):
            task.result(10)
        time.sleep(0.1)


def until(holds: Callable[[], object], within_s: float = 30, told: Callable[[], object] = str) -> None:
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s, told()
        time.sleep(0.05)


def test_a_subscriber_that_fails_first_is_told_everything_once_it_answers_and_over_a_restart(
    service: Service,
) -> None:
    with receiver(500, 503, 302) as far:
        subscribe(service, "far", far.url)
        with telling(service, 1):
            service.reporter.report(*first_place(service), note="王某某，住在 7 号")
            until(lambda: far.kinds == ["incident_reported", "order_offered"])
            assert far.tries == 5
            until(lambda: hook_of(service, "far").seq >= service.station.desk.feed.head - 1)
        missed = service.reporter.report(*first_place(service))
        assert len(far.taken) == 2, "nobody tells now"
        with telling(service, 1):
            until(lambda: len(far.taken) >= 4, told=lambda: (far.tries, far.taken, hook_of(service, "far")))
            assert far.taken[2]["data"]["incident"] == missed
        ids = [event["id"] for event in far.taken]
        assert len(set(ids)) == len(ids) >= 4
        assert [event["sequence"] for event in far.taken] == sorted(event["sequence"] for event in far.taken)
        text = json.dumps(far.taken, ensure_ascii=False)
        assert "王某某" not in text and '"lat"' not in text and f"{first_place(service)[0]:.4f}" not in text


def test_a_dead_subscriber_slows_neither_the_desk_nor_another_one(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole, receiver() as far:
        subscribe(
            service, "hole", f"http://127.0.0.1:{hole.getsockname()[1]}/"
        )  # takes the connection, says nothing
        subscribe(service, "far", far.url)
        with telling(service, 2):
            took_s = []
            for _ in range(5):
                began_s = time.monotonic()
                service.reporter.report(*first_place(service))
                took_s.append(time.monotonic() - began_s)
            assert sorted(took_s)[2] < 1.0
            until(lambda: far.kinds.count("incident_reported") == 5)
            assert hook_of(service, "hole").seq < hook_of(service, "far").seq


@pytest.mark.parametrize("said", [b"HTTP/1.1 204 No Content\r\n" + b"x: y\r\n" * 1000, b"H" * 1000])
def test_a_subscriber_that_answers_a_byte_at_a_time_is_left_at_the_deadline(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_post, "WITHIN_S", 0.6)

    def drip(hole: socket.socket) -> None:
        far, _ = hole.accept()
        with far, contextlib.suppress(OSError):
            for byte in said:
                far.sendall(bytes([byte]))
                time.sleep(0.01)

    with socket.create_server(("127.0.0.1", 0)) as hole:
        thread = threading.Thread(target=drip, args=(hole,))
        thread.start()
        began_s = time.monotonic()
        with pytest.raises(TimeoutError):
            webhook_post.post(f"http://127.0.0.1:{hole.getsockname()[1]}/", b"{}", {}, inside=True)
        assert 0.5 < time.monotonic() - began_s < 3.0
        thread.join(15)


def test_the_source_names_the_desk(service: Service) -> None:
    with receiver() as far:
        subscribe(service, "far", far.url)
        with telling(service, 1, desk="west"):
            service.reporter.report(*first_place(service))
            until(lambda: far.taken)
        assert {event["source"] for event in far.taken} == {"/desks/west"}


def test_one_that_says_gone_is_paused_and_loses_nothing_when_it_is_resumed(service: Service) -> None:
    with receiver(410) as far:
        subscribe(service, "far", far.url)
        with telling(service, 1):
            service.reporter.report(*first_place(service))
            until(lambda: hook_of(service, "far").paused)
            assert "410" in hook_of(service, "far").paused
            assert main(["webhook", "resume", "far", "--data", str(service.folder)]) == 0
            until(lambda: far.kinds == ["incident_reported", "order_offered"])


def test_what_is_no_longer_in_memory_is_read_from_the_log(service: Service) -> None:
    service.reporter.report(*first_place(service))
    hooks = build_webhooks(service.folder, service.station, str(service.folder / "desk.sqlite"))
    feed = service.station.desk.feed
    assert list(hooks._past(0, 5)) == feed.after(0, 5)
    assert list(hooks._past(feed.head - 1, 5)) == feed.after(feed.head - 1, 5)


@pytest.mark.parametrize(
    ("address", "outside", "inside"),
    [
        ("93.184.215.14", True, False),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.1.9", False, True),
        ("fd00::5", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("224.0.0.1", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("255.255.255.255", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b::a00:1", False, False),
        ("2002:a9fe:a9fe::1", False, False),
        ("2606:4700::6810:84e5", True, False),
    ],
)
def test_where_a_delivery_may_go(address: str, outside: bool, inside: bool) -> None:
    assert (may_go(address, inside=False), may_go(address, inside=True)) == (outside, inside)


@pytest.mark.parametrize(
    ("url", "inside", "told"),
    [
        ("http://example.org/", False, "only https"),
        ("ftp://example.org/", True, "no address"),
        ("file:///etc/passwd", True, "no address"),
        ("https://u:p@example.org/", False, "no user"),
        ("https://example.org/#x", False, "fragment"),
        ("https://example.org:port/", False, "no port"),
        ("https://", False, "no address"),
        ("https://[::1", True, "no host"),
        (f"https://{'a' * 64}.example.org/", False, "no host"),
        ("https://a..example.org/", False, "no host"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_at_once(url: str, inside: bool, told: str) -> None:
    with pytest.raises(ForbiddenAddressError, match=told):
        check_url(url, inside=inside)


def test_the_command_line_adds_lists_and_removes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path)]
    assert main(["webhook", "add", "city", "https://example.org/in", *data]) == 2, "no service is there"
    assert main(["account", "add", "wang.li", "--role", "administrator", *data]) == 0
    capsys.readouterr()
    assert main(["webhook", "add", "city", "https://example.org/in", "--kind", "order_offered", *data]) == 0
    name, secret = capsys.readouterr().out.strip().split("\t")
    assert (name, len(base64.b64decode(secret.removeprefix("whsec_")))) == ("city", 32)
    assert (tmp_path / "webhooks.sqlite").stat().st_mode & 0o777 == 0o600
    assert main(["webhook", "list", *data]) == 0
    shown = capsys.readouterr().out
    assert "city\thttps://example.org/in\t0\ttold\torder_offered" in shown and secret not in shown
    for wrong in (["city", "https://example.org/"], ["x", "http://example.org/"], ["a b", "https://example.org/"]):
        assert main(["webhook", "add", *wrong, *data]) == 2
    assert main(["webhook", "add", "y", "https://example.org/", "--kind", "note_added", *data]) == 2
    capsys.readouterr()
    for url, told in (
        ("https://10.0.0.7/in", "--inside"),
        ("https://localhost/in", "--inside"),
        ("http://93.184.215.14/in --inside", "leave --inside out"),
    ):
        assert main(["webhook", "add", "z", *url.split(), *data]) == 2
        assert told in capsys.readouterr().err
    assert main(["webhook", "remove", "city", *data]) == 0
    assert main(["webhook", "remove", "city", *data]) == 2
    assert "no webhook is called city" in capsys.readouterr().err
