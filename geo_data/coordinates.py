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
