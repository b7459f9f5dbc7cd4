"""Labels of a contracted graph: what a node reaches by climbing, and where two climbs meet.

Nodes are ranks. A climb takes the nodes above a start in the order of their rank, so that each is final when it is
taken; going down again, whatever a descending link reaches sooner is struck out (stall on demand: Geisberger et
al. 2008; labels: Abraham, Delling, Goldberg and Werneck 2011). Two climbs meet at the top of a fastest way.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.contract import FAR
from geo_data.kernels.heap import pop, push
from geo_data.kernels.lanes import Lanes
from geo_data.kernels.queue import roomy
from geo_data.kernels.ranked import straight_ahead
from geo_data.types import UNREACHED, Int32s, Int64s

KEY_BITS: Final = 36
KEY_MASK: Final = (1 << KEY_BITS) - 1
"""A key is a time in ms, up to 37 h, above the road's length in mm, up to 68,719 km."""


class Climb(NamedTuple):
    """Links from each node to those above it: of node v those of ``first[v]`` … ``first[v + 1] - 1``."""

    first: Int32s
    above: Int32s
    key: Int64s


@njit(nogil=True, cache=True)
def climb(  # noqa: PLR0917 - columns
    way: Climb, seed: Int32s, seed_key: Int64s, bound: int | np.int64, key: Int64s, queued: Int32s
) -> Int32s:
    """Return the nodes that seeds reach by climbing, the lowest first, and leave their keys in ``key``.

    What is dearer than ``bound`` is not reached. ``key`` was FAR everywhere; ``queued`` int32[n] is 0 everywhere,
    and is left so.
    """
    heap = np.empty(256, dtype=np.int32)
    nodes = np.empty(512, dtype=np.int32)
    size, met = 0, 0
    for i in range(len(seed)):
        node = seed[i]
        if seed_key[i] > bound:
            continue
        key[node] = min(key[node], seed_key[i])
        if not queued[node]:
            queued[node] = 1
            if size == len(heap):
                heap = roomy(heap, 2 * size)
            size = push(heap, heap, size, node, node)
    while size > 0:
        node = heap[0]
        size = pop(heap, heap, size)
        queued[node] = 0
        if met == len(nodes):
            nodes = roomy(nodes, 2 * met)
        nodes[met] = node
        met += 1
        now = key[node]
        for i in range(np.uint64(way.first[node]), np.uint64(way.first[node + 1])):
            above = np.uint64(way.above[i])
            then = now + way.key[i]
            if then > bound:
                continue
            key[above] = min(key[above], then)
            if not queued[above]:
                queued[above] = 1
                if size == len(heap):
                    heap = roomy(heap, 2 * size)
                size = push(heap, heap, size, way.above[i], way.above[i])
    return nodes[:met]


@njit(nogil=True, cache=True)
def climb_few(  # noqa: PLR0917 - columns
    way: Climb, back: Climb, seed: Int32s, seed_key: Int64s, bound: int | np.int64, key: Int64s
) -> Int32s:
    """Return the nodes that seeds reach by climbing, in any order, and leave their keys in ``key``.

    As ``climb``, but the nearest first: a node that a higher one reaches sooner by descending is not climbed on
    from (stall on demand), so that a fifth of the nodes is looked at. No key is too low, and those that are on top
    of a best way are right.
    """
    room = 256
    heap_key, heap = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    nodes = np.empty(256, dtype=np.int32)
    size, met = 0, 0
    for i in range(len(seed)):
        node = seed[i]
        if seed_key[i] > bound or seed_key[i] >= key[node]:
            continue
        if met + 1 >= len(nodes):
            nodes = roomy(nodes, 2 * met)
        if key[node] == FAR:
            nodes[met] = node
            met += 1
        key[node] = seed_key[i]
        if size + 1 >= room:
            room *= 2
            heap_key, heap = roomy(heap_key, room), roomy(heap, room)
        size = push(heap_key, heap, size, seed_key[i], node)
    while size > 0:
        now, node = heap_key[0], heap[0]
        size = pop(heap_key, heap, size)
        if now != key[node]:
            continue
        late = False
        for i in range(np.uint64(back.first[node]), np.uint64(back.first[node + 1])):
            there = key[np.uint64(back.above[i])]
            late |= there < now and there + back.key[i] < now
        if late:
            continue
        begin, end = np.uint64(way.first[node]), np.uint64(way.first[node + 1])
        more = int(end - begin)
        if met + more > len(nodes):
            nodes = roomy(nodes, 2 * (met + more))
        if size + more > room:
            room = 2 * (size + more)
            heap_key, heap = roomy(heap_key, room), roomy(heap, room)
        for i in range(begin, end):
            above = np.uint64(way.above[i])
            then = now + way.key[i]
            if then > bound or then >= key[above]:
                continue
            if key[above] == FAR:
                nodes[met] = way.above[i]
                met += 1
            key[above] = then
            size = push(heap_key, heap, size, then, way.above[i])
    return nodes[:met]


@njit(nogil=True, cache=True)
def strike(back: Climb, nodes: Int32s, key: Int64s) -> Int32s:
    """Return the nodes of a climb whose key is that of the best way; the key of the others is FAR from now on.

    ``back`` are the links of the other direction: by one of them a higher node may show that a lower one is
    reached sooner than by climbing.
    """
    kept = len(nodes)
    for x in range(len(nodes) - 1, -1, -1):
        node = nodes[x]
        best = key[node]
        for i in range(np.uint64(back.first[node]), np.uint64(back.first[node + 1])):
            there = key[np.uint64(back.above[i])]
            if there != FAR:
                best = min(best, there + back.key[i])
        if best < key[node]:
            key[node] = best
            nodes[x] = -1 - node
            kept -= 1
    label = np.empty(kept, dtype=np.int32)
    at = 0
    for node in nodes:
        if node >= 0:
            label[at] = node
            at += 1
        else:
            key[-1 - node] = FAR
    return label


@njit(nogil=True, cache=True)
def label_teams(  # noqa: PLR0917 - columns
    up: Climb,
    down: Climb,
    bound: int,
    state: Int32s,
    rest_ms: Int32s,
    rest_mm: Int32s,
    team: Int32s,
    node: Int32s,
    node_key: Int64s,
    size: Int32s,
    key: Int64s,
    queued: Int32s,
) -> int:
    """Write the labels of the teams whose ``size`` is -1; returns how wide the rows must be, at most their width.

    Position i stands ``rest_ms[i]``, ``rest_mm[i]`` before the state of rank ``state[i]`` and is of ``team[i]``;
    those of teams that have a label are passed over. Ways dearer than ``bound`` are left out. ``node`` and
    ``node_key`` are rows, one a team. Where a wider row is wanted, nothing is written for that team and those
    after it.
    """
    begin = np.full(len(size) + 1, 0, dtype=np.int64)
    latest_ms = bound >> KEY_BITS  # a later time would run over in a key
    for i in range(len(team)):
        if size[team[i]] == -1 and rest_ms[i] <= latest_ms:
            begin[team[i] + 1] += 1
    begin = np.cumsum(begin)
    seed = np.empty(begin[-1], dtype=np.int32)
    seed_key = np.empty(begin[-1], dtype=np.int64)
    at = begin[:-1].copy()
    for i in range(len(team)):
        if size[team[i]] == -1 and rest_ms[i] <= latest_ms:
            seed[at[team[i]]] = state[i]
            seed_key[at[team[i]]] = key_of(rest_ms[i], rest_mm[i])
            at[team[i]] += 1
    for t in range(len(size)):
        if size[t] != -1:
            continue
        label = climb(up, seed[begin[t] : begin[t + 1]], seed_key[begin[t] : begin[t + 1]], bound, key, queued)
        label = strike(down, label, key)
        if len(label) <= node.shape[1]:
            for x in range(len(label)):
                node[t, x], node_key[t, x] = label[x], key[label[x]]
            size[t] = len(label)
        for x in label:
            key[x] = FAR
        if size[t] == -1:
            return len(label)
    return int(node.shape[1])


@njit(nogil=True, cache=True)
def key_of(ms: int, mm: int) -> np.int64:
    """Return the key of a time and a length: keys add up as both do, and the smaller is that of the better way.

    The time is at most 134,217,727 ms, half of it where two keys are added.
    """
    return (np.int64(ms) << KEY_BITS) + np.int64(mm)


@njit(nogil=True, cache=True)
def seeds_of(rank: Int32s, lanes: Lanes, ends: Int64s, limit_ms: int) -> tuple[Int32s, Int64s]:
    """Return the ranks of the states from which places are entered within a limit, and the keys to the place.

    ``lanes`` are forward. A column of ``ends`` is a place: tail, head, arc, ms and mm from the tail, ms off road.
    """
    count = 0
    for e in range(ends.shape[1]):
        at = np.searchsorted(lanes.state_node, ends[0, e])
        while at < len(rank) and lanes.state_node[at] == ends[0, e]:
            count += 1
            at += 1
    seed = np.empty(count, dtype=np.int32)
    seed_key = np.empty(count, dtype=np.int64)
    found = 0
    for e in range(ends.shape[1]):
        at = np.searchsorted(lanes.state_node, ends[0, e])
        while at < len(rank) and lanes.state_node[at] == ends[0, e]:
            turn_ms = np.int64(lanes.row_ms[lanes.state_row[at] + ends[2, e] - lanes.first[ends[0, e]]])
            if turn_ms < -1:
                turn_ms = -2 - turn_ms
            ms = turn_ms + ends[3, e] + ends[5, e]
            if turn_ms >= 0 and ms <= limit_ms:
                seed[found] = rank[at]
                seed_key[found] = key_of(ms, ends[4, e])
                found += 1
            at += 1
    return seed[:found], seed_key[:found]


@njit(nogil=True, cache=True)
def meet_teams(  # noqa: PLR0917 - columns
    up: Climb,
    down: Climb,
    rank: Int32s,
    lanes: Lanes,
    ends: Int64s,
    waiting: Int32s,
    table: Int32s,
    node: Int32s,
    node_key: Int64s,
    size: Int32s,
    key: Int64s,
    limit_ms: int,
) -> tuple[Int32s, Int64s]:
    """Return the ms and road mm of each team to the best of some places, as ``seeds_of`` describes them.

    ``waiting`` and ``table`` are those of a Roster; ``node``, ``node_key`` and ``size`` are the teams' labels.
    """
    team_ms = np.full(len(size), UNREACHED, dtype=np.int32)
    team_mm = np.zeros(len(size), dtype=np.int64)
    straight_ahead(ends, limit_ms, waiting, table, team_ms, team_mm)
    seed, seed_key = seeds_of(rank, lanes, ends, limit_ms)
    limit = key_of(limit_ms + 1, 0)
    label = climb_few(down, up, seed, seed_key, limit, key)
    for t in range(len(size)):
        best = key_of(team_ms[t], team_mm[t]) if team_ms[t] <= limit_ms else limit
        for x in range(size[t]):
            there = key[node[t, x]]
            if there != FAR:
                best = min(best, there + node_key[t, x])
        if best < limit:
            team_ms[t], team_mm[t] = best >> KEY_BITS, best & KEY_MASK
    for x in label:
        key[x] = FAR
    return team_ms, team_mm
