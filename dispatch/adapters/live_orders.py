"""Which facts end an order: every log refuses a second live order for a team, whatever was decided above it."""

from __future__ import annotations

from typing import Final

from dispatch.domain import events as ev
from dispatch.domain.order_machine import ORDER
from dispatch.domain.state import TRIGGER_OF

ENDS_ORDER: Final[frozenset[type[ev.Event]]] = frozenset(
    kind
    for kind, trigger in TRIGGER_OF.items()
    if not any(ORDER.live(target) for (_, by), target in ORDER.table.items() if by is trigger)
)
"""The kinds of facts after which the team of an order is free."""
