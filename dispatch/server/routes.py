"""The HTTP API as one router; and health. A file a resource: incidents, orders, teams, the ground."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from dispatch.access.policy import Act, allowed
from dispatch.domain.duty_machine import Duty
from dispatch.server import routes_ground, routes_incidents, routes_orders, routes_past, routes_teams
from dispatch.server.asking import station_of
from dispatch.wire import bodies
from dispatch.wire.access_bodies import Alive

router = APIRouter()
for part in (routes_incidents, routes_orders, routes_teams, routes_ground, routes_past):
    router.include_router(part.router)

health_router = APIRouter()


@health_router.get("/healthz", responses={503: {"model": bodies.Health | Alive}})
async def healthz(request: Request, response: Response) -> bodies.Health | Alive:
    """Whether the service answers and takes new facts (200), or not (503); details for those who work here."""
    station = station_of(request)
    desk = station.desk
    on_duty = sum(team.duty is not Duty.OFF_DUTY for team in desk.state.teams.values())
    problem = desk.problem or desk.full
    if problem is not None:
        response.status_code = 503
    principal = request.state.principal
    if allowed(principal, Act.READ_BOARD) is not None and allowed(principal, Act.READ_METRICS) is not None:
        return Alive(status="ok" if problem is None else "degraded")
    return bodies.Health(
        status="ok" if problem is None else "degraded",
        seq=desk.state.seq,
        epoch=desk.epoch,
        teams=on_duty,
        open_incidents=len(desk.state.open_incidents),
        connections=station.connections,
        problem=problem.sentence() if problem else None,
    )
