"""Finding a place by its name, without a network: characters, pinyin, initials, one letter wrong."""

from __future__ import annotations

from geo_data.gazetteer.build import entries_of
from geo_data.gazetteer.index import Found, Gazetteer, load_gazetteer, save_gazetteer
from geo_data.gazetteer.records import KINDS, Entry, Named
from geo_data.gazetteer.spelling import fold

__all__ = [
    "KINDS",
    "Entry",
    "Found",
    "Gazetteer",
    "Named",
    "entries_of",
    "fold",
    "load_gazetteer",
    "save_gazetteer",
]
