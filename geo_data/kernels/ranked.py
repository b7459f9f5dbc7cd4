"""Rank starts by one search backward from a target; labels are (time, road length), the smaller first."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo_data.kernels.lanes import BATCH, ONE, POOL_START, Lanes, step_of
from geo_data.kernels.search import grown
from geo_data.types import UNREACHED, Int32s, Int64s


@njit(nogil=True, cache=True)
def search_ranked(  # noqa: PLR0917 - columns
    lanes: Lanes,
    length_mm: Int32s,
    in_arc: Int32s,
    label_ms: Int32s,
    best_ms: Int32s,
    label_mm: Int64s,
    seed_state: Int32s,
    seed_ms: Int32s,
    seed_mm: Int32s,
    waiting: Int32s,
    after: Int32s,
    start_step: Int32s,
    start_ms: Int32s,
    start_mm: Int32s,
    start_team: Int32s,
    team_ms: Int32s,
    team_mm: Int64s,
    limit_ms: int,
    k: int,
    bits: int,
) -> np.int64:
    """Fill the time and road length of each team to the target, and return the ms up to which they are final.

    ``lanes`` are backward. ``waiting[v]`` is the first start at junction v, ``after`` the next, -1 the end; start
    i stands ``start_ms[i]`` before v on the arc that is step ``start_step[i]``. ``team_ms`` holds what is known
    beforehand (a team on the target's own arc) or UNREACHED, ``team_mm`` its length. Stops when the k fastest
    teams are final; times above the returned need not be. Of equally fast ways the shortest counts.
    """
    first, step_ms, step_state, state_node, state_row, state_slack, jump_state, jump_step, jump_to, row_ms = lanes
    bucket = np.full((limit_ms >> bits) + 1, -1, dtype=np.int32)
    pool_state = np.empty(POOL_START, dtype=np.int32)
    pool_ms = np.empty(POOL_START, dtype=np.int32)
    pool_next = np.empty(POOL_START, dtype=np.int32)
    touched = np.empty(POOL_START, dtype=np.int32)
    pooled, met, free = np.int64(0), np.int64(0), np.int64(-1)
    limit = np.int64(limit_ms)
    known = np.empty(len(team_ms), dtype=np.int32)
    found, fresh = 0, True
    for team in range(len(team_ms)):
        if team_ms[team] != UNREACHED:
            known[found] = team
            found += 1
    for i in range(len(seed_state)):
        state, ms, mm = seed_state[i], seed_ms[i], seed_mm[i]
        if ms > limit or ms > label_ms[state] or (ms == label_ms[state] and mm >= label_mm[state]):
            continue
        if label_ms[state] == UNREACHED:
            touched[met] = state  # a target has few positions
            met += 1
        label_ms[state], label_mm[state] = ms, mm
        best_ms[state_node[state]] = min(ms, best_ms[state_node[state]])
        pool_state[pooled], pool_ms[pooled], pool_next[pooled] = state, ms, bucket[ms >> bits]
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
                    batch[0, taken], batch[1, taken], batch[2, taken] = state, now_ms, node
                    batch[3, taken], batch[4, taken] = first[node], state_row[state]
                    taken += 1
        bucket[b] = entry
        if taken == 0:
            if entry < 0:
                b += 1
                if fresh and found >= k:
                    fresh = False
                    totals = np.empty(found, dtype=np.int32)
                    for i in range(found):
                        totals[i] = team_ms[known[i]]
                    best = np.max(totals) if found == k else np.partition(totals, k - 1)[k - 1]
                    limit = min(limit, np.int64(best))
            continue
        for i in range(taken):
            now_ms = batch[1, i]
            if label_ms[np.uint64(batch[0, i])] != now_ms:
                continue
            now_mm = label_mm[np.uint64(batch[0, i])]
            node, row = np.uint64(batch[2, i]), np.uint64(batch[4, i])
            start = np.int64(waiting[node])
            while start >= 0:
                turn_ms = np.int64(row_ms[batch[4, i] + start_step[start] - batch[3, i]])
                if turn_ms < -1:
                    turn_ms = -2 - turn_ms
                total_ms = now_ms + turn_ms + start_ms[start]
                total_mm = now_mm + start_mm[start]
                team = start_team[start]
                if turn_ms >= 0 and total_ms <= limit:
                    if team_ms[team] == UNREACHED:
                        known[found] = team
                        found += 1
                    if total_ms < team_ms[team] or (total_ms == team_ms[team] and total_mm < team_mm[team]):
                        team_ms[team], team_mm[team] = total_ms, total_mm
                        fresh = True
                start = np.int64(after[start])
            for step in range(np.uint64(batch[3, i]), np.uint64(first[node + ONE])):
                turn_ms = np.int64(row_ms[row])
                row += ONE
                then = np.uint64(step_state[step])
                if turn_ms < 0:
                    turn_ms, then = step_of(turn_ms, batch[0, i], step, then, jump_state, jump_step, jump_to)
                    if turn_ms < 0:
                        continue
                ms = now_ms + turn_ms + step_ms[step]
                if ms > label_ms[then] or ms > limit:
                    continue
                mm = now_mm + length_mm[np.uint64(in_arc[step])]
                if ms == label_ms[then] and mm >= label_mm[then]:
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
                label_ms[then], label_mm[then] = ms, mm
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
    for i in range(met):
        label_ms[touched[i]] = UNREACHED
        best_ms[state_node[touched[i]]] = UNREACHED
    return limit


@njit(nogil=True, cache=True)
def chain(waiting: Int32s, after: Int32s, node: Int32s) -> None:
    """Put start i at the head of the list of junction ``node[i]``, for every i in turn."""
    for i in range(len(node)):
        after[i] = waiting[node[i]]
        waiting[node[i]] = i


@njit(nogil=True, cache=True)
def straight_ahead(  # noqa: PLR0917 - columns
    node: int,
    arc: int,
    end_part_ms: int,
    end_mm: int,
    end_walk_ms: int,
    limit_ms: int,
    waiting: Int32s,
    after: Int32s,
    start_arc: Int32s,
    start_part_ms: Int32s,
    start_along_mm: Int32s,
    start_walk_ms: Int32s,
    start_team: Int32s,
    team_ms: Int32s,
    team_mm: Int64s,
) -> None:
    """Fill the teams that stand on an arc before a place on it: their ms and road mm straight along it."""
    start = waiting[node]
    while start >= 0:
        if start_arc[start] == arc and start_along_mm[start] <= end_mm:
            ms = np.int64(end_part_ms) - start_part_ms[start] + start_walk_ms[start] + end_walk_ms
            mm = end_mm - start_along_mm[start]
            team = start_team[start]
            if ms <= limit_ms and (ms < team_ms[team] or (ms == team_ms[team] and mm < team_mm[team])):
                team_ms[team], team_mm[team] = ms, mm
        start = after[start]
