"""The one place that constructs and wires: from files and settings to a running station."""

from __future__ import annotations

import atexit
import contextlib
import gc
import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from dispatch.access.policy import EVERY_DESK, Role
from dispatch.access.records import Account
from dispatch.adapters.access_store import MemoryAccessStore, SqliteAccessStore
from dispatch.adapters.clock import SteadyClock
from dispatch.adapters.drawing import GroundDrawing
from dispatch.adapters.log_memory import MemoryLog
from dispatch.adapters.log_open import file_of, is_database, open_log
from dispatch.adapters.log_past import rows_beside
from dispatch.adapters.log_snapshots import Keeper, load, without_gc
from dispatch.adapters.map_files import MapFiles, map_files, no_map
from dispatch.adapters.photos import PhotoStore
from dispatch.adapters.places import Place, RosterTeam, posts_of, read_places, read_roster, strays
from dispatch.adapters.planning_ground import PlanningGround
from dispatch.adapters.planning_store import PlanningStore
from dispatch.adapters.plans import read_plans
from dispatch.adapters.positions import MOST_M_S, Field
from dispatch.adapters.rankings import prepare_rankings
from dispatch.adapters.secrets_box import kept_token
from dispatch.adapters.travel import GroundTravel
from dispatch.adapters.ways import GroundWays
from dispatch.adapters.webhook_store import WebhookStore
from dispatch.domain.commands import ChangeTeam, EndDuty, RegisterTeam, StartDuty
from dispatch.domain.errors import SetupError
from dispatch.domain.events import Envelope
from dispatch.domain.refusals import Refusal
from dispatch.server.access import DESK, Access
from dispatch.server.advisor import Advisor, ready_teams
from dispatch.server.board import Board
from dispatch.server.desk_past import DeskPast, Rows
from dispatch.server.loop import Desk
from dispatch.server.people import FIRST_ADMINISTRATOR, new_account
from dispatch.server.photo_keeping import DEFAULT_DAYS, PhotoKeeping
from dispatch.server.planner import Planner
from dispatch.server.station import Station
from dispatch.server.walks import Walks
from dispatch.server.webhooks import Webhooks
from dispatch.service.settings import DeskSettings
from geo_data import samples
from geo_data.errors import GroundError
from geo_data.graph import FORMAT_VERSION, Ground
from geo_data.sources.bundle import load_ground, save_ground

ROOT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = Path(os.environ.get("DISPATCH135_CACHE") or ROOT / ".cache")
"""Where imported grounds and ranks are kept; elsewhere than in the tree where that is read-only."""

PAGE: Final = ROOT / "web_client" / "dist"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Town:
    """A ground ready to work on, with what belongs to it."""

    ground: Ground
    files: MapFiles | None = None
    places: Sequence[Place] = ()
    roster: Sequence[RosterTeam] = ()
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """How a service is set up; ``log`` is a file, or ``postgresql://…``; None keeps it in memory (gone at the end).

    ``snapshot`` is where the state of a log in a database is kept; that of a file is kept beside it. ``prepare``
    begins at once to make what circles are drawn from: for services that live long. ``planning`` is the folder of
    plans; None keeps them in memory. ``photo_days``: how long after its incident is closed
    a photo is kept; 0 for ever.
    """

    log: Path | str | None = None
    snapshot: Path | None = None
    desk: DeskSettings = field(default_factory=lambda: DeskSettings(plans=read_plans()))
    pace: float = 1.0
    demo: bool = False
    prepare: bool = False
    planning: Path | None = None
    photo_days: int = DEFAULT_DAYS


def sample_town(progress: Progress, places: Path | None = None, roster: Path | None = None) -> Town:
    """The project's own synthetic town, with its teams and places, or with others."""
    ground, files = _imported(samples.TOWN_OSM, "Apache-2.0 (synthetic, made by dispatch135)", progress)
    town = Town(
        ground,
        files,
        read_places(places or samples.PLACES_CSV),
        read_roster(roster or samples.TEAMS_CSV),
        synthetic=True,
    )
    return _told(town, progress)


def town_of(source: Path, progress: Progress, places: Path | None = None, roster: Path | None = None) -> Town:
    """A town from a .ground file, or from any file that ``import`` reads (imported once, then kept by content)."""
    if not source.exists():
        raise GroundError(f"there is no file {source}", "name a .ground file, an OSM extract, or a road table")
    ground, files = _imported(source, None, progress)
    town = Town(
        ground,
        files,
        read_places(places) if places else (),
        read_roster(roster) if roster else (),
    )
    return _told(town, progress)


def _told(town: Town, progress: Progress) -> Town:
    """The town, after a warning for what lies off its ground."""
    for sentence in strays(Field.around(town.ground.meta.bounds), town.places, town.roster):
        progress(f"warning: {sentence}")
    return town


def _imported(source: Path, licence: str | None, progress: Progress) -> tuple[Ground, MapFiles | None]:
    """The ground of a source file from the cache, with its map; made first where the file or the code is new."""
    stem = CACHE / "grounds" / _fingerprint(source)
    ground = _ground_of(source, stem.with_suffix(".ground"), licence, progress)
    try:
        return ground, map_files(source, ground, stem, progress)
    except GroundError as error:  # a desk without a picture of its town can still send
        progress(no_map(error))
        return ground, None


def _ground_of(source: Path, kept: Path, licence: str | None, progress: Progress) -> Ground:
    """The ground of a source file, or the copy ``kept`` of it; a damaged copy is made anew."""
    if source.suffix == ".ground":
        return load_ground(source)
    if kept.is_file():
        with contextlib.suppress(GroundError):
            return load_ground(kept)
    from geo_data.sources import read_ground  # noqa: PLC0415 (the readers are slow to load and seldom needed)

    ground = read_ground(str(source), licence=licence, progress=progress)
    kept.parent.mkdir(parents=True, exist_ok=True)
    save_ground(ground, kept)
    return load_ground(kept)


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
    board, walks, clock = (
        Board(MOST_M_S * max(1.0, settings.pace), Field.around(town.ground.meta.bounds)),
        walks or Walks(),
        SteadyClock(),
    )
    travel = GroundTravel(town.ground, town.places, board)
    desk, rows = _desk(settings, travel, clock, walks)
    drawing = GroundDrawing(
        town.ground,
        town.places,
        town.files,
        synthetic=town.synthetic,
        pace=settings.pace,
        demo=settings.demo,
    )
    travel.warm()
    if settings.prepare:
        drawing.prepare()
        prepare_rankings(town.ground, [team.profile for team in town.roster], CACHE / "ranks")
    travel.watch(lambda now_ms: ready_teams(desk.state, settings.desk, now_ms))
    advisor = Advisor(desk, travel, clock, settings.desk, posts=posts_of(town.places))
    planner = Planner(
        desk,
        board,
        clock,
        settings.desk,
        ground=PlanningGround(town.ground, town.places),
        store=PlanningStore(settings.planning),
        roster=town.roster,
    )
    ways, photos = GroundWays(town.ground), PhotoStore(_photos(settings))
    station = Station(
        desk,
        board,
        walks,
        drawing,
        clock,
        ways=ways,
        photos=photos,
        advisor=advisor,
        planner=planner,
        past=DeskPast(rows),
    )
    travel.look_at_tablets(station.connected)
    advisor.tell_cover = station.note_cover
    if settings.photo_days:
        station.photo_keeping = PhotoKeeping(desk, photos, clock, settings.photo_days)
    return station


def _photos(settings: StationSettings) -> Path:
    """Beside the log's file or the snapshot of its state; one in memory has a folder that ends with it."""
    kept = settings.snapshot
    if kept is None and settings.log is not None and not is_database(str(settings.log)):
        kept = file_of(str(settings.log)).absolute()
    if kept is not None:
        return kept.parent / "photos"
    passing = tempfile.TemporaryDirectory(prefix="dispatch135-photos-")
    atexit.register(passing.cleanup)
    return Path(passing.name)


def _desk(settings: StationSettings, travel: GroundTravel, clock: SteadyClock, walks: Walks) -> tuple[Desk, Rows]:
    """The desk on its log, and how its past is read, folded from its snapshot where there is one that fits."""
    if settings.log is None:
        memory = MemoryLog()
        return Desk(memory, travel, clock, walks, settings.desk), memory.read
    target, snapshot = str(settings.log), settings.snapshot
    if not is_database(target):
        target = str(file_of(target).absolute())  # what makes the snapshot works in another folder
        snapshot = snapshot or Path(f"{target}.snapshot")
    log = open_log(target)
    kept = None if snapshot is None else load(snapshot, log)
    seen = None if snapshot is None else Keeper(target, snapshot, ROOT, kept.seq if kept else 0).seen
    try:
        with without_gc():
            desk = Desk(log, travel, clock, walks, settings.desk, kept=kept, seen=seen)
            return desk, partial(rows_beside, target)
    except BaseException:
        log.close()
        raise


def settle() -> None:
    """What a service has made until it is ready stays: it is taken out of the way of the garbage collector.

    A full walk over modules and folded state takes tens of ms, in the midst of a decision.
    """
    gc.collect()
    gc.freeze()


def build_access(
    data: Path | None, station: Station, words: Sequence[str] = (), desk: str = DESK
) -> tuple[Access, str | None]:
    """The doors of a station: its accounts in ``data``, and the one-time password of an administrator just made.

    ``desk`` is whose rows they open. ``words`` are names of the service and its place, of which no password may be
    made. With None the accounts are a demo's: in memory, with one that anybody may enter without a password.
    """
    now_ms = station.clock.now_ms()
    if data is None:
        account, _ = new_account("demo", Role.SUPERVISOR, (EVERY_DESK,), now_ms, demo=True)
        memory = MemoryAccessStore()
        memory.put([account])
        return Access(memory, station.clock), None
    store, told = SqliteAccessStore(data / "access.sqlite"), None
    if not any(isinstance(record, Account) for record in store.load()):
        account, told = new_account(FIRST_ADMINISTRATOR, Role.ADMINISTRATOR, (EVERY_DESK,), now_ms)
        store.put([account])
    return Access(store, station.clock, desk=desk, monitor=kept_token(data / "metrics.token"), words=words), told


def build_webhooks(data: Path, station: Station, log: str, desk: str = DESK) -> Webhooks:
    """The outside subscribers that ``./run webhook`` put in ``data``, told by the name of this ``desk``.

    What is past is read from the log itself.
    """

    def past(after: int, limit: int) -> list[Envelope]:
        return list(islice(rows_beside(log, after), limit))

    return Webhooks(WebhookStore(data / "webhooks.sqlite"), station.desk, past, name=desk)


async def enroll(desk: Desk, roster: Sequence[RosterTeam], *, on_duty: bool) -> list[str]:
    """Make the desk's teams those of a roster: new ones known, changed ones changed, missing ones off duty.

    A team that is known keeps its duty; one that is new goes on duty where ``on_duty`` says so. Returns a sentence
    for each team that was refused.
    """
    refused = []
    for team in roster:
        known = team.team in desk.state.teams
        wish = ChangeTeam if known else RegisterTeam
        answers = [
            await desk.post(
                wish(
                    team=team.team,
                    name=team.name,
                    name_en=team.name_en,
                    unit=team.unit,
                    profile=team.profile,
                    home=team.home,
                    skills=team.skills,
                    vehicle=team.vehicle,
                    staff=team.staff,
                    shift=team.shift,
                )
            )
        ]
        if on_duty and not isinstance(answers[0], Refusal):
            answers.append(await desk.post(StartDuty(team=team.team)))
        refused += [f"{team.team}: {answer.sentence()}" for answer in answers if isinstance(answer, Refusal)]
    gone = set(desk.state.teams) - {team.team for team in roster} if roster else set()
    for name in sorted(gone):
        answer = await desk.post(EndDuty(team=name))
        if isinstance(answer, Refusal):
            refused.append(f"{name}, which the roster no longer has: {answer.sentence()}")
    return refused


def keep_ground(data: Path, town: Town, *, accept_another: bool) -> None:
    """Remember in a data folder which ground its log is about; refuse another one unless that is meant."""
    note, source = data / "ground.txt", town.ground.meta.source
    if not note.is_file() and (data / "desk.sqlite").is_file() and not accept_another:
        raise SetupError(
            f"the log in {data} does not say which ground it is about (it was copied or restored): start with its"
            f" ground and say --new-ground once; this would be {source}"
        )
    if note.is_file() and not accept_another and (before := note.read_text(encoding="utf-8").strip()) != source:
        raise SetupError(
            f"the log in {data} is about {before}, not {source}: start with that ground,"
            " name another --data folder, or say --new-ground"
        )
    try:
        data.mkdir(parents=True, exist_ok=True)
        note.write_text(source + "\n", encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{data} cannot be written ({error.strerror}): name another --data folder") from error
