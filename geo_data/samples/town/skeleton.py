"""The main roads, drawn by hand: the national road, the town's streets, the valley, hill and village roads.

An endpoint within `JOIN_M` of another main road is moved onto it, so the drawings need not be exact.
Every name is invented.
"""

from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geo_data.samples.town.plane import XY, Street, as_line, shifted, smooth, zigzag
from geo_data.samples.town.terrain import Terrain

JOIN_M = 75.0
CARRIAGEWAY_M = 9.0  # from the national road's middle to each carriageway

TRUNK: list[XY] = [
    (-2330, -3200), (-2120, -2780), (-1500, -2120), (-500, -1480), (420, -880), (960, -260), (1180, 250),
    (1480, 900), (2300, 1640), (3080, 2060), (3900, 2260),
]  # fmt: skip

# Roundabouts: centre, radius in metres, name
ROUNDABOUTS: list[tuple[XY, float, str, str]] = [
    ((-200, 1260), 26.0, "北门环岛", "Beimen Roundabout"),
    ((-1620, -600), 22.0, "西门环岛", "Ximen Roundabout"),
]

Row = tuple[str, str, str, str, list[XY]]  # class, name, name:en, maxspeed, control points

ROADS: list[Row] = [
    ("secondary", "环镇西路", "West Ring Road", "60", [
        (-1520, -2120), (-1760, -1500), (-1720, -1000), (-1620, -600), (-1440, -180), (-1330, 260),
        (-1230, 620),
        (-1060, 960)]),
    ("secondary", "环镇北路", "North Ring Road", "60", [
        (-1060, 960), (-640, 1190), (-200, 1260), (420, 1270), (1000, 1150), (1580, 1000)]),
    ("secondary", "澄中路", "Chengzhong Road", "40", [
        (-500, -1480), (-470, -1100), (-360, -720), (-290, -240), (-240, 180), (-150, 520), (-170, 900),
        (-200, 1260)]),
    ("secondary", "溪南大街", "Xinan Avenue", "40", [
        (-1620, -600), (-1250, -690), (-800, -640), (-360, -720), (150, -640), (500, -520), (880, -390)]),
    ("secondary", "溪北路", "Xibei Road", "40", [
        (-1265, 520), (-760, 420), (-150, 520), (420, 640), (880, 640), (1330, 590), (2000, 760), (2620, 830),
        (3250, 760), (3900, 820)]),
    ("secondary", "工业大道", "Industrial Avenue", "50", [
        (2300, 1640), (2480, 1230), (2620, 830), (2700, 300), (2640, -220), (2480, -700), (2260, -1200),
        (2080, -1560)]),
    ("secondary", "南环路", "South Ring Road", "60", [
        (-1180, -1900), (-650, -2060), (0, -2060), (700, -1960), (1400, -1560), (2080, -1560), (2800, -1680),
        (3700, -1840)]),
    ("tertiary", "沿江东路", "East Riverside Road", "50", [
        (880, -390), (1010, -310), (1400, -260), (1900, -420), (2480, -700), (2950, -900), (3300, -960),
        (3800, -1180)]),
    ("tertiary", "溪头路", "Xitou Road", "40", [
        (-1470, -210), (-1800, 60), (-2200, 210), (-2520, 330), (-2860, 640), (-3250, 860), (-3620, 940),
        (-3950, 900)]),
    ("tertiary", "梅园路", "Meiyuan Road", "40", [
        (-1090, 930), (-1500, 900), (-1900, 870), (-2260, 900), (-2480, 1050), (-2800, 1230), (-3200, 1350)]),
    ("tertiary", "溪头桥路", "Xitouqiao Road", "30", [(-2860, 640), (-2700, 860), (-2480, 1050)]),
    ("tertiary", "石坦路", "Shitan Road", "40", [
        (-1730, -1030), (-2080, -960), (-2500, -1010), (-2900, -1060), (-3320, -1050), (-3920, -1120)]),
    ("tertiary", "浦西路", "Puxi Road", "40", [(-2080, -960), (-2150, -640), (-1980, -340), (-1560, -420)]),
    ("tertiary", "上垟路", "Shangyang Road", "40", [
        (-200, 1260), (-160, 1600), (-60, 1960), (60, 2350), (60, 2700), (-60, 3200)]),
    ("tertiary", "下垟路", "Xiayang Road", "40", [
        (-60, 1960), (500, 2060), (1080, 2020), (1500, 2180), (1980, 2420), (2600, 2500), (3200, 2560),
        (3700, 2480)]),
    ("tertiary", "北塘路", "Beitang Road", "40", [
        (1000, 1150), (1120, 1600), (1080, 2020), (1120, 2450), (1060, 3100)]),
    ("tertiary", "凤池路", "Fengchi Road", "40", [
        (2420, 1720), (2560, 2080), (2600, 2500), (2480, 3200)]),
    ("tertiary", "塘下路", "Tangxia Road", "40", [
        (60, -2060), (180, -2300), (250, -2560), (180, -2900), (220, -3300)]),
    ("tertiary", "塘横路", "Tangheng Road", "40", [
        (250, -2560), (760, -2480), (1300, -2320), (1720, -2160), (2110, -2120), (2700, -2080), (3560, -2150)]),
    ("tertiary", "横塘路", "Hengtang Road", "40", [
        (1060, -290), (1180, -840), (1400, -1230), (1480, -1590), (1720, -2160), (1680, -2600), (1560, -3200)]),
    ("tertiary", "工业南路", "South Industrial Road", "40", [(2080, -1560), (2110, -2120), (2230, -2560),
        (2260, -3100)]),
    ("tertiary", "河口路", "Hekou Road", "40", [(3300, -960), (3220, -1320), (3240, -1770)]),
    ("tertiary", "岩下路", "Yanxia Road", "40", [(-930, -1790), (-880, -2300), (-1080, -2700), (-1040, -3200)]),
    ("tertiary", "镇南路", "Zhennan Road", "40", [(-1700, -1230), (-1200, -1180), (-460, -1080), (60, -1020),
        (290, -960)]),
    ("tertiary", "学院路", "Xueyuan Road", "40", [(420, 1270), (460, 960), (420, 640), (470, 290), (440, 60)]),
    ("residential", "滨溪东路", "Binxi East Road", "30", [(1350, 590), (1560, 470), (1720, 450)]),
    ("unclassified", "沿江北路", "North Riverside Road", "40", [(1900, 730), (2060, 300), (2350, 140),
        (2690, 60),
        (3080, -260), (3500, -420), (3640, 150), (3400, 770)]),
]  # fmt: skip

# side of the river (1 left, -1 right), name, name:en, ends
RIVERSIDE: list[tuple[int, str, str, XY, XY]] = [
    (-1, "滨溪南路", "Binxi South Road", (-1370, 200), (560, -90)),
    (1, "滨溪北路", "Binxi North Road", (-1290, 180), (1110, 240)),
]  # fmt: skip

HILL_ROADS: list[Row] = [
    ("secondary", "狮岩隧道路", "Shiyan Tunnel Road", "50", [
        (-60, 1960), (-380, 2080), (-720, 2300), (-1080, 2400), (-1420, 2400), (-1760, 2380)]),
    ("tertiary", "岭根路", "Linggen Road", "40", [(-1760, 2380), (-2000, 2320), (-2240, 2400), (-2480, 2420)]),
    ("unclassified", "狮岩盘山路", "Shiyan Hill Road", "20", [
        (-420, 2110), (-470, 2230), *zigzag((-560, 2390), (-1000, 2310), 5, 95), *zigzag(
            (-1090, 2350), (-1500, 2600), 4, 95), (-1680, 2560), (-1800, 2380)]),
    ("unclassified", "白鹭盘山路", "Bailu Hill Road", "20", [
        (-2480, 2420), *zigzag((-2600, 2380), (-3130, 2080), 6, 120), (-3350, 1800), *zigzag(
            (-3380, 1700), (-3280, 1420), 3, 90), (-3200, 1350)]),
    ("unclassified", "竹岙盘山路", "Zhu'ao Hill Road", "20", [
        (-2400, -1010), *zigzag((-2420, -1250), (-2480, -1800), 6, 130), (-2620, -2050), (-2900, -2180)]),
    ("tertiary", "竹岙路", "Zhu'ao Road", "40", [
        (-1900, -2520), (-2250, -2330), (-2600, -2330), (-2900, -2180), (-3160, -2220), (-3400, -2360)]),
    ("unclassified", "鹤顶盘山路", "Heding Hill Road", "20", [
        (-2900, -1060), (-2980, -760), *zigzag((-2930, -560), (-2780, 160), 7, 120), (-2660, 430)]),
    ("unclassified", "云台茶场路", "Yuntai Tea Farm Road", "20", [
        (-2240, 2400), *zigzag((-2230, 2620), (-2330, 3060), 5, 110)]),
]  # fmt: skip

PEDESTRIAN: Row = ("pedestrian", "澄溪老街", "Chengxi Old Street", "", [
    (-342, -540), (-120, -520), (120, -500), (300, -540), (420, -550)])  # fmt: skip

RAILWAY: list[XY] = [
    (-640, -3400),
    (-420, -2700),
    (300, -1760),
    (1300, -960),
    (2300, -420),
    (3100, 220),
    (4000, 620),
]
STATION: XY = (1420, -880)
BRIDGES: list[tuple[XY, str]] = [
    ((-2770, 780), "溪头桥"), ((-1350, 200), "西门大桥"), ((-290, -250), "澄中大桥"),
    ((1160, 240), "国道澄溪大桥"),
    ((2650, -220), "工业大桥"),
]  # fmt: skip
TUNNELS = {"狮岩隧道路": ((-640.0, 2270.0), (-1440.0, 2400.0))}


@dataclass(frozen=True)
class Skeleton:
    """The main roads before noding, the national road's strip, and the railway."""

    streets: list[Street]
    trunk_strip: BaseGeometry
    railway: Street
    bridge_names: list[tuple[XY, str]]


def _trunk(middle: LineString) -> list[Street]:
    """Two one-way carriageways that part from and join a two-way end at each boundary."""
    count = round(middle.length / 25.0)
    s = np.linspace(0.0, middle.length, count)
    taper = np.clip((np.minimum(s, s[::-1]) - 120.0) / 90.0, 0.0, 1.0) * CARRIAGEWAY_M
    start, end = (middle.interpolate(d).coords[0] for d in (110.0, middle.length - 110.0))
    right, left = (LineString([start, *_between(shifted(middle, side), 125.0, -125.0).coords, end])
                   for side in (-taper, taper))  # fmt: skip
    names = ("瓯澄国道", "Oucheng National Road")
    tags = {"ref": "G135", "maxspeed": "70", "lanes": "2", "oneway": "yes"}
    one = Street(right, "trunk", *names, tags, spans=True)
    two = Street(left.reverse(), "trunk", *names, tags, spans=True)
    both = {"ref": "G135", "maxspeed": "70", "lanes": "4"}
    ends = [Street(LineString(c), "trunk", *names, both, spans=True) for c in
            ([middle.coords[0], start], [end, middle.coords[-1]])]  # fmt: skip
    return [one, two, *ends]


def _between(line: LineString, from_m: float, to_m: float) -> LineString:
    """The piece of a line between two distances along it; a negative one counts from the end."""
    to_m = to_m if to_m > 0 else line.length + to_m
    inner = [c for c in line.coords if from_m + 1.0 < line.project(Point(c)) < to_m - 1.0]
    return LineString([line.interpolate(from_m).coords[0], *inner, line.interpolate(to_m).coords[0]])


def _joined(line: LineString, others: list[LineString], trunk: LineString) -> LineString:
    """The line with both ends moved onto the main road they nearly meet; across both carriageways of the trunk."""
    points = list(line.coords)
    for at in (0, -1):
        tip = Point(points[at])
        if trunk.distance(tip) < JOIN_M:
            p = np.array(trunk.interpolate(trunk.project(tip)).coords[0])
            q = np.array(trunk.interpolate(trunk.project(tip) + 1.0).coords[0])
            across = np.array([-(q - p)[1], (q - p)[0]]) / np.hypot(*(q - p)) * (CARRIAGEWAY_M + 5.0)
            rest = [c for c in points if trunk.distance(Point(c)) > 40.0]
            if np.dot(np.array(rest[0 if at == 0 else -1]) - p, across) > 0:
                across = -across
            tips = [tuple(p - across), tuple(p + across)]
            points = [*reversed(tips), *rest] if at == 0 else [*rest, *tips]
            continue
        near = min(others, key=tip.distance)
        if 0.0 < near.distance(tip) < JOIN_M:
            points[at] = near.interpolate(near.project(tip)).coords[0]
    return LineString(points)


def _with_tunnel(street: Street) -> list[Street]:
    """The street cut at its tunnel's mouths, the inner part tagged as tunnel."""
    if street.name not in TUNNELS:
        return [street]
    a, b = sorted(street.line.project(Point(p)) for p in TUNNELS[street.name])
    inner = street.along(_between(street.line, a, b))
    inner = Street(
        inner.line, inner.highway, "狮岩隧道", "Shiyan Tunnel", inner.tags | {"tunnel": "yes", "layer": "-1"}
    )
    outer = [
        street.along(_between(street.line, 0.0, a)),
        street.along(_between(street.line, b, street.line.length)),
    ]
    return [outer[0], inner, outer[1]]


def _ring(centre: XY, radius_m: float) -> LineString:
    """A circle, counter-clockwise as traffic on the right goes round it."""
    a = np.linspace(0.0, 2 * np.pi, 25)
    return LineString(np.column_stack([centre[0] + radius_m * np.cos(a), centre[1] + radius_m * np.sin(a)]))


def make_skeleton(terrain: Terrain) -> Skeleton:
    """The town's main roads, joined, clipped to the township, with roundabouts, tunnel and dual carriageway."""
    middle = as_line(smooth(TRUNK, step_m=40.0).intersection(terrain.boundary))
    rows = [*ROADS, *HILL_ROADS, PEDESTRIAN]
    lines = [as_line(smooth(row[4]).intersection(terrain.boundary)) for row in rows]
    streets: list[Street] = []
    for side, name, name_en, west, east in RIVERSIDE:
        bank = terrain.along_bank(side, 41.0, west, east)
        tags = {"maxspeed": "30"}
        streets.append(Street(_joined(bank, lines, middle), "residential", name, name_en, tags, spans=True))
    for i, (highway, name, name_en, maxspeed, _) in enumerate(rows):
        line = _joined(lines[i], lines[:i] + lines[i + 1 :], middle)
        lines[i] = line
        tags = {"maxspeed": maxspeed} if maxspeed else {}
        if highway == "secondary" and name != "狮岩隧道路":
            tags["lanes"] = "4" if "环" in name else "2"
        streets.extend(_with_tunnel(Street(line, highway, name, name_en, tags, spans=True)))
    islands = unary_union([Point(c).buffer(r) for c, r, _, _ in ROUNDABOUTS])
    ground = [s if "tunnel" in s.tags else s.along(part) for s in streets for part in
              _parts(s.line if "tunnel" in s.tags else s.line.difference(islands))]  # fmt: skip
    rings = [
        Street(_ring(c, r), "secondary", name, en, {"junction": "roundabout", "oneway": "yes", "maxspeed": "30"})
        for c, r, name, en in ROUNDABOUTS
    ]
    track = as_line(smooth(RAILWAY, step_m=60.0).intersection(terrain.boundary))
    railway = Street(
        track, "", "澄溪铁路", "Chengxi Railway", {"railway": "rail", "bridge": "viaduct", "layer": "2"}
    )
    return Skeleton([*_trunk(middle), *ground, *rings], middle.buffer(CARRIAGEWAY_M + 6.0), railway, BRIDGES)


def _parts(shape: BaseGeometry) -> list[LineString]:
    """The lines of a geometry, long enough to be roads."""
    return [g for g in getattr(shape, "geoms", [shape]) if isinstance(g, LineString) and g.length > 1.0]
