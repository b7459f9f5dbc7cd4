"""The gate before the application: a body larger than the limit is refused before it is kept."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.domain.refusals import Code, Refusal
from dispatch.server.problems import problem

MAX_BODY_BYTES: Final = 64 * 1024
"""Far above any report; a note has at most 2,000 characters."""


class Gate:
    """Pure ASGI, so that HTTP and websocket both pass through it; frames have their own limit in the session."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with 413 as soon as its body is known to be too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not stated.isdigit() or int(stated) > MAX_BODY_BYTES:
            await _too_large(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:  # a body that came without its length: what is left of it is not read
                return {"type": "http.disconnect"}
            return message

        await self._app(scope, counted, send)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await problem(Refusal(Code.BODY_TOO_LARGE, f"at most {MAX_BODY_BYTES} bytes"))(scope, receive, send)
