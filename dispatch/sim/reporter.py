"""Somebody who reports incidents over HTTP and follows them; a report keeps its key until it is answered."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from typing import Any, Final

from dispatch.wire.keys import uuid7

ANSWER_WITHIN_S: Final = 10.0


class ReporterError(Exception):
    """The service said no, or did not answer in time; the message says which."""


class Reporter:
    """A blocking client of the HTTP API; use it from a thread beside an event loop."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request and its JSON answer; raises ReporterError for a "no", OSError where nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._base + path, data, headers, method=method)
        try:
            with self._open(request, timeout=ANSWER_WITHIN_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = json.loads(error.read() or b"{}")
            if said.get("code") == "outcome_unknown":
                raise OSError(said["message"]) from error
            raise ReporterError(f"{said.get('message', error)}: {said.get('hint', '')}") from error

    def report(
        self, lat: float, lon: float, *, what: str = "dispute", note: str = "", within_s: float = 30.0
    ) -> str:
        """Report an incident and return its id; a broken connection is tried again with the same key."""
        key = new_key()
        body = {"key": key, "lat": lat, "lon": lon, "what": what, "urgency": "urgent", "note": note}
        return str(self._patiently("POST", "/api/incidents", body, within_s)["subject"])

    def incident(self, incident: str, within_s: float = 30.0) -> Any:
        """An incident with its orders."""
        return self._patiently("GET", f"/api/incidents/{incident}", None, within_s)

    def _patiently(self, method: str, path: str, body: dict[str, Any] | None, within_s: float) -> Any:
        until_s = time.monotonic() + within_s
        while True:
            try:
                return self.call(method, path, body)
            except (OSError, ValueError) as error:
                if time.monotonic() > until_s:
                    raise ReporterError(f"no answer from {self._base} within {within_s:g} s: {error}") from error
                time.sleep(0.1)


def new_key() -> str:
    """A new permanent key for a command."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))
