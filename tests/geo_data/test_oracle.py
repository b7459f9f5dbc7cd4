"""Two ways agree: every search equals a NetworkX Dijkstra on the exported graph, to the millisecond."""

from __future__ import annotations

import numpy as np
import pytest

from geo_data.hierarchy import give_hierarchy
from geo_data.nearest import nearest
from geo_data.reach import reach
from geo_data.route import route
from geo_data.toy import grid_town, random_town
from geo_data.types import UNREACHED


def ask(graph, truth, rng, random_place, limit_ms, n_ends=8):  # noqa: PLR0917
    """Ask one random query of every kind and compare each figure."""
    start = random_place(graph, rng)
    ends = [random_place(graph, rng) for _ in range(n_ends - 2)]
    # two ends on the start's own arc, before and behind it
    same = graph.arc_length_m(start[0].arc)
    ends += [(start[0]._replace(along_m=round(same * share, 3)),) for share in rng.random(2)]
    towards = bool(rng.integers(2))
    node_ms, end_ms = truth.times(start, ends, limit_ms, towards)
    found = reach(graph, start, limit_ms, towards)
    if not towards:
        expected = np.full(graph.n_nodes, UNREACHED, dtype=np.int64)
        for node, ms in node_ms.items():
            expected[node] = ms
        np.testing.assert_array_equal(found.node_ms, expected)
    wanted = [UNREACHED if ms is None else ms for ms in end_ms]
    assert [found.at(end) for end in ends] == wanted

    _, start_ms = truth.times(start, ends, limit_ms, True)  # every end is a team now, the start their target
    wanted = [UNREACHED if ms is None else ms for ms in start_ms]
    arrivals = nearest(graph, start, ends, limit_ms)
    assert [a.travel_ms for a in sorted(arrivals)] == wanted
    assert [(a.travel_ms, a.index) for a in arrivals] == sorted((ms, i) for i, ms in enumerate(wanted))
    k = int(rng.integers(1, n_ends + 1))
    reached = [a for a in arrivals if a.travel_ms != UNREACHED]
    assert [a[:2] for a in nearest(graph, start, ends, limit_ms, k)] == [a[:2] for a in reached[:k]]

    give_hierarchy(graph, graph.derived.get("laid aside"))
    assert nearest(graph, start, ends, limit_ms) == arrivals
    graph.derived["laid aside"] = graph.derived.pop("hierarchy")  # the next query is searched again

    for arrival in reached[:2]:
        way = route(graph, ends[arrival.index], start, limit_ms)
        assert way is not None and way.travel_ms == arrival.travel_ms
    if len(reached) < n_ends:
        lost = next(a.index for a in arrivals if a.travel_ms == UNREACHED)
        assert route(graph, ends[lost], start, limit_ms) is None


@pytest.mark.parametrize("seed", range(12))
def test_random_towns(seed, oracle, random_place):
    graph = random_town(seed, nodes=40 + seed, roads=110)
    truth, rng = oracle(graph), np.random.default_rng(seed)
    for _ in range(25):
        ask(graph, truth, rng, random_place, int(rng.integers(0, 900_000)))


def test_grid_with_many_ties(oracle, random_place):
    graph = grid_town(9, 7)
    truth, rng = oracle(graph), np.random.default_rng(3)
    for _ in range(40):
        ask(graph, truth, rng, random_place, int(rng.integers(0, 200_000)))


def test_sample_town(sample_town, oracle, random_place):
    for profile in sample_town.profiles:
        graph = sample_town.graph(profile)
        truth, rng = oracle(graph), np.random.default_rng(5)
        for _ in range(15):
            ask(graph, truth, rng, random_place, int(rng.integers(0, 300_000)))


@pytest.mark.slow
def test_500_queries_on_porto_alegre(porto_alegre, oracle, random_place):
    graph = porto_alegre.graph("car")
    truth, rng = oracle(graph), np.random.default_rng(2026)
    for _ in range(500):
        ask(
            graph,
            truth,
            rng,
            random_place,
            int(rng.choice([60_000, 180_000, 300_000, 900_000], p=[0.3, 0.3, 0.35, 0.05])),
        )
