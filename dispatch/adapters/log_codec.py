"""Events as rows and back: one JSON text an event, decoded by its kind with a decoder made once.

Every event of ``dispatch.domain.events.Event`` has its decoder from its own record: a new one needs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, Final, get_args

import msgspec

from dispatch.domain import events as ev
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope

StoredRow = tuple[int, int, str | None, str | None, str, bytes, bytes]
"""seq, at_ms, key, digest, kind, body (UTF-8 JSON), hash (32 bytes): a row as every log keeps it."""

PlainRow = tuple[int, int, str | None, str | None, str, bytes]
"""A stored row without its hash: what reading back needs."""


class LogOpenError(SetupError):
    """A file or database cannot be used as a log; the message says why and what to do."""


class LogHeldError(LogOpenError):
    """Another service writes this desk now."""


class RowError(ValueError):
    """A row cannot be written, or not be read; the message names its seq and why."""


def _kind_of(event: type[Any]) -> str:
    return str(next(field.default for field in fields(event) if field.name == "kind"))


_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    _kind_of(event): msgspec.json.Decoder(event) for event in get_args(ev.Event)
}
_ENCODE: Final = msgspec.json.Encoder().encode


def body_of(envelope: Envelope) -> bytes:
    """The event of an envelope as UTF-8 JSON without line breaks.

    Raises RowError on what has no JSON, and on what would not be read back (law: what is written can be read).
    """
    try:
        body = _ENCODE(envelope.event)
        _DECODERS[envelope.event.kind].decode(body)
        for text in (envelope.key, envelope.digest):
            if text is not None:
                text.encode()
    except (msgspec.MsgspecError, UnicodeError, TypeError, KeyError) as error:
        raise RowError(f"event {envelope.seq} ({envelope.event.kind}) cannot be written: {error}") from error
    return body


def check(envelopes: Sequence[Envelope]) -> None:
    """Raise RowError where one of these cannot be written or not be read back."""
    for envelope in envelopes:
        body_of(envelope)


def event_of(kind: str, body: bytes) -> ev.Event:
    """The event of a body; raises RowError on anything else."""
    try:
        event: ev.Event = _DECODERS[kind].decode(body)
    except (msgspec.MsgspecError, UnicodeError, KeyError) as error:
        raise RowError(f"no event of kind {kind!r}: {error}") from error
    return event


def envelopes_of(rows: Iterable[PlainRow]) -> Iterator[Envelope]:
    """Rows as envelopes, in their order; raises RowError at the first that cannot be read."""
    decoders, seq, kind = _DECODERS, 0, ""
    try:
        for seq, at_ms, key, digest, kind, body in rows:
            event = decoders[kind].decode(body)
            yield Envelope(seq=seq, at_ms=at_ms, key=key, digest=digest, event=event)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise RowError(f"event {seq} ({kind}): {error}") from error
    except KeyError as error:
        if kind in decoders:
            raise  # thrown into the generator, not ours
        raise RowError(f"event {seq}: there is no kind {kind!r}; was it written by a newer version?") from error
