"""Ground: one road graph a travel profile, and where it all came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from geo_data.errors import GroundError
from geo_data.graph.roads import RoadGraph

FORMAT_VERSION: Final = 2
"""Version of the ground file; a reader takes its own version only."""


@dataclass(frozen=True, slots=True)
class GroundMeta:
    """Where a ground came from and what is in it; every field goes into the file as JSON.

    ``bounds`` is west, south, east, north in degrees. ``km_by_class`` and ``connected_share`` are by profile;
    the share is that of the junctions in the largest strongly connected part, 0…1. Dates are ISO 8601; an
    unknown one is "".
    """

    source: str
    source_sha256: str
    source_date: str
    licence: str
    made_at: str
    bounds: tuple[float, float, float, float]
    km_by_class: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    connected_share: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A prepared road network: ``graphs`` by travel profile (at least one) and ``meta``."""

    meta: GroundMeta
    graphs: Mapping[str, RoadGraph]

    @property
    def profiles(self) -> tuple[str, ...]:
        """Names of the travel profiles, in the order of import."""
        return tuple(self.graphs)

    def graph(self, profile: str) -> RoadGraph:
        """Return the roads of a profile; raises GroundError naming the profiles there are."""
        found = self.graphs.get(profile)
        if found is None:
            raise GroundError(
                f"the ground has no travel profile '{profile}'",
                f"it has: {', '.join(self.graphs)}; import it again with --profiles to add one",
            )
        return found
