"""Routes of advice: GET /api/incidents/{id}/recommendation and GET /api/moveups."""

from __future__ import annotations

from fastapi import APIRouter, Request

from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import IncidentId
from dispatch.server.advisor import Advisor
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire import bodies
from dispatch.wire.recommendation import MoveUpsView, RecommendationView

router = APIRouter(prefix="/api", responses={code: {"model": bodies.Problem} for code in (404, 409, 422, 503)})


def _advisor(request: Request) -> Advisor:
    station: Station = request.app.state.station
    if station.advisor is None:
        raise RefusedError(Refusal(Code.NOT_FOUND, "this service gives no advice"))
    return station.advisor


@router.get("/incidents/{incident}/recommendation")
async def recommendation(incident: str, request: Request) -> RecommendationView:
    """Whom the desk would send to an incident now and why, and whom the other policy would; changes nothing."""
    found = await _advisor(request).recommendation(IncidentId(incident))
    if isinstance(found, Refusal):
        raise RefusedError(found)
    return found


@router.get("/moveups")
async def move_ups(request: Request) -> MoveUpsView:
    """Which idle teams should stand where, checked for the holes behind them; changes nothing."""
    return await _advisor(request).move_ups()
