"""The hierarchy of a graph: contracted once, it ranks all teams of a desk in a tenth of a millisecond.

A search backward from an incident costs what lies around it, up to the whole city where every team is asked. A
contraction hierarchy (Geisberger et al. 2008) over the graph of states makes that two climbs of some hundred
nodes. It belongs to the travel times it was made from: a view of the graph with live changes has none, and is
searched.
"""

from __future__ import annotations

import math
import threading
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import BAN, RoadGraph
from geo_data.graph.turns import jump_value
from geo_data.kernels.contract import FAR, contract
from geo_data.kernels.hubs import KEY_BITS, KEY_MASK, Climb, key_of
from geo_data.kernels.lanes import lanes
from geo_data.types import UNREACHED, Int32s, Int64s

HIERARCHY_LIMIT_MS: Final = 6 * 3600 * 1000
"""The longest way that a hierarchy knows, 6 h; less where some road is faster than 1,590 m/s."""


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """The rank of each state of a graph, and the links up from each rank: along the ways, and against them.

    Ways longer than ``limit_ms`` are not in it. ``fingerprint`` tells the travel times and turns that it was made
    from.
    """

    rank: Int32s
    up: Climb
    down: Climb
    limit_ms: int
    fingerprint: int


def hierarchy(graph: RoadGraph) -> Hierarchy | None:
    """Return the hierarchy that a graph has been given, or None."""
    found: Hierarchy | None = graph.derived.get("hierarchy")
    return found


def give_hierarchy(graph: RoadGraph, made: Hierarchy | None = None) -> Hierarchy:
    """Give a graph its hierarchy, from now on used by every ranking: the one handed over, or a new one.

    Contracting takes some 50 µs a state (8 s for a city of 70,000 junctions) and lets other threads work. Raises
    GroundError where the one handed over was made from other travel times, and where the graph is so unlike roads
    that a hierarchy would be larger and slower than searches are.
    """
    if made is None:
        made = _contracted(graph)
    elif made.fingerprint != fingerprint(graph) or len(made.rank) != len(graph.state_node):
        raise GroundError("this hierarchy was made from other roads", "leave it out: it is made anew")
    graph.derived["hierarchy"] = made
    return made


def fingerprint(graph: RoadGraph) -> int:
    """Return the CRC-32 of all that a hierarchy rests on: states, turns, travel times and lengths."""
    crc = 0
    for column in (*lanes(graph, False), graph.length_mm):
        crc = zlib.crc32(np.ascontiguousarray(column).data, crc)
    return crc


def state_links(graph: RoadGraph) -> tuple[Int32s, Int32s, Int32s, Int64s]:
    """Return each allowed turn and the arc after it as a link: from state, to state, arc, ms of both together.

    Closed arcs and forbidden turns are left out. The law kept: Dijkstra over the links gives the times of
    ``reach``.
    """
    columns = lanes(graph, False)
    node = columns.state_node
    degree = np.diff(columns.first)[node].astype(np.int64)
    state = np.repeat(np.arange(len(node), dtype=np.int32), degree)
    place = np.arange(len(state)) - np.repeat(np.cumsum(degree) - degree, degree)
    arc = columns.first[node[state]] + place
    turn_ms = columns.row_ms[columns.state_row[state] + place].astype(np.int64)
    to = columns.step_state[arc]
    jumps = turn_ms < BAN
    if jumps.any():
        listed = columns.jump_state.astype(np.int64) * graph.n_arcs + columns.jump_step
        order = np.argsort(listed)
        asked = state[jumps].astype(np.int64) * graph.n_arcs + arc[jumps]
        to[jumps] = columns.jump_to[order[np.searchsorted(listed, asked, sorter=order)]]
        turn_ms[jumps] = jump_value(turn_ms[jumps])
    able = (turn_ms >= 0) & (columns.step_ms[arc] != UNREACHED)
    return state[able], to[able], arc[able].astype(np.int32), turn_ms[able] + columns.step_ms[arc[able]]


def _contracted(graph: RoadGraph) -> Hierarchy:
    state, to, arc, ms = state_links(graph)
    length_mm = graph.length_mm[arc].astype(np.int64)
    fastest = math.ceil(np.max(length_mm / ms, initial=1.0))
    # two climbs and a part of an arc at either end: their sum of lengths must not become a ms
    room_mm = KEY_MASK - 2 * int(graph.length_mm.max(initial=0))
    limit_ms = min(HIERARCHY_LIMIT_MS, max(0, room_mm // (2 * fastest) - 1))
    near = ms <= limit_ms
    key = (ms << KEY_BITS) + length_mm
    bound = int(key_of(limit_ms + 1, 0))
    n = len(graph.state_node)
    rank, kept = contract(n, state[near], to[near], key[near], bound)
    if np.any(rank < 0):
        raise GroundError(
            f"the '{graph.profile}' network has no hierarchy: its junctions are linked too much at random",
            "nothing needs to be done: rankings are searched, which takes longer",
        )
    count = int(kept.held[0])
    low, high, key = rank[kept.near[:count]], rank[kept.far[:count]], kept.key[:count]
    rises = low < high
    up = _climb(n, low[rises], high[rises], key[rises])
    down = _climb(n, high[~rises], low[~rises], key[~rises])
    return Hierarchy(rank, up, down, limit_ms, fingerprint(graph))


def _climb(n: int, low: Int32s, high: Int32s, key: Int64s) -> Climb:
    order = np.lexsort((high, low))
    first = np.searchsorted(low[order], np.arange(n + 1)).astype(np.int32)
    return Climb(first, high[order], key[order])


_KEPT = threading.local()


def climbing_room(n: int) -> tuple[Int64s, Int32s]:
    """Return this thread's scratch for climbs in n nodes: keys, FAR everywhere, and marks, 0 everywhere."""
    kept: tuple[Int64s, Int32s] | None = getattr(_KEPT, "room", None)
    if kept is None or len(kept[0]) < n:
        kept = np.full(n, FAR, dtype=np.int64), np.zeros(n, dtype=np.int32)
        _KEPT.room = kept
    return kept
