"""One builder for all sources: ways with tags in, a ground with one graph a profile out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError
from geo_data.graph import Ground, GroundMeta, Pieces, RoadGraph, assemble
from geo_data.profiles import MIN_TRAVEL_MS, TAG_KEYS, Profile, find_profile
from geo_data.sources.turning import TurnSource, barred_nodes, turned_graph
from geo_data.types import MAX_TRAVEL_MS, ROAD_CLASSES, UNREACHED, Float64s, Int32s, Int64s

DEFAULT_PROFILES: Final = ("car", "ebike", "foot")
BUILDERS: Final = 2
"""How many profiles are built at once."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Roads as a source gives them: w ways over N located nodes.

    Way i has the nodes ``ref[way_first[i] : way_first[i + 1]]`` (indices, at least two, no two alike in a row),
    its OSM ``tags`` and, where ``way_length_mm[i]`` ≥ 0, a stated length that replaces the measured one.
    """

    node_lon_e7: Int32s
    node_lat_e7: Int32s
    way_id: Int64s
    way_first: Int64s
    ref: Int64s
    tags: Sequence[Mapping[str, str]]
    way_length_mm: Int64s | None = None
    turns: TurnSource = field(default_factory=TurnSource)


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a source besides its roads; it becomes part of the ground's meta."""

    source: str
    sha256: str
    date: str
    licence: str
    warnings: tuple[str, ...] = ()


def silent(_message: str) -> None:
    """Take a progress message and show nothing."""


def build_ground(
    ways: Ways, origin: Origin, profiles: Sequence[str], progress: Progress = silent, reversible: bool = False
) -> Ground:
    """Return the ground of ``ways`` with a graph for each named profile, in this order.

    With ``reversible`` each one-way road also has a closed arc against its direction, which a live change can
    open (see ``geo_data.overlay``); it costs about a tenth more memory.
    Raises GroundError where a profile is unknown or named twice, or where no way is open to one.
    """
    if not profiles or len(set(profiles)) != len(profiles):
        raise GroundError(f"travel profiles {list(profiles)!r}", "name one or more profiles, each once")
    chosen = [find_profile(name) for name in profiles]
    if len(ways.tags) == 0:
        raise GroundError(
            f"{origin.source} has no roads at all",
            "the file must contain ways with a 'highway' tag, and their nodes",
        )
    names, way_name = _names(ways.tags)
    kinds = _kinds(ways.tags)
    segment_m = _segments_m(ways)

    def built(profile: Profile) -> RoadGraph:
        progress(f"building the roads of '{profile.name}'")
        found = _pieces(ways, profile, kinds, way_name, segment_m)
        if found is None:
            raise GroundError(
                f"{origin.source} has no roads for the travel profile '{profile.name}'",
                "choose other profiles with --profiles, or check the 'highway' and access tags of the source",
            )
        pieces, junction = found
        if reversible:
            pieces = replace(pieces, along_ms=_or_closed(pieces.along_ms), against_ms=_or_closed(pieces.against_ms))
        return turned_graph(assemble(profile.name, names, pieces), profile, ways.turns, junction)

    with ThreadPoolExecutor(BUILDERS, thread_name_prefix="build") as pool:  # sorting needs no interpreter
        graphs = dict(zip(profiles, pool.map(built, chosen), strict=True))
    return Ground(_meta(origin, graphs), graphs)


def _meta(origin: Origin, graphs: Mapping[str, RoadGraph]) -> GroundMeta:
    lon = [f(g.point_lon_e7) / 1e7 for g in graphs.values() for f in (np.min, np.max)]
    lat = [f(g.point_lat_e7) / 1e7 for g in graphs.values() for f in (np.min, np.max)]
    return GroundMeta(
        source=origin.source,
        source_sha256=origin.sha256,
        source_date=origin.date,
        licence=origin.licence,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        bounds=(float(min(lon)), float(min(lat)), float(max(lon)), float(max(lat))),
        km_by_class={name: g.km_by_class() for name, g in graphs.items()},
        connected_share={name: 1.0 - float(g.node_island.mean()) for name, g in graphs.items()},
        warnings=origin.warnings,
    )


def _names(tags: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], Int32s]:
    """Return the street names, each once, and each way's index among them, -1 for none."""
    index: dict[str, int] = {}
    way_name = np.full(len(tags), -1, dtype=np.int32)
    for i, way in enumerate(tags):
        name = way.get("name") or way.get("ref")
        if name:
            way_name[i] = index.setdefault(" ".join(name.split()), len(index))
    return tuple(index), way_name


def _segments_m(ways: Ways) -> Float64s:
    """Return the metres from each entry of ``ref`` to the next, 0 at the end of a way; float64[len(ref)]."""
    lon, lat = ways.node_lon_e7[ways.ref] / 1e7, ways.node_lat_e7[ways.ref] / 1e7
    metres = np.zeros(len(lon))
    metres[:-1] = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    metres[ways.way_first[1:] - 1] = 0.0
    return metres


class _Kinds(NamedTuple):
    """The ways by what decides their travel: the kind of each way, and the tags of each kind."""

    of_way: Int64s
    tags: list[Mapping[str, str]]


def _kinds(tags: Sequence[Mapping[str, str]]) -> _Kinds:
    """Sort the ways into kinds that are alike in every deciding tag: a city has some hundred of them."""
    number: dict[tuple[str | None, ...], int] = {}
    found: list[Mapping[str, str]] = []
    of_way = np.empty(len(tags), dtype=np.int64)
    for i, way in enumerate(tags):
        kind = number.setdefault(tuple(map(way.get, TAG_KEYS)), len(found))
        if kind == len(found):
            found.append(way)
        of_way[i] = kind
    return _Kinds(of_way, found)


def _class_of(tags: Mapping[str, str]) -> int:
    road = tags.get("highway", "").removesuffix("_link")
    return ROAD_CLASSES.index(road if road in ROAD_CLASSES else "road")


def _pieces(
    ways: Ways, profile: Profile, kinds: _Kinds, way_name: Int32s, segment_m: Float64s
) -> tuple[Pieces, Int64s] | None:
    """Cut the ways open to a profile at its junctions, and return those too; None where there are none."""
    speeds = np.array([profile.judge(tags) for tags in kinds.tags])[kinds.of_way]
    _time_ferries(ways, speeds, segment_m)
    along_kmh, against_kmh = speeds[:, 0], speeds[:, 1]
    usable = np.flatnonzero((along_kmh > 0.0) | (against_kmh > 0.0))
    if len(usable) == 0:
        return None
    size = np.diff(ways.way_first)[usable]
    way_of = np.repeat(usable, size)
    starts = np.cumsum(size) - size
    at = np.arange(len(way_of)) + np.repeat(ways.way_first[usable] - starts, size)
    node = ways.ref[at]
    is_end = np.zeros(len(node), dtype=bool)
    is_end[starts] = is_end[starts + size - 1] = True
    uses = np.bincount(node, minlength=len(ways.node_lon_e7))
    uses[node[is_end]] += 2  # a way's end is a junction even where nothing else meets it
    uses[barred_nodes(profile, ways.turns)] += 2
    cut = uses[node] >= 2
    begin_here, end_here = cut.copy(), cut.copy()
    begin_here[starts + size - 1] = False
    end_here[starts] = False
    begin, end = np.flatnonzero(begin_here), np.flatnonzero(end_here)
    junction = np.unique(node[begin_here | end_here])
    junction = junction[_morton_order(ways.node_lon_e7[junction], ways.node_lat_e7[junction])]
    number = np.full(len(ways.node_lon_e7), -1, dtype=np.int32)
    number[junction] = np.arange(len(junction), dtype=np.int32)
    count = end - begin + 1
    first_point = np.zeros(len(count) + 1, dtype=np.int32)
    np.cumsum(count, out=first_point[1:])
    point = node[np.arange(first_point[-1]) + np.repeat(begin - first_point[:-1], count)]
    run_m = np.concatenate([[0.0], np.cumsum(segment_m[at])])
    way = way_of[begin]
    length_mm = _lengths_mm(ways, way, run_m[end] - run_m[begin])
    classes = np.array([_class_of(tags) for tags in kinds.tags], dtype=np.uint8)[kinds.of_way]
    pieces = Pieces(
        node_lon_e7=ways.node_lon_e7[junction],
        node_lat_e7=ways.node_lat_e7[junction],
        piece_from=number[node[begin]],
        piece_to=number[node[end]],
        along_ms=travel_times_ms(length_mm, along_kmh[way]),
        against_ms=travel_times_ms(length_mm, against_kmh[way]),
        piece_length_mm=length_mm,
        piece_class=classes[way],
        piece_name=way_name[way],
        piece_way=ways.way_id[way],
        piece_first_point=first_point,
        point_lon_e7=ways.node_lon_e7[point],
        point_lat_e7=ways.node_lat_e7[point],
    )
    return pieces, junction


def _time_ferries(ways: Ways, speeds_kmh: Float64s, segment_m: Float64s) -> None:
    """Set the speed of ways that state their duration, where they are open at all."""
    for way, tags in enumerate(ways.tags):
        if "duration_s" in tags:
            metres = float(segment_m[ways.way_first[way] : ways.way_first[way + 1]].sum())
            speeds_kmh[way, speeds_kmh[way] > 0.0] = max(metres, 1.0) * 3.6 / float(tags["duration_s"])


LENGTH_MAX_M: Final = 2_000_000.0
"""The longest road piece: its millimetres must fit an int32."""


def _lengths_mm(ways: Ways, way: Int64s, piece_m: Float64s) -> Int32s:
    """Return piece lengths in mm; where the way's length is stated, its pieces share it by measured length.

    Raises GroundError naming the way where a piece is longer than LENGTH_MAX_M.
    """
    exact_mm = piece_m * 1000.0
    if ways.way_length_mm is not None:
        measured_m = np.bincount(way, weights=piece_m, minlength=len(ways.tags))[way]
        pieces_of = np.bincount(way, minlength=len(ways.tags))[way]
        share = np.divide(piece_m, measured_m, out=1.0 / pieces_of, where=measured_m > 0.0)
        stated_mm = ways.way_length_mm[way].astype(np.float64)
        exact_mm = np.where(stated_mm >= 0.0, stated_mm * share, exact_mm)
    if len(exact_mm) and not exact_mm.max() < LENGTH_MAX_M * 1000.0:
        longest = int(exact_mm.argmax())
        raise GroundError(
            f"way {ways.way_id[way[longest]]} has a piece of {exact_mm[longest] / 1e6:,.0f} km",
            f"a road piece is at most {LENGTH_MAX_M / 1000:,.0f} km long: check its coordinates and length",
        )
    return np.rint(exact_mm).astype(np.int32)


def _or_closed(travel_ms: Int32s) -> Int32s:
    """Return the times with an arc that is closed in the forbidden direction: a one-way may be reversed live."""
    return np.where(travel_ms > 0, travel_ms, np.int32(UNREACHED)).astype(np.int32)


def travel_times_ms(length_mm: Int32s, kmh: Float64s) -> Int32s:
    """Return rounded travel times, at least 1 ms, of lengths at speeds; 0 where the speed is 0 (closed).

    Raises GroundError where a piece would take longer than MAX_TRAVEL_MS.
    """
    is_open = kmh > 0.0
    exact = np.divide(length_mm * 3.6, kmh, out=np.zeros(len(kmh)), where=is_open)
    if len(exact) and exact.max() > MAX_TRAVEL_MS:
        raise GroundError(
            f"a road of {length_mm[int(exact.argmax())] / 1e6:.0f} km takes longer than a day",
            "check the lengths, speeds and coordinates of the source",
        )
    return np.where(is_open, np.maximum(MIN_TRAVEL_MS, np.rint(exact)), 0).astype(np.int32)


def _morton_order(lon_e7: Int32s, lat_e7: Int32s) -> npt.NDArray[np.intp]:
    """Return the order of points along a Z-curve (Morton 1966): near junctions are near in memory."""
    key = np.zeros(len(lon_e7), dtype=np.uint64)
    for shift, column in ((0, lon_e7), (1, lat_e7)):
        bits = (column.astype(np.int64) - int(column.min())).astype(np.uint64)
        for width, mask in (
            (16, 0x0000FFFF0000FFFF),
            (8, 0x00FF00FF00FF00FF),
            (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333),
            (1, 0x5555555555555555),
        ):
            bits = (bits | (bits << np.uint64(width))) & np.uint64(mask)
        key |= bits << np.uint64(shift)
    return np.argsort(key, kind="stable")
