"""Soft locks: who guesses is made to wait longer and longer; nobody else is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WINDOW_MS: Final = 15 * 60 * 1000
FREE_TRIES: Final = 5
"""Failures in the window that cost nothing."""

FIRST_WAIT_MS: Final = 30_000
ADDRESS_FREE_TRIES: Final = 20
"""Failures from one address, over all names, that cost nothing."""

NAME_FREE_TRIES: Final = 50
"""Failures at one name, from all addresses; high, for whoever floods a name would shut its owner out."""


def recent(failures_ms: Sequence[int], now_ms: int) -> tuple[int, ...]:
    """The failures that still count, the oldest first."""
    return tuple(at_ms for at_ms in failures_ms if now_ms - at_ms < WINDOW_MS)


def wait_ms(failures_ms: Sequence[int], now_ms: int, free: int = FREE_TRIES) -> int:
    """How long until the next try is looked at: 0 below ``free`` failures, then 30 s, doubled by each further one.

    Law: never longer than the window, and never shorter for one failure more.
    """
    counted = recent(failures_ms, now_ms)
    if len(counted) < free:
        return 0
    pause_ms = min(FIRST_WAIT_MS << min(len(counted) - free, 16), WINDOW_MS)
    return max(0, counted[-1] + pause_ms - now_ms)
