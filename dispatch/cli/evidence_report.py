"""The report of ``evidence`` as people read it: the same form for the short and the long run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

GOALS: Final = {"kills": 2_000, "network_fault_runs": 500}
"""At least so many in the long form (issue 5): real processes ended by SIGKILL, and runs of ``storm``."""

NONE: Final = ("lost", "double_effects", "double_assignments")
"""What must be 0 in any form."""

COLUMNS: Final = (
    ("runs", "runs"),
    ("kills", "kills"),
    ("network_faults", "network faults"),
    ("acknowledged", "acknowledged"),
    ("lost", "lost"),
    ("double_effects", "double effects"),
    ("double_assignments", "double assignments"),
)


def totals(parts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The sum of each column over all parts, and the network-fault runs."""
    sums = {name: sum(int(part["figures"].get(name, 0)) for part in parts) for name, _ in COLUMNS}
    sums["network_fault_runs"] = sum(int(p["figures"].get("runs", 0)) for p in parts if p["part"] == "storm")
    return sums


def verdict(report: Mapping[str, Any]) -> dict[str, Any]:
    """Whether all holds, in one sentence, with what is missing; goals of number count where all parts ran long."""
    parts, sums = report["parts"], totals(report["parts"])
    wrong = [f"{part['part']}: {line}" for part in parts for line in part["broken"]]
    wrong += [f"{name.replace('_', ' ')}: {sums[name]}" for name in NONE if sums[name]]
    for part in parts:
        planted, caught = part["figures"].get("planted", 0), part["figures"].get("caught", 0)
        if caught < planted:
            wrong.append(f"{part['part']}: {planted - caught} of {planted} planted bugs were not caught")
    if report["form"] == "long" and report["whole"]:
        wrong += [
            f"{name.replace('_', ' ')}: {sums[name]} of {goal}" for name, goal in GOALS.items() if sums[name] < goal
        ]
    holds = not wrong
    sentence = "every promise was kept" if holds else f"BROKEN: {wrong[0]}"
    return {"holds": holds, "sentence": sentence, "wrong": wrong, "totals": sums}


def as_markdown(report: Mapping[str, Any]) -> str:
    """The report as Markdown."""
    box, sums = report["machine"], report["verdict"]["totals"]
    lines = [
        f"# Evidence, {report['form']} form",
        "",
        f"**{report['verdict']['sentence']}.** Seed {report['seed']}, {report['seconds']:.0f} s on {box['cpu']}, "
        f"{box['cores']} cores, {box['memory_gib']} GiB; {box['system']}; Python {box['python']}; "
        f"{box['measured_at']}. The same again: `./run evidence{' --short' if report['form'] == 'short' else ''} "
        f"--seed {report['seed']}`.",
        "",
        "![the parts](report.svg)",
        "",
        f"| part | seed | seconds | {' | '.join(title for _, title in COLUMNS)} | planted, caught | |",
        f"|---|---:|---:|{'---:|' * len(COLUMNS)}---:|---|",
        *(_row(part) for part in report["parts"]),
        f"| all | {report['seed']} | {report['seconds']:.0f} | "
        + " | ".join(f"{sums[name]:,}" for name, _ in COLUMNS)
        + " | | |",
        f"| goal, long form | | | {' | '.join(_goal(name) for name, _ in COLUMNS)} | all | |",
        "",
    ]
    for part in report["parts"]:
        others = {name: value for name, value in part["figures"].items() if name not in dict(COLUMNS)}
        lines += [f"## {part['part']}", ""]
        lines += [f"- {name.replace('_', ' ')}: {_figure(value)}" for name, value in others.items()]
        lines += [f"- {line}" for line in part.get("notes", ())]
        lines += [f"- **broken**: {line}" for line in part["broken"]]
        lines += [f"- left out: {line}" for line in part["left_out"]]
        lines += ["" if lines[-1].startswith("-") else "Nothing to add.", ""]
    if report["absent"]:
        lines += [f"Parts that this tree does not have: {', '.join(report['absent'])}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _goal(name: str) -> str:
    if name == "runs":
        return f"≥ {GOALS['network_fault_runs']:,} of storm"
    return f"≥ {GOALS[name]:,}" if name in GOALS else "0" if name in NONE else ""


def _figure(value: float) -> str:
    return f"{value:,.1f}" if isinstance(value, float) and value != int(value) else f"{int(value):,}"


def _row(part: Mapping[str, Any]) -> str:
    figures = part["figures"]
    cells = [part["part"], str(part["seed"]), f"{part['seconds']:.0f}"]
    cells += [f"{int(figures[name]):,}" if name in figures else "" for name, _ in COLUMNS]
    cells.append(f"{figures['caught']} of {figures['planted']}" if "planted" in figures else "")
    cells.append("**broken**" if part["broken"] else "holds")
    return f"| {' | '.join(cells)} |"


def as_svg(report: Mapping[str, Any]) -> str:
    """A bar a part, as long as it took, green where it holds; readable by day and by night."""
    parts = report["parts"]
    longest_s = max((part["seconds"] for part in parts), default=1.0) or 1.0
    rows = []
    for number, part in enumerate(parts):
        top, width = 16 + 34 * number, max(2.0, 420 * part["seconds"] / longest_s)
        colour = "#c0392b" if part["broken"] else "#2e8b57"
        figures = part["figures"]
        told = [f"{int(figures[name]):,} {title}" for name, title in COLUMNS[:4] if figures.get(name)]
        if "planted" in figures:
            told.append(f"{figures['caught']} of {figures['planted']} planted bugs caught")
        text = escape(", ".join(told) or ("broken" if part["broken"] else "holds"))
        rows.append(
            f'<text x="96" y="{top + 15}" text-anchor="end">{escape(part["part"])}</text>'
            f'<rect x="106" y="{top}" width="{width:.0f}" height="12" rx="2" fill="{colour}"/>'
            f'<text x="{112 + width:.0f}" y="{top + 11}" class="s">{part["seconds"]:.0f} s</text>'
            f'<text x="106" y="{top + 25}" class="s">{text}</text>'
        )
    height = 24 + 34 * len(parts)
    style = (
        "text{font:13px sans-serif;fill:#1c2833}.s{font-size:10.5px;fill:#566573}"
        "@media(prefers-color-scheme:dark){text{fill:#eaecee}.s{fill:#aab7b8}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}" width="640" height="{height}">'
        f"<style>{style}</style>{''.join(rows)}</svg>\n"
    )
