"""Bodies of what a console asks beside commands: the live cover, the desk in the past, and what happened."""

from __future__ import annotations

from dispatch.domain.cover import CoverPicture
from dispatch.wire.bodies import Body
from dispatch.wire.frames import EventFrame, Snapshot


class CoverageView(Body):
    """What the teams that stand ready cover as of ``seq``."""

    seq: int
    now_ms: int
    picture: CoverPicture


class PastView(Body):
    """The desk as it was after event ``seq``, which was at ``at_ms`` (0 before the first); ``head`` is now's last.

    Positions of teams are no facts of record and are not in it.
    """

    seq: int
    at_ms: int
    head: int
    snapshot: Snapshot


class HistoryView(Body):
    """Events in the order of the log; ``head`` is the last event now."""

    head: int
    events: list[EventFrame]
