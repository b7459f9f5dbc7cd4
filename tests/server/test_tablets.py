"""Tablets at the real door: enrolled, confirmed, let in once, and out at once."""

from __future__ import annotations

import json
import time

import pytest
from websockets.sync.client import connect

from dispatch.access.policy import Role
from dispatch.access.proofs import connect_message, enrol_message, rotate_message
from dispatch.access.refusals import Door
from dispatch.domain.types import TeamId
from dispatch.sim.identity import Identity, apply_with, new_key, public_text, signed
from dispatch.sim.person import sign_in
from dispatch.sim.reporter import ReporterError
from tests.live import Service
from tests.people import PASSWORD
from tests.server.at_the_door import hello, live, said, until_closed

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


@pytest.mark.parametrize("role", [None, Role.ADMINISTRATOR, Role.PATROL])
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
