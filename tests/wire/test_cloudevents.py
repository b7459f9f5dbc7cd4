"""What outside subscribers are told: a closed table, ids that last, and the signature of the standard."""

from __future__ import annotations

import datetime
import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.events import Envelope
from dispatch.wire.cloudevents import TOLD, body_of, cloud_event, headers_of, rfc3339, signature
from tests.contract.rows import ONE_OF_EACH

NEVER = {
    *("note", "reason", "outcome", "where", "home", "place", "road", "off_road_m", "road_m", "source", "device"),
    *("choice", "excluded", "picks", "teams", "about", "similar", "name", "name_en", "vehicle", "staff", "skills"),
}
"""Free text, places of people, devices, rivals of a choice, what a team is."""


def told(event: Any, seq: int = 7) -> dict[str, Any] | None:
    return cloud_event(Envelope(seq=seq, at_ms=1_790_000_000_123, key="k", digest="d", event=event), "e1", "main")


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: event.kind)
def test_an_event_is_told_by_the_table_alone(event: Any) -> None:
    made = told(event)
    if event.kind not in TOLD:
        assert made is None
        return
    assert made is not None
    assert set(made["data"]) == set(TOLD[event.kind]) <= {field.name for field in fields(event)}
    assert not set(made["data"]) & NEVER
    text = body_of(made).decode()
    for name in NEVER:
        said = getattr(event, name, None)
        if isinstance(said, str) and len(said) > 3:
            assert said not in text


def test_what_is_never_told_is_known() -> None:
    kinds = {event.kind for event in ONE_OF_EACH}
    assert set(TOLD) <= kinds
    assert kinds - set(TOLD) == {
        *("team_registered", "standby_taken", "patrol_resumed", "task_planned", "task_started", "task_ended"),
        *("note_added", "teams_recommended", "recommendation_confirmed", "override_noted"),
    }


def test_it_has_all_that_cloudevents_1_0_requires() -> None:
    offered = next(event for event in ONE_OF_EACH if event.kind == "order_offered")
    made = told(offered)
    assert made is not None
    assert {name: made[name] for name in ("specversion", "id", "source", "type", "subject", "time")} == {
        "specversion": "1.0",
        "id": "e1.7",
        "source": "/desks/main",
        "type": "dispatch135.order_offered.v1",
        "subject": offered.order,
        "time": "2026-09-21T14:13:20.123Z",
    }
    assert all(name.isalnum() and name.islower() and len(name) <= 20 for name in made), (
        "attribute names, section 3.1"
    )
    assert json.loads(body_of(made)) == json.loads(json.dumps(made))
    again = told(offered, 8)
    assert again is not None and again["id"] != made["id"] and again["sequence"] > made["sequence"]


@given(st.integers(0, 253_402_300_799_999))
def test_the_time_is_that_of_the_standard_library(at_ms: int) -> None:
    seconds, ms = divmod(at_ms, 1000)
    own = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=seconds, milliseconds=ms)
    assert rfc3339(at_ms) == own.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    assert (
        signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    made = told(ONE_OF_EACH[[event.kind for event in ONE_OF_EACH].index("duty_started")])
    assert made is not None
    headers = headers_of(made, body, secret, 1614265330)
    assert headers["webhook-signature"] == signature(secret, "e1.7", "1614265330", body)
    assert headers["Content-Type"].startswith("application/cloudevents+json")
    with pytest.raises(ValueError, match="begins with"):
        signature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "m", "1", body)
