"""Time-based one-time passwords, RFC 6238 (HMAC-SHA-1, six digits, 30 s), by the standard library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from typing import Final

STEP_MS: Final = 30_000
DIGITS: Final = 6
SECRET_BYTES: Final = 20
DRIFT_STEPS: Final = 1
"""Steps that an authenticator's clock may be off, either way."""


def hotp(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of a counter (RFC 4226, 5.3), ``digits`` decimal digits."""
    mac = hmac.new(secret, struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(now_ms: int) -> int:
    """The time step of a moment."""
    return now_ms // STEP_MS


def matching_step(secret_b32: str, code: str, now_ms: int, used_step: int) -> int | None:
    """The step whose code this is, within the drift and after ``used_step``; None where it is none.

    Every step is compared in constant time; a step that was used, or an earlier one, never counts again.
    """
    secret, found = base64.b32decode(secret_b32), None
    given = code.encode()
    for step in range(step_of(now_ms) - DRIFT_STEPS, step_of(now_ms) + DRIFT_STEPS + 1):
        if hmac.compare_digest(hotp(secret, step).encode(), given) and step > used_step:
            found = step
    return found


def secret_of(chance: bytes) -> str:
    """A secret in base32, as authenticators take it, of at least 20 random bytes."""
    assert len(chance) >= SECRET_BYTES, f"a secret needs {SECRET_BYTES} random bytes"
    return base64.b32encode(chance[:SECRET_BYTES]).decode()
