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

PICK = ev.Pick(
    team=TEAM, wave=Wave.W1, eta_ms=61_250, road_m=700, choice=offered("O0001", "T1").choice, replaces=ORDER
)

ONE_OF_EACH: list[ev.Event] = [
    ev.TeamRegistered(
        team=TEAM, name="1队", name_en="Team 1", unit=TeamKind.DEDICATED, profile="car", home=Point(120.5, 28.0)
    ),
    ev.DutyStarted(team=TEAM),
    ev.DutyEnded(team=TEAM),
    ev.StandbyTaken(team=TEAM, where=WHERE, place="村口"),
    ev.PatrolResumed(team=TEAM),
    ev.TaskPlanned(team=TEAM, task="消防检查", starts_at_ms=AT_MS, ends_at_ms=AT_MS + 3_600_000),
    ev.TaskStarted(team=TEAM),
    ev.TaskEnded(team=TEAM, reason="called_off"),
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
        similar=(IncidentId("I0007"),),
        late_at_ms=AT_MS + 180_000,
    ),
    ev.IncidentWaiting(
        incident=INCIDENT,
        reason="all_busy",
        excluded=(ev.Exclusion(team=TEAM, reason="busy"), ev.Exclusion(team=TeamId("T2"), reason="off_duty")),
        retry_at_ms=AT_MS + 15_000,
        short=(Wave.W1, Wave.W2),
    ),
    ev.WaitingEnded(incident=INCIDENT),
    ev.IncidentClosed(incident=INCIDENT, outcome="settled"),
    ev.IncidentReopened(incident=INCIDENT, late_at_ms=None),
    ev.IncidentMerged(incident=INCIDENT, into=IncidentId("I0002")),
    ev.IncidentUnmerged(incident=INCIDENT),
    ev.NoteAdded(incident=INCIDENT, note="两人受伤", source="console"),
    ev.WaveOpened(incident=INCIDENT, wave=Wave.W2, reason="late", late_at_ms=AT_MS + 600_000),
    ev.TeamsRecommended(incident=INCIDENT, picks=(PICK,), short=(Wave.W2,), retry_at_ms=AT_MS + 15_000),
    ev.RecommendationConfirmed(incident=INCIDENT, teams=(TEAM,)),
    ev.OverrideNoted(incident=INCIDENT, about=TEAM, reason="knows the place"),
    offered("O0001", "T1"),
    ev.OrderStored(**_TABLET),
    ev.OrderShown(**_TABLET),
    ev.HelpAsked(**_SAID, incident=INCIDENT, note="five men with sticks"),
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
