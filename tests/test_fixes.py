"""Every change that a message offers: taken, the file parses, and the message is gone. Over all cases, and all examples of errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import fixed, read
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import Source
from vmspec.codes import load_all
from vmspec.driver.compilation import Compilation
from vmspec.syntax.parser import parse

TESTS = Path(__file__).parent
CASES = [
    (case.place, case.text)
    for folder in ("evaluate/cases", "syntax/cases")
    for file in sorted((TESTS / folder).glob("*.md"))
    for case in read(file)
    if case.marks and len(case.files) == 1
]
EXAMPLES = [(f"{code.number:04d}", f"{code.section('Example')}\n") for code in load_all().values() if code.section("Example")]
PROGRAMS = [*CASES, *EXAMPLES]
SHARDS = 8


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_fix_mends_what_it_is_offered_for(shard: int, tmp_path: Path) -> None:
    (tmp_path / "vmspec.toml").write_text('id = "8d6cbd4d-2c3f-4d6e-9e3a-0c1d2e3f4a5b"\n')
    file = tmp_path / "main.vmspec"
    file.write_text("")
    wrong: list[str] = []
    offered = 0
    for place, text in PROGRAMS[shard::SHARDS]:
        found = _found(text, file)
        for each in found:
            if each.fix is not None:
                offered += 1
                wrong += [f"{place} {each.code}: {each.fix.title}: {why}" for why in _faults(each, text, found, file)]
    assert offered and not wrong, "\n".join(wrong)


def test_there_are_many() -> None:
    assert len(CASES) > 100 and len(EXAMPLES) > 300


def _found(text: str, file: Path) -> tuple[Diagnostic, ...]:
    return Compilation([file], overlay={file: text}).diagnostics


def _faults(each: Diagnostic, text: str, before: tuple[Diagnostic, ...], file: Path) -> list[str]:
    assert each.fix is not None
    if any(edit.span.source.standard for edit in each.fix.edits):
        return ["it changes the standard library"]
    after = fixed("main.vmspec", text, [each])
    had_syntax = len(parse(Source("main.vmspec", text)).diagnostics)
    syntax = parse(Source("main.vmspec", after)).diagnostics
    if after == text:
        return ["it changes nothing"]
    if len(syntax) > max(had_syntax - 1, 0) and had_syntax <= 1:
        return [f"it does not parse: {syntax[0].message}\n{after}"]
    again = sum(d.code is each.code and d.message == each.message for d in _found(after, file))
    had = sum(d.code is each.code and d.message == each.message for d in before)
    return [] if again < had else ["the message is still there"]
