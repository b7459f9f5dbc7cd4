"""``schema``: writes the wire's JSON Schema, which web types are made from, and its AsyncAPI document."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

DEFAULT: Final = Path("web_client/schema/wire.schema.json")
ASYNCAPI: Final = "asyncapi.json"
"""Written beside the schema."""


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("schema", help="write the JSON Schema of the wire")
    parser.add_argument("-o", "--output", type=Path, default=DEFAULT, help=f"default: {DEFAULT}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the file is stale")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the schema, or with ``--check`` compare: 0 the same, 1 stale."""
    from dispatch.wire.asyncapi import asyncapi_text  # noqa: PLC0415
    from dispatch.wire.schema import schema_text  # noqa: PLC0415

    texts = {args.output: schema_text(), args.output.with_name(ASYNCAPI): asyncapi_text()}
    if args.check:
        stale = [path for path, text in texts.items() if not _holds(path, text)]
        for path in stale:
            print(f"{path} is stale: run `./run schema`, then `npm run types` in web_client", file=sys.stderr)
        return 1 if stale else 0
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        print(path)
    return 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
