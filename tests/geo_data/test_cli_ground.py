"""The commands of the ground, driven through their own parser on the sample town."""

from __future__ import annotations

import argparse
import json

import pytest
import shapely

from dispatch.cli.ground import add_parsers
from geo_data.errors import GroundError, TooFarFromRoad


@pytest.fixture
def run():
    parser = argparse.ArgumentParser()
    add_parsers(parser.add_subparsers(required=True))

    def call(*words):
        args = parser.parse_args([str(word) for word in words])
        return args.run(args)

    return call


@pytest.fixture(scope="session")
def town_ground(repo_root, tmp_path_factory):
    path = tmp_path_factory.mktemp("ground") / "town.ground"
    parser = argparse.ArgumentParser()
    add_parsers(parser.add_subparsers(required=True))
    source = repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz"
    args = parser.parse_args(["import", str(source), "-o", str(path)])
    assert args.run(args) == 0
    return path


def test_import_says_what_it_made(run, repo_root, tmp_path, capsys):
    path = tmp_path / "town.ground"
    source = repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz"
    assert run("import", source, "-o", path, "--profiles", "car", "--licence", "mine") == 0
    seen = capsys.readouterr()
    assert "car" in seen.out and "arcs" in seen.out and "foot" not in seen.out
    assert seen.err == "", "progress is for terminals only"
    assert run("info", path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["licence"] == "mine"


def test_info_for_people_and_programs(run, town_ground, capsys):
    assert run("info", town_ground) == 0
    table = capsys.readouterr().out
    for word in ("source", "date", "licence", "bounds", "junctions", "arcs", "largest connected", "km residential"):
        assert word in table
    assert run("info", town_ground, "--json") == 0
    about = json.loads(capsys.readouterr().out)
    assert about["source"] == "guoxi_like.osm.gz" and about["format_version"] == 2
    assert set(about["profiles"]) == {"car", "ebike", "foot"}
    car = about["profiles"]["car"]
    assert car["junctions"] > 1000 and car["arcs"] > car["junctions"]
    assert car["km"] == pytest.approx(sum(car["km_by_class"].values()))
    assert 0.9 < car["connected_share"] <= 1.0
    assert about["bounds"]["west"] < about["bounds"]["east"]


def test_isochrone_to_a_file_and_to_the_screen(run, town_ground, sample_town, tmp_path, capsys):
    west, south, east, north = sample_town.meta.bounds
    graph = sample_town.graph("car")
    at = f"{graph.node_lat_e7[100] / 1e7},{graph.node_lon_e7[100] / 1e7}"
    assert run("isochrone", town_ground, f"--at={at}", "--minutes", "1,3,5") == 0
    shown = json.loads(capsys.readouterr().out)
    areas = [shapely.geometry.shape(feature["geometry"]) for feature in shown["features"]]
    assert [f["properties"]["minutes"] for f in shown["features"]] == [5, 3, 1]
    assert areas[0].covers(areas[1]) and areas[1].covers(areas[2])
    path = tmp_path / "circles.geojson"
    assert run("isochrone", town_ground, "--at", at, "--profile", "foot", "--towards", "-o", path) == 0
    assert "foot" in capsys.readouterr().out
    assert json.loads(path.read_text())["features"][0]["properties"]["towards"] is True
    assert west < east and south < north


def test_nearest_ranks_and_gives_reasons(run, town_ground, sample_town, tmp_path, capsys):
    graph = sample_town.graph("car")
    places = [(graph.node_lat_e7[i] / 1e7, graph.node_lon_e7[i] / 1e7) for i in (50, 400, 900)]
    teams = tmp_path / "teams.csv"
    rows = [f"T{i},第{i}队,{lat},{lon}" for i, (lat, lon) in enumerate(places)]
    teams.write_text("id,name,lat,lon\n" + "\n".join(rows) + "\nFAR,at sea,27.0,125.0\n", encoding="utf-8")
    at = f"{places[1][0]},{places[1][1]}"
    assert run("nearest", town_ground, "--at", at, "--teams", teams, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert [row["rank"] for row in answer["teams"]] == [1, 2, 3]
    first = answer["teams"][0]
    assert first["id"] == "T1" and first["eta_s"] == 0 and first["straight_m"] < 1
    for row in answer["teams"]:
        assert row["road_m"] >= row["straight_m"] - 1
    assert answer["unreachable"][0]["id"] == "FAR"
    assert "farther than 300 m" in answer["unreachable"][0]["reason"]
    assert run("nearest", town_ground, "--at", at, "--teams", teams, "--k", "2") == 0
    table = capsys.readouterr().out
    assert "rank" in table and "T1" in table and "cannot come" in table and table.count("队") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--at", "north"), "is not LAT,LON"),
        (("--at", "95,120"), "out of range"),
        (("--at", "28,120.5", "--minutes", "0"), "out of range"),
        (("--at", "28,120.5", "--minutes", "one"), "out of range"),
        (("--at", "28,120.55", "--profile", "boat"), "no travel profile 'boat'"),
    ],
)
def test_questions_that_cannot_be_answered(run, town_ground, words, message):
    with pytest.raises(GroundError, match=message):
        run("isochrone", town_ground, *words)


def test_a_place_without_roads(run, town_ground):
    with pytest.raises(TooFarFromRoad, match="farther than 300 m"):
        run("isochrone", town_ground, "--at", "29.0,121.5")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("id,name,lat\n1,a,2\n", "no column lon"),
        ("id,name,lat,lon\n1,a,north,2\n", "line 2: lat 'north'"),
        ("id,name,lat,lon\n1,a,99,2\n", "line 2: lat '99'"),
        ("id,name,lat,lon\n1,a,1,2\n1,b,1,2\n", "line 3: id '1'"),
        ("id,name,lat,lon\n", "has no teams"),
        ("", "no column id"),
    ],
)
def test_teams_that_cannot_be_read(run, town_ground, tmp_path, table, message):
    path = tmp_path / "teams.csv"
    path.write_text(table)
    with pytest.raises(GroundError, match=message):
        run("nearest", town_ground, "--at", "28,120.5", "--teams", path)
    with pytest.raises(GroundError, match="cannot be read: No such file"):
        run("nearest", town_ground, "--at", "28,120.5", "--teams", tmp_path / "absent.csv")


def test_import_errors_leave_nothing(run, tmp_path):
    source = tmp_path / "bad.osm"
    source.write_text("no map")
    with pytest.raises(GroundError, match="not an OSM file"):
        run("import", source, "-o", tmp_path / "x.ground")
    with pytest.raises(GroundError, match="there is no directory"):
        run("import", source, "-o", tmp_path / "absent" / "x.ground")
    assert [p.name for p in tmp_path.iterdir()] == ["bad.osm"]


def test_route_in_both_languages_and_as_geojson(run, town_ground, capsys):
    about = json.loads((run("info", town_ground, "--json"), capsys.readouterr().out)[1])
    box = about["bounds"]
    lat, lon = (box["south"] + box["north"]) / 2, (box["west"] + box["east"]) / 2
    place = ("--from", f"{lat},{lon}", "--to", f"{lat + 0.004},{lon + 0.006}")
    assert run("route", town_ground, *place) == 0
    chinese = capsys.readouterr().out
    assert "出发" in chinese and "到达目的地" in chinese
    assert run("route", town_ground, *place, "--lang", "en") == 0
    english = capsys.readouterr().out
    assert "Head " in english and "Arrive" in english
    assert run("route", town_ground, *place, "--json") == 0
    line, *steps = json.loads(capsys.readouterr().out)["features"]
    assert line["geometry"]["type"] == "LineString"
    assert len(line["geometry"]["coordinates"]) == len(line["properties"]["times_s"])
    assert len(steps) == len(chinese.splitlines()) - 2
    assert sum(step["properties"]["travel_s"] for step in steps) == pytest.approx(line["properties"]["travel_s"])
    assert chinese.splitlines()[1].startswith(steps[0]["properties"]["text"])


def test_route_says_no_clearly(run, town_ground):
    with pytest.raises(GroundError, match="--from 'here' is not LAT,LON"):
        run("route", town_ground, "--from", "here", "--to", "28,120")
    with pytest.raises(TooFarFromRoad):
        run("route", town_ground, "--from", "0,0", "--to", "0,0")
    with pytest.raises(GroundError, match="language 'fr'"):
        run("route", town_ground, "--from", "0,0", "--to", "0,0", "--lang", "fr")
