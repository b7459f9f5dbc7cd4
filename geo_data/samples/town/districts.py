"""The quarters between the main roads: town, industry, 12 villages, fields; their streets and blocks."""

import math
from dataclasses import dataclass, field
from random import Random

import numpy as np
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.ops import unary_union
from shapely.strtree import STRtree

from geo_data.samples.town.blocks import Division, Fabric, divide, faces
from geo_data.samples.town.names import NamePool
from geo_data.samples.town.plane import XY, Street
from geo_data.samples.town.skeleton import Skeleton
from geo_data.samples.town.terrain import Terrain, blob


@dataclass(frozen=True)
class Village:
    """One of the 12 villages: invented name, centre and reach in metres."""

    name: str
    name_en: str
    centre: XY
    east_m: float
    north_m: float


VILLAGES = [
    Village("塘下", "Tangxia", (300, -2420), 400, 330),
    Village("溪头", "Xitou", (-2900, 760), 400, 230),
    Village("岭根", "Linggen", (-2000, 2350), 400, 280),
    Village("浦西", "Puxi", (-2100, -740), 330, 300),
    Village("上垟", "Shangyang", (-40, 2060), 360, 340),
    Village("下垟", "Xiayang", (1080, 2080), 380, 330),
    Village("梅园", "Meiyuan", (-1850, 900), 400, 240),
    Village("石坦", "Shitan", (-3150, -1040), 400, 250),
    Village("河口", "Hekou", (3270, -1080), 330, 330),
    Village("横塘", "Hengtang", (1400, -1960), 340, 300),
    Village("竹岙", "Zhu'ao", (-3000, -2230), 400, 230),
    Village("凤池", "Fengchi", (2620, 2480), 380, 330),
]
TOWN_CENTRE: XY = (-60, -480)
LOOP_CENTRE: XY = (-330, -2330)

OLD_TOWN = Fabric(8500.0, 45.0, 0.10, 0.05, 26.0)
TOWN = Fabric(19000.0, 62.0, 0.13, 0.05, 34.0)
INDUSTRY = Fabric(38000.0, 105.0, 0.02, 0.0, 32.0)
VILLAGE = Fabric(6200.0, 36.0, 0.38, 0.09, 15.0)
FIELDS = Fabric(120000.0, 150.0, 0.30, 0.08, 45.0)


@dataclass
class Quarters:
    """Streets, land use and blocks of all quarters."""

    streets: list[Street] = field(default_factory=list)
    landuse: list[tuple[str, str, str, Polygon]] = field(default_factory=list)
    """(landuse value, name, name:en, area)"""
    blocks: dict[str, list[Polygon]] = field(default_factory=dict)
    """Blocks by quarter: town, industry, village."""


def _polygons(area: BaseGeometry) -> list[Polygon]:
    return [g for g in getattr(area, "geoms", [area]) if isinstance(g, Polygon) and g.area > 2000.0]


def _reached(area: BaseGeometry, roads: list[LineString]) -> BaseGeometry:
    """The parts of an area that have a main road beside or in them."""
    network = unary_union(roads)
    return unary_union([f for f in faces(area, roads) if network.intersection(f.buffer(2.0)).length > 60.0])


def _loop(rng: Random, names: NamePool) -> tuple[list[Street], Polygon]:
    """The small industrial park under a one-way loop, with its access road."""
    cx, cy = LOOP_CENTRE
    ring = LineString(orient(box(cx - 120, cy - 70, cx + 120, cy + 70).buffer(80.0), 1.0).exterior)
    park = ("澄南园区环路", "Chengnan Park Loop")
    one_way = {"oneway": "yes", "maxspeed": "20"}
    streets = [
        Street(ring, "residential", *park, one_way),
        Street(LineString([(cx + 10, cy + 150), (cx + 6, cy + 210), (cx + 3, cy + 264)]), "residential",
               "澄南园区路", "Chengnan Park Road", {"maxspeed": "20"}),
        Street(LineString([(cx - 200, cy - 12), (cx - 410, cy - 20), (cx - 560, cy + 16)]), "residential",
               *names.street("路")),
        Street(LineString([(cx - 70, cy + 150), (cx - 66, cy), (cx - 70, cy - 150)]), "service", "", "", one_way),
        Street(LineString([(cx + 80, cy - 150), (cx + 76, cy), (cx + 80, cy + 150)]), "service", "", "", one_way),
        Street(LineString([(cx + 76, cy), (cx + 130, cy + 4), (cx + 165, cy + 2)]), "service", "", "",
               {"access": "private", "service": "driveway"}),
        Street(LineString([(cx - 66, cy), (cx - 10, cy - 3), (cx + 40, cy - 2)]), "service", "", "",
               {"access": "private", "service": "driveway"}),
    ]  # fmt: skip
    return streets, Polygon(ring.coords).buffer(15.0)


def _named(
    division: Division, names: list[tuple[str, str]] | NamePool, kinds: tuple[str, str], deep: str
) -> list[Street]:
    """Streets of a division: the first laid are wider, the long ones have names."""
    streets = []
    for line, depth in division.lines:
        long = line.length > (170.0 if depth <= 2 else 260.0)
        if isinstance(names, NamePool):
            name = names.street(kinds[0] if depth <= 2 else kinds[1]) if long else ("", "")
        else:
            name = names.pop(0) if names and (long or depth <= 2) and line.length > 90 else ("", "")
        streets.append(Street(line, "residential" if depth <= 2 else deep, *name))
    return streets


def _town(area: BaseGeometry, roads: list[LineString], rng: Random, names: NamePool, out: Quarters) -> None:
    """The town's irregular grid, finer round the old street; some through streets are one-way."""
    lines: list[Street] = []
    for face in faces(area, roads):
        old = math.dist(face.centroid.coords[0], TOWN_CENTRE) < 560.0
        division = divide(face, roads, OLD_TOWN if old else TOWN, rng)
        lines += _named(division, names, ("街", "巷") if old else ("路", "街"), "residential")
        out.blocks.setdefault("town", []).extend(division.blocks)
    for street in lines:
        one_way = street.line.length > 190.0 and rng.random() < 0.22
        out.streets.append(street.tag(oneway="yes") if one_way else street)


def _industry(area: BaseGeometry, roads: list[LineString], rng: Random, names: NamePool, out: Quarters) -> None:
    division = divide(area, roads, INDUSTRY, rng)
    for street in _named(division, names, ("路", "路"), "unclassified"):
        out.streets.append(Street(street.line, "unclassified", street.name, street.name_en, {"maxspeed": "40"}))
    out.blocks.setdefault("industry", []).extend(division.blocks)


def _village(division: Division, own: list[tuple[str, str]], rng: Random, out: Quarters) -> None:
    for street in _named(division, own, ("路", "巷"), "living_street"):
        out.streets.append(street if rng.random() < 0.8 or street.name else Street(street.line, "service"))
    out.blocks.setdefault("village", []).extend(division.blocks)


def make_quarters(terrain: Terrain, skeleton: Skeleton, rng: Random, names: NamePool) -> Quarters:
    """Divide the open land between the main roads into quarters with streets."""
    out = Quarters()
    roads = [s.line for s in skeleton.streets if "tunnel" not in s.tags]
    land = terrain.open_land.difference(skeleton.trunk_strip)
    loop_streets, loop_area = _loop(rng, names)
    out.streets += loop_streets
    out.landuse.append(("industrial", "澄南园区", "Chengnan Park", loop_area))
    taken: BaseGeometry = loop_area.buffer(45.0)

    for i, village in enumerate(VILLAGES):
        shape = blob(village.centre, village.east_m, village.north_m, 1.3 * i)
        area = shape.intersection(land).difference(taken)
        own = names.village_lanes(village.name, village.name_en)
        _village(divide(area, roads, VILLAGE, rng), own, rng, out)
        taken = taken.union(shape)
        out.landuse += [("residential", village.name, village.name_en, p) for p in
                        _polygons(shape.intersection(land).buffer(-2))]  # fmt: skip

    zones = [
        ("industry", "澄东工业区", "Chengdong Industrial Zone", Polygon(
            [(1590, 560), (1500, 900), (2350, 1690), (2700, 1860), (3200, 1800), (3520, 1100), (3420, 500),
             (2600, 60), (2000, 250)])),
        ("industry", "澄南工业区", "Chengnan Industrial Zone", Polygon(
            [(1560, -1500), (1500, -1150), (1600, -560), (2480, -620), (2900, -900), (2950, -1700), (2760, -2120),
             (2000, -2180), (1760, -2000)])),
        ("town", "澄溪", "Chengxi", blob((-130, -160), 1420, 1330, 0.4)),
    ]  # fmt: skip
    for kind, name, name_en, shape in zones:
        area = _reached(shape.intersection(land).difference(taken), roads)
        if kind == "town":
            _town(area, roads, rng, names, out)
        else:
            _industry(area, roads, rng, names, out)
        taken = taken.union(area)
        value = "residential" if kind == "town" else "industrial"
        out.landuse += [(value, name, name_en, p) for p in _polygons(area.buffer(-2))]

    fields = divide(land.difference(taken), [*roads, *(s.line for s in out.streets)], FIELDS, rng)
    lanes = [Street(line, "unclassified", *(names.street("路") if line.length > 520 else ("", ""))) for line, _ in
             fields.lines]  # fmt: skip
    out.streets = join_loose_ends([*out.streets, *lanes], roads, terrain.closed)
    return out


def join_loose_ends(streets: list[Street], roads: list[LineString], closed: BaseGeometry) -> list[Street]:
    """Draw loose street ends on to the next street where one is near; a field road that stays loose is a track."""
    lines = [*(s.line for s in streets), *roads]
    tree = STRtree(lines)
    out = []
    for i, street in enumerate(streets):
        coords = list(street.line.coords)
        loose = False
        for at in (0, -1):
            tip = Point(coords[at])
            if any(lines[j].distance(tip) < 1.0 for j in tree.query(tip.buffer(1.0)) if j != i):
                continue
            p, q = np.array(coords[at]), np.array(coords[1 if at == 0 else -2])
            unit = (p - q) / np.hypot(*(p - q))
            ray = LineString([p + unit * 0.5, p + unit * (130.0 if street.highway == "unclassified" else 65.0)])
            hits = [h for j in tree.query(ray) if j != i and not (h := lines[j].intersection(ray)).is_empty]
            end = tuple(p + unit * min((h.distance(tip) for h in hits), default=0.0))
            if not hits or LineString([tuple(p), end]).intersects(closed):
                loose = True
                continue
            coords = [end, *coords] if at == 0 else [*coords, end]
        if loose and street.highway == "unclassified" and "maxspeed" not in street.tags:
            out.append(Street(LineString(coords), "track", "", "", {"tracktype": "grade2"}))
        else:
            out.append(street.along(LineString(coords)))
    return out
