"""Timers are read from the state, so they survive a restart: each is a time and the command that is due then."""

from __future__ import annotations

from dispatch.domain.commands import AssignIncident, ExpireOrder
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.state import DeskState

Timer = tuple[int, ExpireOrder | AssignIncident]


def next_timer(state: DeskState) -> Timer | None:
    """The earliest timer as (due in ms since the epoch, command), or None.

    Ties: expiries first, for they free the teams that a waiting incident asks for; then by id.
    """
    timers: list[tuple[int, int, str, ExpireOrder | AssignIncident]] = []
    for name in state.live_order_of.values():
        order = state.orders[name]
        if ORDER.allows(order.status, OrderTrigger.EXPIRE):
            timers.append((order.deadline_ms, 0, name, ExpireOrder(order=name)))
    for incident_id in state.open_incidents:
        incident = state.incidents[incident_id]
        if incident.retry_at_ms is not None:
            timers.append((incident.retry_at_ms, 1, incident_id, AssignIncident(incident=incident_id)))
    first = min(timers, key=lambda timer: timer[:3], default=None)
    return None if first is None else (first[0], first[3])
