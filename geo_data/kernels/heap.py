"""A binary min-heap of int64 keys in an array; a key is a time in ms above a 32-bit item."""

from __future__ import annotations

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.types import Int64s

ITEM_BITS = 32
ITEM_MASK = (1 << ITEM_BITS) - 1


@njit(nogil=True, cache=True)
def heap_push(heap: Int64s, size: int, key: int | np.int64) -> Int64s:
    """Put a key into ``heap[:size]`` and return the heap, twice as long where it was full."""
    if size == len(heap):
        longer = np.empty(2 * size, dtype=np.int64)
        longer[:size] = heap
        heap = longer
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= key:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = key
    return heap


@njit(nogil=True, cache=True)
def heap_pop(heap: Int64s, size: int) -> int:
    """Return the smallest key of ``heap[:size]``, size ≥ 1; the others are then in ``heap[:size - 1]``."""
    top: int = heap[0]
    size -= 1
    key = heap[size]
    at = 0
    below = 1
    while below < size:
        if below + 1 < size and heap[below + 1] < heap[below]:
            below += 1
        if key <= heap[below]:
            break
        heap[at] = heap[below]
        at = below
        below = 2 * at + 1
    heap[at] = key
    return top
