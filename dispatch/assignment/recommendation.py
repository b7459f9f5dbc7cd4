"""What the desk would do for one incident now, among all that are open, and what the other policy would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatch.assignment.joint import Assigned, Row, assign
from dispatch.assignment.problem import Need, Policy, Rules, Unit
from dispatch.assignment.times import Times
from dispatch.domain.events import Candidate
from dispatch.domain.types import IncidentId


@dataclass(frozen=True, slots=True)
class Recommended:
    """One need's row of the joint decision; ``other`` is whom ``other_policy`` would send for the same need."""

    row: Row
    other_policy: Policy
    other: Candidate | None


def recommend(
    incident: IncidentId,
    needs: Sequence[Need],
    units: Sequence[Unit],
    times: Times,
    *,
    rules: Rules,
) -> list[Recommended]:
    """The rows of one incident out of the joint decision over all needs, under both policies."""
    other_policy = Policy.NEAREST if rules.policy is Policy.COVERAGE else Policy.COVERAGE
    found = assign(needs, units, times, rules)
    others = assign(needs, units, times, replace(rules, policy=other_policy))
    return [
        Recommended(row, other_policy, other.candidate if isinstance(other, Assigned) else None)
        for row, other in zip(found.rows, others.rows, strict=True)
        if row.need.incident == incident
    ]
