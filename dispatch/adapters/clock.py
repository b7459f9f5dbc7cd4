"""The clock of the machine, made steady: it follows the wall clock and never jumps with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

STEP_MS: Final = 1000
"""A wall clock that differs by more than this was set, it has not drifted."""

SLEW: Final = 0.1
"""How much faster or slower than real time this clock runs until it agrees with the wall clock again."""


class SteadyClock:
    """Ms since the Unix epoch, UTC; rises by the time that really passes, at most 10 % off while it catches up.

    Law: it never goes back, and a step of the wall clock neither fires a deadline early nor holds one up. A clock
    that was set by a minute is followed within ten. For one thread.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns, self._monotonic_ns = wall_ns, monotonic_ns
        self._now_ns = wall_ns()
        self._seen_ns = monotonic_ns()

    def now_ms(self) -> int:
        """The time now."""
        seen_ns = self._monotonic_ns()
        passed_ns = max(0, seen_ns - self._seen_ns)
        self._seen_ns = seen_ns
        ahead_ns = self._wall_ns() - (self._now_ns + passed_ns)
        most_ns = round(passed_ns * SLEW)
        if abs(ahead_ns) <= STEP_MS * 1_000_000:
            most_ns = max(most_ns, ahead_ns)  # drift: follow at once, but never back
        self._now_ns += passed_ns + max(-min(most_ns, passed_ns), min(most_ns, ahead_ns))
        return self._now_ns // 1_000_000
