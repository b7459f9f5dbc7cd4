"""Argument types that several commands share."""

from __future__ import annotations

import argparse


def port(text: str) -> int:
    """A port to listen on, 0…65535 (0: any free one)."""
    if not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port from 0 to 65535")
    return int(text)


def days(text: str) -> int:
    """A number of days, 0…36500."""
    if not text.isdigit() or int(text) > 36_500:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of days from 0 to 36500")
    return int(text)
