"""The hierarchies of a ground, made ready beside the work of the service: until then, rankings are searched."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dispatch.adapters.travel import SEARCH_LIMIT_MS
from geo_data.errors import GroundError
from geo_data.graph import Ground, RoadGraph
from geo_data.hierarchy import hierarchy
from geo_data.sources.hierarchy_file import keep_hierarchy

LOG: Final = logging.getLogger(__name__)


def prepare_rankings(ground: Ground, profiles: Sequence[str], folder: Path) -> threading.Thread:
    """Give the graphs of these profiles their hierarchies, on a thread of its own; returns it, already started.

    Each is kept in the folder, by the content of the ground's source, and the next start takes it from there. A
    profile that the ground does not have is passed over; a folder that cannot be written costs the next start the
    same seconds again.
    """
    name = ground.meta.source_sha256[:24] or "ground"

    def prepare() -> None:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        for profile in dict.fromkeys(profiles):
            if profile not in ground.profiles:
                continue
            try:
                graph = ground.graph(profile)
                served = keep_hierarchy(graph, folder / f"{name}.{profile}.ranks")
            except (GroundError, MemoryError) as error:
                LOG.warning("rankings of '%s' stay searches: %s", profile, error)
            else:
                _tell(graph, served)

    thread = threading.Thread(target=prepare, name="rankings", daemon=True)
    thread.start()
    return thread


def _tell(graph: RoadGraph, served: bool) -> None:
    """Log how far the rankings of a graph that has its hierarchy go, and warn where that is less than is asked."""
    made = hierarchy(graph)
    assert made is not None, "it has just been given"
    how = "as kept" if served else "made anew"
    LOG.info("rankings of '%s' are ready for ways of up to %d ms, %s", graph.profile, made.limit_ms, how)
    if made.limit_ms < SEARCH_LIMIT_MS:
        LOG.warning(
            "rankings of '%s' stay searches: its hierarchy knows ways of up to %d ms, and %d ms are asked; some "
            "road is far too fast for its length: look for it in the source of the ground",
            graph.profile,
            made.limit_ms,
            SEARCH_LIMIT_MS,
        )
