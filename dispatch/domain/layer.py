"""A thin layer over a mapping: what is written stays in the layer, what is not there is read from below."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Layer(MutableMapping[K, V]):
    """A writable view of ``below`` that leaves it as it was; nothing is deleted from it: facts stay."""

    def __init__(self, below: MutableMapping[K, V]) -> None:
        self._below = below
        self._own: dict[K, V] = {}
        self._new = 0

    def __getitem__(self, key: K) -> V:
        own = self._own.get(key)
        return own if own is not None else self._below[key]

    def __setitem__(self, key: K, value: V) -> None:
        if key not in self._own and key not in self._below:
            self._new += 1
        self._own[key] = value

    def __delitem__(self, key: K) -> None:
        raise AssertionError(f"{key!r} cannot be deleted: facts stay")

    def __iter__(self) -> Iterator[K]:
        yield from self._below
        yield from (key for key in self._own if key not in self._below)

    def __len__(self) -> int:
        return len(self._below) + self._new
