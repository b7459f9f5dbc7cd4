"""The only I/O of the ground: roads come in from files and places, and go out to files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from geo_data.errors import GroundError
from geo_data.graph import Ground
from geo_data.sources.build import DEFAULT_PROFILES, Progress, silent
from geo_data.sources.bundle import load_ground, save_ground
from geo_data.sources.clip import read_area

__all__ = ["DEFAULT_PROFILES", "load_ground", "read_ground", "save_ground"]


def read_ground(
    source: str | Path,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    licence: str | None = None,
    progress: Progress = silent,
    reversible: bool = False,
    *,
    clip: str | Path | None = None,
    ferries: bool = False,
) -> Ground:
    """Return the ground of an OSM file, a road table (its directory or nodes.csv), GraphML, or a place.

    What exists as a path is read as one; what looks like a path (a slash, or a suffix of ours) must exist;
    anything else is the name of a place, which needs internet. ``reversible`` and ``ferries`` are those of
    ``read_osm``; other doors do not know them. Raises GroundError as the doors do.
    ``clip`` is a GeoJSON file of polygons: of a file's roads, only what lies within them is read.
    """
    area = None if clip is None else read_area(clip)
    path = Path(source)
    if path.is_dir() or path.suffix == ".csv":
        from geo_data.sources.table import read_table  # noqa: PLC0415 - only the door that is used

        return read_table(path, profiles, licence, progress, clip=area)
    if path.suffix == ".ground":
        raise GroundError(f"{path} is a ground already", "import its source; a ground is used as it is")
    if path.suffix == ".graphml":
        if area is not None:
            raise GroundError("GraphML cannot be clipped", "clip the source that it was made of")
        from geo_data.sources.exchange import read_graphml  # noqa: PLC0415

        return read_graphml(path, profiles, licence, progress)
    if path.exists() or _looks_like_path(str(source)):
        from geo_data.sources.osm import read_osm  # noqa: PLC0415

        return read_osm(path, profiles, licence, progress, reversible, clip=area, ferries=ferries)
    if area is not None:
        raise GroundError("a place by name cannot be clipped", "clip a file: download the region first")
    from geo_data.sources.place import read_place  # noqa: PLC0415

    return read_place(str(source), profiles, licence, progress)


def _looks_like_path(text: str) -> bool:
    return "/" in text or re.search(r"\.\w{1,8}$", text) is not None
