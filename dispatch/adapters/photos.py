"""Photos from the scene, by the SHA-256 of their bytes, in a folder; parts go on where they stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from dispatch.domain.refusals import Code, Refusal

MAX_INCOMING: Final = 16
"""Photos of one team that are not whole yet; the oldest goes first."""

MAX_OF_INCIDENT: Final = 200
MIN_FREE_BYTES: Final = 256 * 1024 * 1024
"""Below that the disk belongs to the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """What is known of a photo; ``media_type`` is told by its first bytes, empty while they have not come."""

    digest: str
    key: str
    size: int
    incident: str
    team: str
    taken_ms: int
    media_type: str = ""


def media_type_of(head: bytes) -> str | None:
    """The type that the first bytes of a picture tell, None for what is none of JPEG, PNG and WebP."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None


class PhotoStore:
    """One folder: ``incoming`` for parts, ``bytes`` by digest, ``of`` by incident. All calls block.

    Law: what ``have`` or ``whole`` says is on the disk, synced, before it is said.
    """

    def __init__(self, folder: Path) -> None:
        self._incoming, self._bytes, self._of = folder / "incoming", folder / "bytes", folder / "of"
        self._turn = threading.Lock()  # a tablet that lost an answer says the same part again, beside the first

    def begin(self, photo: Photo) -> int | Refusal:
        """Take up a photo, or go on with it: how many of its bytes are here."""
        if (of := self._of_file(photo)).is_file():
            return photo.size
        if of.parent.is_dir() and sum(1 for _ in of.parent.iterdir()) >= MAX_OF_INCIDENT:
            return Refusal(Code.BAD_REQUEST, f"{photo.incident} has {MAX_OF_INCIDENT} photos already")
        self._incoming.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._incoming).free < MIN_FREE_BYTES + photo.size:
            return Refusal(Code.STORAGE_FULL, "no room for a photo")
        note = self._note(photo.team, photo.digest)
        if not note.is_file():
            self._make_room(photo.team)
        _write(note, json.dumps(asdict(photo)).encode())
        part = note.with_suffix(".part")
        return part.stat().st_size if part.is_file() else 0

    def add(self, team: str, digest: str, at: int, data: bytes) -> tuple[Photo, int] | Refusal:
        """Put a part where the last one ended: the photo, and how much of it is here then."""
        photo = self._begun(team, digest)
        if photo is None:
            return Refusal(Code.BAD_REQUEST, "this photo was not announced, or is whole: POST /api/tablet/photos")
        if shutil.disk_usage(self._incoming).free < MIN_FREE_BYTES + len(data):
            return Refusal(Code.STORAGE_FULL, "no room for a photo")  # others may have announced theirs meanwhile
        part = self._note(team, digest).with_suffix(".part")
        with self._turn:
            have = part.stat().st_size if part.is_file() else 0
            if at != have:
                return photo, have  # said twice, or after a crash: the tablet goes on from what is here
            if have + len(data) > photo.size:
                return Refusal(Code.BODY_TOO_LARGE, f"the photo was announced with {photo.size} bytes")
            if have == 0 and media_type_of(data) is None:
                return Refusal(Code.BAD_REQUEST, "this is no JPEG, PNG or WebP picture")
            with part.open("ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        return photo, have + len(data)

    def finish(self, team: str, digest: str) -> Photo | Refusal:
        """Check a photo whose bytes are all here and put it in its place; begun anew where they are not its own."""
        photo = self._begun(team, digest)
        if photo is None:
            return Refusal(Code.BAD_REQUEST, "this photo was not announced: POST /api/tablet/photos")
        part = self._note(team, digest).with_suffix(".part")
        with self._turn:
            data = part.read_bytes() if part.is_file() else b""
            if hashlib.sha256(data).hexdigest() != digest:
                part.unlink(missing_ok=True)
                return Refusal(Code.BAD_REQUEST, "the bytes are not those that were announced: send them again")
            whole = Photo(**{**asdict(photo), "media_type": media_type_of(data) or ""})
            _write(self._place(digest), data)
            _write(self._of_file(whole), json.dumps(asdict(whole)).encode())
        return whole

    def forget_parts(self, photo: Photo) -> None:
        """The photo is in its place and in the log: its parts are needed no more."""
        note = self._note(photo.team, photo.digest)
        note.with_suffix(".part").unlink(missing_ok=True)
        note.unlink(missing_ok=True)

    def of_incident(self, incident: str) -> list[Photo]:
        """The photos of an incident, the oldest first."""
        folder = self._of / _name(incident)
        found = [Photo(**json.loads(file.read_bytes())) for file in folder.glob("*.json")]
        return sorted(found, key=lambda photo: (photo.taken_ms, photo.digest))

    def incidents(self) -> list[str]:
        """The incidents that have a photo here, whole or begun."""
        notes = [next(folder.glob("*.json"), None) for folder in self._of.glob("*")]
        notes += self._incoming.glob("*.json")
        return sorted({str(held["incident"]) for note in notes if note is not None and (held := _held(note))})

    def forget(self, incident: str) -> None:
        """Forget the photos of an incident, whole or begun; bytes that another incident has too are kept for it."""
        folder = self._of / _name(incident)
        with self._turn:
            for note in list(folder.glob("*.json")):
                others = any((each / note.name).is_file() for each in self._of.iterdir() if each != folder)
                if not others:
                    self._place(note.stem).unlink(missing_ok=True)
                note.unlink(missing_ok=True)  # last: after a crash in between it is found again
            with contextlib.suppress(OSError):
                folder.rmdir()  # not there, or it holds a draft that a crash has left
            for note in list(self._incoming.glob("*.json")):
                if (held := _held(note)) and held["incident"] == incident:
                    note.with_suffix(".part").unlink(missing_ok=True)
                    note.unlink(missing_ok=True)

    def read(self, digest: str) -> bytes | None:
        """The bytes of a photo, None where there is none."""
        place = self._place(digest)
        return place.read_bytes() if place.is_file() else None

    def _begun(self, team: str, digest: str) -> Photo | None:
        note = self._note(team, digest)
        return Photo(**json.loads(note.read_bytes())) if note.is_file() else None

    def _make_room(self, team: str) -> None:
        held = sorted(self._incoming.glob(f"{_name(team)}-*.json"), key=lambda file: file.stat().st_mtime)
        for note in held[: max(0, len(held) - MAX_INCOMING + 1)]:
            note.with_suffix(".part").unlink(missing_ok=True)
            note.unlink(missing_ok=True)

    def _note(self, team: str, digest: str) -> Path:
        return self._incoming / f"{_name(team)}-{digest}.json"

    def _place(self, digest: str) -> Path:
        return self._bytes / digest[:2] / digest

    def _of_file(self, photo: Photo) -> Path:
        return self._of / _name(photo.incident) / f"{photo.digest}.json"


def _held(note: Path) -> dict[str, Any] | None:
    """What a note says; None where it is gone meanwhile."""
    try:
        found: dict[str, Any] = json.loads(note.read_bytes())
        return found
    except FileNotFoundError:
        return None


def _name(text: str) -> str:
    """A file name of any id: never a path."""
    return text if text.isalnum() and text.isascii() else hashlib.sha256(text.encode()).hexdigest()[:32]


def _write(file: Path, data: bytes) -> None:
    """Put a file in its place, whole or not at all, on the disk before this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    with draft.open("wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
