"""What the state is made of, and how one is made from another: a replay makes hundreds of thousands a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, dataclass_transform

R = TypeVar("R")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def record(kind: type[R]) -> type[R]:
    """Make a class a record: slots, keywords only, equal and hashed by value, frozen to the type checker.

    At run time it is a plain dataclass: one that guards itself takes four times as long to make. ``copy.copy``
    takes it slot by slot.
    """
    made: Any = dataclass(slots=True, kw_only=True, unsafe_hash=True)(kind)
    made.__copy__ = _copier(made)
    finished: type[R] = made
    return finished


def changed(known: R, **changes: Any) -> R:
    """A copy of a record with other values, as ``dataclasses.replace`` makes it, without asking each field.

    Raises AttributeError for a name that the record does not have.
    """
    made: R = known.__copy__()  # type: ignore[attr-defined]  # every record has it
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def _copier(kind: Any) -> Callable[[Any], Any]:
    """A function that copies a record slot by slot, written out for its class as ``dataclass`` writes __init__."""
    lines = [f"    made.{each.name} = known.{each.name}" for each in fields(kind)]
    space: dict[str, Any] = {"new": object.__new__, "kind": kind}
    exec("\n".join(["def copied(known):", "    made = new(kind)", *lines, "    return made"]), space)
    copied: Callable[[Any], Any] = space["copied"]
    return copied
