"""Secrets: argon2id for passwords, random tokens of which only a digest is kept, P-256 signatures of tablets."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

from dispatch.domain.errors import SetupError

HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
"""RFC 9106, the second recommended choice, in one lane: a guess keeps one core busy, never the whole machine."""

_WORDS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is mistaken for another one."""

TOKEN_BYTES: Final = 32


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters in it; about 0.1 s of one core."""
    return HASHER.hash(password)


NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=1$c29tZWJvZHktdW5rbm93bg$vq3JmY0mO4cmS1s0mJ6mZ3Jm9b2m0v8m1m2m3m4m5m8"
"""The hash that a name nobody has is compared with: an unknown name takes as long as a wrong password."""


def password_fits(stored: str, password: str) -> bool:
    """Whether a password belongs to a hash; takes as long where it does not."""
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def new_token() -> str:
    """A random token of 256 bits, URL-safe."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def kept_token(path: Path) -> str:
    """The token in a file of mode 0600, made on first use; raises SetupError where it cannot be kept."""
    try:
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(new_token() + "\n")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SetupError(f"{path} cannot be kept ({error.strerror}): name another --data folder") from error


def new_id(length: int = 12) -> str:
    """A random id in lower-case letters and figures."""
    return "".join(secrets.choice(_WORDS) for _ in range(length))


def one_time_password() -> str:
    """A password to be typed once: 20 letters and figures in groups, 99 bits."""
    return "-".join(new_id(5) for _ in range(4))


def digest_of(token: str) -> str:
    """What is kept of a token: its SHA-256; a random token of 256 bits needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return secrets.compare_digest(one.encode(), other.encode())


def random_bytes(count: int) -> bytes:
    """Random bytes from the system."""
    return secrets.token_bytes(count)


class KeyFormatError(ValueError):
    """What was given is no public P-256 key in base64."""


def load_public(key: str) -> ec.EllipticCurvePublicKey:
    """The P-256 key of a DER SubjectPublicKeyInfo in base64; raises KeyFormatError."""
    try:
        loaded = load_der_public_key(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error) as error:
        raise KeyFormatError("no DER SubjectPublicKeyInfo in base64") from error
    if not isinstance(loaded, ec.EllipticCurvePublicKey) or not isinstance(loaded.curve, ec.SECP256R1):
        raise KeyFormatError("no key on P-256")
    return loaded


def proven(key: str, message: bytes, signature: str) -> bool:
    """Whether ``signature`` (base64 of r‖s, as WebCrypto makes it, 64 bytes) is ECDSA-SHA-256 of ``message``."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if len(raw) != 64:
            return False
        encoded = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        load_public(key).verify(encoded, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def check_number(key: str) -> str:
    """Six figures that a person compares on the tablet and on the console before confirming."""
    return f"{int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % 1_000_000:06d}"
