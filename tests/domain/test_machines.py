"""The three machines, walked whole against pictures that were drawn from the issue, not from the tables."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from dispatch.domain.duty_machine import DUTY, Duty, DutyTrigger
from dispatch.domain.incident_machine import INCIDENT, IncidentStatus, IncidentTrigger
from dispatch.domain.machines import Machine
from dispatch.domain.order_machine import ORDER, TEAM_TRIGGERS, OrderStatus, OrderTrigger, already_past

# 接收 → 签收 → 出警 → 到达 → 反馈 → end; and by what, and until when, an order may be lost. A line: from, by, to.
ORDER_PICTURE = """
    offered       accept       accepted
    accepted      depart       en_route
    en_route      arrive       on_scene
    on_scene      report_back  reported_back
    reported_back close        closed
    offered       decline      declined
    offered       expire       expired
    offered       recall       recalled
    accepted      recall       recalled
    en_route      recall       recalled
    on_scene      recall       recalled
    reported_back recall       recalled
"""
ORDER_FINAL = {"closed", "declined", "expired", "recalled"}
INCIDENT_PICTURE = """
    open   close   closed
    closed reopen  open
    open   merge   merged
    merged unmerge open
"""
DUTY_PICTURE = """
    off_duty  start      on_patrol
    on_patrol end        off_duty
    standby   end        off_duty
    on_patrol stand_by   standby
    standby   stand_by   standby
    standby   patrol     on_patrol
    on_patrol start_task on_task
    standby   start_task on_task
    on_task   end_task   on_patrol
"""
FORWARD = ["offered", "accepted", "en_route", "on_scene", "reported_back", "closed"]

MACHINES = [
    (ORDER, OrderStatus, OrderTrigger, ORDER_PICTURE, "offered", ORDER_FINAL, set()),
    (INCIDENT, IncidentStatus, IncidentTrigger, INCIDENT_PICTURE, "open", set(), {"closed", "merged"}),
    (DUTY, Duty, DutyTrigger, DUTY_PICTURE, "off_duty", set(), {"off_duty"}),
]


def drawn(picture: str) -> dict[tuple[str, str], str]:
    lines = [line.split() for line in picture.splitlines() if line.strip()]
    return {(source, trigger): target for source, trigger, target in lines}


@pytest.mark.parametrize("row", MACHINES, ids=lambda row: row[0].name)
def test_every_state_and_trigger_does_what_the_picture_says_and_nothing_else(row) -> None:
    machine, states, triggers, picture, first, final, rest = row
    expected = drawn(picture)
    assert machine.first == first
    assert machine.final == final
    assert machine.rest == rest
    for state, trigger in product(states, triggers):
        assert machine.next(state, trigger) == expected.get((state, trigger)), (state, trigger)
        assert machine.allows(state, trigger) == ((state, trigger) in expected), (state, trigger)
    assert {(str(s), str(t)) for s, t in machine.table} <= set(expected)


@pytest.mark.parametrize("row", MACHINES, ids=lambda row: row[0].name)
def test_every_state_is_reachable_every_trigger_is_used_and_a_final_state_has_no_way_out(row) -> None:
    machine, states, triggers, *_ = row
    assert set(after(machine, machine.first)) | {machine.first} == set(states)
    assert {trigger for _, trigger in machine.table} == set(triggers)
    for state in states:
        ways_out = [trigger for trigger in triggers if machine.allows(state, trigger)]
        assert (state in machine.final) == (not ways_out)
        assert machine.live(state) == (bool(ways_out) and state not in machine.rest)


def after(machine: Machine, state: object) -> list:
    """Every state that can follow ``state`` in one step or more."""
    found: list = []
    waiting = [state]
    while waiting:
        here = waiting.pop()
        for (source, _), target in machine.table.items():
            if source == here and target not in found:
                found.append(target)
                waiting.append(target)
    return found


def test_an_order_never_comes_back_to_a_state_it_has_left() -> None:
    for state in OrderStatus:
        assert state not in after(ORDER, state)


def test_an_order_goes_forward_along_the_answers_or_ends() -> None:
    for (source, _), target in ORDER.table.items():
        if target in FORWARD:
            assert FORWARD.index(target) == FORWARD.index(source) + 1
        else:
            assert target in ORDER.final


def histories(machine: Machine, state: object) -> list[tuple]:
    """Every way from the first state to ``state``, as triggers (the order machine has no circle)."""
    if state == machine.first:
        return [()]
    return [
        (*way, trigger)
        for (source, trigger), target in machine.table.items()
        if target == state
        for way in histories(machine, source)
    ]


@pytest.mark.parametrize(("status", "trigger"), list(product(OrderStatus, OrderTrigger)))
def test_an_answer_is_already_past_exactly_where_every_history_of_the_order_holds_it(
    status: OrderStatus, trigger: OrderTrigger
) -> None:
    expected = all(trigger in way for way in histories(ORDER, status))
    assert already_past(status, trigger) == expected
    assert not (already_past(status, trigger) and ORDER.allows(status, trigger))


def test_silence_is_the_clocks_word_and_recall_the_desks() -> None:
    assert {str(word) for word in OrderTrigger} - {str(word) for word in TEAM_TRIGGERS} == {"expire", "recall"}


PICTURES = Path("dispatch") / "decisions" / "machines.md"


def pictures() -> str:
    """The file of pictures as the tables draw them; write it with ``python -m tests.domain.test_machines``."""
    parts = ["# The machines", "", "Drawn from the tables in `dispatch/domain`; a test compares. Do not edit."]
    for machine, *_ in MACHINES:
        parts += ["", f"## {machine.name.capitalize()}", "", "```mermaid", machine.mermaid(), "```"]
    return "\n".join(parts) + "\n"


def test_the_pictures_in_the_decisions_are_the_tables(repo_root: Path) -> None:
    file = repo_root / PICTURES
    assert file.read_text() == pictures(), "stale: python -m tests.domain.test_machines"


def test_a_picture_shows_every_step_of_its_machine() -> None:
    for machine, *_ in MACHINES:
        lines = [line.strip() for line in machine.mermaid().splitlines()]
        assert lines[0] == "stateDiagram-v2"
        assert f"[*] --> {machine.first}" in lines
        for (source, trigger), target in machine.table.items():
            assert f"{source} --> {target}: {trigger}" in lines
        assert len(lines) == 2 + len(machine.table) + len(machine.final | machine.rest)


if __name__ == "__main__":
    PICTURES.write_text(pictures())
