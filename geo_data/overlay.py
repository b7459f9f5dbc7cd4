"""Live changes: closures, reversed one-ways and slow roads, laid over a frozen graph without touching it.

An ``Overlay`` is a value: each change gives a new one, and the old is the way back. ``view`` makes the graph that
is true at a moment: it shares every column with the frozen one but the times of arcs (and, where a restriction
holds at some hours only, the few rows of turn costs), so positions and arcs are the same on both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from geo_data.errors import GroundError
from geo_data.graph import BAN, Hours, RoadGraph
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, Int32s, Int64s

CHANGES_MAX: Final = 10_000
FACTOR_MAX: Final = 1000.0
"""The slowest a road may be made; what is slower is closed."""

VIEWS_KEPT: Final = 4
Kind = Literal["close", "reverse", "factor"]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One live change of some arcs: its number, what it does, and when.

    ``factor`` multiplies travel times (2.0 is half the speed). In force from ``starts`` until before ``ends``
    (None: open), and at ``hours`` only (none: always). The times are the clock of the place, all with a zone or
    all without.
    """

    number: int
    kind: Kind
    arcs: Int32s
    factor: float = 1.0
    starts: datetime | None = None
    ends: datetime | None = None
    hours: tuple[Hours, ...] = ()
    note: str = ""

    def in_force(self, now: datetime) -> bool:
        """Whether the change holds at a moment."""
        if (self.starts is not None and now < self.starts) or self.expired(now):
            return False
        return not self.hours or any(holds(hours, now) for hours in self.hours)

    def expired(self, now: datetime) -> bool:
        """Whether the change is over for good."""
        return self.ends is not None and now >= self.ends


def holds(hours: Hours, now: datetime) -> bool:
    """Whether a moment lies in the hours; those over midnight belong to the day on which they begin."""
    minute, today = now.hour * 60 + now.minute, now.weekday()
    if hours.from_min < hours.to_min:
        return bool(hours.days >> today & 1) and hours.from_min <= minute < hours.to_min
    yesterday = (today - 1) % 7
    return (bool(hours.days >> today & 1) and minute >= hours.from_min) or (
        bool(hours.days >> yesterday & 1) and minute < hours.to_min
    )


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Live changes in the order they were made; at most ``CHANGES_MAX``. Empty to begin with."""

    changes: tuple[Change, ...] = ()
    next_number: int = 1

    def close(self, arcs: npt.ArrayLike, **when: Any) -> Overlay:
        """Return the overlay with arcs closed; ``when`` are the fields of Change from ``starts`` on."""
        return self._with("close", arcs, 1.0, when)

    def reverse(self, arcs: npt.ArrayLike, **when: Any) -> Overlay:
        """Return the overlay with the one-way roads of the arcs driven the other way round.

        A road open both ways stays so. Needs a ground imported with ``reversible``: ``view`` raises GroundError
        where a one-way road has no way back to open.
        """
        return self._with("reverse", arcs, 1.0, when)

    def slow(self, arcs: npt.ArrayLike, factor: float, **when: Any) -> Overlay:
        """Return the overlay with the travel times of arcs multiplied by ``factor``, in (0, FACTOR_MAX]."""
        if not 0.0 < factor <= FACTOR_MAX:
            raise GroundError(
                f"a factor of {factor} is out of range", f"use 0 < factor ≤ {FACTOR_MAX:.0f}, or close"
            )
        return self._with("factor", arcs, factor, when)

    def undo(self, number: int) -> Overlay:
        """Return the overlay without a change; raises GroundError where there is none of that number."""
        left = tuple(change for change in self.changes if change.number != number)
        if len(left) == len(self.changes):
            raise GroundError(f"there is no change {number}", "list the changes first")
        return replace(self, changes=left)

    def pruned(self, now: datetime) -> Overlay:
        """Return the overlay without the changes that are over for good."""
        return replace(self, changes=tuple(change for change in self.changes if not change.expired(now)))

    def in_force(self, now: datetime) -> tuple[Change, ...]:
        """Return the changes that hold at a moment, in order."""
        return tuple(change for change in self.changes if change.in_force(now))

    def _with(self, kind: Kind, arcs: npt.ArrayLike, factor: float, when: dict[str, Any]) -> Overlay:
        if len(self.changes) >= CHANGES_MAX:
            raise GroundError(f"there are {CHANGES_MAX} changes already", "undo or prune some first")
        column = np.unique(np.asarray(arcs, dtype=np.int32))
        column.flags.writeable = False
        change = Change(self.next_number, kind, column, factor, **when)
        return Overlay((*self.changes, change), self.next_number + 1)


def view(graph: RoadGraph, overlay: Overlay, now: datetime | None = None) -> RoadGraph:
    """Return the graph as it is at a moment: the changes in force, and restrictions that hold at this hour.

    Without ``now`` every change holds that has no hours, start or end, and no restriction that has hours. The
    graph itself is returned where nothing changes it, and the same view again as long as the same holds.
    Changes apply in order; a closed arc stays closed whatever its factor. Raises GroundError where an arc is
    not of this graph, or a one-way cannot be reversed. The law kept: searches on the view equal those on a
    graph built with these times.
    """
    if now is None:
        active = tuple(c for c in overlay.changes if not (c.hours or c.starts or c.ends))
        banned = np.empty(0, dtype=np.int32)
    else:
        active = overlay.in_force(now)
        banned = _banned_now(graph, now)
    if not active and not len(banned):
        return graph
    key = (tuple(id(change) for change in active), banned.tobytes())
    kept: dict[Any, tuple[RoadGraph, tuple[Change, ...]]] = graph.derived.setdefault("views", {})
    if key not in kept:
        if len(kept) >= VIEWS_KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = (_made(graph, active, banned), active)  # holding the changes keeps their ids theirs
    return kept[key][0]


def _made(graph: RoadGraph, active: tuple[Change, ...], banned: Int32s) -> RoadGraph:
    travel_ms = graph.travel_ms.astype(np.int64)
    closed = np.zeros(graph.n_arcs, dtype=bool)
    for change in active:
        arcs = change.arcs
        if len(arcs) and (arcs[0] < 0 or arcs[-1] >= graph.n_arcs):
            raise GroundError(f"change {change.number} names arcs of another ground", "choose its arcs again")
        if change.kind == "close":
            closed[arcs] = True
        elif change.kind == "factor":
            _slow(travel_ms, arcs, change.factor)
        else:
            _reverse(graph, travel_ms, change)
    travel_ms[closed] = UNREACHED
    times = travel_ms.astype(np.int32)
    times.flags.writeable = False
    rows = graph.row_ms
    if len(banned):
        rows = graph.row_ms.copy()
        rows[banned] = BAN
        rows.flags.writeable = False
    made = replace(graph, travel_ms=times, row_ms=rows)
    if "in_place" in graph.derived:
        made.derived["in_place"] = graph.derived["in_place"]
    return made


def _slow(travel_ms: Int64s, arcs: Int32s, factor: float) -> None:
    before = travel_ms[arcs]
    after = np.clip(np.rint(before * factor), 1, MAX_TRAVEL_MS).astype(np.int64)
    travel_ms[arcs] = np.where(before == UNREACHED, before, after)


def _reverse(graph: RoadGraph, travel_ms: Int64s, change: Change) -> None:
    pieces = np.unique(graph.arc_piece[change.arcs])
    along, against = graph.piece_arc_along[pieces], graph.piece_arc_against[pieces]
    if np.any(np.minimum(along, against) < 0):
        raise GroundError(
            f"change {change.number} reverses a one-way road that has no way back in this ground",
            "import the ground with 'reversible', or close the road",
        )
    one_way = (travel_ms[along] == UNREACHED) != (travel_ms[against] == UNREACHED)
    a, b = along[one_way], against[one_way]
    travel_ms[a], travel_ms[b] = travel_ms[b], travel_ms[a]


def _banned_now(graph: RoadGraph, now: datetime) -> Int32s:
    """Return the entries of ``row_ms`` that are forbidden at this hour."""
    rows = zip(graph.timed_days.tolist(), graph.timed_from_min.tolist(), graph.timed_to_min.tolist(), strict=True)
    active = np.array([holds(Hours(*row), now) for row in rows], dtype=bool)
    return np.unique(graph.timed_entry[active]).astype(np.int32)


def arcs_named(graph: RoadGraph, name: str) -> Int32s:
    """Return the arcs of the street of this name, none where there is no such street."""
    if name not in graph.names:
        return np.empty(0, dtype=np.int32)
    return np.flatnonzero(graph.piece_name[graph.arc_piece] == graph.names.index(name)).astype(np.int32)


def arcs_within(graph: RoadGraph, area: shapely.Geometry) -> Int32s:
    """Return the arcs whose road touches an area in WGS-84 degrees; both directions of a road.

    Raises GroundError where the area is empty or its coordinates are no places.
    """
    west, south, east, north = shapely.bounds(area)
    if not all(map(math.isfinite, (west, south, east, north))) or max(-west, east) > 180 or max(-south, north) > 90:
        raise GroundError("the area is empty or outside of WGS-84", "give a polygon of longitudes and latitudes")
    lon, lat = graph.point_lon_e7, graph.point_lat_e7
    low = np.minimum(lon[:-1], lon[1:]), np.minimum(lat[:-1], lat[1:])
    high = np.maximum(lon[:-1], lon[1:]), np.maximum(lat[:-1], lat[1:])
    near = (high[0] >= west * 1e7) & (low[0] <= east * 1e7) & (high[1] >= south * 1e7) & (low[1] <= north * 1e7)
    near[graph.piece_first_point[1:-1] - 1] = False  # from the end of a piece to the begin of the next
    points = np.flatnonzero(near)
    ends = np.stack([points, points + 1], axis=1)
    lines = shapely.linestrings(np.stack([lon[ends] / 1e7, lat[ends] / 1e7], axis=2))
    shapely.prepare(area)
    inside = points[shapely.intersects(area, lines)]
    touched = np.zeros(graph.n_pieces, dtype=bool)
    touched[np.searchsorted(graph.piece_first_point, inside, side="right") - 1] = True
    return np.flatnonzero(touched[graph.arc_piece]).astype(np.int32)
