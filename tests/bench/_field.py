"""The field of a contest: one OSM file, our ground of it, the graph we search as plain arrays, and seeded places.

The peers' data lies in a folder of ``.cache/bench`` by the source's content; ours in a folder of that, made anew
where our code changed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from dispatch.bootstrap import CACHE, ROOT
from dispatch.domain.errors import SetupError
from geo_data import samples
from geo_data.coordinates import haversine_m
from geo_data.graph import RoadGraph
from geo_data.graph.turns import BAN
from geo_data.locate import position_point
from geo_data.sources import read_ground, save_ground
from geo_data.types import UNREACHED, ArcIdx, ArcPosition
from tests.bench._worker import PROFILE

PORTO = ROOT.parent / "shared" / "data" / "roads" / "porto.osm.pbf"
SEED = 135
INCIDENTS = 1000
TEAMS = 2000
DISTRICT_M = 4000.0


@dataclass(frozen=True)
class Field:
    """Where the parts of the field are, all absolute."""

    folder: Path
    osm: Path
    ground: Path
    graph: Path
    places: Path

    @property
    def title(self) -> str:
        """The name of the source."""
        return self.osm.name

    def spec(self) -> dict[str, str]:
        """What a child needs to find the field."""
        names = ("folder", "osm", "ground", "graph", "places")
        return {name: str(getattr(self, name)) for name in names}


def lay_field(source: Path | None, say: Callable[[str], None]) -> Field:
    """Return the field of an OSM file: by default Porto where the shared data is, the sample town elsewhere."""
    if source is None:
        source = PORTO if PORTO.exists() else samples.TOWN_OSM
    name = source.name.split(".")[0]
    folder = CACHE / "bench" / f"{name}-{fingerprint(source)}"
    code = (path for path in (ROOT / "geo_data").rglob("*.py"))
    ours = folder / f"ours-{fingerprint(Path(__file__), *code)}"
    field = Field(
        folder, folder / f"{name}.osm.pbf", ours / "ours.ground", ours / "graph.npz", ours / "places.json"
    )
    if (ours / "complete").exists():
        return field
    say(f"laying the field of {source} …")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("ours-*"):
        shutil.rmtree(old)
    ours.mkdir()
    if not field.osm.exists():
        _as_pbf(source, field.osm)
    ground = read_ground(field.osm)
    save_ground(ground, field.ground)
    graph = ground.graph(PROFILE)
    np.savez(field.graph, **search_graph(graph))
    field.places.write_text(json.dumps(_places(graph)))
    (ours / "complete").touch()
    return field


def fingerprint(*paths: Path) -> str:
    """Return a short name for the content of files, in whatever order."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


def _as_pbf(source: Path, target: Path) -> None:
    """Lay the source beside the field as a .pbf, the only form that every peer reads."""
    if source.suffix == ".pbf":
        target.symlink_to(source.resolve())
        return
    if not any(suffix in {".osm", ".xml"} for suffix in source.suffixes):
        raise SetupError(f"{source} is no OSM file: the peers read no other")
    draft = target.with_name(f"draft-{target.name}")
    draft.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(draft)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    draft.replace(target)


def search_graph(graph: RoadGraph) -> dict[str, Any]:
    """Return what our search runs on as a plain graph: nodes are its states, weights its ms, turns included.

    ``tail``, ``head``, ``travel_ms`` are the edges; ``lon``, ``lat`` and ``place`` (the junction) of the nodes;
    ``after`` the node in which a search goes on after each arc of ours. Without turn rules a node is a junction;
    ``plain_*`` is the same graph with all turns left out, which is smaller and answers wrongly.
    """
    node = graph.state_node
    degree = np.diff(graph.first_out)[node]
    tail = np.repeat(np.arange(len(node)), degree)
    turn = np.arange(len(tail)) - np.repeat(np.cumsum(degree) - degree, degree)
    arc = graph.first_out[node][tail] + turn
    entry = graph.row_ms[graph.state_row[tail] + turn].astype(np.int64)
    head = graph.step_state[arc].astype(np.int64)
    jumps = zip(graph.jump_state.tolist(), graph.jump_step.tolist(), graph.jump_to.tolist(), strict=True)
    where = {(state, step): to for state, step, to in jumps}
    for i in np.flatnonzero(entry < BAN).tolist():
        head[i] = where[int(tail[i]), int(arc[i])]
    cost = np.where(entry < BAN, -2 - entry, entry)
    usable = (entry != BAN) & (graph.travel_ms[arc] != UNREACHED)
    return {
        "tail": tail[usable],
        "head": head[usable],
        "travel_ms": (graph.travel_ms[arc] + cost)[usable],
        "lon": graph.node_lon_e7[node] / 1e7,
        "lat": graph.node_lat_e7[node] / 1e7,
        "after": graph.step_state,
        "place": node,
        **{f"plain_{name}": graph.column(name) for name in ("tail", "head", "travel_ms")},
        "plain_lon": graph.node_lon_e7 / 1e7,
        "plain_lat": graph.node_lat_e7 / 1e7,
        "plain_after": graph.head,
        "plain_place": np.arange(graph.n_nodes),
    }


def _places(graph: RoadGraph) -> dict[str, Any]:
    """Return seeded places on roads of the main part: arcs alike, so that there are more where roads are dense.

    ``ground`` is the whole of it, ``district`` what lies within DISTRICT_M of the place that has most others so
    near: as large as the jurisdiction of a street office.
    """
    chance = np.random.default_rng(SEED)
    usable = np.flatnonzero((graph.piece_island[graph.arc_piece] == 0) & (graph.length_mm > 0))
    arcs = chance.choice(usable, INCIDENTS + TEAMS, replace=len(usable) < INCIDENTS + TEAMS)
    everywhere = _points(graph, arcs, chance)
    some = everywhere[:INCIDENTS]
    away = [haversine_m(some[:, 0], some[:, 1], *point) for point in some]
    centre = some[int(np.argmax([np.count_nonzero(metres < DISTRICT_M) for metres in away]))]
    node = graph.tail[usable]
    inside = usable[haversine_m(graph.node_lon_e7[node] / 1e7, graph.node_lat_e7[node] / 1e7, *centre) < DISTRICT_M]
    near = chance.choice(inside, INCIDENTS + TEAMS, replace=len(inside) < INCIDENTS + TEAMS)
    told = {"ground": everywhere, "district": _points(graph, near, chance)}
    return {
        "incidents": {scope: points[:INCIDENTS].tolist() for scope, points in told.items()},
        "teams": {scope: points[INCIDENTS:].tolist() for scope, points in told.items()},
        "incident_arcs": arcs[:INCIDENTS].tolist(),
        "team_arcs": arcs[INCIDENTS:].tolist(),
    }


def _points(graph: RoadGraph, arcs: Any, chance: np.random.Generator) -> Any:
    """Return a seeded point on each arc, float64[n, 2]."""
    shares = chance.uniform(0.0, 1.0, len(arcs)).tolist()
    places = zip(arcs.tolist(), shares, strict=True)
    return np.round(
        [position_point(graph, ArcPosition(ArcIdx(arc), share * graph.arc_length_m(arc))) for arc, share in places],
        7,
    )
