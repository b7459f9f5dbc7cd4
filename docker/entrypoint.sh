#!/bin/sh
# Becomes dispatch135 with the words that it is given. Nothing is written but below DATA: the tree may be read-only.
set -eu

home="$(cd "$(dirname "$0")/.." && pwd)"
data="${DATA:-/data}"
cache="${CACHE:-$data/cache}"
umask 077
mkdir -p "$cache/numba"
if [ -d "$home/cache/numba" ]; then
    cp -Rn "$home/cache/." "$cache/" 2>/dev/null || true # what the image has made ready; what is there already stays
fi
export PYTHONPATH="$home" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export NUMBA_CACHE_DIR="$cache/numba" DISPATCH135_CACHE="$cache" HOME="$data"
exec "${PYTHON:-$home/venv/bin/python}" -P -m dispatch "$@"
