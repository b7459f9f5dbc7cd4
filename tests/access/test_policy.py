"""The one policy: separation of duties, and that nobody gains by being locked, early, or nobody."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from dispatch.access.policy import GRANTS, WRITES, Act, Principal, Role, Stage, allowed
from dispatch.access.refusals import DOOR_TABLE, Door, DoorRefusal
from dispatch.domain.refusals import TABLE
from dispatch.server.permissions import RULES


def somebody(role: Role, **changes: object) -> Principal:
    made = Principal(name="x", role=role, desks=frozenset({"main"}), session="s", team="T1")
    return replace(made, **changes)  # type: ignore[arg-type]


def may(principal: Principal | None, act: Act, desk: str = "main", team: str = "T1") -> bool:
    return allowed(principal, act, desk=desk, team=team) is None


def test_every_role_is_in_the_policy_and_every_act_is_somebodys() -> None:
    assert set(GRANTS) == set(Role)
    assert set().union(*GRANTS.values()) == set(Act) - {Act.OPEN, Act.OWN_SESSION}


def test_the_administrator_cannot_read_incidents_and_the_auditor_only_reads() -> None:
    administrator = GRANTS[Role.ADMINISTRATOR]
    assert not administrator & {Act.READ_BOARD, Act.REPORT, Act.COMMAND, Act.CARRY, Act.EXPORT, Act.CONFIRM_DEVICES}
    assert not GRANTS[Role.AUDITOR] & WRITES
    assert [role for role in Role if Act.READ_AUDIT in GRANTS[role]] == [Role.AUDITOR]
    assert [role for role in Role if Act.MANAGE_ACCOUNTS in GRANTS[role]] == [Role.ADMINISTRATOR]
    assert GRANTS[Role.MONITOR] == {Act.READ_METRICS}
    assert GRANTS[Role.TRACKER] == {Act.TRACK}


def test_the_planner_reads_no_incident_and_has_all_that_planning_asks() -> None:
    planner = GRANTS[Role.PLANNER]
    assert planner == {Act.READ_GROUND, Act.READ_PLANNING, Act.PLAN, Act.EXPORT}
    texts = [template for (method, template), act in RULES.items() if act is Act.READ_BOARD and method == "GET"]
    assert {"/api/incidents", "/api/past", "/api/events", "/api/photos/{digest}"} <= set(texts)
    asked = {act for (_, template), act in RULES.items() if template.startswith(("/api/planning", "/api/circles"))}
    assert asked <= planner


@pytest.mark.parametrize("act", Act)
def test_nobody_may_only_what_is_open(act: Act) -> None:
    assert may(None, act) == (act is Act.OPEN)
    if act is not Act.OPEN:
        assert allowed(None, act) == DoorRefusal(Door.SIGN_IN)


@pytest.mark.parametrize(("role", "act"), list(product(Role, Act)))
def test_less_is_never_allowed_to_who_is_ready(role: Role, act: Act) -> None:
    ready = may(somebody(role), act)
    for lesser in (
        somebody(role, locked=True),
        somebody(role, stage=Stage.PASSWORD_DUE),
        somebody(role, stage=Stage.FACTOR_DUE),
        somebody(role, desks=frozenset({"elsewhere"})),
        None,
    ):
        assert may(lesser, act) <= ready
    early = somebody(role, stage=Stage.FACTOR_DUE)
    assert may(early, act) == (act in (Act.OPEN, Act.OWN_SESSION))


@pytest.mark.parametrize("role", Role)
def test_a_locked_screen_reads_on_and_changes_nothing(role: Role) -> None:
    for act in GRANTS[role]:
        assert may(somebody(role, locked=True), act) == (act not in WRITES)


def test_rows_are_those_of_ones_desks_and_a_tablet_is_of_one_team() -> None:
    dispatcher = somebody(Role.DISPATCHER)
    assert may(dispatcher, Act.READ_BOARD, desk="main")
    assert not may(dispatcher, Act.READ_BOARD, desk="other")
    assert may(replace(dispatcher, desks=frozenset({"*"})), Act.READ_BOARD, desk="other")
    tablet = somebody(Role.PATROL)
    assert may(tablet, Act.CARRY, team="T1")
    assert not may(tablet, Act.CARRY, team="T2")
    assert not may(replace(tablet, team=None), Act.CARRY, team="T1")
    assert not may(dispatcher, Act.CARRY)


def test_a_tracker_is_of_one_team_and_nobody_else_sends_positions_over_http() -> None:
    tracker = replace(somebody(Role.TRACKER), session=None)
    assert may(tracker, Act.TRACK, team="T1")
    assert not may(tracker, Act.TRACK, team="T2")
    assert not may(replace(tracker, team=None), Act.TRACK, team="T1")
    assert allowed(tracker, Act.TRACK) is None, "the gate does not know the team yet"
    assert not [role for role in Role if role is not Role.TRACKER and may(somebody(role), Act.TRACK)]
    assert [act for act in Act if may(tracker, act)] == [Act.OPEN, Act.TRACK]


def test_the_rows_of_the_doors_are_apart_from_those_of_the_desk() -> None:
    assert not {str(code) for code in TABLE} & {str(code) for code in DOOR_TABLE}
    numbers = [row.number for row in (*TABLE.values(), *DOOR_TABLE.values())]
    assert len(numbers) == len(set(numbers))
    assert set(DOOR_TABLE) == set(Door)
    assert all(500 < row.number < 600 and 400 <= row.http < 500 and row.hint for row in DOOR_TABLE.values())
