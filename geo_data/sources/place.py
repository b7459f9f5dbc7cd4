"""A ground by the name of a place, through osmnx, where there is internet; and any osmnx graph as a ground."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import Ground
from geo_data.profiles import TAG_KEYS
from geo_data.sources.build import DEFAULT_PROFILES, Origin, Progress, Ways, build_ground, silent
from geo_data.sources.osm import OSM_LICENCE

if TYPE_CHECKING:
    import networkx as nx

PLACE_TIMEOUT_S = 60
_TAGS = tuple(sorted({*TAG_KEYS, "name", "ref"} - {"speed_kmh"}))


def read_place(
    name: str,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    licence: str | None = None,
    progress: Progress = silent,
) -> Ground:
    """Return the ground of a place that OpenStreetMap knows by name, fetched with osmnx.

    Raises GroundError where there is no internet, or the place or its roads are not found.
    """
    import osmnx  # noqa: PLC0415 - slow to import, and only this door needs it

    osmnx.settings.useful_tags_way = sorted({*osmnx.settings.useful_tags_way, *_TAGS})
    osmnx.settings.requests_timeout = PLACE_TIMEOUT_S
    progress(f"asking OpenStreetMap for the roads of {name}")
    try:
        found = osmnx.graph_from_place(name, network_type="all", simplify=False, retain_all=True)
    except OSError as error:  # of requests: no name service, no route, refused, timed out
        raise GroundError(
            f"OpenStreetMap cannot be asked for '{name}' ({type(error).__name__})",
            "there seems to be no internet: import a downloaded .osm.pbf file instead",
        ) from None
    except (ValueError, TypeError, LookupError) as error:
        raise GroundError(
            f"OpenStreetMap gave no roads for '{name}' ({error})",
            "write the place as the map does ('Guoxi, Ouhai, Wenzhou, China'), or import a file",
        ) from None
    return from_osmnx(found, name, profiles, licence, progress)


def from_osmnx(
    graph: nx.MultiDiGraph[int],
    source: str,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    licence: str | None = None,
    progress: Progress = silent,
) -> Ground:
    """Return the ground of an osmnx MultiDiGraph, simplified or not.

    Nodes have ``x``, ``y`` in degrees; edges have OSM tags, ``reversed`` and ``oneway`` as osmnx sets them,
    and ``geometry`` where they are simplified. Of the two edges of a two-way road one is read; tags that
    osmnx has merged into a list count by their first. Raises GroundError where the graph has no roads.
    """
    coordinates: dict[tuple[int, int], int] = {}
    ref: list[int] = []
    first = [0]
    way_id: list[int] = []
    tags: list[dict[str, str]] = []
    two_way: set[str] = set()
    for tail, head, fields in sorted(graph.edges(data=True), key=_turned):
        line = _line(graph, tail, head, fields)
        if not _first(fields.get("oneway", False)):
            road = (min(line, line[::-1]), sorted(_all(fields.get("osmid"))))
            if repr(road) in two_way:
                continue  # the way back of a road that was read
            two_way.add(repr(road))
        nodes = [coordinates.setdefault(place, len(coordinates)) for place in line]
        nodes = [node for i, node in enumerate(nodes) if i == 0 or node != nodes[i - 1]]
        if len(nodes) < 2:
            continue
        ref.extend(nodes)
        first.append(len(ref))
        way_id.append(int(_first(fields.get("osmid", 0))))
        tags.append(_tags(fields))
    place = np.array(list(coordinates), dtype=np.int64).reshape(-1, 2)
    ways = Ways(
        node_lon_e7=place[:, 0].astype(np.int32),
        node_lat_e7=place[:, 1].astype(np.int32),
        way_id=np.array(way_id, dtype=np.int64),
        way_first=np.array(first, dtype=np.int64),
        ref=np.array(ref, dtype=np.int64),
        tags=tags,
    )
    digest = hashlib.sha256(place.tobytes() + ways.ref.tobytes() + repr(tags).encode()).hexdigest()
    date = str(graph.graph.get("created_date", "")) or datetime.now(UTC).isoformat(timespec="seconds")
    return build_ground(ways, Origin(source, digest, date, licence or OSM_LICENCE), profiles, progress)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _line(graph: nx.MultiDiGraph[int], tail: int, head: int, fields: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the points of an edge in 1e-7 degree, from tail to head."""
    if "geometry" in fields:
        points = list(fields["geometry"].coords)
    else:
        points = [(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in (tail, head)]
    return [(round(lon * 1e7), round(lat * 1e7)) for lon, lat in points]


def _turned(edge: tuple[int, int, dict[str, Any]]) -> bool:
    """Whether osmnx made the edge against its way: those are read last, so that tags mean what they say."""
    return bool(_first(edge[2].get("reversed", False)))


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _tags(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return an edge's OSM tags with the direction in which osmnx says that it may be used."""
    tags = {key: str(_first(fields[key])) for key in _TAGS if fields.get(key) is not None}
    tags.pop("oneway", None)
    if _first(fields.get("oneway", False)) in {True, "yes"}:
        tags["oneway"] = "yes"  # osmnx has turned a road of oneway=-1 round
    else:
        tags["oneway"] = "no"
    return tags
