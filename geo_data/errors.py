"""What can be wrong with a ground or a question to it: each message says what to do."""

from __future__ import annotations


class GroundError(ValueError):
    """Input that cannot be used; ``str(error)`` says what is wrong and ``error.hint`` what to do about it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class TooFarFromRoad(GroundError):  # noqa: N818 - says more than an Error would
    """A point has no road of the profile within the snap limit."""
