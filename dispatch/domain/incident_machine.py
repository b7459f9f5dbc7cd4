"""The incident: open until it is closed; whether a team is on it is derived from its orders, never stored."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from dispatch.domain.machines import Machine


class IncidentStatus(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    CLOSED = "closed"


class IncidentTrigger(StrEnum):
    """What moves an incident."""

    CLOSE = "close"


INCIDENT: Final = Machine(
    name="incident",
    first=IncidentStatus.OPEN,
    table={(IncidentStatus.OPEN, IncidentTrigger.CLOSE): IncidentStatus.CLOSED},
    final=frozenset({IncidentStatus.CLOSED}),
)
