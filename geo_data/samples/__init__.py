"""The sample town that a first run uses: synthetic, and labelled so. Only paths live here."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent

TOWN_OSM = _HERE / "guoxi_like.osm.gz"
TEAMS_CSV = _HERE / "teams.csv"
PLACES_CSV = _HERE / "places.csv"

__all__ = ["PLACES_CSV", "TEAMS_CSV", "TOWN_OSM"]
