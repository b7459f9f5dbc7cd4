"""How the order of what matters is written into one whole number a pair, so that a plain sum compares it all.

From the gravest class down, each class has the digits: needs left open, the summed time of those who miss
their target (lateness), disturbance, lost cover, time.
Below all classes come rest, the exact time where a rest window coarsens it, and a digit a need for the team's id.
Each digit is wide enough for the sum over all needs, so that no sum carries into the next.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from dispatch.assignment.appraisal import NUMBER_BITS, NUMBER_MASK, Appraisal
from dispatch.assignment.explain import Cover
from dispatch.assignment.problem import Policy, Rules, Unit

Parts = tuple[int, int, int, int]
"""Lateness, disturbance, loss and time of a pair, as they are summed and compared."""


Fixed = tuple[list[int], list[int], int]
"""What each team's key is beside a multiple of its ranking, in time and late; and that multiple when late."""


@dataclass(frozen=True, slots=True)
class Code:
    """The widths in bits of the digits of one question, and what else a pair's cost is read from."""

    grades: Sequence[int]
    widths: Parts
    rest_width: int
    exact_width: int
    id_width: int
    rest: Sequence[int]
    loss: Sequence[int]
    targets: Sequence[int]
    rules: Rules
    _fixed: dict[int, tuple[list[int], list[int], int]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @staticmethod
    def of(appraisals: Sequence[Appraisal], crew: Sequence[Unit], rules: Rules, cover: Cover | None) -> Code:
        """The code of one question; ``crew`` is sorted by id."""
        n = max(1, len(appraisals))
        known = sorted({appraisal.need.grade for appraisal in appraisals})
        extras_ms = [max([a.idle_ms, *a.extra_ms.values()]) for a in appraisals]
        most_extra_ms = max(extras_ms, default=0)
        most_ms = max((a.ranked[-1] >> NUMBER_BITS for a in appraisals if a.ranked), default=0) + most_extra_ms
        aware = rules.policy is Policy.COVERAGE
        loss = {team: hole.loss_micro for team, hole in cover.items()} if cover and aware else {}
        most = (most_ms, most_extra_ms, max(loss.values(), default=0))
        time, disturbance, hole = ((n * each).bit_length() for each in most)
        waits = {wait: rank for rank, wait in enumerate(sorted({unit.last_order_ms or 0 for unit in crew}))}
        return Code(
            grades=[known.index(appraisal.need.grade) for appraisal in appraisals],
            widths=(time, disturbance, hole, time) if aware else (0, 0, 0, time),
            rest_width=(n * len(waits)).bit_length(),
            exact_width=time if rules.rest_window_ms else 0,
            id_width=len(crew).bit_length(),
            rest=[waits[unit.last_order_ms or 0] for unit in crew],
            loss=[0 if unit.engagement is not None else loss.get(unit.team, 0) for unit in crew],
            targets=[appraisal.need.target_ms for appraisal in appraisals],
            rules=rules,
        )

    def parts(self, row: int, eta_ms: int, extra_ms: int, number: int) -> Parts:
        """What is summed of a pair; a team with a live order covers nothing, and its going loses none."""
        whole_ms, window_ms = eta_ms + extra_ms, self.rules.rest_window_ms
        time = whole_ms // window_ms if window_ms else whole_ms
        if self.rules.policy is not Policy.COVERAGE:
            return 0, 0, 0, time
        return (whole_ms if eta_ms > self.targets[row] else 0), extra_ms, self.loss[number], time

    def costs(self, row: int, appraisal: Appraisal, most: int | None = None) -> dict[int, int]:
        """The cost of each pair by its team's number, or of the ``most`` cheapest; no two are equal."""
        low = self.rest_width + self.exact_width
        if self.rules.rest_window_ms:
            keys = [self._key(row, appraisal, packed) for packed in appraisal.ranked]
        else:
            keys = self._plain_keys(row, appraisal, len(appraisal.ranked) if most is None else most)
        few = keys if most is None else sorted(keys)[:most]
        shift, place = self._shift(row), self._place(row)
        tail, low_mask = self.id_width * len(self.grades), (1 << low) - 1
        found = {}
        for key in few:
            number, whole = key & NUMBER_MASK, key >> NUMBER_BITS
            found[number] = whole >> low << shift | (whole & low_mask) << tail | number << place
        return found

    def _key(self, row: int, appraisal: Appraisal, packed: int) -> int:
        """The digits of one pair, its class and its team's place left out, and below them its team's number."""
        number, eta_ms = packed & NUMBER_MASK, packed >> NUMBER_BITS
        extra_ms = appraisal.extra_ms.get(number, appraisal.idle_ms)
        late_ms, disturbed_ms, loss, time = self.parts(row, eta_ms, extra_ms, number)
        _, disturbance, hole, width = self.widths
        inner = ((late_ms << disturbance | disturbed_ms) << hole | loss) << width | time
        exact_ms = eta_ms + extra_ms if self.exact_width else 0
        below = self.rest[number] << self.exact_width | exact_ms
        return (inner << self.rest_width + self.exact_width | below) << NUMBER_BITS | number

    def _plain_keys(self, row: int, appraisal: Appraisal, most: int) -> list[int]:
        """``_key`` of the pairs, at least of the ``most`` cheapest, where no rest window coarsens time.

        It is then a fixed number a team and a multiple of what the appraisal ranks by; only the few teams with a
        disturbance of their own are coded one by one. Whoever is late costs more than all who are in time.
        """
        idle_ms, ranked, target_ms = appraisal.idle_ms, appraisal.ranked, self.targets[row]
        aware = self.rules.policy is Policy.COVERAGE
        if idle_ms not in self._fixed:
            self._fixed[idle_ms] = self._fixed_keys(idle_ms)
        fixed, fixed_late, late_times = self._fixed[idle_ms]
        in_time = bisect_right(ranked, target_ms << NUMBER_BITS | NUMBER_MASK) if aware else len(ranked)
        shift = self.rest_width
        keys = [fixed[p & NUMBER_MASK] + (p << shift) for p in ranked[:in_time]]
        if in_time < most or target_ms < 0:
            keys += [fixed_late[p & NUMBER_MASK] + p * late_times for p in ranked[in_time:]]
        if appraisal.extra_ms:
            own = appraisal.extra_ms.keys()
            for at, packed in enumerate(ranked[: len(keys)]):
                if packed & NUMBER_MASK in own:
                    keys[at] = self._key(row, appraisal, packed)
        return keys

    def _fixed_keys(self, idle_ms: int) -> Fixed:
        """The fixed parts of the keys.

        The ranking has the number below the time: what it brings into the multiple is taken off here.
        """
        _, disturbance, hole, time = self.widths
        above = (idle_ms if self.rules.policy is Policy.COVERAGE else 0) << hole + time
        late = 1 << disturbance + hole + time + self.rest_width
        late_times = late + (1 << self.rest_width)
        fixed, fixed_late = [], []
        for number, (loss, rest) in enumerate(zip(self.loss, self.rest, strict=True)):
            inner = above + (loss << time) + idle_ms << self.rest_width | rest
            key = inner << NUMBER_BITS | number
            fixed.append(key - (number << self.rest_width))
            fixed_late.append(key + (idle_ms * late << NUMBER_BITS) - number * late_times)
        return fixed, fixed_late, late_times

    def without(self, row: int) -> int:
        """What it costs to leave a need open: more than any filling, less than leaving a graver one open."""
        return 1 << sum(self.widths) + self._shift(row) | len(self.rest) << self._place(row)

    def _shift(self, row: int) -> int:
        unfilled = len(self.grades).bit_length()
        tail = self.rest_width + self.exact_width + self.id_width * len(self.grades)
        return tail + (sum(self.widths) + unfilled) * (max(self.grades) - self.grades[row])

    def _place(self, row: int) -> int:
        return self.id_width * (len(self.grades) - 1 - row)

    def objective(self, appraisals: Sequence[Appraisal], chosen: Sequence[int | None]) -> tuple[int, ...]:
        """What an assignment costs, as a tuple to be compared: summed from the parts, not from the digits."""
        sums = [[0] * 5 for _ in range(max(self.grades, default=-1) + 1)]
        rest = exact = 0
        for row, (appraisal, number) in enumerate(zip(appraisals, chosen, strict=True)):
            if number is None:
                sums[self.grades[row]][0] += 1
                continue
            eta_ms = next(p >> NUMBER_BITS for p in appraisal.ranked if p & NUMBER_MASK == number)
            extra_ms = appraisal.extra_ms.get(number, appraisal.idle_ms)
            for at, part in enumerate(self.parts(row, eta_ms, extra_ms, number), 1):
                sums[self.grades[row]][at] += part
            rest += self.rest[number]
            exact += eta_ms + extra_ms if self.rules.rest_window_ms else 0
        return (*(part for grade in sums for part in grade), rest, exact)
