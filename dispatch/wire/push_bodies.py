"""Bodies of the long poll: the frames of ``patrol.v1`` in numbered batches, so that a lost answer loses nothing."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from dispatch.wire.bodies import Body

HOLD_MS: Final = 25_000
"""The longest that an exchange is held."""

MAX_BATCH: Final = 64
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class PollBody(Body):
    """One exchange: frames of the client, and how many frames of the service it has.

    Without ``session`` a connection is opened. ``first`` is the number of the first of ``frames``, counted from 0
    over the whole connection: what the service has already taken is passed over, so an exchange may be sent again
    as it is. ``got`` frames need not be told again. ``wait_ms`` 0 is answered at once, else when there is something
    to tell.
    """

    session: Annotated[str, Field(max_length=64)] | None = None
    got: _Count = 0
    first: _Count = 0
    frames: Annotated[list[dict[str, Any]], Field(max_length=MAX_BATCH, default_factory=list)]
    wait_ms: Annotated[int, Field(ge=0, le=HOLD_MS)] = 0


class PollView(Body):
    """The answer: frames of the service from number ``first`` on; ``closed`` is the close code once it is over."""

    session: str
    first: int
    frames: list[dict[str, Any]]
    closed: int | None
