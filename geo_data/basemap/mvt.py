"""Mapbox Vector Tile 2.1: integer shapes in, the bytes of one tile out (github.com/mapbox/vector-tile-spec)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import shapely

from geo_data.basemap.features import Tags
from geo_data.types import Int64s

EXTENT: Final = 4096
"""Units across a tile."""

_POINT, _LINE, _POLYGON = 1, 2, 3
_MOVE, _DRAW, _CLOSE = 1, 2, 7


def encode_layer(name: str, shapes: Sequence[shapely.Geometry], tags: Sequence[Tags]) -> bytes:
    """One layer of a tile, as the field of the message that it is; empty where nothing of it can be drawn.

    ``shapes`` are points, lines or polygons (or many of one kind) in units of the tile, y down; they are rounded
    to whole units, and what has no length or no area then is left out. Rings are turned as the standard wants
    them: outer ones have positive area. ``tags[i]`` are those of ``shapes[i]``.
    """
    keys: dict[str, int] = {}
    values: dict[str | int, int] = {}
    features = bytearray()
    for shape, said in zip(shapes, tags, strict=True):
        kind, commands = _commands(shape)
        if not commands:
            continue
        pairs: list[int] = []
        for key, value in said:
            pairs += (keys.setdefault(key, len(keys)), values.setdefault(value, len(values)))
        body = _packed(2, pairs) + bytes((0x18, kind)) + _packed(4, commands)
        features += _message(2, body)
    if not features:
        return b""
    layer = bytearray(_message(1, name.encode()))
    layer += features
    for key in keys:
        layer += _message(3, key.encode())
    for value in values:
        layer += _message(4, _value(value))
    layer += b"\x28" + _varint(EXTENT) + b"\x78\x02"
    return _message(3, bytes(layer))


def _value(value: str | int) -> bytes:
    return _message(1, value.encode()) if isinstance(value, str) else b"\x30" + _varint(_zigzag(value))


def _commands(shape: shapely.Geometry) -> tuple[int, list[int]]:
    """The kind of a geometry and its commands; none where nothing is left of it."""
    match shapely.get_type_id(shape):
        case shapely.GeometryType.POINT | shapely.GeometryType.MULTIPOINT:
            points = np.rint(shapely.get_coordinates(shape)).astype(np.int64)
            at = np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
            return _POINT, [_MOVE | len(points) << 3, *map(_zigzag, at)] if len(points) else []
        case shapely.GeometryType.LINESTRING | shapely.GeometryType.MULTILINESTRING:
            return _LINE, _lines(shapely.get_parts(shape))
        case shapely.GeometryType.POLYGON | shapely.GeometryType.MULTIPOLYGON:
            return _POLYGON, _polygons(shapely.get_parts(shape))
        case _:
            return _POINT, []


def _whole(shape: shapely.Geometry) -> Int64s:
    """Coordinates as whole numbers without repetitions."""
    points = np.rint(shapely.get_coordinates(shape)).astype(np.int64)
    keep = np.ones(len(points), np.bool_)
    keep[1:] = (points[1:] != points[:-1]).any(axis=1)
    return points[keep]


def _path(commands: list[int], points: Int64s, cursor: tuple[int, int]) -> tuple[int, int]:
    """Append a move to the first point and a line through the others; return where the pen is."""
    x, y = cursor
    steps: list[int] = []
    for to_x, to_y in points.tolist():
        steps += (_zigzag(to_x - x), _zigzag(to_y - y))
        x, y = to_x, to_y
    commands += (_MOVE | 1 << 3, steps[0], steps[1], _DRAW | (len(points) - 1) << 3)
    commands += steps[2:]
    return x, y


def _lines(parts: Iterable[shapely.Geometry]) -> list[int]:
    commands: list[int] = []
    cursor = (0, 0)
    for part in parts:
        points = _whole(part)
        if len(points) >= 2:
            cursor = _path(commands, points, cursor)
    return commands


def _polygons(parts: Iterable[shapely.Geometry]) -> list[int]:
    commands: list[int] = []
    cursor = (0, 0)
    for part in parts:
        for number, ring in enumerate(shapely.get_rings(part)):
            points = _whole(ring)[:-1]
            area = _area2(points)
            if len(points) < 3 or area == 0:
                if number == 0:
                    break  # without its outer ring the holes mean nothing
                continue
            if (area > 0) != (number == 0):
                points = points[::-1]
            cursor = _path(commands, points, cursor)
            commands.append(_CLOSE | 1 << 3)
    return commands


def _area2(points: Int64s) -> int:
    """Twice the signed area by the surveyor's formula, positive where the ring runs clockwise on the screen."""
    if len(points) < 3:
        return 0
    x, y = points[:, 0], points[:, 1]
    return int((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _message(field: int, body: bytes) -> bytes:
    return bytes((field << 3 | 2,)) + _varint(len(body)) + body


def _packed(field: int, numbers: Iterable[int]) -> bytes:
    body = bytearray()
    for number in numbers:
        rest = number
        while rest >= 0x80:
            body.append(rest & 0x7F | 0x80)
            rest >>= 7
        body.append(rest)
    return _message(field, bytes(body)) if body else b""
