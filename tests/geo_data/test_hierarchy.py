"""A hierarchy answers what a search answers, to the millisecond and the millimetre, and only for its own roads.

The certificate compares every answer of a hierarchy with a certified search (``tests/certificate.py``) and counts
them: a test that is meant for hierarchies asserts that it had some.
"""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo_data.errors import GroundError
from geo_data.hierarchy import HIERARCHY_LIMIT_MS, fingerprint, give_hierarchy, hierarchy, state_links
from geo_data.kernels.contract import contract
from geo_data.kernels.hubs import KEY_BITS
from geo_data.nearest import NEAREST_LIMIT_MS, _ends, nearest, rank, times_table, ways_table
from geo_data.overlay import Overlay, view
from geo_data.roster import Roster
from geo_data.sources.hierarchy_file import keep_hierarchy
from geo_data.sources.turn_network import to_turn_network
from geo_data.toy import ToyRoad, draw_town, grid_town, random_town, toy_graph
from geo_data.types import UNREACHED, ArcPosition
from tests.certificate import counted
from tests.geo_data.slow import with_random_rules


@pytest.fixture
def met():
    """Return how many answers a hierarchy has given in this test so far."""
    before = counted["met"]
    return lambda: counted["met"] - before


def town_of(seed):
    """Return a town whose hierarchy knows ways of hours: no road is a kilometre long and takes 1 ms."""
    return random_town(seed, nodes=60, roads=150, rushed=False)


def row_of(times_ms, lengths_mm):
    """Return a row of two-way roads."""
    x_m = np.arange(len(times_ms) + 1) * 100.0
    roads = zip(times_ms, lengths_mm, strict=True)
    return toy_graph(x_m, 0.0 * x_m, [ToyRoad(i, i + 1, ms, ms, mm) for i, (ms, mm) in enumerate(roads)])


def searched(graph, target, teams, limit_ms):
    """What a search says, of a graph whose hierarchy is laid aside meanwhile."""
    made = graph.derived.pop("hierarchy", None)
    try:
        return nearest(graph, target, teams, limit_ms)
    finally:
        if made is not None:
            give_hierarchy(graph, made)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 100_000), st.booleans(), st.booleans(), st.sampled_from([0, 20_000, 200_000, 3_600_000]))
def test_it_ranks_as_a_search_does(random_place, seed, ruled, rushed, limit_ms):
    rng, before = np.random.default_rng(seed), counted["met"]
    graph = random_town(seed, int(rng.integers(4, 60)), int(rng.integers(5, 140)), rushed=rushed)
    if ruled:
        graph = with_random_rules(graph, rng)[0]
    limit_ms = min(limit_ms, give_hierarchy(graph).limit_ms)
    target = random_place(graph, rng)
    teams = [random_place(graph, rng) for _ in range(8)] + [target, (), (target[0]._replace(along_m=0.0),)]
    found = nearest(graph, target, teams, limit_ms)
    assert found == searched(graph, target, teams, limit_ms)
    assert nearest(graph, target, teams, limit_ms, k=3) == [a for a in found[:3] if a.travel_ms != UNREACHED]
    assert counted["met"] == before + 2


@pytest.mark.parametrize("seed", [7, 9, 21])
def test_the_towns_of_these_tests_are_ranked_by_it(seed):
    assert give_hierarchy(town_of(seed)).limit_ms >= NEAREST_LIMIT_MS


def test_it_agrees_with_an_independent_search(oracle, random_place, met):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        graph = with_random_rules(random_town(seed, nodes=50, roads=120, rushed=False), rng)[0]
        truth = oracle(graph)
        give_hierarchy(graph)
        for _ in range(20):
            target, teams = random_place(graph, rng), [random_place(graph, rng) for _ in range(8)]
            _, wanted = truth.times(target, teams, 900_000, True)
            found = sorted(nearest(graph, target, teams, 900_000))
            assert [a.travel_ms for a in found] == [UNREACHED if ms is None else ms for ms in wanted]
    assert met() == 120


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 100_000), st.integers(2, 40), st.integers(0, 160))
def test_contracting_keeps_every_distance(seed, n, m):
    rng = np.random.default_rng(seed)
    near, far = (rng.integers(0, n, m).astype(np.int32) for _ in range(2))
    key = rng.integers(1, 50, m)
    truth = _all_pairs(n, near, far, key)
    some = truth[(truth >= 50) & np.isfinite(truth)]  # no given link is dearer
    bound = int(rng.choice(some)) if len(some) else 100
    rank_of, kept = contract(n, near, far, key, bound)
    assert sorted(rank_of.tolist()) == list(range(n))
    count = int(kept.held[0])
    rises = rank_of[kept.near[:count]] < rank_of[kept.far[:count]]
    up = _all_pairs(n, kept.near[:count][rises], kept.far[:count][rises], kept.key[:count][rises])
    down = _all_pairs(n, kept.near[:count][~rises], kept.far[:count][~rises], kept.key[:count][~rises])
    over = (up[:, :, None] + down[None, :, :]).min(axis=1)
    assert (over >= truth).all()
    np.testing.assert_array_equal(over[truth <= bound], truth[truth <= bound])


def _all_pairs(n, near, far, key):
    least = np.full((n, n), np.inf)
    np.minimum.at(least, (near, far), key)
    least[np.arange(n), np.arange(n)] = 0
    found = dijkstra(csr_array(np.where(np.isfinite(least), least, 0)))
    found[np.arange(n), np.arange(n)] = 0
    return found


def test_a_moved_team_is_ranked_where_it_is_now(random_place, met):
    graph, rng = town_of(7), np.random.default_rng(7)
    give_hierarchy(graph)
    roster = Roster(graph, [random_place(graph, rng) for _ in range(40)])
    for _ in range(60):
        team, place = int(rng.integers(40)), random_place(graph, rng)
        roster.move(team, place if rng.random() < 0.9 else ())
        target = random_place(graph, rng)
        found = rank(graph, target, roster)
        again = searched(graph, target, roster.teams, 3_600_000)
        assert found.team.tolist() == [a.index for a in again]
        assert found.travel_ms.tolist() == [a.travel_ms for a in again]
        ms, mm = ways_table(graph, [target], roster)
        assert ms.tolist() == times_table(graph, [target], roster).tolist()
        assert ms[0].tolist() == [a.travel_ms for a in sorted(again)]
        assert np.where(ms[0] == UNREACHED, 0, mm[0]).tolist() == [round(1000 * a.length_m) for a in sorted(again)]
    assert met() == 180


def test_teams_moved_together_are_where_each_moved_alone_would_be(random_place):
    graph, rng = town_of(8), np.random.default_rng(8)
    give_hierarchy(graph)
    teams = [random_place(graph, rng) for _ in range(20)]
    together, alone = Roster(graph, teams), Roster(graph, teams)
    for _ in range(20):
        moved = {int(team): random_place(graph, rng) for team in rng.choice(20, 6, replace=False)}
        moved[int(rng.integers(20))] = ()
        together.move_all(moved)
        for team, place in moved.items():
            alone.move(team, place)
        target = random_place(graph, rng)
        assert nearest(graph, target, together) == nearest(graph, target, alone)
        assert nearest(graph, target, together) == searched(graph, target, together.teams, 3_600_000)


def test_labels_are_the_times_of_what_they_reach(random_place):
    graph, rng = town_of(17), np.random.default_rng(17)
    made = give_hierarchy(graph)
    state, to, _, ms = state_links(graph)
    truth = _all_pairs(len(graph.state_node), state, to, ms)
    roster = Roster(graph, [random_place(graph, rng) for _ in range(20)])
    labels = roster.labels(made)
    state_of = np.argsort(made.rank)
    step, rest_ms, _, team = roster.table[1:5, : roster.used]
    for t in range(roster.size):
        own = team == t
        times = (truth[graph.step_state[graph.in_arc[step[own]]]] + rest_ms[own, None]).min(axis=0)
        reached, size = state_of[labels.node[t, : labels.size[t]]], labels.size[t]
        assert size > 0
        np.testing.assert_array_equal(labels.key[t, :size] >> KEY_BITS, times[reached])


def test_labels_of_another_hierarchy_are_not_used(random_place, met):
    graph, rng = town_of(8), np.random.default_rng(8)
    other = give_hierarchy(view(graph, Overlay().slow(rng.choice(graph.n_arcs, 100, replace=False), 3.0)))
    roster = Roster(graph, [random_place(graph, rng) for _ in range(12)])
    roster.labels(give_hierarchy(graph, dataclasses.replace(other, fingerprint=fingerprint(graph))))
    give_hierarchy(graph)
    for _ in range(10):
        target = random_place(graph, rng)
        assert nearest(graph, target, roster) == searched(graph, target, roster.teams, NEAREST_LIMIT_MS)
    assert met() == 10


def test_a_roster_of_too_many_teams_is_searched(random_place, monkeypatch, met):
    graph, rng = town_of(10), np.random.default_rng(10)
    give_hierarchy(graph)
    roster = Roster(graph, [random_place(graph, rng) for _ in range(50)])
    wanted = nearest(graph, random_place(graph, np.random.default_rng(1)), roster)
    monkeypatch.setattr("geo_data.roster.LABELS_MAX", 49)
    assert nearest(graph, random_place(graph, np.random.default_rng(1)), roster) == wanted
    assert met() == 1


def test_labels_longer_than_their_room(random_place, monkeypatch, met):
    monkeypatch.setattr("geo_data.roster.LABEL_ROOM", 1)
    graph, rng = town_of(9), np.random.default_rng(9)
    give_hierarchy(graph)
    target, teams = random_place(graph, rng), [random_place(graph, rng) for _ in range(30)]
    assert nearest(graph, target, Roster(graph, teams)) == searched(graph, target, teams, 3_600_000)
    assert met() == 1


def test_live_changes_are_in_force_for_a_ranking_too(random_place, met):
    graph, rng = town_of(21), np.random.default_rng(21)
    give_hierarchy(graph)
    changed = 0
    for _ in range(20):
        arcs = rng.choice(graph.n_arcs, 40, replace=False)
        now = view(graph, Overlay().close(arcs[:25]).slow(arcs[25:], 3.0))
        target, teams = random_place(graph, rng), [random_place(graph, rng) for _ in range(6)]
        assert hierarchy(now) is None
        found = nearest(now, target, teams)
        changed += found != nearest(graph, target, teams)
        give_hierarchy(now)
        assert nearest(now, target, teams) == found
    assert changed > 5 and met() == 40


def test_nobody_comes_from_or_by_a_closed_road(random_place, met):
    town, rng = town_of(22), np.random.default_rng(22)
    for _ in range(20):
        shut = rng.choice(town.n_arcs, town.n_arcs // 3, replace=False)
        graph = view(town, Overlay().close(shut))
        teams = [random_place(graph, rng) for _ in range(20)] + [(ArcPosition(int(arc), 0.0),) for arc in shut[:20]]
        target = random_place(graph, rng)
        wanted = nearest(graph, target, teams)
        give_hierarchy(graph)
        assert nearest(graph, target, Roster(graph, teams)) == wanted
    assert met() == 20


def test_a_long_arc_and_a_long_walk_do_not_run_over():
    x_m = np.array([0.0, 1000.0, 2000.0])
    ferry = ToyRoad(0, 1, 14 * 3_600_000, 14 * 3_600_000, 400_000_000)
    graph = toy_graph(x_m, 0.0 * x_m, [ferry, ToyRoad(1, 2, 60_000, 60_000, 1_000_000)])
    near, off = ArcPosition(2, 500.0), ArcPosition(0, 0.0, 150_000.0)
    far = ArcPosition(1, 399_000.0, 150_000.0)  # entered from where teams are: 43 h, more than a key can say
    ends = [(near,), (far,), (off,), (ArcPosition(3, 0.0),)]
    for target in ends:
        wanted = nearest(graph, target, ends)
        give_hierarchy(graph)
        assert nearest(graph, target, ends) == wanted
        graph.derived.pop("hierarchy")


def test_a_way_longer_than_a_key_can_say(met):
    graph = row_of([60_000] * 45, [2_000_000_000] * 45)  # 90,000 km in 45 min; a key has room for 68,719 km
    teams = [(ArcPosition(2 * i, 0.0),) for i in range(45)]
    target = (ArcPosition(88, 2_000_000.0),)
    wanted = nearest(graph, target, teams)
    made = give_hierarchy(graph)
    assert nearest(graph, target, teams) == wanted and wanted[-1].length_m == 90_000_000.0
    within = [a for a in wanted if a.travel_ms <= made.limit_ms]
    assert nearest(graph, target, Roster(graph, teams), made.limit_ms, k=45) == within
    assert len(within) > 10 and met() == 1


def test_roads_linked_at_random_are_given_up_and_stay_searches(random_place, met):
    rng = np.random.default_rng(4)
    n = 2400
    times_ms = rng.integers(1000, 90_000, 3 * n).tolist()
    ends = rng.integers(0, n, (3 * n, 2)).tolist()
    x_m, y_m = rng.uniform(0.0, 10_000.0, (2, n))
    roads = [ToyRoad(a, b, ms, ms, 10 * ms) for (a, b), ms in zip(ends, times_ms, strict=True)]
    graph = toy_graph(x_m, y_m, roads)
    target, teams = random_place(graph, rng), [random_place(graph, rng)]
    with pytest.raises(GroundError, match="no hierarchy"):
        give_hierarchy(graph)
    assert hierarchy(graph) is None and len(nearest(graph, target, teams)) == 1 and met() == 0


def test_the_places_of_a_question_have_one_layout_however_many():
    graph = grid_town(3, 3)
    for count in range(4):
        ends = _ends(graph, [ArcPosition(i, 1.0) for i in range(count)])
        assert ends.flags.c_contiguous and ends.shape == (6, count)


def test_one_of_other_roads_is_refused():
    graph, other = grid_town(4, 4), grid_town(4, 4, block_ms=11_000)
    assert fingerprint(graph) != fingerprint(other)
    with pytest.raises(GroundError, match="other roads"):
        give_hierarchy(other, give_hierarchy(graph))
    assert hierarchy(other) is None


def test_a_limit_beyond_its_own_is_searched(random_place):
    graph, rng = random_town(3), np.random.default_rng(3)
    target, teams = random_place(graph, rng), [random_place(graph, rng) for _ in range(5)]
    wanted = nearest(graph, target, teams, HIERARCHY_LIMIT_MS + 1)
    give_hierarchy(graph)
    assert nearest(graph, target, teams, HIERARCHY_LIMIT_MS + 1) == wanted


def test_the_links_are_those_of_the_exported_network():
    graph = with_random_rules(random_town(11), np.random.default_rng(11))[0]
    state, to, arc, ms = (column.tolist() for column in state_links(graph))
    wanted = sorted((a, b, k, w) for a, b, k, w in to_turn_network(graph).edges(keys=True, data="travel_ms"))
    assert sorted(zip(state, to, arc, ms, strict=True)) == wanted


def test_a_file_serves_a_second_start_and_a_bad_one_does_no_harm(tmp_path, random_place):
    graph, rng = random_town(5), np.random.default_rng(5)
    target, teams = random_place(graph, rng), [random_place(graph, rng) for _ in range(6)]
    wanted, path = nearest(graph, target, teams), tmp_path / "town.ranks"
    assert not keep_hierarchy(graph, path)
    made, good = hierarchy(graph), path.read_bytes()
    flipped = [lambda b, i=i: b[:i] + bytes([b[i] ^ 64]) + b[i + 1 :] for i in range(0, len(good), 97)]
    resigned = [
        lambda b, i=i: _signed(b[:i] + b"\xee" + b[i + 1 : -32]) for i in (0, 8, 12, 16, 24, 31, 32, 47, 48)
    ]
    cut = [lambda b: b[:-40], lambda _: b"", lambda b: b[:20], lambda b: b + b"x", lambda b: b[:48]]
    for damage in (None, *flipped, *resigned, *cut):
        path.write_bytes(good if damage is None else damage(good))
        graph.derived.pop("hierarchy")
        served = keep_hierarchy(graph, path)
        again = hierarchy(graph)
        assert nearest(graph, target, teams) == wanted
        columns = (made.rank, *made.up, *made.down), (again.rank, *again.up, *again.down)
        for one, other in zip(*columns, strict=True):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype and one.flags.carray and other.flags.carray, "kernels see one kind"
        assert served is (damage is None) and path.read_bytes() == good, "made anew, and kept"
    assert not keep_hierarchy(random_town(6), path), "another town's"
    assert not keep_hierarchy(graph, tmp_path), "a folder is no file, and no harm"


def _signed(text):
    return text + hashlib.sha256(text).digest()


@pytest.mark.slow
def test_2000_teams_on_a_real_city(porto_alegre, random_place):
    graph, rng = porto_alegre.graph("car"), np.random.default_rng(1)
    teams = [random_place(graph, rng) for _ in range(2000)]
    targets = [random_place(graph, rng) for _ in range(40)]
    searches = [searched(graph, target, teams, 3_600_000) for target in targets]
    give_hierarchy(graph)
    roster = Roster(graph, teams)
    for target, wanted in zip(targets, searches, strict=True):
        assert nearest(graph, target, roster) == wanted


def test_a_graph_of_one_arc():
    town = draw_town("A>>>B")
    give_hierarchy(town.graph)
    arc = ArcPosition(0, 0.0)
    assert nearest(town.graph, [arc._replace(along_m=100.0)], [[arc], [arc._replace(along_m=200.0)]])[0].index == 0
