"""Streets by dividing land into blocks: each street splits a block in two and ends on the streets round it."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np
from shapely import union_all
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, split

from geo_data.samples.town.plane import XY, as_line, as_polygon, extended

MAX_SPLITS = 600
REACH_M = 3000.0


@dataclass(frozen=True)
class Fabric:
    """How a quarter is divided."""

    block_m2: float
    """Blocks larger than about this are divided."""
    min_width_m: float
    tilt: float
    """Spread of a street's direction, radians."""
    bow: float
    """How far a street swings out, as a share of its length."""
    snap_m: float
    """A street's end moves to a street corner as near as this, so that crossings arise."""


@dataclass(frozen=True)
class Division:
    """The streets and blocks of a quarter; `depth` 0 streets were laid first."""

    lines: list[tuple[LineString, int]]
    blocks: list[Polygon]


@dataclass(frozen=True)
class _Cut:
    line: LineString
    parts: tuple[Polygon, Polygon]
    score: float


def faces(area: BaseGeometry, roads: list[LineString]) -> list[Polygon]:
    """The pieces into which roads cut an area."""
    edges = [area.boundary, *(r.intersection(area) for r in roads if r.intersects(area))]
    found = polygonize(union_all(edges, grid_size=0.05))
    return [
        f for f in found if not f.buffer(-12.0).is_empty and area.buffer(1.0).contains(f.representative_point())
    ]


def _bowed(a: XY, b: XY, bow: float, rng: Random) -> LineString:
    """A gently curved line from a to b."""
    p, q = np.array(a), np.array(b)
    length = float(np.hypot(*(q - p)))
    side = np.array([-(q - p)[1], (q - p)[0]]) / max(length, 1e-9)
    count = max(1, round(length / 16.0))
    s = np.linspace(0.0, 1.0, count + 1)
    first, second = rng.uniform(-bow, bow), rng.uniform(-bow, bow) * 0.6
    out = length * (first * np.sin(math.pi * s) + second * np.sin(2 * math.pi * s))
    line = LineString(p + np.outer(s, q - p) + np.outer(out, side))
    return as_line(line.simplify(0.25))


def _snapped(p: XY, corners: list[XY], reach_m: float) -> XY:
    """The nearest street corner within reach, or the point itself."""
    near = [c for c in corners if math.dist(c, p) < reach_m]
    return min(near, key=lambda c: math.dist(c, p)) if near else p


def _frame(block: Polygon) -> tuple[float, float, float]:
    """Direction of the long side (radians), long side and short side in metres of the block's tightest box."""
    box = np.asarray(as_polygon(block.minimum_rotated_rectangle).exterior.coords)
    u, v = box[1] - box[0], box[2] - box[1]
    a, b = float(np.hypot(*u)), float(np.hypot(*v))
    if a < b:
        u, a, b = v, b, a
    return math.atan2(u[1], u[0]), a, b


def _across(block: Polygon, frame: tuple[float, float, float], fabric: Fabric, rng: Random) -> LineString:
    """A long straight line across the middle of a block's long side."""
    angle, long_m, _ = frame
    centre = block.centroid
    shift = rng.uniform(-0.17, 0.17) * long_m
    x, y = centre.x + shift * math.cos(angle), centre.y + shift * math.sin(angle)
    across = angle + math.pi / 2 + rng.uniform(-fabric.tilt, fabric.tilt)
    dx, dy = math.cos(across) * REACH_M, math.sin(across) * REACH_M
    return LineString([(x - dx, y - dy), (x + dx, y + dy)])


def _from_road(block: Polygon, beside: BaseGeometry, rng: Random) -> LineString:
    """A long straight line from a street beside the block to about its middle and on."""
    edge = beside.intersection(block.buffer(1.0))
    at = (
        edge.interpolate(rng.uniform(0.1, 0.9), normalized=True)
        if edge.length > 0
        else block.exterior.interpolate(0)
    )
    centre = block.representative_point() if rng.random() < 0.3 else block.centroid
    angle = math.atan2(centre.y - at.y, centre.x - at.x) + rng.uniform(-0.2, 0.2)
    dx, dy = math.cos(angle), math.sin(angle)
    return LineString([(at.x - 3 * dx, at.y - 3 * dy), (at.x + REACH_M * dx, at.y + REACH_M * dy)])


def _try_cut(
    block: Polygon, chord: LineString, known: tuple[BaseGeometry, list[XY]], fabric: Fabric, rng: Random
) -> _Cut | None:
    """A street across a block along a chord, or nothing where it would be no good street."""
    roads, corners = known
    cut = chord.intersection(block)
    pieces = [g for g in getattr(cut, "geoms", [cut]) if isinstance(g, LineString) and g.length > 1.0]
    if not pieces:
        return None
    longest = max(pieces, key=lambda g: g.length)
    ends = [_snapped((c[0], c[1]), corners, fabric.snap_m) for c in (longest.coords[0], longest.coords[-1])]
    on_road = sum(roads.distance(Point(e)) < 1.0 for e in ends)
    if on_road == 0 or math.dist(*ends) < fabric.min_width_m:
        return None
    line = _bowed(ends[0], ends[1], fabric.bow, rng)
    if not block.buffer(0.5).contains(line) or block.exterior.intersection(line.buffer(9.0)).length > 56.0:
        return None
    parts = [g for g in split(block, extended(line, 0.7, 0.7)).geoms if isinstance(g, Polygon) and g.area > 40.0]
    if len(parts) != 2 or min(p.area for p in parts) < 0.3 * fabric.block_m2:
        return None
    if min(_frame(p)[2] for p in parts) < fabric.min_width_m:
        return None
    balance = min(p.area for p in parts) / block.area
    return _Cut(line, (parts[0], parts[1]), on_road * 0.5 + balance + rng.uniform(0, 0.1))


def _best_cut(block: Polygon, beside: BaseGeometry, corners: list[XY], fabric: Fabric, rng: Random) -> _Cut | None:
    """The best of a few streets across the block; where none will do, of a few that start from a street."""
    x0, y0, x1, y1 = block.bounds
    near = [c for c in corners if x0 - 1 < c[0] < x1 + 1 and y0 - 1 < c[1] < y1 + 1]
    frame = _frame(block)
    known = (beside, near)
    tries = [_try_cut(block, _across(block, frame, fabric, rng), known, fabric, rng) for _ in range(4)]
    if not any(tries):
        tries = [_try_cut(block, _from_road(block, beside, rng), known, fabric, rng) for _ in range(8)]
    cuts = [c for c in tries if c is not None]
    return max(cuts, key=lambda c: c.score) if cuts else None


def divide(area: BaseGeometry, roads: list[LineString], fabric: Fabric, rng: Random) -> Division:
    """Divide an area, already crossed by `roads`, into blocks with streets between them."""
    lines: list[tuple[LineString, int]] = []
    blocks: list[Polygon] = []
    stack = [
        (face, MultiLineString([r for r in roads if r.distance(face) < 2.0]), 0) for face in faces(area, roads)
    ]
    stack = [entry for entry in stack if not entry[1].is_empty]
    corners: list[XY] = []
    while stack and len(lines) < MAX_SPLITS:
        block, beside, depth = stack.pop(0)
        if block.area < fabric.block_m2 * rng.uniform(0.8, 1.7):
            blocks.append(block)
            continue
        best = _best_cut(block, beside, corners, fabric, rng)
        if best is None:
            blocks.append(block)
            continue
        lines.append((best.line, depth))
        corners += [(best.line.coords[i][0], best.line.coords[i][1]) for i in (0, -1)]
        for part in best.parts:
            clip = beside.intersection(part.buffer(2.0))
            near = [g for g in getattr(clip, "geoms", [clip]) if isinstance(g, LineString) and not g.is_empty]
            stack.append((part, MultiLineString([*near, best.line]), depth + 1))
    return Division(lines, blocks)
