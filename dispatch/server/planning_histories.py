"""Past incidents that planning weighs by: those of the log, and imported ones; where and when, nothing else."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dispatch.adapters.planning_ground import PlanningGround
from dispatch.adapters.planning_store import MOST_BYTES_IN_ALL, PlanningStore
from dispatch.domain.refusals import Code, Refusal
from dispatch.planning.past_incidents import MOST_ROWS, History, Past, history_of, local_hour, within
from dispatch.server.loop import Desk
from dispatch.service.settings import DeskSettings
from dispatch.wire.planning_bodies import HistoryBody, PastIncidentsView

LOG: Final = "log"
STREETS: Final = "streets"
KIND: Final = "histories"
MOST_PLACED: Final = 8


class Histories:
    """The histories of one service; what was worked out of one is kept until it changes."""

    def __init__(self, desk: Desk, settings: DeskSettings, ground: PlanningGround, store: PlanningStore) -> None:
        self._desk, self._settings, self._ground, self._store = desk, settings, ground, store
        self._made: dict[str, tuple[object, History]] = {}
        self._placed: dict[int, tuple[History, npt.NDArray[np.int64]]] = {}

    @property
    def made(self) -> tuple[str, ...]:
        """The names of the histories whose columns are held."""
        return tuple(self._made)

    async def of(self, name: str) -> History | Refusal:
        """The history of a name; the latest MOST_ROWS incidents where the log has more."""
        if name == LOG:
            return await self._of_log()
        document = self._store.get(KIND, name)
        if document is None:
            return Refusal(Code.UNKNOWN_PLAN, name)
        kept = self._made.get(name)
        if kept is not None and kept[0] is document:
            return kept[1]
        made = await self._ground.aside(_read, document)
        for gone in [each for each in self._made if each != LOG and self._store.get(KIND, each) is None]:
            del self._made[gone]  # so what is worked out is bounded as the store is
        self._made[name] = (document, made)
        return made

    async def _of_log(self) -> History:
        incidents = self._desk.state.incidents
        kept, n = self._made.get(LOG), len(incidents)
        if kept is not None and kept[0] == n:
            return kept[1]
        rows, offset_min = list(incidents.values())[-MOST_ROWS:], self._settings.utc_offset_min

        def work() -> History:
            return history_of(
                [
                    Past(each.where.lon, each.where.lat, *local_hour(each.reported_at_ms, offset_min))
                    for each in rows
                    if each.merged_into is None
                ]
            )

        made = await self._ground.aside(work)
        self._made[LOG] = (n, made)
        return made

    def placed(self, history: History) -> npt.NDArray[np.int64]:
        """The point of demand of each incident, worked out once a history; on planning's thread."""
        kept = self._placed.get(id(history))
        if kept is not None and kept[0] is history:
            return kept[1]
        found = self._ground.place_history(history)
        while len(self._placed) >= MOST_PLACED:
            del self._placed[next(iter(self._placed))]
        self._placed[id(history)] = (history, found)
        return found

    def inside(self, history: History) -> History:
        """The part that lies on the ground."""
        return within(history, self._ground.bounds)

    async def views(self) -> list[PastIncidentsView]:
        """What there is: the log first, then the imported ones by name."""
        titles = {LOG: "", **{name: str(each.get("title", "")) for name, each in self._store.all(KIND).items()}}
        found = []
        for name, title in titles.items():
            history = await self.of(name)
            if not isinstance(history, Refusal):
                inside = await self._ground.aside(self.inside, history)
                found.append(
                    PastIncidentsView(
                        history=name, title=title, incidents=len(history), days=history.days, inside=len(inside)
                    )
                )
        return found

    async def keep(self, name: str, body: HistoryBody) -> PastIncidentsView | Refusal:
        """Keep rows under a name, behind those there where the body says ``at``."""
        if name in (LOG, STREETS):
            return Refusal(Code.BAD_REQUEST, f"the name {name} is the service's own: choose another")
        if (refusal := await self._ground.aside(self._put, name, body)) is not None:
            return refusal
        history = await self.of(name)
        if isinstance(history, Refusal):
            return history  # deleted by somebody in between
        inside = await self._ground.aside(self.inside, history)
        return PastIncidentsView(
            history=name, title=body.title, incidents=len(history), days=history.days, inside=len(inside)
        )

    def _put(self, name: str, body: HistoryBody) -> Refusal | None:
        """On planning's thread, where nobody else writes between the look and the writing."""
        before = self._store.get(KIND, name)
        rows: list[Any] = [[lat, lon, day, hour] for lat, lon, day, hour in body.rows]
        if body.at:
            if before is None:
                return Refusal(Code.UNKNOWN_PLAN, name)
            kept = before.get("rows", [])
            if kept[body.at : body.at + len(rows)] == rows:
                return None  # the answer was lost and the part is said again
            if len(kept) != body.at:
                return Refusal(Code.PLAN_CHANGED, f"{name} has {len(kept)} past incidents, not {body.at}")
            rows = [*kept, *rows]
        if len(rows) > MOST_ROWS or (before is None and self._store.full(KIND)):
            return Refusal(Code.PLANS_FULL, f"at most {MOST_ROWS} past incidents each")
        if not self._store.put(KIND, name, {"title": body.title, "rows": rows}):
            return Refusal(Code.PLANS_FULL, f"plans and histories have {MOST_BYTES_IN_ALL} bytes together at most")
        return None


def _read(document: dict[str, Any]) -> History:
    """The rows of a document; a damaged row is passed over."""
    rows = []
    for row in document.get("rows", ())[:MOST_ROWS]:
        if isinstance(row, list) and len(row) == 4 and all(isinstance(value, int | float) for value in row):
            lat, lon, day, hour = row
            if -90 <= lat <= 90 and -180 <= lon <= 180 and 0 <= hour < 24:
                rows.append(Past(float(lon), float(lat), int(day), int(hour)))
    return history_of(rows)
