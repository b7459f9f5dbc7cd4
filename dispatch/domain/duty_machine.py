"""A team's duty: what it is rostered to do; "busy" is derived from its live order, never stored."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from dispatch.domain.machines import Machine


class Duty(StrEnum):
    """What a team is rostered to do."""

    OFF_DUTY = "off_duty"
    ON_PATROL = "on_patrol"


class DutyTrigger(StrEnum):
    """What moves a team's duty."""

    START = "start"
    END = "end"


DUTY: Final = Machine(
    name="duty",
    first=Duty.OFF_DUTY,
    table={
        (Duty.OFF_DUTY, DutyTrigger.START): Duty.ON_PATROL,
        (Duty.ON_PATROL, DutyTrigger.END): Duty.OFF_DUTY,
    },
    final=frozenset(),
)
