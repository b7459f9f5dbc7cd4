"""How circles are painted: what must not be seen in them, and kernels beside plain loops."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data import isochrone
from geo_data.isochrone import isochrones
from geo_data.kernels.contour import crossings, cut_share
from geo_data.kernels.field import place_of, spans_at_junctions, spans_by_piece
from geo_data.kernels.lanes import workspace
from geo_data.kernels.proximity import LINEAR
from geo_data.overlay import Overlay, view
from geo_data.reach import reach
from geo_data.toy import random_town
from geo_data.types import UNREACHED, ArcPosition

LIMITS_S = (60, 180, 300)


def exactly(areas, others):
    return areas.keys() == others.keys() and all(areas[k].equals_exact(others[k], 0.0) for k in areas)


def dirtied(canvas):
    """Return the canvas with all on it that would show: reached at once, within all limits, borders everywhere."""
    canvas.layers.time_s.fill(0.0)
    canvas.layers.code.fill(255)
    canvas.layers.east.fill(77)
    canvas.layers.north.fill(LINEAR + 1)
    canvas.slot.fill(2**31 - 1)
    return canvas


def test_nothing_shows_of_circles_before(sample_town, random_place, monkeypatch):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(21)
    starts = [random_place(graph, rng) for _ in range(6)]
    clean = [isochrones(graph, start, LIMITS_S) for start in starts]
    kept = isochrone._Canvases()
    kept.give(dirtied(kept.take(1)))
    monkeypatch.setattr(isochrone, "_canvases", kept)
    for start, wanted in zip(starts, clean, strict=True):
        assert exactly(isochrones(graph, start, LIMITS_S), wanted)
        canvas = kept.take(1)
        assert canvas.layers.code[-1] == 255, "the same canvas was painted on"
        kept.give(dirtied(canvas))


def test_circles_of_many_threads_are_those_of_one(sample_town, random_place):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(22)
    starts = [random_place(graph, rng) for _ in range(24)]
    alone = [isochrones(graph, start, LIMITS_S) for start in starts]
    with ThreadPoolExecutor(8) as pool:  # more than canvases are kept
        together = list(pool.map(lambda start: isochrones(graph, start, LIMITS_S), starts))
    assert all(map(exactly, together, alone))
    assert len(isochrone._canvases._kept) <= isochrone.CANVASES_KEPT


def test_no_canvas_is_lost_where_painting_fails(sample_town, random_place, monkeypatch):
    graph = sample_town.graph("car")
    kept = isochrone._Canvases()
    monkeypatch.setattr(isochrone, "_canvases", kept)
    with monkeypatch.context() as broken, pytest.raises(MemoryError):
        broken.setattr(isochrone, "tile_of", lambda *_: (_ for _ in ()).throw(MemoryError))
        isochrones(graph, random_place(graph, np.random.default_rng(1)), LIMITS_S)
    assert len(kept._kept) == 1


@pytest.mark.parametrize("towards", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_a_circle_does_not_hang_on_the_smaller_ones(seed, towards):
    graph = random_town(seed)
    start = [ArcPosition(seed % graph.n_arcs, 0.0)]
    few = isochrones(graph, start, [300, 90], towards)
    many = isochrones(graph, start, [30, 60, 90, 120, 150, 299, 300], towards)
    for limit_s, area in few.items():
        assert area.equals_exact(many[limit_s], 0.0)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 8), st.integers(1, 17))
def test_crossings_are_those_of_a_plain_loop(seed, rows, eights, levels):
    rng = np.random.default_rng(seed)
    cols = 8 * eights
    code = rng.integers(0, levels, (rows, cols)).astype(np.uint8)
    code[rng.random((rows, cols)) < rng.random()] = 0
    code[:, 0] = code[:, -1] = 0
    wanted = [
        (r * cols + c, k)
        for r in range(rows)
        for c in range(cols - 1)
        for k in range(min(code[r, c], code[r, c + 1]), max(code[r, c], code[r, c + 1]))
    ]
    slot = np.full(rows * cols, -1, dtype=np.int32)
    edge, level = crossings(code.ravel(), cols, slot)
    assert list(zip(edge.tolist(), level.tolist(), strict=True)) == wanted
    firsts = {at: i for i, (at, _) in reversed(list(enumerate(wanted)))}
    assert {at: int(slot[at]) for at in np.flatnonzero(slot >= 0).tolist()} == firsts


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 400), st.integers(1, 2**31 - 2))
def test_the_spans_of_a_piece_are_found(seed, count, highest):
    rng = np.random.default_rng(seed)
    arc = np.arange(count, dtype=np.int32)
    piece = rng.integers(0, min(highest, 3 * count), count)
    piece = (highest - piece * int(rng.choice([1, 64, 4096])) % highest).astype(np.int32)  # strides collide
    zero, length = np.zeros(count, dtype=np.int32), np.full(count, 1000, dtype=np.int32)
    own = int(rng.integers(1, count + 1))
    against = rng.integers(0, 2, count).astype(np.uint8)
    spans, pieces = spans_by_piece(arc, zero, length, zero, length, length, piece, against, False, own)
    assert pieces.tolist() == list(dict.fromkeys(piece[:own].tolist()))
    for one in [*set(piece.tolist()), 2**31 - 1]:
        place = int(place_of(spans.key, one))
        found = []
        span = int(spans.head[place]) if spans.key[place] >= 0 else -1
        while span >= 0:
            found.append(span)
            span = int(spans.after[span])
        assert found == np.flatnonzero(piece == one)[::-1].tolist()


def _ends_at_junctions(graph, spans, towards, reach_mm):
    """What ``spans_at_junctions`` adds, junction by junction in the order they are met: by plain loops."""
    soonest = {}
    for arc, from_mm, to_mm, from_ms, to_ms in zip(*(column.tolist() for column in spans), strict=True):
        at_tail, at_head = (int(graph.tail[arc]), from_ms), (int(graph.head[arc]), to_ms)
        for (node, ms), there in ((at_tail, from_mm == 0), (at_head, to_mm == graph.length_mm[arc])):
            if there:
                soonest[node] = min(ms, soonest.get(node, ms))
    wanted = set()
    for arc in range(graph.n_arcs):
        node, twin = int((graph.tail if towards else graph.head)[arc]), int(graph.twin[arc])
        alone = twin < 0 or UNREACHED in (graph.travel_ms[twin], graph.travel_ms[arc])
        if node in soonest and alone:
            whole = int(graph.length_mm[arc])
            part = (0, min(whole, reach_mm)) if towards else (max(0, whole - reach_mm), whole)
            wanted.add((arc, *part, soonest[node], soonest[node]))
    return wanted


@pytest.mark.parametrize("towards", [False, True])
def test_ends_of_one_way_roads_have_the_soonest_time_of_their_junction(random_place, towards):
    added = 0
    for seed in range(12):
        rng, town = np.random.default_rng(seed), random_town(seed, rushed=False)
        graph = view(town, Overlay().close(rng.choice(town.n_arcs, town.n_arcs // 5, replace=False)))
        spans = reach(graph, random_place(graph, rng), 300_000, towards).arc_spans()
        ends = (graph.head, graph.tail, graph.first_out) if towards else (graph.tail, graph.head, graph.first_in)
        columns = (graph.length_mm, graph.travel_ms, graph.twin, *ends, graph.in_arc)
        best_ms = workspace(graph).best_ms
        found = spans_at_junctions(*spans, *columns, towards, 500, best_ms)
        n = len(spans.arc)
        for column, own in zip(found, spans, strict=True):
            np.testing.assert_array_equal(column[:n], own)
        rows = list(zip(*(column[n:].tolist() for column in found), strict=True))
        assert len(rows) == len(set(rows))
        assert set(rows) == _ends_at_junctions(graph, spans, towards, 500)
        assert np.all(best_ms == UNREACHED), "the workspace is left clean"
        added += len(rows)
    assert added > 100


def test_a_limit_that_both_ends_meet_once_rounded_is_cut_half_way():
    limit = np.float32(300.0)
    assert cut_share(limit, limit, -1.0, limit, 10.0) == 0.5
    above = np.nextafter(limit, np.float32(np.inf))
    assert cut_share(limit, above, -1.0, limit, 10.0) == 0.0 and cut_share(limit, above, -1.0, above, 10.0) == 1.0
