"""A Domain as the text of a `vm` that says exactly what it says: `resolve = false`, and nothing added."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.ingest.domain import Comment
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.domain import Domain
from vmspec.model.show import quote, show, show_label, show_spelled, show_symbol

INDENT = "  "


class Line(NamedTuple):
    path: Path
    depth: int
    text: str


def vm_source(domain: Domain, label: str, comments: tuple[Comment, ...] = ()) -> str:
    """`label` is the vm's name in the language; another name in the XML is kept as a feature."""
    body = [Line(("resolve",), 1, "resolve = false"), *block_lines(domain.but(name=None) if domain.name == label else domain, (), 1)]
    lines = _commented(body, comments)
    return "\n".join([f"vm {quote(label)} {{", *(INDENT * line.depth + line.text for line in lines), "}", ""])


def label_for(domain: Domain, fallback: str = "vm") -> str:
    """A name for the vm in the language, where libvirt's own may have a slash, or be missing."""
    name = re.sub(r"[/\x00-\x1f\x7f]+", "_", domain.name or "").strip()
    return fallback if name in ("", ".", "..") else name


def block_lines(block: Block, path: Path, depth: int) -> Iterator[Line]:
    """The statements inside a block, in the order of its lines."""
    for field in schema(type(block)):
        value = getattr(block, field.python)
        if value is None or value == () or (isinstance(field.line, OpenMap) and not value):
            continue
        here = (*path, field.name)
        match field.line:
            case Attr() | Choice():
                yield Line(here, depth, f"{field.name} = {show_spelled(block, field) or show(value)}")
            case OpenMap():
                yield from _map_lines(block, field, here, depth)
            case Sub():
                yield from _nested(value, here, depth, field.name)
            case Many():
                for each in value:
                    yield from _nested(each, (*here, each.label), depth, f"{field.name} {_label(each.label, field.line)}")
    yield from _raw_lines(block.raw, (*path, "xml"), depth)


def _nested(block: Block, path: Path, depth: int, opening: str) -> Iterator[Line]:
    inner = list(block_lines(block, path, depth + 1))
    if not inner:
        yield Line(path, depth, f"{opening} {{ }}")
        return
    yield Line(path, depth, f"{opening} {{")
    yield from inner
    yield Line((*path, "}"), depth, "}")


def _map_lines(block: Block, field: Field, path: Path, depth: int) -> Iterator[Line]:
    values: Mapping[str, object] = getattr(block, field.python)
    yield Line(path, depth, f"{field.name} {{")
    for key, value in values.items():
        yield Line((*path, key), depth + 1, f"{show_symbol(key)} = {show(value)}")  # type: ignore[arg-type]
    yield Line((*path, "}"), depth, "}")


def _label(label: str, line: Many) -> str:
    return label if line.numbered and label.isdecimal() else show_label(label)


def _raw_lines(raw: Mapping[str, str], path: Path, depth: int) -> Iterator[Line]:
    for place, part in raw.items():
        name = "xml" if not place else f"xml.{show_symbol(place)}"
        yield Line(path, depth, f"{name} = {_raw_text(part, depth)}")


_TEXT = re.compile(r">[^<]*[^\s<][^<]*<|=\s*(?:\"[^\"]*\n[^\"]*\"|'[^']*\n[^']*')")
"""Text beside elements, or a line end in an attribute: what a change of indentation would change."""


def _raw_text(part: str, depth: int) -> str:
    """A block of lines where the indentation means nothing; else one line, with escapes."""
    if "\n" not in part or any("\n" in m[0] for m in _TEXT.finditer(part)) or not part.startswith("<"):
        return quote(part)
    pad = INDENT * (depth + 1)
    lines = [line.strip() for line in part.splitlines() if line.strip()]
    escaped = [line.replace("\\", "\\\\").replace("${", "\\${").replace('"""', '\\"\\"\\"') for line in lines]
    return '"""\n' + "\n".join(pad + line for line in escaped) + '"""'


def _commented(lines: list[Line], comments: tuple[Comment, ...]) -> Iterator[Line]:
    """Puts each comment before the first line of what it stands before, or of the nearest block around it."""
    before: dict[int, list[str]] = {}
    for comment in comments:
        before.setdefault(_spot(lines, comment.before), []).append(comment.text)
    for number, line in enumerate(lines):
        for text in before.get(number, ()):
            yield from (Line((), line.depth, f"# {part.strip()}") for part in text.splitlines() if part.strip())
        yield line


def _spot(lines: list[Line], path: Path) -> int:
    while path:
        for number, line in enumerate(lines):
            if line.path[: len(path)] == path:
                return number
        path = path[:-1]
    return 0
