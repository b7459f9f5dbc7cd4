"""How a name may be typed: folded letters, pinyin, initials, each from every word or character on."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from pypinyin import Style, lazy_pinyin

NAME, PINYIN, INITIALS = 0, 1, 2

MAX_STARTS: Final = 10
"""Words or characters of a name from which a search may begin."""
MAX_KEY: Final = 48

_TOKEN: Final = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_]+")
_SPECIAL: Final = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})


class Key(NamedTuple):
    """One way to type a name: ``way`` is NAME, PINYIN or INITIALS; ``start`` is the word it begins at, from 0."""

    text: str
    way: int
    start: int


def tokens(text: str) -> list[str]:
    """The words of a text without accents, case and signs; each Chinese character is one."""
    lower = unicodedata.normalize("NFKC", text).casefold().translate(_SPECIAL)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(sign))
    return _TOKEN.findall(plain)


def fold(text: str) -> str:
    """The words of a text in one piece: two texts that are folded equal are the same name."""
    return "".join(tokens(text))


def is_chinese(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return any("\u3400" <= sign <= "\u9fff" for sign in text)


def keys_of(name: str, *, inner: bool = True) -> list[Key]:
    """Every way to type a name, each once; with ``inner`` from its later words on too, up to ``MAX_STARTS``.

    A Chinese name has its characters, its pinyin without tones (ü is v), and the initials of that; where a
    character alone is read otherwise than in its word (乐清: yue or le), both readings are keys.
    """
    words = tokens(name)
    starts = min(len(words), MAX_STARTS) if inner else min(len(words), 1)
    keys = {Key("".join(words[start:])[:MAX_KEY], NAME, start): None for start in range(starts)}
    if is_chinese(name):
        for reading in _readings(tuple(words)):
            for start in range(starts):
                rest = reading[start:]
                first = [
                    part[:1] if is_chinese(word) else part for part, word in zip(rest, words[start:], strict=True)
                ]
                keys[Key("".join(rest)[:MAX_KEY], PINYIN, start)] = None
                if len(first) > 1:
                    keys[Key("".join(first)[:MAX_KEY], INITIALS, start)] = None
    elif len(words) > 1 and len(initials := "".join(word[0] for word in words)) > 1:
        keys[Key(initials[:MAX_KEY], INITIALS, 0)] = None
    return [key for key in keys if key.text]


def pinyin(text: str) -> str:
    """A text as one types it, its characters by their sound in their words."""
    return "".join(_readings(tuple(tokens(text)))[0])


@lru_cache(maxsize=4096)
def _readings(words: tuple[str, ...]) -> list[list[str]]:
    """The syllables of words as they sound together; then each character as it sounds alone, if that differs."""
    together = _together(words)
    alone = [_alone(word) if is_chinese(word) else word for word in words]
    return [together] if alone == together else [together, alone]


def _together(words: tuple[str, ...]) -> list[str]:
    """One syllable a word; runs of Chinese characters are read as one phrase."""
    syllables: list[str] = []
    run = ""
    for word in (*words, ""):
        if word and is_chinese(word):
            run += word
            continue
        if run:
            read = lazy_pinyin(run, style=Style.NORMAL)
            syllables += read if len(read) == len(run) else [_alone(sign) for sign in run]
            run = ""
        if word:
            syllables.append(word)
    return syllables


@lru_cache(maxsize=32768)
def _alone(sign: str) -> str:
    return "".join(lazy_pinyin(sign, style=Style.NORMAL))
