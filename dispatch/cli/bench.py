"""``bench NAME``: one benchmark beside its peers in one run, as table and JSON; exits 1 where a goal is missed.

A benchmark is a module ``tests/bench/NAME.py`` with ``run(say) -> list[Result]``, or ``run(say, options)`` where
it takes ``Options``; its docstring says what it measures.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import inspect
import json
import math
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dispatch.cli.bench_docs import DOCS, write_docs
from dispatch.domain.errors import SetupError

FOLDER: Final = Path(__file__).resolve().parent.parent.parent / "tests" / "bench"


@dataclass(slots=True)
class Options:
    """What the command line asks of a bench: roads, number of tablets (None: its own choice), whether to be quick.

    ``notes`` is filled by the bench: sentences for the reader of the table, kept in JSON and in the docs.
    """

    ground: Path | None = None
    quick: bool = False
    tablets: int | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One measure beside one peer in the same run; less is better, but with ``floor`` more is.

    With ``at_least`` the goal is that we are so many times faster: ratio = peer_value / ours. With ``at_most`` the
    peer is a floor that nobody can pass, and the goal is to stay within so many floors: ratio = ours / peer_value.
    With ``limit`` our figure itself must not be above it, with ``floor`` not below it, whatever the peer does;
    ``peer`` "" is none. Where all are None the measure is only told. ``missing`` says why the peer took no part:
    then the row neither holds nor fails. ``queries`` is how many were measured, 0 where that is no count.
    """

    measure: str
    ours: float
    unit: str
    peer: str = ""
    peer_value: float = math.nan
    at_least: float | None = None
    at_most: float | None = None
    limit: float | None = None
    floor: float | None = None
    queries: int = 0
    missing: str = ""

    @property
    def ratio(self) -> float:
        """How many times better than the peer, or how many floors, or the share of the limit."""
        if self.at_most is not None or (self.floor is not None and self.peer):
            return _divide(self.ours, self.peer_value)
        if self.peer:
            return _divide(self.peer_value, self.ours)
        return _divide(self.ours, self.limit or self.floor or math.nan)

    @property
    def goal(self) -> str:
        """The goal as people read it."""
        if self.limit is not None:
            return f"≤ {self.limit:g} {self.unit}"
        if self.floor is not None:
            return f"≥ {self.floor:g}"
        if self.at_most is not None:
            return f"≤ {self.at_most:g} ×"
        return "told only" if self.at_least is None else f"≥ {self.at_least:g} ×"

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached: true where there is none, None where the peer took no part."""
        if self.limit is not None:
            return self.ours <= self.limit
        if self.floor is not None:
            return self.ours >= self.floor
        if self.missing:
            return None
        if self.at_most is not None:
            return self.ratio <= self.at_most
        return self.at_least is None or self.ratio >= self.at_least

    @property
    def verdict(self) -> str:
        """The outcome as people read it; nothing where the measure is only told."""
        if self.holds is None:
            return "no peer"
        return "" if self.goal == "told only" else ("holds" if self.holds else "MISSED")

    def row(self) -> dict[str, Any]:
        """The result as the JSON file has it; what is no number there is null."""
        names = ("measure", "ours", "unit", "peer", "peer_value", "ratio", "goal", "holds", "queries", "missing")
        values = {name: getattr(self, name) for name in names}
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def _divide(over: float, under: float) -> float:
    return over / under if under else math.inf


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("bench", help="measure beside the peers")
    parser.add_argument("name", metavar="NAME", help=f"one of: {', '.join(names()) or 'none here'}")
    parser.add_argument("--json", type=Path, metavar="F", help="also write the results and the machine to F")
    parser.add_argument("--ground", type=Path, metavar="FILE", help="the roads to measure on, an OSM file")
    parser.add_argument("--quick", action="store_true", help="few queries: a look, no measurement")
    parser.add_argument("--tablets", type=int, metavar="N", help="how many tablets connect (bench push)")
    parser.add_argument("--write-docs", action="store_true", help=f"also write the table into {DOCS.name}")
    parser.set_defaults(run=run)


def names() -> list[str]:
    """The benchmarks there are; a module whose name begins with ``_`` or ``test_`` is none."""
    stems = (path.stem for path in FOLDER.glob("*.py"))
    return sorted(stem for stem in stems if stem.isidentifier() and not stem.startswith(("_", "test_")))


def run(args: argparse.Namespace) -> int:
    """Run one benchmark: 0 where every goal holds, 1 where one is missed."""
    if args.name not in names():
        raise SetupError(f"there is no bench '{args.name}': choose one of {', '.join(names()) or 'none here'}")
    if args.json is not None and not args.json.absolute().parent.is_dir():
        raise SetupError(f"there is no folder {args.json.parent}: make it, or choose another file for --json")
    options = Options(args.ground, args.quick, args.tablets)
    if options.ground is not None and not options.ground.exists():
        raise SetupError(f"there is no file {options.ground}")
    results = _load(args.name)(lambda text: print(text, file=sys.stderr, flush=True), options)
    _print(args.name, results, options.notes)
    report = {
        "bench": args.name,
        "machine": machine(),
        "results": [result.row() for result in results],
        "notes": options.notes,
    }
    if args.json is not None:
        args.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if args.write_docs:
        write_docs(DOCS, report)
    return 0 if all(result.holds is not False for result in results) else 1


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


def _load(name: str) -> Callable[[Callable[[str], None], Options], Sequence[Result]]:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there for the names in their annotations
    spec.loader.exec_module(module)
    bench: Callable[..., Sequence[Result]] = module.run
    if len(inspect.signature(bench).parameters) > 1:
        return bench

    def without_options(say: Callable[[str], None], options: Options) -> Sequence[Result]:
        if options.ground is not None or options.quick:
            raise SetupError(f"the bench '{name}' has no --ground and no --quick")
        return bench(say)

    return without_options


def _print(name: str, results: Sequence[Result], notes: Sequence[str]) -> None:
    print(f"bench {name}")
    for result in results:
        peer = (
            f"{result.peer_value:>10.3f} {result.unit:<5}"
            if math.isfinite(result.peer_value)
            else f"{'–':>10}      "
        )
        ratio = f"{result.ratio:>9.2f} ×" if math.isfinite(result.ratio) else f"{'–':>11}"
        count = f"{result.queries:>6}" if result.queries else f"{'':>6}"
        print(
            f"  {result.measure:<52}{result.ours:>10.3f} {result.unit:<5}{result.peer:<36}"
            f"{peer}{ratio}  {result.goal:<12}{result.verdict:<8}{count}  {result.missing}".rstrip()
        )
    for note in notes:
        print(f"  {note}")
