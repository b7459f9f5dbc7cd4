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
from geo_data.route import route
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
LONGER = "it takes a longer way"
SHORTER = "it takes a shorter way"
SAME = "it takes a way as long, at other speeds"
EXPLAINED = {
    NOT_ROUTED: "An end lies on a road that is cut off for one engine: an island, or a one-way dead end.",
    APART: f"The points on the road are more than {APART_M:.0f} m apart: engines prefer well connected roads.",
    LONGER: "A turn costs differently (each engine has its own table of seconds by angle and road), a restriction "
    "or a U-turn is judged differently, or (Valhalla) the fastest way is not what it minimizes.",
    SHORTER: "As above, the other way round: our turn costs make it worth going round, or a restriction is "
    "honoured by ours alone.",
    SAME: "The seconds of turns, roundabouts and ramps differ, which weighs most on short trips; Valhalla also has "
    "speeds of its own for ramps, roundabouts and turn lanes.",
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


def our_trips(network: Neutral, pairs: Sequence[Any]) -> list[list[float] | None]:
    """Return for each pair s, m, and the points on the road of both ends; None where there is no way."""
    graph = network.graph()
    trips: list[list[float] | None] = []
    for start, end in pairs:
        way = route(graph, locate(graph, LonLat(*start)), locate(graph, LonLat(*end)))
        trips.append(
            None
            if way is None
            else [
                way.travel_ms / 1000.0,
                way.length_m,
                *position_point(graph, way.start),
                *position_point(graph, way.end),
            ]
        )
    return trips


def class_of(ours: list[float] | None, theirs: list[float] | None, near: float) -> str:
    """Return why two engines disagree by more than ``near``, "" where they do not."""
    if ours is None or theirs is None:
        return "" if ours is theirs else NOT_ROUTED
    if abs(theirs[0] / max(ours[0], 1.0) - 1.0) <= near:
        return ""
    gaps = (haversine_m(*ours[2:4], *theirs[2:4]), haversine_m(*ours[4:6], *theirs[4:6]))
    if max(float(gap) for gap in gaps) > APART_M:
        return APART
    longer = theirs[1] / max(ours[1], 1.0) - 1.0
    if abs(longer) <= SAME_WAY:
        return SAME
    return LONGER if longer > 0.0 else SHORTER
