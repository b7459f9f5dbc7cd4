"""Searches with integer labels (Dijkstra 1959, lazy deletion): reach within a limit, and ranked starts."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo_data.kernels.heap import ITEM_BITS, ITEM_MASK, heap_pop, heap_push
from geo_data.types import UNREACHED, Int32s, Int64s

HEAP_START = 1024


@njit(nogil=True, cache=True)
def search_reach(  # noqa: PLR0917 - columns
    first: Int32s,
    in_arc: Int32s,
    far_end: Int32s,
    travel_ms: Int32s,
    towards: bool,
    seed_node: Int32s,
    seed_ms: Int32s,
    limit_ms: int,
    goal_node: Int32s,
    goal_ms: Int32s,
) -> tuple[Int32s, Int32s]:
    """Return the time of each junction within the limit, and the arc it was reached by (-1: a seed or none).

    Forward: ``first`` is ``first_out`` and ``far_end`` is ``head``; towards: ``first_in`` and ``tail``, and
    ``in_arc`` lists the arcs. Stops early where ``goal_node[i]`` plus ``goal_ms[i]`` can no longer improve;
    with goals, labels above that sum are not final. The law kept: for each arc t[far] ≤ t[near] + w ≤ limit.
    """
    n = len(first) - 1
    node_ms = np.full(n, UNREACHED, dtype=np.int32)
    node_arc = np.full(n, -1, dtype=np.int32)
    heap = np.empty(HEAP_START, dtype=np.int64)
    size = 0
    for i in range(len(seed_node)):
        if seed_ms[i] <= limit_ms and seed_ms[i] < node_ms[seed_node[i]]:
            node_ms[seed_node[i]] = seed_ms[i]
            heap = heap_push(heap, size, (np.int64(seed_ms[i]) << ITEM_BITS) | seed_node[i])
            size += 1
    best_ms = np.int64(limit_ms) + 1
    while size > 0:
        key = heap_pop(heap, size)
        size -= 1
        node = key & ITEM_MASK
        now_ms = key >> ITEM_BITS
        if now_ms >= best_ms:
            break
        if now_ms > node_ms[node]:
            continue
        for g in range(len(goal_node)):
            if goal_node[g] == node and now_ms + goal_ms[g] < best_ms:
                best_ms = now_ms + goal_ms[g]
        for i in range(first[node], first[node + 1]):
            arc = in_arc[i] if towards else i
            far = far_end[arc]
            then_ms = now_ms + travel_ms[arc]
            if then_ms <= limit_ms and then_ms < node_ms[far]:
                node_ms[far] = then_ms
                node_arc[far] = arc
                heap = heap_push(heap, size, (then_ms << ITEM_BITS) | far)
                size += 1
    return node_ms, node_arc


@njit(nogil=True, cache=True)
def search_ranked(  # noqa: PLR0917 - columns
    first_in: Int32s,
    in_arc: Int32s,
    tail: Int32s,
    travel_ms: Int32s,
    length_mm: Int32s,
    seed_node: Int32s,
    seed_ms: Int32s,
    seed_mm: Int32s,
    start_node: Int32s,
    start_ms: Int32s,
    start_mm: Int32s,
    start_team: Int32s,
    team_ms: Int32s,
    team_mm: Int64s,
    limit_ms: int,
    k: int,
) -> None:
    """Fill the time and road length of each team to the target, by one search backward from the target.

    ``start_*`` say at which junction, after what time and length, a team enters the junctions. ``team_ms``
    holds what is known beforehand (a team on the target's own arc) or UNREACHED, ``team_mm`` its length.
    Stops when the k fastest teams are final; times above theirs need not be. Of equally fast ways, the first
    one found counts, which is the same on every machine.
    """
    n = len(first_in) - 1
    node_ms = np.full(n, UNREACHED, dtype=np.int32)
    node_mm = np.zeros(n, dtype=np.int64)
    waiting = np.full(n, -1, dtype=np.int32)  # a list of starts a junction
    after = np.full(len(start_node), -1, dtype=np.int32)
    for i in range(len(start_node)):
        after[i] = waiting[start_node[i]]
        waiting[start_node[i]] = i
    heap = np.empty(HEAP_START, dtype=np.int64)
    size = 0
    for i in range(len(seed_node)):
        if seed_ms[i] <= limit_ms and seed_ms[i] < node_ms[seed_node[i]]:
            node_ms[seed_node[i]] = seed_ms[i]
            node_mm[seed_node[i]] = seed_mm[i]
            heap = heap_push(heap, size, (np.int64(seed_ms[i]) << ITEM_BITS) | seed_node[i])
            size += 1
    known = np.empty(HEAP_START, dtype=np.int64)  # times of teams, to see which are final
    known_size = 0
    for team in range(len(team_ms)):
        if team_ms[team] != UNREACHED:
            known = heap_push(known, known_size, (np.int64(team_ms[team]) << ITEM_BITS) | np.int64(team))
            known_size += 1
    final = np.zeros(len(team_ms), dtype=np.bool_)
    n_final = 0
    while size > 0:
        key = heap_pop(heap, size)
        size -= 1
        node = key & ITEM_MASK
        now_ms = key >> ITEM_BITS
        if now_ms > node_ms[node]:
            continue
        # strictly before now: a tie with a lower index may still turn up at this very time
        while known_size > 0 and (known[0] >> ITEM_BITS) < now_ms:
            team = heap_pop(known, known_size) & ITEM_MASK
            known_size -= 1
            if not final[team]:
                final[team] = True
                n_final += 1
        if n_final >= k:
            break
        start = waiting[node]
        while start >= 0:
            team = start_team[start]
            total_ms = now_ms + start_ms[start]
            if total_ms <= limit_ms and total_ms < team_ms[team]:
                team_ms[team] = total_ms
                team_mm[team] = node_mm[node] + start_mm[start]
                known = heap_push(known, known_size, (np.int64(total_ms) << ITEM_BITS) | team)
                known_size += 1
            start = after[start]
        for i in range(first_in[node], first_in[node + 1]):
            arc = in_arc[i]
            far = tail[arc]
            then_ms = now_ms + travel_ms[arc]
            if then_ms <= limit_ms and then_ms < node_ms[far]:
                node_ms[far] = then_ms
                node_mm[far] = node_mm[node] + length_mm[arc]
                heap = heap_push(heap, size, (then_ms << ITEM_BITS) | far)
                size += 1
