"""By which names and from which pages this service may be used, and how its cookie is called."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The outside of one running service.

    ``hosts`` are the Host headers that are answered, as ``name:port``; an address of this machine on which a
    request really came in is answered as well (no foreign name can be bound to it). ``origins`` are the pages,
    besides the service's own, that may use it. ``secure``: browsers come by TLS. ``authority`` is the local
    CA's certificate. ``proxied`` trusts the X-Forwarded-For of a proxy on this machine, and in ``proxies``.
    """

    hosts: frozenset[str]
    origins: frozenset[str] = frozenset()
    secure: bool = False
    port: int = 0
    authority: Path | None = None
    proxied: bool = False
    proxies: tuple[Network, ...] = ()

    @property
    def cookie(self) -> str:
        """The session cookie's name.

        ``__Host-`` binds it to TLS and to this host. Without TLS (this machine only) browsers refuse that prefix;
        the port is in the name there, for cookies know no ports and two demos must not sign each other out.
        """
        return "__Host-patrol" if self.secure else f"patrol-{self.port}"

    def knows(self, host: str, server: tuple[str, int | None] | None) -> bool:
        """Whether a Host header names this service."""
        if host.lower() in self.hosts:
            return True
        if server is None:
            return False
        address = f"[{server[0]}]" if ":" in server[0] else server[0]
        return host == f"{address}:{server[1]}" or (server[1] in (80, 443) and host == address)

    def believes(self, address: str) -> bool:
        """Whether who connects from this address is our own proxy, which tells whom it speaks for."""
        if not self.proxied:
            return False
        if address in ("127.0.0.1", "::1"):
            return True
        try:
            at = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(at in network for network in self.proxies if at.version == network.version)

    def own(self, origin: str, host: str, scheme: str) -> bool:
        """Whether a page of this origin may use the service that was asked for as ``host``."""
        scheme = "https" if self.secure or scheme in ("https", "wss") else "http"
        return origin == f"{scheme}://{host}" or origin in self.origins

    def base(self, host: str, scheme: str) -> str:
        """The address that a tablet is to open, for a QR code."""
        if self.origins and self.proxied:
            return sorted(self.origins)[0]
        return f"{'https' if self.secure or scheme == 'https' else 'http'}://{host}"


def doors_of(
    port: int,
    *,
    secure: bool = False,
    names: Iterable[str] = (),
    public_origin: str | None = None,
    authority: Path | None = None,
    proxies: Iterable[Network] = (),
) -> Doors:
    """The doors of a service on ``port``: loopback names, ``names``, and the public origin of a proxy before it."""
    hosts = {f"{name.lower()}:{port}" for name in (*LOOPBACK, *names)}
    if port in (80, 443):
        hosts |= {name.lower() for name in (*LOOPBACK, *names)}
    origins = set()
    if public_origin is not None:
        origins.add(public_origin)
        hosts.add(public_origin.split("://", 1)[1].lower())
        secure = secure or public_origin.startswith("https://")
    return Doors(
        hosts=frozenset(hosts),
        origins=frozenset(origins),
        secure=secure,
        port=port,
        authority=authority,
        proxied=public_origin is not None,
        proxies=tuple(proxies),
    )
