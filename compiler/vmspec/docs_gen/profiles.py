"""The page of a profile: what it is for, its parents and parameters, what it demands, and its settings with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vmspec.docs_gen.page import code, link, prose, table
from vmspec.docs_gen.settings import groups, reasons_of
from vmspec.resolve.program import ProfileDef
from vmspec.syntax import tree

LinkTarget = Callable[[tree.Ref], str | None]
"""A profile's name as it is written → its page, where it has one."""


def described(profile: ProfileDef, target: LinkTarget) -> Iterator[str]:
    """The blocks below the heading."""
    node = profile.node
    if node.abstract:
        yield "Abstract: no VM can be made of it alone."
    if node.doc:
        yield prose(node.doc)
    if node.parents:
        yield "**Extends** " + ", ".join(_parent(each, target) for each in node.parents)
    if node.params:
        yield "**Parameters**"
        yield parameters(node.params)
    yield from _demands(node.body)
    reasons = reasons_of(profile.unit.file)
    said = list(groups(node.body, reasons))
    if said:
        yield "**Settings**"
    for group in said:
        lines = "  \n".join(code(text) for text in group.statements)
        yield f"- {lines.replace(chr(10), chr(10) + '  ')}" + (f"  \n  {_inset(group.reason)}" if group.reason else "")


def parameters(params: tuple[tree.Param, ...]) -> str:
    rows = ((code(f"${p.name.name}"), code(p.type.span.line), code(p.default.span.line) if p.default else "", prose(p.doc)) for p in params)
    return table(("Name", "Type", "Default", "What it is"), rows)


def _parent(each: tree.Parent, target: LinkTarget) -> str:
    page = target(each.name)
    shown = code(each.span.line.removeprefix("over ").strip())
    return ("over " if each.over else "") + (link(shown, page) if page else shown)


def _demands(body: tree.Body) -> Iterator[str]:
    needed = [f"- {code(_path(each))}: {prose(_message(each.message))}" for each in body.statements if isinstance(each, tree.Require)]
    if needed:
        yield "**Requires**"
        yield "\n".join(needed)
    wrong = [
        f"- {code(each.condition.span.line)}" + (f": {prose(_message(each.message))}" if each.message else "")
        for each in body.statements
        if isinstance(each, tree.Assert)
    ]
    if wrong:
        yield "**Asserts**"
        yield "\n".join(wrong)


def _path(each: tree.Require) -> str:
    return each.path.span.text + (f" {each.label.span.text}" if each.label else "")


def _message(text: tree.Text) -> str:
    """As it is written, where something is interpolated."""
    return text.constant if text.constant is not None else text.span.line.strip('"')


def _inset(reason: str) -> str:
    return prose(" ".join(reason.split()))
