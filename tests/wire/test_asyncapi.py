"""The AsyncAPI document keeps the standard's schema, names every frame once, and its payloads take real frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from dispatch.wire import frames as fr
from dispatch.wire.asyncapi import CLIENT, SERVER, asyncapi_document, asyncapi_text
from tests.contract.rows import ONE_OF_EACH
from tests.golden.make import FILE

STANDARD = Path("web_client/node_modules/@asyncapi/specs/schemas/3.0.0.json")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi_document()


def test_it_is_valid_by_the_json_schema_of_asyncapi_3(repo_root: Path, document: dict[str, Any]) -> None:
    if not (repo_root / STANDARD).is_file():
        pytest.skip("npm ci brings the schema of AsyncAPI; the structural tests below run without it")
    standard = jsonschema_rs.validator_for(json.loads((repo_root / STANDARD).read_text(encoding="utf-8")))
    assert [str(error) for error in standard.iter_errors(document)] == []
    broken = json.loads(json.dumps(document))
    broken["operations"]["hearBySocket"]["action"] = "hear"
    assert not standard.is_valid(broken), "the check sees what is wrong"


def test_the_committed_document_is_what_the_code_says(repo_root: Path) -> None:
    path = repo_root / "web_client/schema/asyncapi.json"
    assert path.read_text(encoding="utf-8") == asyncapi_text(), "stale: ./run schema"


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for value in node.values() for each in _references(value)]
    return [each for value in node for each in _references(value)] if isinstance(node, list) else []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = _references(document)
    assert len(references) > 100
    for reference in references:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def test_each_frame_of_each_direction_is_told_once(document: dict[str, Any]) -> None:
    told = {
        operation: [each["$ref"].rsplit("/", 1)[1] for each in row["messages"]]
        for operation, row in document["operations"].items()
    }
    assert told == {
        "hearBySocket": list(CLIENT),
        "hearByPoll": list(CLIENT),
        "tellBySocket": list(SERVER),
        "tellByPoll": list(SERVER),
    }
    unions = {"ClientFrame": fr.CLIENT_FRAMES, "ServerFrame": fr.SERVER_FRAMES}
    for names, union in zip((CLIENT, SERVER), unions.values(), strict=True):
        mapping = union.json_schema()["discriminator"]["mapping"]
        named = {document["components"]["messages"][name]["name"] for name in names}
        assert named == set(mapping) and len(named) == len(names)


def _validator(document: dict[str, Any], name: str) -> Any:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    plain = json.loads(json.dumps(schema))
    return jsonschema_rs.validator_for(plain)


def test_the_payloads_take_what_the_service_sends(document: dict[str, Any]) -> None:
    event, snapshot = _validator(document, "EventFrame"), _validator(document, "Snapshot")
    for seq, each in enumerate(ONE_OF_EACH, 1):
        frame = fr.EventFrame(seq=seq, after=seq - 1, at_ms=1, event=each)
        event.validate(json.loads(fr.encode(frame)))
    golden = json.loads(FILE.read_text(encoding="utf-8"))
    snapshot.validate(golden["snapshot"])
    for frame in golden["frames"]:
        event.validate(frame)
    assert not event.is_valid(golden["frames"][0] | {"seq": "one"})
    assert not event.is_valid(golden["frames"][0] | {"more": 1})
