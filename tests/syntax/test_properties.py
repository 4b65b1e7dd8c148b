"""Whatever the program: formatting keeps its meaning and comments and is stable. Whatever the text: no exception, spans within it."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.amount import amount
from tests.cases import read
from tests.syntax.programs import programs
from vmspec.base.source import Source, position
from vmspec.syntax.dump import dump
from vmspec.syntax.formatter import format
from vmspec.syntax.parser import parse
from vmspec.syntax.tree import File

SOURCES = [case.text for file in sorted((Path(__file__).parent / "cases").glob("*.md")) for case in read(file)]
SOUP = [
    *"{}()[],;.:=|&+-*/^$\"'#\n\r\t @\\<>?!%\u00a0“é\ufeff", "\n\n", " ", '"""', "${", "}", "?=", "+=", "==",
    "let", "vm", "profile", "extends", "over",
    "each", "for", "in", "when", "else", "if", "then", "not", "true", "self", "final", "replace", "unset", "require", "assert",
    "import", "as",
    "param", "abstract", "$x", "a", "1", "8-2", "4GiB", "0x1f", '"s"', "2-5", "52:54:00:aa:bb:cc", "1.5",
]  # fmt: skip


def shape(file: File) -> tuple[str, list[str]]:
    return dump(file), [c.text.rstrip() for c in file.comments]


@settings(max_examples=amount(400, 8000), deadline=None)
@given(programs)
def test_formatting_keeps_meaning_and_comments_and_is_stable(text: str) -> None:
    file = parse(Source("x", text))
    assert [d.message for d in file.diagnostics] == []
    formatted = format(file)
    again = parse(Source("x", formatted))
    assert [d.message for d in again.diagnostics] == []
    assert shape(again) == shape(file)
    assert format(again) == formatted
    assert all(line == line.rstrip() for line in formatted.splitlines() if '"' not in line)


def check(text: str) -> None:
    source = Source("x", text)
    file = parse(source)
    for d in file.diagnostics:
        places = [d.primary, *(label.span for label in d.labels), *(e.span for e in (d.fix.edits if d.fix else ()))]
        for span in places:
            assert span is not None
            assert span.source is source
            assert 0 <= span.start <= span.end <= len(text)
            position(source, span.start)
        assert "\n" not in d.message
        assert d.message
        if d.fix:
            edits = sorted(d.fix.edits, key=lambda e: e.span.start)
            assert all(a.span.end <= b.span.start for a, b in pairwise(edits))
    again = parse(Source("x", text))
    assert [(d.message, d.primary and d.primary.start) for d in again.diagnostics] == [
        (d.message, d.primary and d.primary.start) for d in file.diagnostics
    ]
    if not file.diagnostics:
        formatted = format(file)
        assert shape(parse(Source("x", formatted))) == shape(file)


@settings(max_examples=amount(600, 12000), deadline=None)
@given(st.lists(st.sampled_from(SOUP), max_size=40), st.sampled_from(["", " "]))
@example(["{", "[", ")", "}"], "")
@example(['"', "##"], "")
def test_token_soup(tokens: list[str], between: str) -> None:
    check(between.join(tokens))


@settings(max_examples=amount(300, 6000), deadline=None)
@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=amount(200, 4000), deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    check(data.decode("utf-8", errors="surrogateescape"))
    check(data.decode("latin-1"))


@settings(max_examples=amount(200, 4000), deadline=None)
@given(st.lists(st.sampled_from(["\ud800", "a", "\0", "=", "\n", "\udcff"]), max_size=10))
def test_surrogates_and_nul(parts: list[str]) -> None:
    check("".join(parts))


def test_truncations_and_mutations() -> None:
    choice = random.Random(4)
    for text in SOURCES:
        for _ in range(12):
            at = choice.randrange(len(text) + 1)
            end = min(len(text), at + choice.randrange(8))
            check(text[:at])
            check(text[:at] + text[end:])
            check(text[:at] + choice.choice(SOUP) + text[at:])


def test_a_mistake_leaves_the_rest_of_the_file_readable() -> None:
    """A statement that cannot be read costs itself: a descending range in the last block is still found."""
    for bad in (
        "x = = 3",
        "x = [1 2]",
        "x 4",
        "x = f(1",
        "x = $y z",
        "disk $x { }",
        "let a = 3",
        "x = ]",
        "a b c",
        '"s',
        "x = 1 y = 2",
        "+ 3",
    ):
        file = parse(Source("x", f"vm a {{\n  {bad}\n}}\nvm b {{\n  y = 8-2\n}}\n"))
        assert [d.code.number for d in file.diagnostics][-1] == 10, bad
        assert len(file.diagnostics) == 2, (bad, [d.message for d in file.diagnostics])
