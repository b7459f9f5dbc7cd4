#!/bin/sh
# The steps of the image: `packages INTO` makes INTO/venv from the hashed lock files, `tree FROM INTO` lays the code
# into INTO, `warm INTO` compiles its kernels and imports the sample town there, so that a first start waits for
# neither. All run as they are on any machine with Python 3.11 or newer; kernels are for the processor that built them,
# another one compiles its own.
set -eu

python="${PYTHON:-python3}"

packages() {
    "$python" -m venv "$1/venv"
    for file in run postgres; do
        "$1/venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-compile \
            --require-hashes -r "requirements/$file.txt"
    done
}

tree() {
    from="$1" into="$2"
    mkdir -p "$into/web_client" "$into/docker" "$into/cache"
    cp -Rp "$from/dispatch" "$from/geo_data" "$into/"
    cp "$from/LICENSE" "$into/"
    cp -R "$from/web_client/dist" "$into/web_client/"
    cp "$from/docker/entrypoint.sh" "$from/docker/healthcheck.sh" "$into/docker/"
    find "$into/dispatch" "$into/geo_data" -name __pycache__ -prune -exec rm -rf {} +
    chmod 755 "$into/docker/entrypoint.sh" "$into/docker/healthcheck.sh"
}

warm() {
    cd /
    PYTHONPATH="$1" PYTHONDONTWRITEBYTECODE=1 NUMBA_CACHE_DIR="$1/cache/numba" DISPATCH135_CACHE="$1/cache" \
        "$python" -P -m dispatch.cli.warm
    chmod -R a+rX "$1/cache"
}

case "${1:-}" in
    packages) packages "$2" ;;
    tree) tree "$2" "$3" ;;
    warm) warm "$2" ;;
    *) echo "build.sh packages INTO | tree FROM INTO | warm INTO" >&2; exit 2 ;;
esac
