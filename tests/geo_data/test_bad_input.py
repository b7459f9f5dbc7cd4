"""What is odd about real data and odd questions: each case is defined, and here it is tested."""

from __future__ import annotations

import numpy as np
import pytest

from geo_data.coverage import Coverage
from geo_data.graph import TurnCosts, TurnRules, angle_costs, with_turns
from geo_data.graph.angles import bearings_deg
from geo_data.locate import locate
from geo_data.nearest import nearest
from geo_data.overlay import Overlay, view
from geo_data.reach import reach
from geo_data.route import route
from geo_data.sources.osm import read_osm
from geo_data.toy import ToyRoad, grid_town, toy_graph
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcIdx, ArcPosition, LonLat

OSM = '<osm version="0.6">{}</osm>'


def osm(tmp_path, nodes, ways, more=""):
    """Write nodes {id: (lat, lon)} and ways {id: refs} as an OSM file."""
    text = "".join(f'<node id="{i}" version="1" lat="{lat}" lon="{lon}"/>' for i, (lat, lon) in nodes.items())
    for i, refs in ways.items():
        text += f'<way id="{i}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs)
        text += '<tag k="highway" v="residential"/></way>'
    path = tmp_path / "odd.osm"
    path.write_text(OSM.format(text + more))
    return path


def two_points(roads):
    return toy_graph(np.array([0.0, 100.0]), np.array([0.0, 0.0]), roads)


def test_a_graph_of_one_arc():
    graph = two_points([ToyRoad(0, 1, 10_000, 0, 100_000)])
    graph.check()
    start, end = [ArcPosition(ArcIdx(0), 20.0)], [ArcPosition(ArcIdx(0), 70.0)]
    assert reach(graph, start, MAX_TRAVEL_MS).at(end) == 5_000
    assert reach(graph, end, MAX_TRAVEL_MS).at(start) == UNREACHED
    assert [a.travel_ms for a in nearest(graph, end, [start])] == [5_000]
    assert [a.travel_ms for a in nearest(graph, start, [end])] == [UNREACHED]
    way = route(graph, start, end)
    assert way is not None and way.arcs == (0,)
    assert Coverage(graph, [start], 60_000).arc_ms.tolist() == [8_000]
    turned = with_turns(graph, TurnRules(angle_costs(graph, TurnCosts(left_s=1.0, back_s=None))))
    assert reach(turned, start, MAX_TRAVEL_MS).at(end) == 5_000


def test_a_self_loop_is_driven_round():
    graph = two_points([ToyRoad(0, 0, 30_000, 0, 300_000), ToyRoad(0, 1, 10_000, 10_000, 100_000)])
    graph.check()
    loop = int(np.flatnonzero(graph.tail == graph.head)[0])
    late, early = [ArcPosition(ArcIdx(loop), 200.0)], [ArcPosition(ArcIdx(loop), 100.0)]
    assert reach(graph, late, MAX_TRAVEL_MS).at(early) == 20_000
    rules = TurnRules(lambda a, b: np.where((a == loop) & (b == loop), -1, 0))
    barred = with_turns(graph, rules)
    barred.check()
    assert reach(barred, late, MAX_TRAVEL_MS).at(early) == 10_000 + 10_000 + 10_000 + 10_000


def test_pieces_without_length_take_at_least_a_millisecond():
    graph = two_points([ToyRoad(0, 1, 1, 1, 0), ToyRoad(0, 1, 5, 0, 0)])
    graph.check()
    out = int(graph.first_out[0])
    found = reach(graph, [ArcPosition(ArcIdx(out), 0.0)], 1_000)
    assert found.node_ms[1] == 1
    assert np.all(found.arc_spans().to_mm == 0)


def test_duplicate_ways_and_nodes_on_one_spot(tmp_path):
    nodes = {1: (0.0, 0.0), 2: (0.0, 0.001), 3: (0.0, 0.001), 4: (0.0, 0.002)}
    graph = read_osm(osm(tmp_path, nodes, {10: (1, 2), 11: (1, 2), 12: (2, 3), 13: (3, 4)}), ("car",)).graph("car")
    graph.check()
    assert np.count_nonzero(graph.tail == 0) >= 1 and graph.n_arcs == 8
    assert np.all(graph.travel_ms >= 1)
    way = route(graph, locate(graph, LonLat(0.0, 0.0)), locate(graph, LonLat(0.002, 0.0)))
    assert way is not None and way.length_m == pytest.approx(222.4, abs=0.5)


def test_restrictions_that_dangle_or_lack_members(tmp_path):
    nodes = {1: (0.0, 0.0), 2: (0.0, 0.001), 3: (0.001, 0.001), 4: (0.0, 0.002)}
    tags = '<tag k="type" v="restriction"/><tag k="restriction" v="{}"/>'
    members = [
        "",
        '<member type="way" ref="10" role="from"/>',
        '<member type="way" ref="10" role="from"/><member type="way" ref="12" role="to"/>',
        '<member type="way" ref="99" role="from"/><member type="node" ref="2" role="via"/>'
        '<member type="way" ref="12" role="to"/>',
        '<member type="way" ref="10" role="from"/><member type="node" ref="98" role="via"/>'
        '<member type="way" ref="12" role="to"/>',
        '<member type="way" ref="10" role="from"/><member type="way" ref="97" role="via"/>'
        '<member type="way" ref="12" role="to"/>',
        '<member type="way" ref="10" role="from"/><member type="relation" ref="1" role="via"/>'
        '<member type="way" ref="12" role="to"/>',
    ]
    more = "".join(
        f'<relation id="{i + 1}" version="1">{m}{tags.format(kind)}</relation>'
        for i, m in enumerate(members)
        for kind in ("no_left_turn", "only_right_turn", "nonsense")
    )
    path = osm(tmp_path, nodes, {10: (1, 2), 11: (2, 3), 12: (2, 4)}, more)
    ground = read_osm(path, ("ebike",))
    assert not ground.graph("ebike").has_turns, "what cannot be resolved forbids nothing"
    assert ground.meta.warnings == ("12 turn restrictions without from, via or to: left out",)


def test_a_ring_across_the_antimeridian(tmp_path):
    nodes = {1: (0.0, 179.999), 2: (0.0, -179.999), 3: (0.001, -179.999), 4: (0.001, 179.999)}
    graph = read_osm(osm(tmp_path, nodes, {10: (1, 2, 3, 4, 1)}), ("car",)).graph("car")
    graph.check()
    assert graph.length_mm.tolist() == pytest.approx([667_000] * 2, rel=0.01)
    found = reach(graph, locate(graph, LonLat(179.999, 0.0)), MAX_TRAVEL_MS)
    assert np.all(found.node_ms != UNREACHED)
    begin_deg, _ = bearings_deg(graph)
    assert sorted(begin_deg.tolist()) == pytest.approx([0.0, 90.0], abs=0.1), "east over the date line, and north"


def test_times_near_the_largest_integer_do_not_wrap():
    # three roads of a day each: their sum is beyond every limit, and far beyond 2^31 with a few more
    x = np.arange(41) * 10.0
    roads = [ToyRoad(i, i + 1, MAX_TRAVEL_MS, MAX_TRAVEL_MS, 10_000) for i in range(40)]
    graph = toy_graph(x, np.zeros(41), roads)
    found = reach(graph, [ArcPosition(ArcIdx(0), 0.0)], MAX_TRAVEL_MS)
    assert sorted(found.node_ms.tolist())[:2] == [MAX_TRAVEL_MS, UNREACHED]
    slow = view(graph, Overlay().slow(np.arange(graph.n_arcs), 1000.0))
    assert slow.travel_ms.max() == MAX_TRAVEL_MS
    far_off = ArcPosition(ArcIdx(0), 0.0, 1e9)
    assert reach(graph, [far_off], MAX_TRAVEL_MS).at([far_off]) == UNREACHED
    assert nearest(graph, [far_off], [[far_off]])[0].travel_ms == UNREACHED
    near_max = toy_graph(x[:2], np.zeros(2), [ToyRoad(0, 1, UNREACHED - 1, 0, 10_000)])
    near_max.check()
    assert (
        reach(near_max, [ArcPosition(ArcIdx(0), 0.0)], MAX_TRAVEL_MS).at([ArcPosition(ArcIdx(0), 10.0)])
        == UNREACHED
    )


@pytest.mark.parametrize("limit_ms", [0, 1, 3_600_000, MAX_TRAVEL_MS])
def test_limits_of_nothing_and_of_hours(limit_ms):
    graph = grid_town(6, 6)
    start = [ArcPosition(ArcIdx(0), 100.0)]
    found = reach(graph, start, limit_ms)
    assert found.at(start) == 0
    assert np.count_nonzero(found.node_ms != UNREACHED) == (1 if limit_ms < 10_000 else 36)
    assert Coverage(graph, [start], limit_ms).at(start) == (0, 0)
    assert nearest(graph, start, [start], limit_ms)[0].travel_ms == 0


def test_turn_costs_out_of_range():
    graph = grid_town(2, 2)
    with pytest.raises(AssertionError, match="turn cost"):
        with_turns(graph, TurnRules(lambda a, b: np.full(len(a), 10**9)))


def test_a_junction_of_hundreds_of_arcs():
    angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    x, y = np.append(np.cos(angle), 0.0) * 100, np.append(np.sin(angle), 0.0) * 100
    graph = toy_graph(x, y, [ToyRoad(300, i, 10_000, 10_000, 100_000) for i in range(300)])
    turned = with_turns(graph, TurnRules(angle_costs(graph, TurnCosts(left_s=4.0, right_s=1.0, back_s=None))))
    turned.check()
    start = int(np.flatnonzero(graph.tail == 0)[0])
    found = reach(turned, [ArcPosition(ArcIdx(start), 0.0)], MAX_TRAVEL_MS)
    assert sorted(set(found.node_ms.tolist())) == [10_000, 20_000, 21_000, 24_000, 40_000]
