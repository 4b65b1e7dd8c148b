"""The list of mutants that may survive (tests/mutants.md) speaks of code that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants import REASONS, Change, function_of, reasons

ROOT = Path(__file__).resolve().parent.parent
LISTED = reasons(REASONS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("change", LISTED, ids=lambda change: change[0])
def test_what_is_listed_is_there(change: Change) -> None:
    function, lines = change
    steps = function.split(".")
    file = next(path for n in range(len(steps), 1, -1) if (path := ROOT.joinpath("compiler", *steps[:n]).with_suffix(".py")).is_file())
    held = {line.strip() for line in file.read_text(encoding="utf-8").splitlines()}
    gone = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    assert gone
    assert all(line in held for line in gone), "it has been changed: look whether a test notices the mutant now"
    assert LISTED[change].endswith(".")


def test_names_of_mutants() -> None:
    assert function_of("vmspec.plan.power.x_in_order__mutmut_3") == "vmspec.plan.power.in_order"
    assert function_of("vmspec.lower.lock.xǁLockǁvm__mutmut_2") == "vmspec.lower.lock.Lock.vm"
    assert function_of("vmspec.lower.lock.x__at__mutmut_1") == "vmspec.lower.lock._at"


def test_a_list_is_read() -> None:
    text = "# Head\n\n### a.b.c\n\n    - x = 1\n    + x = 2\n\nNobody reads it.\n\n    - y\n\nAnother.\n\n### d\n\n    - z\n\nA third.\n"
    assert reasons(text) == {
        ("a.b.c", ("- x = 1", "+ x = 2")): "Nobody reads it.",
        ("a.b.c", ("- y",)): "Another.",
        ("d", ("- z",)): "A third.",
    }
