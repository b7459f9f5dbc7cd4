"""The command line: ``./run WORD …`` is ``python -m dispatch WORD …``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import threading
from collections.abc import Sequence
from typing import Final, NoReturn

from dispatch.domain.errors import SetupError
from geo_data.errors import GroundError

MODULES: Final = (
    "ground",
    "serve",
    "account",
    "device",
    "health",
    "demo",
    "recommend",
    "plans",
    "log",
    "schema",
    "bench",
    "evidence",
    "webhook",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 done, 1 a goal was missed or the service had to stop, 2 bad input (one clear message)."""
    parser = argparse.ArgumentParser(prog="./run", description="135 rapid-response patrol dispatch")
    subparsers = parser.add_subparsers(title="commands", metavar="WORD", required=True)
    for name in MODULES:
        importlib.import_module(f"dispatch.cli.{name}").add_parsers(subparsers)
    args = parser.parse_args(arguments)
    try:
        code: int = args.run(args)
    except GroundError as error:
        print(f"error: {error}\n  what to do: {error.hint}", file=sys.stderr)
        return 2
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    return code


LEAVE_WITHIN_S: Final = 3.0


def leave(code: int) -> NoReturn:
    """End the process: what matters is closed by now, and a kernel that still compiles is not waited for."""
    late = threading.Timer(LEAVE_WITHIN_S, os._exit, [code])
    late.daemon = True
    late.start()
    sys.exit(code)


if __name__ == "__main__":
    leave(main())
