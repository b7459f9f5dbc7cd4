"""What a desk may set; figures of the practice are configuration, never constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatch.domain.types import TARGET_MS, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """Times in ms: how long an offer stands, when a waiting incident is asked for again, the target of each tier.

    After a start no deadline fires within the grace: tablets come back and deliver what was pressed meanwhile.
    """

    accept_within_ms: int = 30_000
    retry_after_ms: int = 15_000
    grace_after_start_ms: int = 3_000
    target_ms: Mapping[Tier, int] = field(default_factory=lambda: dict(TARGET_MS))

    def __post_init__(self) -> None:
        assert 100 <= self.accept_within_ms <= 3_600_000, "accept_within_ms is 100 ms … 1 h"
        assert 1_000 <= self.retry_after_ms <= 3_600_000, "retry_after_ms is 1 s … 1 h"
