"""The compiled grammar: the same bytes every time, kept only where nobody else can write, and never trusted blindly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vmspec.base import resources
from vmspec.base.cache import read_own, write_own
from vmspec.syntax import tables as module
from vmspec.syntax.compile_grammar import compile_grammar, text_of

GRAMMAR = resources.grammar() / "vmspec.lark"


def test_compiling_is_deterministic(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "vmspec.syntax.compile_grammar", str(tmp_path / seed)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    assert json.loads((tmp_path / "1").read_text()) == compile_grammar(GRAMMAR.read_text())


def test_parsing_needs_no_lark() -> None:
    code = (
        "import sys; from vmspec.base.source import Source; from vmspec.syntax.parser import parse; parse(Source('x', 'vm a { }'));"
        "print([m for m in sys.modules if m.split('.')[0] in ('lark', 'platformdirs', 'rich', 'pickle')])"
    )
    for _ in range(2):
        # In a checkout the first start makes the tables, and that needs lark.
        run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"


def test_a_kept_file_belongs_to_the_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "tables.json"
    write_own(file, '{"a": 1}')
    assert read_own(file) == {"a": 1}
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    file.chmod(0o622)
    assert read_own(file) is None


def test_a_link_is_refused(tmp_path: Path) -> None:
    write_own(tmp_path / "real.json", '{"a": 1}')
    (tmp_path / "tables.json").symlink_to(tmp_path / "real.json")
    assert read_own(tmp_path / "tables.json") is None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_file_of_someone_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tables.json"
    write_own(file, '{"a": 1}')
    os.chown(file, 12345, 12345)
    assert read_own(file) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "\udcff"])
def test_a_broken_file_is_no_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "tables.json").write_text(text, errors="surrogateescape")
    (tmp_path / "tables.json").chmod(0o600)
    assert read_own(tmp_path / "tables.json") is None
    assert read_own(tmp_path / "absent.json") is None


def test_what_is_kept_is_made_anew_when_the_grammar_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "vmspec")
    first = module._cached()
    kept = json.loads((tmp_path / "vmspec" / "tables.json").read_text())
    assert text_of(compile_grammar(GRAMMAR.read_text())) == text_of({k: v for k, v in kept.items() if k != "made_from"})
    assert module._cached()["states"] == first["states"]
    (tmp_path / "vmspec" / "tables.json").write_text(json.dumps(kept | {"made_from": ["another grammar"], "states": []}))
    assert module._cached()["states"] == first["states"]


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    write_own(tmp_path / "file" / "tables.json", "{}")
    assert (tmp_path / "file").read_text() == ""
