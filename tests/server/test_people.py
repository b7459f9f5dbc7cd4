"""People at the real door: what gets in, what is slowed, and what is out at once."""

from __future__ import annotations

import http.client
import json
import stat
import statistics
import subprocess
import sys
import threading
import time

import pytest
from websockets.sync.client import connect

from dispatch.access.policy import Role
from dispatch.access.refusals import Door
from dispatch.bootstrap import ROOT
from dispatch.sim.person import code_now, settle_in, sign_in
from dispatch.sim.reporter import Reporter, ReporterError
from tests.live import Service
from tests.people import PASSWORD, secret
from tests.server.at_the_door import said, until_closed

GOOD = "nine herons over grey water"


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
