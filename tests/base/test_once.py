"""What many objects share is told once, and what lies in the standard library at the user's own line."""

from __future__ import annotations

import json

from vmspec.base.diagnostic import Diagnostic, Edit, Fix, Label, in_source_order
from vmspec.base.source import Source, Span
from vmspec.report.json import render
from vmspec.syntax.codes import UNEXPECTED as CODE

SOURCE = Source("a.vmspec", "vm a { x = 1 }\n")
HERE, THERE = Span(SOURCE, 7, 12), Span(SOURCE, 0, 4)


def found(name: str, message: str, part: str = "", at: Span = HERE) -> Diagnostic:
    return Diagnostic(CODE, message, at, about=name, part=part)


def said(*diagnostics: Diagnostic) -> list[str]:
    return [d.message for d in in_source_order(diagnostics)]


def test_objects_of_a_template_are_counted() -> None:
    names = [f"a-{number}" for number in range(1, 51)]
    assert said(*(found(name, f'"{name}" asks') for name in names)) == ['"a-1" asks (and 49 more: a-2, a-3, a-4, …)']
    assert said(found("a-1", "one"), found("a-2", "one")) == ["one (a-1 and 1 more: a-2)"]


def test_blocks_of_a_wildcard_are_counted() -> None:
    assert said(found("a", "disk vda is slow", "vda"), found("a", "disk vdb is slow", "vdb")) == ["disk vda is slow (and 1 more: vdb)"]
    both = [found(vm, f"disk {disk} is slow", disk) for vm in "ab" for disk in ("vda", "vdb")]
    assert said(*both) == ["disk vda is slow (a:vda and 3 more: a:vdb, b:vda, b:vdb)"]


def test_what_differs_is_told_apart() -> None:
    assert len(said(found("a", "3 of 4"), found("b", "2 of 4"))) == 2
    assert len(said(found("a", "one"), found("b", "one", at=THERE))) == 2
    assert said(found("a", "a is a vm"), found("b", "b is a vm")) == ["a is a vm (and 1 more: b)"]


def test_a_machine_reads_all_names() -> None:
    plain = json.loads(render(in_source_order([found("a", "one"), found("b", "one")])))["diagnostics"]
    assert [d["objects"] for d in plain] == [["a", "b"]]


def test_the_standard_library_is_told_where_it_comes_in() -> None:
    standard = Span(Source("std/base.vmspec", "x ?= 1\n", standard=True), 0, 6)
    moved = Diagnostic(CODE, "wrong", standard, fix=Fix("write 2", (Edit(standard, "2"),))).from_standard(THERE)
    assert moved.primary == THERE and moved.fix is None
    assert moved.labels == (Label(standard, "the standard library says it here"),)
    own = found("a", "wrong")
    assert own.from_standard(THERE) is own
