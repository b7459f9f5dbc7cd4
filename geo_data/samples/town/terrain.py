"""The lie of the land: the township's boundary, the river, the canals, the hills."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geo_data.samples.town.plane import XY, as_line, as_polygon, rounded, shifted, smooth

BOUNDARY: list[XY] = [
    (-3650, -2450), (-2900, -2900), (-1500, -3080), (-300, -3260), (900, -3180), (2100, -3050), (3100, -2650),
    (3560, -1900), (3750, -900), (3820, 200), (3700, 1300), (3560, 2250), (3000, 3000), (1900, 3080),
    (900, 3000), (-100, 3120), (-1200, 3230), (-2300, 3260), (-3250, 2850), (-3720, 2000), (-3860, 900),
    (-3760, -300), (-3880, -1400),
]  # fmt: skip
RIVER: list[XY] = [
    (-4100, 1180), (-3500, 1150), (-2950, 1010), (-2400, 520), (-1800, 330), (-1250, 160), (-700, -140),
    (-100, -270), (450, -120), (950, 190), (1550, 330), (2150, 130), (2600, -230), (3150, -560), (4100, -640),
]  # fmt: skip
CANALS: list[list[XY]] = [
    [(620, -30), (760, -380), (700, -900), (540, -1500), (560, -2100), (470, -2600), (560, -3350)],
    [(1760, 300), (1830, 800), (1640, 1450), (1560, 2000), (1760, 2550), (1700, 3200)],
    [(560, -1900), (1200, -1730), (1900, -1820), (2600, -1480), (3200, -1560), (4000, -1500)],
]
CANAL_NAMES = [("澄塘河", "Chengtang Canal"), ("北塘河", "Beitang Canal"), ("横塘河", "Hengtang Canal")]
CANAL_WIDTH_M = 14.0

# (x, y, spread east, spread north, height) in metres, and the name of the summit where it has one
HILLS: list[tuple[float, float, float, float, float, str, str]] = [
    (-3050, 2150, 480, 420, 420, "白鹭尖", "Bailu Peak"),
    (-2300, 3050, 560, 300, 350, "云台山", "Yuntai Hill"),
    (-2500, 1680, 500, 240, 250, "", ""),
    (-1080, 2450, 300, 420, 300, "狮岩山", "Shiyan Hill"),
    (-1000, 1720, 330, 280, 190, "", ""),
    (-3650, 150, 380, 400, 330, "鹤顶山", "Heding Hill"),
    (-2700, -180, 420, 250, 220, "", ""),
    (-3600, -1800, 330, 330, 360, "青螺山", "Qingluo Hill"),
    (-2500, -1780, 340, 250, 240, "竹屏山", "Zhuping Hill"),
    (-2750, -2750, 480, 240, 260, "", ""),
    (2850, -2560, 330, 260, 150, "小螺山", "Xiaoluo Hill"),
    (480, 2780, 260, 220, 120, "文笔山", "Wenbi Hill"),
]
FOREST_FROM_M = 58.0
# Flat valley floors among the hills: centre, reach east and north
BASINS: list[tuple[XY, float, float]] = [
    ((-2000, 2370), 520, 330), ((-2950, -2230), 560, 300), ((-2900, 760), 560, 330), ((-1850, 940), 560, 300),
    ((-3150, -1040), 560, 330), ((-60, 2060), 430, 420),
]  # fmt: skip
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Terrain:
    """Everything that was there before the roads."""

    boundary: Polygon
    river_axis: LineString
    """The river's middle, drawn on beyond the township."""
    river: Polygon
    canal_lines: list[LineString]
    canals: list[Polygon]
    hills: BaseGeometry

    @property
    def river_line(self) -> BaseGeometry:
        """The river's middle within the township."""
        return self.river_axis.intersection(self.boundary)

    def along_bank(self, side: int, offset_m: float, from_xy: XY, to_xy: XY) -> LineString:
        """A line beside the river, `offset_m` from its edge, on its left (side 1) or right (side -1) bank."""
        axis = self.river_axis
        s = np.arange(axis.project(Point(from_xy)), axis.project(Point(to_xy)), 20.0)
        middle = LineString([axis.interpolate(float(d)) for d in s])
        return shifted(middle, (_half_width(s / axis.length) + offset_m) * side)

    @cached_property
    def water(self) -> BaseGeometry:
        """River and canals as one area."""
        return unary_union([self.river, *self.canals])

    @cached_property
    def banks(self) -> BaseGeometry:
        """Water with the strip beside it in which no ordinary street is built."""
        return unary_union([self.river.buffer(36.0), *(c.buffer(13.0) for c in self.canals)])

    @cached_property
    def closed(self) -> BaseGeometry:
        """Where no ordinary street goes: banks and hills."""
        return unary_union([self.banks, self.hills])

    @cached_property
    def open_land(self) -> BaseGeometry:
        """The township without banks and hills."""
        return self.boundary.buffer(-25.0).difference(self.closed)


def height_m(x: FloatArray, y: FloatArray) -> FloatArray:
    """Height above the plain in metres, with the small unevenness of real slopes."""
    total = np.zeros(np.broadcast(x, y).shape)
    for hx, hy, sx, sy, top, _, _ in HILLS:
        total += top * np.exp(-0.5 * (((x - hx) / sx) ** 2 + ((y - hy) / sy) ** 2))
    uneven = np.sin(x / 97 + 1.7 * np.sin(y / 143)) + np.sin(y / 83 + 1.3 * np.sin(x / 121)) + np.sin((x - y) / 211)
    return np.asarray(total * (1.0 + 0.24 * uneven))


def _half_width(share: FloatArray) -> FloatArray:
    """Half the river's width in metres: narrow in the valley (share 0), wide in the plain (share 1)."""
    return np.asarray(17.0 + 26.0 * share + 4.0 * np.sin(share * 34.0))


def _river(line: LineString) -> Polygon:
    """The river's area."""
    count = round(line.length / 60.0)
    half = _half_width(np.linspace(0.0, 1.0, count))
    left, right = shifted(line, half), shifted(line, -half)
    return Polygon([*left.coords, *reversed(right.coords)])


def _hills(boundary: Polygon) -> BaseGeometry:
    """The wooded slopes: all cells above the forest's foot, rounded; not where the hill villages lie."""
    cell = 30.0
    west, south, east, north = boundary.bounds
    x, y = np.meshgrid(np.arange(west, east, cell), np.arange(south, north, cell))
    high = height_m(x + cell / 2, y + cell / 2) > FOREST_FROM_M
    rows = [
        box(x[i, run[0]], y[i, 0], x[i, run[-1]] + cell, y[i, 0] + cell)
        for i in range(len(x))
        for run in np.split(np.flatnonzero(high[i]), np.flatnonzero(np.diff(np.flatnonzero(high[i])) > 1) + 1)
        if len(run)
    ]
    basins = unary_union([blob(c, east_m, north_m, 0.7 * k) for k, (c, east_m, north_m) in enumerate(BASINS)])
    rough = unary_union(rows).buffer(30.0).buffer(-60.0).buffer(30.0).difference(basins)
    parts = [g for g in getattr(rough, "geoms", [rough]) if g.area > 30000.0]
    curved = [rounded(as_polygon(g.simplify(32.0))).simplify(1.5) for g in parts]
    return unary_union(curved).intersection(boundary)


def make_terrain() -> Terrain:
    """The terrain of the sample town; the same on every call."""
    boundary = as_polygon(rounded(Polygon(BOUNDARY)).buffer(50.0).simplify(1.0))
    river_line = smooth(RIVER, step_m=60.0)
    river = as_polygon(_river(river_line).intersection(boundary))
    canal_lines = [smooth(c, step_m=60.0) for c in CANALS]
    canals = [as_polygon(c.buffer(CANAL_WIDTH_M / 2, cap_style="flat").intersection(boundary)) for c in canal_lines]
    hills = _hills(boundary).difference(river.buffer(60.0))
    inside = [as_line(c.intersection(boundary)) for c in canal_lines]
    return Terrain(boundary, river_line, river, inside, canals, hills)


def blob(centre: XY, radius_east_m: float, radius_north_m: float, phase: float) -> Polygon:
    """A rounded, uneven settlement outline."""
    points = []
    for k in range(48):
        a = 2 * math.pi * k / 48
        r = 1 + 0.13 * math.sin(2 * a + phase) + 0.10 * math.sin(3 * a + 2.3 * phase)
        r += 0.05 * math.sin(5 * a - phase)
        points.append((centre[0] + radius_east_m * r * math.cos(a), centre[1] + radius_north_m * r * math.sin(a)))
    return Polygon(points)
