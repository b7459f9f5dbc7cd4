"""From drawn streets to a network: bridges cut out, crossings noded, stubs and islands removed, ways chained."""

import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from shapely import union_all
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from geo_data.samples.town.plane import XY, Street
from geo_data.samples.town.terrain import Terrain

GRID_M = 0.25
STUB_M = 22.0
NO_CAR = {"track", "pedestrian", "footway", "cycleway", "path", "steps"}
RANK = ["trunk", "secondary", "tertiary", "unclassified", "residential", "living_street", "pedestrian", "service",
        "track", "cycleway", "footway", "steps", "path"]  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A road piece between two nodes, in its street's direction."""

    street: Street
    source: int
    points: tuple[XY, ...]
    at_m: float
    """Where the piece lies on its street."""

    @property
    def length_m(self) -> float:
        """Length in metres."""
        return sum(math.dist(a, b) for a, b in zip(self.points, self.points[1:], strict=False))


def is_car(street: Street) -> bool:
    """Whether the public may drive there."""
    return street.highway not in NO_CAR and street.tags.get("access") not in ("private", "no")


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [g for g in getattr(shape, "geoms", [shape]) if isinstance(g, LineString) and g.length > 0.01]


def cut_bridges(streets: list[Street], water: BaseGeometry) -> tuple[list[Street], list[Street]]:
    """Split streets at water: (on the ground, above or below it). Streets that may not span lose their wet part."""
    wet = water.buffer(7.0)
    ground: list[Street] = []
    lifted: list[Street] = []
    for street in streets:
        if "tunnel" in street.tags:
            lifted.append(street)
            continue
        if not street.line.intersects(wet):
            ground.append(street)
            continue
        ground += [street.along(part) for part in _lines(street.line.difference(wet))]
        if street.spans:
            tagged = street.tag(bridge="yes", layer="1")
            lifted += [tagged.along(part) for part in _lines(street.line.intersection(wet))]
    return ground, lifted


def _grid(p: tuple[float, ...]) -> XY:
    """The point on the grid."""
    return (round(p[0] / GRID_M) * GRID_M, round(p[1] / GRID_M) * GRID_M)


def _oriented(street: Street, coords: list[XY]) -> tuple[tuple[XY, ...], float]:
    """The piece's points in its street's direction, and where its middle lies along the street."""
    line = LineString(coords)
    middle = line.length / 2
    step = min(1.0, middle / 2)
    a, b = (street.line.project(line.interpolate(middle + k)) for k in (-step, step))
    if b < a:
        coords = coords[::-1]
    return tuple(coords), (a + b) / 2


def node(ground: list[Street], lifted: list[Street]) -> list[Piece]:
    """Node all streets on the ground where they cross or touch; lifted ones only meet at their ends."""
    tree = STRtree([s.line for s in ground])
    merged = union_all([s.line for s in ground], grid_size=GRID_M)
    pieces: list[Piece] = []
    for line in _lines(merged):
        coords = [_grid(c) for c in line.coords]
        middle = line.interpolate(0.5, normalized=True)
        near = [int(j) for j in tree.query(middle.buffer(1.0)) if ground[int(j)].line.distance(middle) < 0.6]
        if not near:
            continue
        source = min(near, key=lambda j: (RANK.index(ground[j].highway), j))
        points, at_m = _oriented(ground[source], coords)
        pieces.append(Piece(ground[source], source, points, at_m))
    for k, street in enumerate(lifted):
        pieces.append(Piece(street, len(ground) + k, tuple(_grid(c) for c in street.line.coords), 0.0))
    return pieces


def degrees(pieces: Iterable[Piece]) -> dict[XY, int]:
    """How many pieces end at each node."""
    degree: dict[XY, int] = defaultdict(int)
    for piece in pieces:
        degree[piece.points[0]] += 1
        degree[piece.points[-1]] += 1
    return degree


def without_stubs(pieces: list[Piece], boundary: BaseGeometry) -> list[Piece]:
    """Drop short dead ends, again and again; dead ends at the township's edge stay."""
    edge = boundary.boundary
    for _ in range(30):
        degree = degrees(pieces)
        inner = {p for p, d in degree.items() if d == 1 and edge.distance(Point(p)) > 8.0}
        kept = [q for q in pieces if q.length_m >= STUB_M or not ({q.points[0], q.points[-1]} & inner)]
        if len(kept) == len(pieces):
            break
        pieces = kept
    return pieces


def _component(start: XY, links: dict[XY, list[XY]]) -> set[XY]:
    seen = {start}
    queue = deque([start])
    while queue:
        for other in links[queue.popleft()]:
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def _links(pieces: Iterable[Piece], back: bool | None) -> dict[XY, list[XY]]:
    """Neighbours of each node: forward (False), backward (True), or ignoring one-ways (None)."""
    links: dict[XY, list[XY]] = defaultdict(list)
    for piece in pieces:
        a, b = piece.points[0], piece.points[-1]
        one_way = piece.street.tags.get("oneway") == "yes" and back is not None
        if not (one_way and back):
            links[a].append(b)
        if not one_way or back:
            links[b].append(a)
    return links


def _hub(pieces: list[Piece]) -> XY:
    """A node of the town's main crossing."""
    return min(
        (p.points[0] for p in pieces if p.street.highway == "secondary"), key=lambda c: math.dist(c, (-360, -720))
    )


def connected(pieces: list[Piece]) -> list[Piece]:
    """Only what hangs together: drivable pieces reached by car, then the rest reached by any way."""
    hub = _hub(pieces)
    cars = [p for p in pieces if is_car(p.street)]
    by_car = _component(hub, _links(cars, None))
    rest = [p for p in pieces if not is_car(p.street) or p.points[0] in by_car]
    joined = _component(hub, _links(rest, None))
    return [p for p in rest if p.points[0] in joined]


def main_part(pieces: list[Piece]) -> set[XY]:
    """The nodes from which one can drive to the town's main crossing and back."""
    cars = [p for p in pieces if is_car(p.street)]
    hub = _hub(cars)
    return _component(hub, _links(cars, False)) & _component(hub, _links(cars, True))


def open_traps(pieces: list[Piece]) -> list[Piece]:
    """Make one-way streets two-way again where they cut something off."""
    for _ in range(20):
        good = main_part(pieces)
        bad = {p.source for p in pieces if is_car(p.street) and p.street.tags.get("oneway") == "yes"
               and p.street.highway not in ("trunk", "secondary")
               and not (p.points[0] in good and p.points[-1] in good)}  # fmt: skip
        if not bad:
            break
        pieces = [_two_way(p) if p.source in bad else p for p in pieces]
    return pieces


def _two_way(piece: Piece) -> Piece:
    tags = {k: v for k, v in piece.street.tags.items() if k != "oneway"}
    old = piece.street
    return replace(piece, street=Street(old.line, old.highway, old.name, old.name_en, tags, old.spans))


def chain(pieces: list[Piece]) -> list[tuple[Street, list[XY]]]:
    """Ways: the pieces of a street strung together as long as they touch end to start."""
    ways: list[tuple[Street, list[XY]]] = []
    last: int | None = None
    for piece in sorted(pieces, key=lambda p: (p.source, p.at_m)):
        if piece.source == last and ways[-1][1][-1] == piece.points[0]:
            ways[-1][1].extend(piece.points[1:])
        else:
            ways.append((piece.street, list(piece.points)))
        last = piece.source
    return ways


def _named_bridges(lifted: list[Street], terrain: Terrain, names: list[tuple[XY, str]]) -> list[Street]:
    """Bridges over the river with the name of their site."""
    out = []
    for street in lifted:
        if "bridge" in street.tags and street.line.intersects(terrain.river) and is_car(street):
            at = street.line.centroid
            name = min((math.dist(spot, (at.x, at.y)), name) for spot, name in names)[1]
            out.append(street.tag(**{"bridge:name": name}))
        else:
            out.append(street)
    return out


def make_network(streets: list[Street], terrain: Terrain, bridge_names: list[tuple[XY, str]]) -> list[Piece]:
    """The whole road from drawing to network."""
    ground, lifted = cut_bridges(streets, terrain.water)
    pieces = node(ground, _named_bridges(lifted, terrain, bridge_names))
    pieces = without_stubs(connected(without_stubs(pieces, terrain.boundary)), terrain.boundary)
    return open_traps(connected(pieces))
