"""A binary min-heap in two arrays: keys of any integer kind, and the items that go with them.

Where the items are the keys, the same array is handed over for both.
"""

from __future__ import annotations

from geo_data.kernels.compiled import njit
from geo_data.types import Int32s, Int64s


@njit(nogil=True, cache=True)
def push(heap_key: Int64s | Int32s, heap_item: Int32s, size: int, key: int, item: int) -> int:
    """Put an item into a heap of ``size`` items that has room; returns its new size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap_key[above] <= key:
            break
        heap_key[at], heap_item[at] = heap_key[above], heap_item[above]
        at = above
    heap_key[at], heap_item[at] = key, item
    return size + 1


@njit(nogil=True, cache=True)
def pop(heap_key: Int64s | Int32s, heap_item: Int32s, size: int) -> int:
    """Take the top, ``heap_item[0]``, out of a heap of size ≥ 1; returns its new size."""
    size -= 1
    key, item = heap_key[size], heap_item[size]
    at, below = 0, 1
    while below < size:
        if below + 1 < size and heap_key[below + 1] < heap_key[below]:
            below += 1
        if key <= heap_key[below]:
            break
        heap_key[at], heap_item[at] = heap_key[below], heap_item[below]
        at = below
        below = 2 * at + 1
    heap_key[at], heap_item[at] = key, item
    return size
