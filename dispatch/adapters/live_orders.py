"""Which facts begin and end an order: a log refuses a team's second live order, whatever was decided above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from dispatch.domain import events as ev
from dispatch.domain.order_machine import ORDER
from dispatch.domain.state import TRIGGER_OF

ENDS_ORDER: Final[frozenset[type[ev.Event]]] = frozenset(
    kind
    for kind, trigger in TRIGGER_OF.items()
    if not any(ORDER.live(target) for (_, by), target in ORDER.table.items() if by is trigger)
)
"""The kinds of facts after which the team of an order is free."""


class Change(NamedTuple):
    """An order that begins (``team`` has it from now on) or ends (``team`` is None)."""

    order: str
    team: str | None


def changes(envelopes: Sequence[ev.Envelope]) -> Iterator[Change]:
    """How these facts change who has a live order, in their order."""
    for row in envelopes:
        change = change_of(row.event)
        if change is not None:
            yield change


def change_of(event: ev.Event) -> Change | None:
    """How this fact changes who has a live order, or None."""
    if isinstance(event, ev.OrderOffered):
        return Change(event.order, event.team)
    if type(event) in ENDS_ORDER:
        return Change(event.order, None)  # type: ignore[union-attr]
    return None
