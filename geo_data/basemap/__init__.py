"""The offline map: vector tiles in one PMTiles file, and names to search by, from the same extract as the roads."""

from __future__ import annotations

from geo_data.basemap.features import MapMatter, matter_of_ground
from geo_data.basemap.read import inside_of, read_map
from geo_data.basemap.tiles import write_tiles

__all__ = ["MapMatter", "inside_of", "matter_of_ground", "read_map", "write_tiles"]
