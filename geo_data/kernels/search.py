"""Reach within a limit: Dijkstra 1959 on states with a bucket queue (Dial 1969, Meyer and Sanders 2003).

Times are integer ms. The queue's buckets are about a second wide; inside a bucket states are taken in any order and
taken again where their label improves, so the result is exact, while a push is one write. A state that comes
too late to improve any turn of its junction (``state_slack``) is not followed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo_data.kernels.lanes import POOL_START, Lanes, step_of
from geo_data.types import UNREACHED, Int32s


@njit(nogil=True, cache=True)
def grown(values: Int32s) -> Int32s:
    """Return the values in an array twice as long."""
    longer = np.empty(2 * len(values), dtype=np.int32)
    longer[: len(values)] = values
    return longer


@njit(nogil=True, cache=True)
def search_reach(  # noqa: PLR0917 - columns
    lanes: Lanes,
    label_ms: Int32s,
    best_ms: Int32s,
    seed_state: Int32s,
    seed_ms: Int32s,
    limit_ms: int,
    bits: int,
    goal_node: Int32s,
    goal_step: Int32s,
    goal_ms: Int32s,
) -> tuple[Int32s, Int32s]:
    """Return the states within the limit and the time of each, in the order they were first met.

    ``label_ms`` and ``best_ms`` are a clean workspace and are left clean. A goal is a step out of a junction
    and the ms along it: once reached, only what is faster is searched. The law kept: for each turn and step
    t[next] ≤ t[state] + turn + step within the limit, but for states that come too late to be of use.
    """
    first, step_ms, step_state, state_node, state_row, state_slack, jump_state, jump_step, jump_to, row_ms = lanes
    bucket = np.full((limit_ms >> bits) + 1, -1, dtype=np.int32)
    pool_state = np.empty(POOL_START, dtype=np.int32)
    pool_ms = np.empty(POOL_START, dtype=np.int32)
    pool_next = np.empty(POOL_START, dtype=np.int32)
    touched = np.empty(POOL_START, dtype=np.int32)
    pooled, met, free = 0, 0, -1
    limit = np.int64(limit_ms)
    for i in range(len(seed_state)):
        state, ms = seed_state[i], seed_ms[i]
        if ms > limit or ms >= label_ms[state]:
            continue
        if label_ms[state] == UNREACHED:
            if met == len(touched):
                touched = grown(touched)
            touched[met] = state
            met += 1
        if pooled == len(pool_state):
            pool_state, pool_ms, pool_next = grown(pool_state), grown(pool_ms), grown(pool_next)
        label_ms[state] = ms
        best_ms[state_node[state]] = min(ms, best_ms[state_node[state]])
        pool_state[pooled], pool_ms[pooled], pool_next[pooled] = state, ms, bucket[ms >> bits]
        bucket[ms >> bits] = pooled
        pooled += 1
    b = 0
    while b <= limit >> bits:
        entry = bucket[b]
        if entry < 0:
            b += 1
            continue
        bucket[b] = pool_next[entry]
        state, now_ms = pool_state[entry], np.int64(pool_ms[entry])
        pool_next[entry] = free
        free = entry
        if now_ms != label_ms[state]:
            continue
        node = state_node[state]
        if state_slack[state] > 0 and now_ms - best_ms[node] > state_slack[state]:
            continue
        begin = first[node]
        row = state_row[state] - begin
        for g in range(len(goal_node)):
            if goal_node[g] == node:
                turn_ms = np.int64(row_ms[row + goal_step[g]])
                if turn_ms < 0:
                    turn_ms, _ = step_of(turn_ms, state, goal_step[g], 0, jump_state, jump_step, jump_to)
                if turn_ms >= 0:
                    limit = min(limit, now_ms + turn_ms + goal_ms[g])
        for step in range(begin, first[node + 1]):
            turn_ms = np.int64(row_ms[row + step])
            then = np.int64(step_state[step])
            if turn_ms < 0:
                turn_ms, then = step_of(turn_ms, state, step, then, jump_state, jump_step, jump_to)
                if turn_ms < 0:
                    continue
            ms = now_ms + turn_ms + step_ms[step]
            if ms > limit or ms >= label_ms[then]:
                continue
            if state_slack[then] > 0:
                far = state_node[then]
                if ms - best_ms[far] > state_slack[then]:
                    continue
                best_ms[far] = min(best_ms[far], ms)
            if label_ms[then] == UNREACHED:
                if met == len(touched):
                    touched = grown(touched)
                touched[met] = then
                met += 1
            label_ms[then] = ms
            if free >= 0:
                entry, free = free, pool_next[free]
            else:
                if pooled == len(pool_state):
                    pool_state, pool_ms, pool_next = grown(pool_state), grown(pool_ms), grown(pool_next)
                entry = pooled
                pooled += 1
            pool_state[entry], pool_ms[entry], pool_next[entry] = then, ms, bucket[ms >> bits]
            bucket[ms >> bits] = entry
    states = touched[:met].copy()
    times = np.empty(met, dtype=np.int32)
    for i in range(met):
        times[i] = label_ms[states[i]]
        label_ms[states[i]] = UNREACHED
        best_ms[state_node[states[i]]] = UNREACHED
    return states, times
