"""Lengths on the sphere and the local plane."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_data.coordinates import (
    EARTH_RADIUS_M,
    LocalPlane,
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    haversine_m,
    straight_m,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
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


CHINA = np.random.default_rng(7).uniform([74.0, 3.0], [134.0, 53.0], (5000, 2)).T
PAIRS = [(wgs84_to_gcj02, gcj02_to_wgs84), (gcj02_to_bd09, bd09_to_gcj02), (wgs84_to_bd09, bd09_to_wgs84)]


@pytest.mark.parametrize(("there", "back"), PAIRS)
def test_datums_invert_to_a_millimetre(there, back):
    lon, lat = CHINA
    found = back(*there(lon, lat))
    assert np.max(haversine_m(lon, lat, *found)) < 0.001
    found = there(*back(lon, lat))
    assert np.max(haversine_m(lon, lat, *found)) < 0.001


@pytest.mark.parametrize("convert", [f for pair in PAIRS for f in pair])
def test_outside_china_datums_are_one(convert):
    lon, lat = np.array([-8.6, 2.35, 151.2, 139.7, 100.0]), np.array([41.1, 48.9, -33.9, 35.7, -10.0])
    assert np.array_equal(convert(lon, lat), (lon, lat))
    assert convert(-8.6, 41.1)[0].shape == ()


def test_the_shift_is_some_hundred_metres():
    lon, lat = CHINA
    shift_m = haversine_m(lon, lat, *wgs84_to_gcj02(lon, lat))
    assert shift_m.min() > 10.0 and shift_m.max() < 1_500.0
    # Tiananmen: published examples of the three datums agree to a few centimetres
    gcj = wgs84_to_gcj02(116.391, 39.907)
    assert gcj == pytest.approx((116.397243, 39.908403), abs=3e-6)


def test_boundaries_of_ouhai_in_both_datums(shared_data):
    folder = shared_data / "boundaries"
    wgs, gcj = (
        shapely.get_coordinates(shapely.from_geojson((folder / f"ouhai_streets_{name}.geojson").read_text()))
        for name in ("wgs84", "gcj02")
    )
    assert len(wgs) == len(gcj) > 100
    assert np.max(haversine_m(*wgs.T, *gcj02_to_wgs84(*gcj.T))) < 0.5
    assert np.max(haversine_m(*gcj.T, *wgs84_to_gcj02(*wgs.T))) < 0.5
