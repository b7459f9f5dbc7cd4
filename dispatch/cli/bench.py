"""``bench NAME``: one benchmark beside its peers in one run, as table and JSON; exits 1 where a goal is missed.

A benchmark is a module ``tests/bench/NAME.py`` with ``run(say) -> list[Result]``; its docstring says what it
measures.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dispatch.domain.errors import SetupError

FOLDER: Final = Path(__file__).resolve().parent.parent.parent / "tests" / "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One measure beside one peer in the same run; less is better for both values.

    With ``at_least`` the goal is that we are so many times faster: ratio = peer_value / ours. With ``at_most`` the
    peer is a floor that nobody can pass, and the goal is to stay within so many floors: ratio = ours / peer_value.
    Where both are None the measure is only told.
    """

    measure: str
    ours: float
    unit: str
    peer: str
    peer_value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float:
        """How many times faster than the peer, or how many floors."""
        over, under = (self.ours, self.peer_value) if self.at_most is not None else (self.peer_value, self.ours)
        return over / under if under else float("inf")

    @property
    def goal(self) -> str:
        """The goal as people read it."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g} ×"
        return "told only" if self.at_least is None else f"≥ {self.at_least:g} ×"

    @property
    def holds(self) -> bool:
        """Whether the goal is reached (true where there is none)."""
        if self.at_most is not None:
            return self.ratio <= self.at_most
        return self.at_least is None or self.ratio >= self.at_least

    def row(self) -> dict[str, Any]:
        """The result as the JSON file has it."""
        names = ("measure", "ours", "unit", "peer", "peer_value", "ratio", "goal", "holds")
        return {name: getattr(self, name) for name in names}


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("bench", help="measure beside the peers")
    parser.add_argument("name", metavar="NAME", help=f"one of: {', '.join(names()) or 'none here'}")
    parser.add_argument("--json", type=Path, metavar="F", help="also write the results and the machine to F")
    parser.set_defaults(run=run)


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem.isidentifier() and path.stem[0] != "_")


def run(args: argparse.Namespace) -> int:
    """Run one benchmark: 0 where every goal holds, 1 where one is missed."""
    if args.name not in names():
        raise SetupError(f"there is no bench '{args.name}': choose one of {', '.join(names()) or 'none here'}")
    if args.json is not None and not args.json.absolute().parent.is_dir():
        raise SetupError(f"there is no folder {args.json.parent}: make it, or choose another file for --json")
    results = _load(args.name)(lambda text: print(text, file=sys.stderr, flush=True))
    _print(args.name, results)
    if args.json is not None:
        document = {"bench": args.name, "machine": machine(), "results": [result.row() for result in results]}
        args.json.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(result.holds for result in results) else 1


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        cpu = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "measured_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _load(name: str) -> Callable[[Callable[[str], None]], Sequence[Result]]:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    bench: Callable[[Callable[[str], None]], Sequence[Result]] = module.run
    return bench


def _print(name: str, results: Sequence[Result]) -> None:
    print(f"bench {name}")
    for result in results:
        verdict = "" if result.goal == "told only" else ("holds" if result.holds else "MISSED")
        print(
            f"  {result.measure:<34}{result.ours:>10.3f} {result.unit:<4}{result.peer:<36}"
            f"{result.peer_value:>10.3f} {result.unit:<4}{result.ratio:>8.2f} ×  {result.goal:<10}{verdict}"
        )
