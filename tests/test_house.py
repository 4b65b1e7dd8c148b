"""The house rules, as tests: what a file may be called, hold and import, and what every diagnostic code must have."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from vmspec.base.code import REGISTRY, SECTIONS, Code
from vmspec.codes import load_all, owners

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "compiler" / "vmspec"
FILES = tuple(sorted(PACKAGE.rglob("*.py")))
BANNED = ("utils", "util", "helpers", "helper", "manager", "common", "misc")
LONGEST = 400
LONG: dict[str, str] = {
    "model/kind.py": "every kind of value with both directions of its XML: one table, read from top to bottom",
    "evaluate/codes.py": "the pages of diagnostics, which are prose",
}
"""Files above the limit, each with the reason."""
FENCES = {
    "lark": ("syntax",),
    "lxml": ("emit", "importing", "validate"),
    "pycdlib": ("emit",),
    "yaml": ("check",),
    "jsonschema": ("check",),
    "xmlschema": ("validate",),
    "libvirt": ("deploy",),
    "typer": ("cli",),
    "pygls": ("lsp",),
    "lsprotocol": ("lsp",),
    "rich": ("cli",),
    "ortools": ("place",),
}
"""A library, and the only rooms that import it."""
UNPLACED = frozenset(range(1900, 1950)) | frozenset(range(6900, 6950)) | frozenset(range(8000, 10000))
"""Codes about the call, the machine or a bug of ours: no program can show them."""


def names(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def imports(tree: ast.Module) -> set[str]:
    """The top packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("file", FILES, ids=names)
def test_a_file(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    doc = ast.get_docstring(tree)
    if text.strip():
        assert doc, "a file starts with a sentence on what it knows"
        assert doc.partition("\n\n")[0].rstrip().endswith((".", "`", "…", ":")), "a sentence ends with a full stop"
    assert file.stem not in BANNED
    lines = text.count("\n")
    assert lines <= LONGEST or names(file) in LONG, f"{lines} lines: split it, or say why not"
    room = names(file).partition("/")[0]
    for library, rooms in FENCES.items():
        assert library not in imports(tree) or room in rooms, f"only {', '.join(rooms)} imports {library}"


def test_the_list_of_long_files_is_true() -> None:
    gone = [name for name in LONG if not (PACKAGE / name).exists() or (PACKAGE / name).read_text(encoding="utf-8").count("\n") <= LONGEST]
    assert not gone, "no longer long, or no longer there"


def test_functions_are_short() -> None:
    """Nine in ten under 35 lines."""
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
    assert lengths[len(lengths) * 9 // 10] < 35


def test_nothing_committed_points_out_of_the_project() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    outside = ("../" + "shared", "/wo" + "rk/")
    wrong = []
    for name in filter(None, listed):
        file = ROOT / name
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        wrong += [f"{name}: {word}" for word in outside if word in text]
    assert not wrong


CODES = tuple(sorted(load_all().values(), key=lambda code: code.number))


@pytest.mark.parametrize("code", [code for code in CODES if code.number < 9990], ids=str)
def test_a_code_has_a_page(code: Code) -> None:
    assert code.name == code.name.lower()
    assert " " not in code.name
    for section in SECTIONS[:2]:
        assert code.section(section), f"{code} has no {section}"
    if code.section("Example") or code.section("Instead"):
        assert code.section("Example"), f"{code} has an Instead without an Example"
        assert code.section("Instead"), f"{code} has an Example without an Instead"


def test_there_are_codes_and_no_module_of_codes_is_missed() -> None:
    assert len(CODES) > 50
    assert "vmspec.syntax.codes" in owners()
    script = "import vmspec.codes as c; print(len(c.load_all()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len([code for code in REGISTRY.values() if code.number != 9990])


def test_layers() -> None:
    """The contract of docs/architecture.md: nothing imports to its right."""
    done = subprocess.run([str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_ruff() -> None:
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "."], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_mypy() -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
