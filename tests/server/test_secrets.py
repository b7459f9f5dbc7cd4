"""No secret in a log or an address; rates, addresses, keys."""

from __future__ import annotations

import base64
import http.client
import io
import json
import logging
import re
import stat
import sys
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.sync.client import connect

from dispatch.access.policy import Principal, Role
from dispatch.adapters.secrets_box import KeyFormatError, load_public, proven
from dispatch.cli.doors import trusted_networks
from dispatch.domain.errors import SetupError
from dispatch.server.doors import doors_of
from dispatch.server.gate import AskedFor
from dispatch.server.logs import HIDDEN, configure, hide_secrets
from dispatch.server.permissions import RULES
from dispatch.server.rates import SIGN_INS, STRANGERS, Rates
from dispatch.sim.identity import enrol
from dispatch.sim.person import settle_in
from dispatch.sim.reporter import Reporter
from tests.live import Service
from tests.people import PASSWORD
from tests.server.at_the_door import metrics_of, serve


def other_keys() -> list[str]:
    """Good keys of kinds that are not taken."""
    made = (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate())
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return [base64.b64encode(key.public_key().public_bytes(*form)).decode() for key in made]


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
    assert 'patrol_refusals_total{code="sign_in"}' in metrics_of(service)


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


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("172.31.135.7", "10.1.1.1", "10.1.1.1"),
        ("172.31.136.7", "10.1.1.1", "172.31.136.7"),
        ("fd00:135::7", "10.1.1.1", "10.1.1.1"),
        ("fd00:136::7", "10.1.1.1", "fd00:136::7"),
        ("no address", "10.1.1.1", "no address"),
    ],
)
def test_a_proxy_elsewhere_is_believed_from_the_networks_that_were_named_alone(
    client: str, forwarded: str, address: str
) -> None:
    proxies = trusted_networks(["172.31.135.0/24", "fd00:135::/64"])
    doors = doors_of(1, public_origin="https://135.example", proxies=proxies)
    headers = [(b"host", b"135.example"), (b"x-forwarded-for", forwarded.encode())]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "scheme": "http",
        "headers": headers,
        "client": (client, 1),
    }
    assert AskedFor(scope, doors).address == address
    unnamed = doors_of(1, public_origin="https://135.example")
    assert AskedFor(scope, unnamed).address == client, "without --trust-proxy nobody elsewhere is believed"


@pytest.mark.parametrize(
    ("network", "told"),
    [
        ("0.0.0.0/0", "not private"),
        ("10.0.0.0/7", "not private"),
        ("::/0", "not private"),
        ("8.8.8.8", "not private"),
        ("172.31.135.7/24", "no address or network"),
        ("proxy.example", "no address or network"),
    ],
)
def test_a_network_in_which_anybody_could_forge_is_no_proxys(network: str, told: str) -> None:
    with pytest.raises(SetupError, match=told):
        trusted_networks(["172.31.135.0/24", network])


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


@pytest.mark.parametrize(
    "key", ["", "AAAA", "not base64!", *other_keys()], ids=["none", "short", "no base64", "p384", "ed25519"]
)
def test_only_keys_on_p_256_are_taken(key: str) -> None:
    with pytest.raises(KeyFormatError):
        load_public(key)
    assert not proven(key, b"x", base64.b64encode(bytes(64)).decode())
