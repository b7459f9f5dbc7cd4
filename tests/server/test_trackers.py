"""Trackers at the door: a token in a header, for one team, told once, void when revoked; never in the address."""

from __future__ import annotations

import base64
import http.client
import json
import time

import pytest

from dispatch.access.policy import Role
from dispatch.access.refusals import Door
from dispatch.adapters.access_store import SqliteAccessStore
from dispatch.adapters.secrets_box import digest_of
from dispatch.domain.refusals import Code
from dispatch.sim.reporter import ReporterError
from tests.live import Service
from tests.server.at_the_door import said


def basic(password: str, user: str = "anything") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def tell(
    service: Service, headers: dict[str, str], team: str, path: str = ""
) -> tuple[int, dict, http.client.HTTPMessage]:
    """One position of a team, at its home."""
    home = next(each.home for each in service.town.roster if each.team == team)
    body = {"_type": "location", "lat": home.lat, "lon": home.lon, "tst": int(time.time()), "tid": team}
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    try:
        connection.request("POST", f"/api/positions/owntracks{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        read = json.loads(answer.read())
        return answer.status, read if isinstance(read, dict) else {}, answer.headers
    finally:
        connection.close()


def seen(service: Service) -> set[str]:
    return {row["team"] for row in service.reporter.call("GET", "/api/positions")}


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_a_token_moves_its_own_team_and_no_other(service: Service, scheme: str) -> None:
    token = service.tracker("V01")
    headers = basic(token) if scheme == "basic" else {"Authorization": f"Bearer {token}"}
    status, problem, _ = tell(service, headers, "V02")
    assert (status, problem["code"]) == (403, Door.NOT_ALLOWED)
    assert seen(service) == set()
    assert tell(service, headers, "V01")[0] == 200
    assert seen(service) == {"V01"}


def test_without_its_token_a_position_is_nobodys(service: Service) -> None:
    token = service.tracker("V01")
    name, _, secret = token.partition(".")
    for headers in (
        {},
        basic(""),
        basic(name),
        basic(secret),
        basic(f"{name}.{secret[:-1]}"),
        basic(f"{token}x" * 40),
        basic("nobody.x", user=token),
        {"Authorization": "Basic not base64"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode()},
        {"Authorization": "Basic"},
        {"Authorization": f"Bearer {name}"},
    ):
        status, problem, answered = tell(service, headers, "V01")
        assert (status, problem["code"]) == (401, Door.SIGN_IN), headers
        assert answered["WWW-Authenticate"].startswith("Basic "), "so that programs send what they were given"
    status, problem, _ = tell(service, {}, "V01", f"?token={token}&password={token}")
    assert (status, problem["code"]) == (401, Door.SIGN_IN), "a token in the address is not looked at"
    assert seen(service) == set()


def test_a_person_moves_no_team_not_even_by_a_link(service: Service) -> None:
    """A GET that changes something may not be done by a cookie: any page could draw it as a picture."""
    for role in (Role.SUPERVISOR, Role.DISPATCHER, Role.PATROL):
        with pytest.raises(ReporterError, match=said(Door.NOT_ALLOWED)):
            service.person(role).call("GET", "/api/positions/osmand?id=V01&lat=28&lon=120")


def test_a_tracker_may_nothing_else_and_browsers_are_never_asked_for_a_password(service: Service) -> None:
    token = service.tracker("V01")
    connection = http.client.HTTPConnection(service.base.removeprefix("http://"), timeout=10)
    for headers, status in (
        (basic(token), 401),
        ({"Authorization": f"Bearer {token}"}, 403),
    ):
        for path in (
            "/api/teams",
            "/api/incidents",
            "/api/positions",
            "/metrics",
            "/api/ground",
            "/api/session/lock",
        ):
            method = "POST" if path.endswith("lock") else "GET"
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status, f"{path} {headers}"
            assert answer.getheader("WWW-Authenticate") is None
    connection.close()


def test_a_revoked_token_is_void_at_once_and_both_are_on_the_audit(service: Service) -> None:
    token = service.tracker("V01")
    (held,) = service.reporter.call("GET", "/api/trackers")
    assert (held["team"], held["name"], held["by"]) == ("V01", "phone", "supervisor")
    assert token not in json.dumps(held)
    assert tell(service, basic(token), "V01")[0] == 200
    service.reporter.call("POST", f"/api/trackers/{held['tracker']}/revoke")
    status, problem, _ = tell(service, basic(token), "V01")
    assert (status, problem["code"]) == (401, Door.SIGN_IN)
    assert service.reporter.call("GET", "/api/trackers") == []
    with pytest.raises(ReporterError, match=said(Door.UNKNOWN_TRACKER)):
        service.reporter.call("POST", f"/api/trackers/{held['tracker']}/revoke")
    told = {(row["what"], row["about"]) for row in service.person(Role.AUDITOR).call("GET", "/api/audit")}
    about = f"{held['tracker']} of V01"
    assert {("tracker_added", about), ("tracker_revoked", about)} <= told


def test_a_token_is_kept_as_a_digest_and_outlives_a_restart(service: Service) -> None:
    token = service.tracker("V01")
    file = (service.folder / "access.sqlite").read_bytes()
    assert token.encode() not in file
    assert token.partition(".")[2].encode() not in file
    store = SqliteAccessStore(service.folder / "access.sqlite")
    (kept,) = [each for each in store.load() if type(each).__name__ == "Tracker"]
    store.close()
    assert kept == service.access.registry.trackers[token.partition(".")[0]]
    assert kept.token == digest_of(token)


def test_only_a_supervisor_makes_one_and_for_a_team_that_is_there(service: Service) -> None:
    for role in Role:
        if role in (Role.SUPERVISOR, Role.MONITOR, Role.TRACKER):
            continue
        with pytest.raises(ReporterError, match=said(Door.NOT_ALLOWED)):
            service.person(role).call("POST", "/api/trackers", {"team": "V01", "name": "x"})
    status, answer = service.raw("POST", "/api/trackers", json.dumps({"team": "nobody", "name": "x"}).encode())
    assert (status, json.loads(answer)["code"]) == (404, Code.UNKNOWN_TEAM)
