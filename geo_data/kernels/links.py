"""Lists that grow: the links of each node of a shrinking graph, side by side in one pool."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo_data.kernels.compiled import njit
from geo_data.kernels.queue import roomy
from geo_data.types import Int32s, Int64s


class Links(NamedTuple):
    """Links of node v are ``far[i]``, ``key[i]``, ``hops[i]``, i from ``first[v]`` to ``first[v] + size[v] - 1``.

    ``room[v]`` is how many may stand there, ``used`` int64[1] how much of the pool is taken.
    """

    first: Int64s
    size: Int32s
    room: Int32s
    far: Int32s
    key: Int64s
    hops: Int32s
    used: Int64s


@njit(nogil=True, cache=True)
def links_of(n: int, near: Int32s, far: Int32s, key: Int64s) -> Links:
    """Return the links of n nodes: one from ``near[i]`` to ``far[i]`` each, of one hop, the cheapest of equal ones.

    A link of a node to itself is left out.
    """
    size = np.zeros(n, dtype=np.int32)
    for v in near:
        size[v] += 1
    first = np.zeros(n, dtype=np.int64)
    room = size + 2
    total = 0
    for v in range(n):
        first[v] = total
        total += room[v]
    links = Links(
        first,
        np.zeros(n, dtype=np.int32),
        room,
        np.empty(2 * total, dtype=np.int32),
        np.empty(2 * total, dtype=np.int64),
        np.empty(2 * total, dtype=np.int32),
        np.array([total], dtype=np.int64),
    )
    for i in range(len(near)):
        if near[i] != far[i]:
            links = join(links, near[i], far[i], key[i], 1)
    return links


@njit(nogil=True, cache=True)
def join(links: Links, near: int, far: int, key: int, hops: int) -> Links:
    """Return the links with one more, or with a cheaper one where there was a dearer."""
    begin, size = links.first[near], links.size[near]
    for i in range(begin, begin + size):
        if links.far[i] == far:
            if key < links.key[i]:
                links.key[i], links.hops[i] = key, hops
            return links
    if size == links.room[near]:
        links = moved(links, near)
        begin = links.first[near]
    at = begin + size
    links.far[at], links.key[at], links.hops[at] = far, key, hops
    links.size[near] = size + 1
    return links


@njit(nogil=True, cache=True)
def moved(links: Links, near: int) -> Links:
    """Return the links with twice the room for those of one node."""
    begin, size, used = links.first[near], links.size[near], links.used[0]
    wanted = used + 2 * size
    if wanted > len(links.far):
        links = Links(
            links.first,
            links.size,
            links.room,
            roomy(links.far, 2 * wanted),
            roomy(links.key, 2 * wanted),
            roomy(links.hops, 2 * wanted),
            links.used,
        )
    for i in range(size):
        links.far[used + i] = links.far[begin + i]
        links.key[used + i] = links.key[begin + i]
        links.hops[used + i] = links.hops[begin + i]
    links.first[near], links.room[near], links.used[0] = used, 2 * size, wanted
    return links


@njit(nogil=True, cache=True)
def part(links: Links, near: int, far: int) -> None:
    """Take out the link to ``far``; the order of the others may change."""
    begin = links.first[near]
    last = begin + links.size[near] - 1
    for i in range(begin, last + 1):
        if links.far[i] == far:
            links.far[i], links.key[i], links.hops[i] = links.far[last], links.key[last], links.hops[last]
            links.size[near] -= 1
            return
