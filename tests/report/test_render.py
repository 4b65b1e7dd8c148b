"""Every renderer: one golden file each of the same diagnostics, and what each format demands of its text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.golden import same
from vmspec.base.code import REGISTRY, Code
from vmspec.base.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from vmspec.base.source import Source, Span
from vmspec.report import FORMATS, render
from vmspec.report.location import locate, own_path
from vmspec.report.terminal import safe, shown, width

GOLDEN = Path(__file__).parent / "golden"
CODE = Code(9990, "test-only", "What: one thing.\nWhy: another.")
REGISTRY.pop(9990)

MAIN = Source(
    "fleet/main.vmspec",
    'vm web extends a, b {\n\tcpu.mode = host-model\r\n  title = "漢字 \x1b[31m é"\n  disk vda {\n    size = 1\n  }\n}\nlast',
)
OTHER = Source("odd: name,%.vmspec", "profile a {\n  cpu.mode = host-passthrough\n}\n")


def at(text: str, source: Source = MAIN) -> Span:
    start = source.text.index(text)
    return Span(source, start, start + len(text))


END = Span(MAIN, len(MAIN.text), len(MAIN.text))
ALL = [
    Diagnostic(
        CODE,
        "a and b set cpu.mode",
        at("a, b"),
        labels=(Label(at("host-model"), "here it is host-model"), Label(at("host-passthrough", OTHER), "and here host-passthrough")),
        notes=("siblings do not override\none another",),
        help="write `over b`",
        fix=Fix("let b win", (Edit(at("b {"), "over b {"), Edit(at("host-passthrough", OTHER), "host-model"))),
    ),
    Diagnostic(CODE, "a block over several lines", at("disk vda {\n    size = 1\n  }"), Severity.WARNING),
    Diagnostic(CODE, "wide letters and controls", at("漢字 \x1b[31m é"), Severity.WARNING),
    Diagnostic(CODE, "at the end of the file", END, fix=Fix("close it", (Edit(END, "\n}"),))),
    Diagnostic(CODE, "about no source, with \x1b[31m in it"),
]


@pytest.mark.parametrize("form", FORMATS)
def test_golden(form: str) -> None:
    same(render(form, ALL), GOLDEN / f"{form}.txt")


def test_golden_in_colour() -> None:
    same(render("full", ALL, colour=True), GOLDEN / "full-colour.txt")


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_from_a_source_controls_a_terminal(form: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", render(form, ALL))


@pytest.mark.parametrize("form", FORMATS)
def test_the_reader_s_names_are_used(form: str) -> None:
    text = render(form, ALL[:1], lambda source: f"../elsewhere/{source.path}")
    assert "../elsewhere/fleet/main.vmspec" in text


def test_no_diagnostics() -> None:
    assert render("full", []) == render("concise", []) == render("github", []) == ""
    assert json.loads(render("json", [])) == {"version": 1, "diagnostics": []}
    assert json.loads(render("sarif", []))["runs"][0]["results"] == []
    assert ElementTree.fromstring(render("junit", [])).get("failures") == "0"


def test_concise_is_one_line_each_in_the_documented_form() -> None:
    lines = render("concise", ALL).splitlines()
    assert lines[0] == "fleet/main.vmspec:1:16: error[9990 test-only]: a and b set cpu.mode"
    assert len(lines) == len(ALL)


def test_concise_keeps_a_message_on_its_line() -> None:
    assert render("concise", [Diagnostic(CODE, "one\ntwo")]) == "error[9990 test-only]: one two\n"


def test_json_is_as_documented() -> None:
    first = json.loads(render("json", ALL))["diagnostics"][0]
    assert list(first) == [
        "code", "name", "severity", "message", "file", "line", "column", "end_line", "end_column", "labels", "notes", "help", "fix",
    ]  # fmt: skip
    assert (first["code"], first["line"], first["column"], first["end_line"], first["end_column"]) == (9990, 1, 16, 1, 20)
    assert list(first["labels"][0]) == ["file", "line", "column", "end_line", "end_column", "message"]
    assert list(first["fix"]["edits"][0]) == ["file", "line", "column", "end_line", "end_column", "text"]
    assert json.loads(render("json", ALL))["diagnostics"][4]["file"] is None


def test_sarif_has_what_the_standard_requires() -> None:
    log = json.loads(render("sarif", ALL))
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        for location in result["locations"] + result.get("relatedLocations", []):
            region = location["physicalLocation"]["region"]
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    fixes = [fix for result in run["results"] for fix in result.get("fixes", [])]
    uris = {change["artifactLocation"]["uri"] for fix in fixes for change in fix["artifactChanges"]}
    assert "odd%3A%20name%2C%25.vmspec" in uris


def test_junit_counts_its_cases() -> None:
    suites = ElementTree.fromstring(render("junit", ALL))
    assert len(suites.findall(".//testcase")) == int(suites.get("tests", "")) == len(ALL)
    assert len(suites.findall(".//failure")) == int(suites.get("failures", "")) == 3


def test_github_escapes_properties_and_data() -> None:
    source = Source("a,b:c%.vmspec", "x")
    line = render("github", [Diagnostic(CODE, "50% of it", Span(source, 0, 1), notes=("more",))])
    assert line.startswith("::error file=a%2Cb%3Ac%25.vmspec,line=1,endLine=1,col=1,endColumn=2,title=9990 test-only::50%25 of it%0A")
    assert line.count("\n") == 1


def underlined(text: str, start: int, end: int) -> tuple[str, str]:
    """The line that is shown of a source, and the one with the carets."""
    lines = render("full", [Diagnostic(CODE, "x", Span(Source("f", text), start, end))]).splitlines()
    return lines[3], lines[4]


@pytest.mark.parametrize(
    ("text", "start", "end", "shown_line", "carets"),
    [
        ("abc", 1, 2, "1 | abc", "  |  ^"),
        ("abc", 1, 1, "1 | abc", "  |  ^"),
        ("abc", 3, 3, "1 | abc", "  |    ^"),
        ("", 0, 0, "1 |", "  | ^"),
        ("a\r\nb", 3, 4, "2 | b", "  | ^"),
        ("ab\r\n", 0, 4, "1 | ab", "  | ^^"),
        ("\tab", 1, 3, "1 |     ab", "  |     ^^"),
        ("漢字ab", 2, 3, "1 | 漢字ab", "  |     ^"),
        ("漢字ab", 0, 2, "1 | 漢字ab", "  | ^^^^"),
        ("e\u0301x", 2, 3, "1 | e\u0301x", "  |  ^"),
        ("a\x00b", 2, 3, "1 | a\\x00b", "  |      ^"),
        ("a\u202eb", 2, 3, "1 | a\\u{202e}b", "  |          ^"),
        ("abc", 1, 99, "1 | abc", "  |  ^^"),
    ],
)
def test_the_carets_stand_below_the_span(text: str, start: int, end: int, shown_line: str, carets: str) -> None:
    assert underlined(text, start, end) == (shown_line, carets)


def test_a_span_over_lines_is_marked_at_both_ends() -> None:
    text = "a {\n  b\n  c\n  d\n}\n"
    lines = render("full", [Diagnostic(CODE, "x", Span(Source("f", text), 0, len(text)))]).splitlines()
    assert lines[3:8] == ["1 | a {", "  | ^^^", "...", "5 | }", "  | ^"]


def test_a_long_line_is_cut_around_the_span() -> None:
    text = "x" * 5000 + "HERE" + "y" * 5000
    line, carets = underlined(text, 5000, 5004)
    column = carets.index("^")
    assert len(line) < 200
    assert line[column : column + 4] == "HERE"


def test_two_labels_on_a_line_have_a_row_each() -> None:
    source = Source("f", "a = b")
    text = render("full", [Diagnostic(CODE, "x", Span(source, 0, 1), labels=(Label(Span(source, 4, 5), "this"),))])
    assert "1 | a = b\n  | ^\n  |     - this\n" in text


def test_a_fix_is_shown_as_the_lines_it_changes() -> None:
    source = Source("f", "one\ntwo three\nfour\n")
    fix = Fix("swap", (Edit(Span(source, 4, 7), "2"), Edit(Span(source, 8, 13), "3")))
    text = render("full", [Diagnostic(CODE, "x", Span(source, 4, 7), fix=fix)])
    assert "= fix: swap\n2 - two three\n2 + 2 3\n" in text


def test_a_fix_that_removes_whole_lines() -> None:
    source = Source("f", "one\ntwo\nthree\n")
    text = render("full", [Diagnostic(CODE, "x", Span(source, 4, 7), fix=Fix("drop", (Edit(Span(source, 4, 8), ""),)))])
    assert "2 - two\n" in text
    assert "+ two" not in text


def test_unknown_format() -> None:
    with pytest.raises(ValueError, match="no format"):
        render("yaml", [])


def test_locate_is_cut_to_the_source() -> None:
    assert locate(Span(Source("f", "ab"), -3, 40), own_path) == ("f", 1, 1, 1, 3)


def test_safe_text() -> None:
    assert safe("plain") == "plain"
    assert safe("é漢") == "é漢"
    assert safe("\x1b]0;x\x07") == "\\x1b]0;x\\x07"
    assert safe("\ud800") == "\\u{d800}"
    assert shown("\ta") == "    a"
    assert width("漢a") == 3


def test_a_line_end_in_a_value_begins_no_line() -> None:
    """A line that begins with `::` is a command to GitHub's runners."""
    source = Source("a.vmspec", "x = 1\n")
    found = Diagnostic(CODE, "no host is named a\n::warning::pwn", Span(source, 0, 1))
    for form in ("full", "concise"):
        assert "\n::" not in render(form, [found])
