"""Events for outside subscribers: CloudEvents 1.0 in JSON, signed after Standard Webhooks; what they may be told.

The projection is a closed table: an event or field that is not in it is not told. Never told: notes and reasons
(free text names people), points and roads (a home is a place), devices, other teams of a choice, team data. So a
subscriber sees at most what the auditor may read, and less: ids, kinds, times, tiers.
"""

from __future__ import annotations

import base64
import datetime
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
    at = datetime.datetime.fromtimestamp(row.at_ms / 1000, datetime.UTC)
    return {
        "specversion": SPEC,
        "id": f"{epoch}.{row.seq}",
        "source": f"/desks/{desk}",
        "type": f"{TYPE_PREFIX}{kind}{TYPE_VERSION}",
        "subject": str(held.get("order") or held.get("incident") or held["team"]),
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "sequence": f"{row.seq:016d}",
        "data": data,
    }


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
