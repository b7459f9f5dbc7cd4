"""Answers as GeoJSON (RFC 7946): reached lines, a route with its steps, ranked starts. Circles: ``isochrone``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geo_data.graph import RoadGraph
from geo_data.locate import position_point
from geo_data.manoeuvres import Step
from geo_data.nearest import Arrival
from geo_data.phrases import phrase
from geo_data.reached import ReachedLines
from geo_data.route import Route
from geo_data.types import UNREACHED, ArcPosition, Float64s

Json = dict[str, Any]


def reached_geojson(graph: RoadGraph, lines: ReachedLines) -> Json:
    """Return one LineString a reached part of an arc, with ``street``, ``arc`` and ``times_s`` at its points."""
    places, times_s = _degrees(lines.lonlat), (lines.ms / 1000.0).tolist()
    features = []
    for i, arc in enumerate(lines.arc.tolist()):
        part = slice(int(lines.first[i]), int(lines.first[i + 1]))
        properties = {"arc": arc, "street": graph.arc_name(arc), "times_s": times_s[part]}
        features.append(_feature("LineString", places[part], properties))
    return _collection(features)


def route_geojson(way: Route, steps: Sequence[Step], language: str = "zh-CN") -> Json:
    """Return a LineString of the route with ``times_s`` at its points, and a Point for each step.

    A step has ``kind``, ``text`` in the language, ``street``, ``exit``, ``heading_deg``, ``length_m`` and
    ``travel_s`` until the next. Raises GroundError for an unknown language.
    """
    whole = {
        "travel_s": way.travel_ms / 1000.0,
        "length_m": way.length_m,
        "streets": list(way.names),
        "times_s": (way.time_ms / 1000.0).tolist(),
    }
    features = [_feature("LineString", _degrees(way.lonlat), whole)]
    for step in steps:
        at = _degrees(np.array([step.at]))[0]
        features.append(_feature("Point", at, step_json(step, language)))
    return _collection(features)


def step_json(step: Step, language: str) -> Json:
    """Return a step ready for JSON, in words and figures, without its place."""
    return {
        "kind": step.kind,
        "text": phrase(step, language),
        "street": step.street,
        "exit": step.exit,
        "heading_deg": round(step.heading_deg, 1),
        "length_m": round(step.length_m, 1),
        "travel_s": step.travel_ms / 1000.0,
    }


def nearest_geojson(graph: RoadGraph, starts: Sequence[Sequence[ArcPosition]], arrivals: Sequence[Arrival]) -> Json:
    """Return a Point on the road for each arrival, as ``nearest`` ranks the starts.

    Properties: ``index`` among the starts, ``rank`` from 1, ``travel_s`` and ``length_m``, the last three None
    where the place is not reached. A start with no position has a null geometry.
    """
    features = []
    for rank, arrival in enumerate(arrivals, 1):
        reached = arrival.travel_ms != UNREACHED
        properties = {
            "index": arrival.index,
            "rank": rank if reached else None,
            "travel_s": arrival.travel_ms / 1000.0 if reached else None,
            "length_m": arrival.length_m if reached else None,
        }
        places = starts[arrival.index]
        at = _degrees(np.array([position_point(graph, places[0])]))[0] if places else None
        features.append(_feature("Point", at, properties))
    return _collection(features)


def _degrees(lonlat: Float64s) -> list[list[float]]:
    rounded: list[list[float]] = np.round(lonlat, 7).tolist()
    return rounded


def _feature(kind: str, coordinates: object, properties: Json) -> Json:
    geometry = None if coordinates is None else {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(features: list[Json]) -> Json:
    return {"type": "FeatureCollection", "features": features}
