"""Permanent keys of commands: UUIDv7 (RFC 9562), made where the wish is made."""

from __future__ import annotations

import uuid


def uuid7(now_ms: int, chance: bytes) -> str:
    """A UUIDv7 from ms since the epoch and at least 10 random bytes; keys made later sort later."""
    assert len(chance) >= 10, "a key needs 10 random bytes"
    value = (now_ms & (2**48 - 1)) << 80 | int.from_bytes(chance[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
