"""No secret in a log or an address; TLS and the local authority; metrics; a request that dribbles; first start."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import logging
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.sync.client import connect

from dispatch.access.policy import Principal, Role
from dispatch.adapters.secrets_box import KeyFormatError, load_public, proven
from dispatch.adapters.tls import given_certificate, local_certificate
from dispatch.bootstrap import ROOT
from dispatch.cli import patience
from dispatch.domain.errors import SetupError
from dispatch.server.doors import doors_of
from dispatch.server.gate import AskedFor
from dispatch.server.logs import HIDDEN, configure, hide_secrets
from dispatch.server.permissions import RULES
from dispatch.server.rates import SIGN_INS, STRANGERS, Rates
from dispatch.sim.identity import enrol
from dispatch.sim.person import enter_demo, settle_in
from dispatch.sim.reporter import Reporter, new_key
from tests.live import Service
from tests.people import PASSWORD


def other_keys() -> list[str]:
    """Good keys of kinds that are not taken."""
    made = (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate())
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return [base64.b64encode(key.public_key().public_bytes(*form)).decode() for key in made]


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


@pytest.mark.slow
def test_a_first_start_and_everything_that_is_secret_in_it(tmp_path: Path) -> None:
    """Administrator by a printed password, an account, a tablet, an order; then the log is searched for secrets."""
    secrets: list[str] = []
    with serve(tmp_path, "--log-level", "debug") as (base, child, lines):
        assert child.stdout is not None
        told = child.stdout.readline()
        lines.append(told)
        found = re.search(r"one-time password (\S+)", told)
        assert found, told
        administrator, supervisor = Reporter(base), Reporter(base)
        secrets += [settle_in(administrator, "administrator", found[1], PASSWORD), PASSWORD]
        made = administrator.call("POST", "/api/accounts", {"name": "wang", "role": "supervisor"})
        secrets += [made["one_time_password"], settle_in(supervisor, "wang", made["one_time_password"], PASSWORD)]
        identity = enrol(supervisor, "V01")
        ticket = identity.ticket()
        secrets += [ticket, *((one.cookie or "").split("=", 1)[1] for one in (administrator, supervisor))]
        with connect(base.replace("http", "ws") + "/ws", proxy=None) as tablet:
            hello = {"type": "hello", "role": "tablet", "device": identity.device, "team": "V01", "ticket": ticket}
            tablet.send(json.dumps(hello))
            assert json.loads(tablet.recv(timeout=10))["type"] == "welcome"
        bad = http.client.HTTPConnection(base.removeprefix("http://"), timeout=10)
        for path in (f"/api/teams?ticket={ticket}", f"/enrol?secret={ticket}", f"/api/{ticket}"):
            bad.request(
                "GET", path, headers={"Authorization": f"Bearer {ticket}", "Cookie": supervisor.cookie or ""}
            )
            bad.getresponse().read()
        bad.close()
        token = (tmp_path / "metrics.token").read_text().strip()
        assert stat.S_IMODE((tmp_path / "metrics.token").stat().st_mode) == 0o600
        scrape = http.client.HTTPConnection(base.removeprefix("http://"), timeout=10)
        scrape.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
        assert b"patrol_http_requests_total" in scrape.getresponse().read()
        scrape.close()
        secrets.append(token)
        administrator.close()
        supervisor.close()
    text = "".join(line for line in lines if "first start: sign in" not in line)  # the one line that must tell
    for secret in secrets:
        assert len(secret) >= 16 and secret not in text, f"a secret is in the log: …{secret[-4:]}"
    events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert {"request", "security"} <= {event["event"] for event in events}
    requests = [event for event in events if event["event"] == "request"]
    assert all(
        len(event["request"]) == 16 and event["route"] in {t for _, t in RULES} | {"unknown"} for event in requests
    )
    assert {"signed_in", "account_added", "device_confirmed"} <= {event.get("what") for event in events}


def test_no_address_has_a_place_for_a_secret(service: Service) -> None:
    """Secrets travel in bodies, cookies and fragments: no parameter in path or query is named after one."""
    schema = service.reporter.call("GET", "/openapi.json")
    names = {
        parameter["name"]
        for path in schema["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] in ("path", "query")
    }
    assert not {name for name in names if re.search("token|ticket|secret|password|code|nonce|signature", name)}
    assert "device" in names


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("password", "hunter2", HIDDEN),
        ("one_time_password", "a-b-c", HIDDEN),
        ("Authorization", "Bearer abc", HIDDEN),
        ("code", "123456", HIDDEN),
        ("code", "not_allowed", "not_allowed"),
        ("event", "GET /x?ticket=abc&y=1", f"GET /x?ticket={HIDDEN}&y=1"),
        ("event", "cookie was patrol-8135=abc; other=1", f"cookie was patrol-8135={HIDDEN}; other=1"),
        ("event", "https://h/enrol#abcdef", f"https://h/enrol#{HIDDEN}"),
        ("route", "/api/teams", "/api/teams"),
    ],
)
def test_what_is_secret_is_hidden_in_any_log_line(name: str, value: str, shown: str) -> None:
    assert hide_secrets(None, "", {name: value})[name] == shown


def test_what_libraries_log_is_hidden_too(monkeypatch: pytest.MonkeyPatch) -> None:
    out, root = io.StringIO(), logging.getLogger()
    held, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", out)
    try:
        configure("info", everything=True)
        logging.getLogger("some.library").warning("connecting with Bearer abcdef")
    finally:
        root.handlers[:] = held
        root.setLevel(level)
        configure("warning")
    assert json.loads(out.getvalue())["event"] == f"connecting with Bearer {HIDDEN}"


def test_a_log_line_cannot_be_forged(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    structlog.get_logger("x").info("security", who='eve\n{"event": "signed_in"}', about="\x1b[2J")
    configure("warning")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["who"].startswith("eve\n")


def test_a_refusal_is_logged_and_counted(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    connection.request("GET", "/api/teams")
    connection.getresponse().read()
    connection.close()
    configure("warning")
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    refused = [event for event in events if event["event"] == "refused"]
    assert [(event["code"], event["route"]) for event in refused] == [("sign_in", "/api/teams")]
    assert 'patrol_refusals_total{code="sign_in"}' in _metrics(service)


def test_rates_are_counted_by_address_and_by_session() -> None:
    rates = Rates()

    def taken(times: int, method: str, path: str, address: str, principal: Principal | None = None) -> int:
        return sum(rates.ask(method, path, address, principal) is None for _ in range(times))

    assert taken(40, "POST", "/api/session", "1.1.1.1") == SIGN_INS.amount
    assert taken(5, "POST", "/api/session", "2.2.2.2") == 5, "another address is not slowed"
    assert taken(5, "GET", "/", "1.1.1.1") == 5, "and neither is the page"
    assert taken(STRANGERS.amount + 9, "GET", "/api/teams", "3.3.3.3") == STRANGERS.amount
    one = Principal(name="a", role=Role.DISPATCHER, desks=frozenset({"*"}), session="s")
    assert taken(50, "GET", "/api/teams", "3.3.3.3", one) == 50, "a session has a count of its own"
    refusal = rates.ask("GET", "/api/teams", "3.3.3.3", None)
    assert refusal is not None
    assert refusal.wait_ms > 0


@pytest.mark.parametrize(
    ("proxied", "client", "forwarded", "address"),
    [
        (True, "127.0.0.1", "9.9.9.9, 8.8.8.8", "8.8.8.8"),
        (True, "10.0.0.7", "9.9.9.9", "10.0.0.7"),
        (False, "127.0.0.1", "9.9.9.9", "127.0.0.1"),
        (True, "127.0.0.1", None, "127.0.0.1"),
    ],
)
def test_forwarded_addresses_are_believed_from_our_own_proxy_alone(
    proxied: bool, client: str, forwarded: str | None, address: str
) -> None:
    doors = doors_of(1, public_origin="https://135.example" if proxied else None)
    headers = [(b"host", b"127.0.0.1:1")] + ([(b"x-forwarded-for", forwarded.encode())] if forwarded else [])
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "scheme": "http",
        "headers": headers,
        "client": (client, 1),
    }
    assert AskedFor(scope, doors).address == address


def test_every_answer_says_what_it_is(service: Service) -> None:
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=30)
    for path in ("/", "/healthz", "/api/teams", "/nothing", "/ca.css", "/openapi.json", "/metrics"):
        connection.request("GET", path, headers=service.reporter.headers())
        answer = connection.getresponse()
        body, kind = answer.read(), answer.getheader("Content-Type") or ""
        assert kind, path
        if "json" in kind:
            json.loads(body)
        else:
            assert "charset=utf-8" in kind, path
    connection.close()


@pytest.mark.parametrize("key", ["", "AAAA", "not base64!", *other_keys()])
def test_only_keys_on_p_256_are_taken(key: str) -> None:
    with pytest.raises(KeyFormatError):
        load_public(key)
    assert not proven(key, b"x", base64.b64encode(bytes(64)).decode())


# ── metrics ───────────────────────────────────────────────────────────────────────────────────────────────


def test_each_hop_of_an_order_is_measured(service: Service) -> None:
    place = service.town.places[0].point
    nearest = service.reporter.incident(service.reporter.report(place.lat, place.lon))["orders"][0]["team"]
    incident = service.reporter.call("GET", "/api/incidents")[0]["incident"]["incident"]
    service.reporter.call("POST", f"/api/incidents/{incident}/close", {"key": new_key(), "outcome": ""})
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
        command = {"type": "command", "key": new_key(), "verb": "accept", "order": order, "occurred_at_ms": 1}
        tablet.send(json.dumps(command))
        while json.loads(tablet.recv(timeout=10))["type"] != "result":
            pass
        text = _metrics(service)
    for hop in ("commit_sent", "sent_stored", "stored_shown", "shown_accepted"):
        assert f'patrol_order_hop_seconds_count{{hop="{hop}"}} 1.0' in text, text
    assert 'patrol_order_hop_seconds_count{hop="report_commit"} 2.0' in text
    assert 'patrol_connections{role="tablet"} 1.0' in text
    sums = dict(re.findall(r'patrol_order_hop_seconds_sum\{hop="(\w+)"\} (\S+)', text))
    assert all(0 < float(value) < 30 for value in sums.values()), sums


def _metrics(service: Service) -> str:
    auditor = service.person(Role.AUDITOR)
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    connection.request("GET", "/metrics", headers=auditor.headers())
    answer = connection.getresponse()
    assert answer.status == 200
    text = answer.read().decode()
    connection.close()
    return text


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
        until = time.monotonic() + 20
        while visitor.call("GET", "/healthz")["connections"] < 2:
            assert time.monotonic() < until, "the tablets have not enrolled"
            time.sleep(0.1)
        visitor.close()
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)
