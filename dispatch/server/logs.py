"""The service's own log: one JSON object a line on stderr, and no secret in any of them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

HIDDEN: Final = "[hidden]"

_SECRET_KEY: Final = re.compile(
    r"password|passwort|secret|token|ticket|cookie|authorization|signature|nonce|\bcode\b|svg", re.IGNORECASE
)
_SECRET_TEXT: Final = re.compile(
    r"((?:__Host-patrol|patrol-\d+)=|(?:bearer|basic)\s+|[?&#](?:ticket|token|secret|password|code)=|/enrol#)[^\s;&\"']+",
    re.IGNORECASE,
)
_CODES: Final = frozenset({"code"})
"""A refusal's code is a word of the table; six figures under that name are a secret."""


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: values under secret names, and secrets inside of texts, become ``[hidden]``."""
    for name, value in event.items():
        if _SECRET_KEY.search(name) and not (name in _CODES and isinstance(value, str) and not value[:1].isdigit()):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = _SECRET_TEXT.sub(lambda found: found[1] + HIDDEN, value)
    return event


_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    hide_secrets,
]


def configure(level: str = "warning", *, everything: bool = False) -> None:
    """Write events of ``level`` and above; with ``everything`` also what libraries say through ``logging``."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_Stderr,
    )
    if everything:
        handler = logging.StreamHandler()
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=_SHARED,
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide_secrets, renderer],
            )
        )
        root = logging.getLogger()
        root.handlers[:] = [handler]
        root.setLevel(max(number, logging.WARNING))


def _Stderr(*_args: Any) -> structlog.PrintLogger:  # noqa: N802 (made like a class, looked up at each use)
    return structlog.PrintLogger(sys.stderr)
