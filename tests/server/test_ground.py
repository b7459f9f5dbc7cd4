"""The map by parts and the search for places, at a real service."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest
from pmtiles.reader import Reader

from dispatch.access.policy import Role
from tests.live import Service

MAP = "/api/ground/basemap.pmtiles"


def ask(
    service: Service, path: str, cookie: str | None = None, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of a request, by a supervisor where no other cookie is given."""
    known = {"Cookie": cookie} if cookie else service.reporter.headers()
    asked = urllib.request.Request(service.base + path, headers={**known, **headers})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(), dict(refused.headers)


def test_the_map_is_read_by_parts(service: Service) -> None:
    """A reader of the format that knows the file by ranges alone finds a tile of the town's middle."""

    def part(offset: int, length: int) -> bytes:
        status, body, headers = ask(service, MAP, Range=f"bytes={offset}-{offset + length - 1}")
        assert status == 206
        assert headers["content-range"].startswith(f"bytes {offset}-")
        return body

    reader = Reader(part)
    header = reader.header()
    assert header["max_zoom"] == 14
    status, whole, headers = ask(service, MAP)
    assert status == 200
    assert headers["content-type"] == "application/vnd.pmtiles"
    assert Reader(lambda offset, length: whole[offset : offset + length]).header() == header
    tile = reader.get(14, 13678, 6863)
    assert tile is not None
    assert len(gzip.decompress(tile)) > 1000


def test_an_unchanged_map_is_not_sent_again(service: Service) -> None:
    _, _, headers = ask(service, MAP, Range="bytes=0-9")
    tag = headers["etag"]
    assert ask(service, MAP, **{"If-None-Match": tag})[:2] == (304, b"")
    assert ask(service, MAP, **{"If-None-Match": '"another"'})[0] == 200
    assert ask(service, MAP, Range="bytes=0-9", **{"If-Range": tag})[0] == 206
    assert ask(service, MAP, Range="bytes=0-9", **{"If-Range": '"another"'})[0] == 200
    assert ask(service, MAP, Range="bytes=999999999-")[0] == 416


@pytest.mark.parametrize("path", [MAP, "/api/ground/search?q=a"])
def test_the_ground_is_for_those_who_work_here(service: Service, path: str) -> None:
    assert ask(service, path, cookie="none=1")[0] == 401
    assert ask(service, path, cookie=service.person(Role.PLANNER).cookie)[0] == 200


@pytest.mark.parametrize(
    "query", ["澄溪中学", "chengxizhongxue", "cxzx", "chengxizhongxu", "Chengxi Middle School"]
)
def test_a_place_of_ours_is_found_by_every_spelling(service: Service, query: str) -> None:
    found = service.reporter.call("GET", f"/api/ground/search?q={quote(query)}")
    assert found[0]["name"] == "澄溪中学"
    assert (found[0]["place"], found[0]["tier"], found[0]["kind"]) == ("P02", "T1", "school")
    assert [each["name"] for each in found].count("澄溪中学") == 1, "the extract's own is the same place"


def test_the_near_stand_first(service: Service) -> None:
    at = service.town.places[20].point
    found = service.reporter.call("GET", f"/api/ground/search?q={quote('路')}&near={at.lat},{at.lon}&limit=50")
    assert len(found) == 50
    streets = [each["away_m"] for each in found if each["kind"] == "street" and each["place"] is None]
    assert streets == sorted(streets)


@pytest.mark.parametrize(
    "query", ["q=", "q=a&limit=0", "q=a&limit=51", "q=a&near=1", "q=a&near=91,0", "q=a&near=nan,0", ""]
)
def test_a_wrong_question_is_told_so(service: Service, query: str) -> None:
    status, body, _ = ask(service, f"/api/ground/search?{query}")
    assert status == 422
    assert b"hint" in body
    assert b"Traceback" not in body


def test_a_question_without_letters_finds_nothing(service: Service) -> None:
    assert service.reporter.call("GET", f"/api/ground/search?q={quote('？！ ')}") == []
