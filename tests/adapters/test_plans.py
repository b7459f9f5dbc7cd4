"""A response plan from a file of any content: records, or one sentence that says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.adapters.plans import DEFAULT_PLANS, read_plans
from dispatch.service.response_plan import PlanError, parse_plans

TEXT = DEFAULT_PLANS.read_text(encoding="utf-8")
KEYS = ("at_once", "opens", "teams", "classes", "accept_within_s", "wave")
VALUES = ("[]", '["x"]', "{}", "{a = 1}", "[[1]]", "[{}]", "nan", "1e9", "1979-05-27", "true", '""', "9" * 30)


def planted(key: str, value: str) -> str:
    """The plan that ships, with the first ``key`` of a second wave set to ``value``."""
    text, found = re.subn(rf"^{key} *=.*$", lambda _: f"{key} = {value}", TEXT, count=1, flags=re.MULTILINE)
    assert found == 1, key
    return text


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", VALUES)
def test_a_value_of_another_type_is_told_with_its_line_and_its_key(key: str, value: str) -> None:
    if (key, value) in {("classes", "[]")}:
        parse_plans(planted(key, value), "my.toml")
        return
    with pytest.raises(PlanError, match=rf"^my\.toml line \d+: (wave|{key}) "):
        parse_plans(planted(key, value), "my.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = " + "[" * 5000, "too deep"),
        ("a = " + "{a = " * 3000 + "1" + "}" * 3000, "too deep"),
        ("a = " + "9" * 10_000, "a number that cannot be read"),
        ("\0", "is no TOML"),
    ],
)
def test_a_text_that_no_reader_of_toml_can_take_is_told_with_what_to_do(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "my.toml"
    file.write_text(text)
    with pytest.raises(PlanError, match=rf"^my\.toml .*{told}.*: \w+ "):
        read_plans(file)


@given(st.data())
def test_a_plan_with_any_part_of_it_torn_out_or_doubled_is_read_or_told(data: st.DataObject) -> None:
    lines = TEXT.splitlines()
    start = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(start, min(len(lines), start + 12)))
    torn = data.draw(st.sampled_from((lines[:start] + lines[end:], lines[:end] + lines[start:])))
    try:
        parse_plans("\n".join(torn), "my.toml")
    except PlanError as error:
        assert str(error).startswith("my.toml ")
