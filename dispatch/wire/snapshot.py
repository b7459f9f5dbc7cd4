"""What an audience may see now, as frames. Law: snapshot at a + events a…b = fresh snapshot at b."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dispatch.domain.state import DeskState, Incident, Order, Team
from dispatch.domain.types import TeamId
from dispatch.wire.frames import MAX_FRAME_BYTES, Snapshot, encode

MAX_CLOSED: Final = 50
"""How many closed incidents a console is shown, the latest; those that were merged into one are shown with it."""

_ROOM: Final = MAX_FRAME_BYTES - 512


def visible(state: DeskState, audience: TeamId | None) -> tuple[list[Team], list[Incident], list[Order]]:
    """Teams, incidents and orders that a team's tablets (or, with None, a console) may see, by id."""
    if audience is not None:
        team = state.teams[audience]
        name = state.live_order_of.get(audience)
        if name is None:
            return [team], [], []
        order = state.orders[name]
        incident = replace(state.incidents[order.incident], recommended=(), notes=())  # these are for the desk
        return [team], [incident], [replace(order, choice=order.choice.for_the_team())]
    closed = [incident for incident in state.incidents.values() if incident.closed_at_ms is not None]
    closed.sort(key=lambda incident: (incident.closed_at_ms or 0, incident.incident))
    heads = [*state.open_incidents, *(incident.incident for incident in closed[-MAX_CLOSED:])]
    keep = [incident for head in heads for incident in state.group(head)]
    keep.sort(key=lambda incident: (len(incident.incident), incident.incident))
    orders = [state.orders[name] for incident in keep for name in incident.orders]
    return sorted(state.teams.values(), key=lambda team: team.team), keep, orders


def snapshot_frames(state: DeskState, audience: TeamId | None) -> list[Snapshot]:
    """The snapshot of an audience in as many frames as its size needs, each at most 32 KiB; at least one."""
    teams, incidents, orders = visible(state, audience)
    packed: list[list[Team | Incident | Order]] = [[]]
    room = _ROOM
    items: list[Team | Incident | Order] = [*teams, *incidents, *orders]
    for item in items:
        size = len(encode(_frame(0, [item])).encode())
        if size > room and packed[-1]:
            packed.append([])
            room = _ROOM
        packed[-1].append(item)
        room -= size
    parts = [_frame(state.seq, part) for part in packed]
    return [frame.model_copy(update={"part": number, "parts": len(parts)}) for number, frame in enumerate(parts, 1)]


def _frame(seq: int, items: list[Team | Incident | Order]) -> Snapshot:
    return Snapshot.model_construct(
        seq=seq,
        teams=[item for item in items if isinstance(item, Team)],
        incidents=[item for item in items if isinstance(item, Incident)],
        orders=[item for item in items if isinstance(item, Order)],
    )
