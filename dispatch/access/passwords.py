"""Which passwords are taken: long ones that are not made of words of this service (NIST SP 800-63B, ASVS 6.2).

What is known from breaches is looked up beside this, in ``dispatch/adapters/known_passwords.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

SHORTEST: Final = 12
LONGEST: Final = 128

_WORDS: Final = (
    "password passwort qwerty qwertyuiop asdf asdfgh zxcvbn qweasd letmein welcome iloveyou admin administrator "
    "root user test login dispatch dispatcher supervisor patrol police planner auditor station desk tablet radio "
    "demo abc abcd abcdef aa wenzhou ouhai guoxi zhejiang china changeme secret default monkey dragon football "
    "baseball master sunshine princess hello love you my the new one pass word key pwd"
)
_PINYIN: Final = (
    "woaini woaiwojia wode woshi nihao mima mimashi wodemima denglu zhanghao yonghu guanliyuan gongan jingcha "
    "minjing paichusuo gonganju zhihui zhihuizhongxin diaodu xunluo xunfang duijiangji jingqing chujing "
    "zhongguo beijing shanghai zhongxin diannao dianhua shouji jiayou aini laopo laogong baobei qinaide mama baba "
    "xiaoming zhang wang li zhao liu chen yang huang zhou wu laoshi pengyou kuaile shengri jiating pingan anquan "
    "fuwu renmin"
)
"""What Chinese speakers build passwords of: "I love you", "my password", kin, names, and the words of this work."""

_ROOTS: Final = frozenset(_WORDS.split()) | frozenset(_PINYIN.split())
_ROWS: Final = (
    "01234567890123456789012345678901",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
)
_SWAPS: Final = str.maketrans("@$01357!", "asoiesti")
_MARKS: Final = "!@#$%^&*()-_=+.,;:?/\\|'\"<>[]{}~` "
_BETWEEN: Final = str.maketrans("", "", _MARKS)
_ROW_PART: Final = 3
_FIGURES: Final = 11
"""A date or a telephone number; more figures than that, in no pattern, may be chance."""

MOST_WORDS: Final = 64
"""Context words that are looked at; a service has a handful."""


def too_easy(password: str, account: str, context: Iterable[str] = ()) -> str | None:
    """Why a password is not taken, None where it is; every character counts, none is demanded.

    ``context`` are words of this very service: its place, its host names. Law: what is not taken is not taken with
    more context either.
    """
    if len(password) < SHORTEST:
        return f"shorter than {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"longer than {LONGEST} characters"
    plain = password.casefold()
    if len(set(plain)) < 5:
        return "the same few characters again and again"
    bare = plain.translate(_BETWEEN)
    if any(bare in row or bare in row[::-1] for row in _ROWS):
        return "a row of the alphabet or of the keyboard"
    near = {part for word in (*list(context)[:MOST_WORDS], account) for part in _parts(word)}
    for form in (plain, bare):
        if _made_of(form, _ROOTS | near):
            return "common words, rows and figures and nothing else"
    if _beside(plain, near | {account.casefold()}) < SHORTEST // 2:
        return "little more than the names of this account and this service"
    return None


def _parts(word: str) -> set[str]:
    """A name and its pieces, from three letters on."""
    plain = word.casefold()
    pieces = "".join(each if each.isalnum() else " " for each in plain).split()
    return {piece for piece in (plain.translate(_BETWEEN), *pieces) if len(piece) > 2 or not piece.isascii()}


def _made_of(text: str, words: frozenset[str] | set[str]) -> bool:
    """Whether a text is words, figures, marks and rows of three or more, to its last character."""
    if any(len(run) > _FIGURES and len(set(run)) > _FIGURES // 2 for run in re.findall(r"[0-9]+", text)):
        return False
    longest = max(map(len, words), default=0)
    reached = [True] + [False] * len(text)
    for end in range(1, len(text) + 1):
        if reached[end - 1] and (text[end - 1].isdigit() or text[end - 1] in _MARKS):
            reached[end] = True
            continue
        for start in range(max(0, end - longest), end):
            part = text[start:end]
            if reached[start] and (part in words or part.translate(_SWAPS) in words or _is_row(part)):
                reached[end] = True
                break
    return reached[-1]


def _beside(text: str, words: set[str]) -> int:
    """How many characters, marks aside, stand beside these words at least."""
    least = [0]
    for end in range(1, len(text) + 1):
        ends = [least[end - len(word)] for word in words if word and text[:end].endswith(word)]
        least.append(min([least[-1] + (text[end - 1] not in _MARKS), *ends]))
    return least[-1]


def _is_row(part: str) -> bool:
    return len(part) >= _ROW_PART and any(part in row or part in row[::-1] for row in _ROWS)
