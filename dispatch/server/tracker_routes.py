"""HTTP routes of trackers: a token for each, told once; listing and revoking."""

from __future__ import annotations

from fastapi import APIRouter, Request

from dispatch.access.records import Tracker
from dispatch.access.refusals import DoorRefusal
from dispatch.domain.types import TeamId
from dispatch.server.asking import station_of, team_of
from dispatch.server.people_routes import access_of, who
from dispatch.server.problems import RefusedError
from dispatch.server.trackers import tracker_key
from dispatch.wire import access_bodies as ab
from dispatch.wire import bodies

router = APIRouter(
    prefix="/api/trackers", responses={code: {"model": bodies.Problem} for code in (401, 403, 404, 409, 422, 429)}
)


def _view(request: Request, held: Tracker) -> ab.TrackerView:
    return ab.TrackerView(
        tracker=held.tracker,
        team=held.team,
        name=held.name,
        made_ms=held.made_ms,
        by=held.by,
        seen_ms=access_of(request).registry.seen.get(tracker_key(held)),
        battery=station_of(request).board.battery(TeamId(held.team)),
    )


@router.get("")
async def trackers(request: Request) -> list[ab.TrackerView]:
    """Every tracker, the latest first; tokens are not told again."""
    return [_view(request, each) for each in access_of(request).trackers.here()]


@router.post("", status_code=201)
async def add(body: ab.TrackerBody, request: Request) -> ab.TrackerTokenView:
    """A token for a program that sends a team's positions, as the password of HTTP Basic or as Bearer."""
    team = team_of(station_of(request).desk.state, body.team)
    made = await access_of(request).trackers.add(team.team, body.name, who(request).name)
    if isinstance(made, DoorRefusal):
        raise RefusedError(made)
    return ab.TrackerTokenView(tracker=made[1].tracker, team=team.team, token=made[0])


@router.post("/{tracker}/revoke")
async def revoke(tracker: str, request: Request) -> ab.TrackerView:
    """Make a tracker's token void at once."""
    gone = await access_of(request).trackers.revoke(tracker, who(request).name)
    if isinstance(gone, DoorRefusal):
        raise RefusedError(gone)
    return _view(request, gone)
