"""A hierarchy kept in a file, so that a service that starts again need not contract the city again.

The file is a cache: one that is absent, damaged or of other roads is passed over, and deleting it is always safe.
Layout, all little-endian: 8 bytes magic, uint32 format version, uint32 bits of a length in a key, int64 states,
links up, links down, limit in ms, fingerprint; the columns rank, and first, above and key of the links up and of
those down; the SHA-256 of all that.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_data.errors import GroundError
from geo_data.graph import RoadGraph
from geo_data.hierarchy import HIERARCHY_LIMIT_MS, Hierarchy, give_hierarchy
from geo_data.kernels.contract import LINKS_A_NODE, SMALL
from geo_data.kernels.hubs import KEY_BITS, Climb
from geo_data.sources.bundle import atomic

MAGIC: Final = b"G135RANK"
FORMAT_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sIIqqqqq")
_DIGEST: Final = hashlib.sha256().digest_size


def keep_hierarchy(graph: RoadGraph, path: str | Path) -> bool:
    """Give a graph the hierarchy of a file; or, where that is none of this graph's, a new one, and keep it there.

    Returns whether the file served. A file that cannot be read or written does no harm: it is made anew. Raises
    GroundError where the graph can have no hierarchy.
    """
    path = Path(path)
    found = _read(path, len(graph.state_node))
    if found is not None:
        try:
            give_hierarchy(graph, found)
        except GroundError:
            pass
        else:
            return True
    _write(path, give_hierarchy(graph))
    return False


def _write(path: Path, made: Hierarchy) -> None:
    counts = len(made.rank), len(made.up.above), len(made.down.above)
    digest = hashlib.sha256()
    columns: tuple[npt.NDArray[np.integer], ...] = (made.rank, *made.up, *made.down)
    kinds = [kind for _, kind in _sizes(*counts)]
    try:
        with atomic(path) as fd, os.fdopen(fd, "wb", closefd=False) as file:
            header = _HEADER.pack(MAGIC, FORMAT_VERSION, KEY_BITS, *counts, made.limit_ms, made.fingerprint)
            for chunk in (
                header,
                *(column.astype(kind).tobytes() for column, kind in zip(columns, kinds, strict=True)),
            ):
                digest.update(chunk)
                file.write(chunk)
            file.write(digest.digest())
    except (OSError, GroundError):
        return


def _read(path: Path, n: int) -> Hierarchy | None:
    """Return the hierarchy of n states in a file, or None where it is absent, damaged or another's."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return None
            magic, version, bits, states, ups, downs, limit_ms, fingerprint = _HEADER.unpack(header)
            if (magic, version, bits, states) != (MAGIC, FORMAT_VERSION, KEY_BITS, n):
                return None
            if min(ups, downs) < 0 or ups + downs > LINKS_A_NODE * max(n, SMALL):
                return None
            if not 0 <= limit_ms <= HIERARCHY_LIMIT_MS:
                return None
            sizes = _sizes(n, ups, downs)
            room = sum(size * np.dtype(kind).itemsize for size, kind in sizes)
            text = file.read(room + _DIGEST + 1)
    except OSError:
        return None
    if len(text) != room + _DIGEST or hashlib.sha256(header + text[:room]).digest() != text[room:]:
        return None
    columns, at = [], 0
    for size, kind in sizes:  # copied, so that they lie in memory as those of a new one: kernels see one kind only
        columns.append(np.frombuffer(text, kind, size, at).astype(np.dtype(kind).newbyteorder("=")))
        at += columns[-1].nbytes
    return Hierarchy(columns[0], Climb(*columns[1:4]), Climb(*columns[4:]), limit_ms, fingerprint)


def _sizes(n: int, ups: int, downs: int) -> Sequence[tuple[int, str]]:
    """Return the length and the kind of each column."""
    up = (n + 1, "<i4"), (ups, "<i4"), (ups, "<i8")
    down = (n + 1, "<i4"), (downs, "<i4"), (downs, "<i8")
    return (n, "<i4"), *up, *down
