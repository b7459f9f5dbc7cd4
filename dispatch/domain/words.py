"""The base of all sets of words: states, triggers, codes, axes."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A word of a closed set: a string that is hashed as one, not by a call of Python code as ``StrEnum`` is."""

    __hash__ = str.__hash__
