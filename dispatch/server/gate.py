"""The one gate for HTTP and websocket: host, origin, size, who it is, how often, and whether it is allowed.

Pure ASGI: middleware of frameworks lets websockets through unseen. Order: what costs nothing comes first.
"""

from __future__ import annotations

import base64
import secrets
import time
from http.cookies import CookieError, SimpleCookie
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.access.policy import Act, Principal, allowed
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.domain.refusals import Code, Refusal
from dispatch.server.access import Access
from dispatch.server.doors import Doors
from dispatch.server.headers import dressed
from dispatch.server.metrics import Metrics
from dispatch.server.permissions import WEBSOCKET, Matched, match
from dispatch.server.problems import problem
from dispatch.server.rates import Rates
from dispatch.wire.bodies import Problem

MAX_BODY_BYTES: Final = 64 * 1024
"""Far above any report; a note has at most 2,000 characters."""

MAX_ADDRESS_BYTES: Final = 2048
MAX_HEADER_BYTES: Final = 16 * 1024
MAX_COOKIE_BYTES: Final = 4096

AT_THE_GATE: Final[dict[int | str, dict[str, object]]] = {
    code: {"model": Problem} for code in (400, 401, 403, 404, 405, 413, 414, 421, 422, 423, 429, 431, 500)
}
"""What any request may be answered before a route sees it, for the description; 400 and 500 are the framework's."""

log = structlog.get_logger("gate")


class Gate:
    """Stands before the application; passes on only what the table of permissions and the policy let through."""

    def __init__(self, app: ASGIApp, access: Access, doors: Doors, metrics: Metrics) -> None:
        self._app, self._access, self._doors, self._metrics = app, access, doors, metrics
        self._rates = Rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the first refusal."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = AskedFor(scope, self._doors)
        refusal = self._judge(request, scope)
        answer = _Answer(send, request, secure=self._doors.secure)
        if refusal is not None:
            await self._refuse(refusal, request, scope, receive, answer)
        elif scope["type"] == "http":
            await self._app(scope, _counted(receive), answer.send)
        else:
            await self._app(scope, receive, answer.send)
        if scope["type"] == "http":
            self._tell(request, answer.status)

    def _judge(self, request: AskedFor, scope: Scope) -> Refusal | DoorRefusal | None:
        if not self._doors.knows(request.host, scope.get("server")):
            return DoorRefusal(Door.FOREIGN_HOST, request.host[:80])
        if request.origin is not None and not self._doors.own(request.origin, request.host, scope["scheme"]):
            return DoorRefusal(Door.FOREIGN_ORIGIN, request.origin[:80])
        if request.foreign_site:
            return DoorRefusal(Door.FOREIGN_ORIGIN, "sec-fetch-site")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
            return DoorRefusal(Door.ADDRESS_TOO_LONG, f"at most {MAX_ADDRESS_BYTES} bytes")
        if request.header_bytes > MAX_HEADER_BYTES:
            return DoorRefusal(Door.HEADERS_TOO_LARGE, f"at most {MAX_HEADER_BYTES} bytes")
        if request.body_bytes > MAX_BODY_BYTES:
            return Refusal(Code.BODY_TOO_LARGE, f"at most {MAX_BODY_BYTES} bytes")
        request.matched = match(request.method, scope["path"])
        if request.matched is None:
            refused = self._rates.ask(request.method, "", request.address, None)
            return refused or Refusal(Code.NOT_FOUND, scope["path"][:200])
        if request.matched.act is None:
            return DoorRefusal(Door.WRONG_METHOD, request.method[:16])
        request.principal = principal = self._who(request)
        scope.setdefault("state", {}).update(
            principal=principal, request_id=request.id, address=request.address, base=request.base
        )
        refused = self._rates.ask(request.method, request.matched.template, request.address, principal)
        if refused is not None:
            return refused
        if principal is not None and request.token_by_cookie and request.changes and request.origin is None:
            return DoorRefusal(Door.FOREIGN_ORIGIN, "a change by cookie names its Origin")
        desk = self._access.desk if request.matched.act not in _DESKLESS else None
        return allowed(principal, request.matched.act, desk=desk)

    def _who(self, request: AskedFor) -> Principal | None:
        if request.bearer is not None:
            return self._access.by_bearer(request.bearer)
        if request.tracks and (password := request.password) is not None:
            return self._access.by_password(password)
        token = request.cookie(self._doors.cookie)
        if token is None:
            return None
        request.token_by_cookie = True
        return self._access.by_cookie(token)

    async def _refuse(
        self, refusal: Refusal | DoorRefusal, request: AskedFor, scope: Scope, receive: Receive, answer: _Answer
    ) -> None:
        self._metrics.refused(refusal.code)
        if isinstance(refusal, DoorRefusal):
            log.info("refused", code=refusal.code, request=request.id, address=request.address, route=request.route)
        if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await answer.send(
                {"type": "websocket.close", "code": refusal.row.close or 4400, "reason": refusal.code}
            )
            return
        said = problem(refusal)
        if request.tracks and said.status_code == 401:
            said.headers["WWW-Authenticate"] = 'Basic realm="135", charset="UTF-8"'
        await said(scope, receive, answer.send)

    def _tell(self, request: AskedFor, status: int) -> None:
        took_s = time.perf_counter() - request.began_s
        self._metrics.request(request.method, request.route, status, took_s)
        log.debug(
            "request",
            request=request.id,
            method=request.method,
            route=request.route,
            status=status,
            ms=round(took_s * 1000, 1),
            who=request.principal.name if request.principal else None,
            address=request.address,
        )


_DESKLESS: Final = frozenset({Act.OPEN, Act.OWN_SESSION, Act.CARRY})
_SAFE: Final = frozenset({"GET", "HEAD", WEBSOCKET})


class AskedFor:
    """What the gate reads of a request; header names and values are never kept beyond it."""

    def __init__(self, scope: Scope, doors: Doors) -> None:
        headers: dict[bytes, bytes] = {}
        self.twice = False
        for name, value in scope["headers"]:
            self.twice |= name == b"host" and name in headers
            headers[name] = headers[name] + b"; " + value if name == b"cookie" and name in headers else value
        self._headers = headers
        self.header_bytes = sum(len(name) + len(value) for name, value in scope["headers"])
        self.began_s = time.perf_counter()
        self.id = secrets.token_hex(8)
        self.method = WEBSOCKET if scope["type"] == "websocket" else str(scope["method"])
        self.host = "" if self.twice else self._text(b"host") or ""
        self.origin = self._text(b"origin")
        self.path = str(scope["path"])
        self.address = self._address(scope, doors)
        self.base = doors.base(self.host, scope["scheme"])
        self.matched: Matched | None = None
        self.principal: Principal | None = None
        self.token_by_cookie = False

    def _text(self, name: bytes) -> str | None:
        value = self._headers.get(name)
        return None if value is None else value.decode("latin-1")

    def _address(self, scope: Scope, doors: Doors) -> str:
        client = scope.get("client")
        address = str(client[0]) if client else ""
        forwarded = self._text(b"x-forwarded-for")
        if forwarded and doors.believes(address):
            return forwarded.rsplit(",", 1)[-1].strip()[:64]  # the last hop is the one that our own proxy saw
        return address

    @property
    def route(self) -> str:
        """The address as the table has it; one word for all that is not there."""
        return self.matched.template if self.matched else "unknown"

    @property
    def changes(self) -> bool:
        """Whether this may change anything, or opens a stream."""
        return self.method not in _SAFE or self.method == WEBSOCKET

    @property
    def foreign_site(self) -> bool:
        """Whether the browser says that another site's page asks; following a link to a page is fine."""
        site, mode = self._text(b"sec-fetch-site"), self._text(b"sec-fetch-mode")
        return site in ("cross-site", "same-site") and not (mode == "navigate" and self.method == "GET")

    @property
    def body_bytes(self) -> int:
        """The stated length of the body; what is no number is beyond all limits."""
        stated = self._headers.get(b"content-length", b"0")
        return int(stated) if stated.isdigit() and len(stated) < 16 else 2**62

    @property
    def tracks(self) -> bool:
        """Whether this is where trackers send positions: there alone is HTTP Basic known."""
        return self.matched is not None and self.matched.act is Act.TRACK

    @property
    def bearer(self) -> str | None:
        """The token of an Authorization header."""
        scheme, _, token = (self._text(b"authorization") or "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token else None

    @property
    def password(self) -> str | None:
        """The password of HTTP Basic (RFC 7617), None where there is none that can be read."""
        scheme, _, given = (self._text(b"authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return None

    def cookie(self, name: str) -> str | None:
        """A cookie's value."""
        raw = self._text(b"cookie")
        if raw is None or len(raw) > MAX_COOKIE_BYTES:
            return None
        try:
            found = SimpleCookie(raw).get(name)
        except CookieError:
            return None
        return None if found is None else found.value


class _Answer:
    """Dresses what goes out, and remembers the status."""

    def __init__(self, send: Send, request: AskedFor, *, secure: bool) -> None:
        self._send, self._request, self._secure = send, request, secure
        self.status = 500

    async def send(self, message: Message) -> None:
        """Send on; a start of an answer gets our headers."""
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self.status = message["status"]
            headers = dressed(
                list(message.get("headers", ())), self._request.path, self._request.id, secure=self._secure
            )
            message = {**message, "headers": headers}
        await self._send(message)


def _counted(receive: Receive) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY_BYTES:  # a body that came without its length: what is left of it is not read
            return {"type": "http.disconnect"}
        return message

    return counted
