"""A tablet's own durable storage: what it has acknowledged and what it still has to say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from dispatch.wire.tablet_session import Tablet

_TABLET: Final[TypeAdapter[Tablet]] = TypeAdapter(Tablet)


class FileStore:
    """One tablet in one file, replaced whole and synced, so that a crash leaves the old state or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def load(self) -> Tablet | None:
        """The tablet as it was last saved, or None."""
        try:
            return _TABLET.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None

    def save(self, tablet: Tablet) -> None:
        """Save durably."""
        draft = self._path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(_TABLET.dump_json(tablet))
            file.flush()
            os.fdatasync(file.fileno())
        draft.replace(self._path)
