"""Programs that send the positions of a team: OwnTracks, Traccar Client, an MQTT bridge; each with a token.

The token is ``ID.SECRET``: the id finds the record, whose SHA-256 is compared with that of the whole.
"""

from __future__ import annotations

from typing import Final

from dispatch.access.policy import Principal
from dispatch.access.records import Tracker, carried_by
from dispatch.access.refusals import Door, DoorRefusal
from dispatch.adapters import secrets_box as box
from dispatch.server.registry import Registry

MAX_TRACKERS: Final = 20_000
MAX_TOKEN: Final = 128


def new_tracker(team: str, name: str, *, by: str, desk: str, now_ms: int) -> tuple[str, Tracker]:
    """A tracker and its token, which is told once and kept as its SHA-256 alone."""
    tracker = box.new_id()
    token = f"{tracker}.{box.new_token()}"
    made = Tracker(
        tracker=tracker, team=team, desk=desk, name=name, token=box.digest_of(token), made_ms=now_ms, by=by
    )
    return token, made


class Trackers:
    """What is done about trackers; answers with what came of it or with a DoorRefusal."""

    def __init__(self, registry: Registry, desk: str) -> None:
        self._registry, self._desk = registry, desk

    async def add(self, team: str, name: str, by: str) -> tuple[str, Tracker] | DoorRefusal:
        """A new tracker of a team, with its token, which is told this once."""
        registry = self._registry
        token, made = new_tracker(team, name, by=by, desk=self._desk, now_ms=registry.clock.now_ms())
        async with registry.turn:
            if len(registry.trackers) >= MAX_TRACKERS:
                return DoorRefusal(Door.NO_ROOM, f"{MAX_TRACKERS} trackers")
            await registry.save(made)
        await registry.note(by, "tracker_added", f"{made.tracker} of {team}")
        return token, made

    def here(self) -> list[Tracker]:
        """The trackers of this desk, the latest first."""
        held = [each for each in self._registry.trackers.values() if each.desk == self._desk]
        return sorted(held, key=lambda each: -each.made_ms)

    async def revoke(self, tracker: str, by: str) -> Tracker | DoorRefusal:
        """Make a tracker's token void with its next request; the audit keeps that it was there."""
        registry = self._registry
        async with registry.turn:
            if (held := registry.trackers.get(tracker)) is None or held.desk != self._desk:
                return DoorRefusal(Door.UNKNOWN_TRACKER, tracker[:64])
            await registry.save(gone=[held])
        await registry.note(by, "tracker_revoked", f"{tracker} of {held.team}")
        return held

    def by_token(self, token: str) -> Principal | None:
        """Who shows a token, None where it is nobody's."""
        if len(token) > MAX_TOKEN:
            return None
        held = self._registry.trackers.get(token.partition(".")[0])
        if held is None or not box.same(box.digest_of(token), held.token):
            return None
        self._registry.seen[tracker_key(held)] = self._registry.clock.now_ms()
        return carried_by(held)


def tracker_key(tracker: Tracker) -> str:
    """Under which name a tracker is remembered as seen."""
    return f"tracker/{tracker.tracker}"
