"""Advice over HTTP and on the command line: the same numbers, those that the desk decides by; it writes nothing."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from dispatch.__main__ import main
from dispatch.adapters.log_open import SqliteReader
from dispatch.adapters.log_verify import state_at
from dispatch.assignment.moveup import MoveUpRules
from dispatch.cli.recommend_words import LANGUAGES
from dispatch.domain.refusals import Code
from dispatch.domain.types import Point, TeamId
from dispatch.sim.reporter import new_key
from tests.live import Service


def recommend(service: Service, incident: str) -> dict:
    found = service.reporter.call("GET", f"/api/incidents/{incident}/recommendation")
    assert isinstance(found, dict)
    return found


def spot(service: Service) -> Point:
    return next(place.point for place in service.town.places if place.place == "P09")


def test_an_incident_whose_team_is_chosen_lacks_nobody_and_advice_writes_nothing(service: Service) -> None:
    at = spot(service)
    incident = service.reporter.report(at.lat, at.lon)
    view = service.reporter.incident(incident)
    seq = service.station.desk.state.seq
    assert recommend(service, incident)["picks"] == []
    assert view["orders"][0]["choice"]["ranked"]
    assert service.station.desk.state.seq == seq


def test_an_incident_that_nobody_has_and_an_unknown_or_closed_one_are_refused_with_a_hint(service: Service) -> None:
    status, problem = service.raw("GET", "/api/incidents/I9999/recommendation")
    assert (status, json.loads(problem)["code"]) == (404, Code.UNKNOWN_INCIDENT)
    at = spot(service)
    incident = service.reporter.report(at.lat, at.lon)
    service.reporter.call("POST", f"/api/incidents/{incident}/close", {"key": new_key()})
    status, problem = service.raw("GET", f"/api/incidents/{incident}/recommendation")
    assert (status, json.loads(problem)["code"]) == (409, Code.INCIDENT_NOT_OPEN)
    assert "closed" in json.loads(problem)["message"]
    first, second = (service.reporter.report(at.lat, at.lon) for _ in range(2))
    service.reporter.call("POST", f"/api/incidents/{second}/merge", {"key": new_key(), "into": first})
    status, problem = service.raw("GET", f"/api/incidents/{second}/recommendation")
    assert (status, json.loads(problem)["code"]) == (409, Code.INCIDENT_NOT_OPEN)


def test_where_all_teams_are_off_duty_the_recommendation_says_so_of_each(service: Service) -> None:
    for team in service.town.roster:
        service.reporter.call("POST", f"/api/teams/{team.team}/duty", {"key": new_key(), "on_duty": False})
    at = spot(service)
    incident = service.reporter.report(at.lat, at.lon)
    (pick,) = recommend(service, incident)["picks"]
    assert (pick["action"], pick["reason"]) == ("none", "all_off_duty")
    assert {each["reason"] for each in pick["excluded"]} == {"off_duty"}
    assert {each["team"] for each in pick["excluded"]} == {team.team for team in service.town.roster}


def test_move_ups_name_idle_teams_posts_and_holes_and_never_lower_the_cover(service: Service) -> None:
    found = service.reporter.call("GET", "/api/moveups")
    assert found["moves"], "the sample town has a better posture than all at home"
    assert found["after_micro"] > found["before_micro"] > 0
    assert found["after_micro"] - found["before_micro"] == sum(
        move["won_micro"] - move["lost_micro"] for move in found["moves"]
    )
    teams = [move["team"] for move in found["moves"]]
    assert len(teams) == len(set(teams)) <= found["left_this_hour"]
    assert all(move["hole"]["team"] == move["team"] for move in found["moves"])


def test_the_limit_on_moves_counts_what_the_log_tells_whoever_asked_before_and_after_a_restart(
    service: Service, tmp_path: Path
) -> None:
    teams = [team.team for team in service.town.roster]
    at = spot(service)

    def stand_by(team: TeamId, lat: float) -> None:
        body = {"key": new_key(), "lat": lat, "lon": at.lon}
        assert service.reporter.call("POST", f"/api/teams/{team}/standby", body)

    stand_by(teams[0], at.lat)
    stand_by(teams[0], at.lat + 0.001)  # one team that moves twice has made two moves
    stand_by(teams[1], at.lat)
    assert service.reporter.call("GET", "/api/moveups")["left_this_hour"] == 1
    stand_by(teams[2], at.lat)
    found = service.reporter.call("GET", "/api/moveups")
    assert (found["left_this_hour"], found["moves"]) == (0, [])
    state = service.station.desk.state
    with contextlib.closing(SqliteReader(tmp_path / "desk.sqlite")) as reader:
        taken = [row[1] for row in reader.rows() if row[4] == "standby_taken"]
        again, _ = state_at(reader)
    assert state.moved_at_ms == tuple(taken)
    assert len(taken) == 4
    assert again.moved_at_ms == state.moved_at_ms
    hour_later_ms = max(state.moved_at_ms) + 3_600_000
    assert MoveUpRules().left(again.moved_at_ms, hour_later_ms - 1) >= 1
    assert MoveUpRules().left(again.moved_at_ms, hour_later_ms) == 2


@pytest.mark.parametrize("policy", ["nearest", "coverage"])
def test_the_command_line_recommends_what_the_desk_sends(
    service: Service, capsys: pytest.CaptureFixture[str], policy: str
) -> None:
    """On the same town with the same teams at home, ``recommend --json`` names the numbers of the live order."""
    at = spot(service)
    assert main(["recommend", f"--at={at.lat},{at.lon}", "--json", "--policy", policy]) == 0
    (pick,) = json.loads(capsys.readouterr().out)["picks"]
    incident = service.reporter.report(at.lat, at.lon)
    order = service.reporter.incident(incident)["orders"][0]
    nearest = pick if policy == "nearest" else pick["other"]
    assert nearest["team"] == order["team"] == TeamId(order["choice"]["ranked"][0]["team"])
    assert nearest["eta_ms"] == order["eta_ms"]
    ranked = [(each["team"], each["eta_ms"], each["road_m"]) for each in pick["choice"]["ranked"]]
    assert ranked == [(each["team"], each["eta_ms"], each["road_m"]) for each in order["choice"]["ranked"]]
    assert pick["choice"]["straight_line_team"] == order["choice"]["straight_line_team"]
    assert all(each["loss_micro"] is not None for each in pick["choice"]["ranked"])
    assert pick["choice"]["hole"]["team"] == pick["team"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_line_tells_it_in_words(capsys: pytest.CaptureFixture[str], language: str) -> None:
    assert main(["recommend", "--at=27.9935,120.5735", "--move-ups", "--lang", language]) == 0
    told = capsys.readouterr().out
    words = LANGUAGES[language]
    assert words["hole"] in told
    assert words["nearest"] in told
    assert "→ D5" in told


def test_bad_input_of_the_command_line_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["recommend"], ["recommend", "--at=1"], ["recommend", "--at=0,0"]):
        assert main(arguments) == 2
        error = capsys.readouterr().err.splitlines()
        assert any(line.startswith("error: ") for line in error)
        assert "Traceback" not in "".join(error)


def test_both_languages_have_the_same_words_and_the_same_places_to_fill() -> None:
    from string import Formatter  # noqa: PLC0415

    chinese, english = LANGUAGES["zh-CN"], LANGUAGES["en"]
    assert set(chinese) == set(english)
    for name, text in chinese.items():
        fields = sorted(str(field) for _, field, _, _ in Formatter().parse(text) if field is not None)
        assert fields == sorted(
            str(field) for _, field, _, _ in Formatter().parse(english[name]) if field is not None
        )


def test_every_reason_has_words() -> None:
    from dispatch.assignment.candidates import Reason  # noqa: PLC0415
    from dispatch.assignment.joint import Lack  # noqa: PLC0415

    for words in LANGUAGES.values():
        assert {*Reason, *Lack} <= set(words)


def test_every_order_says_which_hole_it_opens_and_only_the_desk_sees_it(service: Service) -> None:
    at = spot(service)
    order = service.reporter.incident(service.reporter.report(at.lat, at.lon))["orders"][0]
    choice = order["choice"]
    assert choice["hole"]["team"] == order["team"]
    assert choice["hole"]["streets"], "every team of the sample town is alone within a minute of some street"
    assert all(each["loss_micro"] > 0 for each in choice["ranked"])
    live = service.station.desk.state.orders[order["order"]]
    assert live.choice.for_the_team().hole is None


def test_the_second_of_two_orders_sees_the_hole_that_the_first_has_opened(service: Service) -> None:
    """Cover is live: with one team gone, what the others cover alone is more."""
    at = spot(service)
    first = service.reporter.incident(service.reporter.report(at.lat, at.lon))["orders"][0]
    second = service.reporter.incident(service.reporter.report(at.lat, at.lon + 0.02))["orders"][0]
    before = {each["team"]: each["loss_micro"] for each in first["choice"]["ranked"]}
    after = {each["team"]: each["loss_micro"] for each in second["choice"]["ranked"]}
    shared = set(before) & set(after) - {first["team"]}
    assert shared
    assert all(after[team] >= before[team] for team in shared)
    assert any(after[team] > before[team] for team in shared)
