"""What a tablet asks by HTTP: the way to a place, panic, photos; and the photos as the desk reads them.

The gate lets every session through to a tablet's own addresses; here the policy is asked for the team.
"""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from dispatch.access.policy import Act, Principal, allowed
from dispatch.adapters.photos import Photo, PhotoStore, media_type_of
from dispatch.adapters.ways import GroundWays
from dispatch.domain import commands as cmd
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import IncidentId, IncidentKind, Point, TeamId, Urgency, panic_source
from dispatch.server.asking import PROBLEMS, done, incident_of, station_of
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire import bodies
from dispatch.wire import tablet_bodies as tb
from dispatch.wire.frames import Lat, Lon

router = APIRouter(
    prefix="/api", responses=PROBLEMS | {code: {"model": bodies.Problem} for code in (401, 403, 413)}
)

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ELSEWHERE: Final = frozenset({Code.TOO_FAR_FROM_ROAD, Code.OUT_OF_RANGE})


def _team(request: Request) -> TeamId:
    """The team of the tablet that asks; raises RefusedError for whoever else.

    A tablet outlives its team where an older log was restored: that team is unknown, and its call for help is told
    so.
    """
    principal: Principal = request.state.principal
    refusal = allowed(principal, Act.CARRY, desk=request.app.state.access.desk, team=principal.team)
    if refusal is not None:
        raise RefusedError(refusal)
    team = TeamId(principal.team or "")
    if team not in station_of(request).desk.state.teams:
        raise RefusedError(Refusal(Code.UNKNOWN_TEAM, f"{team}: the log does not know it, call the desk by radio"))
    return team


def _ways(station: Station) -> GroundWays:
    assert station.ways is not None, "the bootstrap builds them"
    return station.ways


def _store(station: Station) -> PhotoStore:
    assert station.photos is not None, "the bootstrap builds it"
    return station.photos


@router.get("/route")
async def way(  # two points and a profile are what a way is
    request: Request, *, from_lat: Lat, from_lon: Lon, to_lat: Lat, to_lon: Lon, profile: str = "car"
) -> tb.WayView:
    """The fastest way between two places on the ground, with its steps in both languages."""
    found = await _ways(station_of(request)).way(Point(from_lon, from_lat), Point(to_lon, to_lat), profile)
    if isinstance(found, Refusal):
        raise RefusedError(found)
    return found


@router.post("/tablet/panic", status_code=201)
async def panic(body: tb.PanicBody, request: Request) -> bodies.Done:
    """Somebody of this team needs help at once: a critical incident where they are; the same key once only.

    It is reported at the first of these that has a road: the position said, the latest known, the place of the
    order, the home. The desk never sends the very team that asks (service/needs).
    """
    station, team = station_of(request), _team(request)
    state = station.desk.state
    known = state.answers.get(body.key)
    if known is not None:
        held = state.incidents.get(IncidentId(known.subject))
        if held is None or held.source != panic_source(team):
            raise RefusedError(Refusal(Code.KEY_REUSED, body.key))
        return bodies.Done(
            outcome="replayed", subject=known.subject, first_seq=known.first_seq, last_seq=known.last_seq
        )
    said = "" if body.lat is None or body.lon is None else f" {body.lat:.6f},{body.lon:.6f}"
    note = f"SOS {state.teams[team].name} ({body.why}){said}"
    for where in _places(station, team, body):
        command = cmd.ReportIncident(
            where=where, what=IncidentKind.ALARM, urgency=Urgency.CRITICAL, note=note, source=panic_source(team)
        )
        try:
            return await done(station, command, body.key)
        except RefusedError as error:
            if error.refusal.code in _ELSEWHERE:
                continue
            raise
    raise RefusedError(Refusal(Code.TOO_FAR_FROM_ROAD, "neither the position nor the team's home has a road"))


def _places(station: Station, team: TeamId, body: tb.PanicBody) -> list[Point]:
    state = station.desk.state
    found = [] if body.lat is None or body.lon is None else [Point(body.lon, body.lat)]
    fix = station.board.latest(team, station.clock.now_ms())
    if fix is not None:
        found.append(fix[0])
    order = state.live_order_of.get(team)
    if order is not None:
        found.append(state.incidents[state.orders[order].incident].where)
    return [*found, state.teams[team].home]


@router.post("/tablet/photos", status_code=201)
async def announce(body: tb.PhotoBody, request: Request) -> tb.PhotoProgress:
    """Announce a photo of an incident that this team has or had an order of; says how much of it is here."""
    station, team = station_of(request), _team(request)
    state = station.desk.state
    held = state.group(incident_of(state, body.incident).incident)
    if not any(state.orders[name].team == team for each in held for name in each.orders):
        raise RefusedError(Refusal(Code.NOT_YOUR_ORDER, body.incident))
    photo = Photo(
        digest=body.digest,
        key=body.key,
        size=body.size,
        incident=body.incident,
        team=team,
        taken_ms=body.taken_ms,
    )
    have = await asyncio.to_thread(_store(station).begin, photo)
    if isinstance(have, Refusal):
        raise RefusedError(have)
    return await _progress(station, photo, have)


@router.post("/tablet/photos/{digest}")
async def part(digest: str, request: Request, at: Annotated[int, Query(ge=0)]) -> tb.PhotoProgress:
    """The next bytes of an announced photo, at most 48 KiB; says how much of it is here then."""
    station, team = station_of(request), _team(request)
    data = await request.body()
    if not _DIGEST.fullmatch(digest) or not 0 < len(data) <= tb.MAX_PART_BYTES:
        raise RefusedError(Refusal(Code.BAD_REQUEST, f"1…{tb.MAX_PART_BYTES} bytes of a SHA-256 in hex"))
    added = await asyncio.to_thread(_store(station).add, team, digest, at, data)
    if isinstance(added, Refusal):
        raise RefusedError(added)
    return await _progress(station, *added)


async def _progress(station: Station, photo: Photo, have: int) -> tb.PhotoProgress:
    """Where all bytes are here, the photo is checked, put in its place and noted in the log, in this order."""
    if have >= photo.size:
        store = _store(station)
        whole = await asyncio.to_thread(store.finish, photo.team, photo.digest)
        if isinstance(whole, Photo):
            note = cmd.AddNote(
                incident=IncidentId(whole.incident),
                note=f"photo sha256:{whole.digest}",
                source=f"tablet {whole.team}",
            )
            await done(station, note, whole.key)
            await asyncio.to_thread(store.forget_parts, whole)
        elif not any(
            held.digest == photo.digest for held in await asyncio.to_thread(store.of_incident, photo.incident)
        ):
            raise RefusedError(whole)
    return tb.PhotoProgress(digest=photo.digest, have=have, size=photo.size, done=have >= photo.size)


@router.get("/incidents/{incident}/photos")
async def photos(incident: str, request: Request) -> list[tb.PhotoView]:
    """The photos of an incident, the oldest first."""
    station = station_of(request)
    held = station.desk.state.group(incident_of(station.desk.state, incident).incident)
    found = [
        photo for each in held for photo in await asyncio.to_thread(_store(station).of_incident, each.incident)
    ]
    return [
        tb.PhotoView(
            digest=photo.digest,
            size=photo.size,
            media_type=photo.media_type,
            incident=photo.incident,
            team=photo.team,
            taken_ms=photo.taken_ms,
        )
        for photo in found
    ]


@router.get("/photos/{digest}", response_class=Response)
async def photo_bytes(digest: str, request: Request) -> Response:
    """The bytes of a photo, as the type that they are."""
    store = _store(station_of(request))
    data = await asyncio.to_thread(store.read, digest) if _DIGEST.fullmatch(digest) else None
    if data is None:
        raise RefusedError(Refusal(Code.NOT_FOUND, f"no photo {digest[:64]}"))
    return Response(data, media_type=media_type_of(data) or "application/octet-stream")
