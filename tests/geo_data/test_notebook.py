"""The page for notebooks says what works: its blocks are run in order."""

from __future__ import annotations

import re


def test_every_block_of_the_page_runs(repo_root, tmp_path, capsys):
    text = (repo_root / "docs" / "notebook.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 10
    names = {"folder": tmp_path}
    for i, block in enumerate(blocks):
        exec(compile(block, f"docs/notebook.md, block {i + 1}", "exec"), names)
    shown = capsys.readouterr().out
    assert "junctions" in shown and "出发" in shown and "Arrive" in shown
