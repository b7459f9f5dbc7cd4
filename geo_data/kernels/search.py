"""Reach within a limit: Dijkstra 1959 on states with a bucket queue (Dial 1969, Meyer and Sanders 2003).

Times are integer ms. The queue's buckets are some seconds wide; inside a bucket states are taken in any order and
taken again where their label improves, so the result is exact, while a push is one write. They are taken in
batches, so that the processor can wait for several of them at once. A state that comes too late to improve any
turn of its junction (``state_slack``) is not followed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo_data.kernels.lanes import BATCH, ONE, POOL_START, Lanes, step_of
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
    t[next] ≤ t[state] + turn + step within the limit; states that come too late to be of use are left out.
    """
    first, step_ms, step_state, state_node, state_row, state_slack, jump_state, jump_step, jump_to, row_ms = lanes
    bucket = np.full((limit_ms >> bits) + 1, -1, dtype=np.int32)
    pool_state = np.empty(POOL_START, dtype=np.int32)
    pool_ms = np.empty(POOL_START, dtype=np.int32)
    pool_next = np.empty(POOL_START, dtype=np.int32)
    touched = np.empty(POOL_START, dtype=np.int32)
    pooled, met, free = np.int64(0), np.int64(0), np.int64(-1)
    limit = np.int64(limit_ms)
    for i in range(len(seed_state)):
        seed, ms = np.int64(seed_state[i]), np.int64(seed_ms[i])
        if ms > limit or ms >= label_ms[seed]:
            continue
        if label_ms[seed] == UNREACHED:
            if met == len(touched):
                touched = grown(touched)
            touched[met] = seed
            met += 1
        if pooled == len(pool_state):
            pool_state, pool_ms, pool_next = grown(pool_state), grown(pool_ms), grown(pool_next)
        label_ms[seed] = ms
        best_ms[state_node[seed]] = min(ms, best_ms[state_node[seed]])
        pool_state[pooled], pool_ms[pooled], pool_next[pooled] = seed, ms, bucket[ms >> bits]
        bucket[ms >> bits] = pooled
        pooled += 1
    batch = np.empty((5, BATCH), dtype=np.int64)
    b = 0
    while b <= limit >> bits:
        taken = 0
        entry = np.int64(bucket[b])
        while entry >= 0 and taken < BATCH:
            at = np.uint64(entry)
            state, now_ms = np.uint64(pool_state[at]), np.int64(pool_ms[at])
            entry, pool_next[at], free = np.int64(pool_next[at]), free, entry
            if now_ms == label_ms[state]:
                node = np.uint64(state_node[state])
                slack = state_slack[state]
                if slack == 0 or now_ms - best_ms[node] <= slack:
                    batch[0, taken], batch[1, taken], batch[2, taken] = state, now_ms, first[node]
                    batch[3, taken], batch[4, taken] = first[node + ONE], state_row[state]
                    taken += 1
        bucket[b] = entry
        if taken == 0:
            if entry < 0:
                b += 1
            continue
        for i in range(taken):
            now_ms = batch[1, i]
            if label_ms[np.uint64(batch[0, i])] != now_ms:
                continue
            begin, end, row = np.uint64(batch[2, i]), np.uint64(batch[3, i]), np.uint64(batch[4, i])
            for g in range(len(goal_node)):
                if first[goal_node[g]] == begin and goal_step[g] < end:
                    turn_ms = np.int64(row_ms[batch[4, i] + goal_step[g] - batch[2, i]])
                    if turn_ms < -1:
                        turn_ms = -2 - turn_ms
                    if turn_ms >= 0:
                        limit = min(limit, now_ms + turn_ms + goal_ms[g])
            for step in range(begin, end):
                turn_ms = np.int64(row_ms[row])
                row += ONE
                then = np.uint64(step_state[step])
                if turn_ms < 0:
                    turn_ms, then = step_of(turn_ms, batch[0, i], step, then, jump_state, jump_step, jump_to)
                    if turn_ms < 0:
                        continue
                ms = now_ms + turn_ms + step_ms[step]
                if ms >= label_ms[then] or ms > limit:
                    continue
                slack = state_slack[then]
                if slack > 0:
                    far = np.uint64(state_node[then])
                    if ms - best_ms[far] > slack:
                        continue
                    best_ms[far] = min(ms, np.int64(best_ms[far]))
                if label_ms[then] == UNREACHED:
                    if met == len(touched):
                        touched = grown(touched)
                    touched[met] = then
                    met += 1
                label_ms[then] = ms
                if free >= 0:
                    at = np.uint64(free)
                    free = np.int64(pool_next[at])
                else:
                    if pooled == len(pool_state):
                        pool_state, pool_ms, pool_next = grown(pool_state), grown(pool_ms), grown(pool_next)
                    at = np.uint64(pooled)
                    pooled += 1
                slot = np.uint64(ms >> bits)
                pool_state[at], pool_ms[at], pool_next[at] = then, ms, bucket[slot]
                bucket[slot] = np.int64(at)
    times = np.empty(met, dtype=np.int32)
    kept = 0
    for i in range(met):
        state = np.uint64(touched[i])
        slack = state_slack[state]
        if slack == 0 or label_ms[state] - best_ms[state_node[state]] <= slack:
            times[kept], touched[kept] = label_ms[state], touched[i]
            kept += 1
        else:
            label_ms[state] = UNREACHED
    for i in range(kept):
        best_ms[state_node[touched[i]]] = UNREACHED
        label_ms[touched[i]] = UNREACHED
    return touched[:kept].copy(), times[:kept]
