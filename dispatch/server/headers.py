"""The headers that every answer wears."""

from __future__ import annotations

from typing import Final

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self' blob:; child-src blob:; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
"""No inline script or style, no other host; ``data:`` and ``blob:`` are pictures and the map's own worker."""

HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"),
    (b"x-permitted-cross-domain-policies", b"none"),
)
HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
NO_STORE: Final = (b"cache-control", b"no-store")


def dressed(
    given: list[tuple[bytes, bytes]], path: str, request_id: str, *, secure: bool
) -> list[tuple[bytes, bytes]]:
    """An answer's headers with ours; what the application itself set about caching stays."""
    ours = {name for name, _ in HEADERS}
    headers = [(name, value) for name, value in given if name.lower() not in ours]
    headers += HEADERS
    headers.append((b"x-request-id", request_id.encode()))
    if secure:
        headers.append(HSTS)
    if not path.startswith("/assets/") and not any(name.lower() == b"cache-control" for name, _ in given):
        headers.append(NO_STORE)
    return headers
