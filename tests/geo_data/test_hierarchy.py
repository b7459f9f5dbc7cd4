"""A hierarchy answers what a search answers, to the millisecond and the millimetre, and only for its own roads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo_data.errors import GroundError
from geo_data.hierarchy import HIERARCHY_LIMIT_MS, fingerprint, give_hierarchy, hierarchy, state_links
from geo_data.kernels.contract import contract
from geo_data.nearest import nearest, rank, times_table, ways_table
from geo_data.overlay import Overlay, view
from geo_data.roster import Roster
from geo_data.sources.hierarchy_file import keep_hierarchy
from geo_data.sources.turn_network import to_turn_network
from geo_data.toy import draw_town, grid_town, random_town
from geo_data.types import UNREACHED, ArcPosition
from tests.geo_data.slow import with_random_rules


def searched(graph, target, teams, limit_ms):
    """What a search says, of a graph whose hierarchy is laid aside meanwhile."""
    made = graph.derived.pop("hierarchy", None)
    try:
        return nearest(graph, target, teams, limit_ms)
    finally:
        if made is not None:
            give_hierarchy(graph, made)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 100_000), st.booleans(), st.sampled_from([0, 20_000, 200_000, 3_600_000]))
def test_it_ranks_as_a_search_does(random_place, seed, ruled, limit_ms):
    rng = np.random.default_rng(seed)
    graph = random_town(seed, nodes=int(rng.integers(4, 60)), roads=int(rng.integers(5, 140)))
    if ruled:
        graph = with_random_rules(graph, rng)[0]
    give_hierarchy(graph)
    target = random_place(graph, rng)
    teams = [random_place(graph, rng) for _ in range(8)] + [target, (), (target[0]._replace(along_m=0.0),)]
    found = nearest(graph, target, teams, limit_ms)
    assert found == searched(graph, target, teams, limit_ms)
    assert nearest(graph, target, teams, limit_ms, k=3) == [a for a in found[:3] if a.travel_ms != UNREACHED]


def test_it_agrees_with_an_independent_search(oracle, random_place):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        graph = with_random_rules(random_town(seed, nodes=50, roads=120), rng)[0]
        truth = oracle(graph)
        give_hierarchy(graph)
        for _ in range(20):
            target, teams = random_place(graph, rng), [random_place(graph, rng) for _ in range(8)]
            _, wanted = truth.times(target, teams, 900_000, True)
            found = sorted(nearest(graph, target, teams, 900_000))
            assert [a.travel_ms for a in found] == [UNREACHED if ms is None else ms for ms in wanted]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 100_000), st.integers(2, 40), st.integers(0, 160))
def test_contracting_keeps_every_distance(seed, n, m):
    rng = np.random.default_rng(seed)
    near, far = (rng.integers(0, n, m).astype(np.int32) for _ in range(2))
    key = rng.integers(1, 50, m)
    bound = int(rng.integers(20, 400))
    rank_of, kept = contract(n, near, far, key, bound)
    assert sorted(rank_of.tolist()) == list(range(n))
    count = int(kept.held[0])
    rises = rank_of[kept.near[:count]] < rank_of[kept.far[:count]]
    truth = _all_pairs(n, near, far, key)
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


def test_a_moved_team_is_ranked_where_it_is_now(random_place):
    graph, rng = random_town(7, nodes=60, roads=150), np.random.default_rng(7)
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


def test_teams_moved_together_are_where_each_moved_alone_would_be(random_place):
    graph, rng = random_town(8, nodes=60, roads=150), np.random.default_rng(8)
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


def test_labels_longer_than_their_room(random_place, monkeypatch):
    monkeypatch.setattr("geo_data.roster.LABEL_ROOM", 1)
    graph, rng = random_town(9, nodes=60, roads=150), np.random.default_rng(9)
    give_hierarchy(graph)
    target, teams = random_place(graph, rng), [random_place(graph, rng) for _ in range(30)]
    assert nearest(graph, target, Roster(graph, teams)) == searched(graph, target, teams, 3_600_000)


def test_live_changes_are_in_force_for_a_ranking_too(random_place):
    graph, rng = random_town(21, nodes=60, roads=150), np.random.default_rng(21)
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
    assert changed > 5


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
    for damage in (None, lambda b: b[:-40], lambda _: b"", lambda b: b[:200] + b"x" * 60 + b[260:]):
        if damage is not None:
            path.write_bytes(damage(path.read_bytes()))
        graph.derived.pop("hierarchy")
        assert keep_hierarchy(graph, path) is (damage is None)
        assert nearest(graph, target, teams) == wanted
    assert not keep_hierarchy(random_town(6), path), "another town's"
    assert not keep_hierarchy(graph, tmp_path), "a folder is no file, and no harm"


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
