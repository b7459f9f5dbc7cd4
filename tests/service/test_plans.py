"""The response plan as data: the file that ships, what is wrong with a wrong one, and the documents made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.adapters.plans import read_plans
from dispatch.cli.plans import plan_docs, refusal_docs
from dispatch.domain.types import IncidentKind, TeamKind, Urgency, Wave
from dispatch.service.response_plan import ONE_TEAM, Opens, PlanError, ResponsePlans, parse_plans
from tests.service.random_day import FILE

TEXT = FILE.read_text(encoding="utf-8")


def test_the_plan_that_ships_has_every_kind_and_its_waves_stand_in_order() -> None:
    plans = read_plans()
    assert set(plans.kinds) == set(IncidentKind)
    for plan in plans.kinds.values():
        assert [part.wave for part in plan.waves] == list(Wave)[: len(plan.waves)]
        first, *later = plan.waves
        assert first.classes == {TeamKind.VILLAGE, TeamKind.DEDICATED}, "W1 are the teams on the street"
        assert all(Opens.HELP in part.opens for part in later), "whoever asks for help gets it"
    fight = plans.of(IncidentKind.FIGHT)
    second = fight.wave(Wave.W2)
    assert second is not None
    assert (fight.waves[0].teams, second.at_once) == (2, Urgency.CRITICAL)
    assert (second.accept_within_ms, second.late_after_ms) == (60_000, 600_000)
    assert fight.after(Wave.W3) is None
    assert ResponsePlans().of(IncidentKind.FIRE) is ONE_TEAM


FIRST = '[[dispute.wave]]\nwave = "W1"\nteams = 1'
WRONG = [
    ("teams = 1", "teams = 0", "teams", "from 1 to 12"),
    ("teams = 1", "teams = true", "teams", "whole number"),
    ("teams = 1", 'teams = "two"', "teams", "whole number"),
    ("teams = 1", "team = 1", "team", "is not known here"),
    ("teams = 1", "x = 1", "x", "is not known here"),
    ("teams = 1", 'vehicle = ""', "vehicle", "1 to 32"),
    ("teams = 1", 'skills = [""]', "skills", "words of 1 to 32"),
    ("teams = 1", "staff = 51", "staff", "from 1 to 50"),
    ("teams = 1", "accept_within_s = 4", "accept_within_s", "from 5 to 3600"),
    ("teams = 1", "late_after_s = 9", "late_after_s", "from 10"),
    ("teams = 1", 'opens = ["late"]', "opens", "the first wave always goes at once"),
    ("teams = 1", 'at_once = "critical"', "at_once", "the first wave always goes at once"),
    ("teams = 1", 'at_once = "now"', "at_once", "critical, urgent, routine"),
    ('wave = "W1"', 'wave = "W2"', "wave", 'must be "W1" here'),
]


@pytest.mark.parametrize(("good", "bad", "key", "rule"), WRONG, ids=lambda value: str(value)[:24])
def test_a_wrong_plan_is_told_with_its_line_its_key_and_what_to_do(
    good: str, bad: str, key: str, rule: str
) -> None:
    planted = TEXT.replace(FIRST, FIRST.replace(good, bad), 1)
    line = next(n for n, text in enumerate(planted.splitlines(), 1) if text.split("=")[0].strip() == key)
    with pytest.raises(PlanError) as told:
        parse_plans(planted, "my.toml")
    assert str(told.value).startswith(f"my.toml line {line}: {key} ")
    assert rule in str(told.value)


def test_classes_that_do_not_exist_are_told() -> None:
    planted = TEXT.replace('classes = ["district"]', 'classes = ["navy"]')
    line = planted.splitlines().index('classes = ["navy"]') + 1
    with pytest.raises(PlanError, match=f"line {line}: classes is a list of village, dedicated, station, district"):
        parse_plans(planted, "my.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[dispute", "is no TOML"),
        ("", r"has no plan for dispute: add a table \[\[dispute.wave\]\]"),
        ("[quarrel]\n" + TEXT, "line 1: quarrel is no kind of incident: use dispute, theft"),
        (TEXT + "\n[[other.wave]]\nwave = 'W3'\n", "W3 would never go: give it opens or at_once"),
        ("dispute = 1\n", r"dispute has waves and nothing else"),
    ],
)
def test_a_plan_that_cannot_be_read_is_told_with_what_to_do(text: str, told: str) -> None:
    if text.startswith("dispute = 1"):
        text += "\n".join(f"[[{kind}.wave]]\nwave='W1'" for kind in IncidentKind if kind != "dispute")
    with pytest.raises(PlanError, match=told):
        parse_plans(text, "my.toml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        read_plans(tmp_path / "none.toml")
    (tmp_path / "large.toml").write_text("#" * 300_000)
    with pytest.raises(PlanError, match="larger than 256 KiB"):
        read_plans(tmp_path / "large.toml")


@pytest.mark.parametrize(
    ("name", "text"), [("response-plan.md", plan_docs(read_plans())), ("refusals.md", refusal_docs())]
)
def test_the_documents_say_what_the_code_says(repo_root: Path, name: str, text: str) -> None:
    assert (repo_root / "docs" / name).read_text(encoding="utf-8") == text, "stale: ./run plans --write-docs"
