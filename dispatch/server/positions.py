"""Routes of positions: OsmAnd, Traccar Client, OwnTracks, each for its token's team; and what the board holds."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Header, Query, Request

from dispatch.access.policy import Act, allowed
from dispatch.adapters.position_formats import osmand_fields, osmand_json, owntracks
from dispatch.adapters.positions import Seen
from dispatch.domain.refusals import Code, Refusal
from dispatch.server.asking import station_of, team_of
from dispatch.server.problems import RefusedError
from dispatch.wire import bodies
from dispatch.wire.position_bodies import FixTaken, FixView, TrackView

MAX_FIELDS: Final = 64
MAX_BATCH: Final = 64
"""Messages of one request: phones send what they stored while there was no network."""

router = APIRouter(
    prefix="/api/positions", responses={code: {"model": bodies.Problem} for code in (401, 403, 404, 422, 429)}
)

_FIELDS: Final = {
    "id": ("string", "the team, as the token's; also deviceid"),
    "lat": ("number", "degrees, WGS-84 unless datum says otherwise"),
    "lon": ("number", "degrees"),
    "location": ("string", "lat,lon in place of both"),
    "timestamp": ("string", "s or ms since the epoch, or ISO 8601; now where it is absent"),
    "accuracy": ("number", "metres; unknown where it is absent"),
    "hdop": ("number", "dilution, in place of accuracy"),
    "speed": ("number", "knots"),
    "bearing": ("number", "degrees clockwise from north; also heading"),
    "batt": ("number", "battery, 0…100"),
    "valid": ("string", "false: no fix, taken and ignored"),
    "datum": ("string", "wgs84 (default), gcj02 or bd09"),
}
"""OsmAnd's fields as they are read (``adapters.position_formats.osmand_fields``)."""

_PARAMETERS: Final = [
    {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": kind}}
    for name, (kind, about) in _FIELDS.items()
]
_FORM: Final = {
    "type": "object",
    "properties": {name: {"type": kind, "description": about} for name, (kind, about) in _FIELDS.items()},
}
_TRACCAR: Final = {
    "type": "object",
    "required": ["device_id", "location"],
    "properties": {
        "device_id": {"type": "string", "description": "the team"},
        "location": {
            "type": "object",
            "required": ["coords"],
            "properties": {
                "timestamp": {"type": "string", "description": "ISO 8601"},
                "coords": {
                    "type": "object",
                    "required": ["latitude", "longitude"],
                    "properties": {
                        name: {"type": "number"}
                        for name in ("latitude", "longitude", "accuracy", "speed", "heading")
                    },
                },
                "battery": {"type": "object", "properties": {"level": {"type": "number", "description": "0…1"}}},
            },
        },
    },
}
_LOCATION: Final = {
    "type": "object",
    "required": ["_type"],
    "properties": {
        "_type": {"type": "string", "description": "location; every other type is taken and ignored"},
        **{name: {"type": "number"} for name in ("lat", "lon", "tst", "acc", "vel", "cog", "batt")},
        "tid": {"type": "string", "description": "the team, where neither topic nor X-Limit-D names it"},
        "topic": {"type": "string", "description": "its last part is the team"},
    },
}


def _body(**kinds: dict[str, Any]) -> dict[str, Any]:
    media = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
    return {"requestBody": {"content": {media[kind]: {"schema": schema} for kind, schema in kinds.items()}}}


Datum = Annotated[str, Query(max_length=8, description="wgs84 (default), gcj02 or bd09")]


@router.get("")
async def tracks(request: Request) -> list[TrackView]:
    """Every team's latest fix with its age, accuracy, heading, source datum, and a doubted one beside it."""
    station = station_of(request)
    now_ms = station.clock.now_ms()
    return [
        TrackView(
            team=track.latest.team,
            fix=_view(track.latest, now_ms),
            doubted=_view(track.doubted, now_ms) if track.doubted else None,
        )
        for track in station.board.tracks()
    ]


@router.get("/osmand", openapi_extra={"parameters": _PARAMETERS})
async def osmand_get(request: Request) -> FixTaken:
    """A fix as OsmAnd and Traccar Client send it: query fields id, lat, lon, timestamp and more."""
    return _take(request, osmand_fields(dict(request.query_params.multi_items()[:MAX_FIELDS]), _now_ms(request)))


@router.post("/osmand", openapi_extra=_body(form=_FORM, json=_TRACCAR))
async def osmand_post(request: Request, datum: Datum = "") -> FixTaken:
    """The same in the query or in a form, or the JSON of Traccar Client 9."""
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        return _take(request, osmand_json(_json(body), _now_ms(request), datum))
    try:
        form = parse_qsl(body.decode(), max_num_fields=MAX_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise RefusedError(Refusal(Code.BAD_REQUEST, "the form cannot be read: send UTF-8 fields")) from None
    fields = dict([*request.query_params.multi_items()[:MAX_FIELDS], *form])
    return _take(request, osmand_fields(fields, _now_ms(request)))


@router.post(
    "/owntracks",
    openapi_extra=_body(json={"oneOf": [_LOCATION, {"type": "array", "maxItems": MAX_BATCH, "items": _LOCATION}]}),
)
async def owntracks_post(
    request: Request, x_limit_d: Annotated[str | None, Header(max_length=64)] = None, datum: Datum = ""
) -> list[Any]:
    """OwnTracks JSON, one message or a list; other types than location are taken and ignored. Answers []."""
    body = await request.body()
    if body:
        told = _json(body)
        messages = told if isinstance(told, list) else [told]
        if len(messages) > MAX_BATCH:
            raise RefusedError(Refusal(Code.BAD_REQUEST, f"{len(messages)} messages: send at most {MAX_BATCH}"))
        read = [owntracks(message, _now_ms(request), x_limit_d, datum) for message in messages]
        for each in read:
            _check(request, each)
        for each in read:
            _take(request, each)
    return []


def _view(seen: Seen, now_ms: int) -> FixView:
    return FixView(
        lat=seen.point.lat,
        lon=seen.point.lon,
        at_ms=seen.at_ms,
        age_ms=max(0, now_ms - seen.at_ms),
        accuracy_m=seen.accuracy_m,
        speed_m_s=seen.speed_m_s,
        heading_deg=seen.heading_deg,
        battery=seen.battery,
        datum=seen.datum,
        source=seen.source,
    )


def _now_ms(request: Request) -> int:
    return station_of(request).clock.now_ms()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise RefusedError(Refusal(Code.BAD_REQUEST, "the body is no JSON")) from None


def _check(request: Request, read: Seen | Refusal | None) -> Seen | None:
    if isinstance(read, Refusal):
        raise RefusedError(read)
    if read is None:
        return None
    if (foreign := allowed(request.state.principal, Act.TRACK, team=read.team)) is not None:
        raise RefusedError(foreign)
    team_of(station_of(request).desk.state, read.team)
    return read


def _take(request: Request, read: Seen | Refusal | None) -> FixTaken:
    station = station_of(request)
    seen = _check(request, read)
    return FixTaken(verdict="ignored" if seen is None else station.board.see(seen, station.clock.now_ms()))
