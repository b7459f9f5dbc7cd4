"""The launcher: what is stale is done again, what is not is left alone, and failures say what to do."""

import importlib.util
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

RUN = Path(__file__).resolve().parents[1] / "run"


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load `run` as a module whose checkout is an empty folder."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # no `runc` beside `run`
    spec = importlib.util.spec_from_loader("run", SourceFileLoader("run", str(RUN)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, place in (("ROOT", ""), ("CACHE", ".cache"), ("LOG", ".cache/setup.log"), ("VENV", ".venv")):
        monkeypatch.setattr(module, name, tmp_path / place)
    monkeypatch.setattr(module, "HALF_DONE", tmp_path / ".cache" / "half")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    (tmp_path / ".cache").mkdir()
    return module


def step(launcher: ModuleType, made: list[str]) -> tuple[Path, Any]:
    """Return an input file and a step that notes each time it is made."""
    source = launcher.ROOT / "source.txt"
    source.write_text("one")
    return source, launcher.Step("It", launcher.ROOT / ".stamp", lambda: [source], lambda: made.append("made"))


def test_a_step_is_done_once(launcher: ModuleType) -> None:
    made: list[str] = []
    _, it = step(launcher, made)
    launcher.make_ready([it])
    launcher.make_ready([it])
    assert made == ["made"]


def test_a_touched_file_with_the_same_bytes_is_not_stale(launcher: ModuleType) -> None:
    made: list[str] = []
    source, it = step(launcher, made)
    launcher.make_ready([it])
    os.utime(source, (1, 1))
    launcher.make_ready([it])
    assert made == ["made"]
    assert it.glance() in it.made.read_text()  # the next look is short again


def test_other_bytes_of_the_same_length_are_stale(launcher: ModuleType) -> None:
    made: list[str] = []
    source, it = step(launcher, made)
    launcher.make_ready([it])
    source.write_text("two")
    os.utime(source, (1, 1))
    launcher.make_ready([it])
    assert made == ["made", "made"]


def test_an_edit_while_it_is_made_leaves_it_stale(launcher: ModuleType) -> None:
    source = launcher.ROOT / "source.txt"
    source.write_text("one")
    it = launcher.Step("It", launcher.ROOT / ".stamp", lambda: [source], lambda: source.write_text("edited"))
    launcher.make_ready([it])
    assert it.is_stale()


def test_a_failed_step_leaves_no_stamp_and_shows_what_the_tool_said(launcher: ModuleType) -> None:
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    it = launcher.Step(
        "It", launcher.ROOT / ".stamp", list, lambda: launcher.call(command, "Do this.", launcher.ROOT)
    )
    with pytest.raises(launcher.SetupError, match=r"the reason\n(.|\n)*Do this\."):
        launcher.make_ready([it])
    assert it.is_stale()


def test_a_venv_is_sound_until_something_happens_to_it(launcher: ModuleType) -> None:
    assert not launcher.venv_is_sound()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(launcher.VENV)], check=True)
    assert launcher.venv_is_sound()
    launcher.HALF_DONE.touch()
    assert not launcher.venv_is_sound(), "an install was cut off"
    launcher.HALF_DONE.unlink()
    config = launcher.VENV / "pyvenv.cfg"
    config.write_text(config.read_text().replace(str(launcher.VENV), "/moved/.venv"))
    assert not launcher.venv_is_sound(), "the checkout was moved"


def test_an_unreachable_index_is_told_in_one_message(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = launcher.ROOT / "run.txt"
    requirements.write_text(f"no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(launcher, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(launcher, "venv_is_sound", lambda: True)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(launcher.SetupError, match="Is there a network"):
        launcher.install(requirements)
    assert not launcher.HALF_DONE.exists(), "pip came to its own end"


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v20.18.0", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("?", False),
    ],
)
def test_which_node_is_new_enough(launcher: ModuleType, tmp_path: Path, version: str, good: bool) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tmp_path}:/bin")
        assert launcher.machine_has_node() is good


def test_help_needs_no_set_up(tmp_path: Path) -> None:
    copy = tmp_path / "run"
    copy.write_bytes(RUN.read_bytes())
    done = subprocess.run([sys.executable, str(copy)], capture_output=True, text=True, check=True)
    assert "./run demo" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_a_browser_is_added_by_apt_and_whoever_may_not_is_told_how(
    launcher: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = tmp_path / "said"
    (tmp_path / "apt-get").write_text(f"#!/bin/sh\necho apt-get $* >> {said}\n")
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("DISPATCH135_CHROMIUM", raising=False)
    monkeypatch.setattr(launcher, "BROWSERS", ("no-such-browser",))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    launcher.add_browser()
    assert not said.exists()
    assert "install -y --no-install-recommends chromium" in capsys.readouterr().err
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    launcher.add_browser()
    assert "chromium" in said.read_text()
    said.unlink()
    monkeypatch.setattr(launcher, "BROWSERS", ("apt-get",))  # one is there
    launcher.add_browser()
    assert not said.exists()
