"""Roads as two CSV tables: nodes.csv and roads.csv side by side."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from geo_data.coordinates import LocalPlane
from geo_data.errors import GroundError
from geo_data.graph import Ground
from geo_data.profiles import PROFILES
from geo_data.sources.build import DEFAULT_PROFILES, Origin, Progress, Ways, build_ground, silent
from geo_data.sources.clip import Area, clip_ways

PLAN_ORIGIN: Final = LocalPlane(0.0, 0.0)
"""Where a plan in metres is laid: x east, y north of longitude 0, latitude 0, so that lengths are kept."""

PLAN_MAX_M: Final = 200_000.0
SPEED_MAX_KMH: Final = 300.0
LENGTH_MAX_M: Final = 1_000_000.0
_ONEWAY: Final = {
    **dict.fromkeys(("", "0", "no", "false"), "no"),
    **dict.fromkeys(("1", "yes", "true"), "yes"),
    "-1": "-1",
}
_FORMAT: Final = (
    "nodes.csv has id,lon,lat or id,x_m,y_m; roads.csv has from,to and as you like "
    "length_m,speed_kmh,oneway,name,class; both in UTF-8 with a header line"
)


def read_table(
    path: str | Path,
    profiles: Sequence[str] = DEFAULT_PROFILES,
    licence: str | None = None,
    progress: Progress = silent,
    *,
    clip: Area | None = None,
) -> Ground:
    """Return the ground of ``nodes.csv`` and ``roads.csv``, given their directory or the path of the nodes.

    ``nodes.csv``: ``id`` and either ``lon``, ``lat`` in WGS-84 degrees or ``x_m``, ``y_m`` in metres of a plan,
    which is laid around longitude 0, latitude 0. ``roads.csv``: ``from``, ``to`` and, where present and not
    empty, ``length_m`` > 0 (else measured), ``speed_kmh`` > 0 (a car's own speed; slower profiles keep
    theirs), ``oneway`` (yes, no, -1), ``name``, ``class`` (an OSM ``highway`` value, else unclassified).
    With ``clip`` only what lies within the area is read, roads cut at its border.
    Raises GroundError naming the file, line and column that is wrong.
    """
    nodes_path, roads_path = _paths(Path(path))
    progress(f"reading {nodes_path.name} and {roads_path.name}")
    index, lon, lat = _nodes(nodes_path)
    roads = _roads(roads_path, index)
    digest, newest = hashlib.sha256(), 0.0
    for part in (nodes_path, roads_path):
        digest.update(part.read_bytes())
        newest = max(newest, part.stat().st_mtime)
    date = datetime.fromtimestamp(newest, UTC).isoformat(timespec="seconds")
    origin = Origin(str(nodes_path.parent.name or nodes_path), digest.hexdigest(), date, licence or "not stated")
    ways = Ways(
        node_lon_e7=np.rint(np.array(lon) * 1e7).astype(np.int32),
        node_lat_e7=np.rint(np.array(lat) * 1e7).astype(np.int32),
        way_id=np.arange(1, len(roads) + 1, dtype=np.int64),
        way_first=np.arange(0, 2 * len(roads) + 1, 2, dtype=np.int64),
        ref=np.array([end for road in roads for end in road.ends], dtype=np.int64),
        tags=[road.tags for road in roads],
        way_length_mm=np.array([road.length_mm for road in roads], dtype=np.int64),
    )
    if clip is not None:
        ways = clip_ways(ways, clip)
    return build_ground(ways, origin, profiles, progress)


@dataclass(frozen=True, slots=True)
class _Road:
    """One line of roads.csv; ``length_mm`` is -1 where it is to be measured."""

    ends: tuple[int, int]
    length_mm: int
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One field of a table, with the place to name when it is wrong."""

    text: str
    where: str

    def number(self, low: float, high: float) -> float:
        """Return the field as a figure in [low, high]."""
        try:
            value = float(self.text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise self.wrong(f"is not a figure in {low:g}…{high:g}")
        return value

    def wrong(self, what: str) -> GroundError:
        """Return the error that this field is."""
        return GroundError(f"{self.where}: '{self.text}' {what}", _FORMAT)


def _paths(path: Path) -> tuple[Path, Path]:
    nodes = path / "nodes.csv" if path.is_dir() else path
    roads = nodes.with_name("roads.csv")
    for part in (nodes, roads):
        if not part.is_file():
            raise GroundError(f"there is no file {part}", _FORMAT)
    return nodes, roads


def _rows(path: Path, required: Sequence[str], optional: Sequence[str]) -> Iterator[dict[str, _Cell]]:
    """Yield the rows of a table as fields by column; those required are not empty, unknown columns are left."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            columns = [name.strip().lower() for name in next(reader, [])]
            missing = [name for name in required if name not in columns]
            if missing:
                raise GroundError(f"{path.name} line 1: no column '{missing[0]}' in {','.join(columns)!r}", _FORMAT)
            for fields in reader:
                line = reader.line_num
                if not any(field.strip() for field in fields):
                    continue
                if len(fields) != len(columns):
                    raise GroundError(
                        f"{path.name} line {line}: {len(fields)} fields where the header has {len(columns)}",
                        _FORMAT,
                    )
                row = {
                    name: _Cell(text.strip(), f"{path.name} line {line}, column '{name}'")
                    for name, text in zip(columns, fields, strict=True)
                    if name in required or name in optional
                }
                for name in required:
                    if not row[name].text:
                        raise row[name].wrong("is empty")
                yield row
    except UnicodeDecodeError:
        raise GroundError(f"{path.name} is not text in UTF-8", _FORMAT) from None
    except csv.Error as error:
        raise GroundError(f"{path.name}: {error}", _FORMAT) from None


def _nodes(path: Path) -> tuple[dict[str, int], list[float], list[float]]:
    """Return each node's index by id, and the longitudes and latitudes."""
    with path.open("rb") as file:
        is_plan = b"x_m" in file.readline().lower()
    index: dict[str, int] = {}
    lon: list[float] = []
    lat: list[float] = []
    for row in _rows(path, ("id", "x_m", "y_m") if is_plan else ("id", "lon", "lat"), ()):
        if row["id"].text in index:
            raise row["id"].wrong("is the id of an earlier node as well")
        index[row["id"].text] = len(lon)
        if is_plan:
            x_m, y_m = (row[name].number(-PLAN_MAX_M, PLAN_MAX_M) for name in ("x_m", "y_m"))
            east, north = PLAN_ORIGIN.to_lonlat(x_m, y_m)
            lon.append(float(east))
            lat.append(float(north))
        else:
            lon.append(row["lon"].number(-180.0, 180.0))
            lat.append(row["lat"].number(-90.0, 90.0))
    return index, lon, lat


def _roads(path: Path, index: Mapping[str, int]) -> list[_Road]:
    classes = {value for profile in PROFILES.values() for value in profile.speeds_kmh}
    found = []
    for row in _rows(path, ("from", "to"), ("length_m", "speed_kmh", "oneway", "name", "class")):
        ends = []
        for name in ("from", "to"):
            if row[name].text not in index:
                raise row[name].wrong("is no id in nodes.csv")
            ends.append(index[row[name].text])
        given = {name: cell for name, cell in row.items() if cell.text}
        tags = {"highway": "unclassified", "oneway": "no"}
        if "class" in given:
            if given["class"].text not in classes:
                raise given["class"].wrong(f"is no road class; known are {', '.join(sorted(classes))}")
            tags["highway"] = given["class"].text
        if "oneway" in given:
            if given["oneway"].text.lower() not in _ONEWAY:
                raise given["oneway"].wrong("is not yes, no or -1")
            tags["oneway"] = _ONEWAY[given["oneway"].text.lower()]
        if "speed_kmh" in given:
            tags["speed_kmh"] = str(given["speed_kmh"].number(0.1, SPEED_MAX_KMH))
        if "name" in given:
            tags["name"] = given["name"].text
        length_mm = -1
        if "length_m" in given:
            length_mm = round(given["length_m"].number(0.001, LENGTH_MAX_M) * 1000.0)
        found.append(_Road((ends[0], ends[1]), length_mm, tags))
    return found
