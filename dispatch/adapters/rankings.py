"""The hierarchies of a ground, made ready beside the work of the service: until then, rankings are searched."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from geo_data.errors import GroundError
from geo_data.graph import Ground
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
                served = keep_hierarchy(ground.graph(profile), folder / f"{name}.{profile}.ranks")
            except (GroundError, MemoryError) as error:
                LOG.warning("rankings of '%s' stay searches: %s", profile, error)
            else:
                LOG.info("rankings of '%s' are ready, %s", profile, "as kept" if served else "made anew")

    thread = threading.Thread(target=prepare, name="rankings", daemon=True)
    thread.start()
    return thread
