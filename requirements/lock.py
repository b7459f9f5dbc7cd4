"""Make the lock files of Python and of the page anew: hashes of every file, and no address of any registry.

``./run lock [--upgrade]`` runs this with node and npm on PATH; it needs nothing but the standard library.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PINS = "--universal --fork-strategy=fewest --generate-hashes --no-emit-index-url --no-header --python-version=3.11"
NAMES = ("run", "test", "postgres", "peers", "node")
UNSEEN = "uv pinned what pip cannot get. Put the old file back, or try again when the registry has it."


def call(*words: str, advice: str = "Is there a network? Then start the same command again.") -> None:
    """Run a tool; where it fails, end with the advice after what it said."""
    if subprocess.run(words, check=False, cwd=ROOT, stdin=subprocess.DEVNULL).returncode:
        sys.exit(f"run lock: {' '.join(words[:4])} failed. {advice}")


def sources(name: str) -> list[str]:
    """What a lock file is made from; what a product runs on has the same pins in every one."""
    if name == "run":
        return ["pyproject.toml"]
    group = "dev" if name == "test" else name
    return [*(["pyproject.toml"] if name == "test" else []), "--group", group, "-c", "requirements/run.txt"]


def main(words: list[str]) -> None:
    """Compile each file, try the tests' one with pip, then the page's."""
    with TemporaryDirectory() as folder:
        pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet"]
        call(sys.executable, "-m", "venv", folder, advice="Is there room in the folder for temporary files?")
        call(*pip, "uv")
        for name in NAMES:
            print(f"requirements/{name}.txt ...", file=sys.stderr, flush=True)
            target = ["--quiet", "-o", f"requirements/{name}.txt"]
            call(f"{folder}/bin/uv", "pip", "compile", *PINS.split(), *sources(name), *words, *target)
        call(*pip, "--dry-run", "--require-hashes", "-r", "requirements/test.txt", advice=UNSEEN)
    print("web_client/package-lock.json ...", file=sys.stderr, flush=True)
    verb = "update" if "--upgrade" in words else "install"
    call("npm", "--prefix", "web_client", verb, "--package-lock-only", "--omit-lockfile-registry-resolved")


if __name__ == "__main__":
    main(sys.argv[1:])
