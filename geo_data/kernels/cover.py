"""Which team is nearest to every arc, from scratch and after one team has moved.

A label is time and team in one integer, ``ms << 32 | team``: the smaller is the sooner, ties go to the lower team,
so the labels of all states are one fixed point, whatever order they were found in. Labels that come too late to
improve any turn of their junction are none (``NO_LABEL``): that makes them canonical, and incremental work equal
to a full one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.lanes import BATCH, ONE, POOL_START, Lanes, step_of
from geo_data.kernels.queue import put, roomy, take
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, Int32s, Int64s

TEAM_BITS: Final = 32
TEAM_MASK: Final = (1 << TEAM_BITS) - 1
NO_LABEL: Final = (UNREACHED << TEAM_BITS) | TEAM_MASK
BEYOND_MS: Final = MAX_TRAVEL_MS + 1
"""More than any limit: what a closed road takes, so that no sum runs over."""


@njit(nogil=True, cache=True)
def longer(values: Int64s) -> Int64s:
    """Return the values in an array twice as long."""
    grown = np.empty(2 * len(values), dtype=np.int64)
    grown[: len(values)] = values
    return grown


class Offers(NamedTuple):
    """Labels that the states of a batch offer to others: the state, its junction or -1 where no label is late."""

    state: Int32s
    node: Int32s
    label: Int64s


@njit(nogil=True, cache=True)
def offers_of(lanes: Lanes, batch: Int64s, taken: int, offers: Offers) -> np.uint64:
    """Write what the steps of a batch offer, and return how many; a banned turn offers nothing."""
    _, step_ms, step_state, _, _, _, jump_state, jump_step, jump_to, row_ms = lanes
    then_of, _, label_of = offers
    n = np.uint64(0)
    for i in range(taken):
        mark, row = batch[1, i], np.uint64(batch[4, i])
        for step in range(np.uint64(batch[2, i]), np.uint64(batch[3, i])):
            turn_ms = np.int64(row_ms[row])
            row += ONE
            then = np.uint64(step_state[step])
            if turn_ms < 0:
                turn_ms, then = step_of(turn_ms, batch[0, i], step, then, jump_state, jump_step, jump_to)
                if turn_ms < 0:
                    continue
            more_ms = min(turn_ms + step_ms[step], BEYOND_MS)
            then_of[n], label_of[n] = then, mark + (more_ms << TEAM_BITS)
            n += ONE
    return n


@njit(nogil=True, cache=True)
def better_offers(  # noqa: PLR0917 - columns
    lanes: Lanes, label: Int64s, best_ms: Int32s, end: int, offers: Offers, n: np.uint64
) -> np.uint64:
    """Keep the offers that lower a label, below ``end`` and not late, and return how many.

    Without branches: what hangs on memory far away is read for all of them at once, and guessed for none.
    """
    state_node, state_slack = lanes.state_node, lanes.state_slack
    then_of, node_of, label_of = offers
    kept = np.uint64(0)
    for i in range(n):
        then, new = np.uint64(then_of[i]), label_of[i]
        node, slack = np.uint64(state_node[then]), np.int64(state_slack[then])
        timely = (slack == 0) | ((new >> TEAM_BITS) - best_ms[node] <= slack)
        then_of[kept], node_of[kept], label_of[kept] = then, node if slack > 0 else -1, new
        kept += np.uint64((new < label[then]) & (new < end) & timely)
    return kept


@njit(nogil=True, cache=True)
def accept(  # noqa: PLR0917 - columns
    state_slack: Int32s,
    label: Int64s,
    best_ms: Int32s,
    offers: Offers,
    n: np.uint64,
    bits: int,
    bucket: Int32s,
    pool_state: Int32s,
    pool_label: Int64s,
    pool_next: Int32s,
    lowered: Int32s,
    used: tuple[np.int64, np.int64, np.int64],
) -> tuple[np.int64, np.int64, np.int64]:
    """Write offered labels and queue their states; ``used`` are entries, lowered states and the free list.

    ``used`` is returned. An offer that an earlier one of the same batch has beaten is left out.
    """
    then_of, node_of, label_of = offers
    pooled, met, free = used
    for i in range(n):
        then, new = np.uint64(then_of[i]), label_of[i]
        ms = new >> TEAM_BITS
        if new >= label[then]:
            continue
        if node_of[i] >= 0:
            node = np.uint64(node_of[i])
            if ms - best_ms[node] > state_slack[then]:
                continue
            best_ms[node] = min(ms, np.int64(best_ms[node]))
        label[then] = new
        lowered[met] = then
        met += 1
        pooled, free = put(then, new, ms >> bits, bucket, pool_state, pool_label, pool_next, pooled, free)
    return pooled, met, free


@njit(nogil=True, cache=True)
def spread(  # noqa: PLR0917 - columns
    lanes: Lanes, label: Int64s, best_ms: Int32s, seed_state: Int64s, seed_label: Int64s, limit_ms: int, bits: int
) -> Int32s:
    """Lower the labels as far as the seeds reach, and return the states whose label was lowered, some twice.

    ``best_ms`` is not below the earliest label of each junction, and is equal to it where states of the junction
    have a slack; it follows. Multi-source Dijkstra with the bucket queue of ``search_reach``.
    """
    state_node, state_slack = lanes.state_node, lanes.state_slack
    room = lowered_room = POOL_START + len(seed_state)
    bucket = np.full((limit_ms >> bits) + 1, -1, dtype=np.int32)
    pool_state = np.empty(room, dtype=np.int32)
    pool_label = np.empty(room, dtype=np.int64)
    pool_next = np.empty(room, dtype=np.int32)
    lowered = np.empty(lowered_room, dtype=np.int32)
    batch = np.empty((5, BATCH), dtype=np.int64)
    offers = _offers(POOL_START)
    pooled, met, free = np.int64(0), np.int64(0), np.int64(-1)
    b = np.int64(limit_ms >> bits)
    for i in range(len(seed_state)):
        state, mark = seed_state[i], seed_label[i]
        ms = mark >> TEAM_BITS
        late = state_slack[state] > 0 and ms - best_ms[state_node[state]] > state_slack[state]
        if ms > limit_ms or mark >= label[state] or late:
            continue
        best_ms[state_node[state]] = min(ms, np.int64(best_ms[state_node[state]]))
        label[state] = mark
        lowered[met] = state
        met += 1
        pooled, free = put(state, mark, ms >> bits, bucket, pool_state, pool_label, pool_next, pooled, free)
        b = min(b, ms >> bits)
    while b <= limit_ms >> bits:
        taken, more, free = take(
            lanes, label, best_ms, bucket, b, pool_state, pool_label, pool_next, free, TEAM_BITS, batch
        )
        if taken == 0 and bucket[b] < 0:
            b += 1
        if pooled + more > room:
            room = 2 * room + more
            pool_state, pool_label = roomy(pool_state, room), roomy(pool_label, room)
            pool_next = roomy(pool_next, room)
        if met + more > lowered_room:
            lowered_room = 2 * lowered_room + more
            lowered = roomy(lowered, lowered_room)
        if more > len(offers.state):
            offers = _offers(2 * more)
        n = offers_of(lanes, batch, taken, offers)
        n = better_offers(lanes, label, best_ms, (limit_ms + 1) << TEAM_BITS, offers, n)
        used, queue = (pooled, met, free), (bucket, pool_state, pool_label, pool_next)
        pooled, met, free = accept(state_slack, label, best_ms, offers, n, bits, *queue, lowered, used)
    return lowered[:met]


@njit(nogil=True, cache=True)
def _offers(room: int) -> Offers:
    return Offers(np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int64))


@njit(nogil=True, cache=True)
def withdraw(lanes: Lanes, label: Int64s, start_state: Int32s, team: int) -> Int64s:
    """Clear every label of a team, found by following it from where it stood; returns the cleared states."""
    first, _, step_state, state_node, state_row, _, jump_state, jump_step, jump_to, row_ms = lanes
    cleared = np.empty(POOL_START, dtype=np.int64)
    size = 0
    for i in range(len(start_state)):
        state = np.int64(start_state[i])
        if label[state] != NO_LABEL and label[state] & TEAM_MASK == team:
            label[state] = NO_LABEL
            if size == len(cleared):
                cleared = longer(cleared)
            cleared[size] = state
            size += 1
    at = 0
    while at < size:
        state = cleared[at]
        at += 1
        node = state_node[state]
        begin = first[node]
        row = state_row[state] - begin
        for step in range(begin, first[node + 1]):
            turn_ms = np.int64(row_ms[row + step])
            then = np.uint64(step_state[step])
            if turn_ms < 0:
                turn_ms, then = step_of(turn_ms, state, step, then, jump_state, jump_step, jump_to)
                if turn_ms < 0:
                    continue
            if label[then] != NO_LABEL and label[then] & TEAM_MASK == team:
                label[then] = NO_LABEL
                if size == len(cleared):
                    cleared = longer(cleared)
                cleared[size] = then
                size += 1
    return cleared[:size]


@njit(nogil=True, cache=True)
def refill(  # noqa: PLR0917 - columns
    lanes: Lanes,
    label: Int64s,
    best_ms: Int32s,
    first_state: Int32s,
    first_in: Int32s,
    in_arc: Int32s,
    tail: Int32s,
    cleared: Int64s,
    limit_ms: int,
) -> tuple[Int64s, Int64s]:
    """Return the labels that neighbours give to the junctions of cleared states, as seeds for ``spread``.

    Also sets ``best_ms`` of those junctions to what is left there.
    """
    _, step_ms, step_state, state_node, state_row, _, jump_state, jump_step, jump_to, row_ms = lanes
    state_of = np.empty(POOL_START, dtype=np.int64)
    label_of = np.empty(POOL_START, dtype=np.int64)
    size = 0
    for c in range(len(cleared)):
        node = state_node[cleared[c]]
        if best_ms[node] == -1:
            continue  # done with this junction
        best_ms[node] = -1
        for i in range(first_in[node], first_in[node + 1]):
            arc = in_arc[i]
            far = tail[arc]
            for x in range(first_state[far], first_state[far + 1]):
                if label[x] == NO_LABEL:
                    continue
                turn_ms = np.int64(row_ms[state_row[x] + arc - lanes.first[far]])
                then = np.uint64(step_state[arc])
                if turn_ms < 0:
                    turn_ms, then = step_of(turn_ms, x, arc, then, jump_state, jump_step, jump_to)
                    if turn_ms < 0:
                        continue
                more = turn_ms + step_ms[arc]
                if (label[x] >> TEAM_BITS) + more > limit_ms:
                    continue
                new = label[x] + (more << TEAM_BITS)
                if new < label[then]:
                    if size == len(state_of):
                        state_of, label_of = longer(state_of), longer(label_of)
                    state_of[size], label_of[size] = then, new
                    size += 1
    for c in range(len(cleared)):
        node = state_node[cleared[c]]
        if best_ms[node] == -1:
            best_ms[node] = UNREACHED
            for x in range(first_state[node], first_state[node + 1]):
                best_ms[node] = min(np.int64(best_ms[node]), label[x] >> TEAM_BITS)
    return state_of[:size], label_of[:size]


@njit(nogil=True, cache=True)
def settle_arcs(  # noqa: PLR0917 - columns
    lanes: Lanes,
    label: Int64s,
    best_ms: Int32s,
    first_state: Int32s,
    nodes: Int64s,
    limit_ms: int,
    arc_label: Int64s,
) -> None:
    """Drop labels that came too late at junctions, and work out the arcs that leave these; one named twice is well.

    ``arc_label`` is the label at an arc's far end by way of its near end; teams on the arc itself are not in it.
    """
    first, step_ms, _, _, state_row, state_slack, _, _, _, row_ms = lanes
    beyond = (limit_ms + 1) << TEAM_BITS
    for i in range(len(nodes)):
        node = np.uint64(nodes[i])
        begin, end = np.uint64(first[node]), np.uint64(first[node + ONE])
        for step in range(begin, end):
            arc_label[step] = NO_LABEL
        for x in range(np.uint64(first_state[node]), np.uint64(first_state[node + ONE])):
            mark = label[x]
            if mark == NO_LABEL:
                continue
            if state_slack[x] > 0 and (mark >> TEAM_BITS) - best_ms[node] > state_slack[x]:
                label[x] = NO_LABEL
                continue
            row = np.uint64(state_row[x])
            for step in range(begin, end):
                turn_ms = np.int64(row_ms[row])
                row += ONE
                if turn_ms < -1:
                    turn_ms = -2 - turn_ms
                new = mark + (min(turn_ms + step_ms[step], BEYOND_MS) << TEAM_BITS)
                now = arc_label[step]
                arc_label[step] = new if (turn_ms >= 0) & (new < now) & (new < beyond) else now


@njit(nogil=True, cache=True)
def put_label(labels: Int64s, new: int) -> bool:
    """Put a label into a rising list of the labels of k different teams; whether it has changed the list."""
    k = len(labels)
    team = new & TEAM_MASK
    if new >= labels[k - 1]:
        return False
    at = k - 1
    for i in range(k):
        if labels[i] != NO_LABEL and labels[i] & TEAM_MASK == team:
            if labels[i] <= new:
                return False
            at = i
            break
    while at > 0 and labels[at - 1] > new:
        labels[at] = labels[at - 1]
        at -= 1
    labels[at] = new
    return True


@njit(nogil=True, cache=True)
def spread_k(  # noqa: PLR0917 - columns
    lanes: Lanes, seed_state: Int64s, seed_label: Int64s, limit_ms: int, bits: int, k: int
) -> tuple[Int64s, Int64s]:
    """Return the k soonest labels of different teams at every state, and at the far end of every step.

    Both int64[…, k], rising, ``NO_LABEL`` where fewer come within the limit.
    """
    first, step_ms, step_state, state_node, state_row, _, jump_state, jump_step, jump_to, row_ms = lanes
    labels = np.full((len(state_node), k), NO_LABEL, dtype=np.int64)
    ends = np.full((len(step_ms), k), NO_LABEL, dtype=np.int64)
    bucket = np.full((limit_ms >> bits) + 1, -1, dtype=np.int64)
    pool_state = np.empty(POOL_START, dtype=np.int64)
    pool_label = np.empty(POOL_START, dtype=np.int64)
    pool_next = np.empty(POOL_START, dtype=np.int64)
    pooled, free = 0, -1
    for i in range(len(seed_state)):
        ms = seed_label[i] >> TEAM_BITS
        if ms > limit_ms or not put_label(labels[seed_state[i]], seed_label[i]):
            continue
        if pooled == len(pool_state):
            pool_state, pool_label, pool_next = longer(pool_state), longer(pool_label), longer(pool_next)
        pool_state[pooled], pool_label[pooled], pool_next[pooled] = seed_state[i], seed_label[i], bucket[ms >> bits]
        bucket[ms >> bits] = pooled
        pooled += 1
    b = 0
    while b <= limit_ms >> bits:
        entry = bucket[b]
        if entry < 0:
            b += 1
            continue
        bucket[b] = pool_next[entry]
        state, mark = pool_state[entry], pool_label[entry]
        pool_next[entry] = free
        free = entry
        current = False
        for i in range(k):
            current = current or labels[state, i] == mark
        if not current:
            continue
        node = state_node[state]
        row = state_row[state] - first[node]
        for step in range(first[node], first[node + 1]):
            turn_ms = np.int64(row_ms[row + step])
            then = np.uint64(step_state[step])
            if turn_ms < 0:
                turn_ms, then = step_of(turn_ms, state, step, then, jump_state, jump_step, jump_to)
                if turn_ms < 0:
                    continue
            ms = (mark >> TEAM_BITS) + turn_ms + step_ms[step]
            if ms > limit_ms:
                continue
            new = mark + ((turn_ms + step_ms[step]) << TEAM_BITS)
            put_label(ends[step], new)
            if not put_label(labels[then], new):
                continue
            if free >= 0:
                entry, free = free, pool_next[free]
            else:
                if pooled == len(pool_state):
                    pool_state, pool_label, pool_next = longer(pool_state), longer(pool_label), longer(pool_next)
                entry = pooled
                pooled += 1
            pool_state[entry], pool_label[entry], pool_next[entry] = then, new, bucket[ms >> bits]
            bucket[ms >> bits] = entry
    return labels, ends
