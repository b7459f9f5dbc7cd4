"""uvicorn's protocols with an end to their patience: for what dribbles in, and for what is never taken."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

REQUEST_WITHIN_S: Final = 15.0
"""From the first byte (or the connection) to the end of the request's body; a body has at most 64 KiB."""


class PatientProtocol(H11Protocol):
    """Closes a connection whose request is not whole after 15 s; uvicorn itself waits for ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to wait."""
        self._calm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wait for the rest of a request that has begun."""
        super().data_received(data)
        if self.transport.get_protocol() is self and self._unfinished():
            self._watch()
        else:
            self._calm()

    def _unfinished(self) -> bool:
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def _watch(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._give_up)

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        if self.transport.get_protocol() is self and self._unfinished():
            self.transport.close()


CLOSED_WITHIN_S: Final = 5.0
"""After the end of a websocket: who has not taken what was sent by then never will."""


class PatientSocket(WebSocketsSansIOProtocol):
    """Drops a connection that has ended and is not taken; a close alone would wait for its buffer for ever."""

    _dropping: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Serve, then close within 5 s."""
        await super().run_asgi()
        if not self.disconnected:
            self._dropping = self.loop.call_later(CLOSED_WITHIN_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to drop."""
        if self._dropping is not None:
            self._dropping.cancel()
        super().connection_lost(exc)
