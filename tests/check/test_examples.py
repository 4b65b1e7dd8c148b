"""Every Example fires its own code and no other; every Instead is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.check.registry import all_rules
from vmspec.check.rule import Rule
from vmspec.driver.compilation import Compilation

RULES = pytest.mark.parametrize("rule", all_rules(), ids=lambda r: str(r.code))


def codes_of(program: str, folder: Path) -> set[int]:
    file = folder / "main.vmspec"
    file.write_text(program + "\n", encoding="utf-8")
    return {d.code.number for d in Compilation([file]).diagnostics}


@RULES
def test_example_fires_this_code_only(rule: Rule, tmp_path: Path) -> None:
    assert codes_of(rule.code.section("Example"), tmp_path) == {rule.code.number}


@RULES
def test_instead_is_clean(rule: Rule, tmp_path: Path) -> None:
    assert codes_of(rule.code.section("Instead"), tmp_path) == set()
