"""The floors are kept, and a planted violation of each contract is reported by name."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain, combinations, pairwise, product
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RULES = PYPROJECT["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["name"]: contract for contract in RULES["contracts"]}
LAYERED = [name for name, contract in CONTRACTS.items() if contract["type"] == "layers"]
FORBIDDEN = [name for name, contract in CONTRACTS.items() if contract["type"] == "forbidden"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run lint-imports on the packages in `folder`, by the contracts of our pyproject.toml."""
    command = [sys.executable, "-P", "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    return subprocess.run(
        [*command, "--config", str(folder / "pyproject.toml"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "400", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the packages, without data, to a place where they can be spoilt."""
    for package in RULES["root_packages"]:
        for source in (ROOT / package).rglob("*.py"):
            target = tmp_path / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for name in LAYERED:  # a floor that is not built yet stands as an empty module
        for module in chain.from_iterable(floors(CONTRACTS[name])):
            path = tmp_path.joinpath(*module.split("."))
            if not path.is_dir():
                path.with_suffix(".py").touch()
    return tmp_path


def plant(folder: Path, module: str, imported: str) -> None:
    """Add the import of one module to another."""
    path = folder.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    assert file.is_file(), f"{module} has no file: {file}"
    with file.open("a") as text:
        text.write(f"\nimport {imported}\n")


def floors(contract: dict[str, Any]) -> list[list[str]]:
    """List the modules of each floor, the highest floor first."""
    (container,) = contract["containers"]
    return [[f"{container}.{part.strip(' ()')}" for part in layer.split("|")] for layer in contract["layers"]]


def upward_imports(contract: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name every import from a floor to the one above it, and between neighbours that may not meet."""
    for upper, lower in pairwise(floors(contract)):
        yield from product(lower, upper)
    for floor in floors(contract):
        yield from combinations(floor, 2)


def test_every_contract_is_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    for name in CONTRACTS:
        assert f"{name} KEPT" in result.stdout


@pytest.mark.parametrize("name", LAYERED)
def test_an_upward_import_is_reported(copy: Path, name: str) -> None:
    planted = list(upward_imports(CONTRACTS[name]))
    for low, up in planted:
        plant(copy, low, up)
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{name} BROKEN" in result.stdout
    for low, up in planted:
        assert f"{low} is not allowed to import {up}:" in result.stdout


@pytest.mark.parametrize("name", LAYERED)
def test_a_package_without_a_floor_is_reported(copy: Path, name: str) -> None:
    (package,) = CONTRACTS[name]["containers"]
    newcomer = copy / package / "newcomer"
    newcomer.mkdir()
    (newcomer / "__init__.py").touch()
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{name} BROKEN" in result.stdout
    assert f"{package}.newcomer" in result.stdout


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_import_is_reported(copy: Path, name: str) -> None:
    contract = CONTRACTS[name]
    planted = list(product(contract["source_modules"], contract["forbidden_modules"]))
    for source, forbidden in planted:
        plant(copy, source, forbidden)
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{name} BROKEN" in result.stdout
    for source, forbidden in planted:
        assert f"{source} is not allowed to import {forbidden}:" in result.stdout


def test_each_contract_has_a_planted_violation() -> None:
    assert set(LAYERED) | set(FORBIDDEN) == set(CONTRACTS), "a new type of contract needs a planted violation here"
