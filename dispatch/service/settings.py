"""What a desk may set; figures of the practice are configuration, never constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatch.assignment.problem import Rules
from dispatch.domain.types import TARGET_MS, Mode, Tier
from dispatch.service.response_plan import ResponsePlans


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """Times in ms: how long an offer stands, when a waiting incident is asked for again, the target of each tier.

    After a start no deadline fires within the grace: tablets come back and deliver what was pressed meanwhile.
    ``plans`` say how much force goes; the default is one team. ``mode`` says who lets it go. A mistake of the
    operator can be undone within ``undo_within_ms``. A report within ``same_within_m`` metres and
    ``same_within_ms`` of an open incident of its kind may be the same one. ``utc_offset_min`` is the local time
    of shifts, in minutes east of UTC.
    """

    accept_within_ms: int = 30_000
    retry_after_ms: int = 15_000
    grace_after_start_ms: int = 3_000
    target_ms: Mapping[Tier, int] = field(default_factory=lambda: dict(TARGET_MS))
    plans: ResponsePlans = field(default_factory=ResponsePlans)
    rules: Rules = field(default_factory=Rules)
    mode: Mode = Mode.AUTO
    undo_within_ms: int = 30_000
    same_within_m: int = 150
    same_within_ms: int = 600_000
    utc_offset_min: int = 480

    def __post_init__(self) -> None:
        assert 100 <= self.accept_within_ms <= 3_600_000, "accept_within_ms is 100 ms … 1 h"
        assert 1_000 <= self.retry_after_ms <= 3_600_000, "retry_after_ms is 1 s … 1 h"
        assert 0 <= self.undo_within_ms <= 3_600_000, "undo_within_ms is 0 … 1 h"
        assert 0 <= self.same_within_m <= 5_000, "same_within_m is 0 … 5,000 m"
        assert 0 <= self.same_within_ms <= 86_400_000, "same_within_ms is 0 … 1 day"
        assert -840 <= self.utc_offset_min <= 840, "utc_offset_min is -14 h … 14 h"
        assert set(self.target_ms) == set(Tier), "target_ms has every tier: T1 … T3"
