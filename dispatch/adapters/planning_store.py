"""Plans and imported past incidents as JSON documents: a file each in a folder of the service, or in memory."""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path
from typing import Any, Final

from dispatch.domain.errors import SetupError

MOST_DOCUMENTS: Final = 200
MOST_BYTES: Final = 16_000_000
"""Of one document; 100,000 past incidents have about 3 MB."""

MOST_BYTES_IN_ALL: Final = 24_000_000
"""Of all documents as JSON: some 700,000 past incidents. Read, they take five times that in memory."""

logger = logging.getLogger(__name__)

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
Document = dict[str, Any]


class PlanningStore:
    """Documents by kind and name, written whole: a reader sees the old one or the new one. One thread at a time.

    With ``folder`` None they are gone at the end. Raises SetupError where the folder cannot be used; a document
    that cannot be read, or is one too many, is passed over and named by ``damaged``. Law: what is held has at most
    MOST_BYTES_IN_ALL as JSON.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[tuple[str, str], Document] = {}
        self._bytes: dict[tuple[str, str], int] = {}
        self.damaged: list[str] = []
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            files = sorted(folder.glob("*/*.json"))
        except OSError as error:
            raise SetupError(f"{folder} cannot be used ({error.strerror}): name another --data folder") from error
        for file in files:
            self._load(file)

    def _load(self, file: Path) -> None:
        try:
            size = file.stat().st_size
            if size > MOST_BYTES or not NAME.fullmatch(file.stem):
                raise ValueError("too large, or a name that is none of ours")
            if self.bytes + size > MOST_BYTES_IN_ALL:
                raise ValueError(f"all documents together have more than {MOST_BYTES_IN_ALL} bytes")
            found = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(found, dict):
                raise ValueError("no JSON object")
        except (OSError, ValueError) as error:
            self.damaged.append(f"{file}: {error}")
            logger.warning("%s is not used: %s", file, error)
            return
        self._hold((file.parent.name, file.stem), found, size)

    def _hold(self, key: tuple[str, str], document: Document, size: int) -> None:
        self._held[key], self._bytes[key] = document, size

    @property
    def bytes(self) -> int:
        """How many bytes of JSON all documents have."""
        return sum(self._bytes.values())

    def all(self, kind: str) -> dict[str, Document]:
        """The documents of a kind by name, in the order of the names."""
        return {name: self._held[held, name] for held, name in sorted(self._held) if held == kind}

    def get(self, kind: str, name: str) -> Document | None:
        """One document, None where there is none."""
        return self._held.get((kind, name))

    def full(self, kind: str) -> bool:
        """Whether no further document of a kind is taken."""
        return sum(1 for held, _ in self._held if held == kind) >= MOST_DOCUMENTS

    def put(self, kind: str, name: str, document: Document) -> bool:
        """Keep a document under its name, on the disk before this returns; raises OSError where that fails.

        False, and nothing is changed, where it is too large or all together would be.
        """
        assert NAME.fullmatch(name), f"{name!r} is no name"
        data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        others = self.bytes - self._bytes.get((kind, name), 0)
        if len(data) > MOST_BYTES or others + len(data) > MOST_BYTES_IN_ALL:
            return False
        if self._folder is not None:
            file = self._folder / kind / f"{name}.json"
            file.parent.mkdir(exist_ok=True)
            draft = file.with_suffix(".draft")
            with draft.open("wb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
            draft.replace(file)
        self._hold((kind, name), document, len(data))
        return True

    def drop(self, kind: str, name: str) -> bool:
        """Forget a document; whether there was one. Raises OSError where its file cannot be removed."""
        if (kind, name) not in self._held:
            return False
        if self._folder is not None:
            (self._folder / kind / f"{name}.json").unlink(missing_ok=True)
        del self._held[kind, name], self._bytes[kind, name]
        return True
