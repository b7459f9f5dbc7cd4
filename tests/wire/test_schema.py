"""The schema that the web client's types are generated from is the wire's own, today."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from dispatch.access.refusals import Door
from dispatch.domain.refusals import Code
from dispatch.wire import frames as fr
from dispatch.wire.schema import wire_schema


def test_the_committed_schema_is_not_stale(repo_root: Path) -> None:
    command = [sys.executable, "-m", "dispatch", "schema", "--check"]
    checked = subprocess.run(command, cwd=repo_root, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_stale_schema_is_told_with_what_to_do(repo_root: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text("{}")
    command = [sys.executable, "-m", "dispatch", "schema", "--check", "-o", str(old)]
    checked = subprocess.run(command, cwd=repo_root, capture_output=True, text=True)
    assert checked.returncode == 1
    assert "./run schema" in checked.stderr
    assert old.read_text() == "{}"


def test_every_frame_and_every_refusal_is_in_the_schema_and_all_its_fields_are_required() -> None:
    definitions = wire_schema()["$defs"]
    for union in ("ClientFrame", "ServerFrame"):
        refs = {row["$ref"].rsplit("/", 1)[1] for row in definitions[union]["oneOf"]}
        assert refs <= set(definitions)
        assert set(definitions[union]["discriminator"]["mapping"].values()) == {f"#/$defs/{ref}" for ref in refs}
    assert definitions["RefusalCode"]["enum"] == [str(code) for code in (*Code, *Door)]
    frame = definitions["EventFrame"]
    assert set(frame["required"]) == set(frame["properties"]) == set(fr.EventFrame.model_fields)
    assert frame["additionalProperties"] is False


def test_no_reference_of_the_schema_leads_nowhere() -> None:
    document = wire_schema()
    references = set(_references(document))
    assert {reference.removeprefix("#/$defs/") for reference in references} <= set(document["$defs"])
    assert json.loads(json.dumps(document)) == document


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []
