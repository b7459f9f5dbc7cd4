"""What one running service holds together: the desk, the board, the walks, and who is connected."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from dispatch.domain.refusals import Code, Refusal
from dispatch.domain.types import Point, TeamId
from dispatch.server.board import Board
from dispatch.server.loop import Desk
from dispatch.server.walks import Walks
from dispatch.service.ports import Clock
from dispatch.wire.bodies import FoundView, GroundView, PlaceView
from dispatch.wire.frames import CoverNote, EventFrame, Snapshot, encode
from dispatch.wire.snapshot import snapshot_frames

if TYPE_CHECKING:
    from dispatch.adapters.photos import PhotoStore
    from dispatch.adapters.ways import GroundWays
    from dispatch.server.advisor import Advisor
    from dispatch.server.desk_past import DeskPast
    from dispatch.server.photo_keeping import PhotoKeeping
    from dispatch.server.planner import Planner
    from dispatch.server.sockets import Connection
    from dispatch.server.webhooks import Webhooks

PEER_EVERY_S: Final = 0.5
TICK_EVERY_S: Final = 1.0
MAX_TEXTS: Final = 256
TICK_SLICE: Final = 256
"""Connections looked at in one go: an order does not wait behind thousands of looks at the clock."""

MAX_DEVICES: Final = 10_000
"""Devices whose generation is remembered, the latest ones."""


class GroundDoor(Protocol):
    """What the routes ask of the ground, as JSON text ready to send."""

    def view(self) -> GroundView:
        """What the service routes on."""
        ...

    def places(self) -> list[PlaceView]:
        """The places that have a tier of their own."""
        ...

    async def circles(self, point: Point, profile: str, limits_s: list[int], towards: bool) -> str | Refusal:
        """Isochrone polygons as a GeoJSON FeatureCollection, or why there are none."""
        ...

    async def roads(self) -> bytes:
        """All roads as gzipped GeoJSON, a feature a class."""
        ...

    def basemap(self) -> tuple[Path, str] | None:
        """The file of vector tiles and the name of its content, None where the ground has no map."""
        ...

    async def find(self, query: str, near: Point | None, limit: int) -> list[FoundView]:
        """Places that are called so, the best first."""
        ...


class Station:
    """The running parts of one service; built by the bootstrap, used by routes and sockets."""

    def __init__(
        self,
        desk: Desk,
        board: Board,
        walks: Walks,
        ground: GroundDoor,
        clock: Clock,
        *,
        ways: GroundWays | None = None,
        photos: PhotoStore | None = None,
        advisor: Advisor | None = None,
        planner: Planner | None = None,
        past: DeskPast | None = None,
    ) -> None:
        self.desk, self.board, self.walks, self.ground, self.clock = desk, board, walks, ground, clock
        self.advisor, self.planner, self.past = advisor, planner, past
        self.ways, self.photos = ways, photos
        self.webhooks: Webhooks | None = None
        self.photo_keeping: PhotoKeeping | None = None
        self.cover: CoverNote | None = None
        self._connections: set[Connection] = set()
        self._device: dict[str, tuple[int, Connection | None]] = {}
        self._device_of: dict[Connection, str] = {}
        self._tablets: dict[TeamId, set[Connection]] = {}
        self._texts: dict[int, str] = {}
        self._console: tuple[int, list[Snapshot]] | None = None

    def enter(self, connection: Connection) -> None:
        """Take a connection that is open but not yet welcomed."""
        self._connections.add(connection)

    def join(self, connection: Connection, device: str) -> int:
        """Welcome a connection; an older one of the same device is fenced. Returns its generation, from 1."""
        generation, older = self._device.pop(device, (0, None))
        if older is not None and older is not connection:
            older.end(Refusal(Code.FENCED, device))
        self._device[device] = (generation + 1, connection)
        self._device_of[connection] = device
        if connection.team is not None:
            self._tablets.setdefault(connection.team, set()).add(connection)
        while len(self._device) > MAX_DEVICES:
            del self._device[next(iter(self._device))]
        return generation + 1

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended; its device keeps its generation."""
        self._connections.discard(connection)
        device = self._device_of.pop(connection, None)
        if connection.team is not None and (held := self._tablets.get(connection.team)) is not None:
            held.discard(connection)
            if not held:
                del self._tablets[connection.team]
        if device is not None and device in self._device and self._device[device][1] is connection:
            self._device[device] = (self._device[device][0], None)

    def snapshot(self, team: TeamId | None) -> list[Snapshot]:
        """The snapshot of an audience; that of consoles is made once a seq, however many of them come at once."""
        state = self.desk.state
        if team is not None:
            return snapshot_frames(state, team)
        if self._console is None or self._console[0] != state.seq:
            self._console = (state.seq, snapshot_frames(state, None))
        return self._console[1]

    def text_of(self, frame: EventFrame) -> str:
        """A frame of consoles as text, made once for all of them."""
        assert frame.after == frame.seq - 1, "a console misses no row"
        text = self._texts.get(frame.seq)
        if text is None:
            text = self._texts[frame.seq] = encode(frame)
            if len(self._texts) > MAX_TEXTS:
                del self._texts[next(iter(self._texts))]
        return text

    def everyone(self) -> tuple[Connection, ...]:
        """Every connection, welcomed or not."""
        return tuple(self._connections)

    def welcomed(self) -> list[Connection]:
        """The connections that were welcomed and not yet sent away."""
        return [connection for connection in self._connections if connection.live]

    @property
    def connections(self) -> int:
        """How many clients are connected and welcomed."""
        return sum(connection.live for connection in self._connections)

    def connected(self, team: TeamId) -> bool:
        """Whether a tablet of this team is connected now: a hint, never a proof that it is reached."""
        return any(connection.live for connection in self._tablets.get(team, ()))

    async def show_peers(self) -> None:
        """Send changed positions and a changed cover to every console, twice a second, until cancelled."""
        shown = self.cover
        while True:
            await asyncio.sleep(PEER_EVERY_S)
            consoles = [each for each in self._connections if each.live and each.team is None]
            fixes = self.board.take_changed() if consoles else []  # a console that comes gets them all
            cover = self.cover if self.cover is not shown else None
            shown = self.cover
            if fixes or cover is not None:
                for connection in consoles:
                    connection.show(fixes, cover)

    def note_cover(self, cover: CoverNote) -> None:
        """The cover has changed: consoles are told with the next positions."""
        self.cover = cover

    async def tick(self) -> None:
        """Let time pass for every connection, once a second, until cancelled."""
        while True:
            await asyncio.sleep(TICK_EVERY_S)
            for number, connection in enumerate(tuple(self._connections), 1):
                connection.tick()
                if number % TICK_SLICE == 0:
                    await asyncio.sleep(0)

    def send_all_away(self) -> None:
        """Tell every client that the service restarts."""
        for connection in tuple(self._connections):
            connection.end(Refusal(Code.GOING_DOWN))
