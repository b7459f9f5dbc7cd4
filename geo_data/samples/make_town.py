"""Build the sample town's files: `python -m geo_data.samples.make_town [FOLDER]`.

Deterministic: the same Python, numpy and shapely write the same bytes. Nothing is read but README.md, whose table
of figures is renewed.
"""

import sys
from pathlib import Path

from geo_data.samples.town.build import figures_of, make_town, osm_text
from geo_data.samples.town.write import gzipped, places_csv, teams_csv, write_all


def main(folder: Path) -> None:
    """Make the town and write its files."""
    town = make_town()
    osm = osm_text(town)
    figures = figures_of(town, len(gzipped(osm)))
    write_all(folder, osm, teams_csv(town.teams), places_csv(town.places), figures)
    for what, figure in figures.items():
        print(f"{what}: {figure}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
