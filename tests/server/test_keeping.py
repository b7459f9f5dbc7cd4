"""Metrics, readiness, TLS and its own authority, requests that dribble, the demo's loud door."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from dispatch.adapters.tls import given_certificate, local_certificate
from dispatch.bootstrap import ROOT
from dispatch.cli import patience
from dispatch.domain.errors import SetupError
from dispatch.sim.person import enter_demo
from dispatch.sim.reporter import Reporter
from dispatch.sim.reporter import new_key as new_command_key
from tests.live import Service
from tests.server.at_the_door import metrics_of, serve

# ── metrics ───────────────────────────────────────────────────────────────────────────────────────────────


def test_each_hop_of_an_order_is_measured(service: Service) -> None:
    place = service.town.places[0].point
    nearest = service.reporter.incident(service.reporter.report(place.lat, place.lon))["orders"][0]["team"]
    incident = service.reporter.call("GET", "/api/incidents")[0]["incident"]["incident"]
    service.reporter.call("POST", f"/api/incidents/{incident}/close", {"key": new_command_key(), "outcome": ""})
    identity = service.tablet(nearest)
    with connect(service.ws, proxy=None) as tablet:
        hello = {"type": "hello", "role": "tablet", "device": identity.device, "team": nearest}
        tablet.send(json.dumps(hello | {"ticket": identity.ticket()}))
        snapshot = [json.loads(tablet.recv(timeout=10)) for _ in range(2)][1]
        tablet.send(json.dumps({"type": "stored", "seq": snapshot["seq"]}))
        service.reporter.report(place.lat, place.lon)
        frame = json.loads(tablet.recv(timeout=10))
        order = frame["event"]["order"]
        tablet.send(json.dumps({"type": "stored", "seq": frame["seq"]}))
        assert json.loads(tablet.recv(timeout=10))["event"]["kind"] == "order_stored"
        tablet.send(json.dumps({"type": "shown", "order": order}))
        assert json.loads(tablet.recv(timeout=10))["event"]["kind"] == "order_shown"
        command = {
            "type": "command",
            "key": new_command_key(),
            "verb": "accept",
            "order": order,
            "occurred_at_ms": 1,
        }
        tablet.send(json.dumps(command | {"occurred_at_ms": 1}))
        while json.loads(tablet.recv(timeout=10))["type"] != "result":
            pass
        text = metrics_of(service)
    for hop in ("commit_sent", "sent_stored", "stored_shown", "shown_accepted"):
        assert f'patrol_order_hop_seconds_count{{hop="{hop}"}} 1.0' in text, text
    assert 'patrol_order_hop_seconds_count{hop="report_commit"} 2.0' in text
    assert 'patrol_connections{role="tablet"} 1.0' in text
    sums = dict(re.findall(r'patrol_order_hop_seconds_sum\{hop="(\w+)"\} (\S+)', text))
    assert all(0 < float(value) < 30 for value in sums.values()), sums


def test_ready_is_another_thing_than_alive(service: Service) -> None:
    assert json.loads(service.raw("GET", "/readyz")[1]) == {"status": "ready"}
    service.loop.call_soon_threadsafe(service.station.desk.stopped.set)
    time.sleep(0.1)
    status, body = service.raw("GET", "/readyz")
    assert (status, json.loads(body)) == (503, {"status": "not ready"})


# ── TLS ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_local_authority_is_kept_and_its_leaf_renewed_for_new_names(tmp_path: Path) -> None:
    first = local_certificate(tmp_path, ["localhost", "127.0.0.1", "desk.lan"])
    assert first.authority is not None
    authority, leaf = first.authority.read_bytes(), first.cert.read_bytes()
    local_certificate(tmp_path, ["localhost", "desk.lan"])
    assert (first.authority.read_bytes(), first.cert.read_bytes()) == (authority, leaf)
    local_certificate(tmp_path, ["localhost", "desk.lan", "10.1.2.3"])
    assert first.authority.read_bytes() == authority
    assert first.cert.read_bytes() != leaf
    for name in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    with pytest.raises(SetupError, match="does not belong"):
        given_certificate(first.authority, first.key)


@pytest.mark.slow
def test_a_tablet_that_installed_the_authority_is_served_by_tls(tmp_path: Path) -> None:
    with serve(tmp_path, "--tls-local") as (base, _, lines):
        assert base.startswith("https://127.0.0.1:")
        unsure = ssl.create_default_context()
        unsure.check_hostname, unsure.verify_mode = False, ssl.CERT_NONE
        stranger = http.client.HTTPSConnection(base.removeprefix("https://"), timeout=20, context=unsure)
        stranger.request("GET", "/ca.crt")
        pem = stranger.getresponse().read().decode()
        stranger.request("GET", "/ca")
        page = stranger.getresponse().read().decode()
        assert "安装本地证书" in page and "Install the local certificate" in page
        stranger.close()
        trust = ssl.create_default_context(cadata=pem)
        administrator = Reporter(base, trust)
        told = next(line for line in [*lines, ""] if "one-time" in line or line == "")
        assert pem.startswith("-----BEGIN CERTIFICATE-----"), told
        assert administrator.call("GET", "/api/session")["account"] is None
        administrator.close()
        kept = http.client.HTTPSConnection(base.removeprefix("https://"), timeout=20, context=trust)
        kept.request("GET", "/healthz")
        answer = kept.getresponse()
        assert isinstance(kept.sock, ssl.SSLSocket)
        assert kept.sock.version() in ("TLSv1.2", "TLSv1.3")
        assert "includeSubDomains" in (answer.getheader("Strict-Transport-Security") or "")
        assert "max-age" in (answer.getheader("Strict-Transport-Security") or "")
        kept.close()


@pytest.mark.slow
def test_the_cookie_over_tls_is_bound_to_its_host(tmp_path: Path) -> None:
    with serve(tmp_path, "--tls-local") as (base, child, _):
        assert child.stdout is not None
        found = re.search(r"one-time password (\S+)", child.stdout.readline())
        assert found
        trust = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.crt"))
        door = http.client.HTTPSConnection(base.removeprefix("https://"), timeout=20, context=trust)
        body = json.dumps({"name": "administrator", "password": found[1]})
        door.request("POST", "/api/session", body, {"Content-Type": "application/json", "Origin": base})
        cookie = door.getresponse().getheader("Set-Cookie") or ""
        door.close()
    assert cookie.startswith("__Host-patrol=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--host", "0.0.0.0"], "in the clear"),
        (["--tls-cert", "a.pem"], "give both"),
        (["--public-origin", "desk"], "is no origin"),
        (["--allow-host", "*"], "is no name"),
        (["--tls-cert", "/nothing.pem", "--tls-key", "/nothing.pem"], "cannot be read"),
    ],
)
def test_doors_that_would_stand_open_are_not_opened(tmp_path: Path, flags: list[str], word: str) -> None:
    command = [sys.executable, "-m", "dispatch", "serve", "--port", "0", "--data", str(tmp_path / "data"), *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert word in done.stderr and "Traceback" not in done.stderr


# ── patience ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "begun", [b"", b"GET /healthz HTT", b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"]
)
def test_a_request_that_dribbles_is_cut_off(
    service: Service, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(patience, "REQUEST_WITHIN_S", 0.5)
    with socket.create_connection(("127.0.0.1", int(service.base.rsplit(":", 1)[1]))) as slow:
        slow.sendall(begun)
        slow.settimeout(5)
        start = time.monotonic()
        while slow.recv(4096):
            pass
        assert time.monotonic() - start < 4


def test_a_header_that_is_too_long_is_refused(service: Service) -> None:
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    connection.request("GET", "/healthz", headers={"X-Long": "x" * 40_000})
    assert connection.getresponse().status == 431
    connection.close()


@pytest.mark.slow
def test_a_demo_signs_its_console_in_and_says_so_loudly() -> None:
    command = [sys.executable, "-m", "dispatch", "demo", "--no-browser", "--teams", "2", "--port", "0"]
    child = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    try:
        assert child.stderr is not None
        lines: list[str] = []
        while not any("DEMO" in line for line in lines):
            lines.append(child.stderr.readline())
            assert lines[-1], lines
        base = next(re.search(r"at (http://\S+)", line)[1] for line in lines if " at http" in line)  # type: ignore[index]
        visitor = Reporter(base)
        assert visitor.call("GET", "/api/session")["demo"] is True
        enter_demo(visitor)
        until = time.monotonic() + 90
        while visitor.call("GET", "/healthz")["connections"] < 2:
            assert time.monotonic() < until, "the tablets have not enrolled"
            time.sleep(0.1)
        visitor.close()
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)
