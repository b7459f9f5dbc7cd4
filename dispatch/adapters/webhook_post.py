"""One POST to an outside address: where it may go, over which connection, and what came back.

The address is resolved here and the connection goes to what was checked: a name cannot be turned round in between.
No redirect is followed, no proxy is used, and of the answer only the status is read. One deadline stands over all
of it: who takes or says a byte at a time holds no thread.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

WITHIN_S: Final = 10.0
"""From the connection to the status of the answer; the resolver has limits of its own before it."""

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


class _Timely(io.RawIOBase):
    """What http.client needs of a connected socket; every step gets what is left until ``until_s`` (monotonic)."""

    def __init__(self, sock: socket.socket, until_s: float) -> None:
        self._sock, self._until_s = sock, until_s

    def timed(self) -> socket.socket:
        """The socket, whose next step ends in time; raises TimeoutError where that has passed."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("no answer in time")
        self._sock.settimeout(left_s)
        return self._sock

    def readable(self) -> bool:
        """As a reader needs it."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the reader gives a memoryview
        """Read what has come."""
        return self.timed().recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self.timed().sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The reader of the answer."""
        return io.BufferedReader(self)


def targets(url: str, *, inside: bool) -> list[tuple[int, int, int, Any]]:
    """Where a delivery to a URL may connect to: family, kind, protocol, address; never empty.

    Raises ForbiddenAddressError where its host is on the other side, OSError where it cannot be resolved.
    """
    check_url(url, inside=inside)
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    fine: list[tuple[int, int, int, Any]] = [
        (family, kind, protocol, target)
        for family, kind, protocol, _, target in found
        if may_go(str(target[0]), inside=inside)
    ]
    if not fine:
        told = (
            "is no private or own address: leave --inside out"
            if inside
            else "is no public address: say --inside for this machine or a private network"
        )
        raise ForbiddenAddressError(f"{host} {told}")
    return fine


def post(url: str, body: bytes, headers: Mapping[str, str], *, inside: bool) -> int:
    """The status of the answer; blocks; raises OSError where there is none in time, ForbiddenAddressError."""
    family, kind, protocol, target = targets(url, inside=inside)[0]
    parts, until_s = urlsplit(url), time.monotonic() + WITHIN_S
    host, sock = str(parts.hostname), socket.socket(family, kind, protocol)
    connection = http.client.HTTPConnection(host, parts.port or (443 if parts.scheme == "https" else 80))
    try:
        _Timely(sock, until_s).timed().connect(target)
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(
                sock, server_hostname=host, do_handshake_on_connect=False
            )
            _Timely(sock, until_s).timed().do_handshake()  # type: ignore[attr-defined]  # it is the one of TLS
        connection.sock = _Timely(sock, until_s)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {**headers, "User-Agent": "dispatch135-webhook/1"})
        return connection.getresponse().status
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectionError(f"no answer that can be read: {error}") from error
    finally:
        connection.close()
        sock.close()
