"""What every part of the rig is given and gives back: ``run(effort) -> Finding``; the report is made of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much to do: ``short`` is the share of ``./run test``; ``seed`` makes a run repeatable where it can be.

    ``say`` tells progress in one line; ``folder`` is the part's own, empty, and gone afterwards.
    """

    seed: int
    short: bool
    folder: Path
    say: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a part did and what it found; ``broken`` is empty where every promise was kept.

    ``figures`` are counts under fixed names (kills, network_faults, acknowledged, lost, double_effects,
    double_assignments, runs, steps, …); each line of ``broken`` names the seed and says which promise fell.
    """

    part: str
    seed: int
    seconds: float
    figures: dict[str, int | float] = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What is worth telling besides: which part found which planted bug."""

    left_out: tuple[str, ...] = ()
    """What this machine could not do, and why: never silently."""


Part = Callable[[Effort], Finding]
