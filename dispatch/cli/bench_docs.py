"""The page of measurements: one section a bench, each written by ``bench NAME --write-docs`` alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).resolve().parent.parent.parent / "docs" / "benchmarks.md"

HEAD: Final = """\
# Measured

Every section is written by the command it names, from one run; what it ran on stands above its table. A goal is
what we set out to reach, and a missed one is left standing. Ratios compare figures of the same run only.
"""


def write_docs(path: Path, report: Mapping[str, Any]) -> None:
    """Write a bench's section of the page anew (or add it at the end); the other sections stay as they are."""
    text = path.read_text(encoding="utf-8") if path.exists() else HEAD
    name = report["bench"]
    begin, end = f"<!-- bench {name} -->", f"<!-- end of bench {name} -->"
    section = f"{begin}\n{_section(report)}{end}"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    known = marked.search(text) is not None
    text = marked.sub(lambda _match: section, text) if known else f"{text.rstrip()}\n\n{section}\n"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _section(report: Mapping[str, Any]) -> str:
    machine = report["machine"]
    lines = [
        f"## `./run bench {report['bench']}`",
        "",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB; {machine['system']}; Python "
        f"{machine['python']}; {machine['measured_at']}.",
        "",
        "| measure | ours | peer | its figure | ratio | goal | | queries |",
        "|---|---:|---|---:|---:|---|---|---:|",
        *(_line(row) for row in report["results"]),
        "",
        *(f"- {note}" for note in report["notes"]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _line(row: Mapping[str, Any]) -> str:
    verdict = {True: "holds", False: "**missed**", None: "no peer"}[row["holds"]]
    cells = (
        row["measure"],
        _figure(row["ours"], row["unit"]),
        f"{row['peer']} ({row['missing']})" if row["missing"] else row["peer"],
        _figure(row["peer_value"], row["unit"]),
        f"{_short(row['ratio'])} ×" if row["ratio"] is not None else "",
        row["goal"],
        verdict if row["goal"] != "told only" or row["missing"] else "",
        f"{row['queries']:,}" if row["queries"] else "",
    )
    return f"| {' | '.join(cells)} |"


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{_short(value)} {unit}".strip()


def _short(value: float) -> str:
    """Three digits that count, and whole numbers from 1,000 on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
