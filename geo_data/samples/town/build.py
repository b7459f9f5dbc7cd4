"""The whole town: terrain, roads, network, places, as one value and as the texts of its files."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from geo_data.samples.town.districts import Quarters, make_quarters
from geo_data.samples.town.lanes import make_lanes
from geo_data.samples.town.names import NamePool
from geo_data.samples.town.network import Piece, chain, degrees, is_car, main_part, make_network
from geo_data.samples.town.places import Place, Team, make_places, make_points, make_teams
from geo_data.samples.town.plane import XY, Street
from geo_data.samples.town.skeleton import STATION, Skeleton, make_skeleton
from geo_data.samples.town.terrain import CANAL_NAMES, Terrain, make_terrain
from geo_data.samples.town.write import LICENCE, NOTE, OsmFile, street_tags

SEED = 135


@dataclass(frozen=True)
class Town:
    """Everything drawn."""

    terrain: Terrain
    skeleton: Skeleton
    quarters: Quarters
    pieces: list[Piece]
    places: list[Place]
    points: list[Place]
    teams: list[Team]

    @cached_property
    def ways(self) -> list[tuple[Street, list[XY]]]:
        """The road ways."""
        return chain(self.pieces)


def make_town(seed: int = SEED) -> Town:
    """The sample town; the same for the same seed."""
    terrain = make_terrain()
    skeleton = make_skeleton(terrain)
    rng = Random(seed)
    names = NamePool(rng)
    quarters = make_quarters(terrain, skeleton, rng, names)
    streets = [*skeleton.streets, *quarters.streets]
    lanes = make_lanes(terrain, quarters, streets, rng)
    pieces = make_network([*streets, *lanes], terrain, skeleton.bridge_names)
    return Town(
        terrain, skeleton, quarters, pieces, make_places(pieces), make_points(terrain, STATION), make_teams(pieces)
    )


def osm_text(town: Town) -> str:
    """The town as OSM XML."""
    osm = OsmFile()
    terrain = town.terrain
    for street, points in town.ways:
        osm.road(points, street_tags(street))
    osm.line(town.skeleton.railway.line, street_tags(town.skeleton.railway))
    edge = {"boundary": "administrative", "admin_level": "8", "name": "澄溪镇", "name:en": "Chengxi Town"}
    osm.area(terrain.boundary, edge | {"note": NOTE, "source": "synthetic", "license": LICENCE})
    river = {"name": "澄溪", "name:en": "Chengxi River"}
    osm.line(terrain.river_line, {"waterway": "river", **river})
    osm.area(terrain.river, {"natural": "water", "water": "river", **river})
    for line, area, (zh, en) in zip(terrain.canal_lines, terrain.canals, CANAL_NAMES, strict=True):
        osm.line(line, {"waterway": "canal", "name": zh, "name:en": en})
        osm.area(area.difference(terrain.river), {"natural": "water", "water": "canal", "name": zh, "name:en": en})
    osm.area(terrain.hills, {"landuse": "forest"})
    for value, zh, en, shape in town.quarters.landuse:
        osm.area(shape.simplify(1.5), {"landuse": value, "name": zh, "name:en": en})
    for place in [*town.points, *town.places]:
        if place.tags:
            osm.point(place.at, {**place.tags, "name": place.name, "name:en": place.name_en})
    return osm.text()


def figures_of(town: Town, osm_bytes: int) -> dict[str, str]:
    """The table of README.md."""
    cars = [p for p in town.pieces if is_car(p.street)]
    degree = degrees(cars)
    main = main_part(town.pieces)
    km: dict[str, float] = {}
    for piece in town.pieces:
        km[piece.street.highway] = km.get(piece.street.highway, 0.0) + piece.length_m / 1000
    junctions = [n for n, d in degree.items() if d != 2]
    share = sum(n in main for n in junctions) / len(junctions)
    sites = {p.street.tags["bridge:name"] for p in town.pieces if "bridge:name" in p.street.tags}
    return {
        "area of the township": f"{town.terrain.boundary.area / 1e6:.1f} km²",
        "car junctions and dead ends": f"{len(junctions):,}",
        "of these, crossings of three roads or more": f"{sum(d > 2 for d in degree.values()):,}",
        "share of them in the largest strongly connected part": f"{share:.2%}",
        "public car roads": f"{sum(p.length_m for p in cars) / 1000:.0f} km",
        "all ways": f"{len(town.ways):,} ways, {sum(km.values()):.0f} km",
        "kilometres by class": ", ".join(f"{k} {v:.1f}" for k, v in sorted(km.items(), key=lambda e: -e[1])),
        "places where roads cross the river": f"{len(sites)} ({', '.join(sorted(sites))})",
        "teams": f"{len(town.teams)}: " + ", ".join(
            f"{sum(t.kind == k for t in town.teams)} {k}" for k in ("village", "dedicated")),
        "places": ", ".join(f"{sum(p.tier == t for p in town.places)} {t}" for t in ("T1", "T2", "T3")),
        "size of guoxi_like.osm.gz": f"{osm_bytes / 1024:.0f} KiB",
    }  # fmt: skip
