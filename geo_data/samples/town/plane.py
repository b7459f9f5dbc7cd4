"""The drawing plane: metres east (x) and north (y) of the town's origin, and the curves drawn on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

ORIGIN_LAT = 28.00
ORIGIN_LON = 120.56
_PHI = math.radians(ORIGIN_LAT)
# Series for the WGS-84 ellipsoid: metres in one degree at the origin's latitude.
M_PER_DEG_LAT = 111132.954 - 559.822 * math.cos(2 * _PHI) + 1.175 * math.cos(4 * _PHI)
M_PER_DEG_LON = 111412.84 * math.cos(_PHI) - 93.5 * math.cos(3 * _PHI) + 0.118 * math.cos(5 * _PHI)

XY = tuple[float, float]


@dataclass(frozen=True)
class Street:
    """One drawn road: a line with a direction, its highway class, its names and further tags."""

    line: LineString
    highway: str
    name: str = ""
    name_en: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    spans: bool = False
    """May cross water; the crossing becomes a bridge."""

    def tag(self, **tags: str) -> "Street":
        """The same street with further tags."""
        return Street(self.line, self.highway, self.name, self.name_en, self.tags | tags, self.spans)

    def along(self, line: LineString) -> "Street":
        """The same street on another line."""
        return Street(line, self.highway, self.name, self.name_en, self.tags, self.spans)


def as_line(shape: BaseGeometry) -> LineString:
    """The longest line of a geometry."""
    return max((g for g in getattr(shape, "geoms", [shape]) if isinstance(g, LineString)), key=lambda g: g.length)


def as_polygon(shape: BaseGeometry) -> Polygon:
    """The largest polygon of a geometry."""
    return max((g for g in getattr(shape, "geoms", [shape]) if isinstance(g, Polygon)), key=lambda g: g.area)


def to_lat_lon(x: float, y: float) -> tuple[float, float]:
    """WGS-84 latitude and longitude in degrees of a point of the plane."""
    return ORIGIN_LAT + y / M_PER_DEG_LAT, ORIGIN_LON + x / M_PER_DEG_LON


def smooth(points: Sequence[XY], step_m: float = 16.0) -> LineString:
    """Centripetal Catmull-Rom curve through every point, sampled about every `step_m` metres."""
    if len(points) == 2:
        return LineString(points)
    p = np.asarray(points, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.hypot(*np.diff(p, axis=0).T)))])
    out: list[NDArray[np.float64]] = []
    for i in range(1, len(p) - 2):
        t0, t1, t2, t3 = knots[i - 1 : i + 3]
        count = max(1, round(float(np.hypot(*(p[i + 1] - p[i]))) / step_m))
        t = np.linspace(t1, t2, count, endpoint=False)[:, None]
        a1 = (t1 - t) / (t1 - t0) * p[i - 1] + (t - t0) / (t1 - t0) * p[i]
        a2 = (t2 - t) / (t2 - t1) * p[i] + (t - t1) / (t2 - t1) * p[i + 1]
        a3 = (t3 - t) / (t3 - t2) * p[i + 1] + (t - t2) / (t3 - t2) * p[i + 2]
        b1 = (t2 - t) / (t2 - t0) * a1 + (t - t0) / (t2 - t0) * a2
        b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
        out.append((t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2)
    out.append(p[-2][None, :])
    return as_line(LineString(np.vstack(out)).simplify(0.25))


def rounded(shape: Polygon, rounds: int = 3) -> Polygon:
    """The polygon with its corners cut again and again (Chaikin's curve); holes too."""

    def ring(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        for _ in range(rounds):
            after = np.roll(coords, -1, axis=0)
            coords = np.stack([0.75 * coords + 0.25 * after, 0.25 * coords + 0.75 * after], axis=1).reshape(-1, 2)
        return coords

    outer, *holes = (ring(np.asarray(r.coords)[:-1]) for r in (shape.exterior, *shape.interiors))
    return as_polygon(Polygon(outer, holes).buffer(0))


def shifted(line: LineString, offset_m: NDArray[np.float64] | float, step_m: float = 25.0) -> LineString:
    """The line moved to its left by `offset_m` metres (negative: right); an array is read at even samples."""
    count = max(8, round(line.length / step_m)) if np.isscalar(offset_m) else len(np.atleast_1d(offset_m))
    s = np.linspace(0.0, line.length, count)
    p = np.array([line.interpolate(float(d)).coords[0] for d in s])
    tangent = np.gradient(p, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    return as_line(LineString(p + normal * np.reshape(offset_m, (-1, 1))).simplify(0.35))


def extended(line: LineString, start_m: float, end_m: float) -> LineString:
    """The line drawn on straight by `start_m` before its start and `end_m` after its end."""
    c = np.asarray(line.coords)
    head = c[0] + (c[0] - c[1]) / np.hypot(*(c[0] - c[1])) * start_m
    tail = c[-1] + (c[-1] - c[-2]) / np.hypot(*(c[-1] - c[-2])) * end_m
    parts = ([head] if start_m > 0 else []) + list(c) + ([tail] if end_m > 0 else [])
    return LineString(parts)


def zigzag(start: XY, end: XY, turns: int, swing_m: float) -> list[XY]:
    """Control points of a switchback road from `start` to `end` with so many hairpins, `swing_m` to each side."""
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    axis = (b - a) / np.hypot(*(b - a))
    side = np.array([-axis[1], axis[0]])
    step = float(np.hypot(*(b - a))) / (turns + 1)
    points: list[XY] = [start]
    for k in range(1, turns + 1):
        sign = 1.0 if k % 2 else -1.0
        swing = swing_m * (0.8 + 0.2 * math.sin(2.1 * k))
        for along, out in ((-0.28, 0.86), (0.0, 1.0), (0.28, 0.86)):
            q = a + axis * step * (k + along) + side * sign * swing * out
            points.append((float(q[0]), float(q[1])))
    points.append(end)
    return points
