"""What a search's labels say: the time at a step, the steps that are entered, and the way that led there."""

from __future__ import annotations

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.cover import NO_LABEL, TEAM_BITS
from geo_data.kernels.lanes import Lanes, step_of
from geo_data.types import UNREACHED, Int32s, Int64s


@njit(nogil=True, cache=True)
def put(label_ms: Int32s, states: Int32s, state_ms: Int32s) -> None:
    """Write a search's labels into a clean workspace."""
    for i in range(len(states)):
        label_ms[states[i]] = state_ms[i]


@njit(nogil=True, cache=True)
def wipe(label_ms: Int32s, states: Int32s) -> None:
    """Make the workspace clean again."""
    for i in range(len(states)):
        label_ms[states[i]] = UNREACHED


@njit(nogil=True, cache=True)
def turns_onto(  # noqa: PLR0917 - columns
    lanes: Lanes, label_ms: Int32s, states: Int32s, state_ms: Int32s, node: Int32s, step: Int32s
) -> tuple[Int32s, Int32s]:
    """Return the ms at which steps out of junctions can be entered, UNREACHED if never, and from which state.

    ``label_ms`` is a clean workspace and is left clean; the state is -1 where there is none.
    """
    put(label_ms, states, state_ms)
    enter_ms = np.full(len(node), UNREACHED, dtype=np.int32)
    by = np.full(len(node), -1, dtype=np.int32)
    for i in range(len(node)):
        state = np.searchsorted(lanes.state_node, node[i])
        while state < len(lanes.state_node) and lanes.state_node[state] == node[i]:
            if label_ms[state] != UNREACHED:
                turn_ms = np.int64(lanes.row_ms[lanes.state_row[state] + step[i] - lanes.first[node[i]]])
                if turn_ms < -1:
                    turn_ms = -2 - turn_ms
                if turn_ms >= 0 and label_ms[state] + turn_ms < enter_ms[i]:
                    enter_ms[i], by[i] = label_ms[state] + turn_ms, state
            state += 1
    wipe(label_ms, states)
    return enter_ms, by


@njit(nogil=True, cache=True)
def steps_entered(
    lanes: Lanes, times: Int32s, states: Int32s, state_ms: Int32s, limit_ms: int
) -> tuple[Int32s, Int32s]:
    """Return each step that can be entered by ``limit_ms`` from labelled states, and when; each once.

    ``times`` is a clean workspace and is left clean.
    """
    put(times, states, state_ms)
    count = 0
    for s in range(len(states)):
        node = lanes.state_node[states[s]]
        count += lanes.first[node + 1] - lanes.first[node]
    steps = np.empty(count, dtype=np.int32)
    enter_ms = np.empty(count, dtype=np.int32)
    found = 0
    for s in range(len(states)):
        state = states[s]
        node = lanes.state_node[state]
        low = state
        seen = False
        while low > 0 and lanes.state_node[low - 1] == node:
            low -= 1
            seen = seen or times[low] != UNREACHED
        if seen:
            continue  # the junction's first labelled state speaks for all of them
        begin = lanes.first[node]
        for step in range(begin, lanes.first[node + 1]):
            best_ms = np.int64(UNREACHED)
            at = state
            while at < len(lanes.state_node) and lanes.state_node[at] == node:
                if times[at] != UNREACHED:
                    turn_ms = np.int64(lanes.row_ms[lanes.state_row[at] + step - begin])
                    if turn_ms < -1:
                        turn_ms = -2 - turn_ms
                    if turn_ms >= 0:
                        best_ms = min(best_ms, times[at] + turn_ms)
                at += 1
            if best_ms <= limit_ms and lanes.step_ms[step] != UNREACHED:
                steps[found], enter_ms[found] = step, best_ms
                found += 1
    wipe(times, states)
    return steps[:found].copy(), enter_ms[:found].copy()


@njit(nogil=True, cache=True)
def way_to(  # noqa: PLR0917 - columns
    lanes: Lanes,
    first_in: Int32s,
    in_arc: Int32s,
    tail: Int32s,
    times: Int32s,
    states: Int32s,
    state_ms: Int32s,
    state: int,
    seed_state: Int32s,
    seed_ms: Int32s,
) -> tuple[Int32s, int]:
    """Return the arcs of a fastest way from a seed to a state, the last first, and the index of the seed.

    ``lanes`` are those of a forward search, ``times`` is a clean workspace and is left clean. Of equally fast
    ways, the one over the first arcs is taken. The index is -1 where the labels are of another search.
    """
    put(times, states, state_ms)
    arcs = np.empty(64, dtype=np.int32)
    size = 0
    while True:
        for i in range(len(seed_state)):
            if seed_state[i] == state and seed_ms[i] == times[state]:
                wipe(times, states)
                return arcs[:size].copy(), i
        node = lanes.state_node[state]
        before, by = -1, -1
        for i in range(first_in[node], first_in[node + 1]):
            arc = in_arc[i]
            at = np.searchsorted(lanes.state_node, tail[arc])
            while before < 0 and at < len(lanes.state_node) and lanes.state_node[at] == tail[arc]:
                if times[at] != UNREACHED:
                    turn_ms = np.int64(lanes.row_ms[lanes.state_row[at] + arc - lanes.first[tail[arc]]])
                    then = np.uint64(lanes.step_state[arc])
                    if turn_ms < 0:
                        turn_ms, then = step_of(
                            turn_ms, at, arc, then, lanes.jump_state, lanes.jump_step, lanes.jump_to
                        )
                    if (
                        turn_ms >= 0
                        and np.int64(then) == state
                        and times[at] + turn_ms + lanes.step_ms[arc] == times[state]
                    ):
                        before, by = at, arc
                at += 1
        if before < 0:
            wipe(times, states)
            return arcs[:size].copy(), -1
        if size == len(arcs):
            longer = np.empty(2 * size, dtype=np.int32)
            longer[:size] = arcs
            arcs = longer
        arcs[size] = by
        size += 1
        state = before


@njit(nogil=True, cache=True)
def turn_labels(lanes: Lanes, label: Int64s, first_state: Int32s, step: int, node: int) -> np.int64:
    """Return the smallest label of ``cover`` with which a step out of a junction can be entered."""
    best = np.int64(NO_LABEL)
    for x in range(first_state[node], first_state[node + 1]):
        if label[x] != NO_LABEL:
            turn_ms = np.int64(lanes.row_ms[lanes.state_row[x] + step - lanes.first[node]])
            if turn_ms < -1:
                turn_ms = -2 - turn_ms
            if turn_ms >= 0:
                best = min(best, label[x] + (turn_ms << TEAM_BITS))
    return best
