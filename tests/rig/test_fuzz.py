"""The fuzzing itself, short; and that it sees an answer that the description does not name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rig import fuzz, routes
from tests.rig.part import Effort


@pytest.mark.slow
def test_nothing_that_is_sent_breaks_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "SHORT_EXAMPLES", 1)
    found = fuzz.run(Effort(seed=135, short=True, folder=tmp_path))
    assert found.broken == ()
    assert found.figures["unhandled"] == found.figures.get("answers_5xx", 0) == 0
    assert found.figures["requests"] > 300
    assert found.figures["sockets"] >= 10


def test_known_names_are_tried_beside_any_others_and_tuples_are_plain() -> None:
    raw = {
        "paths": {
            "/t/{team}": {"get": {"parameters": [{"in": "path", "name": "team", "schema": {"type": "string"}}]}}
        },
        "components": {"schemas": {"B": {"prefixItems": [{"type": "number"}, {"type": "number"}], "maxItems": 2}}},
    }
    described = fuzz.with_known(raw, {"team": ["T1"]})
    (parameter,) = described["paths"]["/t/{team}"]["get"]["parameters"]
    assert parameter["schema"]["anyOf"] == [{"enum": ["T1"], "type": "string"}, {"type": "string"}]
    assert described["components"]["schemas"]["B"] == {"items": {"type": "number"}, "maxItems": 2}
    assert "prefixItems" in raw["components"]["schemas"]["B"], "the description itself is left as it is"


def test_the_matrix_of_routes_is_read_from_its_own_results(tmp_path: Path) -> None:
    told = tmp_path / "m.xml"
    told.write_text(
        '<testsuites><testsuite><testcase name="a"/><testcase name="b"><failure message="no"/></testcase>'
        '<testcase name="c"><skipped message="why"/></testcase></testsuite></testsuites>'
    )
    assert routes.results(told) == (3, ["b failure: no", "c skipped: why"])
    assert routes.results(tmp_path / "none.xml") == (0, [])
