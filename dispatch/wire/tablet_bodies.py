"""Bodies of what a tablet does besides its push stream: the way to a place, panic, photos."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from dispatch.wire.bodies import Body
from dispatch.wire.frames import Key, Lat, Lon, Millis, Name

MAX_PHOTO_BYTES: Final = 8 * 1024 * 1024
MAX_PART_BYTES: Final = 48 * 1024
"""A part fits under the limit of every body; in a weak net a lost one costs little."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class WayStep(Body):
    """One manoeuvre in both languages, then metres and ms to the next; ``kind`` is of geo_data.manoeuvres."""

    kind: str
    zh: str
    en: str
    street: str | None
    at: tuple[float, float]
    length_m: float
    travel_ms: int


class WayView(Body):
    """The fastest way between two places: its line in (lon, lat) degrees WGS-84, and its steps."""

    line: list[tuple[float, float]]
    length_m: float
    travel_ms: int
    steps: list[WayStep]


class PanicBody(Body):
    """Somebody of a team needs help at once; without a position the latest one that is known counts."""

    key: Key
    why: Literal["button", "check_in"] = "button"
    lat: Lat | None = None
    lon: Lon | None = None
    at_ms: Millis


class PhotoBody(Body):
    """A photo that is about to come: ``digest`` is the SHA-256 of its bytes, ``key`` the one of its note."""

    key: Key
    digest: Digest
    size: Annotated[int, Field(ge=1, le=MAX_PHOTO_BYTES)]
    incident: Name
    taken_ms: Millis


class PhotoProgress(Body):
    """How many bytes of a photo the service holds on its disk; ``done``: all, checked, and noted in the log."""

    digest: str
    have: int
    size: int
    done: bool


class PhotoView(Body):
    """A photo of an incident; ``GET /api/photos/{digest}`` has its bytes."""

    digest: str
    size: int
    media_type: str
    incident: str
    team: str
    taken_ms: int
