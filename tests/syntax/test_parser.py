"""What the parser promises beyond single programs: limits, line ends, documentation, values of strings, positions."""

from __future__ import annotations

import pytest

from vmspec.base.source import Source, position
from vmspec.syntax import codes
from vmspec.syntax.dump import dump
from vmspec.syntax.formatter import format
from vmspec.syntax.parser import MOST_DIAGNOSTICS, parse
from vmspec.syntax.tree import Block, File, Let, Profile, Set, Text


def read(text: str) -> File:
    return parse(Source("x", text))


def numbers(file: File) -> list[int]:
    return [d.code.number for d in file.diagnostics]


DEEP = 50_000


@pytest.mark.parametrize(
    "text",
    [
        "let $a = " + "(" * DEEP + "1" + ")" * DEEP,
        "let $a = " + "[" * DEEP,
        "vm a " + "{ b " * DEEP + "}" * DEEP,
        "let $a = " + "{ a = " * DEEP + "1" + "}" * DEEP,
        "let $a = " + "not " * DEEP + "1",
        "let $a = " + "-" * DEEP + "1",
        "let $a = " + "1 + " * DEEP + "1",
        "let $a = " + "if a then b else " * DEEP + "c",
        "vm a { when a { } " + "else when a { } " * DEEP + "}",
        "let $a = " + "f(" * DEEP + ")" * DEEP,
        "let $a = " + '"${' * DEEP + "1" + '}"' * DEEP,
        'let $a = "${' + "(" * 300 + "1" + ")" * 300 + '}"',
    ],
)
def test_nesting_has_a_limit_with_a_message(text: str) -> None:
    assert codes.TOO_DEEP.number in numbers(read(text))


def test_nesting_below_the_limit_is_fine() -> None:
    for text in ("let $a = " + "(" * 199 + "1" + ")" * 199, "vm a " + "{ b " * 199 + "{ }" + "}" * 199, "let $a = " + "1 + " * 199 + "1"):
        file = read(text)
        assert numbers(file) == []
        assert dump(file)
        assert numbers(read(format(file))) == []


def test_long_is_not_deep() -> None:
    file = read("let $a = [" + "1 + 2, " * 5000 + "]\n" + "vm v { a = 1 | 2; b = not c }\n" * 3000 + "x" + ".y" * 5000 + " = 1\n")
    assert numbers(file) == []
    assert len(file.statements) == 3002


@pytest.mark.parametrize(
    "text",
    ['"${' * 20_000, '"' + "${a}" * 20_000, '"""' * 20_001, '"\\' * 20_000, "$" * 50_000, "} " * 50_000, "( " * 50_000, "a b\n" * 20_000],
)
def test_hostile_text_takes_no_time_to_speak_of(text: str) -> None:
    """No bound on the time is asserted; a quadratic parser would not come to an end here."""
    assert 0 < len(read(text).diagnostics) <= MOST_DIAGNOSTICS


def test_binary_is_one_error_at_its_place() -> None:
    for text, at in (("vm a { }\n\0\0", 9), ("\udcff\udcfe", 0), ("x = \ud800", 4)):
        (d,) = read(text).diagnostics
        assert d.code is codes.NOT_TEXT
        assert d.primary is not None
        assert d.primary.start == at


def test_line_ends_and_byte_order_mark_mean_nothing() -> None:
    unix = 'vm v {\n  a = 1 # c\n  b = """\n    x\n      y\n    """\n}\n'
    for text in (unix.replace("\n", "\r\n"), "\ufeff" + unix, unix.replace("  a", "\ta"), unix.rstrip("\n")):
        file = read(text)
        assert numbers(file) == []
        assert dump(file) == dump(read(unix))
        assert format(file) == format(read(unix))
        assert [c.text for c in file.comments] == ["# c"]


def test_columns_count_characters_behind_tabs_and_crlf() -> None:
    text = 'vm v {\r\n\tx = "尺 🚀"; y = 8-2\r\n}\r\n'
    (d,) = read(text).diagnostics
    assert d.primary is not None
    assert position(d.primary.source, d.primary.start) == (2, 17)


def text_of(written: str) -> Text:
    (let,) = read(f"let $a = {written}\n").statements
    assert isinstance(let, Let)
    assert isinstance(let.value, Text)
    return let.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('""', ""),
        ('"a b"', "a b"),
        (r'"\n\t\r\"\\\$\u{1F600}"', '\n\t\r"\\$\U0001f600'),
        (r'"\${x}"', "${x}"),
        ('"$x $ $$"', "$x $ $$"),
        ('"""a"""', "a"),
        ('"""\n  a\n    b\n  """', "a\n  b\n"),
        ('"""\n    a\n  """', "  a\n"),
        ('"""\n  a"""', "a"),
        ('"""\n\n  a\n\n  b\n  """', "\na\n\nb\n"),
        ('"""a\n    b\n  c"""', "a\n  b\nc"),
        ('"""\n\ta\n\t\tb\n"""', "\ta\n\t\tb\n"),
        ('"""\r\n  a\r\n  """', "a\n"),
        ('""" "quoted" """', ' "quoted" '),
        (r'"""\"\"\" """', '""" '),
        ('"""\n  """', ""),
        ('""""""', ""),
    ],
)
def test_values_of_strings(written: str, value: str) -> None:
    assert text_of(written).constant == value


def test_interpolated_strings() -> None:
    text = text_of('"a ${n} ${$n + 1}${x.y} b"')
    assert [p if isinstance(p, str) else type(p).__name__ for p in text.parts] == ["a ", "Access", " ", "Binary", "Ref", " b"]
    assert text.constant is None
    block = text_of('"""\n    ${a}\n      ${join(",",\n[1])}\n    """')
    assert [p if isinstance(p, str) else type(p).__name__ for p in block.parts] == ["Access", "\n  ", "Call", "\n"]


def test_documentation_goes_to_what_it_stands_above() -> None:
    file = read(
        "## The file,\n## two lines.\n\n# plain\n## Of a.\nlet $a = 1 ## not of b\nlet $b = 2\n## lost\n\nlet $c = 3\n"
        "## Of p.\nabstract profile p(\n  ## Of x.\n  $x: int) {\n  ## Of d.\n  final disk d { }\n  ## ends\n}\n"
    )
    assert file.doc == "The file,\ntwo lines."
    a, b, c, p = file.statements
    assert isinstance(a, Let) and isinstance(b, Let) and isinstance(c, Let) and isinstance(p, Profile)
    assert (a.doc, b.doc, c.doc, p.doc, p.params[0].doc) == ("Of a.", "", "", "Of p.", "Of x.")
    (d,) = p.body.statements
    assert isinstance(d, Block)
    assert d.doc == "Of d."
    assert len(file.comments) == 10


def test_spans_are_what_was_written() -> None:
    file = read('vm "a" extends b, over c(1) {\n  final x.y += (1 + $n) * 2\n}\n')
    (vm,) = file.statements
    assert isinstance(vm, Block)
    assert vm.label is not None
    assert (vm.path.span.text, vm.label.span.text, [p.span.text for p in vm.parents]) == ("vm", '"a"', ["b", "over c(1)"])
    assert vm.span.text == file.source.text.strip()
    assert vm.body.span.text.startswith("{\n") and vm.body.span.text.endswith("}")
    (setting,) = vm.body.statements
    assert isinstance(setting, Set)
    assert (setting.span.text, setting.value.span.text) == ("final x.y += (1 + $n) * 2", "(1 + $n) * 2")


@pytest.mark.parametrize("code", [c for c in vars(codes).values() if isinstance(c, codes.Code)], ids=str)
def test_pages(code: codes.Code) -> None:
    """The Example fires this code and no other; the Instead is clean."""
    assert code.section("What") and code.section("Why")
    if code in (codes.NOT_TEXT, codes.TOO_DEEP):  # what cannot stand on a page
        return
    example, instead = code.section("Example"), code.section("Instead")
    assert example and instead
    assert set(numbers(read(example))) == {code.number}
    assert numbers(read(instead)) == []
