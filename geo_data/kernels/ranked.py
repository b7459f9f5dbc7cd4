"""Rank starts by one search backward from a target; labels are (time, road length), the smaller first."""

from __future__ import annotations

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.lanes import BATCH, ONE, POOL_START, Lanes, step_of
from geo_data.kernels.queue import put, roomy, take
from geo_data.types import UNREACHED, Int32s, Int64s


@njit(nogil=True, cache=True)
def follow_ranked(  # noqa: PLR0917 - columns
    lanes: Lanes,
    label_ms: Int32s,
    best_ms: Int32s,
    label_mm: Int64s,
    length_mm: Int32s,
    in_arc: Int32s,
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
        row, now_mm = np.uint64(batch[4, i]), label_mm[np.uint64(batch[0, i])]
        for step in range(np.uint64(batch[2, i]), np.uint64(batch[3, i])):
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
                touched[met] = then
                met += 1
            label_ms[then], label_mm[then] = ms, mm
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
    fresh = True
    for i in range(len(seed_state)):
        seed, ms, mm = np.int64(seed_state[i]), np.int64(seed_ms[i]), seed_mm[i]
        if ms > limit or ms > label_ms[seed] or (ms == label_ms[seed] and mm >= label_mm[seed]):
            continue
        if label_ms[seed] == UNREACHED:
            touched[met] = seed  # a target has few positions
            met += 1
        label_ms[seed], label_mm[seed] = ms, mm
        best_ms[state_node[seed]] = min(ms, np.int64(best_ms[state_node[seed]]))
        pooled, free = put(seed, ms, ms >> bits, bucket, pool_state, pool_ms, pool_next, pooled, free)
    b = np.int64(0)
    starts = (waiting, after, start_step, start_ms, start_mm, start_team)
    while b <= limit >> bits:
        taken, more, free = take(
            lanes, label_ms, best_ms, bucket, b, pool_state, pool_ms, pool_next, free, 0, batch
        )
        if taken == 0 and bucket[b] < 0:
            b += 1
            if fresh:
                fresh, limit = False, min(limit, kth_ms(team_ms, k))
        if max(pooled, met) + more > room:
            room = 2 * room + more
            touched, pool_state = roomy(touched, room), roomy(pool_state, room)
            pool_ms, pool_next = roomy(pool_ms, room), roomy(pool_next, room)
        fresh |= meet(lanes, batch, taken, label_mm, starts, team_ms, team_mm, limit)
        used = (pooled, met, free)
        pooled, met, free = follow_ranked(
            lanes,
            label_ms,
            best_ms,
            label_mm,
            length_mm,
            in_arc,
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
    for i in range(met):
        label_ms[touched[i]] = UNREACHED
        best_ms[state_node[touched[i]]] = UNREACHED
    return limit


@njit(nogil=True, cache=True)
def meet(  # noqa: PLR0917 - columns
    lanes: Lanes,
    batch: Int64s,
    taken: int,
    label_mm: Int64s,
    starts: tuple[Int32s, ...],
    team_ms: Int32s,
    team_mm: Int64s,
    limit_ms: np.int64,
) -> bool:
    """Lower the times of the teams that wait at the junctions of a batch; whether any fell."""
    waiting, after, start_step, start_ms, start_mm, start_team = starts
    fell = False
    for i in range(taken):
        start = np.int64(waiting[np.uint64(lanes.state_node[np.uint64(batch[0, i])])])
        while start >= 0:
            turn_ms = np.int64(lanes.row_ms[batch[4, i] + start_step[start] - batch[2, i]])
            if turn_ms != -1:
                total_ms = batch[1, i] + max(turn_ms, -2 - turn_ms) + start_ms[start]
                total_mm = label_mm[batch[0, i]] + start_mm[start]
                team = start_team[start]
                sooner = total_ms < team_ms[team] or (total_ms == team_ms[team] and total_mm < team_mm[team])
                if total_ms <= limit_ms and sooner:
                    team_ms[team], team_mm[team] = total_ms, total_mm
                    fell = True
            start = np.int64(after[start])
    return fell


@njit(nogil=True, cache=True)
def kth_ms(team_ms: Int32s, k: int) -> np.int64:
    """Return the k-th smallest of the teams' times, UNREACHED where fewer than k are known."""
    known = np.sum(team_ms != UNREACHED)
    if known < k:
        return np.int64(UNREACHED)
    totals = team_ms[team_ms != UNREACHED]
    return np.int64(np.max(totals) if known == k else np.partition(totals, k - 1)[k - 1])


@njit(nogil=True, cache=True)
def chain(waiting: Int32s, after: Int32s, node: Int32s) -> None:
    """Put start i at the head of the list of junction ``node[i]``, for every i in turn."""
    for i in range(len(node)):
        after[i] = waiting[node[i]]
        waiting[node[i]] = i


@njit(nogil=True, cache=True)
def straight_ahead(  # noqa: PLR0917 - columns
    ends: Int64s, limit_ms: int, waiting: Int32s, table: Int32s, team_ms: Int32s, team_mm: Int64s
) -> None:
    """Fill the teams that stand on an arc before a place on it: their ms and road mm straight along it.

    A column of ``ends`` is a place: tail, head, arc, ms and mm from the tail, ms off the road; the rows of
    ``table`` are those of a Roster.
    """
    for e in range(ends.shape[1]):
        start = waiting[ends[1, e]]
        while start >= 0:
            if table[5, start] == ends[2, e] and table[7, start] <= ends[4, e]:
                ms = ends[3, e] - table[6, start] + table[8, start] + ends[5, e]
                mm = ends[4, e] - table[7, start]
                team = table[4, start]
                if ms <= limit_ms and (ms < team_ms[team] or (ms == team_ms[team] and mm < team_mm[team])):
                    team_ms[team], team_mm[team] = ms, mm
            start = table[0, start]
