"""`recommend` decides by the response plan, as the service does."""

from __future__ import annotations

import json

import pytest

from dispatch import bootstrap
from dispatch.__main__ import main
from dispatch.adapters.plans import DEFAULT_PLANS, read_plans
from dispatch.domain.errors import SetupError
from dispatch.domain.types import IncidentKind


def asked(capsys: pytest.CaptureFixture[str], kind: IncidentKind) -> list[dict]:
    main(["recommend", "--at", "27.99,120.59", "--kind", kind, "--json"])
    picks: list[dict] = json.loads(capsys.readouterr().out)["picks"]
    return picks


@pytest.mark.parametrize("kind", [IncidentKind.FIGHT, IncidentKind.FLOOD, IncidentKind.DISPUTE])
def test_as_many_teams_as_the_plan_says_and_of_its_classes(capsys: pytest.CaptureFixture[str], kind) -> None:
    first = read_plans(DEFAULT_PLANS).of(kind).waves[0]
    picks = asked(capsys, kind)
    assert len([pick for pick in picks if pick["action"] == "send"]) >= first.teams
    assert all(pick["team"] for pick in picks)


def test_a_ground_is_not_taken_by_a_copied_log(tmp_path) -> None:
    town = bootstrap.sample_town(lambda _text: None)
    (tmp_path / "desk.sqlite").write_bytes(b"a log that was copied here")
    with pytest.raises(SetupError, match="--new-ground"):
        bootstrap.keep_ground(tmp_path, town, accept_another=False)
    assert not (tmp_path / "ground.txt").exists()
    bootstrap.keep_ground(tmp_path, town, accept_another=True)
    bootstrap.keep_ground(tmp_path, town, accept_another=False)
