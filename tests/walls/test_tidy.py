"""The house stays small, named and explained."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = (".py", ".ts", ".tsx")
MODULE_LINES = 400
FUNCTION_LINES = 70
FILE_BYTES = 1_000_000
CROSS_CUTTING_TESTS = {"contract", "stories", "push", "golden", "bench", "e2e", "rig", "walls"}  # mirror no package

# Put together here, so that this file does not hold what it forbids.
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
BARE_IGNORE = re.compile(r"#\s*type:\s*ig" + r"nore(?!\[)|#\s*no" + r"qa(?!:)")
ADDRESS = re.compile(
    "|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(?:org|com)", "npm" + "mirror"))
)
LOCK_ADDRESS = re.compile(r'"resolv' + r'ed"\s*:')


def tracked() -> list[Path]:
    """List the files that git knows or would add; those of a commit and those about to be in one."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()})


FILES = tracked()


def is_python(path: Path) -> bool:
    return path.suffix == ".py" or path == ROOT / "run"


def text_of(path: Path) -> str:
    """Return the text of a file, or nothing of a binary one."""
    data = path.read_bytes()
    return "" if b"\0" in data[:8000] else data.decode(errors="replace")


def findings(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """Name file and line of each match."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]


def code_files() -> list[Path]:
    """List modules written by hand."""
    written = [path for path in FILES if path.suffix in CODE or is_python(path)]
    return [path for path in written if not path.name.endswith((".gen.ts", ".d.ts"))]


def test_no_module_is_long() -> None:
    long = {str(path.relative_to(ROOT)): len(text_of(path).splitlines()) for path in code_files()}
    assert not {name: lines for name, lines in long.items() if lines > MODULE_LINES}


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its contract, which may be as long as it needs."""
    first, *rest = function.body
    is_contract = bool(rest) and ast.get_docstring(function) is not None
    start = (first.end_lineno or 0) + 1 if is_contract else first.lineno
    return (function.end_lineno or 0) - start + 1


def test_no_function_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines_of(node)} lines"
        for path in FILES
        if is_python(path)
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of(node) > FUNCTION_LINES
    ]
    assert not long


def test_nothing_is_left_unfinished() -> None:
    assert not findings(UNFINISHED, code_files())


def test_no_check_is_silenced_without_its_name() -> None:
    assert not findings(BARE_IGNORE, code_files())


def test_no_registry_is_named() -> None:
    assert not findings(ADDRESS, FILES)
    assert not findings(LOCK_ADDRESS, [path for path in FILES if path.suffix == ".json"])


def test_no_tracked_file_is_large() -> None:
    assert not [
        f"{path.relative_to(ROOT)}: {path.stat().st_size}" for path in FILES if path.stat().st_size > FILE_BYTES
    ]


def test_the_tests_mirror_the_tree() -> None:
    """`tests/geo_data/kernels/` stands for that folder or module; `tests/domain/` for `dispatch/domain`."""
    folders = {path.parent.relative_to(ROOT / "tests") for path in FILES if ROOT / "tests" in path.parents}
    for folder in sorted(folders):
        if folder == Path() or folder.parts[0] in CROSS_CUTTING_TESTS or folder.name in ("data", "fixtures"):
            continue
        homes = [ROOT / folder, ROOT / "dispatch" / folder]
        assert any(home.is_dir() or home.with_suffix(".py").is_file() for home in homes), (
            f"tests/{folder} mirrors nothing: name it after the package that it tests"
        )


def test_the_launcher_is_read_by_an_old_python() -> None:
    """Python 3.6 must get as far as the message that it is too old."""
    ast.parse((ROOT / "run").read_text(), feature_version=(3, 6))


STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|/\*.*?\*/|//[^\n]*', re.DOTALL)


def dictionary_keys(path: Path) -> set[str]:
    """Read the keys of all object literals in a dictionary file of the page."""
    text = STRING_OR_COMMENT.sub("…", path.read_text())
    return set(re.findall(r"(?:[{,]|^)\s*(\w+)\s*(?::|,$)", text, re.MULTILINE))


def test_both_languages_have_the_same_words() -> None:
    folder = ROOT / "web_client" / "src" / "i18n"
    if not folder.is_dir():
        pytest.skip("the page has no dictionaries yet")
    chinese, english = dictionary_keys(folder / "zh-CN.ts"), dictionary_keys(folder / "en.ts")
    assert chinese
    assert chinese == english, f"only in one language: {sorted(chinese ^ english)}"
