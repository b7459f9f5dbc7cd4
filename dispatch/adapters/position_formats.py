"""Positions as other programs send them: OsmAnd and Traccar Client over HTTP, OwnTracks JSON.

Read: the protocol pages of Traccar (OsmAnd protocol: query or form fields, or JSON with ``location.coords``) and of
OwnTracks (JSON ``_type: location``). Speeds are knots in OsmAnd's fields, m/s in its JSON, km/h in OwnTracks.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any, Final

from dispatch.adapters.positions import Datum, Seen, to_wgs84
from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import TeamId

KNOT_M_S: Final = 1852.0 / 3600.0
KM_H_M_S: Final = 1.0 / 3.6
HDOP_M: Final = 5.0
"""Metres of a horizontal dilution of 1: the usual error of a phone's receiver."""

_DATUMS: Final = {"": Datum.WGS84, "wgs84": Datum.WGS84, "gcj02": Datum.GCJ02, "bd09": Datum.BD09}
_MS_FROM: Final = 100_000_000_000
"""A number of this size or more is ms since the epoch, a smaller one seconds (the year 5138)."""


class _NoFixError(Exception):
    """A field cannot be used; the message says which and what it should be."""


def osmand_fields(fields: Mapping[str, str], now_ms: int) -> Seen | Refusal | None:
    """The fix of OsmAnd's query or form fields; None where the sender says that it is not valid.

    ``id`` (or ``deviceid``) is the team; ``lat``, ``lon`` (or ``location=lat,lon``); ``timestamp`` in s or ms since
    the epoch or ISO 8601, now where it is absent; ``accuracy`` in m or ``hdop``; ``speed`` in knots; ``bearing`` or
    ``heading``; ``batt``; our ``datum`` is wgs84, gcj02 or bd09.
    """
    if fields.get("valid", "true").lower() in ("false", "0"):
        return None
    both = fields.get("location", "").split(",")
    lat, lon = both if len(both) == 2 else (fields.get("lat"), fields.get("lon"))
    hdop = _optional(fields, "hdop")
    try:
        return _seen(
            team=fields.get("id") or fields.get("deviceid"),
            lat=lat,
            lon=lon,
            at=fields.get("timestamp"),
            now_ms=now_ms,
            accuracy_m=fields.get("accuracy") or (_number(hdop, "hdop") * HDOP_M if hdop else None),
            speed=_optional(fields, "speed"),
            metres_s=KNOT_M_S,
            heading=_optional(fields, "bearing") or _optional(fields, "heading"),
            battery=_optional(fields, "batt"),
            datum=fields.get("datum", ""),
        )
    except _NoFixError as error:
        return Refusal(Code.BAD_REQUEST, str(error))


def osmand_json(body: Any, now_ms: int, datum: str = "") -> Seen | Refusal | None:
    """The fix of Traccar Client's JSON: ``device_id``, ``location`` with ``coords``, ``timestamp``, ``battery``."""
    location = body.get("location") if isinstance(body, Mapping) else None
    coords = location.get("coords") if isinstance(location, Mapping) else None
    if not isinstance(coords, Mapping) or not isinstance(location, Mapping):
        return Refusal(Code.BAD_REQUEST, "location.coords is missing: send what Traccar Client 9 sends")
    battery = location.get("battery")
    level = battery.get("level") if isinstance(battery, Mapping) else None
    try:
        return _seen(
            team=body.get("device_id"),
            lat=coords.get("latitude"),
            lon=coords.get("longitude"),
            at=location.get("timestamp"),
            now_ms=now_ms,
            accuracy_m=coords.get("accuracy"),
            speed=coords.get("speed"),
            metres_s=1.0,
            heading=coords.get("heading"),
            battery=None if level is None else _number(level, "battery.level") * 100.0,
            datum=datum,
        )
    except _NoFixError as error:
        return Refusal(Code.BAD_REQUEST, str(error))


def owntracks(body: Any, now_ms: int, device: str | None = None, datum: str = "") -> Seen | Refusal | None:
    """The fix of an OwnTracks message; None for a message of another type, which is no error.

    The team is ``device`` (header X-Limit-D), else the last part of ``topic``, else ``tid``.
    """
    if not isinstance(body, Mapping) or "_type" not in body:
        return Refusal(Code.BAD_REQUEST, "_type is missing: send OwnTracks JSON")
    if body["_type"] != "location":
        return None
    topic = body.get("topic")
    named = topic.rsplit("/", 1)[-1] if isinstance(topic, str) and topic else body.get("tid")
    try:
        return _seen(
            team=device or named,
            lat=body.get("lat"),
            lon=body.get("lon"),
            at=body.get("tst"),
            now_ms=now_ms,
            accuracy_m=body.get("acc"),
            speed=body.get("vel"),
            metres_s=KM_H_M_S,
            heading=body.get("cog"),
            battery=body.get("batt"),
            datum=datum,
        )
    except _NoFixError as error:
        return Refusal(Code.BAD_REQUEST, str(error))


def _seen(
    *,
    team: Any,
    lat: Any,
    lon: Any,
    at: Any,
    now_ms: int,
    accuracy_m: Any,
    speed: Any,
    metres_s: float,
    heading: Any,
    battery: Any,
    datum: str,
) -> Seen | Refusal:
    if not isinstance(team, str) or not 1 <= len(team) <= 64 or not _encodes(team):
        raise _NoFixError("the team is missing: its id is 1 … 64 characters of UTF-8")
    kind = _DATUMS.get(datum.lower().replace("-", ""))
    if kind is None:
        raise _NoFixError(f"datum '{datum[:20]}' is unknown: use wgs84, gcj02 or bd09")
    at_lat, at_lon = _number(lat, "lat"), _number(lon, "lon")
    if abs(at_lat) > 90.0 or abs(at_lon) > 180.0:
        return Refusal(Code.OUT_OF_RANGE, f"lat {at_lat}, lon {at_lon}")
    said_speed = None if speed is None else _number(speed, "speed") * metres_s
    said_heading = None if heading is None else _number(heading, "bearing")
    return Seen(
        team=TeamId(team),
        point=to_wgs84(at_lon, at_lat, kind),
        at_ms=_when_ms(at, now_ms),
        accuracy_m=None
        if accuracy_m is None or accuracy_m == ""
        else min(100_000.0, max(0.0, _number(accuracy_m, "accuracy"))),
        # a negative speed or course is how these programs say that they do not know it
        speed_m_s=said_speed if said_speed is not None and 0.0 <= said_speed <= 100.0 else None,
        heading_deg=said_heading % 360.0 if said_heading is not None and said_heading >= 0.0 else None,
        battery=None if battery is None else min(100.0, max(0.0, _number(battery, "batt"))),
        datum=kind,
    )


def _optional(fields: Mapping[str, str], name: str) -> str | None:
    return fields.get(name) or None


def _encodes(text: str) -> bool:
    """Whether a text can be sent back: JSON may hold half of a surrogate pair, UTF-8 may not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):  # JSON's whole numbers have any size
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise _NoFixError(f"{name} is missing or no number")
    return number


def _when_ms(at: Any, now_ms: int) -> int:
    """Ms since the epoch of a number of s or ms, or of an ISO 8601 time; now where none is given."""
    if at is None or at == "":
        return now_ms
    try:
        number = float(at)
    except OverflowError:
        number = math.inf
    except (TypeError, ValueError):
        try:
            moment = datetime.datetime.fromisoformat(str(at))
        except ValueError:
            raise _NoFixError("timestamp is neither s or ms since the epoch nor ISO 8601") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return max(0, round(moment.timestamp() * 1000.0))
    if not math.isfinite(number) or not 0.0 <= number < 2**53:
        raise _NoFixError("timestamp is out of range: s or ms since the epoch")
    return round(number if number >= _MS_FROM else number * 1000.0)
