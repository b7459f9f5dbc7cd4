"""Which passwords are taken: long ones that are no word of this service (NIST SP 800-63B, ASVS 6.2)."""

from __future__ import annotations

from typing import Final

SHORTEST: Final = 12
LONGEST: Final = 128

_WORDS: Final = (
    "password passwort qwerty qwertyuiop asdfgh zxcvbn letmein welcome iloveyou admin administrator dispatch "
    "dispatcher supervisor patrol police planner auditor station demo abc abcd abcdef aa wenzhou ouhai guoxi "
    "changeme secret default monkey dragon football baseball master sunshine princess woaini mima gongan jingcha"
)
_ROOTS: Final = frozenset(_WORDS.split())
_ROWS: Final = (
    "01234567890123456789012345678901",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_SWAPS: Final = str.maketrans("@$01357!", "asoiesti")


def too_easy(password: str, account: str) -> str | None:
    """Why a password is not taken, None where it is; every character counts, none is demanded."""
    if len(password) < SHORTEST:
        return f"shorter than {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"longer than {LONGEST} characters"
    plain = password.casefold()
    if len(set(plain)) < 5:
        return "the same few characters again and again"
    if _is_row(plain):
        return "a row of the alphabet or of the keyboard"
    bare = plain.strip("0123456789!@#$%^&*()-_=+.,;:? ")
    for form in (bare, bare.translate(_SWAPS)):
        if form in _ROOTS or (form and form == form[: len(form) // 2] * 2 and form[: len(form) // 2] in _ROOTS):
            return "a common word with figures around it"
    if account.casefold() in plain and len(plain.replace(account.casefold(), "")) < SHORTEST // 2:
        return "little more than the account's name"
    return None


def _is_row(plain: str) -> bool:
    return any(plain in row or plain in row[::-1] for row in _ROWS)
