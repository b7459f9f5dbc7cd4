"""Reach within a limit: Dijkstra 1959 on states with a bucket queue (Dial 1969, Meyer and Sanders 2003).

Times are integer ms. The queue's buckets are some seconds wide; inside a bucket states are taken in any order and
taken again where their label improves, so the result is exact, while a push is one write. They are taken in
batches, so that the processor can wait for several of them at once. A state that comes too late to improve any
turn of its junction (``state_slack``) is not followed.
"""

from __future__ import annotations

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.lanes import BATCH, ONE, POOL_START, Lanes, step_of
from geo_data.kernels.queue import put, roomy, take
from geo_data.types import UNREACHED, Int32s, Int64s


@njit(nogil=True, cache=True)
def follow(  # noqa: PLR0917 - columns
    lanes: Lanes,
    label_ms: Int32s,
    best_ms: Int32s,
    batch: Int64s,
    taken: int,
    limit: np.int64,
    bits: int,
    bucket: Int32s,
    pool_state: Int32s,
    pool_ms: Int32s,
    pool_next: Int32s,
    touched: Int32s,
    used: tuple[np.int64, np.int64, np.int64],
) -> tuple[np.int64, np.int64, np.int64]:
    """Follow the steps of a batch; ``used`` are entries, touched states and the free list, and are returned."""
    _, step_ms, step_state, state_node, _, state_slack, jump_state, jump_step, jump_to, row_ms = lanes
    pooled, met, free = used
    for i in range(taken):
        now_ms = batch[1, i]
        if label_ms[np.uint64(batch[0, i])] != now_ms:
            continue
        row = np.uint64(batch[4, i])
        for step in range(np.uint64(batch[2, i]), np.uint64(batch[3, i])):
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
                touched[met] = then
                met += 1
            label_ms[then] = ms
            if free >= 0:
                at = np.uint64(free)
                free = np.int64(pool_next[at])
            else:
                at = np.uint64(pooled)
                pooled += 1
            slot = np.uint64(ms >> bits)
            pool_state[at], pool_ms[at], pool_next[at] = then, ms, bucket[slot]
            bucket[slot] = np.int64(at)
    return pooled, met, free


@njit(nogil=True, cache=True)
def goal_limit(  # noqa: PLR0917 - columns
    lanes: Lanes,
    batch: Int64s,
    taken: int,
    goal_node: Int32s,
    goal_step: Int32s,
    goal_ms: Int32s,
    limit: np.int64,
) -> np.int64:
    """Return the limit, lowered to what the goals cost that a batch has come to."""
    for i in range(taken):
        for g in range(len(goal_node)):
            if lanes.first[goal_node[g]] == batch[2, i] and goal_step[g] < batch[3, i]:
                turn_ms = np.int64(lanes.row_ms[batch[4, i] + goal_step[g] - batch[2, i]])
                if turn_ms != -1:
                    limit = min(limit, batch[1, i] + max(turn_ms, -2 - turn_ms) + goal_ms[g])
    return limit


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
    state_node = lanes.state_node
    room = POOL_START
    bucket = np.full((limit_ms >> bits) + 1, -1, dtype=np.int32)
    pool_state = np.empty(room, dtype=np.int32)
    pool_ms = np.empty(room, dtype=np.int32)
    pool_next = np.empty(room, dtype=np.int32)
    touched = np.empty(room, dtype=np.int32)
    batch = np.empty((5, BATCH), dtype=np.int64)
    pooled, met, free = np.int64(0), np.int64(0), np.int64(-1)
    limit = np.int64(limit_ms)
    for i in range(len(seed_state)):
        seed, ms = np.int64(seed_state[i]), np.int64(seed_ms[i])
        if ms > limit or ms >= label_ms[seed]:
            continue
        if label_ms[seed] == UNREACHED:
            touched[met] = seed  # a start has few positions
            met += 1
        label_ms[seed] = ms
        best_ms[state_node[seed]] = min(ms, np.int64(best_ms[state_node[seed]]))
        pooled, free = put(seed, ms, ms >> bits, bucket, pool_state, pool_ms, pool_next, pooled, free)
    b = np.int64(0)
    while b <= limit >> bits:
        taken, more, free = take(
            lanes, label_ms, best_ms, bucket, b, pool_state, pool_ms, pool_next, free, 0, batch
        )
        if taken == 0 and bucket[b] < 0:
            b += 1
        if max(pooled, met) + more > room:
            room = 2 * room + more
            touched, pool_state = roomy(touched, room), roomy(pool_state, room)
            pool_ms, pool_next = roomy(pool_ms, room), roomy(pool_next, room)
        if len(goal_node) > 0:
            limit = goal_limit(lanes, batch, taken, goal_node, goal_step, goal_ms, limit)
        used = (pooled, met, free)
        pooled, met, free = follow(
            lanes,
            label_ms,
            best_ms,
            batch,
            taken,
            limit,
            bits,
            bucket,
            pool_state,
            pool_ms,
            pool_next,
            touched,
            used,
        )
    return gathered(lanes, label_ms, best_ms, touched[:met])


@njit(nogil=True, cache=True)
def gathered(lanes: Lanes, label_ms: Int32s, best_ms: Int32s, touched: Int32s) -> tuple[Int32s, Int32s]:
    """Return the touched states that are of use and their times, and leave the workspace clean."""
    times = np.empty(len(touched), dtype=np.int32)
    kept = 0
    for i in range(len(touched)):
        state = np.uint64(touched[i])
        slack = lanes.state_slack[state]
        if slack == 0 or label_ms[state] - best_ms[lanes.state_node[state]] <= slack:
            times[kept], touched[kept] = label_ms[state], touched[i]
            kept += 1
        else:
            label_ms[state] = UNREACHED
    for i in range(kept):
        best_ms[lanes.state_node[touched[i]]] = UNREACHED
        label_ms[touched[i]] = UNREACHED
    return touched[:kept].copy(), times[:kept]
