"""What may be forgotten, and when: pure; who holds it does the forgetting."""

from __future__ import annotations

from dispatch.domain.state import DeskState
from dispatch.domain.types import IncidentId


def photos_over(state: DeskState, incident: str, keep_ms: int, now_ms: int) -> bool:
    """Whether the photos of an incident have been kept long enough: ``keep_ms`` after it was closed.

    A merged incident is over with the one that it was taken for. One that the log does not know, as after a
    restore, is never over: nobody can tell when it was closed.
    """
    name = IncidentId(incident)
    if name not in state.incidents:
        return False
    closed_at_ms = state.incidents[state.root(name)].closed_at_ms
    return closed_at_ms is not None and now_ms - closed_at_ms >= keep_ms
