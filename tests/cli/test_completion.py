"""Completion, as the scripts of the shells ask for it; and the scripts themselves, in the shells that are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_cli import vmc

ASKS = {
    "bash": lambda words: {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1), "_VMC_COMPLETE": "complete_bash"},
    "zsh": lambda words: {"_TYPER_COMPLETE_ARGS": " ".join(words), "_VMC_COMPLETE": "complete_zsh"},
    "fish": lambda words: {
        "_TYPER_COMPLETE_ARGS": " ".join(words), "_VMC_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    },
}  # fmt: skip


@pytest.mark.parametrize("shell", ASKS)
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("vmc", "gr"), ("graph",)),
        (("vmc", "graph", "--of", ""), ("profiles", "placement")),
        (("vmc", "dev", "print", "--stage", "s"), ("settled",)),
        (("vmc", "build", "--sch"), ("--schema-dir",)),
    ],
    ids=lambda case: "-".join(case[1:]) if case[0] == "vmc" else None,
)
def test_a_shell_is_told(shell: str, words: tuple[str, ...], offered: tuple[str, ...], tmp_path: Path) -> None:
    done = vmc(cwd=tmp_path, env=ASKS[shell](words))
    assert done.returncode == 0, done.stderr
    assert all(word in done.stdout for word in offered)
    assert "deploy" not in done.stdout


@pytest.mark.parametrize("shell", [pytest.param(name, marks=pytest.mark.needs(name)) for name in ASKS])
def test_the_script_is_one_of_its_shell(shell: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(vmc("completion", shell, cwd=tmp_path).stdout)
    assert f"complete_{shell}" in script.read_text()
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.needs("bash")
def test_bash_completes(tmp_path: Path) -> None:
    (tmp_path / "vmc").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vmspec.cli.main "$@"\n')
    (tmp_path / "vmc").chmod(0o755)
    script = (
        f'PATH="{tmp_path}:$PATH"; source <(vmc completion bash); '
        'COMP_WORDS=(vmc graph --of pl); COMP_CWORD=3; _vmc_completion vmc pl --of; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("placement\n", "")
