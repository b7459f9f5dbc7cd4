"""Valhalla's side: its tiles are built in the field's folder, and asked as text in, text out.

Costing ``auto`` with its defaults. Logging is off and the tile cache large enough for all.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench._worker import MissingError, Query, Timed, serve

CONTOURS = [{"time": 1}, {"time": 3}, {"time": 5}]


class Valhalla:
    """The engine over the field's tiles."""

    def prepare(self, osm: str, folder: str, places: str = "", **_field: str) -> Mapping[str, Any]:
        """Load the tiles; they are built first where there are none."""
        import valhalla  # noqa: PLC0415 - its absence is an answer

        self.package = Path(valhalla.__file__).parent
        self.folder, self.osm = Path(folder), osm
        if not (self.package / "bin" / "valhalla_build_tiles").exists():
            raise MissingError("this pyvalhalla has no tile builder: it needs Python 3.12")
        if not (self.folder / "valhalla.done").exists():
            self._build("valhalla")
            (self.folder / "valhalla.done").touch()
        self.actor = valhalla.Actor(self._config("valhalla"))
        self.incidents = json.loads(Path(places).read_text())["incidents"]["ground"] if places else []
        return {"version": f"Valhalla {version('pyvalhalla')}"}

    def _config(self, name: str) -> dict[str, Any]:
        import valhalla  # noqa: PLC0415

        tiles = self.folder / name
        config: dict[str, Any] = valhalla.get_config(tile_extract="", tile_dir=str(tiles))
        config["logging"] = {"type": ""}
        config["mjolnir"]["logging"] = {"type": ""}
        for limits in config["service_limits"].values():
            if isinstance(limits, dict) and "max_matrix_location_pairs" in limits:
                limits["max_matrix_location_pairs"] = 1_000_000
                limits["max_locations"] = 10_000
        return config

    def _build(self, name: str) -> None:
        tiles = self.folder / name
        shutil.rmtree(tiles, ignore_errors=True)
        tiles.mkdir(parents=True)
        config = self.folder / f"{name}.json"
        config.write_text(json.dumps(self._config(name)))
        builder = self.package / "bin" / "valhalla_build_tiles"
        subprocess.run([str(builder), "-c", str(config), self.osm], check=True, capture_output=True)

    def circles(self, **fineness: float) -> Query:
        """Three contours as polygons in GeoJSON; ``fineness`` may set ``denoise`` and ``generalize``."""

        def query(i: int) -> Any:
            text = self.isochrone(self.incidents[i], fineness)
            return lambda: len(text)

        return query

    def isochrone(self, point: Sequence[float], fineness: Mapping[str, float]) -> str:
        """Return the GeoJSON text of the three contours around a point."""
        request = {
            "locations": [{"lon": point[0], "lat": point[1]}],
            "costing": "auto",
            "contours": CONTOURS,
            "polygons": True,
            **fineness,
        }
        text: str = self.actor.isochrone(json.dumps(request))
        return text

    def matrix(self, sources: Sequence[Any], targets: Sequence[Any], costing: Mapping[str, Any]) -> Any:
        """Return the rows of ``sources_to_targets`` between lists of [longitude, latitude]."""
        request = {
            "sources": [{"lon": lon, "lat": lat} for lon, lat in sources],
            "targets": [{"lon": lon, "lat": lat} for lon, lat in targets],
            "costing": "auto",
            "costing_options": {"auto": dict(costing)},
        }
        return json.loads(self.actor.matrix(json.dumps(request)))["sources_to_targets"]

    def build(self) -> Query:
        """The tiles from the .pbf, anew."""

        def query(_i: int) -> Any:
            self._build("valhalla-again")

        return query

    def truth(self, file: str) -> Query:
        """For each case of a file: polygons as GeoJSON, and for its points the s and the point on the road."""
        cases = json.loads(Path(file).read_text())

        def query(i: int) -> Any:
            case = cases[i]
            shape = json.loads(self.isochrone(case["source"], {"denoise": 0.0, "generalize": 0.0}))
            row = self.matrix([case["source"]], case["points"], {})[0]
            times = [[cell["time"], cell.get("end_lon"), cell.get("end_lat")] for cell in row]
            return Timed(0.0, {"shape": shape, "times": times})

        return query

    def eta(self, file: str, costing: Mapping[str, Any], through: str = "") -> Query:
        """For each pair of a file: s, m, and the points on the road of both ends; led through points if given."""
        pairs = json.loads(Path(file).read_text())
        led = json.loads(Path(through).read_text()) if through else [[]] * len(pairs)
        from valhalla.utils import decode_polyline  # noqa: PLC0415

        def query(i: int) -> Any:
            start, end = pairs[i]
            places = [(start, "break"), *((point, "through") for point in led[i]), (end, "break")]
            request = {
                "locations": [{"lon": lon, "lat": lat, "type": kind} for (lon, lat), kind in places],
                "costing": "auto",
                "costing_options": {"auto": dict(costing)},
                "directions_type": "none",
            }
            try:
                (leg,) = json.loads(self.actor.route(json.dumps(request)))["trip"]["legs"]
            except RuntimeError:
                return None
            line = decode_polyline(leg["shape"], 6)
            return [leg["summary"]["time"], leg["summary"]["length"] * 1000.0, *line[0], *line[-1]]

        return query


if __name__ == "__main__":
    ENGINE = Valhalla()
    NAMES = ("circles", "build", "truth", "eta")
    serve(ENGINE.prepare, {name: getattr(ENGINE, name) for name in NAMES})
