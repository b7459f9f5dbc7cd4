"""A tablet's own durable storage: what it has acknowledged and what it still has to say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Final

from pydantic import TypeAdapter, ValidationError

from dispatch.wire.tablet_session import Tablet

MAX_BYTES: Final = 1 << 20
"""A journal longer than this is begun anew with the latest state alone."""

_TABLET: Final[TypeAdapter[Tablet]] = TypeAdapter(Tablet)


class FileStore:
    """One tablet in one file: a line a state, synced before it counts; the last whole line is the state."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def load(self) -> Tablet | None:
        """The tablet as it was last saved, or None; a line that a crash cut off is passed over."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return None
        for line in reversed(lines):
            try:
                return _TABLET.validate_json(line)
            except ValidationError:
                continue
        return None

    def save(self, tablet: Tablet) -> None:
        """Save durably."""
        line = _TABLET.dump_json(tablet) + b"\n"
        if self._file is None or self._file.tell() > MAX_BYTES:
            self._begin(line)
            return
        self._file.write(line)
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file; a later save opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self, line: bytes) -> None:
        """Put a new journal in the place of the old one, whole or not at all."""
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        self._file = draft.open("wb", buffering=0)
        self._file.write(line)
        os.fsync(self._file.fileno())
        draft.replace(self._path)
