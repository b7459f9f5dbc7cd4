"""How long photos are kept: a real store on the disk, a desk in virtual time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dispatch.adapters.photos import Photo, PhotoStore
from dispatch.domain import commands as cmd
from dispatch.server.photo_keeping import DAY_MS, PhotoKeeping
from tests.server.harness import Bench, bench, virtual

KEEP = 90


def kept(store: PhotoStore, incident: str, data: bytes) -> str:
    """A whole photo of an incident; its digest."""
    digest = hashlib.sha256(data).hexdigest()
    store.begin(Photo(digest=digest, key="k", size=len(data), incident=incident, team="T1", taken_ms=1))
    store.add("T1", digest, 0, data)
    whole = store.finish("T1", digest)
    assert isinstance(whole, Photo)
    store.forget_parts(whole)
    return digest


def picture(number: int) -> bytes:
    return b"\xff\xd8\xff" + bytes([number]) * 100


def later(made: Bench, days: float) -> None:
    made.clock.set_by_ms += round(days * DAY_MS)


@virtual
async def test_photos_go_so_many_days_after_their_incident_is_closed_and_no_others(tmp_path: Path) -> None:
    async with bench("T1") as made:
        store = PhotoStore(tmp_path)
        keeping = PhotoKeeping(made.desk, store, made.clock, KEEP)
        shut, still = await made.report("mill"), await made.report("school")
        both = kept(store, shut, picture(0))
        assert kept(store, still, picture(0)) == both, "the same picture, of two incidents"
        own, open_own = kept(store, shut, picture(1)), kept(store, still, picture(2))
        begun = hashlib.sha256(picture(3)).hexdigest()
        store.begin(Photo(digest=begun, key="k", size=103, incident=shut, team="T1", taken_ms=1))
        store.add("T1", begun, 0, picture(3)[:50])
        unknown = kept(store, "I9999", picture(4))
        await made.applied(cmd.CloseIncident(incident=shut, outcome="done"))
        later(made, KEEP - 0.01)
        assert await keeping.sweep() == 0
        assert store.read(own) == picture(1)
        later(made, 0.02)
        assert await keeping.sweep() == 1
        assert store.read(own) is None and store.of_incident(shut) == []
        assert not list((tmp_path / "incoming").iterdir()), "what never came whole is gone too"
        assert store.read(both) == picture(0), "an open incident has it as well"
        assert store.read(open_own) == picture(2) and store.read(unknown) == picture(4)
        assert await keeping.sweep() == 0


@virtual
async def test_a_reopened_incident_begins_anew_and_a_merged_one_ends_with_the_other(tmp_path: Path) -> None:
    async with bench("T1") as made:
        store = PhotoStore(tmp_path)
        keeping = PhotoKeeping(made.desk, store, made.clock, KEEP)
        one, other = await made.report("mill"), await made.report("school")
        digest = kept(store, one, picture(1))
        await made.applied(cmd.MergeIncidents(incident=one, into=other))
        later(made, 2 * KEEP)
        assert await keeping.sweep() == 0, "the other one is open"
        await made.applied(cmd.CloseIncident(incident=other, outcome="done"))
        await made.applied(cmd.ReopenIncident(incident=other))
        later(made, 2 * KEEP)
        assert await keeping.sweep() == 0, "open again"
        await made.applied(cmd.CloseIncident(incident=other, outcome="done"))
        later(made, KEEP)
        assert await keeping.sweep() == 1 and store.read(digest) is None
