"""The peers' environment: a venv of their own in ``.cache/peers``, made from ``requirements/peers.txt``.

Never the product's own: a peer cannot be imported by the product, not even by mistake. OSRM and Valhalla have
wheels for Python 3.12 and newer only; on an older one their rows say so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from dispatch.bootstrap import CACHE, ROOT

HOME = CACHE / "peers"
LOCK = ROOT / "requirements" / "peers.txt"
MINORS = (12, 13, 14, 15, 11)
"""Which Python is looked for first: the oldest that has all wheels."""

DISPENSABLE = ((), ("pandana",), ("pandana", "osrm-bindings"), ("pandana", "osrm-bindings", "pyvalhalla"))
"""Where a wheel is missing for this machine, the environment is made without these: their rows tell."""


def peers_python(say: Callable[[str], None]) -> Path | None:
    """Return the Python of the peers' environment, made first where it is missing or stale; None where it fails."""
    base = find_python()
    python, stamp = HOME / "bin" / "python", HOME / ".stamp"
    wanted = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {base}\n"
    if python.exists() and stamp.is_file() and stamp.read_text() == wanted:
        return python
    say(f"making the peers' environment with {base} …")
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.parent.mkdir(parents=True, exist_ok=True)
    log = CACHE / "peers.log"
    with log.open("w") as file:
        if _call([str(base), "-m", "venv", str(HOME)], file.fileno()):
            say(f"  the peers' environment cannot be made: {log} says why")
            return None
        for without in DISPENSABLE:
            draft = HOME / "peers.txt"
            draft.write_text(_without(LOCK.read_text(), without))
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            if not _call([*pip, "--only-binary=:all:", "--require-hashes", "-r", str(draft)], file.fileno()):
                if without:
                    say(f"  without {', '.join(without)}: no wheel for {base}")
                stamp.write_text(wanted)
                return python
    say(f"  the peers cannot be installed: {log} says why")
    return None


def find_python() -> Path:
    """Return the first interpreter that really starts, of those on PATH and those that pyenv keeps."""
    for candidate in _candidates():
        check = [str(candidate), "-c", "import ensurepip, sys; print(sys.executable)"]
        try:
            done = subprocess.run(check, capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return Path(done.stdout.strip())
    return Path(sys.executable)


def _candidates() -> Iterator[Path]:
    for minor in MINORS:
        name = f"python3.{minor}"
        if sys.version_info[:2] == (3, minor):
            yield Path(sys.base_prefix) / "bin" / name
        found = shutil.which(name)
        if found is None:
            continue
        yield Path(found)
        # a shim of pyenv refuses a version that is installed but not chosen here: look behind it
        yield from sorted(Path(found).parent.parent.glob(f"versions/3.{minor}.*/bin/{name}"))


def _without(lock: str, names: tuple[str, ...]) -> str:
    """Return the text of a lock file without the blocks of some packages."""
    kept, keep = [], True
    for line in lock.splitlines(keepends=True):
        if line[:1].isalpha():
            keep = line.split("==")[0] not in names
        if keep:
            kept.append(line)
    return "".join(kept)


def _call(command: list[str], log: int) -> int:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment).returncode
