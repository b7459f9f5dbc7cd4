"""Reading a log as a tool does: whole verification, the state at an event or a time, a new snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dispatch.adapters.live_orders import change_of
from dispatch.adapters.log_chain import BadRowError, Checkpoint, ends, sound
from dispatch.adapters.log_codec import RowError, StoredRow, envelopes_of
from dispatch.adapters.log_open import Reader
from dispatch.adapters.log_snapshots import load, save, without_gc
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope
from dispatch.domain.state import DeskState


def verify(reader: Reader, since: Checkpoint = Checkpoint()) -> Checkpoint:  # noqa: B008 (a frozen value)
    """Check all rows after ``since``: content, order, completeness; from the start also meaning.

    Meaning: each event follows from those before it, and the table of live orders is what they make it. Returns the
    checkpoint of the last row; raises BadRowError with the first row that is not sound.
    """
    if since.seq and reader.hash_at(since.seq) != since.hash:
        raise BadRowError(since.seq, "it is not the row of the checkpoint")
    last, noted = since, reader.checkpoint()
    state, live = DeskState(), dict[str, str]()
    for row in sound(reader.rows(since.seq), since):
        if row[0] > noted.seq:
            ends(Checkpoint(row[0], row[6]), noted)
        try:
            (envelope,) = envelopes_of([row[:6]])
            if since.seq == 0:
                state.apply(envelope)
        except RowError as error:
            raise BadRowError(row[0], f"it cannot be read ({error})") from error
        except (AssertionError, KeyError) as error:
            raise BadRowError(row[0], f"it does not follow from the rows before it ({error})") from error
        _note(live, envelope)
        last = Checkpoint(row[0], row[6])
    ends(last, noted)
    try:
        told = reader.live_orders() if since.seq == 0 else None
    except RowError as error:
        raise BadRowError(last.seq, f"the table of live orders cannot be read ({error})") from error
    if told is not None and told != {team: order for order, team in live.items()}:
        raise BadRowError(last.seq, "the table of live orders is not what the rows up to here make it")
    return last


def _note(live: dict[str, str], envelope: Envelope) -> None:
    change = change_of(envelope.event)
    if change is not None and change.team is None:
        live.pop(change.order, None)
    elif change is not None and change.team is not None:
        live[change.order] = change.team


def state_at(
    reader: Reader, kept: DeskState | None = None, to: int | None = None, at_ms: int | None = None
) -> tuple[DeskState, int | None]:
    """The state up to event ``to``, or up to the first event later than ``at_ms``; and the time of its last event.

    The fold begins at ``kept``, which must be a state of this log that is not beyond. Raises SetupError where a row
    cannot be read or does not follow.
    """
    state, last_ms = kept or DeskState(), None
    with without_gc():
        for envelope in _envelopes(reader.rows(max(0, state.seq - 1))):
            if (to is not None and envelope.seq > to) or (at_ms is not None and envelope.at_ms > at_ms):
                break
            last_ms = envelope.at_ms
            if envelope.seq > state.seq:
                fold(state, envelope)
    return state, last_ms


def fold(state: DeskState, envelope: Envelope) -> None:
    """Apply one event; raises SetupError where it does not follow."""
    try:
        state.apply(envelope)
    except (AssertionError, KeyError) as error:
        raise SetupError(
            f"event {envelope.seq} does not follow ({error}): `verify` tells more, a backup has what was before"
        ) from error


def _envelopes(rows: Iterable[StoredRow]) -> Iterator[Envelope]:
    try:
        yield from envelopes_of(row[:6] for row in rows)
    except RowError as error:
        raise SetupError(f"the log has a row that cannot be read ({error}): `verify` tells more") from error


def keep(reader: Reader, path: Path) -> int:
    """Make a snapshot of the log's state now, from the one that is there where it fits; returns its seq.

    Rows are checked on the way: what is damaged gets no snapshot (SetupError). Raises OSError where it cannot be
    written.
    """
    state = load(path, reader) or DeskState()
    mark = Checkpoint(state.seq, (reader.hash_at(state.seq) if state.seq else None) or Checkpoint().hash)
    with without_gc():
        try:
            for row in sound(reader.rows(state.seq), mark):
                (envelope,) = envelopes_of([row[:6]])
                fold(state, envelope)
                mark = Checkpoint(row[0], row[6])
        except BadRowError as error:
            raise SetupError(f"the log is damaged ({error}): `verify` tells more") from error
        save(path, state, reader, mark)
    return mark.seq
