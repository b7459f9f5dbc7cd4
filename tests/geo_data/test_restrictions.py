"""Turn restrictions as OSM writes them: what is read, whom they bind, and that no route breaks one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import osmium
import pytest

from geo_data.graph import BAN, Hours, RoadGraph
from geo_data.overlay import Overlay, view
from geo_data.profiles import CAR, EBIKE, EMERGENCY_CAR, FOOT
from geo_data.reach import reach
from geo_data.route import route
from geo_data.sources.osm import read_osm
from geo_data.sources.restrictions import orders_for, parse_hours, relation_of
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcPosition

# a cross of two-way streets: 1 west, 2 east, 3 south, 4 north of 0; 5 beyond 2, with a way from there to 4
NODES = {0: (0, 0), 1: (-10, 0), 2: (10, 0), 3: (0, -10), 4: (0, 10), 5: (20, 0)}
WAYS = {10: (1, 0), 11: (0, 2), 12: (3, 0), 13: (0, 4), 14: (2, 5), 15: (5, 4)}


def town(tmp_path: Path, relations: str = "", node_tags: dict[int, str] | None = None, ways=WAYS) -> Path:
    """Write the cross with relations; each is "k=v … : role type ref, …"."""
    lines = ['<osm version="0.6">']
    for i, (x, y) in NODES.items():
        tags = "".join(_tag(t) for t in (node_tags or {}).get(i, "").split())
        lines.append(f'<node id="{i + 1}" version="1" lat="{y / 1e4}" lon="{x / 1e4}">{tags}</node>')
    for i, refs in ways.items():
        nodes = "".join(f'<nd ref="{n + 1}"/>' for n in refs)
        lines.append(f'<way id="{i}" version="1">{nodes}{_tag("highway=residential")}</way>')
    for i, text in enumerate(filter(None, (line.strip() for line in relations.splitlines()))):
        tags, members = text.split(" : ")
        rows = "".join(
            f'<member type="{kind}" ref="{int(ref) + (kind == "node")}" role="{role}"/>'
            for role, kind, ref in (m.split() for m in members.split(","))
        )
        tagged = "".join(_tag(t.replace("~", " ")) for t in ["type=restriction", *tags.split()])
        lines.append(f'<relation id="{i + 1}" version="1">{rows}{tagged}</relation>')
    path = tmp_path / "cross.osm"
    path.write_text("\n".join([*lines, "</osm>"]))
    return path


def _tag(text: str) -> str:
    key, value = text.split("=", 1)
    return f'<tag k="{key}" v="{value}"/>'


def node_at(graph: RoadGraph, number: int) -> int:
    x, y = NODES[number]
    (node,) = np.flatnonzero((graph.node_lon_e7 == x * 1000) & (graph.node_lat_e7 == y * 1000))
    return int(node)


def allowed(graph: RoadGraph, *numbers: int) -> bool:
    """Whether one may drive along these places, each on a direct road from the one before."""
    nodes = [node_at(graph, number) for number in numbers]
    arcs = [int(np.flatnonzero((graph.tail == a) & (graph.head == b))[0]) for a, b in itertools.pairwise(nodes)]
    return BAN not in graph.turns_ms(arcs)


VIA = ": from way 10, via node 0, to way 13"


@pytest.mark.parametrize(
    ("relation", "left", "straight", "right", "back"),
    [
        ("", True, True, True, True),
        (f"restriction=no_left_turn {VIA}", False, True, True, True),
        (f"restriction=only_left_turn {VIA}", True, False, False, False),
        ("restriction=no_u_turn : from way 10, via node 0, to way 10", True, True, True, False),
        ("restriction=no_entry : from way 10, from way 12, via node 0, to way 13", False, True, True, True),
        (f"restriction=no_left_turn except=motorcar;psv {VIA}", True, True, True, True),
        (f"restriction=no_left_turn except=bicycle {VIA}", False, True, True, True),
        (f"restriction:hgv=no_left_turn {VIA}", True, True, True, True),
        (f"restriction:motorcar=no_left_turn {VIA}", False, True, True, True),
        (f"restriction:bicycle=no_left_turn {VIA}", True, True, True, True),
        (f"restriction=give_way {VIA}", True, True, True, True),
        ("restriction=no_left_turn : from way 10, to way 13", True, True, True, True),
        ("restriction=no_left_turn : via node 0, to way 13", True, True, True, True),
        ("restriction=no_left_turn : from way 10, via node 0, to way 99", True, True, True, True),
        ("restriction=no_left_turn : from way 10, via node 77, to way 13", True, True, True, True),
        ("restriction=no_left_turn : from way 10, via node 5, to way 13", True, True, True, True),
        ("restriction=only_left_turn : from way 10, via node 0, to way 99", True, True, True, True),
    ],
)
def test_at_a_junction(tmp_path, relation, left, straight, right, back):  # noqa: PLR0917
    graph = read_osm(town(tmp_path, relation), ("car",)).graph("car")
    graph.check()
    assert [allowed(graph, 1, 0, n) for n in (4, 2, 3, 1)] == [left, straight, right, back]
    assert all(
        allowed(graph, a, 0, b)
        for a in (2, 3, 4)
        for b in (1, 2, 3)
        if (a, relation[:20]) != (3, "restriction=no_entry")
    )


def test_via_ways(tmp_path):
    no = "restriction=no_u_turn : from way 10, via way 11, via way 14, to way 15"
    graph = read_osm(town(tmp_path, no), ("car",)).graph("car")
    graph.check()
    assert not allowed(graph, 1, 0, 2, 5, 4)
    assert allowed(graph, 3, 0, 2, 5, 4) and allowed(graph, 1, 0, 2, 5, 2) and allowed(graph, 0, 2, 5, 4)
    assert allowed(graph, 4, 5, 2, 0, 1), "the other way round it says nothing"
    only = "restriction=only_straight_on : from way 10, via way 11, to way 14"
    graph = read_osm(town(tmp_path, only), ("car",)).graph("car")
    assert allowed(graph, 1, 0, 2, 5)
    assert not allowed(graph, 1, 0, 4) and not allowed(graph, 1, 0, 2, 0)
    assert allowed(graph, 3, 0, 2, 0), "from elsewhere the way is free"


def test_a_detour_is_exact(tmp_path):
    graph = read_osm(town(tmp_path, f"restriction=no_left_turn {VIA}"), ("car",)).graph("car")
    west = int(np.flatnonzero(graph.tail == node_at(graph, 1))[0])
    north = int(np.flatnonzero((graph.tail == node_at(graph, 0)) & (graph.head == node_at(graph, 4)))[0])
    way = route(graph, [ArcPosition(west, 0.0)], [ArcPosition(north, 50.0)])
    assert way is not None
    places = [*graph.tail[list(way.arcs)].tolist(), int(graph.head[way.arcs[-1]])]
    # straight on and back again, by a turn of 20 s at the next junction: not by 5, which is farther
    assert places == [node_at(graph, n) for n in (1, 0, 3, 0, 4)] or places == [
        node_at(graph, n) for n in (1, 0, 2, 0, 4)
    ]


def test_whom_a_restriction_binds():
    relation = relation_of({"restriction": "no_left_turn"}, [("w", "from", 1), ("n", "via", 2), ("w", "to", 3)])
    assert relation is not None
    assert [len(list(orders_for(relation, p))) for p in (CAR, EBIKE, FOOT, EMERGENCY_CAR)] == [1, 1, 0, 0]
    no_entry = relation_of({"restriction": "no_entry"}, [("w", "from", 1), ("n", "via", 2), ("w", "to", 3)])
    assert no_entry is not None and len(list(orders_for(no_entry, EMERGENCY_CAR))) == 1
    both = {"restriction": "no_left_turn", "restriction:bicycle": "none"}
    opened = relation_of(both, [("w", "from", 1), ("n", "via", 2), ("w", "to", 3)])
    assert opened is not None
    assert [len(list(orders_for(opened, p))) for p in (CAR, EBIKE)] == [1, 0]
    assert relation_of({}, [("w", "from", 1), ("n", "via", 2), ("n", "via", 3), ("w", "to", 3)]) is None
    assert relation_of({}, [("w", "from", i) for i in range(100)]) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("(Mo-Fr 07:00-09:00)", (Hours(31, 420, 540),)),
        ("Mo-Fr 07:00-09:00,16:00-19:00", (Hours(31, 420, 540), Hours(31, 960, 1140))),
        ("Mo-Fr 07:00-09:00; Sa 10:00-12:00", (Hours(31, 420, 540), Hours(32, 600, 720))),
        ("22:00-06:00", (Hours(127, 1320, 360),)),
        ("Sa,Su", (Hours(96, 0, 1440),)),
        ("Fr-Mo 00:00-24:00", (Hours(113, 0, 1440),)),
        ("Mo,PH 08:00 - 09:00", (Hours(1, 480, 540),)),
        ("24/7", ()),
        ("wet", None),
        ("weight>7.5", None),
        ("PH 08:00-09:00", None),
        ("Mo-Fr 07:00-09:00 AND wet", None),
        ("Mar-Oct", None),
        ("sunset-sunrise", None),
        ("25:00-26:00", None),
        ("", None),
    ],
)  # fmt: skip
def test_hours(text, hours):
    assert parse_hours(text) == hours


def test_a_conditional_restriction_holds_by_the_clock(tmp_path):
    relation = f"restriction:conditional=no_left_turn~@~(Mo-Fr~07:00-09:00) {VIA}"
    graph = read_osm(town(tmp_path, relation), ("car",)).graph("car")
    graph.check()
    monday, sunday = datetime(2026, 11, 23, 8), datetime(2026, 11, 22, 8)
    assert allowed(graph, 1, 0, 4), "without a clock it does not hold"
    assert not allowed(view(graph, Overlay(), monday), 1, 0, 4)
    assert view(graph, Overlay(), sunday) is graph
    assert not allowed(view(graph, Overlay(), datetime(2026, 11, 23, 7)), 1, 0, 4)
    assert allowed(view(graph, Overlay(), datetime(2026, 11, 23, 9)), 1, 0, 4)


@pytest.mark.parametrize(
    ("tags", "car", "ebike", "foot"),
    [
        ("barrier=bollard", False, True, True),
        ("barrier=block", False, True, True),
        ("barrier=gate", True, True, True),
        ("barrier=wall", False, False, False),
        ("barrier=kissing_gate", False, False, True),
        ("barrier=bollard motor_vehicle=yes", True, True, True),
        ("barrier=gate access=no", False, False, False),
        ("barrier=gate access=private", True, True, True),
        ("barrier=lift_gate motorcar=no", False, True, True),
        ("barrier=kerb", True, True, True),
    ],
)
def test_barriers(tmp_path, tags, car, ebike, foot):
    ground = read_osm(town(tmp_path, node_tags={0: tags}))
    for profile, passes in zip(("car", "ebike", "foot"), (car, ebike, foot), strict=True):
        graph = ground.graph(profile)
        graph.check()
        assert allowed(graph, 1, 0, 4) == passes and allowed(graph, 1, 0, 1)
    plain = read_osm(town(tmp_path), ("car",)).graph("car")
    if car and tags == "barrier=gate":
        west = int(np.flatnonzero(plain.tail == node_at(plain, 1))[0])
        times = [
            reach(g, [ArcPosition(west, 0.0)], MAX_TRAVEL_MS).node_ms[node_at(g, 2)]
            for g in (ground.graph("car"), plain)
        ]
        assert times[0] - times[1] == 5_000


def test_a_barrier_between_junctions_cuts_the_way(tmp_path):
    ways = {10: (1, 0, 2), 14: (2, 5)}
    graph = read_osm(town(tmp_path, node_tags={0: "barrier=bollard"}, ways=ways), ("car",)).graph("car")
    assert graph.n_nodes == 4
    west = int(np.flatnonzero(graph.tail == node_at(graph, 1))[0])
    found = reach(graph, [ArcPosition(west, 0.0)], MAX_TRAVEL_MS)
    assert found.node_ms[node_at(graph, 0)] != UNREACHED and found.node_ms[node_at(graph, 2)] == UNREACHED


# ── real extracts: no route breaks a restriction, checked against the relations themselves ─────────────────────


class Rules:
    """The via-node restrictions for cars of an OSM file, read for this test alone."""

    def __init__(self, path: Path) -> None:
        self.no: set[tuple[int, int, int]] = set()
        self.only: dict[tuple[int, int], set[int]] = {}
        self.place: dict[int, tuple[int, int]] = {}
        for thing in osmium.FileProcessor(str(path), osmium.osm.RELATION):
            tags = dict(thing.tags)
            kind = tags.get("restriction:motorcar", tags.get("restriction", ""))
            if tags.get("type") != "restriction" or {"motorcar", "motor_vehicle"} & set(
                tags.get("except", "").split(";")
            ):
                continue
            role = {name: [m.ref for m in thing.members if m.role == name] for name in ("from", "to")}
            vias = [m.ref for m in thing.members if m.role == "via" and m.type == "n"]
            for start in role["from"]:
                for end in role["to"]:
                    for via in vias:
                        if kind.startswith("no_"):
                            self.no.add((start, via, end))
                        elif kind.startswith("only_"):
                            self.only.setdefault((start, via), set()).add(end)
        wanted = {via for _, via, _ in self.no} | {via for _, via in self.only}
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
            if node.id in wanted:
                self.place[(node.location.x, node.location.y)] = node.id

    def broken(self, graph: RoadGraph, arcs: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
        for a, b in itertools.pairwise(arcs):
            node = int(graph.head[a])
            via = self.place.get((int(graph.node_lon_e7[node]), int(graph.node_lat_e7[node])))
            if via is None:
                continue
            start, end = (int(graph.piece_way[graph.arc_piece[arc]]) for arc in (a, b))
            turned_back = graph.twin[a] == b
            if (start, via, end) in self.no and (start != end or turned_back):
                yield start, via, end
            meant = self.only.get((start, via), set()) & set(
                graph.piece_way[graph.arc_piece[_leaving(graph, node)]].tolist()
            )
            if meant and end not in meant:
                yield start, via, end


def _leaving(graph: RoadGraph, node: int) -> np.ndarray:
    return np.arange(graph.first_out[node], graph.first_out[node + 1])


def across(graph: RoadGraph, rules: Rules, rng: np.random.Generator, count: int):
    """Yield pairs of places before and behind the junctions of restrictions, and random ones."""
    nodes = [
        int(node)
        for node in range(graph.n_nodes)
        if (int(graph.node_lon_e7[node]), int(graph.node_lat_e7[node])) in rules.place
    ]
    for node in nodes:
        enters = graph.in_arc[graph.first_in[node] : graph.first_in[node + 1]].tolist()
        for a in enters:
            for b in _leaving(graph, node).tolist():
                yield a, b
    for _ in range(count):
        yield tuple(rng.integers(graph.n_arcs, size=2).tolist())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("moscow.osm.gz", 200), ("porto.osm.pbf", 100)])
def test_no_route_breaks_a_restriction(shared_data, name, count):
    path = shared_data / "roads" / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    graph = read_osm(path, ("car",)).graph("car")
    rules, rng = Rules(path), np.random.default_rng(3)
    found = 0
    crossings = 0
    for a, b in across(graph, rules, rng, count):
        way = route(graph, [ArcPosition(a, 0.0)], [ArcPosition(b, graph.arc_length_m(b))], 1_800_000)
        if way is None:
            continue
        found += 1
        assert list(rules.broken(graph, way.arcs)) == []
        crossings += bool(list(rules.broken(graph, (a, b)))) if graph.head[a] == graph.tail[b] else 0
    assert found > count // 2 and crossings > 50, "the short way across would break many"


@pytest.mark.parametrize(("duration", "seconds"), [("00:10", 600), ("1:00:30", 3630), ("25", 1500), ("soon", None)])
def test_ferries_by_their_duration_when_wanted(tmp_path, duration, seconds):
    path = town(tmp_path, ways={10: (1, 0), 14: (2, 5)})
    ferry = '<way id="20" version="1"><nd ref="1"/><nd ref="3"/><tag k="route" v="ferry"/>{}</way></osm>'
    path.write_text(path.read_text().replace("</osm>", ferry.format(_tag(f"duration={duration}"))))
    assert 20 not in read_osm(path, ("car",)).graph("car").piece_way
    graph = read_osm(path, ("car", "foot"), ferries=True)
    for profile in graph.profiles:
        arcs = np.flatnonzero(graph.graph(profile).piece_way[graph.graph(profile).arc_piece] == 20)
        times = graph.graph(profile).travel_ms[arcs].tolist()
        assert times == ([] if seconds is None else [pytest.approx(seconds * 1000, abs=20)] * 2)
