"""The clock of the machine."""

from __future__ import annotations

import time


class WallClock:
    """Wall time in ms since the Unix epoch, UTC."""

    def now_ms(self) -> int:
        """The time now."""
        return time.time_ns() // 1_000_000
