"""Passkeys at the real door: made, enough to sign in with, and each way in which an answer may not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.access.policy import Role
from dispatch.access.records import FRESH_MS
from dispatch.access.refusals import Door
from dispatch.adapters.passkeys import site_of
from dispatch.server.challenges import Challenges
from dispatch.sim.person import sign_in
from dispatch.sim.reporter import Reporter, ReporterError
from tests.live import Service
from tests.people import PASSWORD
from tests.server.at_the_door import said
from tests.server.authenticator import Authenticator

GOOD = "nine herons over grey water"


def by_name(service: Service) -> str:
    """The service by a host name: passkeys know no addresses."""
    return service.base.replace("127.0.0.1", "localhost")


def newcomer(service: Service, name: str = "li.na") -> Reporter:
    """Somebody who has chosen a password, and no second factor yet."""
    made = service.person(Role.ADMINISTRATOR).call("POST", "/api/accounts", {"name": name, "role": "dispatcher"})
    person = Reporter(by_name(service))
    service.strangers.append(person)
    sign_in(person, name, made["one_time_password"])
    person.call("POST", "/api/session/password", {"old": made["one_time_password"], "new": GOOD})
    return person


def add(person: Reporter, key: Authenticator, password: str = "") -> dict[str, object]:
    options = person.call("POST", "/api/session/passkeys", {"password": password})["options"]
    answer = {"answer": key.create(options), "name": "key"}
    view: dict[str, object] = person.call("POST", "/api/session/passkeys/confirm", answer)
    return view


def enter(service: Service, key: Authenticator) -> Reporter:
    person = Reporter(by_name(service))
    service.strangers.append(person)
    options = person.call("POST", "/api/session/passkey")["options"]
    person.call("POST", "/api/session/passkey/enter", {"answer": key.get(options)})
    return person


def test_a_passkey_is_a_second_factor_and_signs_in_alone(service: Service) -> None:
    person, key = newcomer(service), Authenticator(by_name(service))
    assert person.call("GET", "/api/session")["stage"] == "factor_due"
    assert add(person, key)["stage"] == "ready"
    assert person.call("GET", "/api/session/passkeys")["passkeys"][0]["site"] == "localhost"
    with pytest.raises(ReporterError, match=said(Door.CODE_NEEDED)):
        sign_in(service.stranger(), "li.na", GOOD)  # the password alone is half of it
    again = enter(service, key)
    view = again.call("GET", "/api/session")
    assert (view["account"], view["stage"]) == ("li.na", "ready")
    assert again.call("GET", "/api/teams")
    held = service.access.registry.accounts["li.na"]
    assert held.passkeys[0].count == 1
    assert held.factor is None
    with pytest.raises(ReporterError, match="second factor"):  # a session must not put a code beside it
        again.call("POST", "/api/session/factor")


def test_an_answer_counts_once_for_its_page_and_its_person(service: Service) -> None:
    person, key = newcomer(service), Authenticator(by_name(service))
    add(person, key)
    options = person.call("POST", "/api/session/passkey")["options"]
    answer = key.get(options)
    stranger = Reporter(by_name(service))
    service.strangers.append(stranger)
    assert stranger.call("POST", "/api/session/passkey/enter", {"answer": answer})["account"] == "li.na"
    wrong = {
        "said again": lambda _: answer,
        "of another page": lambda o: replace(key, origin="https://evil.example").get(o),
        "without its person": lambda o: replace(key, verifies=False, count=key.count).get(o),
        "of another key": lambda o: replace(Authenticator(key.origin), id=key.id, count=9).get(o),
        "for another site": lambda o: key.get(o | {"rpId": "evil.example"}),
        "with an old count": lambda o: replace(key, count=0).get(o),
        "of an unknown challenge": lambda o: key.get(o | {"challenge": "A" * 43}),
        "of nobody": lambda o: Authenticator(key.origin).get(o),
        "of no sense": lambda o: key.get(o) | {"response": {
            "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}},
    }  # fmt: skip
    for what, made in wrong.items():
        options = stranger.call("POST", "/api/session/passkey")["options"]
        with pytest.raises(ReporterError, match=said(Door.BAD_PASSKEY)):
            stranger.call("POST", "/api/session/passkey/enter", {"answer": made(options)})
            pytest.fail(what)
    key.count += 1  # one that was refused had used it up
    assert enter(service, key).call("GET", "/api/session")["account"] == "li.na"
    audit = service.person(Role.AUDITOR).call("GET", "/api/audit")
    assert sum(row["about"] == Door.BAD_PASSKEY for row in audit) == len(wrong)


def test_a_flood_of_strangers_who_ask_takes_nobodys_challenge_away(service: Service) -> None:
    person, key = newcomer(service), Authenticator(by_name(service))
    add(person, key)
    stranger = Reporter(by_name(service))
    service.strangers.append(stranger)
    options = stranger.call("POST", "/api/session/passkey")["options"]
    for _ in range(20_000):  # what many addresses may ask for in the two minutes that a person has
        service.access.passkeys.begin_sign_in("localhost")
    answer = {"answer": key.get(options)}
    assert stranger.call("POST", "/api/session/passkey/enter", answer)["account"] == "li.na"


def test_a_challenge_is_good_for_one_thing_for_its_time_and_one_right_answer() -> None:
    clock = Hands()
    challenges = Challenges(clock, 1000)
    made = challenges.make("localhost ")
    assert challenges.holds(made, "localhost ") and challenges.holds(made, "localhost ")
    assert not challenges.holds(made, "localhost session")
    for place in range(len(made)):
        assert not challenges.holds(made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :], "localhost ")
    assert not challenges.holds(made[:40], "localhost ") and not challenges.holds(b"", "localhost ")
    assert not Challenges(clock, 1000).holds(made, "localhost "), "another service has another key"
    challenges.spend(made)
    assert not challenges.holds(made, "localhost ")
    other = challenges.make("localhost ")
    clock.ms += 999
    assert challenges.holds(other, "localhost ")
    clock.ms += 1
    assert not challenges.holds(other, "localhost ")
    challenges.spend(other)
    assert not challenges.holds(made, "localhost "), "forgotten as spent, it is over by its own time"


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def now_ms(self) -> int:
        return self.ms


def test_another_passkey_needs_a_fresh_sign_in_and_the_password(service: Service) -> None:
    person, first, second = newcomer(service), Authenticator(by_name(service)), Authenticator(by_name(service))
    add(person, first)
    with pytest.raises(ReporterError, match=said(Door.WRONG_SECRET)):
        add(person, second, "not mine at all")
    add(person, second, GOOD)
    with pytest.raises(ReporterError, match=said(Door.BAD_PASSKEY)):
        add(person, second, GOOD)  # one credential is of one account, once
    registry = service.access.registry
    mine = next(each for each in registry.sessions.values() if each.account == "li.na")
    registry.sessions[mine.session] = replace(mine, opened_ms=mine.opened_ms - FRESH_MS - 1)
    with pytest.raises(ReporterError, match=said(Door.SIGN_IN_AGAIN)):
        add(person, Authenticator(by_name(service)), GOOD)
    again = enter(service, second)
    ids = [each["passkey"] for each in again.call("GET", "/api/session/passkeys")["passkeys"]]
    assert len(ids) == 2
    again.call("POST", f"/api/session/passkeys/{ids[0]}/remove", {"password": GOOD})
    with pytest.raises(ReporterError, match="the last second factor"):
        again.call("POST", f"/api/session/passkeys/{ids[1]}/remove", {"password": GOOD})
    with pytest.raises(ReporterError, match=said(Door.BAD_PASSKEY)):
        enter(service, first)


def test_a_reset_takes_passkeys_away_and_a_disabled_account_is_out(service: Service) -> None:
    person, key = newcomer(service), Authenticator(by_name(service))
    add(person, key)
    administrator = service.person(Role.ADMINISTRATOR)
    administrator.call("POST", "/api/accounts/li.na/disabled", {"disabled": True})
    with pytest.raises(ReporterError, match=said(Door.BAD_PASSKEY)):
        enter(service, key)
    administrator.call("POST", "/api/accounts/li.na/disabled", {"disabled": False})
    assert enter(service, key).call("GET", "/api/session")["account"] == "li.na"
    administrator.call("POST", "/api/accounts/li.na/reset")
    with pytest.raises(ReporterError, match=said(Door.BAD_PASSKEY)):
        enter(service, key)


def test_at_an_ip_address_there_are_none_and_it_says_so(service: Service) -> None:
    one = service.person(Role.PLANNER)
    assert one.call("GET", "/api/session/passkeys") == {"site": None, "passkeys": []}
    for path, body in (("/api/session/passkey", None), ("/api/session/passkeys", {"password": PASSWORD})):
        with pytest.raises(ReporterError, match=said(Door.NO_PASSKEYS)):
            one.call("POST", path, body)


@pytest.mark.parametrize(
    ("host", "scheme", "site"),
    [
        ("135.example:8135", "https", "135.example"),
        ("135.example", "https", "135.example"),
        ("135.example", "http", None),
        ("localhost:8135", "http", "localhost"),
        ("10.0.0.4:8135", "https", None),
        ("[fd00::1]:8135", "https", None),
        ("[fd00::1]", "https", None),
    ],
)
def test_a_site_is_a_host_name_that_browsers_trust(host: str, scheme: str, site: str | None) -> None:
    assert site_of(host, scheme) == site
