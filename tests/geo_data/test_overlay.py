"""Live changes: in force for the next query, listed, expiring, undone; the graph itself never changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import GroundError
from geo_data.graph import COLUMNS, Hours
from geo_data.locate import locate
from geo_data.overlay import CHANGES_MAX, Overlay, arcs_named, arcs_within, holds, view
from geo_data.reach import reach
from geo_data.sources.osm import read_osm
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcIdx, ArcPosition, LonLat

NOON = datetime(2026, 11, 23, 12)


def test_a_closure_is_in_force_for_the_next_query_and_undone():
    town = draw_town("""
        A---B
        |   |
        C---D
    """)
    graph = town.graph
    before = {name: graph.column(name).tobytes() for name in COLUMNS}

    def time(view):
        return reach(view, locate(view, town.points["A"]), MAX_TRAVEL_MS).at(locate(view, town.points["B"]))

    direct = graph.arc_piece[locate(graph, LonLat(town.points["B"].lon / 2, town.points["B"].lat))[0].arc]
    road = np.flatnonzero(graph.arc_piece == direct)
    flood = Overlay().close(road, note="flood")
    assert time(graph) == 40_000
    assert time(view(graph, flood)) == 20_000 + 40_000 + 20_000
    assert [(c.number, c.kind, c.note) for c in flood.changes] == [(1, "close", "flood")]
    assert view(graph, flood.undo(1)) is graph
    slow = flood.undo(1).slow(road, 1.5)
    assert slow.changes[0].number == 2, "a number is not used again"
    assert time(view(graph, slow)) == 60_000
    assert {name: graph.column(name).tobytes() for name in COLUMNS} == before
    with pytest.raises(GroundError, match="no change 7"):
        slow.undo(7)


def test_changes_begin_end_and_keep_hours():
    graph = grid_town(3, 3)
    hour = timedelta(hours=1)
    overlay = Overlay().close([0], starts=NOON, ends=NOON + hour).slow([1], 2.0, hours=(Hours(31, 420, 540),))
    assert [c.number for c in overlay.in_force(NOON)] == [1]
    assert [c.number for c in overlay.in_force(NOON + hour)] == []
    assert [c.number for c in overlay.in_force(NOON - 4 * hour)] == [2]
    assert view(graph, overlay, NOON - hour) is graph and view(graph, overlay) is graph
    changed = view(graph, overlay, NOON)
    assert changed.travel_ms[0] == UNREACHED and changed.head is graph.head
    assert view(graph, overlay, NOON + hour / 2) is changed, "the same view as long as the same holds"
    assert [c.number for c in overlay.pruned(NOON + hour).changes] == [2]


@pytest.mark.parametrize(
    ("hours", "now", "inside"),
    [
        (Hours(1, 420, 540), datetime(2026, 11, 23, 7, 0), True),
        (Hours(1, 420, 540), datetime(2026, 11, 23, 9, 0), False),
        (Hours(2, 420, 540), datetime(2026, 11, 23, 8, 0), False),
        (Hours(1, 1320, 360), datetime(2026, 11, 23, 23, 0), True),
        (Hours(1, 1320, 360), datetime(2026, 11, 24, 5, 59), True),
        (Hours(1, 1320, 360), datetime(2026, 11, 23, 5, 0), False),
        (Hours(127, 0, 1440), datetime(2026, 11, 22, 23, 59), True),
    ],
)
def test_hours_of_the_clock(hours, now, inside):
    assert holds(hours, now) == inside


def test_a_one_way_is_reversed(repo_root):
    town = repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz"
    plain = read_osm(town, ("car",)).graph("car")
    graph = read_osm(town, ("car",), reversible=True).graph("car")
    graph.check()
    assert np.count_nonzero(graph.travel_ms != UNREACHED) == plain.n_arcs
    one_way = np.flatnonzero((graph.travel_ms != UNREACHED) & (graph.travel_ms[graph.twin] == UNREACHED))
    arc = int(one_way[0])
    back = int(graph.twin[arc])
    overlay = Overlay().reverse([arc])
    turned = view(graph, overlay)
    assert turned.travel_ms[back] == graph.travel_ms[arc] and turned.travel_ms[arc] == UNREACHED
    assert view(graph, overlay.reverse([back])).travel_ms.tolist() == graph.travel_ms.tolist()
    start = [ArcPosition(ArcIdx(back), 0.0)]
    assert len(reach(graph, start, 60_000).states) == 0
    assert reach(turned, start, MAX_TRAVEL_MS).node_ms[turned.head[back]] == turned.travel_ms[back]
    middle = graph.arc_geometry(arc).mean(axis=0)
    assert {int(p.arc) for p in locate(turned, LonLat(*middle)) if p.arc in {arc, back}} <= {back}
    with pytest.raises(GroundError, match="no way back in this ground"):
        view(plain, Overlay().reverse(np.flatnonzero(plain.twin < 0)[:1]))


def test_arcs_by_name_and_area(sample_town):
    graph = sample_town.graph("car")
    name = next(n for n in graph.names if len(arcs_named(graph, n)))
    assert {graph.arc_name(a) for a in arcs_named(graph, name).tolist()} == {name}
    assert len(arcs_named(graph, "no such street")) == 0
    west, south, east, north = sample_town.meta.bounds
    area = shapely.box(west + (east - west) * 0.4, south + (north - south) * 0.4, east, north)
    found = set(arcs_within(graph, area).tolist())
    for arc in range(graph.n_arcs):
        assert (arc in found) == area.intersects(shapely.LineString(graph.arc_geometry(arc)))
    assert len(arcs_within(graph, shapely.box(0, 0, 1, 1))) == 0
    with pytest.raises(GroundError, match="empty or outside"):
        arcs_within(graph, shapely.Polygon())


def test_a_typhoon_is_one_overlay(sample_town):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(1)
    storm = Overlay()
    for i in range(500):
        storm = storm.close(rng.choice(graph.n_arcs, 3), note=f"tree {i}")
    changed = view(graph, storm)
    closed = np.unique(np.concatenate([c.arcs for c in storm.changes]))
    np.testing.assert_array_equal(np.flatnonzero(changed.travel_ms == UNREACHED), closed)
    changed.check()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(1.0, 20.0))
def test_closing_and_slowing_never_reach_more(random_place, seed, other, factor):
    graph, rng = random_town(seed), np.random.default_rng(other)
    start = random_place(graph, rng)
    worse = Overlay().close(rng.choice(graph.n_arcs, 5)).slow(rng.choice(graph.n_arcs, 20), factor)
    before, after = (reach(g, start, 600_000).node_ms for g in (graph, view(graph, worse)))
    assert np.all(after >= before)


def test_what_cannot_be_laid_over():
    graph = grid_town(2, 2)
    with pytest.raises(GroundError, match="names arcs of another ground"):
        view(graph, Overlay().close([99]))
    with pytest.raises(GroundError, match="factor of 0"):
        Overlay().slow([0], 0.0)
    full = Overlay(tuple([Overlay().close([0]).changes[0]] * CHANGES_MAX), CHANGES_MAX + 1)
    with pytest.raises(GroundError, match="changes already"):
        full.close([1])


def test_closing_everything():
    graph = grid_town(3, 3)
    closed = view(graph, Overlay().close(np.arange(graph.n_arcs)))
    closed.check()
    found = reach(closed, [ArcPosition(ArcIdx(0), 50.0)], MAX_TRAVEL_MS)
    assert len(found.states) == 0 and len(found.arc_spans().arc) == 0
    assert found.at([ArcPosition(ArcIdx(0), 60.0)]) == UNREACHED
    assert locate(closed, LonLat(0.0, 0.0))[0].offset_m == 0.0
