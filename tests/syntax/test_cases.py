"""The Markdown cases of the syntax: diagnostics in their places, fixes, layout, tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import MAIN, Case, differences, fixed, params
from vmspec.base.source import Source
from vmspec.syntax.dump import dump
from vmspec.syntax.formatter import format
from vmspec.syntax.parser import parse

CASES = list(params(Path(__file__).parent / "cases"))


def test_there_are_cases() -> None:
    assert len(CASES) > 100


@pytest.mark.parametrize("case", CASES)
def test_case(case: Case) -> None:
    assert set(case.others) <= {"fixed", "formatted", "tree"}, case.place
    for path, text in case.files.items():
        file = parse(Source(path, text))
        assert differences(case, file.diagnostics) == [], case.place
        if "fixed" in case.others:
            after = fixed(path, text, file.diagnostics)
            assert after == case.others["fixed"]
            assert parse(Source(path, after)).diagnostics == ()
        if "tree" in case.others:
            assert dump(file) == case.others["tree"]
        if not file.diagnostics:
            formatted = format(file)
            again = parse(Source(MAIN, formatted))
            assert again.diagnostics == ()
            assert dump(again) == dump(file)
            assert format(again) == formatted
            if "formatted" in case.others:
                assert formatted == case.others["formatted"]
