"""Lengths on the sphere and a local metric plane; all points are WGS-84 degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_data.errors import GroundError
from geo_data.types import Float64s, LonLat

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius R1 of the WGS-84 ellipsoid (IUGG)."""

METRES_PER_DEGREE: Final = EARTH_RADIUS_M * math.pi / 180.0
METRES_PER_E7: Final = METRES_PER_DEGREE * 1e-7
"""Metres of one ten-millionth of a degree of latitude (and of longitude at the equator)."""


def check_lonlat(point: LonLat) -> LonLat:
    """Return ``point`` unchanged, or raise GroundError where it is not a finite longitude and latitude."""
    lon, lat = point
    if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180.0 or abs(lat) > 90.0:
        swapped = abs(lat) <= 180.0 and abs(lon) <= 90.0
        raise GroundError(
            f"coordinates out of range: latitude {lat}, longitude {lon}",
            "latitude is -90…90 and longitude -180…180, in degrees, WGS-84"
            + ("; the two seem to be swapped" if swapped else ""),
        )
    return point


def haversine_m(lon_a: npt.ArrayLike, lat_a: npt.ArrayLike, lon_b: npt.ArrayLike, lat_b: npt.ArrayLike) -> Float64s:
    """Return great-circle metres between points in degrees, element by element (Sinnott 1984)."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_phi = np.sin((phi_b - phi_a) / 2.0)
    half_lam = np.sin(np.radians(np.subtract(lon_b, lon_a)) / 2.0)
    squared = half_phi * half_phi + np.cos(phi_a) * np.cos(phi_b) * half_lam * half_lam
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(squared, 1.0))), dtype=np.float64)


def straight_m(a: LonLat, b: LonLat) -> float:
    """Return great-circle metres between two points."""
    return float(haversine_m(a.lon, a.lat, b.lon, b.lat))


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """An equirectangular plane around (lon0, lat0): metres east and north; good to 0.1 % within 50 km.

    It maps axes onto axes and keeps their order, so nested shapes stay nested on the way back.
    """

    lon0: float
    lat0: float

    @property
    def metres_per_lon(self) -> float:
        """Metres of one degree of longitude at ``lat0``, at least one (the poles)."""
        return max(1.0, METRES_PER_DEGREE * math.cos(math.radians(self.lat0)))

    def to_xy(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float64s, Float64s]:
        """Return metres east and north of the origin, float64."""
        x_m = np.subtract(lon, self.lon0, dtype=np.float64) * self.metres_per_lon
        return x_m, np.subtract(lat, self.lat0, dtype=np.float64) * METRES_PER_DEGREE

    def to_lonlat(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> tuple[Float64s, Float64s]:
        """Return degrees of points given in metres: the inverse of ``to_xy``."""
        lon = self.lon0 + np.asarray(x_m, dtype=np.float64) / self.metres_per_lon
        return lon, self.lat0 + np.asarray(y_m, dtype=np.float64) / METRES_PER_DEGREE


CHINA_BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of where GCJ-02 and BD-09 differ from WGS-84: the box that map services use."""

INVERSE_STEPS: Final = 12
_A: Final = 6_378_245.0
_E2: Final = 0.006_693_421_622_965_943
"""The ellipsoid of Krasovsky 1940, as GCJ-02 uses it."""

_BD_TURN: Final = math.pi * 3000.0 / 180.0


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float64s, Float64s]:
    """Return GCJ-02 degrees of WGS-84 degrees, element by element; outside CHINA_BOX unchanged.

    The published approximation of the official shift (some 100 m to 700 m), good to about a metre of it.
    """
    lon_a, lat_a = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    shifted = _gcj02(lon_a, lat_a)
    inside = _in_china(lon_a, lat_a)
    return np.where(inside, shifted[0], lon_a), np.where(inside, shifted[1], lat_a)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float64s, Float64s]:
    """Return WGS-84 degrees of GCJ-02 degrees; outside CHINA_BOX unchanged.

    The law kept: within the box, ``wgs84_to_gcj02`` of the result is the argument to less than 1 mm.
    """
    lon_a, lat_a = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    found_lon, found_lat = lon_a, lat_a
    for _ in range(INVERSE_STEPS):  # a fixed point: the shift changes by less than a hundredth of the way
        there = _gcj02(found_lon, found_lat)
        found_lon, found_lat = found_lon + lon_a - there[0], found_lat + lat_a - there[1]
    inside = _in_china(lon_a, lat_a)
    return np.where(inside, found_lon, lon_a), np.where(inside, found_lat, lat_a)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float64s, Float64s]:
    """Return BD-09 degrees of GCJ-02 degrees; outside CHINA_BOX unchanged."""
    lon_a, lat_a = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    shifted = _bd09(lon_a, lat_a)
    inside = _in_china(lon_a, lat_a)
    return np.where(inside, shifted[0], lon_a), np.where(inside, shifted[1], lat_a)


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float64s, Float64s]:
    """Return GCJ-02 degrees of BD-09 degrees; outside CHINA_BOX unchanged; inverse to less than 1 mm."""
    lon_a, lat_a = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    found_lon, found_lat = lon_a - 0.0065, lat_a - 0.006
    for _ in range(INVERSE_STEPS):
        there = _bd09(found_lon, found_lat)
        found_lon, found_lat = found_lon + lon_a - there[0], found_lat + lat_a - there[1]
    inside = _in_china(lon_a, lat_a)
    return np.where(inside, found_lon, lon_a), np.where(inside, found_lat, lat_a)


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float64s, Float64s]:
    """Return BD-09 degrees of WGS-84 degrees; outside CHINA_BOX unchanged."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Float64s, Float64s]:
    """Return WGS-84 degrees of BD-09 degrees; outside CHINA_BOX unchanged; inverse to less than 1 mm."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _in_china(lon: Float64s, lat: Float64s) -> npt.NDArray[np.bool_]:
    west, south, east, north = CHINA_BOX
    inside: npt.NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _gcj02(lon: Float64s, lat: Float64s) -> tuple[Float64s, Float64s]:
    x, y = lon - 105.0, lat - 35.0
    common = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)

    def waves(at: Float64s, wide: float, wider: float, widest: float) -> Float64s:
        found: Float64s = wide * np.sin(np.pi * at) + 40.0 * np.sin(np.pi / 3.0 * at)
        return found + wider * np.sin(np.pi / 12.0 * at) + widest * np.sin(np.pi / 30.0 * at)

    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (common + waves(y, 20.0, 160.0, 320.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (common + waves(x, 20.0, 150.0, 300.0)) * 2.0 / 3.0
    phi = np.radians(lat)
    square = 1.0 - _E2 * np.sin(phi) ** 2
    to_lat = north * 180.0 / (_A * (1.0 - _E2) / (square * np.sqrt(square)) * np.pi)
    to_lon = east * 180.0 / (_A / np.sqrt(square) * np.cos(phi) * np.pi)
    return lon + to_lon, lat + to_lat


def _bd09(lon: Float64s, lat: Float64s) -> tuple[Float64s, Float64s]:
    far = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return far * np.cos(angle) + 0.0065, far * np.sin(angle) + 0.006
