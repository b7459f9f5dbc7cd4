"""Invented places and teams: points of the map, the tiers of places.csv, the fleet of teams.csv."""

import math
from dataclasses import dataclass

from shapely.geometry import LineString, Point
from shapely.strtree import STRtree

from geo_data.samples.town.districts import LOOP_CENTRE, VILLAGES
from geo_data.samples.town.network import Piece, is_car, main_part
from geo_data.samples.town.plane import XY
from geo_data.samples.town.terrain import HILLS, Terrain


@dataclass(frozen=True)
class Place:
    """A place with a tier (T1, T2 or T3), or a mere point of the map (tier empty)."""

    id: str
    name: str
    name_en: str
    tier: str
    kind: str
    at: XY
    radius_m: int
    tags: dict[str, str]


@dataclass(frozen=True)
class Team:
    """A patrol team and where it stands at the start."""

    id: str
    name: str
    name_en: str
    kind: str
    at: XY


# name, name:en, kind, OSM key=value, about where, radius in metres
_KEY_POINTS: list[tuple[str, str, str, str, XY, int]] = [
    ("澄溪第一小学", "Chengxi No. 1 Primary School", "school", "amenity=school", (-700, -860), 90),
    ("澄溪中学", "Chengxi Middle School", "school", "amenity=school", (250, 930), 120),
    ("溪北小学", "Xibei Primary School", "school", "amenity=school", (-560, 760), 90),
    ("塘下小学", "Tangxia Primary School", "school", "amenity=school", (350, -2290), 80),
    ("凤池小学", "Fengchi Primary School", "school", "amenity=school", (2740, 2400), 80),
    ("澄溪实验幼儿园", "Chengxi Experimental Kindergarten", "school", "amenity=kindergarten", (-120, -890), 60),
    ("澄溪人民医院", "Chengxi People's Hospital", "hospital", "amenity=hospital", (640, 880), 120),
    ("石坦卫生院", "Shitan Clinic", "hospital", "amenity=clinic", (-3040, -990), 60),
    ("澄溪站站前广场", "Chengxi Station Square", "square", "place=square", (1330, -760), 120),
    ("澄溪客运中心", "Chengxi Bus Station", "bus_station", "amenity=bus_station", (820, -470), 100),
    ("澄溪菜市场", "Chengxi Market", "market", "amenity=marketplace", (150, -430), 70),
    ("溪北农贸市场", "Xibei Farmers' Market", "market", "amenity=marketplace", (-330, 620), 70),
    ("澄溪镇人民政府", "Chengxi Town Government", "government", "amenity=townhall", (-560, -760), 80),
    ("澄溪派出所", "Chengxi Police Station", "police", "amenity=police", (-210, -780), 50),
    ("澄溪自来水厂", "Chengxi Waterworks", "utility", "man_made=water_works", (-2250, 290), 100),
    ("澄东加油站", "Chengdong Filling Station", "fuel", "amenity=fuel", (1500, 700), 50),
]
_KEY_AREAS: list[tuple[str, str, str, str, XY, int]] = [
    ("澄东工业区北门", "Chengdong Zone North Gate", "industrial_gate", "", (2340, 1540), 180),
    ("澄东工业区西门", "Chengdong Zone West Gate", "industrial_gate", "", (1640, 680), 180),
    ("澄东工业区东门", "Chengdong Zone East Gate", "industrial_gate", "", (3350, 790), 180),
    ("澄南工业区北门", "Chengnan Zone North Gate", "industrial_gate", "", (2440, -780), 180),
    ("澄南工业区南门", "Chengnan Zone South Gate", "industrial_gate", "", (2100, -2040), 180),
    ("澄南园区大门", "Chengnan Park Gate", "industrial_gate", "", (LOOP_CENTRE[0], LOOP_CENTRE[1] + 180), 150),
    ("澄溪老街", "Chengxi Old Street", "commercial_street", "", (40, -560), 260),
    ("溪南大街商圈", "Xinan Avenue Shops", "commercial_street", "", (-860, -660), 220),
    ("溪北路商圈", "Xibei Road Shops", "commercial_street", "", (450, 640), 220),
    ("北门夜市", "Beimen Night Market", "commercial_street", "", (-170, 1090), 180),
    ("澄东宿舍区", "Chengdong Dormitories", "dormitory", "", (1780, 1000), 200),
    ("澄南宿舍区", "Chengnan Dormitories", "dormitory", "", (1740, -1300), 200),
    ("文笔山公园", "Wenbi Hill Park", "park", "leisure=park", (250, 2640), 220),
    ("滨溪公园", "Binxi Park", "park", "leisure=park", (-740, 60), 220),
    ("云台茶场", "Yuntai Tea Farm", "scenic", "tourism=attraction", (-2300, 2830), 220),
    ("学院路文化广场", "Xueyuan Road Culture Square", "square", "place=square", (480, 330), 150),
    ("狮岩隧道东口", "Shiyan Tunnel East Mouth", "tunnel", "", (-560, 2200), 150),
    ("梅园果园", "Meiyuan Orchards", "scenic", "tourism=attraction", (-1560, 960), 220),
]
# what is no key point or area keeps the general target; these are named so that a report says where it is
_STREETS: list[tuple[str, str, str, XY, int]] = [
    ("澄溪西路沿线", "Chengxi West Road", "street", (-1500, -300), 180),
    ("滨溪南路沿线", "Binxi South Road", "street", (300, -200), 150),
    ("溪北住宅区", "Xibei Housing", "housing", (900, 1250), 200),
    ("城南住宅区", "Chengnan Housing", "housing", (-500, -1500), 200),
    ("国道东段", "National Road, East", "street", (2300, 2150), 200),
    ("国道西段", "National Road, West", "street", (-1300, -2300), 200),
    ("云台山盘山路", "Yuntai Hill Road", "street", (-2600, 2300), 250),
    ("塘下工业点", "Tangxia Workshops", "street", (-350, -2600), 180),
]
_DEDICATED: list[tuple[str, XY]] = [
    ("一", (-230, -700)), ("二", (-160, 620)), ("三", (2560, 860)), ("四", (2120, -1500)), ("五", (940, -300)),
    ("六", (-1600, -520)),
]  # fmt: skip
_SERVICE_CLASSES = ("service", "trunk")


class _Roads:
    """The drivable roads of the town's main part."""

    def __init__(self, pieces: list[Piece]) -> None:
        main = main_part(pieces)
        self._pieces = [p for p in pieces if is_car(p.street) and p.street.highway not in _SERVICE_CLASSES
                        and "junction" not in p.street.tags and p.points[0] in main and p.points[-1] in main
                        and p.length_m > 30.0]  # fmt: skip
        self._tree = STRtree([LineString(p.points) for p in self._pieces])

    def on_road(self, about: XY) -> XY:
        """A point of a drivable road near `about`, not at a junction."""
        line = LineString(self._pieces[int(self._tree.nearest(Point(about)))].points)
        along = min(max(line.project(Point(about)), 0.2 * line.length), 0.8 * line.length)
        at = line.interpolate(along)
        return (at.x, at.y)

    def beside_road(self, about: XY, offset_m: float) -> XY:
        """A point so far beside a drivable road near `about`, on the side of `about`."""
        at = self.on_road(about)
        away = math.dist(about, at)
        if away <= offset_m:
            return about
        return (at[0] + (about[0] - at[0]) / away * offset_m, at[1] + (about[1] - at[1]) / away * offset_m)


def make_places(pieces: list[Piece]) -> list[Place]:
    """The places of tiers T1, T2 and T3, each beside a drivable road."""
    roads = _Roads(pieces)
    out: list[Place] = []
    for i, (name, en, kind, tag, about, radius_m) in enumerate(_KEY_POINTS, start=1):
        key, _, value = tag.partition("=")
        out.append(Place(f"P{i:02d}", name, en, "T1", kind, roads.beside_road(about, 22.0), radius_m, {key: value}))
    for i, village in enumerate(VILLAGES, start=1):
        at = roads.beside_road(village.centre, 16.0)
        out.append(Place(f"A{i:02d}", f"{village.name}村中心", f"{village.name_en} Village Centre", "T2",
                         "village_centre", at, 200, {}))  # fmt: skip
    for i, (name, en, kind, tag, about, radius_m) in enumerate(_KEY_AREAS, start=len(VILLAGES) + 1):
        key, _, value = tag.partition("=")
        at = roads.beside_road(about, 25.0)
        out.append(Place(f"A{i:02d}", name, en, "T2", kind, at, radius_m, {key: value} if key else {}))
    for i, (name, en, kind, about, radius_m) in enumerate(_STREETS, start=1):
        out.append(Place(f"S{i:02d}", name, en, "T3", kind, roads.beside_road(about, 12.0), radius_m, {}))
    return out


def make_points(terrain: Terrain, station: XY) -> list[Place]:
    """Points of the map without a tier: the town, its villages, the summits, the station."""
    out = [Place("", "澄溪镇", "Chengxi Town", "", "town", (-130, -160), 0, {"place": "town"})]
    for v in VILLAGES:
        out.append(
            Place("", f"{v.name}村", f"{v.name_en} Village", "", "village", v.centre, 0, {"place": "village"})
        )
    for x, y, _, _, top, name, en in HILLS:
        if name and terrain.boundary.contains(Point(x, y)):
            out.append(Place("", name, en, "", "peak", (x, y), 0, {"natural": "peak", "ele": f"{top:.0f}"}))
    out.append(Place("", "澄溪站", "Chengxi Station", "", "station", station, 0, {"railway": "station"}))
    return out


def make_teams(pieces: list[Piece]) -> list[Team]:
    """One patrol team in each village and 6 dedicated teams, all on drivable roads."""
    roads = _Roads(pieces)
    out = []
    for i, village in enumerate(VILLAGES, start=1):
        about = (village.centre[0] + 70 * math.cos(2.4 * i), village.centre[1] + 70 * math.sin(2.4 * i))
        out.append(Team(f"V{i:02d}", f"{i}队 {village.name}村巡防队", f"Team {i} {village.name_en} Village Patrol",
                        "village", roads.on_road(about)))  # fmt: skip
    for i, (numeral, about) in enumerate(_DEDICATED, start=1):
        out.append(Team(f"D{i}", f"专巡{numeral}队", f"Dedicated Patrol {i}", "dedicated", roads.on_road(about)))
    return out
