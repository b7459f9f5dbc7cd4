"""QR codes as SVG and for a terminal, and the address that an authenticator reads from one."""

from __future__ import annotations

import io
from typing import Final
from urllib.parse import quote

import segno

MAX_TEXT: Final = 600


def qr_svg(text: str) -> str:
    """The text as an SVG drawing without styles, scripts or sizes of its own."""
    assert len(text) <= MAX_TEXT, "a code that no camera reads"
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff"
    )
    return out.getvalue().decode()


def qr_text(text: str) -> str:
    """The text as a QR code of half blocks, for a terminal."""
    assert len(text) <= MAX_TEXT, "a code that no camera reads"
    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()


def otpauth(secret_b32: str, account: str, issuer: str) -> str:
    """The address that an authenticator reads from a QR code (Key URI format)."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?secret={secret_b32}&issuer={quote(issuer)}&algorithm=SHA1&digits=6&period=30"
