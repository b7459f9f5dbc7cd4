"""Reached lines: their ends, their times, and the spans they come from."""

from __future__ import annotations

import numpy as np
import pytest

from geo_data.coordinates import haversine_m
from geo_data.errors import GroundError
from geo_data.reach import reach
from geo_data.reached import lines_of, reached_lines
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import ArcPosition


def test_a_road_is_cut_where_the_time_is_up():
    town = draw_town("A>>>>>>>>>B", step_m=100.0, step_ms=10_000)  # 1,000 m in 100 s
    lines = reached_lines(town.graph, [ArcPosition(0, 250.0)], 30)
    assert len(lines) == 1 and lines.arc.tolist() == [0]
    (line,) = np.split(lines.lonlat, lines.first[1:-1])
    assert haversine_m(0.0, 0.0, line[0, 0], line[0, 1]) == pytest.approx(250.0, abs=0.1)
    assert haversine_m(0.0, 0.0, line[-1, 0], line[-1, 1]) == pytest.approx(550.0, abs=0.1)
    assert lines.ms.tolist() == [0, 30_000]


@pytest.mark.parametrize("towards", [False, True])
def test_lines_are_the_spans(sample_town, random_place, towards):
    graph = sample_town.graph("car")
    rng = np.random.default_rng(5)
    for _ in range(5):
        found = reach(graph, random_place(graph, rng), 150_000, towards)
        spans, lines = found.arc_spans(), lines_of(found)
        assert np.array_equal(lines.arc, spans.arc) and np.all(np.diff(lines.first) >= 2)
        assert np.array_equal(lines.ms[lines.first[:-1]], spans.from_ms)
        assert np.array_equal(lines.ms[lines.first[1:] - 1], spans.to_ms)
        for i in range(len(lines)):
            part = slice(lines.first[i], lines.first[i + 1])
            rise = np.diff(lines.ms[part])
            assert np.all(rise <= 0 if towards else rise >= 0)
            at = lines.lonlat[part]
            metres = float(haversine_m(at[:-1, 0], at[:-1, 1], at[1:, 0], at[1:, 1]).sum())
            assert metres == pytest.approx((spans.to_mm[i] - spans.from_mm[i]) / 1000, rel=0.01, abs=0.3)


def test_no_line_is_nothing_and_odd_roads_have_lines():
    graph = grid_town(2, 2)
    assert len(reached_lines(graph, [ArcPosition(0, 0.0, 90.0)], 1)) == 0
    assert reached_lines(graph, [ArcPosition(0, 0.0, 90.0)], 1).geometry().is_empty
    assert reached_lines(graph, [ArcPosition(0, 0.0)], 0).ms.tolist() == [0, 0]
    for seed in range(10):  # loops and roads without length among them
        lines = reached_lines(random_town(seed), [ArcPosition(0, 0.0)], 600)
        assert np.all(np.isfinite(lines.lonlat)) and np.all(np.diff(lines.first) >= 2)
        assert lines.geometry().is_valid
    with pytest.raises(GroundError, match="out of range"):
        reached_lines(graph, [ArcPosition(0, 0.0)], -1)
