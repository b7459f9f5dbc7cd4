"""One POST to an outside address: where it may go, over which connection, and what came back.

The address is resolved here and the connection goes to what was checked: a name cannot be turned round in between.
No redirect is followed, no proxy is used, and of the answer only the status is read.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

WITHIN_S: Final = 10.0
MAX_URL: Final = 2000
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class ForbiddenAddressError(ValueError):
    """The URL may not be used; the message says why and what to do."""


def check_url(url: str, *, inside: bool) -> None:
    """Refuse what no delivery could ever use: raises ForbiddenAddressError."""
    try:
        parts = urlsplit(url)
        _ = (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise ForbiddenAddressError(f"the host of {url[:100]} is no host") from error
    if len(url) > MAX_URL or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ForbiddenAddressError(f"{url[:100]} is no address for webhooks: https://host[:port]/path")
    if parts.username or parts.password or parts.fragment:
        raise ForbiddenAddressError("no user, password or fragment in the address: deliveries are signed instead")
    if parts.scheme == "http" and not inside:
        raise ForbiddenAddressError("beyond the own network only https: use it, or say --inside for a private one")
    try:
        _ = parts.port
    except ValueError as error:
        raise ForbiddenAddressError(f"the port of {url[:100]} is no port") from error


def may_go(address: str, *, inside: bool) -> bool:
    """Whether a resolved address may be spoken to: a public one; with ``inside`` a private or own one instead.

    Never one that is link-local (there clouds keep their secrets), multicast, reserved or unspecified.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64 or ip.sixtofour is not None or ip.teredo is not None:
            return False  # a way to an IPv4 address that is not looked at here
        ip = ip.ipv4_mapped or ip
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        return False
    return (ip.is_private or ip.is_loopback) if inside else ip.is_global


def post(url: str, body: bytes, headers: Mapping[str, str], *, inside: bool) -> int:
    """The status of the answer; blocks; raises OSError where there is none, ForbiddenAddressError."""
    check_url(url, inside=inside)
    parts = urlsplit(url)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    fine = [row for row in found if may_go(str(row[4][0]), inside=inside)]
    if not fine:
        where = "a private or own" if inside else "a public"
        raise ForbiddenAddressError(f"{host} is not {where} address: see `webhook add --inside`")
    family, kind, protocol, _, target = fine[0]
    raw = socket.socket(family, kind, protocol)
    connection = http.client.HTTPConnection(host, port, timeout=WITHIN_S)
    try:
        raw.settimeout(WITHIN_S)
        raw.connect(target)
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if secure else raw
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {**headers, "User-Agent": "dispatch135-webhook/1"})
        return connection.getresponse().status
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectionError(f"no answer that can be read: {error}") from error
    finally:
        connection.close()
        raw.close()
