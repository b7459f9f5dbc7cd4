"""``webhook``: which outside addresses are told what happens; works on the data folder beside the service.

Docs: docs/webhooks.md.
"""

from __future__ import annotations

import argparse
import base64
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dispatch.cli.data_folder import held
from dispatch.domain.errors import SetupError

if TYPE_CHECKING:
    from dispatch.adapters.webhook_store import WebhookStore

_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}")


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its verbs."""
    parser = subparsers.add_parser("webhook", help="tell outside addresses what happens: add, list, remove, resume")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb, sentence, work in (
        ("add", "a new subscriber; prints the secret that its deliveries are signed with", _add),
        ("remove", "forget a subscriber", _remove),
        ("resume", "tell a paused subscriber again, from where it was", _resume),
        ("list", "every subscriber", _list),
    ):
        each = verbs.add_parser(verb, help=sentence, description=sentence)
        if verb != "list":
            each.add_argument("name", help="letters, figures, and . _ -")
        if verb == "add":
            each.add_argument("url", help="https://…; with --inside also http://")
            each.add_argument(
                "--kind",
                action="append",
                default=[],
                help="a kind of event, as incident_reported (repeatable; default: all)",
            )
            each.add_argument("--inside", action="store_true", help="it is on this machine or a private network")
        each.add_argument("--data", type=Path, default=Path("var"), help="the folder of the service (default: var)")
        each.set_defaults(run=run, work=work)


def run(args: argparse.Namespace) -> int:
    """Do one verb on the file of webhooks: 0."""
    from dispatch.adapters.webhook_store import WebhookStore  # noqa: PLC0415

    store = WebhookStore(held(args.data) / "webhooks.sqlite")
    work: Callable[[WebhookStore, argparse.Namespace], None] = args.work
    try:
        work(store, args)
    finally:
        store.close()
    return 0


def _add(store: WebhookStore, args: argparse.Namespace) -> None:
    from dispatch.adapters.webhook_post import ForbiddenAddressError, targets  # noqa: PLC0415
    from dispatch.adapters.webhook_store import Hook  # noqa: PLC0415
    from dispatch.wire.cloudevents import SECRET_BYTES, SECRET_PREFIX, TOLD  # noqa: PLC0415

    if not _NAME.fullmatch(args.name):
        raise SetupError(f"'{args.name}' is no name: letters, figures, and . _ -, at most 64")
    try:
        targets(args.url, inside=args.inside)
    except ForbiddenAddressError as error:
        raise SetupError(str(error)) from error
    except OSError as error:
        told = (
            f"warning: {args.url} cannot be resolved now ({error.strerror or error}); deliveries wait until it can"
        )
        print(told, file=sys.stderr)
    unknown = [kind for kind in args.kind if kind not in TOLD]
    if unknown:
        raise SetupError(f"no subscriber is told '{unknown[0]}': choose among {', '.join(TOLD)}")
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    kinds = tuple(args.kind) or tuple(TOLD)
    store.add(Hook(name=args.name, url=args.url, secret=secret, kinds=kinds, inside=args.inside))
    print(f"{args.name}\t{secret}")


def _remove(store: WebhookStore, args: argparse.Namespace) -> None:
    if not store.remove(args.name):
        raise SetupError(f"no webhook is called {args.name}: `webhook list` shows them")
    print(f"{args.name} is forgotten")


def _resume(store: WebhookStore, args: argparse.Namespace) -> None:
    if not store.pause(args.name, ""):
        raise SetupError(f"no webhook is called {args.name}: `webhook list` shows them")
    print(f"{args.name} is told again")


def _list(store: WebhookStore, args: argparse.Namespace) -> None:
    del args
    for hook in store.load():
        state = f"paused: {hook.paused}" if hook.paused else "told"
        print(f"{hook.name}\t{hook.url}\t{hook.seq}\t{state}\t{' '.join(hook.kinds)}")
