"""Timers are read from the state, so they survive a restart: each is a time and the command that is due then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.domain.commands import AssignIncident, ExpireOrder
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.state import DeskState

TimerCommand = ExpireOrder | AssignIncident


@dataclass(frozen=True, slots=True)
class Timer:
    """What the clock asks for, and when: ms since the epoch."""

    due_ms: int
    command: TimerCommand


def next_timer(state: DeskState, held_up: Mapping[Timer, int] | None = None) -> tuple[int, Timer] | None:
    """The earliest timer and when it may run, or None. Ties: expiries first, then by id.

    ``held_up`` names timers that failed or changed nothing when they were tried, and until when each waits; one
    whose due time has changed meanwhile (a team became free) is another timer and waits for nothing.
    """
    timers = [
        Timer(state.orders[name].deadline_ms, ExpireOrder(order=name))
        for name in state.live_order_of.values()
        if ORDER.allows(state.orders[name].status, OrderTrigger.EXPIRE)
    ]
    for incident in state.open_incidents:
        retry_at_ms = state.incidents[incident].retry_at_ms
        if retry_at_ms is not None:
            timers.append(Timer(retry_at_ms, AssignIncident(incident=incident)))
    waits = held_up or {}
    ready = [(max(timer.due_ms, waits.get(timer, 0)), timer) for timer in timers]
    return min(ready, key=lambda pair: (pair[0], *_rank(pair[1].command)), default=None)


def _rank(command: TimerCommand) -> tuple[bool, int, str]:
    """Expiries before retries, for they free the teams that a waiting incident asks for; then by id."""
    name = command.order if isinstance(command, ExpireOrder) else command.incident
    return isinstance(command, AssignIncident), len(name), name
