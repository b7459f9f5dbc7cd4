"""Which act each address is: one table, closed. What is not in it is not there (404), whatever the router has.

A new route needs its line here; a test walks the application's routes and names the ones without.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dispatch.access.policy import Act

WEBSOCKET: Final = "WEBSOCKET"

RULES: Final[dict[tuple[str, str], Act]] = {
    # the page and what runs before anybody is known
    ("GET", "/"): Act.OPEN,
    ("GET", "/console"): Act.OPEN,
    ("GET", "/wall"): Act.OPEN,
    ("GET", "/enrol"): Act.OPEN,
    ("GET", "/planner"): Act.OPEN,
    ("GET", "/tablet"): Act.OPEN,
    ("GET", "/tablet-sw.js"): Act.OPEN,
    ("GET", "/tablet.webmanifest"): Act.OPEN,
    ("GET", "/tablet-192.png"): Act.OPEN,
    ("GET", "/tablet-512.png"): Act.OPEN,
    ("GET", "/admin"): Act.OPEN,
    ("GET", "/assets/{path:path}"): Act.OPEN,
    ("GET", "/healthz"): Act.OPEN,
    ("GET", "/readyz"): Act.OPEN,
    ("GET", "/ca"): Act.OPEN,
    ("GET", "/ca.css"): Act.OPEN,
    ("GET", "/ca.crt"): Act.OPEN,
    (WEBSOCKET, "/ws"): Act.OPEN,  # decided at the hello, by the same policy
    ("POST", "/api/push"): Act.OPEN,  # the same by long poll
    # one's own session
    ("GET", "/api/session"): Act.OPEN,
    ("POST", "/api/session"): Act.OPEN,
    ("POST", "/api/session/demo"): Act.OPEN,
    ("POST", "/api/session/passkey"): Act.OPEN,
    ("POST", "/api/session/passkey/enter"): Act.OPEN,
    ("GET", "/api/session/passkeys"): Act.OWN_SESSION,
    ("POST", "/api/session/passkeys"): Act.OWN_SESSION,
    ("POST", "/api/session/passkeys/confirm"): Act.OWN_SESSION,
    ("POST", "/api/session/passkeys/{passkey}/remove"): Act.OWN_SESSION,
    ("DELETE", "/api/session"): Act.OWN_SESSION,
    ("DELETE", "/api/session/others"): Act.OWN_SESSION,
    ("POST", "/api/session/active"): Act.OWN_SESSION,
    ("POST", "/api/session/lock"): Act.OWN_SESSION,
    ("POST", "/api/session/unlock"): Act.OWN_SESSION,
    ("POST", "/api/session/password"): Act.OWN_SESSION,
    ("POST", "/api/session/factor"): Act.OWN_SESSION,
    ("POST", "/api/session/factor/confirm"): Act.OWN_SESSION,
    # people and devices
    ("GET", "/api/accounts"): Act.MANAGE_ACCOUNTS,
    ("POST", "/api/accounts"): Act.MANAGE_ACCOUNTS,
    ("POST", "/api/accounts/{name}/role"): Act.MANAGE_ACCOUNTS,
    ("POST", "/api/accounts/{name}/reset"): Act.MANAGE_ACCOUNTS,
    ("POST", "/api/accounts/{name}/disabled"): Act.MANAGE_ACCOUNTS,
    ("GET", "/api/audit"): Act.READ_AUDIT,
    ("GET", "/api/devices"): Act.READ_DEVICES,
    ("GET", "/api/devices/teams"): Act.READ_DEVICES,
    ("POST", "/api/devices/invites"): Act.INVITE_DEVICES,
    ("POST", "/api/devices/{device}/confirm"): Act.CONFIRM_DEVICES,
    ("POST", "/api/devices/{device}/revoke"): Act.REVOKE_DEVICES,
    ("GET", "/api/trackers"): Act.READ_DEVICES,
    ("POST", "/api/trackers"): Act.CONFIRM_DEVICES,  # its token works at once: nobody confirms it afterwards
    ("POST", "/api/trackers/{tracker}/revoke"): Act.REVOKE_DEVICES,
    # a device's own proofs: by its code or its key
    ("POST", "/api/devices"): Act.OPEN,
    ("POST", "/api/devices/{device}/challenge"): Act.OPEN,
    ("POST", "/api/devices/{device}/ticket"): Act.OPEN,
    ("POST", "/api/devices/{device}/session"): Act.OPEN,
    ("POST", "/api/devices/{device}/rotate"): Act.OPEN,
    # a tablet, by its session: the route asks the policy for its team
    ("POST", "/api/tablet/panic"): Act.OWN_SESSION,
    ("POST", "/api/tablet/photos"): Act.OWN_SESSION,
    ("POST", "/api/tablet/photos/{digest}"): Act.OWN_SESSION,
    # the desk
    ("GET", "/api/incidents"): Act.READ_BOARD,
    ("POST", "/api/incidents"): Act.REPORT,
    ("GET", "/api/incidents/{incident}"): Act.READ_BOARD,
    ("GET", "/api/incidents/{incident}/walk"): Act.READ_BOARD,
    ("GET", "/api/incidents/{incident}/recommendation"): Act.READ_BOARD,
    ("POST", "/api/incidents/{incident}/close"): Act.COMMAND,
    ("POST", "/api/incidents/{incident}/reopen"): Act.COMMAND,
    ("POST", "/api/incidents/{incident}/merge"): Act.COMMAND,
    ("POST", "/api/incidents/{incident}/unmerge"): Act.COMMAND,
    ("POST", "/api/incidents/{incident}/notes"): Act.COMMAND,
    ("POST", "/api/incidents/{incident}/wave"): Act.COMMAND,
    ("POST", "/api/incidents/{incident}/confirm"): Act.COMMAND,
    ("POST", "/api/incidents/{incident}/send"): Act.COMMAND,
    ("GET", "/api/incidents/{incident}/photos"): Act.READ_BOARD,
    ("GET", "/api/photos/{digest}"): Act.READ_BOARD,
    ("GET", "/api/orders/{order}"): Act.READ_BOARD,
    ("POST", "/api/orders/{order}/recall"): Act.COMMAND,
    ("POST", "/api/orders/{order}/undo"): Act.COMMAND,
    ("POST", "/api/orders/{order}/help"): Act.COMMAND,
    ("GET", "/api/moveups"): Act.READ_BOARD,
    ("GET", "/api/coverage"): Act.READ_BOARD,
    ("GET", "/api/past"): Act.READ_BOARD,
    ("GET", "/api/events"): Act.READ_BOARD,
    ("GET", "/api/teams"): Act.READ_BOARD,
    ("POST", "/api/teams"): Act.MANAGE_TEAMS,
    ("POST", "/api/teams/{team}/duty"): Act.COMMAND,
    ("POST", "/api/teams/{team}/standby"): Act.COMMAND,
    ("POST", "/api/teams/{team}/task"): Act.COMMAND,
    ("POST", "/api/teams/{team}/task/end"): Act.COMMAND,
    ("GET", "/api/teams/{team}/circles"): Act.READ_BOARD,
    # positions: a tracker sends those of its own team, by its token; nobody by a cookie
    ("GET", "/api/positions"): Act.READ_BOARD,
    ("GET", "/api/positions/osmand"): Act.TRACK,
    ("POST", "/api/positions/osmand"): Act.TRACK,
    ("POST", "/api/positions/owntracks"): Act.TRACK,
    # the ground
    ("GET", "/api/circles"): Act.READ_GROUND,
    ("GET", "/api/route"): Act.READ_GROUND,
    ("GET", "/api/ground"): Act.READ_GROUND,
    ("GET", "/api/ground/places"): Act.READ_GROUND,
    ("GET", "/api/ground/roads"): Act.READ_GROUND,
    ("GET", "/api/ground/basemap.pmtiles"): Act.READ_GROUND,
    ("GET", "/api/ground/search"): Act.READ_GROUND,
    # planning: questions are POSTs that change nothing
    ("GET", "/api/planning/demand"): Act.READ_PLANNING,
    ("POST", "/api/planning/coverage"): Act.READ_PLANNING,
    ("POST", "/api/planning/gaps"): Act.READ_PLANNING,
    ("POST", "/api/planning/mend"): Act.READ_PLANNING,
    ("POST", "/api/planning/hours"): Act.READ_PLANNING,
    ("GET", "/api/planning/heat"): Act.READ_PLANNING,
    ("GET", "/api/planning/report"): Act.READ_PLANNING,
    ("GET", "/api/planning/plans"): Act.READ_PLANNING,
    ("GET", "/api/planning/plans/{plan}"): Act.READ_PLANNING,
    ("POST", "/api/planning/plans/{plan}"): Act.PLAN,
    ("DELETE", "/api/planning/plans/{plan}"): Act.PLAN,
    ("GET", "/api/planning/histories"): Act.READ_PLANNING,
    ("POST", "/api/planning/histories/{history}"): Act.PLAN,
    ("DELETE", "/api/planning/histories/{history}"): Act.PLAN,
    # what keeps the service itself
    ("GET", "/metrics"): Act.READ_METRICS,
    ("GET", "/openapi.json"): Act.READ_GROUND,
}


@dataclass(frozen=True, slots=True)
class Matched:
    """The rule of a request: its address as the table has it, and the act; None for a method it does not have."""

    template: str
    act: Act | None


_PART: Final = re.compile(r"\{(\w+)(:path)?\}")


def _pattern(template: str) -> re.Pattern[str]:
    parts, last = "", 0
    for found in _PART.finditer(template):
        parts += re.escape(template[last : found.start()]) + (".+" if found[2] else "[^/]+")
        last = found.end()
    return re.compile(parts + re.escape(template[last:]))


_FIXED: Final = {template for _, template in RULES if "{" not in template}
_OPEN: Final = [(_pattern(template), template) for template in {t: None for _, t in RULES} if "{" in template]


@lru_cache(maxsize=4096)
def _template(path: str) -> str | None:
    if path in _FIXED:
        return path
    return next((template for pattern, template in _OPEN if pattern.fullmatch(path)), None)


def match(method: str, path: str) -> Matched | None:
    """The rule of a request, None where nothing is at this address; HEAD counts as GET."""
    template = _template(path) if len(path) <= 256 else None
    if template is None:
        return None
    return Matched(template, RULES.get(("GET" if method == "HEAD" else method, template)))
