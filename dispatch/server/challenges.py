"""Challenges that cost no memory to make: each carries its end and a seal over what it is for.

Whoever asks for thousands pushes nobody else's out, for none is kept; kept are those that were answered rightly,
until their time is over, so that an answer counts once.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from dispatch.adapters import secrets_box as box
from dispatch.service.ports import Clock

MAX_SPENT: Final = 10_000
"""Right answers within the life of a challenge; beyond that none counts until some are over."""

_NONCE_BYTES: Final = 32
_UNTIL_BYTES: Final = 8


class Challenges:
    """The challenges of one running service; its key ends with it."""

    def __init__(self, clock: Clock, life_ms: int) -> None:
        self._clock, self._life_ms, self._key = clock, life_ms, box.random_bytes(32)
        self._spent: dict[bytes, int] = {}

    def make(self, about: str) -> bytes:
        """A challenge that is good for ``about`` alone, for so long."""
        until_ms = self._clock.now_ms() + self._life_ms
        open_part = box.random_bytes(_NONCE_BYTES) + until_ms.to_bytes(_UNTIL_BYTES)
        return open_part + self._seal(open_part, about)

    def holds(self, challenge: bytes, about: str) -> bool:
        """Whether this is a challenge of ours for ``about``, in its time, that has not been answered rightly."""
        cut = _NONCE_BYTES + _UNTIL_BYTES
        if not hmac.compare_digest(challenge[cut:], self._seal(challenge[:cut], about)):
            return False
        in_time = int.from_bytes(challenge[_NONCE_BYTES:cut]) > self._clock.now_ms()
        return in_time and challenge not in self._spent and len(self._spent) < MAX_SPENT

    def spend(self, challenge: bytes) -> None:
        """It has been answered rightly: it holds no more."""
        now_ms = self._clock.now_ms()
        for over in [each for each, until_ms in self._spent.items() if until_ms <= now_ms]:
            del self._spent[over]
        self._spent[challenge] = now_ms + self._life_ms

    def _seal(self, open_part: bytes, about: str) -> bytes:
        return hmac.digest(self._key, open_part + about.encode(), hashlib.sha256)
