"""Snapshots: the folded state at a seq, kept beside the log so that a start need not fold it all.

A snapshot is a cache. It names the log, the row and the code that it was made from, and carries its own checksum;
one that does not fit in any of these is passed over, and deleting it costs nothing but time at the next start.
Another process makes it, from the log alone: the desk is not stopped, and what it holds cannot leak into it.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, Protocol

import msgspec

from dispatch.adapters.log_chain import Checkpoint
from dispatch.domain import state as state_module
from dispatch.domain.state import DeskState

EVERY: Final = 20_000
"""Rows between snapshots: a start folds fewer than this, or a few more."""

_MAGIC: Final = b"dispatch135 snapshot\n"

logger = logging.getLogger(__name__)


class Named(Protocol):
    """A log that a snapshot may be of."""

    @property
    def epoch(self) -> str:
        """Its random name."""
        ...

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of a row, or None."""
        ...


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    epoch: str
    seq: int
    hash: str
    code: str
    checksum: str


def code_fingerprint() -> str:
    """A name for the code that folds: another version of it makes another state."""
    total = hashlib.sha256(f"{sys.version_info[:2]} {msgspec.__version__}".encode())
    for file in sorted(Path(state_module.__file__).parent.glob("*.py")):
        total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()


def save(path: Path, state: DeskState, log: Named, mark: Checkpoint) -> None:
    """Write the state at ``mark`` of ``log``, whole or not at all; raises OSError."""
    assert state.seq == mark.seq, f"the state is at {state.seq}, the row at {mark.seq}"
    body = msgspec.msgpack.encode(state)
    head = _Head(log.epoch, mark.seq, mark.hash.hex(), code_fingerprint(), hashlib.sha256(body).hexdigest())
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(_MAGIC + msgspec.json.encode(head) + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def load(path: Path, log: Named, at_most: int | None = None) -> DeskState | None:
    """The state that is kept for this log, or None where there is none that fits, or it is beyond ``at_most``."""
    try:
        with path.open("rb") as file:
            head = _head(file)
            if head is None or (at_most is not None and head.seq > at_most):
                return None
            if head.epoch != log.epoch or head.code != code_fingerprint():
                return None
            row = log.hash_at(head.seq)
            if row is None or row.hex() != head.hash:
                return None
            start = file.tell()
            with (
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
                memoryview(mapped) as whole,
                whole[start:] as body,
            ):
                return _state(body, head, path)
    except OSError:
        return None


def _state(body: memoryview, head: _Head, path: Path) -> DeskState | None:
    if hashlib.sha256(body).hexdigest() != head.checksum:
        logger.warning("%s is damaged and not used; it is made anew later", path)
        return None
    with without_gc():
        try:
            state = msgspec.msgpack.decode(body, type=DeskState)
        except msgspec.MsgspecError:
            return None
    return state if state.seq == head.seq else None


def _head(file: IO[bytes]) -> _Head | None:
    if file.readline(len(_MAGIC)) != _MAGIC:
        return None
    try:
        return msgspec.json.decode(file.readline(4096), type=_Head)
    except msgspec.MsgspecError:
        return None


@contextlib.contextmanager
def without_gc() -> Iterator[None]:
    """Make many objects that all stay: the collector would walk them over and over and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()


class Keeper:
    """Starts a process that makes a snapshot, each time the log has grown by ``every`` rows; one at a time."""

    def __init__(self, target: str, path: Path, root: Path, last: int, every: int = EVERY) -> None:
        """``root`` is the folder that holds the package, ``last`` the seq of the snapshot that is there (or 0)."""
        self._target, self._path, self._root, self._every = target, path, root, every
        self._last = last
        self._work: subprocess.Popen[bytes] | None = None

    def seen(self, seq: int) -> None:
        """Take note of a new head; never raises, never waits for the snapshot."""
        if seq - self._last < self._every or (self._work is not None and self._work.poll() is None):
            return
        self._last = seq
        command = [sys.executable, "-m", "dispatch", "snapshot", "-", "--to", str(self._path.absolute())]
        try:
            self._work = subprocess.Popen(
                command,
                cwd=self._root,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            assert self._work.stdin is not None
            self._work.stdin.write(self._target.encode() + b"\n")  # not an argument: it may hold a password
            self._work.stdin.close()
        except OSError as error:
            logger.warning("no snapshot was made: %s", error)

    def wait(self, timeout_s: float) -> int | None:
        """Wait for the snapshot that is being made, if any: its exit status; raises subprocess.TimeoutExpired."""
        return self._work.wait(timeout_s) if self._work is not None else None
