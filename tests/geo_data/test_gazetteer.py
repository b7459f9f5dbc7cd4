"""Finding a place by its name: every name by every way to type it, one letter wrong, the near before the far."""

from __future__ import annotations

import gzip
import time

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from geo_data.basemap import read_map
from geo_data.errors import GroundError
from geo_data.gazetteer import KINDS, Entry, Gazetteer, Named, entries_of, fold, load_gazetteer, save_gazetteer
from geo_data.gazetteer.index import MAX_FOUND, MAX_QUERY
from geo_data.samples import TOWN_OSM

HAN = ("郭溪", "瓯海区", "乐清路", "绿化街", "吕家岙村", "西门大桥", "厦门路", "重庆路")


def entry(name: str, lon: float = 120.0, lat: float = 28.0, kind: str = "street", **more: object) -> Entry:
    return Entry(name, kind, lon, lat, **more)


@pytest.fixture(scope="module")
def town() -> Gazetteer:
    return Gazetteer(entries_of(read_map(TOWN_OSM, lambda _: None).named))


def names(found: list) -> list[str]:
    return [each.entry.name for each in found]


def test_the_example_of_the_brief():
    book = Gazetteer(
        [entry("郭溪", kind="village", name_en="Guoxi"), entry("瞿溪", kind="village"), entry("郭溪街")]
    )
    for query in ("gx", "guoxi", "郭溪", "guo xi", "GuoXi", "guoxu", "guxi", "gouxi", "国溪", "Guoxi"):
        assert names(book.search(query))[0] == "郭溪", query


def test_every_name_of_the_town_finds_itself(town):
    """By itself, its pinyin, its initials and its English name; where many are called so, among those."""
    for each in town.entries:
        if each.kind == "address":
            continue
        syllables = lazy_pinyin(each.name, style=Style.NORMAL)
        sound = fold("".join(syllables))
        assert each.name in names(town.search(each.name)), each
        assert each.name in names(town.search(sound, limit=MAX_FOUND)), (each, sound)
        if each.name_en:
            assert each.name_en in [found.entry.name_en for found in town.search(each.name_en)], each


def test_initials_of_every_name(town):
    for each in town.entries:
        initials = "".join(part[0] for part in lazy_pinyin(each.name)) if each.name.isalpha() else ""
        if len(initials) >= 2 and not each.name.isascii():
            found = town.search(initials, (each.lon, each.lat), MAX_FOUND)
            assert each.name in names(found), (each.name, initials)


def test_every_beginning_of_a_name_finds_it(town):
    for each in town.entries[::17]:
        sound = fold("".join(lazy_pinyin(each.name)))
        for length in range(3, len(sound) + 1):
            found = town.search(sound[:length], (each.lon, each.lat), MAX_FOUND)
            assert each.name in names(found) or len(found) == MAX_FOUND, (each.name, sound[:length])


@pytest.mark.parametrize("name", HAN)
def test_one_slip_is_forgiven(name):
    book = Gazetteer([entry(name), entry("完全不同"), entry("另一条路")])
    sound = "".join(lazy_pinyin(name, style=Style.NORMAL))
    for i in range(1, len(sound)):
        slips = {sound[:i] + sound[i + 1 :], sound[:i] + "q" + sound[i + 1 :], sound[:i] + "q" + sound[i:]}
        slips.add(sound[: i - 1] + sound[i] + sound[i - 1] + sound[i + 1 :] if i > 1 else sound)
        for slip in slips:
            assert name in names(book.search(slip)), slip


def within_one_slip(query: str, key: str) -> bool:
    """Whether a beginning of ``key`` is at most one slip from ``query``, by brute force over all beginnings."""
    return any(slips(query, key[:end]) <= 1 for end in range(len(key) + 1))


def slips(a: str, b: str) -> int:
    """Damerau's distance by its table (optimal string alignment)."""
    table = [[max(i, j) if min(i, j) == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[len(a)][len(b)]


words = st.text("abc", min_size=4, max_size=9)


@given(st.lists(words, min_size=1, max_size=12, unique=True), words)
def test_mended_words_are_those_of_brute_force(book, query):
    """The first letter counts as right; else what is found is what is at most one slip away, and nothing more."""
    found = set(names(Gazetteer([entry(word) for word in book]).search(query, limit=MAX_FOUND)))
    expected = {word for word in book if word[0] == query[0] and within_one_slip(query, word)}
    swapped = {word for word in book if word.startswith(query[1] + query[0])}
    assert expected - swapped <= found
    assert found <= {word for word in book if within_one_slip(query, word)}


def test_of_equal_matches_the_nearer_stands_first():
    twins = [entry("中山路", lon=120.0 + i / 100, within=f"{i}村") for i in range(9)]
    book = Gazetteer(twins)
    for i in range(9):
        found = book.search("zsl", (120.0 + i / 100, 28.0))
        assert found[0].entry.within == f"{i}村"
        away = [each.away_m for each in found]
        assert away == sorted(away)
        assert away[0] == pytest.approx(0.0, abs=0.5)


def test_a_better_match_beats_a_nearer_one():
    book = Gazetteer([entry("新桥", lon=120.5), entry("新桥街", lon=120.0), entry("老新桥", lon=120.0)])
    assert names(book.search("新桥", (120.0, 28.0))) == ["新桥", "新桥街", "老新桥"]


def test_words_in_any_order_and_without_accents():
    book = Gazetteer([entry("Avenida da Boavista"), entry("Rua São João"), entry("Straße der Einheit")])
    assert names(book.search("boavista avenida")) == ["Avenida da Boavista"]
    assert names(book.search("sao joao")) == ["Rua São João"]
    assert names(book.search("strasse")) == ["Straße der Einheit"]


def test_both_readings_of_a_character():
    book = Gazetteer([entry("乐清路")])
    assert names(book.search("yueqinglu")) == names(book.search("leqinglu")) == ["乐清路"]
    assert names(Gazetteer([entry("绿化街")]).search("lvhua")) == ["绿化街"]


@given(st.text(max_size=100), st.integers(-5, 500))
def test_any_question_has_an_answer_soon(town, query, limit):
    found = town.search(query, (120.56, 28.0), limit)
    assert len(found) <= MAX_FOUND
    assert [each.rank for each in found] == sorted(each.rank for each in found)
    assert found == town.search(query[:MAX_QUERY], (120.56, 28.0), limit)


def test_pieces_of_a_street_are_one_and_namesakes_are_told_apart():
    line = shapely.LineString
    named = [
        Named("大街", "street", line([(120.000, 28.0), (120.002, 28.0)])),
        Named("大街", "street", line([(120.002, 28.0), (120.004, 28.0)])),
        Named("大街", "street", line([(120.100, 28.0), (120.102, 28.0)])),
        Named("东村", "village", shapely.Point(120.1, 28.001), "East Village"),
        Named("西村", "village", shapely.Point(120.0, 28.001)),
        Named("远村", "village", shapely.Point(125.0, 28.001)),
    ]
    found = entries_of(named)
    assert [(each.name, each.within) for each in found if each.kind == "street"] == [
        ("大街", "西村"),
        ("大街", "东村"),
    ]
    assert [each.within_en for each in found if each.kind == "street"] == ["", "East Village"]
    assert entries_of(list(reversed(named))) == found


def test_the_file_gives_back_what_was_written(town, tmp_path):
    path = tmp_path / "names.gz"
    save_gazetteer(town.entries, path)
    assert tuple(load_gazetteer(path)) == town.entries
    first = path.read_bytes()
    save_gazetteer(town.entries, path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("data", [b"", b"no gzip", b"\x1f\x8b\x08\x00", gzip.compress(b"[2,[]]", mtime=0)])
def test_a_damaged_file_is_said(tmp_path, data):
    path = tmp_path / "names.gz"
    path.write_bytes(data)
    with pytest.raises(GroundError, match="no index of names"):
        load_gazetteer(path)


def test_kinds_are_known(town):
    assert {each.kind for each in town.entries} <= set(KINDS)


def test_porto_answers_at_once(shared_data):
    """The median of twenty questions over all names of a large city; the machine may be busy, so with room."""
    book = Gazetteer(entries_of(read_map(shared_data / "roads" / "porto.osm.pbf", lambda _: None).named))
    assert len(book.entries) > 5_000
    spent = []
    for query in (
        "a",
        "rua",
        "boavista",
        "bowvista",
        "rua de santa catarina",
        "avenida boavista",
        "zzzz",
        "pt",
    ) * 3:
        start = time.perf_counter()
        book.search(query, (-8.61, 41.15), 10)
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[len(spent) // 2] < 0.020
