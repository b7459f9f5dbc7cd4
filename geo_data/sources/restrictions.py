"""OSM turn restrictions as they are written: relations, their modes, and the hours of conditional ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from geo_data.graph import Hours
from geo_data.profiles import Profile

KINDS: Final = frozenset(
    {
        *("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit"),
        *("only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn"),
    }
)
"""The restrictions we know; others are no restriction."""

MEMBERS_MAX: Final = 64
"""A relation with more members is not read."""

DAY_MINUTES: Final = 1440
_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_EVERY_DAY: Final = 127
_CONDITION = re.compile(r"([a-z_]+)\s*@\s*(\([^()]*\)|[^;()]+)")
_TIMES = re.compile(r"^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$")


@dataclass(frozen=True, slots=True)
class Relation:
    """A restriction relation: its tags, and its members by role; ``via_node`` is an OSM id, or None."""

    tags: Mapping[str, str]
    from_ways: tuple[int, ...]
    via_node: int | None
    via_ways: tuple[int, ...]
    to_ways: tuple[int, ...]


class Order(NamedTuple):
    """What a relation says to one profile: a kind of ``KINDS``, and when (none: always)."""

    kind: str
    hours: tuple[Hours, ...]


def relation_of(tags: Mapping[str, str], members: Sequence[tuple[str, str, int]]) -> Relation | None:
    """Return the restriction that tags and members (type "n" or "w", role, id) make; None where one is missing.

    Missing are a from or to way, or a via: a restriction without them says nothing. Several from or to ways
    each count.
    """
    if len(members) > MEMBERS_MAX:
        return None
    ways: dict[str, list[int]] = {"from": [], "via": [], "to": []}
    via_node: int | None = None
    for kind, role, ref in members:
        if kind == "w" and role in ways:
            ways[role].append(ref)
        elif kind == "n" and role == "via":
            if via_node is not None:
                return None  # a chain of via nodes is no restriction that OSM defines
            via_node = ref
    if not ways["from"] or not ways["to"] or (via_node is None) == (not ways["via"]):
        return None
    return Relation(tags, tuple(ways["from"]), via_node, tuple(ways["via"]), tuple(ways["to"]))


def orders_for(relation: Relation, profile: Profile) -> Iterator[Order]:
    """Yield what a relation says to a profile.

    ``restriction`` speaks to all vehicles but those in ``except``; ``restriction:motorcar`` and the like to
    theirs, in place of the general one. Of conditional ones those count that a clock decides; others (wet,
    weight) do not. Kinds that the profile may pass are left out.
    """
    tags, said = relation.tags, ""
    excused = {mode.strip() for mode in re.split(r"[;,]", tags.get("except", ""))}
    if profile.obeys_restrictions and not excused & set(profile.restriction_modes):
        said = "restriction"
    for mode in profile.restriction_modes:
        if f"restriction:{mode}" in tags or f"restriction:{mode}:conditional" in tags:
            said = f"restriction:{mode}"
    if not said:
        return
    kind = tags.get(said, "").strip()
    if kind in KINDS and kind not in profile.passes_restrictions:
        yield Order(kind, ())
    for kind, condition in _CONDITION.findall(tags.get(f"{said}:conditional", "")):
        hours = parse_hours(condition)
        if kind in KINDS and kind not in profile.passes_restrictions and hours is not None:
            yield Order(kind, hours)


def parse_hours(text: str) -> tuple[Hours, ...] | None:
    """Return the hours of a condition such as ``(Mo-Fr 07:00-09:00,16:00-19:00; Sa 10:00-12:00)``.

    No hours mean always (``24/7``). None where a clock alone does not decide: holidays, seasons, weather, weights.
    """
    found: list[Hours] = []
    for rule in text.strip().strip("()").split(";"):
        words = re.sub(r"\s*([-,])\s*", r"\1", rule.strip()).split()
        if words == ["24/7"]:
            return ()
        if not words or len(words) > 2:
            return None
        days: int | None = _EVERY_DAY
        if not words[0][0].isdigit():
            days = _parse_days(words.pop(0))
        times = [_TIMES.match(part) for part in words[0].split(",")] if words else []
        if days is None or (words and not all(times)):
            return None
        spans = [(int(t[1]) * 60 + int(t[2]), int(t[3]) * 60 + int(t[4])) for t in times if t]
        if any(start >= DAY_MINUTES or end > DAY_MINUTES for start, end in spans):
            return None
        found.extend(Hours(days, start, end) for start, end in spans or [(0, DAY_MINUTES)])
    return tuple(found)


def _parse_days(text: str) -> int | None:
    """Return the days as bits, Monday 1; holidays beside days are left out, alone they are None."""
    bits = 0
    for part in text.split(","):
        if part in {"PH", "SH"}:
            continue
        ends = part.split("-")
        if len(ends) > 2 or any(end not in _DAYS for end in ends):
            return None
        first, last = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        for i in range((last - first) % 7 + 1):
            bits |= 1 << (first + i) % 7
    return bits or None
