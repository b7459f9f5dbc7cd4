"""How often one address or one session may ask; for HTTP and websocket handshakes alike."""

from __future__ import annotations

from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from dispatch.access.policy import Principal
from dispatch.access.refusals import Door, DoorRefusal

SIGN_INS: Final = RateLimitItemPerMinute(30)
"""Passwords and codes from one address; the soft lock of a name comes long before."""

STRANGERS: Final = RateLimitItemPerMinute(1_200)
DEVICES: Final = RateLimitItemPerMinute(30_000)
"""Handshakes, challenges, tickets from one address: all tablets of a city may come back at once by one router."""

KNOWN: Final = RateLimitItemPerMinute(12_000)
"""Requests of one session."""

_SECRETS: Final = frozenset(
    {
        ("POST", "/api/session"),
        ("POST", "/api/session/passkey/enter"),
        ("POST", "/api/session/unlock"),
        ("POST", "/api/session/password"),
        ("POST", "/api/session/factor/confirm"),
        ("POST", "/api/devices"),
    }
)


class Rates:
    """The counts of one service, in memory."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def ask(self, method: str, template: str, address: str, principal: Principal | None) -> DoorRefusal | None:
        """None where one more request is fine, else TOO_MANY."""
        if (method, template) in _SECRETS:
            fine = self._limiter.hit(SIGN_INS, "secret", address)
        elif template in ("/ws", "/api/push") or template.startswith("/api/devices/"):
            fine = self._limiter.hit(DEVICES, "device", address)
        elif principal is not None:
            fine = self._limiter.hit(KNOWN, "known", principal.session or principal.name)
        else:
            fine = self._limiter.hit(STRANGERS, "stranger", address)
        return None if fine else DoorRefusal(Door.TOO_MANY, "", 1000)
