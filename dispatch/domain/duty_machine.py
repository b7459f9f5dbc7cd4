"""A team's duty: what it is rostered to do; "busy" is derived from its live order, never stored."""

from __future__ import annotations

from typing import Final

from dispatch.domain.machines import Machine
from dispatch.domain.words import Word


class Duty(Word):
    """What a team is rostered to do."""

    OFF_DUTY = "off_duty"
    ON_PATROL = "on_patrol"
    STANDBY = "standby"
    ON_TASK = "on_task"


class DutyTrigger(Word):
    """What moves a team's duty."""

    START = "start"
    END = "end"
    STAND_BY = "stand_by"
    PATROL = "patrol"
    START_TASK = "start_task"
    END_TASK = "end_task"


_D, _T = Duty, DutyTrigger

DUTY: Final = Machine(
    name="duty",
    first=_D.OFF_DUTY,
    table={
        (_D.OFF_DUTY, _T.START): _D.ON_PATROL,
        (_D.ON_PATROL, _T.END): _D.OFF_DUTY,
        (_D.STANDBY, _T.END): _D.OFF_DUTY,
        (_D.ON_PATROL, _T.STAND_BY): _D.STANDBY,
        (_D.STANDBY, _T.STAND_BY): _D.STANDBY,
        (_D.STANDBY, _T.PATROL): _D.ON_PATROL,
        (_D.ON_PATROL, _T.START_TASK): _D.ON_TASK,
        (_D.STANDBY, _T.START_TASK): _D.ON_TASK,
        (_D.ON_TASK, _T.END_TASK): _D.ON_PATROL,
    },
    final=frozenset(),
    rest=frozenset({_D.OFF_DUTY}),
)
"""A team whose duty ends ends its task first; a team that is called off its task is on patrol."""
