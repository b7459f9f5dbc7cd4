"""The fastest way between two places with its steps in both languages, off the desk's thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import Point
from dispatch.wire.tablet_bodies import WayStep, WayView
from geo_data.errors import GroundError, TooFarFromRoad
from geo_data.graph import Ground
from geo_data.locate import locate
from geo_data.manoeuvres import manoeuvres
from geo_data.phrases import phrase
from geo_data.route import route
from geo_data.types import LonLat


class GroundWays:
    """Ways over one ground, one at a time on a thread of its own."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ways")

    async def way(self, start: Point, end: Point, profile: str) -> WayView | Refusal:
        """The fastest way of a profile; refused where a point has no road, the profile is unknown, or none leads.

        Law: ``travel_ms`` is what the ground's own search says (``geo_data.route``), and the steps sum to it.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._way, start, end, profile)

    def _way(self, start: Point, end: Point, profile: str) -> WayView | Refusal:
        try:
            graph = self._ground.graph(profile)
            there = LonLat(end.lon, end.lat)
            found = route(graph, locate(graph, LonLat(start.lon, start.lat)), locate(graph, there))
        except TooFarFromRoad as error:
            return Refusal(Code.TOO_FAR_FROM_ROAD, str(error))
        except GroundError as error:
            return Refusal(Code.BAD_REQUEST, f"{error}: {error.hint}")
        if found is None:
            return Refusal(Code.CANNOT_REACH, f"no {profile} way")
        steps = [
            WayStep(
                kind=step.kind,
                zh=phrase(step, "zh-CN"),
                en=phrase(step, "en"),
                street=step.street,
                at=(round(step.at.lon, 6), round(step.at.lat, 6)),
                length_m=round(step.length_m, 1),
                travel_ms=step.travel_ms,
            )
            for step in manoeuvres(graph, found, there)
        ]
        line = [(lon, lat) for lon, lat in np.round(found.lonlat, 6).tolist()]
        return WayView(line=line, length_m=round(found.length_m, 1), travel_ms=found.travel_ms, steps=steps)
