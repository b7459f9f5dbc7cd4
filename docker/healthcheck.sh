#!/bin/sh
# 0 where the service answers, as one that serves or as one that stands by; by our own command, for the image has no curl.
set -eu

home="$(cd "$(dirname "$0")/.." && pwd)"
export PYTHONPATH="$home" PYTHONDONTWRITEBYTECODE=1
exec "${PYTHON:-$home/venv/bin/python}" -P -m dispatch health --at "${HEALTH_AT:-https://127.0.0.1:8135}" "$@"
