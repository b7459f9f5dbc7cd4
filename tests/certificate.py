"""The certificate of the suite's searches: labels are checked where they are made, whatever the test asks.

A shortest-path tree proves itself: no allowed step lowers a label, and every label but a seed's has a step that
gives exactly it (Cormen et al., "shortest paths: the relaxation property"). Both are checked on all labels of a
search with plain array arithmetic over the columns that the search read; none of its code is used. That is done
for ``search_reach``, ``Coverage`` and the soonest labels of ``spread_k``. ``search_ranked`` is compared with such
labels in what it says is final, which must be enough, and an answer of a hierarchy with ``search_ranked``, wholly.
Not checked here: a search with a goal, and the teams of ``spread_k`` after the soonest.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from geo_data import coverage, nearest, reach
from geo_data.types import UNREACHED

LATE = np.int64(1) << 60
counted = {"reach": 0, "ranked": 0, "met": 0, "cover": 0, "cover_k": 0}
_LINKS: OrderedDict[int, tuple[Any, tuple[np.ndarray, ...]]] = OrderedDict()


def links(lanes: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every allowed turn with the step after it: from state, to state, ms; kept for a few graphs."""
    found = _LINKS.get(id(lanes))
    if found is not None and found[0] is lanes:
        return found[1]
    node = lanes.state_node.astype(np.int64)
    degree = np.diff(lanes.first.astype(np.int64))[node]
    state = np.repeat(np.arange(len(node)), degree)
    place = np.arange(len(state)) - np.repeat(np.cumsum(degree) - degree, degree)
    step = lanes.first[node[state]] + place
    turn = lanes.row_ms[lanes.state_row[state] + place].astype(np.int64)
    then = lanes.step_state[step].astype(np.int64)
    jump = {
        (s, x): t
        for s, x, t in zip(lanes.jump_state.tolist(), lanes.jump_step.tolist(), lanes.jump_to.tolist(), strict=True)
    }
    for i in np.flatnonzero(turn < -1).tolist():
        turn[i], then[i] = -2 - turn[i], jump[int(state[i]), int(step[i])]
    able = (turn >= 0) & (lanes.step_ms[step] != UNREACHED)
    made = state[able], then[able], turn[able] + lanes.step_ms[step[able]]
    _LINKS[id(lanes)] = (lanes, made)
    if len(_LINKS) > 4:
        _LINKS.popitem(last=False)
    return made


def certify(  # noqa: PLR0917 - columns
    lanes: Any, seed: Any, seed_label: Any, limit_ms: int, label: np.ndarray, bits: int = 0
) -> None:
    """Check the labels (time << bits, and below it the team) of all states, LATE where there is none."""
    state, then, ms = links(lanes)
    best = np.full(int(lanes.state_node.max()) + 1, LATE, dtype=np.int64)
    np.minimum.at(best, lanes.state_node, label)

    def of_use(at: np.ndarray, arriving: np.ndarray) -> np.ndarray:
        slack = lanes.state_slack[at]
        late = (arriving >> bits) - (best[lanes.state_node[at]] >> bits) > slack
        return (arriving >> bits <= limit_ms) & ~((slack > 0) & late)

    known = label != LATE
    assert np.all(label[known] >> bits <= limit_ms), "a label is beyond the limit"
    live = known[state]
    arriving, then = label[state[live]] + (ms[live] << bits), then[live]
    useful = of_use(then, arriving)
    assert np.all(label[then][useful] <= arriving[useful]), "a step lowers a label: it is no least time"
    seed, seed_label = np.asarray(seed, dtype=np.int64), np.asarray(seed_label, dtype=np.int64)
    begun = of_use(seed, seed_label)
    assert np.all(label[seed][begun] <= seed_label[begun]), "a seed is sooner than its label"
    tight = np.zeros(len(label), dtype=bool)
    tight[then[label[then] == arriving]] = True
    tight[seed[label[seed] == seed_label]] = True
    assert np.all(tight[known]), "a label has no step before it that gives it"


def _certified_reach(search: Callable[..., Any]) -> Callable[..., Any]:
    def run(lanes: Any, label_ms: Any, best_ms: Any, *rest: Any) -> Any:
        seed, seed_ms, limit_ms, _bits, goal_node, *_ = rest
        states, state_ms = search(lanes, label_ms, best_ms, *rest)
        label = np.full(len(lanes.state_node), LATE, dtype=np.int64)
        label[states] = state_ms
        if len(goal_node) == 0:  # with a goal, only what is sooner than the goal is final
            certify(lanes, seed, seed_ms, limit_ms, label)
            counted["reach"] += 1
        return states, state_ms

    return run


def _certified_ranked(search: Callable[..., Any]) -> Callable[..., Any]:
    """A ranking keeps no labels: a team's time must follow from those of a certified search."""

    def run(lanes: Any, length_mm: Any, in_arc: Any, label_ms: Any, best_ms: Any, *rest: Any) -> Any:
        _, seed, seed_ms, _, waiting, after, start_step, start_ms, _, team = rest[:10]
        team_ms, limit_ms, k, bits = rest[10], rest[12], rest[13], rest[14]
        expected = team_ms.astype(np.int64)
        none = np.empty(0, dtype=np.int32)
        final = search(lanes, length_mm, in_arc, label_ms, best_ms, *rest)
        states, state_ms = reach.search_reach(
            lanes, label_ms, best_ms, seed, seed_ms, limit_ms, bits, none, none, none
        )
        for state, ms in zip(states.tolist(), state_ms.tolist(), strict=True):
            node = int(lanes.state_node[state])
            start = int(waiting[node])
            while start >= 0:
                place = int(lanes.state_row[state]) + int(start_step[start]) - int(lanes.first[node])
                turn = int(lanes.row_ms[place])
                total = ms + max(turn, -2 - turn) + int(start_ms[start])
                if turn != -1 and total <= limit_ms:
                    expected[team[start]] = min(expected[team[start]], total)
                start = int(after[start])
        kth_ms = np.sort(expected)[k - 1] if k <= len(expected) else UNREACHED
        assert final >= min(limit_ms, kth_ms), "the search ended before the k fastest were final"
        told = np.minimum(team_ms, expected) <= final
        assert np.all(team_ms[told] == expected[told]), "a team's time is not that of the certified labels"
        counted["ranked"] += 1
        return final

    return run


def _certified_met(met: Callable[..., Any]) -> Callable[..., Any]:
    """What a hierarchy answers must be what a certified search answers, team by team."""

    def run(graph: Any, target: Any, roster: Any, limit_ms: int, ranks: Any) -> Any:
        found = met(graph, target, roster, limit_ms, ranks)
        wanted = nearest._searched(graph, target, roster, limit_ms, roster.size)
        np.testing.assert_array_equal(found[0], wanted[0], "a team's time is not that of a search")
        reached = wanted[0] != UNREACHED
        np.testing.assert_array_equal(found[1][reached], wanted[1][reached], "nor its length")
        counted["met"] += 1
        return found

    return run


def _certified_k(search: Callable[..., Any]) -> Callable[..., Any]:
    def run(lanes: Any, seed: Any, seed_label: Any, limit_ms: int, *rest: Any) -> Any:
        labels, ends = search(lanes, seed, seed_label, limit_ms, *rest)
        label = np.where(labels[:, 0] == coverage.NO_LABEL, LATE, labels[:, 0])
        certify(lanes, seed, seed_label, limit_ms, label, coverage.TEAM_BITS)
        counted["cover_k"] += 1
        return labels, ends

    return run


def _certified_cover(made: Callable[..., Any]) -> Callable[..., Any]:
    def run(self: Any, *arguments: Any) -> Any:
        result = made(self, *arguments)
        seed, mark = self._all_seeds()
        label = np.where(self.label == coverage.NO_LABEL, LATE, self.label)
        certify(self._lanes, seed, mark, self.limit_ms, label, coverage.TEAM_BITS)
        counted["cover"] += 1
        return result

    return run


@pytest.fixture(autouse=True)
def searches_are_certified(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand around the searches that a test makes in this process."""
    monkeypatch.setattr(reach, "search_reach", _certified_reach(reach.search_reach))
    monkeypatch.setattr(nearest, "search_ranked", _certified_ranked(nearest.search_ranked))
    monkeypatch.setattr(nearest, "_met", _certified_met(nearest._met))
    monkeypatch.setattr(coverage, "spread_k", _certified_k(coverage.spread_k))
    monkeypatch.setattr(coverage.Coverage, "__init__", _certified_cover(coverage.Coverage.__init__))
    monkeypatch.setattr(coverage.Coverage, "move", _certified_cover(coverage.Coverage.move))
    yield
