"""No command prints a password that stands in a source or that --param gives, in whatever format."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

VM = "vm {0} {{ memory.size = 1GiB; cpu.count = 2; graphics vnc {{ type = vnc; passwd = {1} }} }}\n"
TEXT = (
    'param $later: secret\nparam $given: string = "unset"\nlet $behind = "HUNTER2"\n'
    + VM.format("a", '"HUNTER1"')
    + VM.format("c", "$behind")
    + VM.format("d", "$given")
    + VM.format("e", "$later")
    + "profile   untidy { }\n"
)
GIVEN = ("--param", 'given="HUNTER9"')
COMMANDS: tuple[tuple[str, ...], ...] = (
    *(("eval", name, *GIVEN) for name in "acde"),
    *(("eval", f"{name}:graphics.vnc.passwd", *GIVEN) for name in "acde"),
    *(("eval", name, "--format", "json", *GIVEN) for name in "acd"),
    *(("why", f"{name}:graphics.vnc.passwd", *GIVEN) for name in "acd"),
    *(("why", name, "--format", "json", *GIVEN) for name in "acd"),
    *(("dev", "print", "--stage", stage, *GIVEN) for stage in ("file", "program", "settled", "fleet", "artifacts")),
    *(("check", "--output-format", format, *GIVEN) for format in ("full", "concise", "json", "sarif", "junit", "github")),
    ("check", "--param", "given=3HUNTER9"),
    ("check", "--param", "given=[HUNTER9"),
    ("check", "--param", "later=HUNTER9"),
    ("check", "--param", "HUNTER9"),
    ("fmt", "--diff"),
    ("graph",),
    ("test",),
)


def vmc(folder: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "vmspec.cli.main", *words], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "fleet.vmspec").write_text(TEXT)
    return folder


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_prints_one(project: Path, words: tuple[str, ...]) -> None:
    code, out, err = vmc(project, *words)
    assert code in (0, 1, 2, 3)
    assert out + err
    assert "HUNTER" not in out + err
    assert "error[9" not in out + err


def test_what_is_no_secret_is_shown(project: Path) -> None:
    assert vmc(project, "eval", "a:graphics.vnc.passwd") == (0, "(secret)\n", "")
    assert vmc(project, "eval", "a:graphics.vnc.type")[1] == "vnc\n"
    (found,) = json.loads(vmc(project, "eval", "a:graphics.vnc.passwd", "--format", "json")[1])
    assert (found["value"], found["plain"]) == ("(secret)", "(secret)")
