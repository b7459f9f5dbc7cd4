"""The kernels' cache: a process that finds its kernels there wakes no compiler, and nothing else is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

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


def _told(folder: Path, code: str) -> list[str]:
    """Run code in a new process that has the kernels of ``INNER``, and return the words it printed."""
    (folder / "inner.py").write_text(dedent(INNER))
    path = os.pathsep.join([str(folder), *sys.path])
    env = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(folder / "kept")}
    env.pop("NUMBA_DISABLE_JIT", None)
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
