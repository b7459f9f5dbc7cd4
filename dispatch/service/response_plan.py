"""Response plans: how much force an incident of each kind is sent, in which waves, and what calls the next wave.

Place tier, wave and urgency are three axes: the tier sets the target, the plan sets the waves, the urgency says
which of them go at once. A plan is data, read from one TOML file; this module turns its text into records, or says
what is wrong with it and where.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dispatch.domain.errors import SetupError
from dispatch.domain.types import IncidentKind, TeamKind, Urgency, Wave
from dispatch.domain.words import Word

MAX_TEAMS: Final = 12
MAX_SKILLS: Final = 8
WAVES: Final = tuple(Wave)


class Opens(Word):
    """What lets a wave follow the one before it."""

    SILENT = "silent"
    LATE = "late"
    HELP = "help"
    UNFILLED = "unfilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    """One wave: ``teams`` teams of any of ``classes`` (empty: any), each with all of ``skills``.

    ``accept_within_ms`` and ``late_after_ms`` are None where the desk's own time and the place's target hold.
    ``opens`` lets it follow the wave before; ``at_once`` lets it go with the report from this urgency up.
    """

    wave: Wave
    teams: int = 1
    classes: frozenset[TeamKind] = frozenset()
    skills: frozenset[str] = frozenset()
    vehicle: str | None = None
    staff: int = 1
    accept_within_ms: int | None = None
    late_after_ms: int | None = None
    opens: frozenset[Opens] = frozenset()
    at_once: Urgency | None = None


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """The waves of one kind of incident, W1 first and without a gap."""

    waves: tuple[WavePlan, ...]

    def wave(self, wave: Wave) -> WavePlan | None:
        """The plan of a wave, or None where this kind has no such wave."""
        number = WAVES.index(wave)
        return self.waves[number] if number < len(self.waves) else None

    def after(self, wave: Wave) -> WavePlan | None:
        """The plan of the wave that follows ``wave``, or None."""
        number = WAVES.index(wave) + 1
        return self.waves[number] if number < len(self.waves) else None


ONE_TEAM: Final = ResponsePlan((WavePlan(wave=Wave.W1),))
"""The nearest team of any class, and nobody else: what holds where no plan is given."""


@dataclass(frozen=True, slots=True)
class ResponsePlans:
    """The plan of every kind of incident; a kind without one of its own has ``default``."""

    kinds: Mapping[IncidentKind, ResponsePlan] = field(default_factory=dict)
    default: ResponsePlan = ONE_TEAM

    def of(self, kind: IncidentKind) -> ResponsePlan:
        """The plan of a kind."""
        return self.kinds.get(kind, self.default)


class PlanError(SetupError):
    """A response plan cannot be used; the message names file, line and key, and says what to do."""


_KEYS: Final = (
    "wave",
    "teams",
    "classes",
    "skills",
    "vehicle",
    "staff",
    "accept_within_s",
    "late_after_s",
    "opens",
    "at_once",
)


def parse_plans(text: str, name: str) -> ResponsePlans:
    """The plans of a TOML text; ``name`` is what errors call it. Every kind of incident must have its table.

    Raises PlanError on the first thing that cannot be used.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{name} is no TOML ({error}): mend that line") from error
    except RecursionError as error:
        raise PlanError(
            f"{name} has lists or tables too deep in one another: a plan needs one table a wave"
        ) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise PlanError(f"{name} has a number that cannot be read ({error}): shorten it") from error
    reader = _Reader(text, name)
    for kind in document:
        if kind not in set(IncidentKind):
            raise reader.error(f"[{kind}", kind, f"is no kind of incident: use {_listed(IncidentKind)}")
    for kind in IncidentKind:
        if kind not in document:
            raise PlanError(f"{name} has no plan for {kind}: add a table [[{kind}.wave]]")
    return ResponsePlans({kind: reader.plan(kind, document[kind]) for kind in IncidentKind})


def _listed(words: type[Word]) -> str:
    return ", ".join(str(word) for word in words)


class _Reader:
    """Turns parsed tables into records; knows the text, so that an error can name its line."""

    def __init__(self, text: str, name: str) -> None:
        self._lines, self._name = text.splitlines(), name

    def error(self, header: str, key: str, rule: str, nth: int = 0) -> PlanError:
        """What is wrong with ``key`` in the ``nth`` table that begins with ``header``."""
        starts = [number for number, line in enumerate(self._lines, 1) if line.strip().startswith(header)]
        first = starts[nth] if nth < len(starts) else 1
        for number, line in enumerate(self._lines[first:], first + 1):
            if line.strip().startswith("["):
                break
            if line.split("=")[0].strip() == key:
                first = number
                break
        return PlanError(f"{self._name} line {first}: {key} {rule}")

    def plan(self, kind: IncidentKind, table: Any) -> ResponsePlan:
        header = f"[[{kind}.wave"
        waves = table.get("wave") if isinstance(table, dict) else None
        if not isinstance(waves, list) or not waves or set(table) != {"wave"}:
            raise self.error(f"[{kind}", kind, f"has waves and nothing else: write [[{kind}.wave]] for each")
        if len(waves) > len(WAVES):
            raise self.error(header, "wave", f"has at most {len(WAVES)} tables: {_listed(Wave)}", len(WAVES))
        return ResponsePlan(tuple(self._wave(header, number, one) for number, one in enumerate(waves)))

    def _wave(self, header: str, nth: int, table: Any) -> WavePlan:
        if not isinstance(table, dict):
            raise self.error(header, "wave", "is a table of keys", nth)
        for key in table:
            if key not in _KEYS:
                raise self.error(header, key, f"is not known here: use {', '.join(_KEYS)}", nth)
        expected = WAVES[nth]
        if table.get("wave") != expected:
            raise self.error(header, "wave", f'must be "{expected}" here: waves stand in order, without a gap', nth)
        at_once = table.get("at_once")
        if at_once is not None and at_once not in list(Urgency):  # it may be anything that TOML has
            raise self.error(header, "at_once", f"is one of {_listed(Urgency)}", nth)
        opens = self._words(header, nth, table, "opens", Opens)
        if nth == 0 and (opens or at_once is not None):
            raise self.error(
                header, "opens" if opens else "at_once", "is for W2 and W3: the first wave always goes at once", 0
            )
        if nth > 0 and not opens and at_once is None:
            raise self.error(header, "wave", f"{expected} would never go: give it opens or at_once", nth)
        return WavePlan(
            wave=expected,
            teams=self._number(header, nth, table, "teams", 1, MAX_TEAMS) or 1,
            classes=frozenset(TeamKind(word) for word in self._words(header, nth, table, "classes", TeamKind)),
            skills=frozenset(self._skills(header, nth, table)),
            vehicle=self._vehicle(header, nth, table),
            staff=self._number(header, nth, table, "staff", 1, 50) or 1,
            accept_within_ms=_ms(self._number(header, nth, table, "accept_within_s", 5, 3600)),
            late_after_ms=_ms(self._number(header, nth, table, "late_after_s", 10, 4 * 3600)),
            opens=frozenset(Opens(word) for word in opens),
            at_once=None if at_once is None else Urgency(at_once),
        )

    def _number(self, header: str, nth: int, table: Mapping[str, Any], key: str, *span: int) -> int | None:
        (low, high), value = span, table.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(header, key, f"is a whole number from {low} to {high}", nth)
        return value

    def _words(self, header: str, nth: int, table: Mapping[str, Any], key: str, words: type[Word]) -> Sequence[str]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(word in list(words) for word in value):
            raise self.error(header, key, f"is a list of {_listed(words)}", nth)
        return [str(word) for word in value]

    def _skills(self, header: str, nth: int, table: Mapping[str, Any]) -> Sequence[str]:
        value = table.get("skills", [])
        if (
            not isinstance(value, list)
            or len(value) > MAX_SKILLS
            or not all(isinstance(skill, str) and 1 <= len(skill) <= 32 for skill in value)
        ):
            raise self.error(header, "skills", f"is a list of at most {MAX_SKILLS} words of 1 to 32 letters", nth)
        return value

    def _vehicle(self, header: str, nth: int, table: Mapping[str, Any]) -> str | None:
        value = table.get("vehicle")
        if value is not None and (not isinstance(value, str) or not 1 <= len(value) <= 32):
            raise self.error(header, "vehicle", "is a word of 1 to 32 letters", nth)
        return value


def _ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000
