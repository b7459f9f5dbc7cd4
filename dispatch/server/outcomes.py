"""What came of a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dispatch.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a command that was not refused; ``superseded`` wrote nothing, its seqs are the head."""

    kind: Literal["applied", "replayed", "superseded"]
    subject: str
    first_seq: int
    last_seq: int


Answer = Outcome | Refusal
