"""TOTP by the vectors of its RFC, soft locks by their laws, passwords, the device's machine, sessions in time."""

from __future__ import annotations

import base64
import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.access import guesses, totp
from dispatch.access.device_machine import DEVICE, DeviceStatus, DeviceTrigger
from dispatch.access.passwords import too_easy
from dispatch.access.policy import Role, Stage
from dispatch.access.records import (
    IDLE_LOCK_MS,
    SESSION_MS,
    Account,
    Device,
    Screen,
    Session,
    principal_of,
    tablet_of,
)
from dispatch.adapters.known_passwords import is_known

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_totp_is_that_of_rfc_6238_appendix_b(at_s: int, code: str) -> None:
    assert totp.hotp(RFC_SECRET, totp.step_of(at_s * 1000), 8) == code


@pytest.mark.parametrize(("counter", "code"), list(enumerate(["755224", "287082", "359152", "969429", "338314"])))
def test_hotp_is_that_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert totp.hotp(RFC_SECRET, counter) == code


@given(now_s=st.integers(1000, 2**33), off=st.integers(-5, 5))
def test_a_code_counts_within_one_step_and_never_twice(now_s: int, off: int) -> None:
    secret, step = base64.b32encode(RFC_SECRET).decode(), now_s * 1000 // totp.STEP_MS
    code = totp.hotp(RFC_SECRET, step + off)
    found = totp.matching_step(secret, code, now_s * 1000, 0)
    if abs(off) <= totp.DRIFT_STEPS:
        assert found is not None
        assert totp.matching_step(secret, code, now_s * 1000, found) is None, "a code counts once"
    elif code not in {totp.hotp(RFC_SECRET, step + near) for near in (-1, 0, 1)}:
        assert found is None


@given(times=st.lists(st.integers(0, 3_600_000), max_size=30).map(sorted), now_ms=st.integers(0, 4_000_000))
def test_more_failures_never_wait_less_and_nobody_waits_longer_than_the_window(
    times: list[int], now_ms: int
) -> None:
    times = [at for at in times if at <= now_ms]
    wait = guesses.wait_ms(times, now_ms)
    assert 0 <= wait <= guesses.WINDOW_MS
    if len(guesses.recent(times, now_ms)) < guesses.FREE_TRIES:
        assert wait == 0
    assert guesses.wait_ms([*times, now_ms], now_ms) >= wait
    assert guesses.wait_ms(times, now_ms + wait) == 0, "who has waited that long is looked at"


def test_a_guesser_gets_few_tries_a_day() -> None:
    """Tries as fast as the lock allows: against a password this is nothing."""
    failures: list[int] = []
    tries = now_ms = 0
    while now_ms < 24 * 3_600_000:
        now_ms += guesses.wait_ms(failures, now_ms) + 1
        failures = [*guesses.recent(failures, now_ms), now_ms]
        tries += 1
    assert tries < 1000


@pytest.mark.parametrize(
    "password",
    ["short", "password1234!", "P@ssw0rd2024", "aaaaaaaaaaaaaaaa", "abcdefghijklm", "qwertyuiopas", "zhang.wei123",
     "dispatcher2026", "Supervisor!!135", "x" * 129, "1234567890123", "woaini5201314", "wodemima123456",
     "Gongan-Xunluo-110", "wenzhou.police.2026", "13800138000li", "qaz123wsx456!!", "nihaozhongguo1"],
)  # fmt: skip
def test_easy_passwords_are_not_taken(password: str) -> None:
    assert too_easy(password, "zhang.wei") is not None


@pytest.mark.parametrize(
    "password",
    ["seventeen lanterns by the river", "三月的雨下在旧桥上没有声音呢", "kT9#vq2Lr!x0", "7391048265501937"],
)
def test_long_ones_that_nobody_guesses_are_taken(password: str) -> None:
    assert too_easy(password, "zhang.wei") is None


@pytest.mark.parametrize("password", ["luxicun-135-guard", "luxi.guard.example", "Zhang.Wei-luxicun77x"])
def test_words_of_this_very_service_make_no_password(password: str) -> None:
    names = ["luxicun", "guard.example"]
    assert too_easy(password, "zhang.wei", [*names, "luxi"]) is not None


@given(password=st.text(min_size=12, max_size=40), words=st.lists(st.text(max_size=12), max_size=5))
def test_more_context_never_makes_a_password_good(password: str, words: list[str]) -> None:
    if too_easy(password, "zhang.wei") is not None:
        assert too_easy(password, "zhang.wei", words) is not None


def test_passwords_known_from_breaches_are_found_and_chance_is_not() -> None:
    """The heads of the leaks' own ranking, as far as our length lets them in, and 500 random ones."""
    ranked = [
        "1qaz2wsx3edc", "123qweasdzxc", "q1w2e3r4t5y6", "leavemealone", "sonyericsson",
        "finalfantasy", "needforspeed", "counterstrike", "whosyourdaddy", "chickenwing101",
        "justinbieber", "gfhjkmgfhjkm", "ghbdtnrfrltkf", "newproject2004",
    ]  # fmt: skip
    assert [word for word in ranked if not is_known(word)] == []
    assert is_known("LeaveMeAlone!")
    assert is_known("leave me alone")
    chance = random.Random(135)
    made = ["".join(chance.choices("abcdefghjkmnpqrstuvwxyz23456789", k=14)) for _ in range(500)]
    assert [word for word in made if is_known(word)] == []


DEVICE_PICTURE = """
    pending   confirm confirmed
    pending   revoke  revoked
    confirmed rotate  confirmed
    confirmed revoke  revoked
"""


@pytest.mark.parametrize(("state", "trigger"), list(product(DeviceStatus, DeviceTrigger)))
def test_a_device_moves_as_it_is_drawn_and_never_back(state: DeviceStatus, trigger: DeviceTrigger) -> None:
    drawn = {(a, b): c for a, b, c in (line.split() for line in DEVICE_PICTURE.strip().splitlines())}
    found = DEVICE.next(state, trigger)
    assert (str(found) if found else None) == drawn.get((str(state), str(trigger)))
    if not DEVICE.live(state):
        assert found is None


def account(**changes: object) -> Account:
    made = {"name": "a", "role": Role.DISPATCHER, "desks": ("*",), "password": "h", "made_ms": 0, "factor": "S"}
    return Account(**(made | changes))  # type: ignore[arg-type]


def test_what_is_due_comes_in_order() -> None:
    assert account(one_time_until_ms=9, factor=None).stage is Stage.PASSWORD_DUE
    assert account(factor=None).stage is Stage.FACTOR_DUE
    assert account().stage is Stage.READY


@pytest.mark.parametrize("screen", Screen)
def test_a_session_locks_when_idle_and_ends_with_the_shift(screen: Screen) -> None:
    session = Session(session="s", account="a", screen=screen, opened_ms=0, active_ms=0)
    before = principal_of(account(), session, IDLE_LOCK_MS[screen] - 1)
    after = principal_of(account(), session, IDLE_LOCK_MS[screen])
    assert before is not None
    assert after is not None
    assert (before.locked, after.locked) == (False, True)
    assert principal_of(account(), session, SESSION_MS - 1) is not None
    assert principal_of(account(), session, SESSION_MS) is None
    assert principal_of(account(disabled=True), session, 0) is None


@pytest.mark.parametrize("status", DeviceStatus)
def test_only_a_confirmed_device_is_somebody(status: DeviceStatus) -> None:
    device = Device(device="d", team="T1", desk="main", name="n", key="k", enrolled_ms=0, status=status)
    principal = tablet_of(device)
    assert (principal is not None) == (status is DeviceStatus.CONFIRMED)
    if principal is not None:
        assert (principal.role, principal.team, principal.desks) == (Role.PATROL, "T1", frozenset({"main"}))
