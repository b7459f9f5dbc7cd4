"""Turns compiled into search states: restrictions, turn costs and barriers as columns of a RoadGraph.

A search does not label junctions (too few: a turn depends on where one comes from) nor arcs (too many: most
junctions let everyone turn alike) but *states*: the arcs that enter a junction and may turn alike there, at the
same costs, share one. A plain junction has one state, so a graph without turn rules is searched as fast as if
there were no turns at all. A restriction over several ways adds a state for each arc of its way that remembers
having come that way (the automaton of Aho and Corasick 1975 over the forbidden sequences of arcs).

The costs of a state's turns are a row of ``row_ms``: entry ``state_row[s] + j`` is that of the turn to the j-th
arc out of the junction; ``BAN`` where it is forbidden, and ``jump_value(ms)`` where the arc leads to a state
listed in the jump table instead of its usual one. Backward searches have their own columns, the same on the
graph turned round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from geo_data.types import UNREACHED, Int32s, Int64s

BAN: Final = -1
"""Entry of ``row_ms`` of a turn that is forbidden."""

TURN_MS_MAX: Final = 600_000
"""The dearest turn, 10 min."""

_KEY_MAX: Final = 2**62

PairCost = Callable[[Int64s, Int64s], Int64s]


class Hours(NamedTuple):
    """When a timed restriction holds: bit 0 of ``days`` is Monday; minutes of a day, over midnight if to < from."""

    days: int
    from_min: int
    to_min: int


@dataclass(frozen=True, slots=True)
class TurnRules:
    """What is known of a graph's turns, by its arcs.

    ``cost_ms`` gives the ms (0…TURN_MS_MAX, or BAN) of turns from arcs ``a`` to arcs ``b`` that follow them.
    ``forbidden`` are sequences of two or more arcs, each following the one before, that no way may contain;
    ``timed`` are such sequences with the hours in which they are forbidden.
    """

    cost_ms: PairCost
    forbidden: Sequence[tuple[int, ...]] = ()
    timed: Sequence[tuple[tuple[int, ...], tuple[Hours, ...]]] = ()


class Side(NamedTuple):
    """One direction's columns, ``row_ms`` counted from 0, and its timed entries.

    Step i is the arc ``order[i]``: the steps out of a junction v are ``first[v]``…``first[v + 1] - 1``.
    """

    step_state: Int32s
    state_node: Int32s
    state_row: Int32s
    state_slack: Int32s
    jump_state: Int32s
    jump_step: Int32s
    jump_to: Int32s
    row_ms: Int32s
    timed: list[tuple[int, Hours]]


def jump_value(cost_ms: int) -> int:
    """Return the entry of ``row_ms`` of a turn that costs ``cost_ms`` and leads to a jump; its own inverse."""
    return -2 - cost_ms


def plain_side(first: Int32s, order: Int32s, into: Int32s) -> Side:
    """Return the columns of a direction without turn rules: one state a junction, all in one row of zeros."""
    nothing = np.empty(0, dtype=np.int32)
    n = len(first) - 1
    nodes = np.arange(n, dtype=np.int32)
    zeros = np.zeros(n, dtype=np.int32)
    rows = np.zeros(int(np.diff(first).max()), dtype=np.int32)
    return Side(into[order], nodes, zeros, zeros, nothing, nothing, nothing, rows, [])


def compile_side(first: Int32s, order: Int32s, into: Int32s, rules: TurnRules) -> Side:
    """Return the columns of a direction: arc x enters junction ``into[x]``, and ``order[first[v]:]`` leave v.

    Backward, pass the columns of ``in_arc`` and rules whose costs and sequences are turned round.
    """
    memory = _Memory(first, order, into, rules)
    enters = np.concatenate([into, [into[prefix[-1]] for prefix in memory.prefixes]]).astype(np.int64)
    arc = np.concatenate([np.arange(len(into)), [prefix[-1] for prefix in memory.prefixes]]).astype(np.int64)
    degree = np.diff(first).astype(np.int64)[enters]
    start = np.concatenate([[0], np.cumsum(degree)])
    source = np.repeat(np.arange(len(arc)), degree)
    leaves = order[np.arange(start[-1]) - np.repeat(start[:-1] - first[enters], degree)]
    entry = np.asarray(rules.cost_ms(arc[source], leaves.astype(np.int64)), dtype=np.int64)
    assert len(entry) == 0 or (entry.min() >= BAN and entry.max() <= TURN_MS_MAX), "a turn cost is out of range"
    mark = memory.write(entry, start)
    group, example = _alike(entry, start, degree, mark, memory.private)
    key = enters * (len(example) + 1) + group
    states, first_of, state_of = np.unique(key, return_index=True, return_inverse=True)
    row_of, row_ms = _rows(entry, start, degree, example)
    state_group = states % (len(example) + 1)
    state_node = (states // (len(example) + 1)).astype(np.int32)
    slack = _slack(entry, start, first_of, state_node, memory)
    jumps = sorted((int(state_of[x]), memory.step(x, y), int(state_of[to])) for x, y, to in memory.jumps)
    table = np.array(jumps, dtype=np.int32).reshape(-1, 3).T.copy()
    timed: list[tuple[int, Hours]] = []
    for (x, y), hours in memory.timed.items():
        at = int(row_of[group[x]]) + memory.place(x, y)
        timed.extend((at, each) for each in hours)
    return Side(
        state_of[order].astype(np.int32),
        state_node,
        row_of[state_group].astype(np.int32),
        slack,
        table[0],
        table[1],
        table[2],
        row_ms,
        timed,
    )


@dataclass(slots=True)
class _Memory:
    """What must be remembered of a way: instances of arcs (arcs first, then prefixes), their bans and jumps."""

    first: Int32s
    order: Int32s
    into: Int32s
    rules: TurnRules
    prefixes: list[tuple[int, ...]] = field(default_factory=list)
    bans: set[tuple[int, int]] = field(default_factory=set)
    jumps: list[tuple[int, int, int]] = field(default_factory=list)
    timed: dict[tuple[int, int], set[Hours]] = field(default_factory=dict)
    private: Int64s = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        forever = set(self.rules.forbidden)
        hours: dict[tuple[int, ...], set[Hours]] = {}
        for sequence, when in self.rules.timed:
            if sequence not in forever:
                hours.setdefault(sequence, set()).update(when)
        every = forever | set(hours)
        proper = sorted({s[:k] for s in every for k in range(2, len(s))})
        number = {prefix: len(self.into) + i for i, prefix in enumerate(proper)}
        self.prefixes = proper
        for history in sorted({s[:1] for s in every} | set(proper)):
            x = number.get(history, history[0])
            for y in self._out(history[-1]):
                way = (*history, y)
                tails = [way[i:] for i in range(len(way) - 1)]
                if any(t in forever for t in tails):
                    self.bans.add((x, y))
                    continue
                for t in tails:
                    if t in hours:
                        self.timed.setdefault((x, y), set()).update(hours[t])
                to = next((number[t] for t in tails if t in number), None)
                if to is not None:
                    self.jumps.append((x, y, to))
        # a pair that is forbidden to an arc is so to each memory of that arc: the loop above sees each tail

    def _out(self, arc: int) -> list[int]:
        node = self.into[arc]
        return [int(y) for y in self.order[self.first[node] : self.first[node + 1]]]

    def place(self, x: int, y: int) -> int:
        """Return the place of arc y in the row of instance x."""
        return self._out(self.arc(x)).index(y)

    def step(self, x: int, y: int) -> int:
        """Return the step that arc y is after instance x."""
        return int(self.first[self.into[self.arc(x)]]) + self.place(x, y)

    def arc(self, x: int) -> int:
        """Return the arc of an instance."""
        return x if x < len(self.into) else self.prefixes[x - len(self.into)][-1]

    def write(self, entry: Int64s, start: Int64s) -> set[int]:
        """Write bans and jumps into the entries; returns the instances that must not share their state."""
        for x, y in self.bans:
            entry[start[x] + self.place(x, y)] = BAN
        alone = {x for x, _ in self.timed} | set(range(len(self.into), len(self.into) + len(self.prefixes)))
        for x, y, _ in self.jumps:
            at = start[x] + self.place(x, y)
            if entry[at] != BAN:
                entry[at] = jump_value(int(entry[at]))
                alone.add(x)
        self.private = np.array(sorted(alone), dtype=np.int64)
        return alone


def _alike(entry: Int64s, start: Int64s, degree: Int64s, alone: set[int], private: Int64s) -> tuple[Int64s, Int64s]:
    """Return the number of each instance's row, alike rows sharing one, and an instance of each number."""
    kinds, kind = np.unique(entry, return_inverse=True)
    widest, base = int(degree.max(initial=0)), len(kinds) + 1
    group = degree.copy()
    if alone:
        group[private] += (np.arange(len(private)) + 1) * (widest + 1)
    highest = int(group.max(initial=0))
    for place in range(widest):
        if highest >= _KEY_MAX // base:  # numbered anew before they overflow
            group = np.unique(group, return_inverse=True)[1].astype(np.int64)
            highest = len(group)
        has = np.flatnonzero(degree > place)
        group *= base
        group[has] += kind[start[has] + place] + 1
        highest = highest * base + base
    _, example, group = np.unique(group, return_index=True, return_inverse=True)
    return group.astype(np.int64), example.astype(np.int64)


def _rows(entry: Int64s, start: Int64s, degree: Int64s, example: Int64s) -> tuple[Int64s, Int32s]:
    """Return where each row begins, and the rows end to end."""
    size = degree[example]
    begin = np.cumsum(size) - size
    within = np.arange(int(size.sum())) - np.repeat(begin, size)
    return begin, entry[np.repeat(start[example], size) + within].astype(np.int32)


def _slack(entry: Int64s, start: Int64s, first_of: Int64s, state_node: Int32s, memory: _Memory) -> Int32s:
    """Return how much later than another state of its junction a state can come and still be of use, in ms.

    0 where it is the only one, at least 1 otherwise; UNREACHED where it may always be. The law: if s comes more
    than ``slack[s]`` after some other state of the junction, all its turns are later than the same turns of that
    other.
    """
    alone = np.bincount(state_node, minlength=int(state_node.max(initial=0)) + 1)[state_node] == 1
    size = start[first_of + 1] - start[first_of]
    owner = np.repeat(np.arange(len(first_of)), size)
    begin = np.cumsum(size) - size
    place = np.arange(int(size.sum())) - np.repeat(begin, size)
    own = entry[np.repeat(start[first_of], size) + place]
    own = np.where(own < BAN, -2 - own, own)
    worst = np.where(own == BAN, np.int64(UNREACHED), own)
    instance = {int(x): i for i, x in enumerate(first_of)}
    for x, y in memory.timed:  # forbidden at some hours: as bad as a ban for whom it would excuse
        if x in instance:
            worst[begin[instance[x]] + memory.place(x, y)] = UNREACHED
    width = np.diff(memory.first).astype(np.int64)
    turn = (np.cumsum(width) - width)[state_node[owner]] + place
    most = np.zeros(int(width.sum()), dtype=np.int64)
    np.maximum.at(most, turn, worst)
    lag = np.where(own == BAN, 0, most[turn] - own)
    lag[(own != BAN) & (most[turn] == UNREACHED)] = UNREACHED
    slack = np.zeros(len(first_of), dtype=np.int64)
    np.maximum.at(slack, owner, lag)
    remembers = {memory.into[memory.arc(x)] for x, _, _ in memory.jumps}
    slack[np.isin(state_node, np.array(sorted(remembers), dtype=np.int64))] = UNREACHED
    slack = np.where(alone, 0, np.maximum(slack, 1))
    return slack.astype(np.int32)


def turned_rules(rules: TurnRules) -> TurnRules:
    """Return the rules as a backward search meets them: from b back to a, sequences from their end."""
    return TurnRules(
        lambda x, y: rules.cost_ms(y, x),
        [sequence[::-1] for sequence in rules.forbidden],
        [(sequence[::-1], hours) for sequence, hours in rules.timed],
    )


def free_turns(a: npt.NDArray[np.int64], _b: npt.NDArray[np.int64]) -> Int64s:
    """Return 0 ms for every turn."""
    return np.zeros(len(a), dtype=np.int64)
