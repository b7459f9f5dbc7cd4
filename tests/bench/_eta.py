"""Travel times of several engines on one network: what differs is then the engine, not the speeds.

The network keeps the roads a car may use without a condition, and of their tags those that all read alike; each
road states one speed of its class in the form an engine takes as it is: OSRM drives 0.8 of a ``maxspeed``,
Valhalla all of it, ours the ``speed_kmh`` of a road table. Barriers and signals are left out; turn restrictions
stay. The speeds are multiples of 4 km/h, so that 1.25 times is a whole number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from geo_data.coordinates import haversine_m
from geo_data.graph import RoadGraph
from geo_data.locate import locate, position_point
from geo_data.route import point_at, route
from geo_data.sources import load_ground, read_ground, save_ground
from geo_data.types import ArcIdx, ArcPosition, LonLat
from tests.bench._field import Field, fingerprint
from tests.bench._worker import PROFILE

SPEEDS_KMH = {
    "motorway": 88,
    "trunk": 68,
    "primary": 48,
    "secondary": 44,
    "tertiary": 40,
    "unclassified": 32,
    "residential": 28,
    "living_street": 12,
    "service": 16,
}
LINK_SHARE = 0.5
KEPT = frozenset({"highway", "oneway", "junction", "name", "ref", "layer", "bridge", "tunnel"})
CONDITIONS = ("access", "vehicle", "motor_vehicle", "motorcar", "motorroad", "area", "toll")
FACTOR = {"OSRM": 1.25, "Valhalla": 1.0}
SEED = 13500
FAR_M = 20_000.0
APART_M = 15.0
SAME_WAY = 0.03

NOT_ROUTED = "one of the two finds no way"
APART = "its ends are on other roads"
SAME = "it takes a way as long, at other speeds"
PREFERS = "it prefers another way, though it drives ours as fast as we do"
AVOIDS = "it takes another way, and needs other seconds on ours too"
EXPLAINED = {
    NOT_ROUTED: "An end lies on a road that is cut off for one engine: an island, or a one-way dead end.",
    APART: f"The points on the road are more than {APART_M:.0f} m apart: engines prefer well connected roads.",
    SAME: "The seconds of turns, roundabouts and ramps differ, which weighs most on short trips.",
    PREFERS: "Led through three points of our way, its time there is ours: what it minimizes is not time alone.",
    AVOIDS: "Led through three points of our way, it is not as fast either: it has other seconds for a turn there, "
    "other speeds on a ramp or a roundabout, or does not take a U-turn or a restricted turn that we take.",
}


@dataclass(frozen=True)
class Neutral:
    """The network as OSM files in one folder, and our ground of it."""

    folder: Path
    ground: Path

    def osm(self, engine: str) -> Path:
        """Return the .pbf for an engine."""
        return self.folder / f"{engine.lower()}.osm.pbf"

    def graph(self) -> RoadGraph:
        """Return our roads of it."""
        return load_ground(self.ground).graph(PROFILE)


def lay_neutral(field: Field) -> Neutral:
    """Return the network of a field, made first where there is none."""
    folder = field.folder / f"neutral-{fingerprint(Path(__file__))}"
    network = Neutral(folder, field.ground.with_name("neutral.ground"))
    if not (folder / "complete").exists():
        folder.mkdir(exist_ok=True)
        for engine, factor in FACTOR.items():
            _retag(field.osm, network.osm(engine), factor)
        (folder / "complete").touch()
    if not network.ground.exists():
        save_ground(read_ground(network.osm("Valhalla"), (PROFILE,)), network.ground)
    return network


def _retag(source: Path, target: Path, factor: float) -> None:
    target.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(target)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            if thing.is_node():
                writer.add(thing.replace(tags={}))
            elif thing.is_way():
                tags = _neutral_tags(dict(thing.tags), factor)
                if tags:
                    writer.add(thing.replace(tags=tags))
            elif thing.is_relation() and thing.tags.get("type") == "restriction":
                writer.add(thing)


def _neutral_tags(tags: dict[str, str], factor: float) -> dict[str, str]:
    """Return the tags of a road in the network, none where it is not in it."""
    kind = tags.get("highway", "")
    speed = SPEEDS_KMH.get(kind.removesuffix("_link"))
    if speed is None or any(key in tags for key in CONDITIONS):
        return {}
    if kind.endswith("_link"):
        speed = max(16, int(speed * LINK_SHARE) // 4 * 4)
    kept = {key: value for key, value in tags.items() if key in KEPT}
    return kept | {"maxspeed": f"{round(speed * factor)}", "speed_kmh": str(speed)}


def neutral_pairs(network: Neutral, count: int) -> list[list[list[float]]]:
    """Return seeded pairs of places on the main part, at most 20 km apart."""
    graph, chance = network.graph(), np.random.default_rng(SEED)
    usable = np.flatnonzero((graph.piece_island[graph.arc_piece] == 0) & (graph.length_mm > 20_000))
    pairs: list[list[list[float]]] = []
    for _ in range(100 * count):
        ends = []
        for arc in chance.choice(usable, 2).tolist():
            position = ArcPosition(ArcIdx(arc), chance.uniform(0.2, 0.8) * graph.arc_length_m(arc))
            ends.append([round(degrees, 7) for degrees in position_point(graph, position)])
        if 100.0 < float(haversine_m(*ends[0], *ends[1])) < FAR_M:
            pairs.append(ends)
        if len(pairs) == count:
            break
    return pairs


@dataclass(frozen=True)
class Trip:
    """One way: s, m, the points on the road of both ends, and three points on the way (ours only)."""

    seconds: float
    metres: float
    start: tuple[float, float]
    end: tuple[float, float]
    through: tuple[tuple[float, float], ...] = ()


def trip_of(answer: Sequence[float] | None) -> Trip | None:
    """Return a peer's answer, six figures, as a trip."""
    if answer is None:
        return None
    seconds, metres, *ends = answer
    return Trip(seconds, metres, (ends[0], ends[1]), (ends[2], ends[3]))


def our_trips(network: Neutral, pairs: Sequence[Any]) -> list[Trip | None]:
    """Return our way of each pair; None where there is none."""
    graph = network.graph()
    trips: list[Trip | None] = []
    for start, end in pairs:
        way = route(graph, locate(graph, LonLat(*start)), locate(graph, LonLat(*end)))
        if way is None:
            trips.append(None)
            continue
        through = tuple(point_at(way, way.travel_ms * quarter // 4) for quarter in (1, 2, 3))
        ends = position_point(graph, way.start), position_point(graph, way.end)
        trips.append(Trip(way.travel_ms / 1000.0, way.length_m, *ends, through))
    return trips


def near(ours: Trip, theirs: Trip, share: float) -> bool:
    """Return whether the times differ by at most a share of ours."""
    return abs(theirs.seconds / max(ours.seconds, 1.0) - 1.0) <= share


def class_of(ours: Trip | None, theirs: Trip | None, led: Trip | None, share: float) -> str:
    """Return why a peer disagrees by more than a share, "" where it does not; ``led`` is its time on our way."""
    if ours is None or theirs is None:
        return "" if ours is theirs else NOT_ROUTED
    if near(ours, theirs, share):
        return ""
    gaps = (haversine_m(*ours.start, *theirs.start), haversine_m(*ours.end, *theirs.end))
    if max(float(gap) for gap in gaps) > APART_M:
        return APART
    if abs(theirs.metres / max(ours.metres, 1.0) - 1.0) <= SAME_WAY:
        return SAME
    return PREFERS if led is not None and near(ours, led, share) else AVOIDS
