"""The bucket queue that searches share: states are taken in batches; innermost loops put into it themselves.

An entry is a state and its key, a label as it was when the entry was put; ``key >> shift`` is its time in ms. A
bucket is a list in the pool (``pool_next``); ``free`` begins the list of entries that can be used again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.lanes import BATCH, ONE, Lanes
from geo_data.types import Int32s, Int64s


@njit(nogil=True, cache=True)
def roomy(values: Any, room: int) -> Any:
    """Return a copy of the values with room for as many as ``room``."""
    longer = np.empty(room, dtype=values.dtype)
    longer[: len(values)] = values
    return longer


@njit(nogil=True, cache=True)
def take(  # noqa: PLR0917 - columns
    lanes: Lanes,
    label: Any,
    best_ms: Int32s,
    bucket: Int32s,
    b: Any,
    pool_state: Int32s,
    pool_key: Any,
    pool_next: Int32s,
    free: np.int64,
    shift: int,
    batch: Int64s,
) -> tuple[int, int, np.int64]:
    """Take up to BATCH states out of bucket b; returns how many are to be followed, their steps, the free list.

    ``batch`` int64[5, BATCH] gets state, key, first step, step after the last, and row. Left out are entries
    whose label has been lowered since, and states that come too late.
    """
    taken, steps = 0, 0
    entry = np.int64(bucket[b])
    while entry >= 0 and taken < BATCH:
        at = np.uint64(entry)
        state, key = np.uint64(pool_state[at]), np.int64(pool_key[at])
        after = np.int64(pool_next[at])
        pool_next[at] = free
        free = entry
        entry = after
        if key == label[state]:
            node = np.uint64(lanes.state_node[state])
            slack = lanes.state_slack[state]
            if slack == 0 or (key >> shift) - best_ms[node] <= slack:
                batch[0, taken], batch[1, taken] = state, key
                batch[2, taken], batch[3, taken] = lanes.first[node], lanes.first[node + ONE]
                batch[4, taken] = lanes.state_row[state]
                steps += batch[3, taken] - batch[2, taken]
                taken += 1
    bucket[b] = entry
    return taken, steps, free


@njit(nogil=True, cache=True)
def put(  # noqa: PLR0917 - columns
    state: Any,
    key: Any,
    slot: Any,
    bucket: Int32s,
    pool_state: Int32s,
    pool_key: Any,
    pool_next: Int32s,
    pooled: np.int64,
    free: np.int64,
) -> tuple[np.int64, np.int64]:
    """Put a state into a bucket; the pool has room. Returns the entries used so far, and the free list."""
    if free >= 0:
        at = np.uint64(free)
        free = np.int64(pool_next[at])
    else:
        at = np.uint64(pooled)
        pooled += 1
    pool_state[at], pool_key[at], pool_next[at] = state, key, bucket[np.uint64(slot)]
    bucket[np.uint64(slot)] = np.int64(at)
    return pooled, free
