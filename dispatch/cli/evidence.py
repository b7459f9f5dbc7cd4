"""``evidence``: every part of the rig, one report: what was done, what was found, and what was left out.

A part is a module ``tests/rig/NAME.py`` with ``run(effort) -> Finding`` (tests/rig/part.py); each runs in a process
of its own, so that none can spoil another, and one that dies is a finding too.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from dispatch.cli.bench import machine
from dispatch.cli.evidence_report import as_markdown, as_svg, verdict
from dispatch.domain.errors import SetupError

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FOLDER: Final = ROOT / "tests" / "rig"
OUT: Final = ROOT / ".cache" / "evidence"
ORDER: Final = ("sim", "model", "planted", "routes", "fuzz", "diskfaults", "crashloop", "storm")
"""What needs least first: a broken promise is known early."""

MAX_PART_S: Final = {True: 900.0, False: 2_700.0}
"""Seconds after which a part is ended and counts as broken, short and long."""


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("evidence", help="break it on purpose, and report what held")
    parser.add_argument("--short", action="store_true", help="minutes instead of an hour: the share of ./run test")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="where chance begins (1)")
    parser.add_argument("--only", action="append", metavar="PART", help=f"of {', '.join(names())}; may be repeated")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help="where the report goes")
    parser.set_defaults(run=run)


def names() -> list[str]:
    """The parts that this tree has, in the order in which they run."""
    return [name for name in ORDER if (FOLDER / f"{name}.py").is_file()]


def run(args: argparse.Namespace) -> int:
    """Run the parts and write the report: 0 where every promise was kept and every goal is met, else 1."""
    wanted = args.only or names()
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise SetupError(f"there is no part '{unknown[0]}': choose of {', '.join(names()) or 'none here'}")
    if not 0 <= args.seed < 2**31:
        raise SetupError(f"--seed {args.seed} is out of range: choose 0 … {2**31 - 1}")
    began_s = time.monotonic()
    findings = [_one(name, args.seed, short=args.short) for name in names() if name in wanted]
    report: dict[str, Any] = {
        "form": "short" if args.short else "long",
        "seed": args.seed,
        "whole": set(wanted) == set(ORDER),
        "absent": [name for name in ORDER if name not in names()],
        "machine": machine(),
        "seconds": round(time.monotonic() - began_s, 1),
        "parts": findings,
    }
    report["verdict"] = verdict(report)
    _write(args.out, report)
    _say(f"{report['verdict']['sentence']}\nreport: {args.out / 'report.md'}")
    return 0 if report["verdict"]["holds"] else 1


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _one(name: str, seed: int, *, short: bool) -> dict[str, Any]:
    """One part in a process of its own; its finding as a plain record."""
    folder = Path(tempfile.mkdtemp(prefix=f"evidence-{name}-"))
    begun_s, context = time.monotonic(), multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(name, seed, short, str(folder), theirs))
    _say(f"── {name} ──")
    try:
        child.start()
        theirs.close()
        said = ours.recv() if ours.poll(MAX_PART_S[short]) else f"it took more than {MAX_PART_S[short]:.0f} s"
    except EOFError:
        said = "its process ended without a finding"
    finally:
        if child.pid:
            child.join(5)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # it leads a group of its own: what it started goes with it
            child.kill()
            child.join()
        shutil.rmtree(folder, ignore_errors=True)
    seconds = round(time.monotonic() - begun_s, 1)
    if isinstance(said, str):
        said = {"part": name, "seed": seed, "seconds": seconds, "figures": {}, "broken": [said]}
        said |= {"left_out": [], "notes": []}
    _say(f"{name}: {'BROKEN, ' + said['broken'][0] if said['broken'] else 'holds'} ({seconds} s)")
    return said


def _work(name: str, seed: int, short: bool, folder: str, pipe: Any) -> None:
    """Runs in the child: import the part, run it, send what it found."""
    os.setsid()
    try:
        part = importlib.import_module("tests.rig.part")
        module = importlib.import_module(f"tests.rig.{name}")

        def say(text: str) -> None:
            _say(f"  {name}: {text}")

        effort = part.Effort(seed=seed, short=short, folder=Path(folder), say=say)
        found = asdict(module.run(effort))
        pipe.send(found | {name: list(found[name]) for name in ("broken", "left_out", "notes")})
    except Exception:
        lines: Sequence[str] = traceback.format_exc().splitlines()
        pipe.send(f"the part itself failed: {' | '.join(line.strip() for line in lines[-4:])}")


def _write(out: Path, report: dict[str, Any]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        (out / "report.md").write_text(as_markdown(report), encoding="utf-8")
        (out / "report.svg").write_text(as_svg(report), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"the report cannot be written to {out} ({error}): choose another --out") from error
