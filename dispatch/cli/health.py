"""``health``: whether a service on this machine answers, for a container's health check and for scripts."""

from __future__ import annotations

import argparse
import http.client
import json
import ssl
from typing import Final
from urllib.parse import urlsplit

from dispatch.cli.doors import is_loopback
from dispatch.domain.errors import SetupError

MAX_BODY_BYTES: Final = 64 * 1024


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("health", help="0 where the service answers, serving or standing by; else 1")
    parser.add_argument("--at", default="http://127.0.0.1:8135", metavar="URL", help="default: %(default)s")
    parser.add_argument("--ready", action="store_true", help="0 only where it serves: a standby is not ready")
    parser.add_argument("--timeout-s", type=float, default=4.0, help="default: %(default)s")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask once and print the answer's word: 0 fine, 1 not."""
    parts = urlsplit(args.at)
    if parts.scheme not in ("http", "https") or not parts.hostname or not 0 < args.timeout_s <= 60:
        raise SetupError("--at is an address as in https://127.0.0.1:8135, --timeout-s from 0 to 60")
    try:
        status, word = _ask(parts.scheme, parts.netloc, "/readyz" if args.ready else "/healthz", args.timeout_s)
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"no answer: {error}")
        return 1
    print(word)
    return 0 if status == 200 else 1


def _ask(scheme: str, place: str, path: str, timeout_s: float) -> tuple[int, str]:
    host = urlsplit(f"//{place}").hostname or ""
    if scheme == "http":
        connection = http.client.HTTPConnection(place, timeout=timeout_s)
    else:
        context = ssl.create_default_context()
        if is_loopback(host):  # nobody stands between this machine and itself; the local authority is not installed
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(place, timeout=timeout_s, context=context)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        told = json.loads(answer.read(MAX_BODY_BYTES))
        return answer.status, str(told.get("status", "")) if isinstance(told, dict) else ""
    finally:
        connection.close()
