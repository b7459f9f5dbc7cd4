"""The golden transcript is what the code says today, is rich enough to be worth reading, and keeps the law."""

from __future__ import annotations

import json

from dispatch.domain.events import Envelope
from dispatch.domain.incident_machine import INCIDENT
from dispatch.domain.state import DeskState
from dispatch.wire import frames as fr
from dispatch.wire.snapshot import visible
from tests.contract.rows import ONE_OF_EACH
from tests.golden import tablet
from tests.golden.make import FILE, transcript_text


def golden() -> tuple[fr.Snapshot, list[fr.EventFrame], fr.Snapshot]:
    """The file as a client reads it: every frame through the wire's own reader."""
    document = json.loads(FILE.read_text(encoding="utf-8"))
    assert set(document) == {"snapshot", "frames", "final"}
    first, last = (fr.SERVER_FRAMES.validate_python(document[name]) for name in ("snapshot", "final"))
    frames = [fr.SERVER_FRAMES.validate_json(json.dumps(frame)) for frame in document["frames"]]
    assert isinstance(first, fr.Snapshot)
    assert isinstance(last, fr.Snapshot)
    return first, [frame for frame in frames if isinstance(frame, fr.EventFrame)], last


def test_the_file_is_what_the_code_says_today() -> None:
    assert FILE.read_text(encoding="utf-8") == transcript_text(), "on purpose? python -m tests.golden.make"


def test_the_snapshot_and_the_frames_are_the_final_snapshot() -> None:
    first, frames, last = golden()
    state = DeskState(
        seq=first.seq,
        teams={team.team: team for team in first.teams},
        incidents={incident.incident: incident for incident in first.incidents},
        orders={order.order: order for order in first.orders},
        open_incidents={row.incident: None for row in first.incidents if INCIDENT.live(row.status)},
        live_order_of={order.team: order.order for order in first.orders if order.ended_at_ms is None},
    )
    for frame in frames:
        assert frame.after == state.seq
        state.apply(Envelope(seq=frame.seq, at_ms=frame.at_ms, key=None, digest=None, event=frame.event))
    assert state.seq == last.seq
    assert visible(state, None) == (last.teams, last.incidents, last.orders)


def test_the_story_is_rich() -> None:
    first, frames, last = golden()
    assert (first.part, first.parts, last.part, last.parts) == (1, 1, 1, 1)
    assert {frame.event.kind for frame in frames} == {event.kind for event in ONE_OF_EACH}
    assert len(first.teams) >= 4
    assert len(last.teams) > len(first.teams)
    assert {incident.status for incident in last.incidents} == {"open", "closed", "merged"}
    tried = [len(incident.orders) for incident in last.incidents]
    assert max(tried) >= 3, "somebody was asked again"
    assert {order.status for order in last.orders} >= {"closed", "declined", "expired", "recalled"}
    assert any(order.choice.straight_line_loss_ms for order in last.orders), "the straight line was wrong once"


def test_the_tablets_file_is_what_the_code_says_today() -> None:
    assert tablet.FILE.read_text(encoding="utf-8") == tablet.transcript_text(), (
        "on purpose? python -m tests.golden.tablet"
    )


def test_the_tablets_day_is_hard() -> None:
    document = json.loads(tablet.FILE.read_text(encoding="utf-8"))
    steps = document["steps"]
    assert {step["given"]["kind"] for step in steps} == {
        "connected", "lost", "received", "committed", "drawn", "press", "callhelp", "again",
    }  # fmt: skip
    said = [output for step in steps for output in step["outputs"]]
    assert {output["kind"] for output in said} == {"send", "commit", "draw", "withdrawn", "hang"}
    assert {output["status"] for output in said if output["kind"] == "withdrawn"} >= {
        "closed",
        "declined",
        "expired",
    }
    assert max(len(step["state"]["outbox"]) for step in steps) >= 2
    assert {output["reconnect"] for output in said if output["kind"] == "hang"} == {True, False}
