"""Rows of a log for whoever looks back, read beside its writer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from dispatch.adapters.log_codec import envelopes_of
from dispatch.adapters.log_open import open_reader
from dispatch.domain.events import Envelope


def rows_beside(target: str, after: int) -> Iterator[Envelope]:
    """Every event with seq > ``after`` of the log of this name at the moment of asking; read in one thread.

    Raises LogOpenError where it cannot be opened, RowError at a row that cannot be read.
    """
    with contextlib.closing(open_reader(target)) as reader:
        yield from envelopes_of(row[:6] for row in reader.rows(after))
