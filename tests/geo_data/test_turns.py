"""Every search on a graph with turn rules equals the slow search over arcs, to the millisecond."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from geo_data.graph import BAN, with_turns
from geo_data.nearest import nearest
from geo_data.overlay import Overlay, view
from geo_data.reach import reach
from geo_data.route import route
from geo_data.toy import random_town
from geo_data.types import UNREACHED
from tests.geo_data.slow import Slow, lone_position, random_rules

RUSH_HOUR = datetime(2026, 11, 23, 8, 0)  # a Monday
QUIET = datetime(2026, 11, 22, 8, 0)


def ask(graph, truth, rng, random_place, limit_ms):
    """Ask one query of every kind: reach forward and towards, ranks, and a route; returns the queries asked."""
    pick = lone_position if rng.integers(2) else random_place
    start = pick(graph, rng)
    ends = [pick(graph, rng) for _ in range(4)]
    same = graph.arc_length_m(start[0].arc)
    ends.append((start[0]._replace(along_m=round(same * float(rng.random()), 3)),))
    entered = truth.entered(start, limit_ms)
    wanted = [ms if ms <= limit_ms else UNREACHED for ms in (truth.at(start, end, entered) for end in ends)]
    found = reach(graph, start, limit_ms)
    assert [found.at(end) for end in ends] == wanted
    for arc in range(graph.n_arcs):
        if graph.travel_ms[arc] != UNREACHED:
            ms = found.enter_ms(arc)[0]
            assert (ms if ms <= limit_ms else UNREACHED) == (
                entered[arc] if entered.get(arc, UNREACHED) <= limit_ms else UNREACHED
            )
    certify(found)
    target = ends[0]
    teams = [start, *ends[1:]]
    back = reach(graph, target, limit_ms, towards=True)
    assert back.at(start) == wanted[0]
    certify(back)
    arrivals = sorted(nearest(graph, target, teams, limit_ms))
    assert arrivals[0].travel_ms == wanted[0]
    for team, arrival in zip(teams, arrivals, strict=True):
        assert back.at(team) == arrival.travel_ms
    k = int(rng.integers(1, len(teams) + 1))
    best = sorted((a.travel_ms, a.index) for a in arrivals if a.travel_ms != UNREACHED)[:k]
    assert [(a.travel_ms, a.index) for a in nearest(graph, target, teams, limit_ms, k)] == best
    way = route(graph, start, target, limit_ms)
    assert (way is None) == (wanted[0] == UNREACHED)
    if way is not None:
        assert way.travel_ms == wanted[0] and BAN not in graph.turns_ms(way.arcs)
        for i in range(len(way.arcs)):
            assert not any(way.arcs[i:j] in truth.forbidden for j in range(i + 2, len(way.arcs) + 1))
    return 5 + len(teams) + 2


def certify(found):
    """Check the certificate: no allowed step improves a state, and each state but a seed has a tight one."""
    graph, towards = found.graph, found.towards
    prefix = "back_" if towards else ""
    node, row, slack = (graph.column(prefix + name) for name in ("state_node", "state_row", "state_slack"))
    first = graph.first_in if towards else graph.first_out
    usual = graph.column(prefix + "step_state")
    jumps = {
        (int(s), int(a)): int(t)
        for s, a, t in zip(*(graph.column(prefix + n) for n in ("jump_state", "jump_step", "jump_to")), strict=True)
    }
    times, best = found.times.tolist(), found.node_ms.tolist()
    tight: set[int] = set()
    for state in found.states.tolist():
        for step in range(first[node[state]], first[node[state] + 1]):
            value = int(graph.row_ms[row[state] + step - first[node[state]]])
            arc = int(graph.in_arc[step]) if towards else step
            if value == BAN or graph.travel_ms[arc] == UNREACHED:
                continue
            then, cost = (int(usual[step]), value) if value >= 0 else (jumps[state, step], -2 - value)
            ms = times[state] + cost + int(graph.travel_ms[arc])
            if ms > found.limit_ms:
                continue
            if times[then] == UNREACHED:
                assert ms - best[node[then]] > slack[then] > 0, "a state that could be of use was left out"
            late = slack[then] > 0 and ms - best[node[then]] > slack[then]
            assert times[then] <= ms or late
            if times[then] == ms:
                tight.add(then)
    assert len(set(found.states.tolist()) - tight) <= len(found.start)


def one_town(seed, queries, random_place):
    rng = np.random.default_rng(seed)
    plain = random_town(seed, nodes=int(rng.integers(2, 50)), roads=int(rng.integers(1, 110)))
    rules, cost, forbidden = random_rules(plain, rng)
    graph = with_turns(plain, rules)
    graph.check()
    truth = Slow(plain, cost, forbidden)
    asked = 0
    while asked < queries:
        if rng.random() < 0.15:  # the same town at another hour, with closures and slow roads
            overlay = Overlay().close(rng.choice(graph.n_arcs, graph.n_arcs // 12))
            overlay = overlay.slow(rng.choice(graph.n_arcs, graph.n_arcs // 5), float(rng.choice([0.5, 1.7])))
            rush = bool(rng.integers(2))
            changed = view(graph, overlay, RUSH_HOUR if rush else QUIET)
            changed.check()
            times = {arc: changed_ms(plain, overlay, arc) for arc in range(plain.n_arcs)}
            slower = Slow(plain, cost, forbidden | {s for s, _ in rules.timed if rush}, times)
            asked += ask(changed, slower, rng, random_place, int(rng.integers(0, 900_000)))
        asked += ask(graph, truth, rng, random_place, int(rng.integers(0, 900_000)))
    return asked


def changed_ms(graph, overlay, arc):
    closing, slowing = overlay.changes
    if arc in closing.arcs.tolist():
        return UNREACHED
    ms = int(graph.travel_ms[arc])
    return max(1, int(np.rint(ms * slowing.factor))) if arc in slowing.arcs.tolist() else ms


@pytest.mark.parametrize("seed", range(30))
def test_1500_queries_under_random_rules(seed, random_place):
    one_town(seed, 50, random_place)


@pytest.mark.nightly
def test_10000_queries_under_random_rules(random_place):
    assert sum(one_town(1000 + seed, 50, random_place) for seed in range(200)) >= 10_000
