"""The offline map: tiles that another reader understands, within their bounds, with every street in them."""

from __future__ import annotations

import gzip
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import deserialize_header, tileid_to_zxy, zxy_to_tileid

from geo_data.basemap import MapMatter, matter_of_ground, read_map, write_tiles
from geo_data.basemap.features import LAYERS, MAX_ZOOM, MIN_ZOOM, ROAD_FROM_ZOOM, Feature, road_features
from geo_data.basemap.mvt import EXTENT, encode_layer
from geo_data.basemap.tiles import BUFFER, project
from geo_data.errors import GroundError
from geo_data.samples import TOWN_OSM
from geo_data.sources import read_ground
from geo_data.types import ROAD_CLASSES

Tiles = dict[tuple[int, int, int], dict]


def silent(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def matter() -> MapMatter:
    return read_map(TOWN_OSM, silent)


@pytest.fixture(scope="module")
def bounds(matter: MapMatter) -> tuple[float, float, float, float]:
    roads = [feature.shape for feature in matter.features if feature.layer == "roads"]
    return tuple(shapely.total_bounds(roads).tolist())


@pytest.fixture(scope="module")
def file(matter, bounds, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("map") / "town.pmtiles"
    write_tiles(matter.features, bounds, "Apache-2.0", path, silent)
    return path


def tiles_in(path: Path) -> Iterator[tuple[tuple[int, int, int], dict]]:
    with path.open("rb") as opened:
        for zxy, data in all_tiles(MmapSource(opened)):
            yield zxy, mapbox_vector_tile.decode(gzip.decompress(data), default_options={"y_coord_down": True})


@pytest.fixture(scope="module")
def tiles(file) -> Tiles:
    return dict(tiles_in(file))


def test_the_file_is_what_its_header_says(file, tiles, bounds):
    with file.open("rb") as opened:
        reader = Reader(MmapSource(opened))
        header = reader.header()
        assert reader.metadata()["attribution"] == "Apache-2.0"
    assert (header["min_zoom"], header["max_zoom"]) == (MIN_ZOOM, MAX_ZOOM)
    assert header["addressed_tiles_count"] == len(tiles)
    west = header["min_lon_e7"] / 1e7
    assert west == pytest.approx(bounds[0], abs=1e-6)
    assert deserialize_header(file.read_bytes()[:127])["clustered"] is True


def test_every_named_street_is_in_the_last_tiles(matter, tiles):
    wanted = {dict(feature.tags).get("name") for feature in matter.features if feature.layer == "roads"} - {None}
    drawn = {
        feature["properties"].get("name")
        for (zoom, _, _), tile in tiles.items()
        if zoom == MAX_ZOOM
        for feature in tile.get("roads", {"features": []})["features"]
    }
    assert len(wanted) > 100
    assert wanted <= drawn


def test_shapes_stay_within_their_tile(tiles):
    for tile in tiles.values():
        assert set(tile) <= set(LAYERS)
        for layer in tile.values():
            assert layer["extent"] == EXTENT
            for feature in layer["features"]:
                west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
                assert min(west, south) >= -BUFFER
                assert max(east, north) <= EXTENT + BUFFER


def test_all_roads_are_drawn_in_their_length(matter, tiles, bounds):
    """Two ways to the same figure: the length of roads in the extract, and that of the lines in the tiles."""
    scale = float(EXTENT << MAX_ZOOM)
    roads = [feature.shape for feature in matter.features if feature.layer == "roads"]
    true = sum(shapely.length(shapely.transform(shape, lambda at: project(at) * scale)) for shape in roads)
    drawn = sum(
        shapely.length(shapely.clip_by_rect(shapely.geometry.shape(feature["geometry"]), 0, 0, EXTENT, EXTENT))
        for (zoom, _, _), tile in tiles.items()
        if zoom == MAX_ZOOM and "roads" in tile
        for feature in tile["roads"]["features"]
    )
    assert drawn == pytest.approx(true, rel=0.01)


def test_lesser_roads_come_later(tiles):
    for (zoom, _, _), tile in tiles.items():
        for feature in tile.get("roads", {"features": []})["features"]:
            assert ROAD_FROM_ZOOM[feature["properties"]["class"]] <= zoom


def test_polygons_are_valid_or_touch_themselves_at_most(tiles):
    """Rounding may pinch a ring; what a renderer needs is that areas agree with those of a repaired shape."""
    for tile in tiles.values():
        for feature in tile.get("areas", {"features": []})["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            repaired = shapely.make_valid(shape)
            assert shape.area == pytest.approx(repaired.area, rel=0.02, abs=60.0)


def test_the_same_extract_gives_the_same_bytes(matter, bounds, file, tmp_path):
    write_tiles(matter.features, bounds, "Apache-2.0", tmp_path / "again.pmtiles", silent)
    assert (tmp_path / "again.pmtiles").read_bytes() == file.read_bytes()


def test_a_ground_without_an_extract_is_drawn_from_its_roads(matter, bounds, tmp_path):
    ground = read_ground(TOWN_OSM)
    own = matter_of_ground(ground)
    named = {each.name for each in own.named}
    assert named <= {each.name for each in matter.named}
    assert len(named) > 100
    path = tmp_path / "roads.pmtiles"
    assert write_tiles(own.features, ground.meta.bounds, "x", path, silent) > 10
    classes = {
        feature["properties"]["class"] for _, tile in tiles_in(path) for feature in tile["roads"]["features"]
    }
    assert {"trunk", "residential"} <= classes <= set(ROAD_CLASSES)


def test_nothing_to_draw_is_said(tmp_path):
    with pytest.raises(GroundError) as told:
        write_tiles([], (7.0, 47.0, 7.1, 47.1), "x", tmp_path / "none.pmtiles", silent)
    assert told.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(matter, bounds, tmp_path):
    with pytest.raises(GroundError, match="cannot be written"):
        write_tiles(matter.features[:5], bounds, "x", tmp_path / "absent" / "a.pmtiles", silent)


def test_an_extract_cut_off_is_said(tmp_path):
    broken = tmp_path / "broken.osm.gz"
    broken.write_bytes(TOWN_OSM.read_bytes()[:5000])
    with pytest.raises(GroundError):
        read_map(broken, silent)


def test_every_class_of_roads_has_its_zoom():
    assert set(ROAD_FROM_ZOOM) == set(ROAD_CLASSES)


def test_one_way_roads_keep_their_direction():
    there = [shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(1, 0), (2, 0)])]
    against = [shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(2, 0), (1, 0)])]
    tags = (("class", "residential"), ("oneway", 1))
    assert [feature.shape.wkt for feature in road_features({tags: there})] == ["LINESTRING (0 0, 1 0, 2 0)"]
    assert len(road_features({tags: against})) == 2
    assert len(road_features({tags[:1]: against})) == 1


# ── the encoder against an independent reader ─────────────────────────────────────────────────────────────────

whole = st.integers(-BUFFER, EXTENT + BUFFER)
point = st.tuples(whole, whole)


def read_back(data: bytes) -> dict:
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})


@given(
    st.lists(st.lists(point, min_size=2, max_size=30), min_size=1, max_size=6),
    st.text(max_size=20),
    st.integers(-(2**31), 2**31),
)
def test_lines_and_tags_are_read_as_they_were_written(lines, word, number):
    shapes = [shapely.LineString(line) for line in lines]
    tags = (("name", word), ("number", number))
    data = encode_layer("roads", shapes, [tags] * len(shapes))
    found = read_back(data)["roads"]["features"] if data else []
    expected = []
    for line in lines:
        kept = [at for i, at in enumerate(line) if i == 0 or at != line[i - 1]]
        if len(kept) >= 2:
            expected.append([list(at) for at in kept])
    assert [feature["geometry"]["coordinates"] for feature in found] == expected
    assert all(feature["properties"] == {"name": word, "number": number} for feature in found)


@given(st.floats(0, EXTENT), st.floats(0, EXTENT), st.floats(3, 500), st.booleans())
def test_areas_with_holes_keep_their_area(x, y, radius, turned):
    outer = shapely.Point(x, y).buffer(radius, quad_segs=8)
    shape = outer.difference(shapely.Point(x, y).buffer(radius / 2, quad_segs=8))
    shape = shapely.reverse(shape) if turned else shape
    decoded = read_back(encode_layer("areas", [shape], [()]))["areas"]["features"][0]["geometry"]
    read = shapely.geometry.shape(decoded)
    assert read.area == pytest.approx(shape.area, abs=2 * outer.length + 20)
    if radius > 20:
        assert len(read.interiors) == 1


@given(st.integers(0, 14), st.data())
def test_numbers_of_tiles_are_the_formats_own(zoom, data):
    x, y = (data.draw(st.integers(0, 2**zoom - 1)) for _ in range(2))
    assert tileid_to_zxy(zxy_to_tileid(zoom, x, y)) == (zoom, x, y)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_projection_by_the_textbook(lon, lat):
    """Web Mercator by its other formula: y = (1 - ln(tan φ + sec φ) / π) / 2."""
    phi = np.radians(lat)
    ((x, y),) = project(np.array([[lon, lat]]))
    assert x == pytest.approx((lon + 180) / 360, abs=1e-12)
    assert y == pytest.approx((1 - np.log(np.tan(phi) + 1 / np.cos(phi)) / np.pi) / 2, abs=1e-12)


def test_real_extracts(shared_data, tmp_path):
    for name in ("liechtenstein.osm.pbf", "shanghai_center.osm.gz"):
        matter = read_map(shared_data / "roads" / name, silent)
        roads = [feature for feature in matter.features if feature.layer == "roads"]
        frame = tuple(shapely.total_bounds([feature.shape for feature in roads]).tolist())
        write_tiles(matter.features, frame, "ODbL", tmp_path / "map.pmtiles", silent)
        wanted = {dict(feature.tags).get("name") for feature in roads} - {None}
        drawn, kinds = set(), defaultdict(int)
        for (zoom, _, _), tile in tiles_in(tmp_path / "map.pmtiles"):
            for layer, said in tile.items():
                kinds[layer] += len(said["features"])
            if zoom == MAX_ZOOM:
                drawn |= {
                    feature["properties"].get("name") for feature in tile.get("roads", {"features": []})["features"]
                }
        assert wanted <= drawn
        assert kinds["roads"] > 1000


def test_a_feature_beyond_the_frame_is_cut_off(tmp_path):
    inside = Feature("roads", 8, (("class", "trunk"),), shapely.LineString([(7.0, 47.0), (7.1, 47.1)]))
    outside = Feature("roads", 8, (("class", "trunk"),), shapely.LineString([(20.0, 47.0), (20.1, 47.1)]))
    frame = (7.0, 47.0, 7.1, 47.1)
    both, one = tmp_path / "both", tmp_path / "one"
    write_tiles([inside, outside], frame, "x", both, silent)
    write_tiles([inside], frame, "x", one, silent)
    assert both.read_bytes() == one.read_bytes()
    assert io.BytesIO(one.read_bytes()).read(7) == b"PMTiles"


def test_the_page_reads_the_file_that_we_write(repo_root, tmp_path):
    """``tests/golden/one_road.pmtiles`` is read by the page's tests (basemap.test.ts): it is what we write."""
    tags = (("class", "trunk"), ("name", "郭溪大道"), ("name_en", "Guoxi Avenue"))
    road = Feature("roads", 8, tags, shapely.LineString([(120.5, 28.0), (120.6, 28.02)]))
    write_tiles([road], (120.5, 28.0, 120.6, 28.02), "golden", tmp_path / "one.pmtiles", silent)
    assert dict(tiles_in(repo_root / "tests/golden/one_road.pmtiles")) == dict(tiles_in(tmp_path / "one.pmtiles"))
