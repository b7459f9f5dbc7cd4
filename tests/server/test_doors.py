"""People and tablets at the real door: what gets in, what is slowed, and what is out at once."""

from __future__ import annotations

import http.client
import json
import stat
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dispatch.access.policy import Role
from dispatch.access.proofs import connect_message, enrol_message, rotate_message
from dispatch.access.refusals import DOOR_TABLE, Door
from dispatch.bootstrap import ROOT
from dispatch.domain.types import TeamId
from dispatch.sim.identity import Identity, apply_with, new_key, public_text, signed
from dispatch.sim.person import code_now, settle_in, sign_in
from dispatch.sim.reporter import Reporter, ReporterError
from tests.live import Service
from tests.people import PASSWORD, secret

GOOD = "nine herons over grey water"


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


# ── people ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_person_chooses_a_password_and_a_second_factor_before_anything_else(service: Service) -> None:
    administrator = service.person(Role.ADMINISTRATOR)
    made = administrator.call("POST", "/api/accounts", {"name": "li.na", "role": "dispatcher", "desks": []})
    newcomer = service.stranger()
    view = sign_in(newcomer, "li.na", made["one_time_password"])
    assert (view["stage"], view["may"]) == ("password_due", [])
    with pytest.raises(ReporterError, match=said(Door.PASSWORD_DUE)):
        newcomer.call("GET", "/api/teams")
    with pytest.raises(ReporterError, match=said(Door.WEAK_PASSWORD)):
        newcomer.call("POST", "/api/session/password", {"old": made["one_time_password"], "new": "password1234"})
    factor = settle_in(newcomer, "li.na", made["one_time_password"], GOOD)
    assert newcomer.call("GET", "/api/session")["stage"] == "ready"
    assert newcomer.call("GET", "/api/teams")
    with pytest.raises(ReporterError, match=said(Door.WRONG_SECRET)):
        sign_in(service.stranger(), "li.na", made["one_time_password"], factor)
    with pytest.raises(ReporterError, match=said(Door.CODE_NEEDED)):
        sign_in(service.stranger(), "li.na", GOOD)
    with pytest.raises(ReporterError, match=said(Door.WRONG_SECRET)):
        sign_in(service.stranger(), "li.na", GOOD, factor)  # the code that set it up was used


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(service: Service) -> None:
    status, _ = service.raw("GET", "/api/session")
    assert status == 200
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=20)
    body = {"name": "auditor", "password": PASSWORD, "code": None}
    body["code"] = code_now(secret(Role.AUDITOR))
    connection.request("POST", "/api/session", json.dumps(body), {"Content-Type": "application/json"})
    cookie = connection.getresponse().getheader("Set-Cookie") or ""
    connection.close()
    assert cookie.startswith(f"patrol-{service.base.rsplit(':', 1)[1]}=")  # no TLS here: __Host- would be refused
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    token = cookie.split("=", 1)[1].split(";", 1)[0]
    assert len(token) == 43
    held = (service.folder / "access.sqlite").read_bytes()
    assert token.encode() not in held, "only a digest is kept"
    assert PASSWORD.encode() not in held
    assert b"$argon2id$v=19$m=65536,t=3,p=1$" in held
    assert stat.S_IMODE((service.folder / "access.sqlite").stat().st_mode) == 0o600


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(service: Service) -> None:
    one = service.person(Role.DISPATCHER)
    before = one.cookie
    assert one.call("GET", "/api/teams")
    one.call("DELETE", "/api/session")
    one.cookie = before
    with pytest.raises(ReporterError, match=said(Door.SIGN_IN)):
        one.call("GET", "/api/teams")


def test_a_locked_screen_shows_on_and_takes_no_orders(service: Service) -> None:
    one = service.person(Role.DISPATCHER)
    headers = {"Origin": service.base, "Cookie": one.cookie or ""}
    with connect(service.ws, proxy=None, additional_headers=headers) as console:
        console.send(json.dumps({"type": "hello", "role": "console", "device": "c"}))
        assert json.loads(console.recv(timeout=10))["type"] == "welcome"
        assert one.call("POST", "/api/session/lock")["locked"] is True
        assert one.call("POST", "/api/session/active")["locked"] is True, "a touch does not unlock"
        assert one.call("GET", "/api/teams")
        place = service.town.places[0].point
        with pytest.raises(ReporterError, match=said(Door.LOCKED)):
            one.report(place.lat, place.lon)
        service.reporter.report(place.lat, place.lon)
        kinds = set()
        while "order_offered" not in kinds:
            frame = json.loads(console.recv(timeout=10))
            kinds.add(frame.get("event", {}).get("kind"))
        with pytest.raises(ReporterError, match=said(Door.WRONG_SECRET)):
            one.call("POST", "/api/session/unlock", {"password": "not mine"})
        assert one.call("POST", "/api/session/unlock", {"password": PASSWORD})["locked"] is False
        assert one.report(place.lat, place.lon)


def test_a_new_password_ends_the_other_sessions(service: Service) -> None:
    mine = service.person(Role.PLANNER)
    view = service.access.registry
    token = view.sessions
    other = service.stranger()
    other.cookie = mine.cookie
    account = view.accounts["planner"]
    assert account.stage == "ready"
    assert sum(each.account == "planner" for each in token.values()) == 1
    mine.call("POST", "/api/session/password", {"old": PASSWORD, "new": GOOD})
    assert mine.call("GET", "/api/ground"), "this very session stays"
    with pytest.raises(ReporterError, match=said(Door.WRONG_SECRET)):
        mine.call("POST", "/api/session/unlock", {"password": PASSWORD})


def test_a_disabled_account_is_out_at_once_and_its_console_within_two_seconds(service: Service) -> None:
    one = service.person(Role.DISPATCHER)
    headers = {"Origin": service.base, "Cookie": one.cookie or ""}
    administrator = service.person(Role.ADMINISTRATOR)
    with connect(service.ws, proxy=None, additional_headers=headers) as console:
        console.send(json.dumps({"type": "hello", "role": "console", "device": "c"}))
        assert json.loads(console.recv(timeout=10))["type"] == "welcome"
        administrator.call("POST", "/api/accounts/dispatcher/disabled", {"disabled": True})
        took_s, heard = until_closed(console)
    assert took_s < 2
    assert heard[-1]["code"] == Door.SIGN_IN
    with pytest.raises(ReporterError, match=said(Door.SIGN_IN)):
        one.call("GET", "/api/teams")


def test_the_last_administrator_stays(service: Service) -> None:
    administrator = service.person(Role.ADMINISTRATOR)
    with pytest.raises(ReporterError, match=said(Door.LAST_ADMINISTRATOR)):
        administrator.call("POST", "/api/accounts/administrator/disabled", {"disabled": True})


def test_only_a_demo_is_entered_without_a_password(service: Service) -> None:
    with pytest.raises(ReporterError, match=said(Door.ONLY_DEMO)):
        service.stranger().call("POST", "/api/session/demo")


def test_the_command_line_shuts_out_while_the_service_runs(service: Service) -> None:
    one = service.person(Role.DISPATCHER)
    assert one.call("GET", "/api/teams")
    account = [sys.executable, "-m", "dispatch", "account"]
    done = subprocess.run(
        [*account, "disable", "dispatcher", "--data", str(service.folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    time.sleep(1.5)
    with pytest.raises(ReporterError, match=said(Door.SIGN_IN)):
        one.call("GET", "/api/teams")
    added = subprocess.run(
        [*account, "add", "new.one", "--role", "auditor", "--data", str(service.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    password = added.stdout.split("\t")[1]
    time.sleep(1.5)
    assert sign_in(service.stranger(), "new.one", password)["stage"] == "password_due"


# ── a guesser ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_guesser_is_slowed_and_dispatch_is_not(service: Service) -> None:
    place = service.town.places[0].point

    def one_report() -> float:
        begun = time.perf_counter()
        service.reporter.report(place.lat, place.lon)
        return time.perf_counter() - begun

    calm = statistics.median(one_report() for _ in range(9))
    answers: list[str] = []
    over = threading.Event()

    def guess() -> None:
        guesser = Reporter(service.base)
        while not over.is_set():
            try:
                sign_in(guesser, "dispatcher", f"guess {len(answers)}")
                answers.append("in")
            except ReporterError as error:
                answers.append(str(error))
            except OSError:
                answers.append("")
        guesser.close()

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    under_attack = statistics.median(one_report() for _ in range(9))
    while len(answers) < 12:  # all four have been told to wait
        time.sleep(0.05)
    over.set()
    for thread in threads:
        thread.join(30)
    looked_at = [text for text in answers if said(Door.WRONG_SECRET) in text]
    assert len(looked_at) <= 5, "five tries, then waiting"
    assert "in" not in answers
    assert any(said(Door.SLOW_DOWN) in text for text in answers)
    assert under_attack < calm * 5 + 0.1, f"{under_attack:.3f} s against {calm:.3f} s"


def test_five_failures_at_one_name_do_not_shut_others_out(service: Service) -> None:
    for number in range(6):
        with pytest.raises(ReporterError):
            sign_in(service.stranger(), "administrator", f"guess {number}")
    with pytest.raises(ReporterError, match=said(Door.SLOW_DOWN)):
        sign_in(service.stranger(), "administrator", PASSWORD, secret(Role.ADMINISTRATOR))
    assert service.person(Role.AUDITOR).call("GET", "/api/session")["account"] == "auditor"


# ── tablets ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tablet_enrols_waits_for_a_person_and_connects_by_a_ticket(service: Service) -> None:
    invite = service.reporter.call("POST", "/api/devices/invites", {"team": "V01"})
    url, code = invite["url"].split("#")
    assert (url, len(code)) == (f"{service.base}/enrol", 43)
    assert "<svg" in invite["svg"] and "style" not in invite["svg"]
    identity = apply_with(service.base, code, "pad 7")
    with pytest.raises(ReporterError, match=said(Door.DEVICE_UNCONFIRMED)):
        identity.ticket()
    with pytest.raises(ReporterError, match=said(Door.BAD_INVITE)):
        apply_with(service.base, code, "a second one with the same code")
    listed = service.reporter.call("GET", "/api/devices")[0]
    assert (listed["team"], listed["status"], len(listed["check"])) == ("V01", "pending", 6)
    service.reporter.call("POST", f"/api/devices/{identity.device}/confirm")
    assert hello(service, identity, identity.ticket())["type"] == "welcome"


def test_a_ticket_is_good_once_for_its_device_and_team_alone(service: Service) -> None:
    mine, theirs = service.tablet("V01"), service.tablet("V02")
    ticket = mine.ticket()
    assert hello(service, mine, ticket)["type"] == "welcome"
    assert hello(service, mine, ticket)["code"] == Door.BAD_TICKET
    assert hello(service, mine, None)["code"] == Door.BAD_TICKET
    assert hello(service, mine, "A" * 43)["code"] == Door.BAD_TICKET
    assert hello(service, theirs, mine.ticket())["code"] == Door.BAD_TICKET
    assert hello(service, mine, mine.ticket(), team="V02")["code"] == Door.NOT_ALLOWED
    late = mine.ticket()
    service.station.clock.now_ms = lambda: time.time_ns() // 1_000_000 + 31_000  # type: ignore[method-assign]
    assert hello(service, mine, late)["code"] == Door.BAD_TICKET


def test_a_proof_is_of_this_device_this_challenge_and_this_key(service: Service) -> None:
    mine, theirs = service.tablet("V01"), service.tablet("V02")
    door = service.stranger()

    def nonce_of(device: str) -> str:
        return str(door.call("POST", f"/api/devices/{device}/challenge")["nonce"])

    def tried(device: str, nonce: str, signature: str) -> str:
        try:
            door.call("POST", f"/api/devices/{device}/ticket", {"nonce": nonce, "signature": signature})
        except ReporterError as error:
            return str(error)
        return "in"

    nonce = nonce_of(mine.device)
    right = signed(mine.key, connect_message(mine.device, nonce))
    assert tried(mine.device, nonce, right) == "in"
    bad = said(Door.BAD_PROOF)
    assert bad in tried(mine.device, nonce, right), "a challenge is good once"
    nonce = nonce_of(mine.device)
    assert bad in tried(mine.device, nonce, signed(theirs.key, connect_message(mine.device, nonce)))
    nonce = nonce_of(theirs.device)
    assert bad in tried(mine.device, nonce, signed(mine.key, connect_message(mine.device, nonce)))
    nonce = nonce_of(mine.device)
    assert bad in tried(mine.device, nonce, signed(mine.key, b"something else"))
    assert len(nonce_of("nobody")) == 43, "an unknown device learns nothing"


def test_who_does_not_hold_the_key_cannot_enrol_it(service: Service) -> None:
    code = service.reporter.call("POST", "/api/devices/invites", {"team": "V01"})["url"].split("#")[1]
    key, other = new_key(), new_key()
    body = {"secret": code, "key": public_text(key), "name": "x"}
    stolen = signed(other, enrol_message(code, public_text(key)))
    with pytest.raises(ReporterError, match=said(Door.BAD_PROOF)):
        service.stranger().call("POST", "/api/devices", body | {"signature": stolen})


def test_a_key_is_rotated_by_the_old_one_and_the_old_one_is_worth_nothing_then(service: Service) -> None:
    mine, fresh = service.tablet("V01"), new_key()
    door = service.stranger()
    nonce = str(door.call("POST", f"/api/devices/{mine.device}/challenge")["nonce"])
    message = rotate_message(mine.device, nonce, public_text(fresh))
    body = {"nonce": nonce, "key": public_text(fresh), "signature": signed(mine.key, message)}
    door.call("POST", f"/api/devices/{mine.device}/rotate", body)
    with pytest.raises(ReporterError, match=said(Door.BAD_PROOF)):
        mine.ticket()
    renewed = Identity(mine.base, mine.team, mine.device, fresh)
    assert hello(service, renewed, renewed.ticket())["type"] == "welcome"


def test_a_stolen_tablet_is_out_within_two_seconds(service: Service) -> None:
    identity = service.tablet("V01")
    with live(service, identity) as socket:
        waiting = identity.ticket()
        service.reporter.call("POST", f"/api/devices/{identity.device}/revoke")
        begun = time.monotonic()
        while service.station.everyone():
            assert time.monotonic() - begun < 2, "a stolen tablet is still connected"
            time.sleep(0.02)
        took_s, heard = until_closed(socket)
    assert took_s < 2
    assert heard[-1]["code"] == Door.DEVICE_REVOKED
    assert heard[-1]["reconnect"] is False
    with pytest.raises(ReporterError, match=said(Door.DEVICE_REVOKED)):
        identity.ticket()
    assert hello(service, identity, waiting)["code"] == Door.DEVICE_REVOKED, "a ticket from before is void"
    with pytest.raises(ReporterError, match=said(Door.DEVICE_REVOKED)):
        service.reporter.call("POST", f"/api/devices/{identity.device}/confirm")


def test_a_tablet_session_sees_the_map_and_no_board(service: Service) -> None:
    mine, door = service.tablet("V01"), service.stranger()
    nonce = str(door.call("POST", f"/api/devices/{mine.device}/challenge")["nonce"])
    proof = {"nonce": nonce, "signature": signed(mine.key, connect_message(mine.device, nonce))}
    door.call("POST", f"/api/devices/{mine.device}/session", proof)
    assert door.call("GET", "/api/ground")
    assert door.call("GET", "/api/session")["team"] == "V01"
    with pytest.raises(ReporterError, match=said(Door.NOT_ALLOWED)):
        door.call("GET", "/api/teams")
    headers = {"Origin": service.base, "Cookie": door.cookie or ""}
    with connect(service.ws, proxy=None, additional_headers=headers) as console:
        console.send(json.dumps({"type": "hello", "role": "console", "device": "c"}))
        assert json.loads(console.recv(timeout=10))["code"] == Door.NOT_ALLOWED


@pytest.mark.parametrize("role", [None, Role.ADMINISTRATOR, Role.PLANNER, Role.PATROL])
def test_who_may_not_read_the_board_gets_no_console_stream(service: Service, role: Role | None) -> None:
    headers = {"Origin": service.base}
    if role is not None:
        headers["Cookie"] = service.person(role).cookie or ""
    with connect(service.ws, proxy=None, additional_headers=headers) as console:
        console.send(json.dumps({"type": "hello", "role": "console", "device": "c"}))
        heard = json.loads(console.recv(timeout=10))
    assert heard["code"] == (Door.SIGN_IN if role is None else Door.NOT_ALLOWED)
    assert heard["reconnect"] is False


def test_a_console_cannot_fence_a_tablet_by_taking_its_name(service: Service) -> None:
    identity = service.tablet("V01")
    headers = {"Origin": service.base, "Cookie": service.reporter.cookie or ""}
    with (
        live(service, identity),
        connect(service.ws, proxy=None, additional_headers=headers) as console,
    ):
        console.send(json.dumps({"type": "hello", "role": "console", "device": identity.device}))
        assert json.loads(console.recv(timeout=10))["generation"] == 1
        assert service.station.connected(TeamId(identity.team))


def test_the_auditor_reads_what_happened_at_the_doors(service: Service) -> None:
    service.tablet("V01")
    with pytest.raises(ReporterError):
        sign_in(service.stranger(), "dispatcher", "a guess")
    rows = service.person(Role.AUDITOR).call("GET", "/api/audit")
    found = {(row["who"], row["what"]) for row in rows}
    assert {
        ("dispatcher", "sign_in_failed"),
        ("supervisor", "signed_in"),
        ("supervisor", "device_confirmed"),
    } <= found
    text = json.dumps(rows)
    assert PASSWORD not in text and "a guess" not in text
