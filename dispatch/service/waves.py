"""The waves of an incident: which one follows, when it is late, and calling it."""

from __future__ import annotations

from typing import Final

from dispatch.assignment.problem import URGENCY_RANK
from dispatch.domain import events as ev
from dispatch.domain.state import DeskState, Incident
from dispatch.domain.types import IncidentId, IncidentKind, Urgency, Wave
from dispatch.service.draft import Draft
from dispatch.service.needs import counted_orders
from dispatch.service.response_plan import WAVES, Opens, ResponsePlans, WavePlan

MAX_CALLS: Final = 6
"""How often an incident calls a wave, whatever its plan: what is still lacking then is sent by hand."""


def late_at(plans: ResponsePlans, kind: IncidentKind, wave: Wave, target_ms: int, from_ms: int) -> int | None:
    """When a wave that is called at ``from_ms`` counts as late, or None where no wave follows for that."""
    plan = plans.of(kind)
    part, after = plan.wave(wave), plan.after(wave)
    if part is None or after is None or Opens.LATE not in after.opens:
        return None
    return from_ms + (target_ms if part.late_after_ms is None else part.late_after_ms)


def following(wave: Wave) -> Wave | None:
    """The wave after a wave, or None after the last."""
    number = WAVES.index(wave) + 1
    return WAVES[number] if number < len(WAVES) else None


def next_wave(draft: Draft, name: IncidentId, wave: Wave) -> WavePlan | None:
    """The plan of the wave after ``wave``, or None where there is none or it was called before."""
    incident = draft.state.incidents[name]
    part = draft.settings.plans.of(incident.what).after(wave)
    return None if part is None or any(opened.wave == part.wave for opened in incident.waves) else part


def last_wave(incident: Incident) -> Wave:
    """The highest wave that an incident has called."""
    return max(opened.wave for opened in incident.waves)


def call(draft: Draft, name: IncidentId, wave: Wave, reason: str) -> None:
    """Call a wave; who fills it is decided afterwards."""
    incident = draft.state.incidents[name]
    late_ms = late_at(draft.settings.plans, incident.what, wave, incident.target_ms, draft.now_ms)
    draft.add(ev.WaveOpened(incident=name, wave=wave, reason=reason, late_at_ms=late_ms))


def call_at_once(draft: Draft, name: IncidentId) -> None:
    """Call every wave that the urgency of a new incident demands at once."""
    incident = draft.state.incidents[name]
    for part in draft.settings.plans.of(incident.what).waves[1:]:
        if part.at_once is not None and graver_or_same(incident.urgency, part.at_once):
            call(draft, name, part.wave, "urgency")


def call_next(draft: Draft, name: IncidentId, wave: Wave, trigger: Opens) -> None:
    """Call the wave after ``wave`` where its plan says that ``trigger`` calls it and it has not been called."""
    part = next_wave(draft, name, wave)
    if part is not None and trigger in part.opens:
        call(draft, name, part.wave, trigger)


def graver_or_same(urgency: Urgency, least: Urgency) -> bool:
    """Whether an urgency is at least so grave."""
    return URGENCY_RANK[urgency] <= URGENCY_RANK[least]


def arrived(state: DeskState, name: IncidentId, wave: Wave) -> bool:
    """Whether a team of this wave has come to the scene of an incident or of one that was merged into it."""
    return any(order.wave == wave and order.arrived_at_ms is not None for order in counted_orders(state, name))


def call_more(draft: Draft, name: IncidentId, reason: str) -> bool:
    """Call the next wave that help calls, else the last wave once more; False where MAX_CALLS were made."""
    incident = draft.state.incidents[name]
    if len(incident.waves) >= MAX_CALLS:
        return False
    last = last_wave(incident)
    part = next_wave(draft, name, last)
    may = part is not None and (Opens.HELP in part.opens or reason == "operator")
    call(draft, name, part.wave if part is not None and may else last, reason)
    return True
