"""Bodies of positions: what came of a fix, and what the board holds of each team."""

from __future__ import annotations

from typing import Literal

from dispatch.domain.types import FixSource
from dispatch.wire.bodies import Body


class FixTaken(Body):
    """What came of a fix: only ``taken`` moves the team.

    ``late``: older than the held one; ``jump``: too far too soon, marked; ``off_ground``: far off the whole ground,
    as with lat and lon exchanged; ``ignored``: the sender says that it is none.
    """

    verdict: Literal["taken", "late", "jump", "off_ground", "ignored"]


class FixView(Body):
    """A fix in WGS-84 with what its source said; ``datum`` is the one it came in."""

    lat: float
    lon: float
    at_ms: int
    age_ms: int
    accuracy_m: float | None
    speed_m_s: float | None
    heading_deg: float | None
    battery: float | None
    datum: str
    source: FixSource


class TrackView(Body):
    """Where a team is held to be; ``doubted`` is a fix that came too far too soon, until another agrees with it."""

    team: str
    fix: FixView
    doubted: FixView | None
