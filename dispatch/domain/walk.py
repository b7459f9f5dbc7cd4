"""The walk of one incident through the house: thirteen steps, numbered for ever."""

from __future__ import annotations

from enum import IntEnum


class Step(IntEnum):
    """What is done for one incident, from the report to what is learned from it."""

    REPORT = 1
    LOCATE = 2
    RECORD = 3
    REACH = 4
    CANDIDATES = 5
    ASSIGN = 6
    ORDER = 7
    APPEND = 8
    PUSH = 9
    ANSWERS = 10
    SILENCE = 11
    ARRIVE = 12
    LEARN = 13
