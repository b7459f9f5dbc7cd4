"""A slow and plain search over arcs, written for the tests: it shares no code with the kernels or their columns.

A label is a way's memory: its last arcs, as far back as some forbidden sequence may care. Turn costs and forbidden
sequences are dictionaries that the test made itself.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from geo_data.graph import Hours, RoadGraph, TurnCosts, TurnRules, angle_costs, with_turns
from geo_data.types import UNREACHED, ArcIdx, ArcPosition


class Slow:
    """Exact times on arcs: ``cost(a, b)`` is the ms of a turn or None, ``forbidden`` are sequences of arcs."""

    def __init__(
        self,
        graph: RoadGraph,
        cost: Callable[[int, int], int | None],
        forbidden: set[tuple[int, ...]],
        travel_ms: Mapping[int, int] | None = None,
    ) -> None:
        self.cost, self.forbidden = cost, forbidden
        self.tail, self.head = graph.tail.tolist(), graph.head.tolist()
        self.length_mm, self.against = graph.length_mm.tolist(), graph.arc_against.tolist()
        self.travel_ms = dict(enumerate(graph.travel_ms.tolist())) if travel_ms is None else dict(travel_ms)
        self.out: dict[int, list[int]] = {}
        for arc, node in enumerate(self.tail):
            if self.travel_ms[arc] < UNREACHED:
                self.out.setdefault(node, []).append(arc)
        self.prefixes = {s[:k] for s in forbidden for k in range(1, len(s))}

    def part_ms(self, p: ArcPosition) -> int:
        """Return the ms from the tail, rounded down from the start of the piece's geometry."""
        whole, length = self.travel_ms[p.arc], self.length_mm[p.arc]
        mm = self.mm(p)
        if length == 0:
            return whole * self.against[p.arc]
        return whole - whole * (length - mm) // length if self.against[p.arc] else whole * mm // length

    def mm(self, p: ArcPosition) -> int:
        return min(self.length_mm[p.arc], round(p.along_m * 1000))

    def walk_ms(self, p: ArcPosition) -> int:
        return round(p.offset_m / 1.4 * 1000)

    def entered(self, start: Sequence[ArcPosition], limit_ms: int) -> dict[int, int]:
        """Return when each arc can be entered at its tail, by plain Dijkstra."""
        heap: list[tuple[int, tuple[int, ...]]] = []
        for p in start:
            if self.travel_ms[p.arc] < UNREACHED:
                rest_ms = self.travel_ms[p.arc] - self.part_ms(p) + self.walk_ms(p)
                heapq.heappush(heap, (rest_ms, (p.arc,)))
        done: set[tuple[int, ...]] = set()
        entered: dict[int, int] = {}
        while heap:
            ms, memory = heapq.heappop(heap)
            if memory in done or ms > limit_ms:
                continue
            done.add(memory)
            for arc in self.out.get(self.head[memory[-1]], ()):
                turn_ms = self.cost(memory[-1], arc)
                way = (*memory, arc)
                tails = [way[i:] for i in range(len(way))]
                if turn_ms is None or any(t in self.forbidden for t in tails):
                    continue
                if arc not in entered or ms + turn_ms < entered[arc]:
                    entered[arc] = ms + turn_ms
                kept = next((t for t in tails if t in self.prefixes), (arc,))
                heapq.heappush(heap, (ms + turn_ms + self.travel_ms[arc], kept))
        return entered

    def at(self, start: Sequence[ArcPosition], end: Sequence[ArcPosition], entered: Mapping[int, int]) -> int:
        """Return the ms from start to end, ``entered`` being the start's; UNREACHED where there is no way."""
        best = UNREACHED
        for p in end:
            if self.travel_ms[p.arc] >= UNREACHED:
                continue
            if p.arc in entered:
                best = min(best, entered[p.arc] + self.part_ms(p) + self.walk_ms(p))
            for q in start:
                if q.arc == p.arc and self.mm(q) <= self.mm(p):
                    ride = self.part_ms(p) - self.part_ms(q)
                    best = min(best, ride + self.walk_ms(p) + self.walk_ms(q))
        return best

    def time(self, start: Sequence[ArcPosition], end: Sequence[ArcPosition], limit_ms: int) -> int:
        """Return the ms from start to end, UNREACHED beyond the limit."""
        ms = self.at(start, end, self.entered(start, limit_ms))
        return ms if ms <= limit_ms else UNREACHED


def random_rules(
    graph: RoadGraph, rng: np.random.Generator
) -> tuple[TurnRules, Callable[[int, int], int | None], set[tuple[int, ...]]]:
    """Return random turn rules: costs by angle or pair, bans, barred junctions, sequences of 2 to 5 arcs."""
    style = int(rng.integers(4))
    costs = TurnCosts(
        right_s=1.0,
        left_s=4.0,
        sharp_left_s=6.0,
        sharp_right_s=float(rng.integers(5)),
        dead_end_s=float(rng.integers(9)),
        back_s=[None, 0.0, 20.0][int(rng.integers(3))],
        keeps_right=bool(rng.integers(2)),
    )
    by_angle = angle_costs(graph, costs)
    barred = set(rng.choice(graph.n_nodes, graph.n_nodes // 15, replace=False).tolist())
    every = [(a, int(b)) for a in range(graph.n_arcs) for b in _out(graph, a)]
    pairs = np.array(every, dtype=np.int64).reshape(-1, 2)
    ms = by_angle(pairs[:, 0], pairs[:, 1]) if style & 1 else np.zeros(len(pairs), dtype=np.int64)
    if style & 2:
        ms = np.where(rng.random(len(pairs)) < 0.1, rng.integers(-1, 9000, len(pairs)), ms)
    ms[np.isin(graph.head[pairs[:, 0]], sorted(barred)) & (graph.twin[pairs[:, 0]] != pairs[:, 1])] = -1
    table = {pair: int(value) for pair, value in zip(every, ms, strict=True)}

    def cost_ms(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.array([table[x] for x in zip(a.tolist(), b.tolist(), strict=True)], dtype=np.int64)

    forbidden: set[tuple[int, ...]] = set()
    for _ in range(int(rng.integers(0, 40))):
        way = [int(rng.integers(graph.n_arcs))]
        for _ in range(int(rng.integers(1, 5))):
            out = _out(graph, way[-1])
            if len(out):
                way.append(int(rng.choice(out)))
        if len(way) > 1:
            forbidden.add(tuple(way))
    timed = [(s, (Hours(31, 420, 540),)) for s in sorted(forbidden)[::3]]
    always = forbidden - {s for s, _ in timed}
    rules = TurnRules(cost_ms, sorted(always), timed)

    def cost(a: int, b: int) -> int | None:
        value = table[a, b]
        return None if value < 0 else value

    return rules, cost, always


def _out(graph: RoadGraph, arc: int) -> np.ndarray:
    node = graph.head[arc]
    return np.arange(graph.first_out[node], graph.first_out[node + 1])


def with_random_rules(graph: RoadGraph, rng: np.random.Generator) -> tuple[RoadGraph, Slow]:
    """Return the graph under random rules, and the slow search under the same."""
    rules, cost, forbidden = random_rules(graph, rng)
    return with_turns(graph, rules), Slow(graph, cost, forbidden)


def lone_position(graph: RoadGraph, rng: np.random.Generator) -> tuple[ArcPosition, ...]:
    """Return one position in one direction only, often at an end of its arc."""
    arc = int(rng.integers(graph.n_arcs))
    share = float(rng.choice([0.0, 1.0, rng.random(), rng.random()]))
    return (ArcPosition(ArcIdx(arc), round(graph.arc_length_m(arc) * share, 3), float(rng.choice([0.0, 12.5]))),)
