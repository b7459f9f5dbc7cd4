"""The files that are drawn and searched: made once from the extract of a ground, then kept beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geo_data.errors import GroundError
from geo_data.graph import Ground


@dataclass(frozen=True, slots=True)
class MapFiles:
    """Where the tiles (PMTiles) and the names of one ground are."""

    tiles: Path
    names: Path


def map_files(source: Path, ground: Ground, stem: Path, progress: Callable[[str], None]) -> MapFiles:
    """The files of a ground, ``stem`` with a suffix each; made first where one is missing.

    ``source`` is what the ground was made of: of an OSM file everything is drawn, of any other its roads alone.
    Raises GroundError where the source cannot be read or the files cannot be written.
    """
    files = MapFiles(stem.with_suffix(".pmtiles"), stem.with_suffix(".names"))
    if files.tiles.is_file() and files.names.is_file():
        return files
    from geo_data.basemap import inside_of, matter_of_ground, read_map, write_tiles  # noqa: PLC0415 (slow to load)
    from geo_data.gazetteer import entries_of, save_gazetteer  # noqa: PLC0415 (the same)

    stem.parent.mkdir(parents=True, exist_ok=True)
    is_osm = source.is_file() and ".osm" in source.suffixes
    matter = read_map(source, progress) if is_osm else matter_of_ground(ground)
    bounds = ground.meta.bounds
    write_tiles(matter.features, bounds, ground.meta.licence, files.tiles, progress)
    progress("collecting the names")
    save_gazetteer(entries_of(inside_of(bounds, matter.named)), files.names)
    return files


def no_map(error: GroundError) -> str:
    """What is told where a ground works but cannot be drawn."""
    return f"there is no map to draw: {error}; {error.hint}"
