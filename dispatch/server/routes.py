"""The HTTP API: report, list, close; teams; circles; the ground; health."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from dispatch.access.policy import Act, allowed
from dispatch.domain import commands as cmd
from dispatch.domain.duty_machine import Duty
from dispatch.domain.incident_machine import IncidentStatus
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.state import DeskState, Incident
from dispatch.domain.types import FixSource, IncidentId, Point, TeamId
from dispatch.domain.walk import Step
from dispatch.planning.walk import walk_steps
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire import bodies
from dispatch.wire.access_bodies import Alive
from dispatch.wire.frames import Lat, Lon

MAX_LIST: Final = 500
MAX_MINUTES: Final = 30

router = APIRouter(
    prefix="/api",
    responses={code: {"model": bodies.Problem} for code in (404, 409, 422, 503, 507)},
)


def _station(request: Request) -> Station:
    station: Station = request.app.state.station
    return station


async def _done(station: Station, command: cmd.Command, key: str) -> bodies.Done:
    answer = await station.desk.post(command, key)
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    return bodies.Done(
        outcome=answer.kind, subject=answer.subject, first_seq=answer.first_seq, last_seq=answer.last_seq
    )


def _view(state: DeskState, incident: Incident) -> bodies.IncidentView:
    return bodies.IncidentView(incident=incident, orders=[state.orders[name] for name in incident.orders])


def _incident(state: DeskState, name: str) -> Incident:
    incident = state.incidents.get(IncidentId(name))
    if incident is None:
        raise RefusedError(Refusal(Code.UNKNOWN_INCIDENT, name))
    return incident


@router.post("/incidents", status_code=201)
async def report(body: bodies.ReportBody, request: Request) -> bodies.Done:
    """Report an incident; the answer comes after it is on the log, with its id as ``subject``."""
    station = _station(request)
    station.walks.note(Step.REPORT, body.key, f"{body.what} at {body.lat:.5f},{body.lon:.5f}")
    command = cmd.ReportIncident(
        where=Point(body.lon, body.lat), what=body.what, urgency=body.urgency, note=body.note
    )
    return await _done(station, command, body.key)


@router.get("/incidents")
async def incidents(
    request: Request,
    status: IncidentStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIST)] = 100,
) -> list[bodies.IncidentView]:
    """Incidents, the latest first."""
    state = _station(request).desk.state
    found = [incident for incident in state.incidents.values() if status in (None, incident.status)]
    return [_view(state, incident) for incident in reversed(found[-limit:])]


@router.get("/incidents/{incident}")
async def incident(incident: str, request: Request) -> bodies.IncidentView:
    """One incident with its orders."""
    state = _station(request).desk.state
    return _view(state, _incident(state, incident))


@router.get("/incidents/{incident}/walk")
async def walk(incident: str, request: Request) -> list[bodies.WalkStep]:
    """The thirteen steps of an incident with their times, as far as it has come and this process remembers."""
    station = _station(request)
    found = _incident(station.desk.state, incident)
    orders = [station.desk.state.orders[name] for name in found.orders]
    notes = [(note.step, note.at_s, note.detail) for note in station.walks.of(incident)]
    return [
        bodies.WalkStep(step=line.step, name=line.step.name.lower(), detail=line.detail, at_ms=line.at_ms)
        for line in walk_steps(found, orders, notes)
    ]


@router.post("/incidents/{incident}/close")
async def close(incident: str, body: bodies.CloseBody, request: Request) -> bodies.Done:
    """Close an incident; its live orders are recalled."""
    command = cmd.CloseIncident(incident=IncidentId(incident), outcome=body.outcome)
    return await _done(_station(request), command, body.key)


@router.get("/teams")
async def teams(request: Request) -> list[bodies.TeamView]:
    """Every team with its duty, order and latest position."""
    station = _station(request)
    state, now_ms = station.desk.state, station.clock.now_ms()
    views = []
    for team in state.teams.values():
        name = state.live_order_of.get(team.team)
        fix = station.board.latest(team.team, now_ms)
        position, source, age_ms = fix if fix is not None else (team.home, FixSource.HOME, None)
        views.append(
            bodies.TeamView(
                team=team.team,
                name=team.name,
                name_en=team.name_en,
                unit=team.unit,
                profile=team.profile,
                duty=team.duty,
                order=name,
                incident=state.orders[name].incident if name else None,
                position=position,
                source=source,
                fix_age_ms=age_ms,
                connected=station.connected(team.team),
            )
        )
    return views


@router.post("/teams", status_code=201)
async def register(body: bodies.TeamBody, request: Request) -> bodies.Done:
    """Make a team known, off duty."""
    command = cmd.RegisterTeam(
        team=TeamId(body.team),
        name=body.name,
        name_en=body.name_en,
        unit=body.unit,
        profile=body.profile,
        home=Point(body.lon, body.lat),
    )
    return await _done(_station(request), command, body.key)


@router.post("/teams/{team}/duty")
async def duty(team: str, body: bodies.DutyBody, request: Request) -> bodies.Done:
    """Start or end a team's duty."""
    wish = cmd.StartDuty if body.on_duty else cmd.EndDuty
    return await _done(_station(request), wish(team=TeamId(team)), body.key)


def _limits(minutes: str) -> list[int]:
    try:
        limits_s = sorted({round(float(part) * 60) for part in minutes.split(",")})
    except (ValueError, OverflowError):
        limits_s = []
    if not limits_s or len(limits_s) > 6 or limits_s[0] < 1 or limits_s[-1] > MAX_MINUTES * 60:
        raise RefusedError(
            Refusal(Code.BAD_REQUEST, f"minutes={minutes}: up to six of 1…{MAX_MINUTES}, as in 1,3,5")
        )
    return limits_s


async def _circles(station: Station, point: Point, profile: str, minutes: str, towards: bool) -> Response:
    found = await station.ground.circles(point, profile, _limits(minutes), towards)
    if isinstance(found, Refusal):
        raise RefusedError(found)
    return Response(found, media_type="application/geo+json")


@router.get("/teams/{team}/circles", response_class=Response)
async def team_circles(team: str, request: Request, minutes: str = "1,3,5") -> Response:
    """What a team reaches in so many minutes from where it is: a GeoJSON FeatureCollection."""
    station = _station(request)
    known = station.desk.state.teams.get(TeamId(team))
    if known is None:
        raise RefusedError(Refusal(Code.UNKNOWN_TEAM, team))
    fix = station.board.latest(known.team, station.clock.now_ms())
    return await _circles(station, fix[0] if fix else known.home, known.profile, minutes, False)


@router.get("/circles", response_class=Response)
async def circles(
    request: Request, *, lat: Lat, lon: Lon, minutes: str = "1,3,5", profile: str = "car", towards: bool = False
) -> Response:
    """What is reached from a point, or with ``towards`` from where it is reached: a GeoJSON FeatureCollection."""
    return await _circles(_station(request), Point(lon, lat), profile, minutes, towards)


@router.get("/ground")
async def ground(request: Request) -> bodies.GroundView:
    """What the service routes on."""
    return _station(request).ground.view()


@router.get("/ground/places")
async def places(request: Request) -> list[bodies.PlaceView]:
    """The places that have a tier of their own."""
    return _station(request).ground.places()


@router.get("/ground/roads", response_class=Response)
async def roads(request: Request) -> Response:
    """All roads, for drawing: a GeoJSON FeatureCollection with one MultiLineString a class."""
    return _gzipped(await _station(request).ground.roads())


@router.get("/ground/areas", response_class=Response)
async def areas(request: Request) -> Response:
    """Water and land use, for drawing: a GeoJSON FeatureCollection, empty where the ground has none."""
    return _gzipped(await _station(request).ground.areas())


def _gzipped(body: bytes) -> Response:
    headers = {"Content-Encoding": "gzip", "Cache-Control": "no-cache"}
    return Response(body, media_type="application/geo+json", headers=headers)


health_router = APIRouter()


@health_router.get("/healthz")
async def healthz(request: Request, response: Response) -> bodies.Health | Alive:
    """Whether the service answers and takes new facts (200), or not (503); details for those who work here."""
    station = _station(request)
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
