"""A program that signs in as a person does: password, second factor, and both for the first time."""

from __future__ import annotations

import base64
import time
from typing import Any

from dispatch.access.totp import hotp, step_of
from dispatch.sim.reporter import Reporter


def code_now(secret_b32: str) -> str:
    """The six digits that an authenticator shows now."""
    return hotp(base64.b32decode(secret_b32), step_of(time.time_ns() // 1_000_000))


def sign_in(person: Reporter, name: str, password: str, secret_b32: str | None = None) -> Any:
    """Sign in; the reporter keeps the session. Raises ReporterError for a "no"."""
    code = None if secret_b32 is None else code_now(secret_b32)
    return person.call("POST", "/api/session", {"name": name, "password": password, "code": code})


def settle_in(person: Reporter, name: str, one_time: str, password: str) -> str:
    """The first time: one-time password, an own one, then the second factor, whose secret is returned."""
    sign_in(person, name, one_time)
    person.call("POST", "/api/session/password", {"old": one_time, "new": password})
    secret = str(person.call("POST", "/api/session/factor")["secret"])
    person.call("POST", "/api/session/factor/confirm", {"code": code_now(secret)})
    return secret


def enter_demo(person: Reporter) -> Any:
    """Enter a demo, as its page does by itself."""
    return person.call("POST", "/api/session/demo")
