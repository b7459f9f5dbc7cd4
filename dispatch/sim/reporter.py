"""Somebody who reports incidents over HTTP and follows them; a report keeps its key until it is answered."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from typing import Any, Final

from dispatch.domain.refusals import TABLE, Code
from dispatch.wire.keys import uuid7

ANSWER_WITHIN_S: Final = 30.0  # a first circle after an installation compiles its kernels


class ReporterError(Exception):
    """The service said no, or did not answer in time; the message says which."""


class Reporter:
    """A blocking client of the HTTP API on one kept connection; for one thread at a time.

    It keeps the session cookie that it is given, and names its origin as the service's own page does.
    """

    def __init__(self, base: str, trust: ssl.SSLContext | None = None) -> None:
        self.base = base
        self.cookie: str | None = None
        place = base.split("://", 1)[1]
        self._connection = (
            http.client.HTTPSConnection(place, timeout=ANSWER_WITHIN_S, context=trust)
            if base.startswith("https")
            else http.client.HTTPConnection(place, timeout=ANSWER_WITHIN_S)
        )

    def close(self) -> None:
        """Close the connection; a later call opens a new one."""
        self._connection.close()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One request and its JSON answer; raises ReporterError for a "no", OSError where nobody answers."""
        reused = self._connection.sock is not None
        try:
            status, said = self._exchange(method, path, body)
        except ConnectionError:
            if not reused:
                raise
            status, said = self._exchange(method, path, body)  # the kept connection had been closed for idleness
        if status >= 400:
            code = said.get("code")
            if code in set(Code) and not TABLE[Code(code)].settled:
                raise ConnectionError(str(said["message"]))
            raise ReporterError(f"{said.get('message', status)}: {said.get('hint', '')}")
        return said

    def _exchange(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, path, data, self.headers())
            answer = self._connection.getresponse()
            if (given := answer.getheader("Set-Cookie")) is not None:
                self.cookie = given.split(";", 1)[0]
            return answer.status, json.loads(answer.read() or b"{}")
        except (http.client.HTTPException, ValueError) as error:
            self._connection.close()
            raise ConnectionError(f"the connection broke: {error}") from error
        except OSError:
            self._connection.close()
            raise

    def headers(self) -> dict[str, str]:
        """What every request of this client says about itself."""
        said = {"Content-Type": "application/json", "Origin": self.base}
        return said if self.cookie is None else said | {"Cookie": self.cookie}

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
            except OSError as error:
                if time.monotonic() > until_s:
                    raise ReporterError(f"no answer from {self.base} within {within_s:g} s: {error}") from error
                time.sleep(0.1)


def new_key() -> str:
    """A new permanent key for a command."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))
