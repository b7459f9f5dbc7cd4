"""Events for outside subscribers: CloudEvents 1.0 in JSON, signed after Standard Webhooks; what they may be told.

The projection is a closed table: an event or field that is not in it is not told. Never told: notes and reasons
(free text names people), points and roads (a home is a place), devices, other teams of a choice, team data. So a
subscriber sees at most what the auditor may read, and less: ids, kinds, times, tiers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict
from typing import Any, Final

from dispatch.domain.events import Envelope

SPEC: Final = "1.0"
TYPE_PREFIX: Final = "dispatch135."
TYPE_VERSION: Final = ".v1"
SECRET_PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32

TOLD: Final[dict[str, tuple[str, ...]]] = {
    "incident_reported": ("incident", "what", "urgency", "tier", "target_ms", "late_at_ms"),
    "incident_waiting": ("incident", "retry_at_ms", "short"),
    "waiting_ended": ("incident",),
    "incident_closed": ("incident",),
    "incident_reopened": ("incident",),
    "incident_merged": ("incident", "into"),
    "incident_unmerged": ("incident",),
    "wave_opened": ("incident", "wave"),
    "order_offered": ("order", "incident", "team", "wave", "attempt", "eta_ms", "deadline_ms", "by", "replaces"),
    "order_stored": ("order", "team"),
    "order_shown": ("order", "team"),
    "order_accepted": ("order", "team", "occurred_at_ms"),
    "order_departed": ("order", "team", "occurred_at_ms"),
    "order_arrived": ("order", "team", "occurred_at_ms"),
    "order_reported_back": ("order", "team", "occurred_at_ms"),
    "order_closed": ("order", "team", "occurred_at_ms"),
    "order_declined": ("order", "team", "occurred_at_ms"),
    "order_expired": ("order", "team"),
    "order_recalled": ("order", "team"),
    "help_asked": ("order", "team", "incident", "occurred_at_ms"),
    "duty_started": ("team",),
    "duty_ended": ("team",),
}
"""By kind of event: the fields that a subscriber is told, and no other."""


def cloud_event(row: Envelope, epoch: str, desk: str) -> dict[str, Any] | None:
    """The CloudEvent of a row, None for a kind that is told to nobody.

    Law: (source, id) names one fact for ever, for the id holds the log's epoch; a retry has the same id.
    """
    kind = row.event.kind
    fields = TOLD.get(kind)
    if fields is None:
        return None
    held = asdict(row.event)
    data = {name: held[name] for name in fields}
    return {
        "specversion": SPEC,
        "id": f"{epoch}.{row.seq}",
        "source": f"/desks/{desk}",
        "type": f"{TYPE_PREFIX}{kind}{TYPE_VERSION}",
        "subject": str(held.get("order") or held.get("incident") or held["team"]),
        "time": rfc3339(row.at_ms),
        "datacontenttype": "application/json",
        "sequence": f"{row.seq:016d}",
        "data": data,
    }


def rfc3339(at_ms: int) -> str:
    """Ms since the Unix epoch, UTC, from 0 on, as RFC 3339 with ms: the proleptic Gregorian calendar, by integers.

    Years are counted from 1 March, so that the leap day is a year's last (Hinnant, low-level date algorithms).
    """
    assert at_ms >= 0, "before 1970"
    days, ms = divmod(at_ms, 86_400_000)
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    march = (5 * of_year + 2) // 153
    date, month = of_year - (153 * march + 2) // 5 + 1, march + 3 if march < 10 else march - 9
    year += 400 * era + (month <= 2)
    minutes, ms = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{year:04d}-{month:02d}-{date:02d}T{hours:02d}:{minutes:02d}:{ms // 1000:02d}.{ms % 1000:03d}Z"


def body_of(event: dict[str, Any]) -> bytes:
    """The bytes that are sent and signed."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(event: dict[str, Any], body: bytes, secret: str, now_s: int) -> dict[str, str]:
    """The headers of one delivery (Standard Webhooks): its id, the second of this try, and the signature."""
    name, stamp = str(event["id"]), str(now_s)
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, name, stamp, body),
    }


def signature(secret: str, name: str, stamp: str, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over id.timestamp.body; ValueError for a secret of another form."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError(f"a secret begins with {SECRET_PREFIX}")
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    digest = hmac.digest(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()
