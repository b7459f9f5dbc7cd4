"""Reached lines: the parts of roads that are reached in time, with the time at each of their points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_data.graph import RoadGraph
from geo_data.kernels.lines import cut_spans
from geo_data.reach import Reach, reach
from geo_data.types import ArcPosition, Float64s, Int32s


@dataclass(frozen=True, slots=True, eq=False)
class ReachedLines:
    """Lines in the direction of travel, one a reached part of an arc: its arc, its points, the time at each.

    Line i is ``lonlat[first[i]:first[i + 1]]``, at least two points, float64[v, 2] in degrees; ``ms`` int32[v]
    rises along it (falls, towards the start) and is within the limit; ``arc`` int32[q], ``first`` int32[q + 1].
    A road reached in both directions gives two lines.
    """

    arc: Int32s
    first: Int32s
    lonlat: Float64s
    ms: Int32s

    def __len__(self) -> int:
        return len(self.arc)

    def geometry(self) -> shapely.MultiLineString:
        """Return all lines as one MultiLineString; lines without length are left out."""
        if len(self) == 0:
            return shapely.MultiLineString()
        line = np.repeat(np.arange(len(self)), np.diff(self.first))
        lines = np.asarray(shapely.linestrings(self.lonlat, indices=line))
        return shapely.MultiLineString(lines[shapely.length(lines) > 0.0].tolist())


def reached_lines(
    graph: RoadGraph, start: Sequence[ArcPosition], limit_s: int, towards: bool = False
) -> ReachedLines:
    """Return the parts of roads reached within ``limit_s`` seconds (0…86,400), partly driven arcs included.

    ``towards``: from where the start can be reached. Raises GroundError as ``reach`` does. The law kept: the
    end of each line is the end of its arc, or is reached at the very limit.
    """
    return lines_of(reach(graph, start, limit_s * 1000, towards))


def lines_of(found: Reach) -> ReachedLines:
    """Return the lines of a reach; one that crosses the antimeridian is cut there in two."""
    graph, spans = found.graph, found.arc_spans()
    geometry = (graph.arc_against, graph.piece_first_point, graph.point_lon_e7, graph.point_lat_e7)
    lonlat, exact_ms, first = cut_spans(*spans, graph.length_mm, graph.arc_piece, *geometry)
    ms = np.rint(exact_ms).astype(np.int32)
    far = np.flatnonzero(np.abs(np.diff(lonlat[:, 0])) > 180.0)
    far = far[~np.isin(far + 1, first)]
    arc = spans.arc
    for at in far[::-1].tolist():  # from the last to the first: what lies before keeps its place
        line = int(np.searchsorted(first, at, side="right")) - 1
        (lon_a, lat_a), (lon_b, lat_b) = lonlat[at], lonlat[at + 1]
        edge = 180.0 if lon_a > 0.0 else -180.0
        share = abs(edge - lon_a) / (abs(edge - lon_a) + abs(edge + lon_b))
        lat, now_ms = lat_a + share * (lat_b - lat_a), round(ms[at] + share * (int(ms[at + 1]) - int(ms[at])))
        lonlat = np.insert(lonlat, at + 1, [[edge, lat], [-edge, lat]], axis=0)
        ms = np.insert(ms, at + 1, [now_ms, now_ms]).astype(np.int32)
        first = np.concatenate([first[: line + 1], [at + 2], first[line + 1 :] + 2]).astype(np.int32)
        arc = np.insert(arc, line, arc[line]).astype(np.int32)
    return ReachedLines(arc, first, lonlat, ms)
