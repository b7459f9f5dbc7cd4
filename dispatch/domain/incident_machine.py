"""The incident: open until it is closed or merged; whether a team is on it is derived from its orders."""

from __future__ import annotations

from typing import Final

from dispatch.domain.machines import Machine
from dispatch.domain.words import Word


class IncidentStatus(Word):
    """Where an incident stands."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class IncidentTrigger(Word):
    """What moves an incident; two of the four undo the others."""

    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    UNMERGE = "unmerge"


_S, _T = IncidentStatus, IncidentTrigger

INCIDENT: Final = Machine(
    name="incident",
    first=_S.OPEN,
    table={
        (_S.OPEN, _T.CLOSE): _S.CLOSED,
        (_S.CLOSED, _T.REOPEN): _S.OPEN,
        (_S.OPEN, _T.MERGE): _S.MERGED,
        (_S.MERGED, _T.UNMERGE): _S.OPEN,
    },
    final=frozenset(),
    rest=frozenset({_S.CLOSED, _S.MERGED}),
)
