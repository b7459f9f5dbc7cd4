"""The response plan's file: the one that the service comes with, or an owner's own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dispatch.service.response_plan import PlanError, ResponsePlans, parse_plans

DEFAULT_PLANS: Final = Path(__file__).resolve().parent.parent / "service" / "response_plans.toml"
MAX_BYTES: Final = 256 * 1024


def read_plans(path: Path = DEFAULT_PLANS) -> ResponsePlans:
    """The plans of a TOML file; raises PlanError, which says what to do, where it cannot be read or used."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PlanError(f"{path} is larger than {MAX_BYTES // 1024} KiB: is it a response plan?")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} cannot be read ({error}): give a TOML file in UTF-8") from error
    return parse_plans(text, path.name)
