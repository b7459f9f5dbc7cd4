"""What stops a start: told to the person who started it, without a traceback."""

from __future__ import annotations


class SetupError(Exception):
    """Something that the service needs cannot be had; the message says what and what to do."""
