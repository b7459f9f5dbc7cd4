"""The ground file: a true copy, mapped and read-only; damage is told; a kill leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest

from geo_data.errors import GroundError
from geo_data.graph import COLUMNS
from geo_data.sources import bundle, load_ground, save_ground


@pytest.fixture
def file(sample_town, tmp_path):
    path = tmp_path / "town.ground"
    save_ground(sample_town, path)
    return path


def test_a_true_copy(sample_town, file):
    loaded = load_ground(file)
    assert loaded.meta == sample_town.meta
    assert loaded.profiles == sample_town.profiles
    for profile in loaded.profiles:
        graph, other = loaded.graph(profile), sample_town.graph(profile)
        graph.check()  # also that no column can be written to
        assert graph.names == other.names
        for name in COLUMNS:
            np.testing.assert_array_equal(graph.column(name), other.column(name))
            assert graph.column(name).ctypes.data % 64 == 0
    with pytest.raises(ValueError, match="read-only"):
        loaded.graph("car").travel_ms[0] = 1


def test_the_same_ground_gives_the_same_bytes(file, tmp_path):
    again = tmp_path / "again.ground"
    save_ground(load_ground(file), again)
    assert again.read_bytes() == file.read_bytes()


def test_any_flipped_byte_is_told(file):
    whole = bytearray(file.read_bytes())
    rng = np.random.default_rng(1)
    header = int.from_bytes(whole[12:16], "little")
    places = [0, 9, 13, 17, 40, 32 + header - 1, *rng.integers(32 + header + 64, len(whole), 40).tolist()]
    told = 0
    for place in places:
        whole[place] ^= 0x40
        file.write_bytes(whole)
        try:
            ground = load_ground(file)
        except GroundError as error:
            assert "import" in error.hint
            told += 1
        else:  # only padding between columns may differ unseen
            assert ground.graph("car").n_arcs > 0
            assert whole[place] == 0x40
        whole[place] ^= 0x40
    assert told >= len(places) - 5


def test_a_cut_off_file_is_told(file):
    whole = file.read_bytes()
    for size in (0, 5, 20, 1000, len(whole) // 2, len(whole) - 70):
        file.write_bytes(whole[:size])
        with pytest.raises(GroundError) as caught:
            load_ground(file)
        assert "import" in caught.value.hint or size == 0


def test_another_version_and_other_files(file, tmp_path):
    whole = bytearray(file.read_bytes())
    whole[8] = 77
    file.write_bytes(whole)
    with pytest.raises(GroundError, match="format version 77"):
        load_ground(file)
    with pytest.raises(GroundError, match="there is no ground file"):
        load_ground(tmp_path / "absent.ground")
    (tmp_path / "text.ground").write_text("hello " * 100)
    with pytest.raises(GroundError, match="is not a ground file"):
        load_ground(tmp_path / "text.ground")


def test_a_header_that_lies_is_told(file):
    whole = bytearray(file.read_bytes())
    length = int.from_bytes(whole[12:16], "little")
    text = bytes(whole[32 : 32 + length]).replace(b'"name":"tail"', b'"name":"tale"')
    whole[32 : 32 + length] = text
    whole[16:20] = zlib.crc32(text).to_bytes(4, "little")
    file.write_bytes(whole)
    with pytest.raises(GroundError, match="in its header"):
        load_ground(file)


def test_without_nameless_files(sample_town, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "_open_nameless", lambda directory: None)
    path = tmp_path / "town.ground"
    save_ground(sample_town, path)
    save_ground(sample_town, path)
    assert [p.name for p in tmp_path.iterdir()] == ["town.ground"]
    assert load_ground(path).meta == sample_town.meta


def test_an_error_leaves_the_old_file_and_no_other(sample_town, file, monkeypatch):
    before = file.read_bytes()

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GroundError, match="No space left"):
        save_ground(sample_town, file)
    assert file.read_bytes() == before
    assert [p.name for p in file.parent.iterdir()] == ["town.ground"]


def test_no_directory(sample_town, tmp_path):
    with pytest.raises(GroundError, match="cannot be written"):
        save_ground(sample_town, tmp_path / "absent" / "town.ground")


KILLED = """
import sys, time
from geo_data.sources import bundle, read_ground
encode = bundle._encode
def slowly(ground):
    for i, chunk in enumerate(encode(ground)):
        yield chunk
        if i == 40:
            sys.stdout.write("writing\\n"); sys.stdout.flush()
bundle._encode = slowly
original = bundle.os.fsync
def stuck(fd):
    sys.stdout.write("written\\n"); sys.stdout.flush()
    time.sleep(60)
bundle.os.fsync = stuck
bundle.save_ground(read_ground(sys.argv[1], ("car",)), sys.argv[2])
"""


def test_kill_9_leaves_no_half_file(repo_root, tmp_path):
    source = repo_root / "geo_data" / "samples" / "guoxi_like.osm.gz"
    target = tmp_path / "town.ground"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(source), str(target)], cwd=repo_root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(2):
        line = process.stdout.readline()
    assert line == "written\n"  # all bytes are in the file, which has no name yet
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_loads_fast(file):
    load_ground(file)
    began = time.perf_counter()
    load_ground(file)
    assert time.perf_counter() - began < 0.2  # some ms; the wide margin is for a busy machine
