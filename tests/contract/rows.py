"""Facts to put into a log: one of each kind, and as many as a test likes."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.domain import events as ev
from dispatch.domain.events import Envelope
from dispatch.domain.types import (
    DeviceId,
    FixSource,
    IncidentId,
    IncidentKind,
    OrderId,
    Point,
    TeamId,
    TeamKind,
    Tier,
    Urgency,
    Wave,
)

AT_MS = 1_800_000_000_000 - 1
INCIDENT, TEAM, ORDER = IncidentId("I0001"), TeamId("T1"), OrderId("O0001")
WHERE = Point(120.553883, 27.992241)


def offered(order: str, team: str, note: str = "") -> ev.OrderOffered:
    candidate = ev.Candidate(
        team=TeamId(team),
        eta_ms=61_250,
        road_m=700,
        straight_m=450,
        position=WHERE,
        fix=FixSource.FIX,
        fix_age_ms=1200,
    )
    choice = ev.Choice(
        policy="nearest",
        ranked=(candidate,),
        excluded=(ev.Exclusion(team=TeamId("T2"), reason="busy"),),
        margin_ms=None,
        straight_line_team=TeamId(team),
        straight_line_loss_ms=0,
    )
    return ev.OrderOffered(
        order=OrderId(order),
        incident=INCIDENT,
        team=TeamId(team),
        wave=Wave.W1,
        attempt=1,
        eta_ms=61_250,
        road_m=700,
        deadline_ms=AT_MS + 30_000,
        where=WHERE,
        what=IncidentKind.FIGHT,
        urgency=Urgency.CRITICAL,
        place="澄溪中学",
        road="学院路",
        note=note,
        choice=choice,
    )


_SAID = {"order": ORDER, "team": TEAM, "occurred_at_ms": AT_MS - 40}
_TABLET = {"order": ORDER, "team": TEAM, "device": DeviceId("tablet-T1")}

ONE_OF_EACH: list[ev.Event] = [
    ev.TeamRegistered(
        team=TEAM, name="1队", name_en="Team 1", unit=TeamKind.DEDICATED, profile="car", home=Point(120.5, 28.0)
    ),
    ev.DutyStarted(team=TEAM),
    ev.DutyEnded(team=TEAM),
    ev.IncidentReported(
        incident=INCIDENT,
        what=IncidentKind.FIRE,
        urgency=Urgency.ROUTINE,
        where=WHERE,
        tier=Tier.T2,
        target_ms=180_000,
        place="",
        road="",
        off_road_m=299,
        note="烟",
        source="console",
    ),
    ev.IncidentWaiting(
        incident=INCIDENT,
        reason="all_busy",
        excluded=(ev.Exclusion(team=TEAM, reason="busy"), ev.Exclusion(team=TeamId("T2"), reason="off_duty")),
        retry_at_ms=AT_MS + 15_000,
    ),
    ev.IncidentClosed(incident=INCIDENT, outcome="settled"),
    offered("O0001", "T1"),
    ev.OrderStored(**_TABLET),
    ev.OrderShown(**_TABLET),
    ev.OrderAccepted(**_SAID),
    ev.OrderDeparted(**_SAID),
    ev.OrderArrived(**_SAID),
    ev.OrderReportedBack(**_SAID, note="two men, no injuries"),
    ev.OrderClosed(**_SAID),
    ev.OrderDeclined(**_SAID, note="flat tyre"),
    ev.OrderExpired(order=ORDER, team=TEAM),
    ev.OrderRecalled(order=ORDER, team=TEAM, reason="incident_closed"),
]


def rows_of(
    events: Sequence[ev.Event], start: int = 1, key: str | None = None, digest: str | None = None
) -> list[Envelope]:
    return [
        Envelope(seq=seq, at_ms=AT_MS + seq, key=key, digest=digest, event=event)
        for seq, event in enumerate(events, start)
    ]


def duty_rows(start: int, count: int) -> list[Envelope]:
    """``count`` small rows from seq ``start``."""
    return rows_of([ev.DutyStarted(team=TeamId(f"T{start + i}")) for i in range(count)], start)
