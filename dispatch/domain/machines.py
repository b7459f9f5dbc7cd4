"""What a state machine is here: one table of (state, trigger) → state, walked by all, drawn as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from dispatch.domain.words import Word

S = TypeVar("S", bound=Word)
T = TypeVar("T", bound=Word)


@dataclass(frozen=True)
class Machine(Generic[S, T]):
    """A finite machine given by its whole table; what is not in the table is not possible.

    A ``final`` state has no way out. A ``rest`` state has one, by which a mistake is undone, but asks nothing of
    anybody: it is not live either.
    """

    name: str
    first: S
    table: Mapping[tuple[S, T], S]
    final: frozenset[S]
    rest: frozenset[S] = frozenset()

    def next(self, state: S, trigger: T) -> S | None:
        """The state after ``trigger``, or None where the table has no such step."""
        return self.table.get((state, trigger))

    def allows(self, state: S, trigger: T) -> bool:
        """Whether the table has a step from ``state`` by ``trigger``."""
        return (state, trigger) in self.table

    def live(self, state: S) -> bool:
        """Whether ``state`` still asks something of somebody: it is neither final nor at rest."""
        return state not in self.final and state not in self.rest

    def mermaid(self) -> str:
        """The picture of the table, as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.first}"]
        lines += [f"    {source} --> {target}: {trigger}" for (source, trigger), target in self.table.items()]
        lines += [f"    {state} --> [*]" for state in sorted(self.final | self.rest)]
        return "\n".join(lines)
