"""Timers are read from the state, so they survive a restart: each is a time and the command that is due then.

Every time stands in a fact: a timer is gone as soon as what it asks for is on the log, and fires once, whatever the
wall clock does meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dispatch.domain.commands import AssignIncident, ExpireOrder, LapseTask, OpenWave, StartTask
from dispatch.domain.order_machine import ORDER, OrderTrigger
from dispatch.domain.state import DeskState, Incident
from dispatch.service.teams import may_start_task
from dispatch.service.waves import arrived, following

TimerCommand = ExpireOrder | LapseTask | StartTask | OpenWave | AssignIncident
_ORDER = (ExpireOrder, LapseTask, StartTask, OpenWave, AssignIncident)


@dataclass(frozen=True, slots=True)
class Timer:
    """What the clock asks for, and when: ms since the epoch."""

    due_ms: int
    command: TimerCommand


def next_timer(
    state: DeskState, held_up: Mapping[Timer, int] | None = None, retries_from_ms: int = 0
) -> tuple[int, Timer] | None:
    """The earliest timer and when it may run, or None. Ties: expiries first, then the longest wait, then by id.

    ``held_up`` names timers that failed or changed nothing when they were tried, and until when each waits; one
    whose due time has changed meanwhile (a team became free) is another timer and waits for nothing. No retry of a
    waiting incident runs before ``retries_from_ms``; they keep their order meanwhile, so that none starves.
    """
    waits = held_up or {}
    best: tuple[tuple[int, int, int, int, str], Timer] | None = None
    for timer in timers(state):
        floor_ms = retries_from_ms if isinstance(timer.command, AssignIncident) else 0
        if best is not None and max(timer.due_ms, floor_ms) > best[0][0]:
            continue  # waiting longer only makes it later
        ready_ms = max(timer.due_ms, waits.get(timer, 0))
        kind, length, name = _rank(timer.command)
        rank = (max(ready_ms, floor_ms), kind, ready_ms, length, name)
        if best is None or rank < best[0]:
            best = rank, timer
    return None if best is None else (best[0][0], best[1])


def timers(state: DeskState) -> Iterator[Timer]:
    """Every timer that the state holds: offers, late waves, waiting incidents, tasks."""
    for name in state.live_order_of.values():
        if ORDER.allows(state.orders[name].status, OrderTrigger.EXPIRE):
            yield Timer(state.orders[name].deadline_ms, ExpireOrder(order=name))
    for incident_id in state.open_incidents:
        incident = state.incidents[incident_id]
        yield from _late_waves(state, incident)
        if incident.retry_at_ms is not None:
            yield Timer(incident.retry_at_ms, AssignIncident(incident=incident_id))
    for team in state.teams.values():
        if team.task is not None:
            yield Timer(team.task.ends_at_ms, LapseTask(team=team.team))
            if may_start_task(state, team):
                yield Timer(team.task.starts_at_ms, StartTask(team=team.team))


def _late_waves(state: DeskState, incident: Incident) -> Iterator[Timer]:
    called = {opened.wave for opened in incident.waves}
    for opened in incident.waves:
        after = following(opened.wave)
        if opened.late_at_ms is None or after is None or after in called:
            continue
        if not arrived(state, incident.incident, opened.wave):
            yield Timer(opened.late_at_ms, OpenWave(incident=incident.incident, wave=after))


def _rank(command: TimerCommand) -> tuple[int, int, str]:
    """Expiries before retries, for they free the teams that a waiting incident asks for; then by id."""
    name = str(
        getattr(command, "order", None) or getattr(command, "incident", None) or getattr(command, "team", "")
    )
    return _ORDER.index(type(command)), len(name), name
