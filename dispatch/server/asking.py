"""What every route does: find the station, ask its desk, turn a "no" into a problem."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import Request

from dispatch.domain import commands as cmd
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Incident, Order, Team
from dispatch.domain.types import IncidentId, OrderId, TeamId
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire import bodies

PROBLEMS: Final[dict[int | str, dict[str, object]]] = {
    code: {"model": bodies.Problem} for code in (404, 409, 422, 503, 507)
}


def station_of(request: Request) -> Station:
    """The station that this application serves."""
    station: Station = request.app.state.station
    return station


async def done(station: Station, command: cmd.Command, key: str) -> bodies.Done:
    """What came of a command, after commit; raises RefusedError for a "no".

    A service that goes down while the desk still decides cuts the request: nobody knows then, and the key settles.
    """
    try:
        answer = await station.desk.post(command, key)
    except asyncio.CancelledError:
        answer = Refusal(Code.OUTCOME_UNKNOWN, "the service goes down")
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    return bodies.Done(
        outcome=answer.kind, subject=answer.subject, first_seq=answer.first_seq, last_seq=answer.last_seq
    )


def incident_of(state: DeskState, name: str) -> Incident:
    """An incident by its id; raises RefusedError where there is none."""
    incident = state.incidents.get(IncidentId(name))
    if incident is None:
        raise RefusedError(Refusal(Code.UNKNOWN_INCIDENT, name))
    return incident


def order_of(state: DeskState, name: str) -> Order:
    """An order by its id; raises RefusedError where there is none."""
    order = state.orders.get(OrderId(name))
    if order is None:
        raise RefusedError(Refusal(Code.UNKNOWN_ORDER, name))
    return order


def team_of(state: DeskState, name: str) -> Team:
    """A team by its id; raises RefusedError where there is none."""
    team = state.teams.get(TeamId(name))
    if team is None:
        raise RefusedError(Refusal(Code.UNKNOWN_TEAM, name))
    return team
