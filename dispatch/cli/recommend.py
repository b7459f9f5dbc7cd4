"""``recommend``: whom the desk would send to a place and why, without a service: the numbers of the HTTP route."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dispatch.cli.recommend_words import LANGUAGES, Words
from dispatch.domain.errors import SetupError
from dispatch.domain.types import IncidentKind, Urgency

if TYPE_CHECKING:
    from dispatch.domain.events import Choice
    from dispatch.domain.holes import Hole
    from dispatch.wire.recommendation import MoveUpsView, Pick, RecommendationView

SHOWN: Final = 5
"""Candidates that the table has; ``--json`` has all."""


def add_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("recommend", help="whom the desk would send to a place, and why")
    parser.add_argument("--at", metavar="LAT,LON", help="WGS-84; write --at=-30.03,-51.2 for the south")
    parser.add_argument("--ground", type=Path, help="a .ground file or what `import` reads (default: sample town)")
    parser.add_argument("--teams", "--roster", dest="roster", type=Path, help="teams CSV, as for `serve`")
    parser.add_argument("--plans", type=Path, help="a response plan of your own (default: the service's)")
    parser.add_argument("--places", type=Path, help="places with tiers, CSV: id,name,tier,lat,lon,radius_m")
    parser.add_argument("--kind", type=IncidentKind, choices=list(IncidentKind), default=IncidentKind.OTHER)
    parser.add_argument("--urgency", type=Urgency, choices=list(Urgency), default=Urgency.URGENT)
    parser.add_argument("--policy", choices=("nearest", "coverage"), default="nearest", help="default: nearest")
    parser.add_argument("--move-ups", action="store_true", help="also: which idle team should stand where")
    parser.add_argument("--lang", choices=tuple(LANGUAGES), default="zh-CN", help="default: zh-CN")
    parser.add_argument("--json", action="store_true", help="one JSON line, as the HTTP route has it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the recommendation: 0; 1 where nobody can be sent."""
    if args.at is None and not args.move_ups:
        raise SetupError("say where: --at LAT,LON (or --move-ups alone)")
    return asyncio.run(_recommend(args))


async def _recommend(args: argparse.Namespace) -> int:
    from dispatch.adapters.plans import DEFAULT_PLANS, read_plans  # noqa: PLC0415
    from dispatch.assignment.problem import Policy, Rules  # noqa: PLC0415
    from dispatch.bootstrap import StationSettings, build_station, enroll, sample_town, town_of  # noqa: PLC0415
    from dispatch.cli.ground import parse_at  # noqa: PLC0415
    from dispatch.domain.commands import ReportIncident  # noqa: PLC0415
    from dispatch.domain.refusals import Refusal  # noqa: PLC0415
    from dispatch.domain.types import IncidentId, Mode, Point  # noqa: PLC0415
    from dispatch.service.settings import DeskSettings  # noqa: PLC0415

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    at = parse_at(args.at) if args.at is not None else None
    if args.ground is not None:
        town = town_of(args.ground, say, args.places, args.roster)
    else:
        town = sample_town(say, args.places, args.roster)
    if not town.roster:
        raise SetupError("there are no teams: name a roster with --teams teams.csv")
    plans, rules = read_plans(args.plans or DEFAULT_PLANS), Rules(policy=Policy(args.policy))
    desk = DeskSettings(plans=plans, mode=Mode.RECOMMEND, rules=rules)
    station = build_station(town, StationSettings(desk=desk))
    assert station.advisor is not None, "a station that was built gives advice"
    running = asyncio.create_task(station.desk.run())
    words = LANGUAGES[args.lang]
    try:
        for problem in await enroll(station.desk, town.roster, on_duty=True):
            say(f"team refused: {problem}")
        code = 0
        if at is not None:
            place = Point(at.lon, at.lat)
            told = await station.desk.post(ReportIncident(where=place, what=args.kind, urgency=args.urgency))
            if isinstance(told, Refusal):
                raise SetupError(told.sentence())
            found = await station.advisor.recommendation(IncidentId(told.subject))
            assert not isinstance(found, Refusal), "the incident was reported just now"
            print(found.model_dump_json() if args.json else told_recommendation(found, words))
            code = 0 if any(pick.action == "send" for pick in found.picks) else 1
        if args.move_ups:
            moves = await station.advisor.move_ups()
            print(moves.model_dump_json() if args.json else told_move_ups(moves, words))
        return code
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def told_recommendation(found: RecommendationView, words: Words) -> str:
    """A recommendation as lines of text."""
    lines = []
    for pick in found.picks:
        head = words["need"].format(wave=words[pick.wave], slot=pick.slot)
        if pick.choice is None:
            reason = words.get(pick.reason or "", pick.reason or "")
            lines.append(head + (words["keep"].format(team=pick.team) if pick.team else words["none"] + reason))
            lines += [f"    {each.team:<8}{words.get(each.reason, each.reason)}" for each in pick.excluded]
            continue
        lines += [head + line for line in _told_choice(pick, pick.choice, words)]
    return "\n".join(lines) if lines else words["nothing"]


def _told_choice(pick: Pick, choice: Choice, words: Words) -> list[str]:
    late = "" if pick.in_time else words["late"]
    head = words["send"].format(team=pick.team, eta=_s(pick.eta_ms), left=_s(pick.left_ms), late=late)
    lines = [words[choice.policy] + head]
    for each in choice.ranked[:SHOWN]:
        drift = words["drift"].format(drift=_s(each.drift_ms)) if each.drift_ms else ""
        hole = words["loss"].format(loss=(each.loss_micro or 0) / 1e6)
        mark = "→" if each.team == pick.team else " "
        lines.append(f"\n  {mark} {each.team:<8}{_s(each.eta_ms):>7}  {each.road_m:>6} m  {hole}{drift}")
    if choice.margin_ms is not None:
        lines.append(
            "\n" + words["margin" if choice.margin_ms >= 0 else "behind"].format(s=_s(abs(choice.margin_ms)))
        )
    if choice.straight_line_team is not None and choice.straight_line_team != pick.team:
        loss = _s(choice.straight_line_loss_ms)
        lines.append("\n" + words["air"].format(team=choice.straight_line_team, s=loss))
    if pick.other.team is not None and pick.other.team != pick.team:
        name = words[pick.other.policy]
        lines.append("\n" + words["other"].format(policy=name, team=pick.other.team, eta=_s(pick.other.eta_ms)))
    if choice.hole is not None:
        lines += ["\n" + line for line in _told_hole(choice.hole, words)]
    if choice.excluded:
        reasons = ", ".join(f"{each.team} {words.get(each.reason, each.reason)}" for each in choice.excluded)
        lines.append("\n" + words["excluded"] + reasons)
    return ["".join(lines)]


def _told_hole(hole: Hole, words: Words) -> list[str]:
    if not hole.places and not hole.streets:
        return [words["no_hole"]]
    lines = [words["hole"]]
    for gap in hole.places:
        after = _s(gap.after_ms) if gap.after_ms is not None else words["nobody"]
        lines.append(f"    {gap.tier} {gap.name}: {_s(gap.before_ms)} → {after}")
    for street in hole.streets:
        metres = words["streets"].format(
            minutes=street.limit_ms // 60_000, before=street.before_m / 1000, after=street.after_m / 1000
        )
        lines.append("    " + metres)
    return lines


def told_move_ups(found: MoveUpsView, words: Words) -> str:
    """Move-up advice as lines of text."""
    if not found.moves:
        return words["no_moves"]
    head = words["moves"].format(before=found.before_micro / 1e6, after=found.after_micro / 1e6)
    lines = [head]
    for move in found.moves:
        row = words["move"].format(
            team=move.team,
            post=f"{move.post} {move.post_name}",
            s=_s(move.drive_ms),
            won=move.won_micro / 1e6,
            lost=move.lost_micro / 1e6,
        )
        lines.append("  " + row)
    return "\n".join(lines)


def _s(ms: int | None) -> str:
    return "–" if ms is None else f"{ms / 1000:.0f} s"
