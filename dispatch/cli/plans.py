"""``plans``: checks a response plan, shows it, and writes the two documents that are made from the code."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dispatch.service.response_plan import ResponsePlans, WavePlan

PLAN_DOCS: Final = Path("docs/response-plan.md")
REFUSAL_DOCS: Final = Path("docs/refusals.md")


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("plans", help="check and show a response plan: who goes, in which waves")
    parser.add_argument("--check", type=Path, metavar="FILE", help="a plan of your own (default: the service's)")
    parser.add_argument(
        "--write-docs", action="store_true", help=f"write {PLAN_DOCS} and {REFUSAL_DOCS} from the code"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show a plan that can be used; a plan that cannot is an error with line, key and what to do."""
    from dispatch.adapters.plans import DEFAULT_PLANS, read_plans  # noqa: PLC0415 (other commands start faster)

    if args.write_docs:
        for path, text in ((PLAN_DOCS, plan_docs(read_plans())), (REFUSAL_DOCS, refusal_docs())):
            path.write_text(text, encoding="utf-8")
            print(path)
        return 0
    path = args.check or DEFAULT_PLANS
    plans = read_plans(path)
    print(f"{path.name} can be used: {len(plans.kinds)} kinds of incident, 可用\n")
    print(plan_table(plans))
    return 0


def plan_table(plans: ResponsePlans) -> str:
    """A plan as a Markdown table, a row a wave."""
    lines = [
        "| incident | wave | teams | classes | skills, vehicle, staff | accept within | late after | follows on |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, plan in plans.kinds.items():
        lines += [f"| {kind} | {_row(part)} |" for part in plan.waves]
    return "\n".join(lines)


def _row(part: WavePlan) -> str:
    wants = [*sorted(part.skills), *([part.vehicle] if part.vehicle else [])]
    wants += [f"staff ≥ {part.staff}"] if part.staff > 1 else []
    follows = sorted(part.opens) + ([f"at once from {part.at_once}"] if part.at_once else [])
    cells = (
        str(part.wave),
        str(part.teams),
        _listed(part.classes) or "any",
        ", ".join(wants) or "–",
        "desk's own" if part.accept_within_ms is None else f"{part.accept_within_ms // 1000} s",
        "place's target" if part.late_after_ms is None else f"{part.late_after_ms // 1000} s",
        ", ".join(follows) or "the report",
    )
    return " | ".join(cells)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def plan_docs(plans: ResponsePlans) -> str:
    """The document of the default plan."""
    return f"""# The response plan

Made from `dispatch/service/response_plans.toml` by `./run plans --write-docs`; do not edit. A test compares.

Three axes, never folded into one another: the **place's tier** sets the target (T1 60 s, T2 180 s, T3 300 s, as
a desk is set), the **wave** sets the force class (第一/二/三波警力), the **urgency** says what goes at once and
what is decided first. A plan says for each kind of incident how many teams of which class go in each wave.

A wave follows the one before it on:

| word | when |
|---|---|
| silent | a team of the wave before was asked and let its offer expire |
| late | nobody of the wave before has arrived when it counts as late |
| help | a team at the incident asks for help (增援), or an operator calls it |
| unfilled | the wave before lacks a team that nobody can fill now |
| at once from U | the incident is reported with urgency U or graver |

{plan_table(plans)}

Your own plan: copy the file, change it, `./run plans --check FILE`, then `./run serve --plans FILE`. A wrong
line is named with its key and what to do.
"""


def refusal_docs() -> str:
    """The document of the refusal table."""
    from dispatch.domain.refusals import TABLE  # noqa: PLC0415

    lines = [
        "# Every “no” of the service",
        "",
        "Made from `dispatch/domain/refusals.py` by `./run plans --write-docs`; do not edit. A test compares.",
        "",
        "Numbers are permanent. Where the answer is no verdict (“send again”), the same key is to be sent again.",
        "",
        "| number | code | what is wrong | what to do | HTTP | close code | send again |",
        "|---|---|---|---|---|---|---|",
    ]
    for code, row in sorted(TABLE.items(), key=lambda item: item[1].number):
        again = "" if row.settled else "yes"
        close = "" if row.close is None else f"{row.close}{'' if row.reconnect else ', stay away'}"
        lines.append(f"| {row.number} | `{code}` | {row.meaning} | {row.hint} | {row.http} | {close} | {again} |")
    return "\n".join(lines) + "\n"
