"""The law of push: a snapshot at a and the frames a…b are a fresh snapshot at b, for every audience."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.assignment.candidates import Reason
from dispatch.domain import commands as cmd
from dispatch.domain import events as ev
from dispatch.domain.events import Envelope
from dispatch.domain.incident_machine import INCIDENT
from dispatch.domain.order_machine import OrderTrigger
from dispatch.domain.records import Task
from dispatch.domain.state import DeskState
from dispatch.domain.types import IncidentKind, Urgency
from dispatch.service.settings import DeskSettings
from dispatch.wire import frames as fr
from dispatch.wire.snapshot import MAX_CLOSED, snapshot_frames, visible
from tests.service.driver import DeskDriver, Table, register
from tests.service.random_day import ASKING, RICH, TEAMS, days, live_a_day, new_desk
from tests.wire.line import frames_to, state_at

moments = st.integers(0, 999)


def heard(parts: list[fr.Snapshot]) -> fr.Snapshot:
    """A snapshot as a client puts it together, out of the bytes that were sent."""
    read = [fr.SERVER_FRAMES.validate_json(fr.encode(part)) for part in parts]
    assert [part.part for part in read] == list(range(1, len(read) + 1))
    assert {part.parts for part in read} == {len(read)}
    assert len({part.seq for part in read}) == 1
    return fr.Snapshot(
        seq=read[0].seq,
        teams=[team for part in read for team in part.teams],
        incidents=[incident for part in read for incident in part.incidents],
        orders=[order for part in read for order in part.orders],
    )


def console_of(snapshot: fr.Snapshot) -> DeskState:
    """What a console holds after a snapshot; it goes on by the domain's own fold."""
    return DeskState(
        seq=snapshot.seq,
        teams={team.team: team for team in snapshot.teams},
        incidents={incident.incident: incident for incident in snapshot.incidents},
        orders={order.order: order for order in snapshot.orders},
        open_incidents={row.incident: None for row in snapshot.incidents if INCIDENT.live(row.status)},
        live_order_of={order.team: order.order for order in snapshot.orders if order.ended_at_ms is None},
    )


def apply(state: DeskState, frame: fr.EventFrame) -> None:
    assert frame.after == state.seq
    state.apply(Envelope(seq=frame.seq, at_ms=frame.at_ms, key=None, digest=None, event=frame.event))


def two_moments(head: int, a: int, b: int) -> tuple[int, int]:
    first, last = sorted((a % (head + 1), b % (head + 1)))
    return first, last


@given(days, st.sampled_from([None, RICH, ASKING]), moments, moments)
def test_a_consoles_snapshot_and_the_frames_after_it_are_a_fresh_snapshot(day, settings, a: int, b: int) -> None:
    desk = new_desk(settings=settings)
    live_a_day(desk, day)
    rows = desk.rows()
    a, b = two_moments(len(rows), a, b)
    console = console_of(heard(snapshot_frames(state_at(rows, a), None)))
    for frame in frames_to(rows, None, a, b):
        apply(console, frame)
    fresh = state_at(rows, b)
    assert console.seq == b
    assert visible(console, None) == visible(fresh, None)
    assert snapshot_frames(console, None) == snapshot_frames(fresh, None)


def test_the_law_holds_where_more_incidents_have_closed_than_a_console_is_shown() -> None:
    desk = new_desk()
    marks = [0]
    for number in range(MAX_CLOSED + 30):
        incident = desk.report("mill")
        desk.pass_time(number % 3)  # some close at the same ms
        desk.applied(cmd.CloseIncident(incident=incident))
        marks.append(desk.log.head())
    rows = desk.rows()
    for a in marks[:: len(marks) // 7]:
        console = console_of(heard(snapshot_frames(state_at(rows, a), None)))
        for frame in frames_to(rows, None, a, len(rows)):
            apply(console, frame)
        assert visible(console, None) == visible(desk.state, None)
    assert len(visible(desk.state, None)[1]) == MAX_CLOSED


# ── a tablet: a fold of its own, written here from the words of the frames alone ────────────────────────────

ENDS = {"order_closed", "order_declined", "order_expired", "order_recalled"}
STEPS = {
    "order_accepted": ("accepted", "accepted_at_ms"),
    "order_departed": ("en_route", "departed_at_ms"),
    "order_arrived": ("on_scene", "arrived_at_ms"),
    "order_reported_back": ("reported_back", "reported_back_at_ms"),
}
OF_THE_ORDER = (
    "order",
    "incident",
    "team",
    "wave",
    "attempt",
    "eta_ms",
    "road_m",
    "deadline_ms",
    "choice",
    "by",
    "replaces",
)
DUTY_AFTER = {
    "duty_started": "on_patrol",
    "duty_ended": "off_duty",
    "standby_taken": "standby",
    "patrol_resumed": "on_patrol",
    "task_started": "on_task",
}
OF_THE_INCIDENT = ("incident", "where", "what", "urgency", "place", "road", "note")
"""What an offer tells of its incident; the record in a snapshot holds more, which no frame brings up to date."""


def tablet_view(snapshot: fr.Snapshot) -> dict:
    (team,) = snapshot.teams
    order = vars_of(snapshot.orders[0]) if snapshot.orders else None
    told = {name: getattr(snapshot.incidents[0], name) for name in OF_THE_INCIDENT} if snapshot.incidents else None
    return {"team": vars_of(team), "order": order, "told": told}


def vars_of(record: object) -> dict:
    return {name: getattr(record, name) for name in record.__slots__}


def hear(view: dict, frame: fr.EventFrame) -> None:
    event, kind = frame.event, frame.event.kind
    if kind in DUTY_AFTER:
        post = (event.where, event.place) if kind == "standby_taken" else (None, "")
        view["team"] |= {"duty": DUTY_AFTER[kind], "post": post[0], "post_name": post[1]}
    elif kind == "task_planned":
        view["team"]["task"] = Task(task=event.task, starts_at_ms=event.starts_at_ms, ends_at_ms=event.ends_at_ms)
    elif kind == "task_ended":
        duty = "on_patrol" if view["team"]["duty"] == "on_task" else view["team"]["duty"]
        view["team"] |= {"task": None, "duty": duty}
    elif kind == "help_asked":
        view["order"]["help_asked_at_ms"] = frame.at_ms
    elif kind == "order_offered":
        times = ("stored", "shown", "accepted", "departed", "arrived", "reported_back", "ended")
        view["order"] = dict.fromkeys(f"{time}_at_ms" for time in times)
        view["order"] |= {name: getattr(event, name) for name in OF_THE_ORDER}
        view["order"] |= {
            "status": "offered",
            "offered_seq": frame.seq,
            "offered_at_ms": frame.at_ms,
            "report": None,
            "help_asked_at_ms": None,
            "end_reason": None,
        }
        view["told"] = {name: getattr(event, name) for name in OF_THE_INCIDENT}
    elif kind in ("order_stored", "order_shown"):
        view["order"][kind.removeprefix("order_") + "_at_ms"] = frame.at_ms
    elif kind in STEPS:
        status, time = STEPS[kind]
        view["order"] |= {"status": status, time: frame.at_ms}
        if kind == "order_accepted":
            view["team"]["last_accepted_at_ms"] = frame.at_ms
        if kind == "order_reported_back":
            view["order"]["report"] = event.note
    elif kind in ENDS:
        view["order"] = view["told"] = None
    else:
        assert kind == "team_registered"


@given(days, st.sampled_from([None, RICH, ASKING]), st.sampled_from(TEAMS[:4]), moments, moments)
def test_a_tablets_snapshot_and_the_frames_after_it_are_a_fresh_snapshot(
    day, settings, team, a: int, b: int
) -> None:
    desk = new_desk(settings=settings)
    start = desk.log.head()
    live_a_day(desk, day)
    rows = desk.rows()
    a, b = (start + moment for moment in two_moments(len(rows) - start, a, b))
    view = tablet_view(heard(snapshot_frames(state_at(rows, a), team)))
    for frame in frames_to(rows, team, a, b):
        hear(view, frame)
    assert view == tablet_view(heard(snapshot_frames(state_at(rows, b), team)))


@given(days)
def test_a_tablets_snapshot_holds_its_own_team_and_its_own_live_order_and_no_more(day) -> None:
    desk = new_desk()
    live_a_day(desk, day)
    for team in desk.state.teams:
        snapshot = heard(snapshot_frames(desk.state, team))
        assert [row.team for row in snapshot.teams] == [team]
        assert [row.order for row in snapshot.orders] == [
            name for name in [desk.state.live_order_of.get(team)] if name
        ]
        assert [row.incident for row in snapshot.incidents] == [row.incident for row in snapshot.orders]


# ── sizes ───────────────────────────────────────────────────────────────────────────────────────────────────


def busy_desk(teams: int, incidents: int, note: str, settings: DeskSettings | None = None) -> DeskDriver:
    names = [f"T{number:03d}" for number in range(teams)]
    places = [f"P{number:02d}" for number in range(incidents)]
    seconds = {
        name: {place: Reason.NO_WAY if i % 7 == 3 else 60 + (i * j) % 900 for j, place in enumerate(places)}
        for i, name in enumerate(names)
    }
    desk = DeskDriver(Table(seconds), settings)
    for name in names:
        desk.applied(register(name, name="溪" * 64))
        desk.applied(cmd.StartDuty(team=name))
    for place in places:
        where = desk.ground.point(place)
        desk.applied(cmd.ReportIncident(where=where, what=IncidentKind.FIRE, urgency=Urgency.CRITICAL, note=note))
    return desk


@pytest.mark.parametrize("note", ["", "郭" * 2000, "🚓" * 2000, '"' * 2000, "\u0001" * 2000])
def test_every_part_for_200_teams_and_50_incidents_fits_a_frame(note: str) -> None:
    desk = busy_desk(200, 50, note)
    for order in list(desk.state.orders.values()):
        for verb in (OrderTrigger.ACCEPT, OrderTrigger.DEPART, OrderTrigger.ARRIVE, OrderTrigger.REPORT_BACK):
            desk.applied(desk.answering(order, verb, note))
    for audience in (None, *list(desk.state.live_order_of)[:3]):
        parts = snapshot_frames(desk.state, audience)
        assert max(len(fr.encode(part).encode()) for part in parts) <= fr.MAX_FRAME_BYTES
        whole = heard(parts)
        assert (whole.teams, whole.incidents, whole.orders) == visible(desk.state, audience)
    for frame in frames_to(desk.rows(), None, 400, desk.log.head()):
        assert len(fr.encode(frame).encode()) <= fr.MAX_FRAME_BYTES


@pytest.mark.parametrize("note", ["🚓" * 2000, "\u0001" * 2000])
def test_recommendations_and_notes_for_50_incidents_fit_a_frame_too(note: str) -> None:
    desk = busy_desk(80, 50, note, ASKING)
    names = list(desk.state.open_incidents)
    assert sum(bool(desk.state.incidents[name].recommended) for name in names) >= 40
    for name in names:
        for _ in range(6):
            desk.applied(cmd.AddNote(incident=name, note=note[:300] or "x"))
    for part in snapshot_frames(desk.state, None):
        assert len(fr.encode(part).encode()) <= fr.MAX_FRAME_BYTES
    for frame in frames_to(desk.rows(), None, 400, desk.log.head()):
        assert len(fr.encode(frame).encode()) <= fr.MAX_FRAME_BYTES


def test_parts_are_filled_before_a_new_one_is_begun() -> None:
    desk = busy_desk(200, 50, "郭" * 500)
    sizes = [len(fr.encode(part).encode()) for part in snapshot_frames(desk.state, None)]
    assert len(sizes) <= 1.4 * sum(sizes) / fr.MAX_FRAME_BYTES + 1


def test_an_empty_desk_has_a_snapshot_of_one_part() -> None:
    assert snapshot_frames(DeskState(), None) == [fr.Snapshot(seq=0)]


def test_a_fact_keeps_ten_of_a_ranking_and_the_reasons_of_those_left_out() -> None:
    desk = busy_desk(200, 1, "")
    (offered,) = [row.event for row in desk.rows() if isinstance(row.event, ev.OrderOffered)]
    assert len(offered.choice.ranked) == 10
    assert len(offered.choice.excluded) == 29
