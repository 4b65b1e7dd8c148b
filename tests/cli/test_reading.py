"""Our own reader of plain command lines and typer's agree wherever ours answers at all."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.amount import amount
from vmspec.cli.command import parameters, read
from vmspec.cli.table import COMMANDS, load
from vmspec.cli.typed import parse

WORDS = st.sampled_from(
    ["a.vmspec", ".", "-", "--", "-o", "out", "--output", "--output=x", "--env", "prod", "-e", "-p", "n=1", "--param=n=2", "--locked",
     "--locked=1", "--schema-dir", "/s", "--output-format", "json", "--output-format=full", "yaml", "--error-on-warning", "-oout", "--help",
     "", "-x", "--out"]
)  # fmt: skip


@settings(max_examples=amount(150, 3000), deadline=None)
@given(st.lists(WORDS, max_size=6))
def test_build(words: list[str]) -> None:
    command = load(("build",))
    ours = read(command.options, words)
    if ours is not None:
        theirs = parse(["build", *words], ("build",))
        assert theirs is not None
        assert asdict(theirs[1]) == asdict(ours)


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_every_command_can_be_loaded_and_says_what_it_does(name: tuple[str, ...]) -> None:
    command = load(name)
    assert command.options.__doc__
    for parameter in parameters(command.options):
        assert parameter.line.help.endswith(".")
        assert parameter.type in (bool, str, tuple)


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_a_plain_call_needs_no_typer(name: tuple[str, ...]) -> None:
    command = load(name)
    required = [p.name for p in parameters(command.options) if p.required]
    assert read(command.options, ["x"] * len(required)) is not None
