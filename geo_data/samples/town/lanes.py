"""What is smaller than a street: yards, driveways, passages, riverside cycle tracks, hill paths, foot bridges."""

from random import Random

import numpy as np
from shapely.geometry import LineString, Point, Polygon
from shapely.strtree import STRtree

from geo_data.samples.town.districts import VILLAGES, Quarters
from geo_data.samples.town.plane import XY, Street, smooth
from geo_data.samples.town.terrain import HILLS, Terrain


class Ground:
    """The streets drawn so far, to ask for what is near."""

    def __init__(self, streets: list[Street]) -> None:
        self.streets = [s for s in streets if "tunnel" not in s.tags]
        self._tree = STRtree([s.line for s in self.streets])

    def nearest(self, at: Point) -> Street:
        """The street nearest to a point."""
        return self.streets[int(self._tree.nearest(at))]

    def first_hit(self, ray: LineString) -> Point | None:
        """Where a ray from its first point first meets a street."""
        start = Point(ray.coords[0])
        hits = [self.streets[int(j)].line.intersection(ray) for j in self._tree.query(ray)]
        points = [p for h in hits if not h.is_empty for p in getattr(h, "geoms", [h]) if isinstance(p, Point)]
        return min(points, key=start.distance) if points else None


def _driveway(block: Polygon, ground: Ground, rng: Random, private: bool) -> list[Street]:
    """A driveway from the nearest street into a block, sometimes with a yard across its end."""
    middle = block.centroid
    if not block.buffer(-14).contains(middle):
        return []
    street = ground.nearest(middle)
    if street.highway in ("trunk", "pedestrian", "cycleway") or "junction" in street.tags:
        return []
    gate = street.line.interpolate(street.line.project(middle))
    inward = np.array(middle.coords[0]) - np.array(gate.coords[0])
    depth = float(np.hypot(*inward))
    if depth < 24.0 or not block.buffer(2.0).contains(LineString([gate, middle])):
        return []
    unit = inward / depth
    tip = np.array(gate.coords[0]) + unit * (depth + rng.uniform(0, 0.5) * depth)
    tags = {"service": "driveway"} | ({"access": "private"} if private else {})
    drive = LineString([gate.coords[0], tuple(tip)])
    if not block.buffer(1.5).contains(drive) or block.exterior.difference(gate.buffer(25)).distance(drive) < 12:
        return []
    out = [Street(drive, "service", "", "", tags)]
    side = np.array([-unit[1], unit[0]]) * rng.uniform(0.4, 0.9) * depth
    left, right = rng.choice([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.6, 1.0), (0.0, 0.0)])
    yard = LineString([tuple(tip - side * left), tuple(tip), tuple(tip + side * right)])
    if left + right > 0 and depth > 45.0 and block.buffer(-12).contains(yard):
        out.append(Street(yard, "service", "", "", tags))
    return out


def _passage(block: Polygon, ground: Ground, rng: Random, highway: str) -> list[Street]:
    """A foot passage through a block from street to street."""
    middle = block.centroid
    angle = rng.uniform(0, 3.1416)
    d = np.array([np.cos(angle), np.sin(angle)])
    c = np.array(middle.coords[0])
    bend = c + rng.uniform(-8, 8) * np.array([-d[1], d[0]])
    ends = [ground.first_hit(LineString([tuple(bend), tuple(bend + sign * d * 120)])) for sign in (1, -1)]
    if ends[0] is None or ends[1] is None or not block.contains(Point(bend)):
        return []
    line = LineString([ends[0].coords[0], tuple(bend), ends[1].coords[0]])
    if not block.buffer(1.5).contains(line) or min(e.distance(Point(bend)) for e in ends if e) < 16:
        return []
    return [Street(line, highway)]


def _block_lanes(quarters: Quarters, ground: Ground, rng: Random) -> list[Street]:
    out: list[Street] = []
    for block in quarters.blocks["industry"]:
        if rng.random() < 0.8:
            out += _driveway(block, ground, rng, private=rng.random() < 0.7)
    for block in quarters.blocks["town"]:
        draw = rng.random()
        if draw < 0.38:
            out += _driveway(block, ground, rng, private=rng.random() < 0.35)
        elif draw < 0.6:
            out += _passage(block, ground, rng, "footway")
    for block in quarters.blocks["village"]:
        draw = rng.random()
        if draw < 0.10:
            out += _driveway(block, ground, rng, private=False)
        elif draw < 0.34:
            out += _passage(block, ground, rng, "footway" if rng.random() < 0.8 else "steps")
    return out


def _riverside(terrain: Terrain) -> list[Street]:
    """Cycle tracks on both banks, from the west of the town to the east."""
    out = []
    for sign, name, name_en in (
        (1, "澄溪北岸绿道", "North Bank Greenway"),
        (-1, "澄溪南岸绿道", "South Bank Greenway"),
    ):
        line = terrain.along_bank(sign, 20.0, (-1750, 300), (3000, -500)).difference(terrain.river.buffer(9.0))
        for part in getattr(line, "geoms", [line]):
            out.append(Street(part, "cycleway", name, name_en, {"foot": "yes"}, spans=True))
    return out


def _footbridges(terrain: Terrain, ground: Ground, rng: Random) -> list[Street]:
    """Foot bridges over the canals where a street is near on both sides."""
    out = []
    for canal in terrain.canal_lines:
        for part in getattr(canal, "geoms", [canal]):
            for d in np.arange(120.0, part.length - 60.0, 190.0):
                s = float(d) + rng.uniform(-40, 40)
                p, q = (np.array(part.interpolate(s + k).coords[0]) for k in (-1.0, 1.0))
                normal = np.array([-(q - p)[1], (q - p)[0]]) / np.hypot(*(q - p))
                hits = [ground.first_hit(LineString([tuple(p), tuple(p + normal * sign * 75)])) for sign in (1, -1)]
                if hits[0] is None or hits[1] is None or min(h.distance(terrain.water) for h in hits if h) < 7.5:
                    continue
                line = LineString([hits[0].coords[0], tuple(p), hits[1].coords[0]])
                if line.distance(terrain.river) > 40.0:
                    out.append(Street(line, "footway", spans=True))
    return out


def _hill_paths(terrain: Terrain, ground: Ground, rng: Random) -> list[Street]:
    """Paths from the nearest villages up to the named summits, and stairs near the top."""
    out = []
    for hx, hy, _, _, _, name, name_en in HILLS:
        if not name:
            continue
        near = sorted(VILLAGES, key=lambda v: np.hypot(v.centre[0] - hx, v.centre[1] - hy))[
            : 1 + (rng.random() < 0.6)
        ]
        for village in near:
            start = np.array(village.centre) * 0.45 + np.array((hx, hy)) * 0.55
            if np.hypot(start[0] - hx, start[1] - hy) > 900:
                continue
            street = ground.nearest(Point(start))
            foot = np.array(street.line.interpolate(street.line.project(Point(start))).coords[0])
            top = np.array((hx, hy))
            side = np.array([-(top - foot)[1], (top - foot)[0]]) * 0.16
            middle: list[XY] = [
                tuple(foot + (top - foot) * t + side * rng.uniform(-1, 1)) for t in (0.25, 0.5, 0.75)
            ]
            line = smooth([tuple(foot), *middle, tuple(top)])
            if not line.intersects(terrain.water):
                out.append(Street(line, "path", f"{name}登山道", f"{name_en} Trail"))
    return out


def make_lanes(terrain: Terrain, quarters: Quarters, streets: list[Street], rng: Random) -> list[Street]:
    """All small ways of the town, given the streets they start from."""
    ground = Ground(streets)
    return [
        *_block_lanes(quarters, ground, rng),
        *_riverside(terrain),
        *_footbridges(terrain, ground, rng),
        *_hill_paths(terrain, ground, rng),
    ]
