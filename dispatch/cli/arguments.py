"""Argument types that several commands share."""

from __future__ import annotations

import argparse


def port(text: str) -> int:
    """A port to listen on, 0…65535 (0: any free one)."""
    if not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port from 0 to 65535")
    return int(text)
