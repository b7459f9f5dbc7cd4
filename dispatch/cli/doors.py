"""The flags that open the doors of ``serve``: TLS, names, a proxy; and what is refused without them."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dispatch.domain.errors import SetupError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Register the flags."""
    group = parser.add_argument_group("doors")
    group.add_argument("--tls-cert", type=Path, metavar="PEM", help="the certificate, with --tls-key")
    group.add_argument("--tls-key", type=Path, metavar="PEM", help="its key, without passphrase")
    group.add_argument(
        "--tls-local", action="store_true", help="a certificate authority of our own, for an isolated network; /ca"
    )
    group.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name of ours (repeatable)",
    )
    group.add_argument(
        "--public-origin", metavar="URL", help="behind a proxy on this machine: how browsers see us, https://…"
    )
    group.add_argument(
        "--trust-proxy",
        action="append",
        default=[],
        metavar="NETWORK",
        help="with --public-origin, a proxy elsewhere: its address or network, as in 172.30.0.0/24 (repeatable)",
    )
    group.add_argument(
        "--insecure-http",
        action="store_true",
        help="beyond this machine without TLS: anybody can read along",
    )
    group.add_argument(
        "--log-level", choices=("debug", "info", "warning"), default="info", help="of the JSON log on stderr"
    )


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is this machine's own alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_flags(args: argparse.Namespace) -> None:
    """Refuse what does not fit together, or would send passwords in the clear; raises SetupError."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", args.desk):
        raise SetupError(f"--desk {args.desk} is no name: letters, figures, and . _ -, at most 64")
    if (args.tls_cert is None) != (args.tls_key is None):
        raise SetupError("--tls-cert and --tls-key go together: give both")
    if args.tls_local and args.tls_cert:
        raise SetupError("--tls-local makes its own certificate: leave --tls-cert out, or --tls-local")
    if args.public_origin is not None and not _ORIGIN.fullmatch(args.public_origin):
        raise SetupError(f"--public-origin {args.public_origin} is no origin: as in https://135.example")
    if args.trust_proxy and args.public_origin is None:
        raise SetupError("--trust-proxy is for a proxy that browsers come by: give its --public-origin too")
    trusted_networks(args.trust_proxy)
    for name in args.allow_host:
        if not _NAME.fullmatch(name) or name == "*":
            raise SetupError(f"--allow-host {name} is no name: one host name or address, without port")
    proxied = args.trust_proxy and args.public_origin.startswith("https://")
    if not (is_loopback(args.host) or args.tls_cert or args.tls_local or args.insecure_http or proxied):
        raise SetupError(
            f"--host {args.host} is reached from other machines, where passwords would travel in the clear: add"
            " --tls-local (isolated network), --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy and"
            " say --public-origin"
        )


def trusted_networks(named: Sequence[str]) -> tuple[Network, ...]:
    """The networks of proxies whose X-Forwarded-For is believed; raises SetupError for what is none, or is wide."""
    found: list[Network] = []
    for text in named:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise SetupError(f"--trust-proxy {text} is no address or network ({error})") from error
        if not network.is_private:
            raise SetupError(f"--trust-proxy {text} is not private: anybody there could forge an address")
        found.append(network)
    return tuple(found)


def names_of(args: argparse.Namespace) -> list[str]:
    """The names and addresses under which others may reach this service, for its certificate and its Host list."""
    names = [socket.gethostname().lower(), *(name.lower() for name in args.allow_host)]
    if args.host not in ("0.0.0.0", "::", ""):
        names.append(args.host)
    else:
        with contextlib.suppress(OSError):
            names += [str(found[4][0]).split("%")[0] for found in socket.getaddrinfo(socket.gethostname(), None)]
    return sorted({name for name in names if name and name != "localhost"})
