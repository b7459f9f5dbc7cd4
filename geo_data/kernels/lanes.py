"""What a search reads and writes: the columns of one direction, and a workspace that each thread keeps."""

from __future__ import annotations

import threading
from typing import Any, Final, NamedTuple

import numpy as np

from geo_data.graph.roads import RoadGraph
from geo_data.kernels.compiled import njit
from geo_data.types import MAX_TRAVEL_MS, UNREACHED, Int32s, Int64s

BUCKET_BITS: Final = 11
"""The queue's buckets are 2^11 ms wide, or wider where a limit would need more than ``BUCKETS_MAX``."""

BUCKETS_MAX: Final = 4096
POOL_START: Final = 4096
BATCH: Final = 64
"""How many states are taken from a bucket at once."""

ONE: Final = np.uint64(1)
"""Indices in hot loops are unsigned: Numba then need not ask whether they count from the end."""


class Lanes(NamedTuple):
    """The columns of one direction: step i costs ``step_ms[i]`` and leads to ``step_state[i]``.

    The steps out of junction v are ``first[v]``…``first[v + 1] - 1``: forward the arcs that leave it, backward
    those that enter it, in the order of ``in_arc``. The other columns are those of RoadGraph.
    """

    first: Int32s
    step_ms: Int32s
    step_state: Int32s
    state_node: Int32s
    state_row: Int32s
    state_slack: Int32s
    jump_state: Int32s
    jump_step: Int32s
    jump_to: Int32s
    row_ms: Int32s


def lanes(graph: RoadGraph, towards: bool) -> Lanes:
    """Return the lanes of a graph, forward or backward; made once a graph and kept with it."""
    key = "back" if towards else "forth"
    found: Lanes | None = graph.derived.get(key)
    if found is None:
        if towards:
            found = Lanes(
                graph.first_in,
                graph.travel_ms[graph.in_arc],
                graph.back_step_state,
                graph.back_state_node,
                graph.back_state_row,
                graph.back_state_slack,
                graph.back_jump_state,
                graph.back_jump_step,
                graph.back_jump_to,
                graph.row_ms,
            )
        else:
            found = Lanes(
                graph.first_out,
                graph.travel_ms,
                graph.step_state,
                graph.state_node,
                graph.state_row,
                graph.state_slack,
                graph.jump_state,
                graph.jump_step,
                graph.jump_to,
                graph.row_ms,
            )
        found = Lanes(*(column.view() for column in found))
        for column in found:  # one type for compiled code, whether the columns came from a file or not
            column.flags.writeable = False
        graph.derived[key] = found
    return found


class Workspace(NamedTuple):
    """Scratch labels of one thread: between searches UNREACHED everywhere (``mm``: anything; ``waiting``: -1)."""

    label_ms: Int32s
    best_ms: Int32s
    label_mm: Int64s
    waiting: Int32s


_KEPT = threading.local()


def workspace(graph: RoadGraph) -> Workspace:
    """Return this thread's workspace, at least as large as the graph needs; a search must leave it clean."""
    kept: Workspace | None = getattr(_KEPT, "workspace", None)
    states, nodes = max(len(graph.state_node), len(graph.back_state_node)), graph.n_nodes
    if kept is None or len(kept.label_ms) < states or len(kept.best_ms) < nodes:
        kept = Workspace(
            np.full(states, UNREACHED, dtype=np.int32),
            np.full(nodes, UNREACHED, dtype=np.int32),
            np.zeros(states, dtype=np.int64),
            np.full(nodes, -1, dtype=np.int32),
        )
        _KEPT.workspace = kept
    return kept


def bucket_bits(limit_ms: int) -> int:
    """Return the width of the queue's buckets as a power of two ms, for times up to ``limit_ms``."""
    bits = BUCKET_BITS
    while limit_ms >> bits >= BUCKETS_MAX:
        bits += 1
    return bits


@njit(nogil=True, cache=True, inline="always")
def step_of(  # noqa: PLR0917 - columns
    value: Any, state: Any, step: Any, usual: Any, jump_state: Int32s, jump_step: Int32s, jump_to: Int32s
) -> tuple[Any, Any]:
    """Return the cost and the next state of a turn whose row entry is negative; a banned turn costs -1."""
    if value == -1:
        return -1, usual
    at = np.searchsorted(jump_state, np.int64(state))
    while jump_state[at] != np.int64(state) or jump_step[at] != np.int64(step):
        at += 1
    return -2 - value, np.uint64(jump_to[at])


assert 2 * MAX_TRAVEL_MS < UNREACHED, "a sum of two times fits an int32"
