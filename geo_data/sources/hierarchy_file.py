"""A hierarchy kept in a file, so that a service that starts again need not contract the city again.

The file is a cache: one that is absent, damaged or of other roads is passed over, and deleting it is always safe.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.hierarchy import Hierarchy, give_hierarchy
from geo_data.kernels.hubs import Climb
from geo_data.sources.bundle import atomic
from geo_data.types import Int64s

_DTYPES: Final = {
    "rank": np.int32,
    "up_first": np.int32,
    "up_above": np.int32,
    "up_key": np.int64,
    "down_first": np.int32,
    "down_above": np.int32,
    "down_key": np.int64,
}
"""The columns of the file, a NumPy archive; beside them stand ``limit_ms`` and ``fingerprint``."""


def keep_hierarchy(graph: RoadGraph, path: str | Path) -> bool:
    """Give a graph the hierarchy of a file; or, where that is none of this graph's, a new one, and keep it there.

    Returns whether the file served. A file that cannot be written does no harm: the next start contracts again.
    """
    path = Path(path)
    found = _read(path)
    if found is not None:
        try:
            give_hierarchy(graph, found)
        except GroundError:
            pass
        else:
            return True
    made = give_hierarchy(graph)
    columns = (made.rank, *made.up, *made.down)
    try:
        with atomic(path) as fd, os.fdopen(fd, "wb", closefd=False) as file:
            arrays: dict[str, Any] = dict(zip(_DTYPES, columns, strict=True))
            np.savez(file, marks=_marks(made), **arrays)
    except (OSError, GroundError):
        return False
    return False


def _read(path: Path) -> Hierarchy | None:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            columns = [file[name] for name in _DTYPES]
            limit_ms, mark = (int(value) for value in file["marks"])
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error):
        return None
    if any(column.dtype != dtype for column, dtype in zip(columns, _DTYPES.values(), strict=True)):
        return None
    rank, *climbs = columns
    n = len(rank)
    for first, above, key in (climbs[:3], climbs[3:]):
        sound = len(first) == n + 1 and len(above) == len(key) == first[-1] and np.all(np.diff(first) >= 0)
        if not sound or np.any((above < 0) | (above >= n)):
            return None
    if np.any((rank < 0) | (rank >= n)):
        return None
    return Hierarchy(rank, Climb(*climbs[:3]), Climb(*climbs[3:]), limit_ms, mark)


def _marks(made: Hierarchy) -> Int64s:
    return np.array([made.limit_ms, made.fingerprint], dtype=np.int64)
