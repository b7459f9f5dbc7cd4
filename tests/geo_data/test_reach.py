"""The laws of reach: certificate, closed forms, symmetry, monotony."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import GroundError
from geo_data.reach import partial_ms, reach, walk_ms
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, ArcPosition

seeds = st.integers(0, 10_000)
limits_ms = st.integers(0, 600_000)
anywhere = settings(deadline=None, max_examples=60)


def place(graph, share, arc):
    """Return one position, a whole number of mm along an arc."""
    arc %= graph.n_arcs
    return ArcPosition(arc, int(graph.length_mm[arc] * share) / 1000.0)


shares = st.floats(0.0, 1.0)
arcs = st.integers(0, 10**6)


@anywhere
@given(seeds, arcs, shares, limits_ms, st.booleans())
def test_certificate(seed, arc, share, limit_ms, towards):
    graph = random_town(seed)
    found = reach(graph, [place(graph, share, arc)], limit_ms, towards)
    near, far = (graph.head, graph.tail) if towards else (graph.tail, graph.head)
    t = found.node_ms.astype(np.int64)
    assert np.all((t <= limit_ms) | (t == UNREACHED))
    arriving = t[near] + graph.travel_ms
    within = arriving <= limit_ms
    assert np.all(t[far][within] <= arriving[within])
    tight = np.zeros(graph.n_nodes, dtype=bool)
    tight[far[within & (t[far] == arriving)]] = True
    assert np.count_nonzero((t <= limit_ms) & ~tight) <= 1


@anywhere
@given(seeds, arcs, shares, st.lists(limits_ms, min_size=2, max_size=3))
def test_a_longer_limit_reaches_no_less(seed, arc, share, limits):
    graph = random_town(seed)
    start = [place(graph, share, arc)]
    small, large = (reach(graph, start, limit) for limit in (min(limits), max(limits)))
    inside = small.node_ms != UNREACHED
    assert np.all(large.node_ms[inside] == small.node_ms[inside])
    assert np.all(large.node_ms[~inside] > small.limit_ms)


@anywhere
@given(seeds, arcs, shares, limits_ms)
def test_forward_is_backward_on_the_reversed_graph(seed, arc, share, limit_ms):
    graph = random_town(seed)
    turned = graph.reversed()
    turned.tail.flags.writeable = False
    start = place(graph, share, arc)
    mirror = ArcPosition(
        int(np.flatnonzero(graph.in_arc == start.arc)[0]), graph.arc_length_m(start.arc) - start.along_m
    )
    there = reach(graph, [start], limit_ms)
    back = reach(turned, [mirror], limit_ms, towards=True)
    np.testing.assert_array_equal(there.node_ms, back.node_ms)
    assert np.all(turned.reversed().travel_ms == graph.travel_ms)


@anywhere
@given(seeds, arcs, shares, limits_ms, arcs, st.floats(0.1, 1.0))
def test_raising_a_speed_never_shrinks_reach(seed, arc, share, limit_ms, faster, factor):  # noqa: PLR0917
    graph = random_town(seed)
    travel_ms = graph.travel_ms.copy()
    sped = faster % graph.n_arcs
    travel_ms[sped] = max(1, int(travel_ms[sped] * factor))
    start = [place(graph, share, arc)]
    before = reach(graph, start, limit_ms).node_ms
    after = reach(replace(graph, travel_ms=travel_ms), start, limit_ms).node_ms
    assert np.all(after <= before)


@anywhere
@given(seeds, arcs, shares, limits_ms, st.booleans())
def test_spans_agree_with_at(seed, arc, share, limit_ms, towards):
    graph = random_town(seed)
    found = reach(graph, [place(graph, share, arc)], limit_ms, towards)
    spans = found.arc_spans()
    for arc_, from_mm, to_mm, from_ms, to_ms in zip(*(c.tolist() for c in spans), strict=True):
        assert 0 <= from_mm <= to_mm <= graph.length_mm[arc_]
        assert max(from_ms, to_ms) <= limit_ms
        if graph.length_mm[arc_] == 0:
            continue  # a mark in mm cannot tell its two ends apart
        for mm, ms in ((from_mm, from_ms), (to_mm, to_ms)):
            # a span is one way to be there, rounded within 1 ms a mm of its marks
            assert found.at([ArcPosition(arc_, mm / 1000.0)]) <= ms + 2 or ms + 2 > limit_ms


@anywhere
@given(st.integers(2, 8), st.integers(1, 8), st.data())
def test_closed_form_on_a_perfect_grid(cols, rows, data):
    graph = grid_town(cols, rows, block_ms=10_000)
    start = data.draw(st.integers(0, cols * rows - 1))
    limit_ms = data.draw(st.integers(0, 100_000))
    enters = int(graph.in_arc[graph.first_in[start]])
    found = reach(graph, [ArcPosition(enters, graph.arc_length_m(enters))], limit_ms)
    number = np.arange(cols * rows)
    blocks = np.abs(number % cols - start % cols) + np.abs(number // cols - start // cols)
    expected = np.where(blocks * 10_000 <= limit_ms, blocks * 10_000, UNREACHED)
    np.testing.assert_array_equal(found.node_ms, expected)


def test_same_arc_before_and_behind():
    # A one-way round: forward is direct, backward leads all the way round
    town = draw_town("""
        A>>>B
        ^   v
        C<<<D
    """)
    graph = town.graph
    ab = int(graph.first_out[min(p.arc for p in town.at("A")) and 0])
    early, late = ArcPosition(ab, 100.0), ArcPosition(ab, 300.0)
    ride_ms = partial_ms(graph, late) - partial_ms(graph, early)
    assert ride_ms == 20_000
    assert reach(graph, [early], MAX_TRAVEL_MS).at([late]) == ride_ms
    round_ms = 2 * (40_000 + 20_000)
    assert reach(graph, [late], MAX_TRAVEL_MS).at([early]) == round_ms - ride_ms
    assert reach(graph, [late], MAX_TRAVEL_MS, towards=True).at([early]) == ride_ms
    assert reach(graph, [early], round_ms - ride_ms - 1, towards=True).at([late]) == UNREACHED


def test_offsets_are_walked_at_both_ends():
    graph = grid_town(3, 1)
    start, end = ArcPosition(0, 0.0, 14.0), ArcPosition(0, 50.0, 7.0)
    assert walk_ms(14.0) == 10_000
    assert reach(graph, [start], 60_000).at([end]) == 10_000 + 5_000 + 5_000
    assert reach(graph, [start], 19_999).at([end]) == UNREACHED
    assert reach(graph, [start], 9_999).node_ms.tolist() == [UNREACHED] * 3


def test_a_limit_of_zero_is_the_place_itself():
    graph = grid_town(3, 3)
    found = reach(graph, [ArcPosition(0, graph.arc_length_m(0))], 0)
    assert np.count_nonzero(found.node_ms == 0) == 1
    assert np.count_nonzero(found.node_ms != UNREACHED) == 1


@pytest.mark.parametrize("limit_ms", [-1, MAX_TRAVEL_MS + 1])
def test_a_limit_out_of_range(limit_ms):
    with pytest.raises(GroundError, match="out of range"):
        reach(grid_town(2, 2), [ArcPosition(0, 0.0)], limit_ms)


@pytest.mark.parametrize(
    "bad", [ArcPosition(-1, 0.0), ArcPosition(99, 0.0), ArcPosition(0, 100.1), ArcPosition(0, 1, -1)]
)
def test_a_position_of_another_ground(bad):
    with pytest.raises(GroundError, match=r"not in this ground|not on the arc"):
        reach(grid_town(2, 2), [bad], 1000)


def test_no_position():
    with pytest.raises(GroundError, match="no position"):
        reach(grid_town(2, 2), [], 1000)
