"""Lengths on the sphere and the local plane."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_data.coordinates import EARTH_RADIUS_M, LocalPlane, straight_m
from geo_data.types import LonLat

lons, lats = st.floats(-180, 180), st.floats(-85, 85)


def test_closed_forms():
    quarter_m = EARTH_RADIUS_M * math.pi / 2
    assert straight_m(LonLat(0, 0), LonLat(90, 0)) == pytest.approx(quarter_m)
    assert straight_m(LonLat(10, 0), LonLat(10, 90)) == pytest.approx(quarter_m)
    assert straight_m(LonLat(0, 0), LonLat(180, 0)) == pytest.approx(2 * quarter_m)
    assert straight_m(LonLat(179.999, 0), LonLat(-179.999, 0)) == pytest.approx(222.39, abs=0.01)
    # half of a degree of longitude at 60° is as long as at the equator a quarter of one, nearly
    assert straight_m(LonLat(0, 60), LonLat(0.01, 60)) == pytest.approx(1111.949 / 2, rel=1e-4)


@given(lons, lats, lons, lats)
def test_symmetric_and_bounded(lon_a, lat_a, lon_b, lat_b):
    a, b = LonLat(lon_a, lat_a), LonLat(lon_b, lat_b)
    there = straight_m(a, b)
    assert there == pytest.approx(straight_m(b, a))
    assert 0.0 <= there <= EARTH_RADIUS_M * math.pi + 1e-6
    assert straight_m(a, a) == 0.0


@given(lons, lats, st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_the_plane_and_back(lon0, lat0, x_m, y_m):
    plane = LocalPlane(lon0, lat0)
    x, y = plane.to_xy(*plane.to_lonlat(x_m, y_m))
    assert x == pytest.approx(x_m, abs=1e-3) and y == pytest.approx(y_m, abs=1e-3)


@given(st.floats(-170, 170), st.floats(-60, 60), st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_the_plane_keeps_lengths(lon0, lat0, x_m, y_m):
    lon, lat = LocalPlane(lon0, lat0).to_lonlat(x_m, y_m)
    true_m = straight_m(LonLat(lon0, lat0), LonLat(float(lon), float(lat)))
    assert true_m == pytest.approx(math.hypot(x_m, y_m), rel=2e-3, abs=1e-3)
