"""The ground file: one versioned, checksummed file, memory-mapped read-only on load.

Layout: 8 bytes magic, uint32 format version, uint32 length of the header, uint32 CRC-32 of the header, 12 zero
bytes; the header as UTF-8 JSON (meta, profiles, and of each column: name, dtype, shape, offset, crc32); then the
columns, each at a multiple of 64 bytes from the start of the file. All integers are little-endian.
"""

from __future__ import annotations

import contextlib
import errno
import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_data.errors import GroundError
from geo_data.graph import COLUMNS, FORMAT_VERSION, Ground, GroundMeta, graph_of

MAGIC: Final = b"G135ROAD"
_PREFIX: Final = struct.Struct("<8sIII12x")
_ALIGN: Final = 64
_HEADER_MAX: Final = 1 << 26
_AGAIN: Final = "import it again from its source: ./run import FILE -o X.ground"


def save_ground(ground: Ground, path: str | Path) -> None:
    """Write the ground to one file, all or nothing, and synced to disk.

    A kill at any moment leaves either the old file or the new one. Raises GroundError where the directory is
    absent or cannot be written.
    """
    path = Path(path)
    chunks = list(_encode(ground))
    try:
        with atomic(path) as fd, os.fdopen(fd, "wb", closefd=False) as file:
            for chunk in chunks:
                file.write(chunk)
    except OSError as error:
        raise GroundError(
            f"{path} cannot be written: {error.strerror}",
            "check that the directory exists, has space, and may be written to",
        ) from None


def load_ground(path: str | Path) -> Ground:
    """Return the ground of a file, its columns mapped from it and read-only.

    Every checksum is verified. Raises GroundError where the file is absent, no ground, of another format
    version, cut off or damaged; each message says to import it again.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    except FileNotFoundError:
        raise GroundError(f"there is no ground file {path}", "make one: ./run import FILE -o X.ground") from None
    except (OSError, ValueError) as error:
        raise GroundError(f"{path} cannot be read: {error}", "check the path and its rights") from None
    header = _header(path, data)
    try:
        meta = _meta(header["meta"])
        arrays = {(spec["profile"], spec["name"]): _column(path, data, spec) for spec in header["columns"]}
        names = _decode_names(arrays.pop(("", "names")))
        graphs = {
            profile: graph_of(profile, names, {name: arrays[profile, name] for name in COLUMNS})
            for profile in header["profiles"]
        }
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, GroundError):
            raise
        raise GroundError(f"{path} is damaged: {error!r} in its header", _AGAIN) from None
    return Ground(meta, graphs)


def _encode(ground: Ground) -> Iterator[bytes | memoryview]:
    """Yield the bytes of the file in order."""
    columns: list[tuple[str, str, npt.NDArray[np.generic]]] = []
    names = next(iter(ground.graphs.values())).names
    for profile, graph in ground.graphs.items():
        assert graph.names == names, "the graphs of one ground share their names"
        columns.extend((profile, name, graph.column(name)) for name in COLUMNS)
    columns.append(("", "names", np.frombuffer("\n".join(names).encode(), dtype=np.uint8)))
    specs: list[dict[str, Any]] = []
    at = 0
    for profile, name, values in columns:
        specs.append(
            {
                "profile": profile,
                "name": name,
                "dtype": values.dtype.newbyteorder("<").str,
                "shape": list(values.shape),
                "offset": at,
                "crc32": zlib.crc32(np.ascontiguousarray(values).data),
            }
        )
        at += _padded(values.nbytes)
    head = {"meta": asdict(ground.meta), "profiles": list(ground.graphs), "columns": specs}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    yield _PREFIX.pack(MAGIC, FORMAT_VERSION, len(text), zlib.crc32(text))
    yield text
    yield bytes(_padded(_PREFIX.size + len(text)) - _PREFIX.size - len(text))
    for _, _, values in columns:
        yield np.ascontiguousarray(values).tobytes()
        yield bytes(_padded(values.nbytes) - values.nbytes)


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def _header(path: Path, data: mmap.mmap | bytes) -> dict[str, Any]:
    """Return the verified header, its column offsets counted from the start of the file."""
    if len(data) < _PREFIX.size or data[:8] != MAGIC:
        raise GroundError(f"{path} is not a ground file", "make one: ./run import FILE -o X.ground")
    _, version, length, crc = _PREFIX.unpack(data[: _PREFIX.size])
    if version != FORMAT_VERSION:
        raise GroundError(f"{path} has format version {version}; this program reads {FORMAT_VERSION}", _AGAIN)
    text = data[_PREFIX.size : _PREFIX.size + length]
    if length > _HEADER_MAX or len(text) != length:
        raise GroundError(f"{path} is cut off in its header", _AGAIN)
    if zlib.crc32(text) != crc:
        raise GroundError(f"{path} is damaged: the checksum of its header does not match", _AGAIN)
    header: dict[str, Any] = json.loads(text)
    base = _padded(_PREFIX.size + length)
    for spec in header["columns"]:
        spec["offset"] += base
    return header


def _column(path: Path, data: mmap.mmap | bytes, spec: Mapping[str, Any]) -> npt.NDArray[np.generic]:
    dtype = np.dtype(spec["dtype"])
    (count,) = spec["shape"]
    end = spec["offset"] + count * dtype.itemsize
    if len(data) < end:
        raise GroundError(f"{path} is cut off: {len(data):,} bytes, at least {end:,} wanted", _AGAIN)
    values = np.frombuffer(data, dtype=dtype, count=count, offset=spec["offset"])
    if zlib.crc32(values.data) != spec["crc32"]:
        raise GroundError(f"{path} is damaged: the checksum of '{spec['name']}' does not match", _AGAIN)
    return values


def _decode_names(values: npt.NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(values.tobytes().decode().split("\n")) if values.size else ()


def _meta(fields: dict[str, Any]) -> GroundMeta:
    west, south, east, north = fields.pop("bounds")
    return GroundMeta(bounds=(west, south, east, north), warnings=tuple(fields.pop("warnings")), **fields)


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[int]:
    """Give a file descriptor to write to; on success what was written is ``path``, synced, otherwise nothing is.

    The file has no name until it is complete (O_TMPFILE), so a kill leaves nothing behind; where the file
    system cannot do that, a temporary name beside it is used and removed on failure.
    """
    if path.exists() and not path.is_file():
        raise GroundError(f"{path} is no regular file", "name a file to write the ground to")
    spare = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fd, named = _open_nameless(path.parent), False
    if fd is None:
        fd, named = os.open(spare, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644), True
    try:
        yield fd
        os.fsync(fd)
        if not named:
            with contextlib.suppress(FileNotFoundError):
                spare.unlink()
            # only with a directory descriptor does Python follow the link in /proc, on which this rests
            os.link(f"/proc/self/fd/{fd}", spare.name, dst_dir_fd=directory)
            named = True
        spare.replace(path)
        named = False
        os.fsync(directory)
    finally:
        os.close(fd)
        os.close(directory)
        if named:
            spare.unlink(missing_ok=True)


def _open_nameless(directory: Path) -> int | None:
    """Return a descriptor of a file without a name, or None where the file system has no such files."""
    if not hasattr(os, "O_TMPFILE") or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return os.open(directory, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT}:
            return None
        raise
