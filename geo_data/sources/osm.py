"""OpenStreetMap files: .osm.pbf, .osm, .osm.gz and .osm.bz2, through pyosmium."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import Ground
from geo_data.memory import without_gc
from geo_data.sources.build import DEFAULT_PROFILES, Origin, Progress, Ways, build_ground, silent
from geo_data.sources.clip import Area, clip_ways
from geo_data.sources.restrictions import Relation, relation_of
from geo_data.sources.turning import TurnSource
from geo_data.types import Int64s

OSM_LICENCE: Final = "ODbL 1.0, © OpenStreetMap contributors"
_NOWHERE: Final = 2**31 - 1
"""pyosmium's coordinate of a node that is not in the file."""

_HEAD_BYTES: Final = 4096
_DURATION = re.compile(r"^(?:(\d{1,2}):)?(\d{1,3})(?::(\d{2}))?$")
_KEPT: Final = "use a complete .osm.pbf, .osm, .osm.gz or .osm.bz2 file; download or cut it again"


def read_osm(
    path: str | Path,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    licence: str | None = None,
    progress: Progress = silent,
    reversible: bool = False,
    *,
    clip: Area | None = None,
    ferries: bool = False,
) -> Ground:
    """Return the ground of an OSM file; its kind is told by its content, whatever its name.

    ``reversible`` is that of ``build_ground``. With ``ferries``, those that state their ``duration`` are roads
    that take so long; waiting is not counted, and without it no ferry is taken.
    With ``clip`` only what lies within the area is read, ways cut at its border.
    Ways are split where a node is missing from the file, and the ground's meta counts that as a warning.
    Raises GroundError where the file is absent, no OSM file, cut off, or has no roads for a profile.
    """
    path = Path(path)
    kind = osm_format(path)
    progress(f"reading {path.name}")
    with without_gc():
        raw = _read(path, kind, ferries)
    progress(f"{len(raw.way_id):,} ways with {len(raw.flat) // 3:,} node references")
    ways, warnings = _ways(raw)
    if clip is not None:
        ways = clip_ways(ways, clip)
    licence = licence or _stated_licence(path, kind) or OSM_LICENCE
    origin = Origin(path.name, _sha256(path), raw.date, licence, warnings)
    return build_ground(ways, origin, profiles, progress, reversible)


def osm_format(path: Path) -> str:
    """Return pyosmium's name for the kind of an OSM file; raises GroundError where it is none."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        raise GroundError(f"there is no file {path}", "check the path") from None
    except OSError as error:
        raise GroundError(f"{path} cannot be read: {error.strerror}", "check the path and its rights") from None
    if not head:
        raise GroundError(f"{path} is empty", _KEPT)
    if b"OSMHeader" in head[:32]:
        return "pbf"
    if head.startswith(b"\x1f\x8b"):
        return "osm.gz"
    if head.startswith(b"BZh"):
        return "osm.bz2"
    if b"<osm" in head:
        return "osm"
    raise GroundError(f"{path} is not an OSM file", _KEPT)


@dataclass(slots=True)
class _Raw:
    """Ways as read: ``flat`` is node id, x, y for each reference, ``size`` the references of each way.

    ``barriers`` are tags by node id; ``broken`` counts restrictions that lack a member.
    """

    way_id: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    flat: list[int] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    barriers: dict[int, dict[str, str]] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    broken: int = 0
    date: str = ""


def _read(path: Path, kind: str, ferries: bool) -> _Raw:
    import osmium  # noqa: PLC0415 - only an import needs it

    raw = _Raw()
    newest = datetime.fromtimestamp(0, UTC)
    try:
        source = osmium.io.File(str(path), kind)
        reader = osmium.FileProcessor(source, osmium.osm.NODE | osmium.osm.WAY).with_locations()
        reader.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        reader.with_filter(osmium.filter.KeyFilter("highway", *(["route"] if ferries else [])))
        raw.date = reader.header.get("osmosis_replication_timestamp") or reader.header.get("timestamp")
        way: Any
        for way in _each(reader):
            tags = _road_tags(dict(way.tags), ferries)
            if tags is None:
                continue
            places = [(node.ref, node.location) for node in way.nodes]
            raw.way_id.append(way.id)
            raw.size.append(len(places))
            raw.flat.extend([value for ref, at in places for value in (ref, at.x, at.y)])
            raw.tags.append(tags)
            newest = max(newest, way.timestamp)
        _read_turns(source, raw)
    except (RuntimeError, OSError, ValueError) as error:
        reason = str(error).strip() or type(error).__name__
        raise GroundError(f"{path} is damaged, cut off or no OSM file ({reason})", _KEPT) from None
    if not raw.date and newest.timestamp() > 0.0:
        raw.date = newest.isoformat().replace("+00:00", "Z")
    return raw


def _road_tags(tags: dict[str, str], ferries: bool) -> dict[str, str] | None:
    """Return the tags of a way that is a road or, where wanted, a timed ferry; None for anything else."""
    if "highway" in tags:
        return tags
    match = _DURATION.match(tags.get("duration", ""))
    if not ferries or tags.get("route") != "ferry" or match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total_s = hours * 3600 + minutes * 60 + seconds
    return {**tags, "highway": "ferry", "duration_s": str(total_s)} if total_s > 0 else None


def _read_turns(source: Any, raw: _Raw) -> None:
    """Read what stands on roads and what is said about turns."""
    import osmium  # noqa: PLC0415

    nodes = osmium.FileProcessor(source, osmium.osm.NODE).with_filter(osmium.filter.KeyFilter("barrier"))
    for node in _each(nodes):
        raw.barriers[node.id] = dict(node.tags)
    relations = osmium.FileProcessor(source, osmium.osm.RELATION).with_filter(
        osmium.filter.TagFilter(("type", "restriction"))
    )
    for relation in _each(relations):
        members = [(str(m.type), str(m.role), int(m.ref)) for m in relation.members]
        found = relation_of(dict(relation.tags), members)
        if found is None:
            raw.broken += 1
        else:
            raw.relations.append(found)


def _each(reader: Any) -> Iterator[Any]:
    """Yield the ways of a reader; untyped library objects stay in here."""
    yield from reader


def _ways(raw: _Raw) -> tuple[Ways, tuple[str, ...]]:
    """Return the ways over located nodes, split at missing ones, and the warning where some are missing."""
    flat: Int64s = np.array(raw.flat, dtype=np.int64).reshape(-1, 3)
    way = np.repeat(np.arange(len(raw.size)), np.array(raw.size, dtype=np.int64))
    located = (flat[:, 1] != _NOWHERE) & (np.abs(flat[:, 1]) <= 1_800_000_000) & (np.abs(flat[:, 2]) <= 900_000_000)
    missing = flat[~located, 0]
    warnings: tuple[str, ...] = ()
    if len(missing):
        absent = len(np.unique(missing))
        warnings = (f"{absent:,} nodes missing ({len(missing):,} references): ways were split there",)
    if raw.broken:
        warnings += (f"{raw.broken:,} turn restrictions without from, via or to: left out",)
    ids, first, ref = np.unique(flat[:, 0], return_index=True, return_inverse=True)
    # a run is a stretch of one way without a gap; a node twice in a row counts once
    starts_run = np.ones(len(way), dtype=bool)
    starts_run[1:] = (way[1:] != way[:-1]) | ~located[:-1]
    repeated = np.zeros(len(way), dtype=bool)
    repeated[1:] = ~starts_run[1:] & (ref[1:] == ref[:-1])
    run = np.cumsum(starts_run) - 1
    kept = located & ~repeated
    size = np.bincount(run[kept], minlength=int(run[-1]) + 1 if len(run) else 0)
    kept &= size[run] >= 2
    runs = np.flatnonzero(size >= 2)
    run_way = way[np.flatnonzero(starts_run)[runs]]
    way_first = np.concatenate([[0], np.cumsum(size[runs])])
    return (
        Ways(
            node_lon_e7=np.where(located[first], flat[first, 1], 0).astype(np.int32),
            node_lat_e7=np.where(located[first], flat[first, 2], 0).astype(np.int32),
            way_id=np.array(raw.way_id, dtype=np.int64)[run_way],
            way_first=way_first,
            ref=ref[kept],
            tags=[raw.tags[i] for i in run_way],
            turns=TurnSource(ids, raw.relations, _placed(raw.barriers, ids)),
        ),
        warnings,
    )


def _placed(barriers: dict[int, dict[str, str]], ids: Int64s) -> dict[int, dict[str, str]]:
    """Return the tags of barriers by the index of their node, those on no road left out."""
    nodes = np.array(sorted(barriers), dtype=np.int64)
    place = np.searchsorted(ids, nodes)
    on_road = np.flatnonzero(ids[np.minimum(place, len(ids) - 1)] == nodes) if len(ids) else nodes[:0]
    return {int(place[i]): barriers[int(nodes[i])] for i in on_road}


def _stated_licence(path: Path, kind: str) -> str:
    """Return licence and attribution as the root element of an OSM XML file states them, or ""."""
    if kind == "pbf":
        return ""
    with path.open("rb") as packed:
        file: Any = packed
        if kind == "osm.gz":
            file = gzip.GzipFile(fileobj=packed)
        elif kind == "osm.bz2":
            file = bz2.BZ2File(packed)
        head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    root = re.search(r"<osm\b[^>]*>", head)
    if root is None:
        return ""
    stated = [re.search(rf'\b{key}="([^"]*)"', root.group()) for key in ("license", "attribution")]
    return "; ".join(found.group(1) for found in stated if found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
