#!/bin/sh
# Becomes dispatch135 with the words that it is given. Nothing is written but below DATA: the tree may be read-only.
set -eu

home="$(cd "$(dirname "$0")/.." && pwd)"
data="${DATA:-/data}"
cache="${CACHE:-$data/cache}"
umask 077
mkdir -p "$cache/numba"
export PYTHONPATH="$home" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export NUMBA_CACHE_DIR="$cache/numba" DISPATCH135_CACHE="$cache" HOME="$data"
exec "${PYTHON:-$home/venv/bin/python}" -P -m dispatch "$@"
