"""OSRM's side: the car profile it ships, extracted and contracted (CH) in the field's folder.

Only the call of ``Table`` is clocked: its parameters are made before, and its answer is read after. Hints of the
teams' places are handed over, so that it need not bring them to the road again either.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench._worker import Query, serve


class Osrm:
    """The engine over the field's contraction."""

    def prepare(self, osm: str, folder: str, places: str = "", **_field: str) -> Mapping[str, Any]:
        """Load the contraction; it is made first where there is none."""
        import osrm  # noqa: PLC0415 - its absence is an answer

        self.osrm, self.package = osrm, Path(osrm.__file__).parent
        self.folder, self.osm = Path(folder), Path(osm)
        if not (self.folder / "osrm.done").exists():
            self._build("osrm")
            (self.folder / "osrm.done").touch()
        self.engine = osrm.OSRM(str(self.folder / "osrm" / "roads.osrm"))
        self.points = json.loads(Path(places).read_text()) if places else {}
        return {"version": f"OSRM {version('osrm-bindings')}"}

    def _build(self, name: str) -> None:
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        roads = target / "roads.osm.pbf"
        roads.symlink_to(self.osm.resolve())
        car = self.package / "share" / "profiles" / "car.lua"
        extract = [str(self.package / "bin" / "osrm-extract"), "-p", str(car), str(roads)]
        contract = [str(self.package / "bin" / "osrm-contract"), str(target / "roads.osrm")]
        for command in (extract, contract):
            subprocess.run(command, check=True, capture_output=True)

    def ranking(self, teams: int, scope: str) -> Query:
        """The table from all teams to one incident."""
        n = teams
        starts = [tuple(point) for point in self.points["teams"][scope][:n]]
        incidents = [tuple(point) for point in self.points["incidents"][scope]]
        first = self.engine.Table(self._parameters([*starts, incidents[0]], n, []))
        hints = [str(row["hint"]) for row in first["sources"]]
        parameters = [self._parameters([*starts, incident], n, [*hints, None]) for incident in incidents]

        def query(i: int) -> Any:
            found = self.engine.Table(parameters[i])

            def check() -> Any:
                seconds = [float("inf") if row[0] is None else float(row[0]) for row in found["durations"]]
                best = min(seconds)
                return [seconds.index(best), round(best * 1000)]

            return check

        return query

    def _parameters(self, places: list[Any], n: int, hints: list[Any]) -> Any:
        return self.osrm.TableParameters(coordinates=places, sources=list(range(n)), destinations=[n], hints=hints)

    def build(self) -> Query:
        """Extract and contract, anew."""

        def query(_i: int) -> Any:
            self._build("osrm-again")

        return query

    def eta(self, file: str, through: str = "") -> Query:
        """For each pair of a file: s, m, and the points on the road of both ends; led through points if given."""
        pairs = json.loads(Path(file).read_text())
        led = json.loads(Path(through).read_text()) if through else [[]] * len(pairs)

        def query(i: int) -> Any:
            places = [tuple(point) for point in (pairs[i][0], *led[i], pairs[i][1])]
            ends = [0, len(places) - 1]
            parameters = self.osrm.RouteParameters(coordinates=places, overview="false", waypoints=ends)
            try:
                found = self.engine.Route(parameters)
            except RuntimeError:
                return None
            way = found["routes"][0]
            points = [float(x) for point in found["waypoints"] for x in point["location"]]
            return [float(way["duration"]), float(way["distance"]), *points[:2], *points[-2:]]

        return query


if __name__ == "__main__":
    ENGINE = Osrm()
    serve(ENGINE.prepare, {name: getattr(ENGINE, name) for name in ("ranking", "build", "eta")})
