"""A block as statements of the language: a tree that can be printed, compared and taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.show import escape_unseen, quote, show, show_feature, show_key, show_label, show_symbol, show_unwritten
from vmspec.model.value import Value
from vmspec.model.written import written

INDENT = "  "


class SourceStatement(NamedTuple):
    """A setting (`name = text`), or a block with what is in it."""

    path: Path
    name: str
    """As it is written: the feature, the key of a map, or the place of a raw part."""
    label: str = ""
    """As it is written; "" for a block without one."""
    text: str | None = None
    """Of a setting, the value as it is written."""
    inner: tuple[SourceStatement, ...] = ()
    is_map: bool = False
    """Its entries have keys of their own, in an order that counts."""

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.label


class TextLine(NamedTuple):
    path: Path
    depth: int
    text: str


def statements(block: Block, path: Path = (), depth: int = 1) -> Iterator[SourceStatement]:
    """What is in a block, in the order of its lines."""
    values = vars(block)
    for field in schema(type(block)):
        value = values.get(field.python)
        if value is None or value == () or (isinstance(field.line, OpenMap) and not value):
            continue
        here = (*path, field.name)
        match field.line:
            case Attr() | Choice():
                yield SourceStatement(here, field.name, text=show_unwritten(block, field) or show_feature(value, field))
            case OpenMap():
                yield _map(value, field, here)
            case Sub():
                yield SourceStatement(here, field.name, inner=tuple(statements(value, here, depth + 1)))
            case Many():
                for each in value:
                    below = (*here, each.label)
                    yield SourceStatement(
                        below, field.name, _label(each.label, field.line), inner=tuple(statements(each, below, depth + 1))
                    )
    yield from _raws(block.raw, (*path, "xml"), depth)


def spellings(block: Block) -> Iterator[SourceStatement]:
    """libvirt's own texts of the values of a VM, where there are such."""
    path = ("as-written",)
    entries = tuple(SourceStatement((*path, key), show_key(key), text=quote(text)) for key, text in written(block))
    if entries:
        yield SourceStatement(path, "as-written", inner=entries, is_map=True)


def _map(values: Mapping[str, Value], field: Field, path: Path) -> SourceStatement:
    entries = (SourceStatement((*path, key), show_symbol(key), text=show(value)) for key, value in values.items())
    return SourceStatement(path, field.name, inner=tuple(entries), is_map=True)


def _label(label: str, line: Many) -> str:
    return label if line.numbered and label.isdecimal() else show_label(label)


def _raws(raw: Mapping[str, str], path: Path, depth: int) -> Iterator[SourceStatement]:
    for place, part in raw.items():
        yield SourceStatement(path, "xml" if not place else f"xml.{show_symbol(place)}", text=_raw_text(part, depth))


_TEXT = re.compile(r">[^<]*[^\s<][^<]*<|=\s*(?:\"[^\"]*\n[^\"]*\"|'[^']*\n[^']*')|<!--|<!\[CDATA\[")
"""Text beside elements, a line end in an attribute, a comment: what a change of indentation would change."""


def _raw_text(part: str, depth: int) -> str:
    """A block of lines where the indentation means nothing; else one line, with escapes."""
    if "\n" not in part or any("\n" in m[0] or m[0].startswith("<!") for m in _TEXT.finditer(part)) or not part.startswith("<"):
        return quote(part)
    pad = INDENT * (depth + 1)
    lines = [line.strip(" \t\r") for line in part.split("\n") if line.strip(" \t\r")]
    escaped = [escape_unseen(line.replace("\\", "\\\\").replace("${", "\\${").replace('"""', '\\"\\"\\"')) for line in lines]
    return '"""\n' + "\n".join(pad + line for line in escaped) + '"""'


# ------------------------------------------------------------------------------------------------- printing


def lines(body: Sequence[SourceStatement], depth: int, short: bool = False) -> Iterator[TextLine]:
    """`short` writes a labelled block of one setting on one line."""
    for each in body:
        yield from _lines(each, depth, short)


def _lines(statement: SourceStatement, depth: int, short: bool) -> Iterator[TextLine]:
    if statement.text is not None:
        yield TextLine(statement.path, depth, f"{statement.name} = {statement.text}")
        return
    if statement.name == UNSET:
        yield TextLine(statement.path, depth, f"{UNSET} {statement.label}")
        return
    head = f"{statement.name} {statement.label}".rstrip()
    if not statement.inner:
        yield TextLine(statement.path, depth, f"{head} {{ }}")
        return
    alone = _alone(statement)
    if alone is not None and not statement.label:
        yield TextLine(alone.path, depth, f"{head}.{alone.name} = {alone.text}")
        return
    if alone is not None and short and '"""' not in str(alone.text):
        yield TextLine(alone.path, depth, f"{head} {{ {alone.name} = {alone.text} }}")
        return
    yield TextLine(statement.path, depth, f"{head} {{")
    yield from lines(statement.inner, depth + 1, short)
    yield TextLine((*statement.path, "}"), depth, "}")


def _alone(statement: SourceStatement) -> SourceStatement | None:
    """The one setting in a block, with its name from there on; None where there are more, or their names do not join."""
    if len(statement.inner) != 1 or statement.is_map:
        return None
    only = statement.inner[0]
    if only.text is not None:
        return None if '"' in only.name or only.text.startswith('"""') else only
    inner = None if only.label or only.name == UNSET else _alone(only)
    return None if inner is None else inner._replace(name=f"{only.name}.{inner.name}")


UNSET = "unset"
"""The name of a statement that takes away what a profile gives: its label says what."""


def unset(of: SourceStatement) -> SourceStatement:
    return SourceStatement(of.path, UNSET, f"{of.name} {of.label}".rstrip())
