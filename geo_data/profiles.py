"""Travel profiles as data: what a road's tags mean for a car, an e-bike and a walker.

The choices, for all profiles: ``access=private`` is passed slowly, because an officer may enter and a gate costs
time; ``access=no`` is kept out; a reversible road is kept out, because its direction is not known from the map.
A tag for the profile itself (``bicycle=yes``) outranks the general one (``access=no``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from geo_data.errors import GroundError
from geo_data.graph import BAN, FREE_TURNS, TurnCosts

FOOT_SPEED_M_S: Final = 1.4
"""Walking speed, also off the road; about the mean of free walking (Bohannon 1997)."""

PRIVATE_GATE_S: Final = 10.0
"""What opening a private gate takes."""

FOOT_KMH: Final = FOOT_SPEED_M_S * 3.6
MIN_TRAVEL_MS: Final = 1
"""The shortest travel time of an arc: no search passes a road in no time."""

TAG_KEYS: Final = (
    *("highway", "access", "vehicle", "motor_vehicle", "motorcar", "bicycle", "foot", "oneway", "junction"),
    *(
        "oneway:bicycle",
        "oneway:foot",
        "cycleway",
        "cycleway:left",
        "cycleway:right",
        "cycleway:both",
        "maxspeed",
        "maxspeed:forward",
        "maxspeed:backward",
    ),
    *("area", "motorroad", "speed_kmh", "emergency", "bus", "psv", "oneway:emergency", "oneway:psv", "oneway:bus"),
)
"""The tags that decide travel; two ways alike in these are judged once."""

_OPEN: Final = frozenset({"yes", "designated", "permissive", "official", "destination", "customers", "public"})
_SLOW: Final = frozenset({"private", "delivery", "permit", "residents", "agricultural", "forestry", "military"})
_SHUT: Final = frozenset({"no", "use_sidepath", "dismount", "emergency", "psv", "bus", "unknown"})
_MPH_KMH: Final = 1.609344
_SPEED = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?\s*$")
_WALK_KMH: Final = 6.0


class Travel(NamedTuple):
    """Speeds in km/h with and against a way's direction; 0 where that direction is closed."""

    along_kmh: float
    against_kmh: float


CLOSED: Final = Travel(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to travel, as data.

    ``speeds_kmh`` are usual speeds by ``highway`` value; a value not listed is closed unless a tag of the
    profile's own opens it at ``granted_kmh``. ``access_keys`` run from the general to the special.
    ``limit_share`` is the part of a tagged limit that is driven on average, 0 where limits do not matter;
    ``slow_roads`` keep their usual speed where the limit is higher. ``oneway_keys`` are the tags that turn
    one-way rules on or off for this profile, the last being strongest; none means that it ignores them.
    ``also_open`` are tags that open a road to this profile whatever the others say, but never close one.

    ``turns`` is what turning costs. ``restriction_modes`` are the profile's names in turn restrictions;
    ``obeys_restrictions`` says whether those without a mode count, and ``passes_restrictions`` which kinds it
    may disregard. ``barriers_s`` are seconds at a barrier by its kind, None where it stops the profile; a kind
    not listed does neither.
    """

    name: str
    speeds_kmh: Mapping[str, float]
    access_keys: tuple[str, ...]
    oneway_keys: tuple[str, ...]
    max_kmh: float
    private_kmh: float
    granted_kmh: float
    limit_share: float = 0.0
    slow_roads: frozenset[str] = frozenset()
    opposite_cycleways: bool = False
    areas: bool = False
    motorroads: bool = False
    also_open: tuple[str, ...] = ()
    turns: TurnCosts = FREE_TURNS
    restriction_modes: tuple[str, ...] = ()
    obeys_restrictions: bool = True
    passes_restrictions: frozenset[str] = frozenset()
    barriers_s: Mapping[str, float | None] = field(default_factory=dict)

    def judge(self, tags: Mapping[str, str]) -> Travel:
        """Return the speeds of a way with these OSM tags, each 0 or in (0, ``max_kmh``]."""
        road = tags.get("highway", "")
        if (tags.get("area") == "yes" and not self.areas) or (
            tags.get("motorroad") == "yes" and not self.motorroads
        ):
            return CLOSED
        usual = self.speeds_kmh.get(road, 0.0)
        access = self._access(tags, usual > 0.0)
        if access == "no" or (usual == 0.0 and not (access == "granted" and road in _GRANTABLE)):
            return CLOSED
        speed = usual if usual > 0.0 else self.granted_kmh
        along, against = self._limited(tags, road, speed)
        if access == "slow":
            along, against = min(along, self.private_kmh), min(against, self.private_kmh)
        forward, backward = self._directions(tags, road)
        return Travel(along if forward else 0.0, against if backward else 0.0)

    def _access(self, tags: Mapping[str, str], usual: bool) -> str:
        """Return "yes", "slow", "no", or "granted" where the profile's own tag opens the road."""
        verdict = "yes" if usual else "no"
        for key in self.access_keys:
            access = _access_of(tags.get(key))
            if access == "open":
                verdict = "granted" if key != "access" else verdict
            elif access == "slow":
                verdict = "slow" if usual else "no"
            elif access == "shut":
                verdict = "no"
        if any(tags.get(key) in _OPEN for key in self.also_open) or (
            "emergency" in self.also_open and "emergency" in {tags.get(key) for key in self.access_keys}
        ):
            verdict = "granted"
        return verdict

    def barrier_ms(self, tags: Mapping[str, str]) -> int:
        """Return the ms that a node with these tags takes to pass, BAN where its barrier stops the profile.

        A tag of access on the node outranks what its kind of barrier usually means.
        """
        usual_s = self.barriers_s.get(tags.get("barrier", ""), 0.0)
        access = ""
        for key in self.access_keys:
            access = _access_of(tags.get(key)) or access
        if any(tags.get(key) in _OPEN for key in self.also_open):
            access = "open"
        if access == "open":
            usual_s = 0.0
        elif access == "slow":
            usual_s = PRIVATE_GATE_S
        elif access == "shut":
            usual_s = None
        return BAN if usual_s is None else round(usual_s * 1000.0)

    def _limited(self, tags: Mapping[str, str], road: str, usual_kmh: float) -> Travel:
        exact = tags.get("speed_kmh")
        if exact is not None:  # a road table states the speed itself
            stated = min(float(exact), self.max_kmh)
            return Travel(stated, stated)
        if self.limit_share == 0.0:
            return Travel(usual_kmh, usual_kmh)
        both = parse_maxspeed(tags.get("maxspeed"))
        speeds = []
        for key in ("maxspeed:forward", "maxspeed:backward"):
            limit = parse_maxspeed(tags.get(key)) or both
            speed = usual_kmh if limit is None else limit * self.limit_share
            if road in self.slow_roads:
                speed = min(speed, usual_kmh)
            speeds.append(min(speed, self.max_kmh))
        return Travel(*speeds)

    def _directions(self, tags: Mapping[str, str], road: str) -> tuple[bool, bool]:
        forward = backward = True
        for key in self.oneway_keys:
            value = tags.get(key)
            if key == "oneway" and value is None:
                implied = road == "motorway" or tags.get("junction") in {"roundabout", "circular"}
                value = "yes" if implied else None
            value = None if value is None else value.strip().lower()
            if value in {"yes", "1", "true"}:
                forward, backward = True, False
            elif value in {"-1", "reverse"}:
                forward, backward = False, True
            elif value in {"no", "0", "false"}:
                forward, backward = True, True
            elif value in {"reversible", "alternating"}:
                forward, backward = False, False
        if self.opposite_cycleways and any(tags.get(key, "").startswith("opposite") for key in _CYCLEWAYS):
            forward = backward = True
        return forward, backward


MAXSPEED_LEAST_KMH: Final = 5.0
"""A limit below walking pace is a slip of the pen, and would make one road take days."""

_CYCLEWAYS: Final = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")

_GRANTABLE: Final = frozenset(
    {"pedestrian", "footway", "path", "track", "cycleway", "service", "bridleway", "busway", "steps"}
)


def _access_of(value: str | None) -> str:
    """Return "open", "slow", "shut", or "" where the value says nothing; of several the strictest counts."""
    said = {part.strip().lower() for part in (value or "").split(";")}
    if said & _SHUT:
        return "shut"
    if said & _SLOW:
        return "slow"
    return "open" if said & _OPEN else ""


def parse_maxspeed(text: str | None) -> float | None:
    """Return a ``maxspeed`` value in km/h, or None where it is absent, unlimited or not a figure.

    Of several values ("50;30", "80|60") the lowest counts. A zone code such as ``CN:urban`` states no figure:
    the usual speed of the road is kept.
    """
    if text is None:
        return None
    found = []
    for part in re.split(r"[;|]", text):
        if part.strip() == "walk":
            found.append(_WALK_KMH)
        match = _SPEED.match(part.replace(",", "."))
        if match is None:
            continue
        unit = {"mph": _MPH_KMH, "knots": 1.852}.get(match.group(2) or "", 1.0)
        speed = float(match.group(1)) * unit
        if speed > 0.0:
            found.append(max(speed, MAXSPEED_LEAST_KMH))
    return min(found) if found else None


_WALLS: Final = dict.fromkeys(("wall", "fence", "hedge", "guard_rail", "retaining_wall", "ditch"))
_NARROW: Final = dict.fromkeys(("stile", "turnstile", "full-height_turnstile", "kissing_gate", "horse_stile"))
_NO_CARS: Final = dict.fromkeys(
    (
        *("bollard", "block", "jersey_barrier", "chain", "cycle_barrier", "motorcycle_barrier", "planter", "log"),
        *(
            "debris",
            "rope",
            "wicket_gate",
            "barrier_board",
            "bus_trap",
            "tank_trap",
            "swing_gate",
            "hampshire_gate",
        ),
    )
)

CAR_TURNS: Final = TurnCosts(
    right_s=1.0, left_s=4.0, sharp_right_s=3.0, sharp_left_s=6.0, back_s=20.0, dead_end_s=10.0
)
"""What turning takes a car where one drives on the right; the order of OSRM's car profile (≤ 7.5 s, 20 s back)."""

CAR: Final = Profile(
    name="car",
    speeds_kmh={
        "motorway": 90.0,
        "motorway_link": 50.0,
        "trunk": 70.0,
        "trunk_link": 45.0,
        "primary": 50.0,
        "primary_link": 40.0,
        "secondary": 45.0,
        "secondary_link": 35.0,
        "tertiary": 40.0,
        "tertiary_link": 30.0,
        "unclassified": 30.0,
        "residential": 28.0,
        "living_street": 10.0,
        "service": 15.0,
        "road": 20.0,
        "track": 12.0,
        "ferry": 15.0,  # if an import takes ferries, it times them by their stated duration
    },
    access_keys=("access", "vehicle", "motor_vehicle", "motorcar"),
    oneway_keys=("oneway",),
    max_kmh=120.0,
    private_kmh=10.0,
    granted_kmh=10.0,
    limit_share=0.8,
    slow_roads=frozenset({"living_street", "service", "track", "road"}),
    motorroads=True,
    turns=CAR_TURNS,
    restriction_modes=("motor_vehicle", "motorcar"),
    barriers_s={**_WALLS, **_NARROW, **_NO_CARS, "gate": 5.0, "lift_gate": 5.0, "toll_booth": 10.0},
)

EMERGENCY_CAR: Final = replace(
    CAR,
    name="emergency_car",
    speeds_kmh={**CAR.speeds_kmh, "busway": 40.0, "pedestrian": 8.0},
    oneway_keys=("oneway", "oneway:bus", "oneway:psv", "oneway:emergency"),
    also_open=("bus", "psv", "emergency"),
    restriction_modes=("motor_vehicle", "motorcar", "psv", "emergency"),
    passes_restrictions=frozenset(
        {
            *("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn"),
            *("only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn"),
        }
    ),
)
"""A car on a blue light: bus lanes and busways, roads opened to emergencies, and the prescribed turns passed.

Not among the default profiles: whoever imports it states that their teams may drive so.
"""

EBIKE: Final = Profile(
    name="ebike",
    speeds_kmh={
        "trunk": 22.0,
        "trunk_link": 20.0,
        "primary": 22.0,
        "primary_link": 20.0,
        "secondary": 22.0,
        "secondary_link": 20.0,
        "tertiary": 22.0,
        "tertiary_link": 20.0,
        "unclassified": 22.0,
        "residential": 20.0,
        "living_street": 12.0,
        "service": 15.0,
        "road": 18.0,
        "track": 12.0,
        "cycleway": 20.0,
        "path": 10.0,
        "pedestrian": 6.0,
        "footway": 5.0,
        "ferry": 15.0,
    },
    access_keys=("access", "vehicle", "bicycle"),
    oneway_keys=("oneway", "oneway:bicycle"),
    max_kmh=25.0,
    private_kmh=10.0,
    granted_kmh=10.0,
    opposite_cycleways=True,
    restriction_modes=("vehicle", "bicycle"),
    barriers_s={**_WALLS, **_NARROW},
)

FOOT: Final = Profile(
    name="foot",
    speeds_kmh={
        **dict.fromkeys(
            ("trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary"), FOOT_KMH
        ),
        **dict.fromkeys(
            ("tertiary_link", "unclassified", "residential", "living_street", "service", "road"), FOOT_KMH
        ),
        **dict.fromkeys(("pedestrian", "track", "cycleway", "footway", "path", "bridleway"), FOOT_KMH),
        "steps": FOOT_KMH / 2.0,
        "ferry": FOOT_KMH,
    },
    access_keys=("access", "foot"),
    oneway_keys=("oneway:foot",),
    max_kmh=FOOT_KMH,
    private_kmh=FOOT_KMH,
    granted_kmh=FOOT_KMH,
    areas=True,
    restriction_modes=("foot",),
    obeys_restrictions=False,
    barriers_s=_WALLS,
)

PROFILES: Final[Mapping[str, Profile]] = {p.name: p for p in (CAR, EBIKE, FOOT, EMERGENCY_CAR)}


def find_profile(name: str) -> Profile:
    """Return the profile of that name; raises GroundError naming those there are."""
    found = PROFILES.get(name)
    if found is None:
        raise GroundError(f"there is no travel profile '{name}'", f"choose from: {', '.join(PROFILES)}")
    return found
