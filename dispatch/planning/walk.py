"""What one incident teaches: its walk through the house, and its clocks against its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.domain.state import Incident, Order
from dispatch.domain.walk import Step


@dataclass(frozen=True, slots=True)
class WalkLine:
    """One step: ``at_ms`` after the first note, None where it has not been done (or is not remembered)."""

    step: Step
    at_ms: float | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """An incident's legs in ms from its report; None where it has not come so far.

    ``met`` tells whether the first arrival was within the target of the place's tier.
    """

    offered_ms: int | None
    accepted_ms: int | None
    departed_ms: int | None
    arrived_ms: int | None
    reported_back_ms: int | None
    closed_ms: int | None
    met: bool | None


def clocks(incident: Incident, orders: Sequence[Order]) -> Clocks:
    """The legs of an incident: the earliest time of each over all its orders (签收 出警 到达 反馈)."""
    start = incident.reported_at_ms

    def first(name: str) -> int | None:
        times = [value for order in orders if (value := getattr(order, name)) is not None]
        return min(times) - start if times else None

    arrived = first("arrived_at_ms")
    return Clocks(
        offered_ms=first("offered_at_ms"),
        accepted_ms=first("accepted_at_ms"),
        departed_ms=first("departed_at_ms"),
        arrived_ms=arrived,
        reported_back_ms=first("reported_back_at_ms"),
        closed_ms=None if incident.closed_at_ms is None else incident.closed_at_ms - start,
        met=None if arrived is None else arrived <= incident.target_ms,
    )


def walk_steps(
    incident: Incident, orders: Sequence[Order], notes: Sequence[tuple[Step, float, str]]
) -> list[WalkLine]:
    """The thirteen steps in their order; each at its first note, with what all its notes say.

    ``notes`` are (step, monotonic seconds, detail) in the order they were made; the last step is this function.
    """
    start_s = min((at_s for _, at_s, _ in notes), default=0.0)
    lines = []
    for step in Step:
        mine = [(at_s, detail) for noted, at_s, detail in notes if noted is step]
        details = [detail for _, detail in mine if detail]
        at_ms = round((mine[0][0] - start_s) * 1000, 3) if mine else None
        lines.append(WalkLine(step, at_ms, "; ".join(dict.fromkeys(details))))
    legs = clocks(incident, orders)
    if legs.closed_ms is not None and notes:
        last_ms = (notes[-1][1] - start_s) * 1000
        met = "no arrival" if legs.met is None else ("target met" if legs.met else "target missed")
        told = f"accepted {_s(legs.accepted_ms)}, arrived {_s(legs.arrived_ms)}, closed {_s(legs.closed_ms)}; {met}"
        lines[-1] = WalkLine(Step.LEARN, round(last_ms, 3), told)
    return lines


def _s(value_ms: int | None) -> str:
    return "–" if value_ms is None else f"{value_ms / 1000:.1f} s"
