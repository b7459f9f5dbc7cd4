"""From OSM restrictions and barriers to the turn rules of a graph: which sequences of arcs are forbidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from geo_data.graph import BAN, Hours, RoadGraph, TurnRules, angle_costs, with_turns
from geo_data.profiles import Profile
from geo_data.sources.restrictions import Relation, orders_for
from geo_data.types import Int64s

WAY_ARCS_MAX: Final = 200
"""The most arcs of a restriction's via ways; a longer one is not resolved."""

SEQUENCES_MAX: Final = 64
"""The most ways that one relation can mean; a relation that means more is not resolved."""

_EMPTY: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class TurnSource:
    """What a source says about turns: OSM ``node_id`` of its nodes, relations, and the tags of barrier nodes."""

    node_id: Int64s = field(default_factory=lambda: _EMPTY)
    relations: Sequence[Relation] = ()
    barriers: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


def turned_graph(graph: RoadGraph, profile: Profile, source: TurnSource, junction: Int64s) -> RoadGraph:
    """Return the graph with the turns of a profile; ``junction`` are the source's node indices of its junctions.

    A restriction whose ways or via the profile does not have is left out: it forbids what cannot be done.
    """
    found = _Finder(graph, source, junction)
    forbidden: set[tuple[int, ...]] = set()
    timed: list[tuple[tuple[int, ...], tuple[Hours, ...]]] = []
    for relation in source.relations:
        for kind, hours in orders_for(relation, profile):
            sequences = found.sequences(relation, kind)
            if hours:
                timed.extend((sequence, hours) for sequence in sequences)
            else:
                forbidden.update(sequences)
    cost_ms, gates = angle_costs(graph, profile.turns), _gates_ms(profile, source, junction)
    if profile.turns.free and not forbidden and not timed and not gates.any():
        return graph

    def with_gates(a: Int64s, b: Int64s) -> Int64s:
        ms, gate_ms = cost_ms(a, b), gates[graph.head[a]]
        back = graph.twin[a] == b
        through = np.where((gate_ms == BAN) | (ms == BAN), BAN, ms + gate_ms)
        shut = np.where(gate_ms == BAN, round(profile.turns.dead_end_s * 1000.0), ms)
        return np.where(back, shut, through)

    return with_turns(graph, TurnRules(with_gates, sorted(forbidden), sorted(timed)))


def barred_nodes(profile: Profile, source: TurnSource) -> Int64s:
    """Return the indices of nodes with a barrier that stops or delays the profile: they must be junctions."""
    found = [node for node, tags in source.barriers.items() if profile.barrier_ms(tags) != 0]
    return np.array(sorted(found), dtype=np.int64)


def _gates_ms(profile: Profile, source: TurnSource, junction: Int64s) -> Int64s:
    """Return the ms that passing each junction takes for its barrier, BAN where it cannot be passed."""
    gates = np.zeros(len(junction), dtype=np.int64)
    nodes = barred_nodes(profile, source)
    place = {int(node): i for i, node in enumerate(junction)} if len(nodes) else {}
    for node in nodes.tolist():
        if node in place:
            gates[place[node]] = profile.barrier_ms(source.barriers[node])
    return gates


class _Finder:
    """Finds the arcs that a relation means."""

    def __init__(self, graph: RoadGraph, source: TurnSource, junction: Int64s) -> None:
        self.graph = graph
        self.arc_way = graph.piece_way[graph.arc_piece]
        wanted = {way for r in source.relations for way in (*r.from_ways, *r.via_ways, *r.to_ways)}
        self.of_way: dict[int, list[int]] = {}
        for arc in np.flatnonzero(np.isin(self.arc_way, np.array(sorted(wanted), dtype=np.int64))).tolist():
            self.of_way.setdefault(int(self.arc_way[arc]), []).append(arc)
        vias = {r.via_node for r in source.relations if r.via_node is not None}
        self.of_node: dict[int, int] = {}
        if vias and len(source.node_id):
            ids = source.node_id[junction]
            for v in np.flatnonzero(np.isin(ids, np.array(sorted(vias), dtype=np.int64))).tolist():
                self.of_node[int(ids[v])] = v

    def sequences(self, relation: Relation, kind: str) -> set[tuple[int, ...]]:
        """Return the sequences of arcs that a relation of this kind forbids, none where it means no arcs."""
        meant: set[tuple[int, ...]] = set()
        for start in relation.from_ways:
            for end in relation.to_ways:
                meant |= self._meant(relation, start, end, kind)
        if len(meant) > SEQUENCES_MAX:
            return set()
        if kind.startswith("no_"):
            return meant
        return self._deviations(meant)

    def _meant(self, relation: Relation, start: int, end: int, kind: str) -> set[tuple[int, ...]]:
        """Return the ways from → via → to as sequences of arcs."""
        graph, starts = self.graph, self.of_way.get(start, [])
        if relation.via_node is not None:
            node = self.of_node.get(relation.via_node)
            if node is None:
                return set()
            found: set[tuple[int, ...]] = {
                (a, b) for a in starts for b in self._out(node) if graph.head[a] == node and self.arc_way[b] == end
            }
        else:
            found = set()
            for a in starts:
                self._follow((a,), relation.via_ways, 0, end, found)
        if start == end and relation.via_node is not None:
            # onto one's own way: forbidden is going back, prescribed is going on, whatever the turn is called
            back = kind.startswith("no_") or kind.endswith("u_turn")
            found = {s for s in found if (graph.twin[s[0]] == s[-1]) == back}
        return found

    def _follow(
        self, way: tuple[int, ...], vias: tuple[int, ...], at: int, end: int, found: set[tuple[int, ...]]
    ) -> None:
        """Add the ways that follow the via ways from the at-th on, in order and never back, to ``found``."""
        node = int(self.graph.head[way[-1]])
        if len(way) > WAY_ARCS_MAX or len(found) > SEQUENCES_MAX:
            return
        wanted = vias[at] if at < len(vias) else end
        begun = len(way) > 1 and at > 0
        for b in self._out(node):
            if self.graph.twin[way[-1]] == b and self.arc_way[b] != wanted:
                continue
            if self.arc_way[b] == wanted and at == len(vias):
                found.add((*way, b))
            elif self.arc_way[b] == wanted and self.graph.twin[way[-1]] != b and b not in way:
                self._follow((*way, b), vias, at + 1, end, found)
            elif begun and self.arc_way[b] == vias[at - 1] and self.graph.twin[way[-1]] != b and b not in way:
                self._follow((*way, b), vias, at, end, found)

    def _deviations(self, meant: set[tuple[int, ...]]) -> set[tuple[int, ...]]:
        """Return the sequences that leave the ways an only-restriction prescribes."""
        prefixes = {s[:k] for s in meant for k in range(1, len(s) + 1)}
        return {
            (*p, b)
            for p in prefixes
            if p not in meant
            for b in self._out(int(self.graph.head[p[-1]]))
            if (*p, b) not in prefixes
        }

    def _out(self, node: int) -> range:
        return range(int(self.graph.first_out[node]), int(self.graph.first_out[node + 1]))
