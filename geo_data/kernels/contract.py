"""Contraction: nodes are taken out one by one, and shortcuts keep every distance among the others.

Contraction hierarchies (Geisberger, Sanders, Schultes and Delling 2008). Keys are int64 and add up; which node
is next is told by how many links and hops its shortcuts would add for those that go, and by how many levels lie
below it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.heap import pop, push
from geo_data.kernels.links import Links, join, links_of, part
from geo_data.kernels.queue import roomy
from geo_data.types import Int32s, Int64s

FAR: Final = np.iinfo(np.int64).max
"""The key of what is not reached."""

WITNESSES: Final = 60
"""How many nodes a search for a way round may take; one too few costs a shortcut that is not needed, no more."""

HEAP: Final = 4096

LINKS_A_NODE: Final = 30
WORK_A_NODE: Final = 20_000
SMALL: Final = 10_000
PAIRS_MAX: Final = 1 << 20
"""When contracting is given up: links kept and left a node, links looked at a node, nodes counted at least, and
ways through one node. Porto by car keeps 7 links a node and looks at 1,800."""


class Scratch(NamedTuple):
    """What a search for ways round writes: keys of nodes (FAR between searches), those touched, and a heap.

    ``work`` int64[1] counts the links that were looked at. Where the heap is full, a node is not searched on
    from: a shortcut too many, no more.
    """

    key: Int64s
    touched: Int32s
    heap_key: Int64s
    heap_node: Int32s
    target: Int32s
    work: Int64s


@njit(nogil=True, cache=True)
def ways_round(  # noqa: PLR0917 - columns
    outs: Links, scratch: Scratch, source: int, without: int, bound: int, targets: int
) -> int:
    """Fill keys from ``source`` up to ``bound`` without one node; returns how many nodes were touched.

    ``scratch.target`` is 1 at the nodes wanted, of which there are ``targets``; the search ends when it has them.
    """
    key, touched = scratch.key, scratch.touched
    key[source] = 0
    touched[0] = source
    met, settled = 1, 0
    size = push(scratch.heap_key, scratch.heap_node, 0, 0, source)
    while size > 0 and settled < WITNESSES:
        top, node = scratch.heap_key[0], scratch.heap_node[0]
        size = pop(scratch.heap_key, scratch.heap_node, size)
        if top != key[node]:
            continue
        if top > bound:
            break
        settled += 1
        if scratch.target[node]:
            targets -= 1
            if targets == 0:
                break
        begin = outs.first[node]
        scratch.work[0] += outs.size[node]
        for i in range(begin, begin + outs.size[node]):
            far, then = outs.far[i], top + outs.key[i]
            if far == without or then > bound or then >= key[far]:
                continue
            if key[far] == FAR:
                touched[met] = far
                met += 1
            key[far] = then
            if size < len(scratch.heap_key):
                size = push(scratch.heap_key, scratch.heap_node, size, then, far)
    return met


@njit(nogil=True, cache=True)
def shortcuts(  # noqa: PLR0917 - columns
    outs: Links, ins: Links, v: int, bound: int, scratch: Scratch, found: Int64s
) -> int:
    """Find the shortcuts that taking out node v needs, none dearer than ``bound``; returns how many.

    The rows of ``found`` get from, to, key and hops.
    """
    out_begin, out_size = outs.first[v], outs.size[v]
    in_begin, in_size = ins.first[v], ins.size[v]
    scratch.work[0] += np.int64(out_size) * in_size
    dearest = np.int64(0)
    for j in range(out_begin, out_begin + out_size):
        dearest = max(dearest, outs.key[j])
        scratch.target[outs.far[j]] = 1
    count = 0
    for i in range(in_begin, in_begin + in_size):
        u, key = ins.far[i], ins.key[i]
        wanted = out_size - scratch.target[u]
        if wanted == 0:
            continue
        itself = scratch.target[u]
        scratch.target[u] = 0
        met = ways_round(outs, scratch, u, v, min(bound, key + dearest), wanted)
        scratch.target[u] = itself
        for j in range(out_begin, out_begin + out_size):
            w, then = outs.far[j], key + outs.key[j]
            if w != u and then <= bound and scratch.key[w] > then:
                found[0, count], found[1, count] = u, w
                found[2, count], found[3, count] = then, ins.hops[i] + outs.hops[j]
                count += 1
        for x in range(met):
            scratch.key[scratch.touched[x]] = FAR
    for j in range(out_begin, out_begin + out_size):
        scratch.target[outs.far[j]] = 0
    return count


@njit(nogil=True, cache=True)
def weight(  # noqa: PLR0917 - columns
    outs: Links, ins: Links, v: int, level: int, count: int, found: Int64s
) -> int:
    """Return how late a node should go: its level, and what its shortcuts add for what goes, times 1000."""
    gone = outs.size[v] + ins.size[v]
    gone_hops = 0
    for i in range(outs.first[v], outs.first[v] + outs.size[v]):
        gone_hops += outs.hops[i]
    for i in range(ins.first[v], ins.first[v] + ins.size[v]):
        gone_hops += ins.hops[i]
    hops = 0
    for i in range(count):
        hops += found[3, i]
    if gone == 0:
        return 1000 * level
    late: int = 1000 * level + (1000 * count) // gone + (1000 * hops) // gone_hops
    return late


@njit(nogil=True, cache=True)
def room_for(outs: Links, ins: Links, v: int, found: Int64s) -> Int64s:
    """Return ``found``, or a longer one where node v may need more shortcuts than it holds."""
    wanted = np.int64(outs.size[v]) * ins.size[v]
    return found if wanted <= found.shape[1] else np.empty((4, 2 * wanted), dtype=np.int64)


class Kept(NamedTuple):
    """The links that the hierarchy keeps, in a pool, and in ``held`` how many there are."""

    near: Int32s
    far: Int32s
    key: Int64s
    held: Int64s


@njit(nogil=True, cache=True)
def keep(  # noqa: PLR0917 - columns
    kept: Kept, links: Links, v: int, others: Links, level: Int32s, outward: bool
) -> Kept:
    """Return what is kept, the links of node v too; its neighbours forget it and get a level above its own."""
    begin, size, count = links.first[v], links.size[v], kept.held[0]
    if count + size > len(kept.near):
        room = 2 * (count + size)
        kept = Kept(roomy(kept.near, room), roomy(kept.far, room), roomy(kept.key, room), kept.held)
    for i in range(begin, begin + size):
        far = links.far[i]
        kept.near[count], kept.far[count] = (v, far) if outward else (far, v)
        kept.key[count] = links.key[i]
        count += 1
        level[far] = max(level[far], level[v] + 1)
        part(others, far, v)
    kept.held[0] = count
    return kept


@njit(nogil=True, cache=True)
def too_much(outs: Links, ins: Links, v: int, scratch: Scratch, links: int) -> bool:
    """Return whether to give up before node v is looked at, with so many links kept and left."""
    n = max(len(outs.size), SMALL)
    through = np.int64(outs.size[v]) * ins.size[v]
    return bool(through > PAIRS_MAX or links > LINKS_A_NODE * n or scratch.work[0] > WORK_A_NODE * n)


@njit(nogil=True, cache=True)
def contract(n: int, near: Int32s, far: Int32s, key: Int64s, bound: int) -> tuple[Int32s, Kept]:
    """Return the rank of each node, and every link of the hierarchy, the given ones included.

    The links given lead from ``near`` to ``far`` and have a key, 0 … bound. The law kept: for any two nodes the
    least sum of keys along the given links, where it is at most ``bound``, is that of a way along the returned
    ones that first climbs in rank and then descends. Roads contract well, a graph whose nodes are linked at
    random does not: there it gives up, after ten times the work that roads take at most, and ranks that were not
    given are -1.
    """
    outs, ins = links_of(n, near, far, key), links_of(n, far, near, key)
    scratch = Scratch(
        np.full(n, FAR, dtype=np.int64),
        np.empty(n, dtype=np.int32),
        np.empty(HEAP, dtype=np.int64),
        np.empty(HEAP, dtype=np.int32),
        np.zeros(n, dtype=np.int32),
        np.zeros(1, dtype=np.int64),
    )
    rank, level = np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.int32)
    found = np.empty((4, 256), dtype=np.int64)
    heap_key, heap_node = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int32)
    size, done, room, left = 0, 0, 4 * n + 16, np.sum(outs.size)
    kept = Kept(
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )
    for v in range(n):
        if too_much(outs, ins, v, scratch, 0):
            return rank, kept
        found = room_for(outs, ins, v, found)
        count = shortcuts(outs, ins, v, bound, scratch, found)
        size = push(heap_key, heap_node, size, weight(outs, ins, v, 0, count, found), v)
    while size > 0:
        v = heap_node[0]
        size = pop(heap_key, heap_node, size)
        if too_much(outs, ins, v, scratch, kept.held[0] + left):
            return rank, kept
        found = room_for(outs, ins, v, found)
        count = shortcuts(outs, ins, v, bound, scratch, found)
        late = weight(outs, ins, v, level[v], count, found)
        if size > 0 and late > heap_key[0]:
            size = push(heap_key, heap_node, size, late, v)
            continue
        rank[v] = done
        done += 1
        left -= outs.size[v] + ins.size[v]
        kept = keep(kept, outs, v, ins, level, True)
        kept = keep(kept, ins, v, outs, level, False)
        for i in range(count):
            before = outs.size[found[0, i]]
            outs = join(outs, found[0, i], found[1, i], found[2, i], found[3, i])
            ins = join(ins, found[1, i], found[0, i], found[2, i], found[3, i])
            left += outs.size[found[0, i]] - before
    return rank, kept
