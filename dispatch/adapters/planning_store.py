"""Plans and imported past incidents as JSON documents: a file each in a folder of the service, or in memory."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

from dispatch.domain.errors import SetupError

MOST_DOCUMENTS: Final = 200
MOST_BYTES: Final = 16_000_000
"""Of one document; 100,000 past incidents have about 3 MB."""

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
Document = dict[str, Any]


class PlanningStore:
    """Documents by kind and name, written whole: a reader sees the old one or the new one. One thread at a time.

    With ``folder`` None they are gone at the end. Raises SetupError where the folder cannot be used; a document
    that cannot be read is passed over and named by ``damaged``.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[tuple[str, str], Document] = {}
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
            if file.stat().st_size > MOST_BYTES or not NAME.fullmatch(file.stem):
                raise ValueError("too large, or a name that is none of ours")
            found = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(found, dict):
                raise ValueError("no JSON object")
        except (OSError, ValueError) as error:
            self.damaged.append(f"{file}: {error}")
            return
        self._held[file.parent.name, file.stem] = found

    def all(self, kind: str) -> dict[str, Document]:
        """The documents of a kind by name, in the order of the names."""
        return {name: self._held[held, name] for held, name in sorted(self._held) if held == kind}

    def get(self, kind: str, name: str) -> Document | None:
        """One document, None where there is none."""
        return self._held.get((kind, name))

    def full(self, kind: str) -> bool:
        """Whether no further document of a kind is taken."""
        return sum(1 for held, _ in self._held if held == kind) >= MOST_DOCUMENTS

    def put(self, kind: str, name: str, document: Document) -> None:
        """Keep a document under its name, on the disk before this returns; raises OSError where that fails."""
        assert NAME.fullmatch(name), f"{name!r} is no name"
        if self._folder is not None:
            file = self._folder / kind / f"{name}.json"
            file.parent.mkdir(exist_ok=True)
            draft = file.with_suffix(".draft")
            with draft.open("w", encoding="utf-8") as opened:
                json.dump(document, opened, ensure_ascii=False, separators=(",", ":"))
                opened.flush()
                os.fsync(opened.fileno())
            draft.replace(file)
        self._held[kind, name] = document

    def drop(self, kind: str, name: str) -> bool:
        """Forget a document; whether there was one. Raises OSError where its file cannot be removed."""
        if (kind, name) not in self._held:
            return False
        if self._folder is not None:
            (self._folder / kind / f"{name}.json").unlink(missing_ok=True)
        del self._held[kind, name]
        return True
