"""What is to be covered: places by their tiers, and streets by the metres in each small cell of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.adapters.places import Place
from dispatch.domain.types import TARGET_MS, Tier
from geo_data.coordinates import LocalPlane
from geo_data.errors import GroundError
from geo_data.graph import Ground, RoadGraph
from geo_data.locate import locate
from geo_data.reach import along_mm, partial_ms, walk_ms
from geo_data.types import UNREACHED, ArcIdx, ArcPosition, Float64s, Int32s, Int64s, LonLat

MAX_POINTS: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverRules:
    """What a desk may set about cover; figures of the practice are configuration.

    ``busy_permille`` is how often a team is not there when it is wanted (MEXCLP's busy fraction, in thousandths).
    Weights are thousandths of a unit of demand: a place by its tier, a street by its kilometres. Streets are summed
    over cells of ``cell_m`` metres, in each of which the piece nearest the middle speaks for all. A team that has
    moved less than ``still_m`` metres covers what it covered.
    """

    target_ms: Mapping[Tier, int] = field(default_factory=lambda: dict(TARGET_MS))
    busy_permille: int = 300
    place_milli: Mapping[Tier, int] = field(
        default_factory=lambda: {Tier.T1: 10_000, Tier.T2: 4_000, Tier.T3: 1_000}
    )
    street_milli_per_km: int = 1_000
    cell_m: float = 200.0
    still_m: float = 25.0

    def __post_init__(self) -> None:
        assert 0 <= self.busy_permille < 1000, f"busy_permille is 0 … 999, not {self.busy_permille}"
        assert 20.0 <= self.cell_m <= 5_000.0, f"cell_m is 20 … 5,000 m, not {self.cell_m}"
        assert 0.0 <= self.still_m <= 1_000.0, f"still_m is 0 … 1,000 m, not {self.still_m}"
        assert all(0 < ms <= 3_600_000 for ms in self.target_ms.values()), "a target is up to 1 h"


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Points with what they weigh: first the places, the gravest first, then a point a street cell; columns.

    ``limit_ms`` are the distinct targets, rising; ``level`` the index of each point's own; ``street_mm`` the metres
    of street that a point stands for (0 for a place), in mm.
    """

    places: Sequence[Place]
    lonlat: Float64s
    limit_ms: Int32s
    level: Int64s
    weight_milli: Int64s
    street_mm: Int64s
    main: str
    main_positions: Sequence[tuple[ArcPosition, ...]]

    def __len__(self) -> int:
        return len(self.level)


def demand_of(ground: Ground, places: Sequence[Place], rules: CoverRules) -> Demand:
    """The demand of a ground: its places, and the streets of its first profile, which count in the T3 target."""
    graph = ground.graph(ground.profiles[0])
    places = sorted(places, key=lambda place: (place.tier, place.place))
    piece, street_mm, lonlat, positions = _streets(graph, rules.cell_m)
    at = [(place.point.lon, place.point.lat) for place in places]
    limits = np.unique(np.array(list(rules.target_ms.values()), dtype=np.int32))
    tiers = [place.tier for place in places] + [Tier.T3] * len(piece)
    street_milli = street_mm * rules.street_milli_per_km // 1_000_000
    weight = np.array([rules.place_milli[place.tier] for place in places], dtype=np.int64)
    return Demand(
        places=tuple(places),
        lonlat=np.concatenate([np.array(at, dtype=np.float64).reshape(-1, 2), lonlat]),
        limit_ms=limits,
        level=np.searchsorted(limits, [rules.target_ms[tier] for tier in tiers]).astype(np.int64),
        weight_milli=np.concatenate([weight, street_milli]),
        street_mm=np.concatenate([np.zeros(len(places), dtype=np.int64), street_mm]),
        main=graph.profile,
        main_positions=positions,
    )


def _streets(graph: RoadGraph, cell_m: float) -> tuple[Int64s, Int64s, Float64s, list[tuple[ArcPosition, ...]]]:
    """The piece that speaks for each cell, the cell's mm of street, its middle in degrees, and its positions."""
    open_arc, pieces, lon, lat = _middles(graph)
    one = np.where(graph.piece_arc_along >= 0, graph.piece_arc_along, graph.piece_arc_against)[pieces]
    length_mm = graph.length_mm[one].astype(np.int64)
    x_m, y_m = LocalPlane(float(lon.mean()), float(lat.mean())).to_xy(lon, lat)
    column, row = np.floor(x_m / cell_m).astype(np.int64), np.floor(y_m / cell_m).astype(np.int64)
    cell = (column - column.min()) * (row.max() - row.min() + 1) + row - row.min()
    off = np.hypot(x_m - (column + 0.5) * cell_m, y_m - (row + 0.5) * cell_m)
    order = np.lexsort((np.arange(len(cell)), off, cell))
    first = np.flatnonzero(np.diff(cell[order], prepend=-1))
    total_mm = np.add.reduceat(length_mm[order], first)
    chosen = order[first]
    assert len(chosen) <= MAX_POINTS, "too many street cells: choose a larger cell_m"
    positions = []
    for piece in pieces[chosen].tolist():
        arcs = [int(arc) for arc in (graph.piece_arc_along[piece], graph.piece_arc_against[piece]) if open_arc[arc]]
        positions.append(tuple(ArcPosition(ArcIdx(arc), graph.arc_length_m(arc) / 2.0) for arc in arcs))
    return pieces[chosen], total_mm, np.column_stack([lon[chosen], lat[chosen]]), positions


def _middles(graph: RoadGraph) -> tuple[npt.NDArray[np.bool_], Int64s, Float64s, Float64s]:
    """Which arcs are open (one more, closed, for -1), the pieces with an open arc, and their middles in degrees."""
    open_arc = np.append(graph.travel_ms != UNREACHED, False)
    pieces = np.flatnonzero(open_arc[graph.piece_arc_along] | open_arc[graph.piece_arc_against])
    middle = (graph.piece_first_point[pieces] + graph.piece_first_point[pieces + 1] - 1) // 2
    return open_arc, pieces, graph.point_lon_e7[middle] / 1e7, graph.point_lat_e7[middle] / 1e7


def cell_middles(ground: Ground, demand: Demand, cell_m: float) -> tuple[Float64s, float, float]:
    """The middle of each point's street cell, for drawing, float64[p, 2]; a cell's size by lon and lat; in degrees.

    Places stay where they are.
    """
    _, _, all_lon, all_lat = _middles(ground.graph(demand.main))
    plane, found = LocalPlane(float(all_lon.mean()), float(all_lat.mean())), demand.lonlat.copy()
    x_m, y_m = plane.to_xy(*demand.lonlat[len(demand.places) :].T)
    middle_x, middle_y = (np.floor(x_m / cell_m) + 0.5) * cell_m, (np.floor(y_m / cell_m) + 0.5) * cell_m
    found[len(demand.places) :] = np.column_stack(plane.to_lonlat(middle_x, middle_y))
    (west, east), (south, north) = plane.to_lonlat([0.0, cell_m], [0.0, cell_m])
    return found, float(east - west), float(north - south)


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Where the points of a demand lie on one graph, sorted by arc: row r is point[r] at mm[r] of its arc.

    ``first`` int32[m + 1] is where the rows of each arc begin; ``more_ms`` is the ms from the arc's tail to the
    point, walk included. ``some`` tells of each arc whether it has any.
    """

    first: Int64s
    point: Int64s
    mm: Int64s
    more_ms: Int64s
    some: npt.NDArray[np.bool_]


def spots_of(graph: RoadGraph, demand: Demand) -> Spots:
    """Locate every point on a graph; a point with no road near is on none of its arcs."""
    rows: list[tuple[int, int, int, int]] = []
    n_places = len(demand.places)
    for index, (lon, lat) in enumerate(demand.lonlat.tolist()):
        if index >= n_places and graph.profile == demand.main:
            found = demand.main_positions[index - n_places]
        else:
            try:
                found = locate(graph, LonLat(lon, lat))
            except GroundError:
                continue
        for end in found:
            if graph.travel_ms[end.arc] != UNREACHED:
                more_ms = partial_ms(graph, end) + walk_ms(end.offset_m)
                rows.append((int(end.arc), index, along_mm(graph, end), more_ms))
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4)
    first = np.searchsorted(table[:, 0], np.arange(graph.n_arcs + 1)).astype(np.int64)
    return Spots(first, table[:, 1].copy(), table[:, 2].copy(), table[:, 3].copy(), np.diff(first) > 0)
