"""A search over names that answers while one types: sorted keys, one wrong letter forgiven, the near first."""

from __future__ import annotations

import gzip
import json
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from geo_data.errors import GroundError
from geo_data.gazetteer.records import KINDS, Entry
from geo_data.gazetteer.spelling import INITIALS, fold, is_chinese, keys_of, pinyin, tokens
from geo_data.types import Int32s, Int64s, UInt8s

FORMAT: Final = 1
MAX_QUERY: Final = 64
MAX_FOUND: Final = 50
MAX_WORDS: Final = 5
_MAX_TYPOS: Final = 4_000
"""Ways to mend a word that are tried."""

_FIELDS: Final = tuple(each.name for each in fields(Entry))[:-1]
_END: Final = "\uffff"
_LEAST_FOR_TYPO: Final = 4
_NEAR_M: Final = 4_000.0

# the part of a rank that the match makes; the rest (kind, nearness, length) is always less than the step of 2
_EXACT, _PREFIX, _LATER, _MENDED = 0.0, 4.0, 10.0, 20.0
_WAY_RANK: Final = np.array([0.0, 2.0, 3.0])


class Found(NamedTuple):
    """What was found, its distance to where one looks (m, None where that was not said), its rank, less first."""

    entry: Entry
    away_m: float | None
    rank: float


class Gazetteer:
    """The names of one ground, ready to be searched; never changed after it was made, so any thread may ask."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        rows: list[tuple[str, int, int, int]] = []
        for number, entry in enumerate(self.entries):
            inner = entry.kind != "address"
            names = dict.fromkeys((entry.name, entry.name_en, *entry.aliases))
            for name in names:
                rows += [(key.text, number, key.way, key.start) for key in keys_of(name, inner=inner)]
        rows.sort()
        self._keys = [row[0] for row in rows]
        self._entry: Int32s = np.array([row[1] for row in rows], np.int32)
        self._way: UInt8s = np.array([row[2] for row in rows], np.uint8)
        self._start: UInt8s = np.array([row[3] for row in rows], np.uint8)
        self._length: UInt8s = np.array([min(len(row[0]), 255) for row in rows], np.uint8)
        self._lon = np.array([entry.lon for entry in self.entries], np.float64)
        self._lat = np.array([entry.lat for entry in self.entries], np.float64)
        self._kind = np.array([KINDS.index(entry.kind) / len(KINDS) for entry in self.entries], np.float64)

    def search(self, query: str, near: tuple[float, float] | None = None, limit: int = 10) -> list[Found]:
        """What is called so, the best first: whole names, then beginnings, later words, one letter wrong.

        ``query`` is in characters, pinyin, initials or any letters, at most ``MAX_QUERY`` of it is looked at;
        ``near`` is (lon, lat) in degrees, and of equal matches of one kind the nearer stands first; ``limit`` is
        1…``MAX_FOUND``. Equal questions have equal answers. Nothing is found of a query without a letter.
        """
        words = tokens(query[:MAX_QUERY])
        if not words:
            return []
        limit = max(1, min(limit, MAX_FOUND))
        ranks = np.full(len(self.entries), math.inf)
        self._rank(ranks, "".join(words))
        self._by_words(ranks, query)
        if np.isfinite(ranks).sum() < limit:
            self._mended(ranks, "".join(words))
        away_m = None if near is None else self._away_m(near)
        rows = np.flatnonzero(np.isfinite(ranks))
        final = ranks[rows] + self._kind[rows] * 0.5
        if away_m is not None:
            final += away_m[rows] / (away_m[rows] + _NEAR_M)
        order = np.lexsort((rows, final))[:limit]
        return [
            Found(self.entries[row], None if away_m is None else float(away_m[row]), float(final[i]))
            for i, row in zip(order.tolist(), rows[order].tolist(), strict=True)
        ]

    def _range(self, prefix: str) -> tuple[int, int]:
        low = bisect_left(self._keys, prefix)
        return low, bisect_left(self._keys, prefix + _END, low)

    def _rank(self, ranks: Any, text: str, base: float = 0.0) -> None:
        """Better the ranks of entries with a key that begins with ``text``."""
        low, high = self._range(text)
        if low == high:
            return
        whole = self._length[low:high] == len(text)
        match = np.where(self._start[low:high] > 0, _LATER, np.where(whole, _EXACT, _PREFIX))
        match = match + _WAY_RANK[self._way[low:high]] + base
        np.minimum.at(ranks, self._entry[low:high], match)

    def _by_words(self, ranks: Any, query: str) -> None:
        """Several words, each the beginning of a word of the name, in any order (``boavista avenida``)."""
        words = [fold(word) for word in query[:MAX_QUERY].split()][:MAX_WORDS]
        words = [word for word in words if word]
        if len(words) < 2:
            return
        both: Int64s | None = None
        for word in words:
            low, high = self._range(word)
            some = np.unique(self._entry[low:high][self._way[low:high] != INITIALS]).astype(np.int64)
            both = some if both is None else np.intersect1d(both, some, assume_unique=True)
        if both is not None:
            np.minimum.at(ranks, both, _LATER + 4.0)

    def _mended(self, ranks: Any, text: str) -> None:
        """One letter too many, too few, wrong or swapped; and Chinese characters that sound the same."""
        if is_chinese(text):
            self._rank(ranks, pinyin(text), base=_MENDED)
        if len(text) < _LEAST_FOR_TYPO and not (is_chinese(text) and len(text) >= 3):
            return
        for number, guess in enumerate(self._typos(text)):
            if number >= _MAX_TYPOS:
                return
            self._rank_mended(ranks, guess)

    def _rank_mended(self, ranks: Any, guess: str) -> None:
        low, high = self._range(guess)
        if low == high:
            return
        rows = np.arange(low, high)[self._way[low:high] != INITIALS]
        match = _MENDED + _WAY_RANK[self._way[rows]] + np.where(self._start[rows] > 0, 4.0, 0.0)
        match += np.where(self._length[rows] == len(guess), 0.0, 1.0)
        np.minimum.at(ranks, self._entry[rows], match)

    def _typos(self, text: str) -> Iterator[str]:
        """Beginnings of keys that are one slip away from ``text``; the first letter is taken as right."""
        for i in range(1, len(text) + 1):
            before, rest = text[:i], text[i:]
            low, high = self._range(before)
            if low == high:
                return  # nothing begins so: a slip farther on cannot help
            if rest:
                yield before + rest[1:]
            if len(rest) > 1:
                yield before + rest[1] + rest[0] + rest[2:]
            for letter in self._next(i, low, high):
                if rest and letter != rest[0]:
                    yield before + letter + rest[1:]
                    yield before + letter + rest

    def _next(self, depth: int, low: int, high: int) -> Iterator[str]:
        """The letters that stand at ``depth`` in a range of keys that are equal before it."""
        while low < high:
            key = self._keys[low]
            if len(key) <= depth:
                low = bisect_left(self._keys, key + "\0", low, high)
                continue
            yield key[depth]
            low = bisect_left(self._keys, key[: depth + 1] + _END, low, high)

    def _away_m(self, near: tuple[float, float]) -> Any:
        lon, lat = near
        east = np.radians(self._lon - lon) * math.cos(math.radians(lat))
        return 6_371_008.8 * np.hypot(east, np.radians(self._lat - lat))


def save_gazetteer(entries: Sequence[Entry], path: Path) -> None:
    """Write entries as one gzipped JSON file, all or nothing; the same entries give the same bytes."""
    text = json.dumps([FORMAT, [astuple(each) for each in entries]], ensure_ascii=False, separators=(",", ":"))
    draft = path.with_name(f"{path.name}.draft")
    try:
        draft.write_bytes(gzip.compress(text.encode(), 6, mtime=0))
        draft.replace(path)
    except OSError as error:
        raise GroundError(
            f"{path} cannot be written: {error.strerror}", "check its folder and the space left"
        ) from error


def load_gazetteer(path: Path) -> list[Entry]:
    """The entries of a file; raises GroundError where it is absent, damaged or of another format."""
    try:
        version, rows = json.loads(gzip.decompress(path.read_bytes()))
        if version != FORMAT:
            raise ValueError(version)
        return [Entry(**dict(zip(_FIELDS, row[:-1], strict=True)), aliases=tuple(row[-1])) for row in rows]
    except (OSError, ValueError, TypeError, EOFError, KeyError) as error:
        raise GroundError(f"{path} is no index of names: {error}", "delete it; it is made again") from error
