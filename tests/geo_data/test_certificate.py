"""The certificate that stands around the searches of the suite refuses what is wrong, and is there."""

from __future__ import annotations

import numpy as np
import pytest

from geo_data import reach as searching
from geo_data.coverage import Coverage, nearest_k
from geo_data.hierarchy import give_hierarchy
from geo_data.kernels.lanes import lanes
from geo_data.nearest import nearest
from geo_data.reach import reach
from geo_data.toy import random_town
from tests.certificate import LATE, certify, counted
from tests.geo_data.slow import with_random_rules


def labelled(random_place, towards, limit_ms=400_000):
    rng = np.random.default_rng(4)
    graph = with_random_rules(random_town(4), rng)[0]
    start = random_place(graph, rng)
    found = reach(graph, start, limit_ms, towards)
    label = np.full(len(lanes(graph, towards).state_node), LATE, dtype=np.int64)
    label[found.states] = found.state_ms
    begin = searching.seeds(graph, start, towards)
    return lanes(graph, towards), begin.state, begin.ms, limit_ms, label


@pytest.mark.parametrize("towards", [False, True])
def test_it_accepts_what_a_search_found(random_place, towards):
    certify(*labelled(random_place, towards))


@pytest.mark.parametrize("towards", [False, True])
@pytest.mark.parametrize("wrong_ms", [-1, 1, None])
def test_it_refuses_a_label_too_low_too_high_or_missing(random_place, towards, wrong_ms):
    *asked, label = labelled(random_place, towards)
    states = np.flatnonzero((label != LATE) & (asked[0].state_slack == 0))
    refused = 0
    for state in states[:: max(1, len(states) // 20)].tolist():
        spoiled = label.copy()
        spoiled[state] = LATE if wrong_ms is None else spoiled[state] + wrong_ms
        try:
            certify(*asked, spoiled)
        except AssertionError:
            refused += 1
    assert refused == len(states[:: max(1, len(states) // 20)])


def test_it_stands_around_every_kind_of_search(random_place):
    graph, rng = random_town(2), np.random.default_rng(2)
    before = dict(counted)
    places = [random_place(graph, rng) for _ in range(3)]
    reach(graph, places[0], 60_000)
    nearest(graph, places[0], places[1:])
    give_hierarchy(graph)
    nearest(graph, places[0], places[1:], 1000)
    nearest_k(graph, places, 60_000, 2)
    Coverage(graph, places, 60_000).move(0, places[1])
    assert all(counted[kind] > before[kind] for kind in counted)
