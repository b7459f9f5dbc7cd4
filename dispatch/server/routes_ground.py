"""The HTTP API of the ground: circles, places, and what is drawn of it."""

from __future__ import annotations

import gzip
import math
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import FileResponse

from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import Point
from dispatch.server.asking import PROBLEMS, station_of, team_of
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire import bodies
from dispatch.wire.frames import Lat, Lon

MAX_MINUTES: Final = 30

router = APIRouter(prefix="/api", responses=PROBLEMS)


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
    station = station_of(request)
    known = team_of(station.desk.state, team)
    fix = station.board.latest(known.team, station.clock.now_ms())
    return await _circles(station, fix[0] if fix else known.home, known.profile, minutes, False)


@router.get("/circles", response_class=Response)
async def circles(
    request: Request, *, lat: Lat, lon: Lon, minutes: str = "1,3,5", profile: str = "car", towards: bool = False
) -> Response:
    """What is reached from a point, or with ``towards`` from where it is reached: a GeoJSON FeatureCollection."""
    return await _circles(station_of(request), Point(lon, lat), profile, minutes, towards)


@router.get("/ground")
async def ground(request: Request) -> bodies.GroundView:
    """What the service routes on."""
    return station_of(request).ground.view()


@router.get("/ground/places")
async def places(request: Request) -> list[bodies.PlaceView]:
    """The places that have a tier of their own."""
    return station_of(request).ground.places()


@router.get("/ground/roads", response_class=Response)
async def roads(request: Request) -> Response:
    """All roads, for drawing: a GeoJSON FeatureCollection with one MultiLineString a class."""
    return _drawn(await station_of(request).ground.roads(), request)


@router.get("/ground/basemap.pmtiles", response_class=FileResponse)
async def basemap(request: Request) -> Response:
    """The map as one PMTiles v3 file of vector tiles; parts of it by HTTP Range, unchanged copies by its ETag."""
    found = station_of(request).ground.basemap()
    if found is None:
        raise RefusedError(Refusal(Code.NOT_FOUND, "this ground was given without a map"))
    path, name = found
    headers = {"ETag": f'"{name}"', "Cache-Control": "private, no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if f'"{name}"' in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type="application/vnd.pmtiles", headers=headers)


@router.get("/ground/search")
async def search(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=64)],
    near: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[bodies.FoundView]:
    """Places by name: characters, pinyin, initials; ``near`` is ``lat,lon``: of equals the near stand first."""
    return await station_of(request).ground.find(q, _point(near), limit)


def _point(text: str | None) -> Point | None:
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = math.nan
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise RefusedError(Refusal(Code.OUT_OF_RANGE, f"near={text}: latitude,longitude, as in 28.00,120.56"))
    return Point(lon, lat)


def _drawn(zipped: bytes, request: Request) -> Response:
    """GeoJSON as it is kept, zipped; unzipped for who does not take that."""
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(zipped), media_type="application/geo+json", headers=headers)
    return Response(zipped, media_type="application/geo+json", headers=headers | {"Content-Encoding": "gzip"})
