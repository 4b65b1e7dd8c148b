"""The list of mutants that may survive (tests/mutants.md) speaks of code that is there."""

from __future__ import annotations

from pathlib import Path

from tests.mutants import REASONS, Change, function_of, reasons

ROOT = Path(__file__).resolve().parent.parent
LISTED = reasons(REASONS.read_text(encoding="utf-8"))


def absent(change: Change) -> list[str]:
    """The lines that a change takes away and that its function's file does not have."""
    function, lines = change
    steps = function.split(".")
    file = next(path for n in range(len(steps), 1, -1) if (path := ROOT.joinpath("compiler", *steps[:n]).with_suffix(".py")).is_file())
    held = {line.strip() for line in file.read_text(encoding="utf-8").splitlines()}
    gone = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    assert gone, f"{function}: no line is changed"
    return [line for line in gone if line not in held]


def test_what_is_listed_is_there() -> None:
    changed = {change[0]: lines for change in LISTED if (lines := absent(change))}
    assert not changed, "look whether a test notices the mutant now"
    assert all(reason.endswith(".") for reason in LISTED.values())


def test_a_line_that_is_gone_is_seen() -> None:
    there = ("vmspec.check.rule.rule", ("- features = frozenset(needs.split())", "+ features = None"))
    assert absent(there) == []
    assert absent(("vmspec.check.rule.rule", ("- features = frozenset(needs)",))) == ["features = frozenset(needs)"]


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
