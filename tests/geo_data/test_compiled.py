"""The kernels' cache: a process that finds its kernels there wakes no compiler, and nothing else is lost."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import geo_data
from geo_data.kernels.compiled import STAMPED

INNER = """
    import numpy as np
    from geo_data.kernels.compiled import njit

    @njit(nogil=True, cache=True)
    def place(values, value):
        if len(values) == 0:
            raise ValueError("no values")
        grown = np.sort(values)
        return np.searchsorted(grown, value) + np.sum(values > value)

    @njit(nogil=True, cache=True)
    def twice(values, value):
        return 2 * place(values, value)
"""


def _told(folder: Path, code: str, inner: str = INNER, kept: str | None = None) -> list[str]:
    """Run code in a new process that has the kernels of ``inner``, and return the words it printed."""
    (folder / "inner.py").write_text(dedent(inner))
    path = os.pathsep.join([str(folder), *sys.path])
    env = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(folder / "kept") if kept is None else kept}
    env.pop("NUMBA_DISABLE_JIT", None)
    env["PYTHONDONTWRITEBYTECODE"] = "1"  # a .pyc is told stale by second and size: a file written twice is not
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


ASK = """
    import sys
    import numpy as np
    from inner import place
    values = np.array([5.0, 1.0, 3.0])
    values.flags.writeable = False
    print(place(values, 2.0), list(place.stats.cache_hits.values()), "scipy.linalg" in sys.modules)
"""

RAISE = """
    import numpy as np
    from inner import twice
    try:
        twice(np.empty(0), 1.0)
    except ValueError as refused:
        print(refused)
"""


@pytest.mark.slow
def test_a_kept_kernel_wakes_no_compiler_and_may_be_compiled_into_others(tmp_path):
    compiled = _told(tmp_path, ASK)
    assert compiled[0] == "3" and compiled[-1] == "True"
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*.nbc")}
    assert len(files) == 1 and next(iter(files)).startswith("lean-")
    loaded = _told(tmp_path, ASK)
    assert loaded == ["3", "[1]", "False"]
    # loaded first, then compiled into a new kernel in the same process, which is kept in its turn
    linked = _told(tmp_path, ASK + "    from inner import twice; print(twice(values, 2.0))")
    assert linked[:2] == ["3", "[1]"] and linked[-1] == "6"
    again = _told(tmp_path, ASK + "    from inner import twice; print(twice(values, 2.0), twice.stats.cache_hits)")
    assert again[2] == "False" and again[3] == "6" and again[-1] == "1})"
    # what a kernel may raise is kept with it
    code = (
        "import numpy as np\nfrom inner import twice\ntry:\n    twice(np.empty(0), 1.0)\nexcept ValueError as no:\n"
    )
    assert _told(tmp_path, code + "    print(no)") == ["no", "values"]


OUTER = """
    from geo_data.kernels.compiled import njit
    from inner import place

    @njit(nogil=True, cache=True)
    def more(values, value):
        return 100 + place(values, value)
"""


@pytest.mark.slow
def test_a_changed_source_is_compiled_anew_and_who_called_it_too(tmp_path):
    (tmp_path / "outer.py").write_text(dedent(OUTER))
    ask = dedent(ASK) + "from outer import more\nprint(more(values, 2.0), list(more.stats.cache_hits.values()))\n"
    assert _told(tmp_path, ask)[-2] == "103"
    assert _told(tmp_path, ask)[-2:] == ["103", "[1]"]
    changed = INNER.replace("np.sum(values > value)", "10")
    source = tmp_path / "inner.py"
    code = f"open({str(source)!r}, 'w').write({dedent(changed)!r})\n" + ask
    assert _told(tmp_path, code)[:3:2] == ["11", "True"]
    assert _told(tmp_path, code)[-2:] == ["111", "[1]"]


COUNT = """
    from geo_data.kernels.compiled import njit
    from words import BASE, Pair

    @njit(nogil=True, cache=True)
    def count(pair):
        return BASE + pair.left
"""
ASK_COUNT = """
    from inner import count
    from words import Pair
    print(count(Pair(left=1, right=2)), sum(count.stats.cache_hits.values()))
"""
WORDS = """
    from typing import NamedTuple

    BASE = 10

    class Pair(NamedTuple):
        left: int
        right: int
"""


def _counted(folder: Path, words: str = WORDS, before: str = "", kept: str | None = None) -> list[str]:
    (folder / "words.py").write_text(dedent(words))
    return _told(folder, dedent(before) + dedent(ASK_COUNT), COUNT, kept)


@pytest.mark.slow
def test_a_constant_and_a_field_of_another_file_are_never_stale(tmp_path):
    assert _counted(tmp_path) == ["11", "0"] and _counted(tmp_path) == ["11", "1"]
    assert _counted(tmp_path, WORDS.replace("10", "20")) == ["21", "0"]
    swapped = (
        WORDS.replace("left: int", "x: int").replace("right: int", "left: int").replace("x: int", "right: int")
    )
    assert _counted(tmp_path, swapped) == ["11", "0"] and _counted(tmp_path, swapped) == ["11", "1"]


@pytest.mark.slow
def test_a_damaged_file_is_a_miss_and_is_made_anew(tmp_path):
    assert _counted(tmp_path) == ["11", "0"]
    (file,) = tmp_path.rglob("*.nbc")
    good = file.read_bytes()
    middle = len(good) // 2
    flipped = good[:middle] + bytes(255 - byte for byte in good[middle : middle + 4]) + good[middle + 4 :]
    for bad in (b"", good[:20], good[:middle], flipped):
        file.write_bytes(bad)
        assert _counted(tmp_path) == ["11", "0"]
        assert _counted(tmp_path) == ["11", "1"]


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_stale(tmp_path):
    assert _counted(tmp_path) == ["11", "0"]
    full = """
        import os
        def refuse(*_):
            raise OSError(28, "No space left on device")
        os.replace = refuse
    """
    changed = WORDS.replace("10", "20")
    assert _counted(tmp_path, changed, full) == ["21", "0"]
    assert _counted(tmp_path, changed) == ["21", "0"] and _counted(tmp_path, changed) == ["21", "1"]


@pytest.mark.slow
def test_where_nothing_can_be_kept_it_is_compiled(tmp_path):
    nowhere = """
        import numba.core.caching as caching
        caching.CacheImpl._locator_classes = []  # as for a read-only install without a home
    """
    assert _counted(tmp_path, before=nowhere) == ["11", "0"] and not list(tmp_path.rglob("*.nbc"))
    assert _counted(tmp_path, kept="/proc/nowhere") == ["11", "0"]


def test_the_stamp_covers_all_that_kernels_import():
    root = Path(geo_data.__file__).parent
    files = list((root / "kernels").glob("*.py"))
    found = set()
    while files:
        for node in ast.walk(ast.parse(files.pop().read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("geo_data."):
                file = "/".join(node.module.split(".")[1:]) + ".py"
                if file not in found and not file.startswith("kernels/"):
                    found.add(file)
                    files.append(root / file)
    assert found == set(STAMPED)
