"""The one place that constructs and wires: from files and settings to a running station."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dispatch.adapters.clock import WallClock
from dispatch.adapters.drawing import GroundDrawing
from dispatch.adapters.log_memory import MemoryLog
from dispatch.adapters.log_sqlite import SqliteLog
from dispatch.adapters.places import Place, RosterTeam, read_places, read_roster
from dispatch.adapters.travel import GroundTravel
from dispatch.domain.commands import RegisterTeam, StartDuty
from dispatch.domain.refusals import Refusal
from dispatch.server.board import Board
from dispatch.server.loop import Desk
from dispatch.server.station import Station
from dispatch.server.walks import Walks
from dispatch.service.settings import DeskSettings
from geo_data import samples
from geo_data.graph import FORMAT_VERSION, Ground
from geo_data.sources.bundle import load_ground, save_ground

ROOT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = ROOT / ".cache"
PAGE: Final = ROOT / "web_client" / "dist"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Town:
    """A ground ready to work on, with what belongs to it."""

    ground: Ground
    areas: Path | None = None
    places: Sequence[Place] = ()
    roster: Sequence[RosterTeam] = ()
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """How a service is set up; ``log`` None keeps the log in memory (gone at the end)."""

    log: Path | None = None
    desk: DeskSettings = field(default_factory=DeskSettings)
    pace: float = 1.0
    demo: bool = False


def sample_town(progress: Progress) -> Town:
    """The project's own synthetic town, with its teams and places."""
    ground, areas = _imported(samples.TOWN_OSM, "Apache-2.0 (synthetic, made by dispatch135)", progress)
    return Town(ground, areas, read_places(samples.PLACES_CSV), read_roster(samples.TEAMS_CSV), synthetic=True)


def town_of(source: Path, progress: Progress, places: Path | None = None, roster: Path | None = None) -> Town:
    """A town from a .ground file, or from any file that ``import`` reads (imported once, then kept by content)."""
    if source.suffix == ".ground":
        ground, areas = load_ground(source), None
    else:
        ground, areas = _imported(source, None, progress)
    return Town(
        ground,
        areas,
        read_places(places) if places else (),
        read_roster(roster) if roster else (),
    )


def _imported(source: Path, licence: str | None, progress: Progress) -> tuple[Ground, Path | None]:
    """The ground of a source file from the cache; made first where the file or the importing code is new."""
    name = _fingerprint(source)
    kept, areas = CACHE / "grounds" / f"{name}.ground", CACHE / "grounds" / f"{name}.areas.gz"
    if kept.is_file():
        return load_ground(kept), areas if areas.is_file() else None
    from geo_data.basemap import read_areas  # noqa: PLC0415 (the readers are slow to load and seldom needed)
    from geo_data.sources import read_ground  # noqa: PLC0415

    ground = read_ground(str(source), licence=licence, progress=progress)
    kept.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file() and ".osm" in source.suffixes:
        text = json.dumps(read_areas(source), separators=(",", ":"))
        draft = areas.with_suffix(".draft")
        draft.write_bytes(gzip.compress(text.encode(), 6, mtime=0))
        draft.replace(areas)
    save_ground(ground, kept)
    return load_ground(kept), areas if areas.is_file() else None


def _fingerprint(source: Path) -> str:
    """A name for (content of the source, code that imports it)."""
    total = hashlib.sha256(f"{FORMAT_VERSION}".encode())
    files = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    for file in files:
        with file.open("rb") as opened:
            total.update(hashlib.file_digest(opened, "sha256").digest())
    for code in sorted((ROOT / "geo_data").rglob("*.py")):
        state = code.stat()
        total.update(f"{code.name} {state.st_size} {state.st_mtime_ns}".encode())
    return total.hexdigest()[:24]


def build_station(town: Town, settings: StationSettings, walks: Walks | None = None) -> Station:
    """A station over a town: log, desk, board, drawings. ``walks`` may be another memory of steps (tests do)."""
    board, walks, clock = Board(), walks or Walks(), WallClock()
    travel = GroundTravel(town.ground, town.places, board)
    log = MemoryLog() if settings.log is None else SqliteLog(settings.log)
    desk = Desk(log, travel, clock, walks, settings.desk)
    drawing = GroundDrawing(
        town.ground,
        town.places,
        town.areas,
        synthetic=town.synthetic,
        pace=settings.pace,
        demo=settings.demo,
    )
    travel.warm()
    return Station(desk, board, walks, drawing, clock)


async def enroll(desk: Desk, roster: Sequence[RosterTeam], *, on_duty: bool) -> list[str]:
    """Make the teams of a roster known (and put them on duty); returns a sentence for each that was refused."""
    problems = []
    for team in roster:
        register = RegisterTeam(
            team=team.team,
            name=team.name,
            name_en=team.name_en,
            unit=team.unit,
            profile=team.profile,
            home=team.home,
        )
        answer = await desk.post(register)
        if isinstance(answer, Refusal):
            problems.append(f"{team.team}: {answer.sentence()}")
        elif on_duty:
            await desk.post(StartDuty(team=team.team))
    return problems
