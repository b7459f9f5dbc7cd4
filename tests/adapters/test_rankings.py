"""Rankings are made ready beside the work, kept for the next start, and change no answer."""

from __future__ import annotations

import logging

from dispatch.adapters.rankings import prepare_rankings
from geo_data.graph import Ground, GroundMeta
from geo_data.hierarchy import hierarchy
from geo_data.nearest import nearest
from geo_data.toy import random_town
from geo_data.types import ArcPosition


def ground(seed: int = 3, rushed: bool = False) -> Ground:
    meta = GroundMeta("toy", "ab" * 32, "", "", "", (0.0, 0.0, 1.0, 1.0))
    return Ground(meta, {"ebike": random_town(seed, rushed=rushed), "car": random_town(seed + 1, rushed=rushed)})


def test_the_profiles_of_the_teams_are_made_ready_and_kept(tmp_path):
    town, folder = ground(), tmp_path / "a" / "b"
    here, there = [ArcPosition(0, 0.0)], [[ArcPosition(9, 1.0)], [ArcPosition(17, 0.0)]]
    wanted = nearest(town.graph("ebike"), here, there)
    prepare_rankings(town, ["ebike", "boat", "ebike"], folder).join(60)
    assert hierarchy(town.graph("ebike")) is not None and hierarchy(town.graph("car")) is None
    assert nearest(town.graph("ebike"), here, there) == wanted
    (file,) = folder.iterdir()
    before = file.stat().st_mtime_ns
    again = ground()
    prepare_rankings(again, ["ebike"], folder).join(60)
    assert hierarchy(again.graph("ebike")) is not None and file.stat().st_mtime_ns == before


def test_a_folder_that_is_a_file_does_no_harm(tmp_path):
    town = ground(8)
    (tmp_path / "ranks").write_text("not a folder")
    prepare_rankings(town, ["car"], tmp_path / "ranks").join(60)
    assert hierarchy(town.graph("car")) is not None


def test_a_road_that_is_far_too_fast_is_told(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    prepare_rankings(ground(), ["car"], tmp_path).join(60)
    assert [record.levelname for record in caplog.records] == ["INFO"] and "21600000 ms" in caplog.text
    caplog.clear()
    prepare_rankings(ground(7, rushed=True), ["ebike"], tmp_path / "rushed").join(60)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert "far too fast for its length" in caplog.text and "2700000 ms are asked" in caplog.text
