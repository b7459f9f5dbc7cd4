"""What docker/README.md says to type does what it says: by the image's own entrypoint, without an engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def test_an_account_is_made_as_the_readme_says(repo_root: Path, tmp_path: Path) -> None:
    said = (repo_root / "docker" / "README.md").read_text(encoding="utf-8")
    (words,) = re.findall(r"entrypoint\.sh (account add [^\n]*)", said)
    data = tmp_path / "data"
    assert "--data /data" in words, "the folder of the container, where the service keeps its accounts"
    done = subprocess.run(
        [str(repo_root / "docker" / "entrypoint.sh"), *words.replace("/data", str(data)).split()],
        env=os.environ | {"PYTHON": sys.executable, "DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "works once" in done.stdout and (data / "access.sqlite").is_file()
