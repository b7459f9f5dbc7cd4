"""``schema``: writes the wire's JSON Schema, from which the web client's types are generated."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

DEFAULT: Final = Path("web_client/schema/wire.schema.json")


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("schema", help="write the JSON Schema of the wire")
    parser.add_argument("-o", "--output", type=Path, default=DEFAULT, help=f"default: {DEFAULT}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the file is stale")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the schema, or with ``--check`` compare: 0 the same, 1 stale."""
    from dispatch.wire.schema import schema_text  # noqa: PLC0415

    text, path = schema_text(), args.output
    if args.check:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return 0
        print(f"{path} is stale: run `./run schema`, then `npm run types` in web_client", file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8")
    print(path)
    return 0
