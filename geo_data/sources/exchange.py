"""Grounds to NetworkX and GraphML and back, with the same times; any other graph comes in by its OSM tags."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError
from geo_data.graph import COLUMNS, Ground, GroundMeta, Pieces, RoadGraph, assemble, graph_of
from geo_data.graph.assemble import frozen
from geo_data.sources.build import DEFAULT_PROFILES, Progress, silent
from geo_data.sources.networkx import to_networkx
from geo_data.types import MAX_TRAVEL_MS, ROAD_CLASSES, UNREACHED, Float64s, Int32s

if TYPE_CHECKING:
    import networkx as nx

_ORDER: Final = tuple(COLUMNS)
TURN_COLUMNS: Final = (
    *_ORDER[_ORDER.index("step_state") : _ORDER.index("timed_to_min") + 1],
    "node_island",
    "piece_island",
)
_HINT: Final = (
    "an edge needs travel_ms, a whole number of 1 to a day's milliseconds; a node needs x and y in degrees"
)


def to_exchange(graph: RoadGraph) -> nx.MultiDiGraph[int]:
    """Return ``to_networkx`` with all that ``from_networkx`` needs to give the same graph again.

    Edges have also ``geometry`` (a LineString in the direction of travel), ``highway``, ``piece`` and
    ``against``; the graph has ``turns``, JSON of the turn columns. Raises GroundError for a graph with closed
    arcs: export the ground, not a view of its changes.
    """
    if np.any(graph.travel_ms == UNREACHED):
        raise GroundError("a graph with closed arcs cannot be exchanged", "export the ground without live changes")
    network = to_networkx(graph)
    for _, _, arc, fields in network.edges(keys=True, data=True):
        piece = int(graph.arc_piece[arc])
        fields["geometry"] = shapely.LineString(graph.arc_geometry(arc))
        fields["highway"] = ROAD_CLASSES[int(graph.piece_class[piece])]
        fields["piece"], fields["against"] = piece, int(graph.arc_against[arc])
    network.graph["turns"] = json.dumps({name: graph.column(name).tolist() for name in TURN_COLUMNS})
    return network


def write_graphml(graph: RoadGraph, path: str | Path) -> None:
    """Write the graph as GraphML, which ``read_graphml`` and osmnx's ``load_graphml`` read; geometry is WKT."""
    import networkx as nx  # noqa: PLC0415 - only this door needs it

    network = to_exchange(graph)
    for _, _, fields in network.edges(data=True):
        fields["geometry"] = shapely.to_wkt(fields["geometry"], rounding_precision=7)
    try:
        nx.write_graphml(network, str(path))
    except OSError as error:
        raise GroundError(f"{path} cannot be written: {error.strerror}", "check the directory") from None


def read_graphml(
    path: str | Path,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    licence: str | None = None,
    progress: Progress = silent,
) -> Ground:
    """Return the ground of a GraphML file: ours, any with ``travel_ms``, or one that osmnx has saved.

    Raises GroundError where it is absent, none, or as ``from_networkx`` does.
    """
    import networkx as nx  # noqa: PLC0415 - only this door needs it

    path = Path(path)
    progress(f"reading {path.name}")
    try:
        network: Any = nx.read_graphml(str(path), node_type=int, edge_key_type=int, force_multigraph=True)
    except OSError as error:
        raise GroundError(f"{path} cannot be read: {error.strerror}", "check the path") from None
    except Exception as error:  # the XML parser has one of each kind
        raise GroundError(f"{path} is no GraphML of roads ({error})", _HINT) from None
    for _, _, fields in network.edges(data=True):
        for key in ("oneway", "reversed"):  # osmnx writes truth as text
            if fields.get(key) in {"True", "False"}:
                fields[key] = fields[key] == "True"
    return from_networkx(network, path.name, profiles, licence, progress)


def from_networkx(
    network: nx.MultiDiGraph[int],
    source: str,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    licence: str | None = None,
    progress: Progress = silent,
) -> Ground:
    """Return the ground of a MultiDiGraph whose nodes have ``x`` and ``y`` in degrees.

    Where each edge has ``travel_ms`` these are its times, and the one profile is the graph's ``profile``, else
    the first of ``profiles``; ``geometry`` (LineString or WKT), ``length_m`` or ``length``, ``name``,
    ``highway`` and ``osmid`` are used where present, and edges of one ``piece`` are the two directions of one
    road. Any other graph is read by its OSM tags, as ``from_osmnx`` does. Raises GroundError where a node has
    no place, a time is out of range, or there are no edges. The law kept: the times on
    ``from_networkx(to_exchange(graph))`` are those on ``graph``, turns included.
    """
    if network.number_of_edges() == 0:
        raise GroundError(f"{source} has no edges", _HINT)
    _check_places(network, source)
    for _, _, fields in network.edges(data=True):
        if isinstance(fields.get("geometry"), str):
            fields["geometry"] = shapely.from_wkt(fields["geometry"])
    if not all("travel_ms" in fields for _, _, fields in network.edges(data=True)):
        from geo_data.sources.place import from_osmnx  # noqa: PLC0415 - only graphs of OSM

        return from_osmnx(network, source, profiles, licence, progress)
    profile = str(network.graph.get("profile", "")) or profiles[0]
    names, pieces = _pieces(network, source)
    graph = _with_turns(assemble(profile, names, pieces), network.graph.get("turns"), source)
    graph.check()
    return Ground(_meta(graph, source, licence), {profile: graph})


def _check_places(network: nx.MultiDiGraph[int], source: str) -> None:
    for node, fields in network.nodes(data=True):
        x, y = fields.get("x"), fields.get("y")
        if not (isinstance(x, int | float) and isinstance(y, int | float) and abs(x) <= 180 and abs(y) <= 90):
            raise GroundError(f"{source}: node {node} has no place on Earth (x {x}, y {y})", _HINT)


def _pieces(network: nx.MultiDiGraph[int], source: str) -> tuple[tuple[str, ...], Pieces]:
    """Return street names and road pieces, a pair of edges with the same ``piece`` as one."""
    number = {node: i for i, node in enumerate(network.nodes)}
    roads: dict[object, list[tuple[int, int, Mapping[str, Any]]]] = {}
    edges = network.edges(keys=True, data=True)
    for tail, head, key, fields in sorted(edges, key=lambda edge: int(edge[3].get("against", 0))):
        travel_ms = fields["travel_ms"]
        if not (isinstance(travel_ms, int | float) and 1 <= travel_ms <= MAX_TRAVEL_MS):
            raise GroundError(f"{source}: edge {tail}, {head}, {key} has a travel_ms of {travel_ms}", _HINT)
        road = roads.setdefault(fields.get("piece", (tail, head, key)), [])
        if len(road) == 2 or (road and (road[0][0], road[0][1]) != (number[head], number[tail])):
            raise GroundError(f"{source}: more than two edges, or two of one direction, are one piece", _HINT)
        road.append((number[tail], number[head], fields))
    if all(isinstance(piece, int) for piece in roads):
        roads = dict(sorted(roads.items(), key=lambda item: int(str(item[0]))))
    places = np.array([(fields["x"], fields["y"]) for _, fields in network.nodes(data=True)], dtype=np.float64)
    index: dict[str, int] = {}
    rows, lines = [], []
    for road in roads.values():
        start, end, about = road[0]
        ahead = not int(about.get("against", 0))
        line = shapely.get_coordinates(about["geometry"]) if "geometry" in about else places[[start, end]]
        length_mm = _length_mm(about, line)
        times = [round(edge[2]["travel_ms"]) for edge in road] + [0]
        along_ms, against_ms = times[:2] if ahead else (0, times[0])
        if not ahead:
            start, end, line = end, start, line[::-1]
        name = about.get("name")
        text = str(name[0] if isinstance(name, list) else name) if name else ""
        named = index.setdefault(text, len(index)) if text else -1
        rows.append((start, end, along_ms, against_ms, length_mm, _class(about), named, _way(about)))
        lines.append(line)
    table = np.array(rows, dtype=np.int64)
    points = np.concatenate(lines)
    first_point = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int32)
    return tuple(index), Pieces(
        node_lon_e7=_rounded(places[:, 0] * 1e7),
        node_lat_e7=_rounded(places[:, 1] * 1e7),
        piece_from=table[:, 0].astype(np.int32),
        piece_to=table[:, 1].astype(np.int32),
        along_ms=table[:, 2].astype(np.int32),
        against_ms=table[:, 3].astype(np.int32),
        piece_length_mm=table[:, 4].astype(np.int32),
        piece_class=table[:, 5].astype(np.uint8),
        piece_name=table[:, 6].astype(np.int32),
        piece_way=table[:, 7],
        piece_first_point=first_point,
        point_lon_e7=_rounded(points[:, 0] * 1e7),
        point_lat_e7=_rounded(points[:, 1] * 1e7),
    )


def _length_mm(fields: Mapping[str, Any], line: Float64s) -> int:
    stated = fields.get("length_m", fields.get("length"))
    if stated is None:
        stated = float(np.sum(haversine_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])))
    return round(float(stated) * 1000.0)


def _class(fields: Mapping[str, Any]) -> int:
    value = fields.get("highway", "road")
    road = str(value[0] if isinstance(value, list) else value).removesuffix("_link")
    return ROAD_CLASSES.index(road if road in ROAD_CLASSES else "road")


def _way(fields: Mapping[str, Any]) -> int:
    value = fields.get("osmid", 0)
    first = value[0] if isinstance(value, list) else value
    return int(first) if str(first).lstrip("-").isdigit() else 0


def _rounded(degrees_e7: Float64s) -> Int32s:
    rounded: Int32s = np.rint(degrees_e7).astype(np.int32)
    return rounded


def _with_turns(graph: RoadGraph, text: object, source: str) -> RoadGraph:
    """Return the graph with the turn columns that were written with it, or as it is without any."""
    if not text:
        return graph
    columns: dict[str, npt.NDArray[np.generic]] = {name: graph.column(name) for name in COLUMNS}
    try:
        written = json.loads(str(text))
        columns |= {name: frozen(np.array(written[name]), COLUMNS[name]) for name in TURN_COLUMNS}
    except (ValueError, KeyError, TypeError) as error:
        raise GroundError(
            f"{source}: its turns cannot be read ({error})", "export it again, or drop 'turns'"
        ) from None
    sizes = {"step_state": graph.n_arcs, "back_step_state": graph.n_arcs, "node_island": graph.n_nodes}
    if any(len(columns[name]) != size for name, size in sizes.items()):
        raise GroundError(
            f"{source}: its turns are not those of its edges", "drop 'turns' where edges were changed"
        )
    return graph_of(graph.profile, graph.names, columns)


def _meta(graph: RoadGraph, source: str, licence: str | None) -> GroundMeta:
    lon, lat = graph.point_lon_e7 / 1e7, graph.point_lat_e7 / 1e7
    digest = hashlib.sha256()
    for name in ("tail", "head", "travel_ms", "point_lon_e7", "point_lat_e7"):
        digest.update(graph.column(name).tobytes())
    return GroundMeta(
        source=source,
        source_sha256=digest.hexdigest(),
        source_date="",
        licence=licence or "not stated",
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        bounds=(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())),
        km_by_class={graph.profile: graph.km_by_class()},
        connected_share={graph.profile: 1.0 - float(graph.node_island.mean())},
    )
