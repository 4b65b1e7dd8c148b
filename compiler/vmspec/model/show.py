"""Prints any value as the language writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vmspec.model.block import Attr, Block, Field, Many, schema
from vmspec.model.kind import Integer, Kind, Words
from vmspec.model.value import CpuSet, ObjectRef, Pins, Quantity, Secret, Symbol, Tagged, Value, show_quantity
from vmspec.model.written import can_write, own_text

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*")
_BARE = re.compile(
    r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]|[0-9]+(\.[0-9]+){3}(/[0-9]+)?"
    r"|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(pc|virt|pseries|s390-ccw-virtio)(-[a-z0-9]+)*-[0-9]+\.[0-9]+"
)


def show(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Quantity():
            return show_quantity(value)
        case int():
            return str(value)
        case Symbol():
            return show_symbol(value)
        case str():
            return quote(value)
        case Pins():
            return "[" + ", ".join(show_item(v) for v in value.order) + "]"
        case CpuSet():
            return str(value) if value else "cpuset([])"
        case tuple():
            return "[" + ", ".join(show_item(v) for v in value) + "]"
        case Secret():
            return f"${value.name}" if value.param else f"secret({quote(value.name)})"
        case ObjectRef():
            return f"{value.kind}({show_symbol(value.name)})"
        case Tagged():
            return show_call(value.tag, value.positional, value.named)
        case Block():
            return show_variant(value)
        case Mapping():
            return "{ " + "; ".join(f"{show_symbol(k)} = {show(v)}" for k, v in value.items()) + " }" if value else "{ }"


def as_read(kind: Kind, value: Value | None) -> Value | None:
    """With names bare, as they are read from XML, also where a source has them in quotes."""
    named = type(value) is str and isinstance(kind, Words) and kind.symbol
    return Symbol(value) if named else value


def show_feature(value: Value, field: Field) -> str:
    """The value of a feature; a number that stands in XML as hexadecimal is so here too: `0x046d`."""
    if isinstance(field.line, Attr) and isinstance(field.line.kind, Integer) and field.line.kind.radix == 16 and isinstance(value, int):
        return field.line.kind.text(value)
    return show(value)


def show_item(value: Value) -> str:
    """In a list a comma ends the item, so that a cpuset of several ranges is written as a union."""
    union = isinstance(value, CpuSet) and not isinstance(value, Pins) and value
    return " | ".join(str(value).split(",")) if union else show(value)


def show_symbol(text: str) -> str:
    """Bare where the grammar takes it so."""
    bare = _WORD.fullmatch(text) or _BARE.fullmatch(text)
    return text if bare and text not in ("true", "false", "self") else quote(text)


def show_key(path: str) -> str:
    """The key of an open map: a dotted path of words may stand bare."""
    return path if all(_is_word(step) for step in path.split(".")) else quote(path)


def show_label(text: str) -> str:
    """The label of a block: only a word may stand bare there."""
    return text if _is_word(text) else quote(text)


def _is_word(text: str) -> bool:
    """A UUID may look like a word, and is none."""
    return bool(_WORD.fullmatch(text)) and not _BARE.fullmatch(text) and text not in ("true", "false", "self")


def quote(text: str) -> str:
    """A string literal on one line; what a terminal would obey or hide is spelled out."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    return f'"{escape_unseen(escaped)}"'


_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def escape_unseen(text: str) -> str:
    """Line ends of any kind, controls and what no editor shows, as escapes: U+0085 ends a line for some tools and not for others."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _ESCAPES.get(c) or f"\\u{{{ord(c):x}}}" for c in text)


def show_call(tag: str, positional: tuple[Value, ...], named: tuple[tuple[str, Value], ...]) -> str:
    parts = [show_item(v) for v in positional] + [f"{name} = {show_item(v)}" for name, v in named]
    return f"{tag}({', '.join(parts)})"


def show_variant(block: Block) -> str:
    """A variant of a choice as the call that makes it; any other block as a map."""
    cls = type(block)
    named = dict(shown_features(block))
    if not cls.tag:
        return "{ " + "; ".join(f"{k} = {v}" for k, v in named.items()) + " }" if named else "{ }"
    joined = cls.joined_parts(vars(block))
    positional = [] if joined is None else [show_symbol(joined)]
    for name in cls.positional_parts(joined) or () if joined is not None else ():
        del named[name]
    for name in cls.positional:
        key = name.replace("_", "-")
        if key not in named:
            break
        positional.append(named.pop(key))
    if not positional and not named:
        return show_symbol(cls.tag)
    return f"{cls.tag}({', '.join([*positional, *(f'{k} = {v}' for k, v in named.items())])})"


def shown_features(block: Block) -> Iterator[tuple[str, str]]:
    """Every feature of a block that has no statements of its own: its name, and its value as an argument."""
    for f in schema(type(block)):
        value = getattr(block, f.python)
        if value is None or (not isinstance(f.line, Attr) and not value) or value == ():
            continue
        if isinstance(f.line, Many):
            yield f.name, show({b.label: b for b in value})
        else:
            yield f.name, show_item(value) if isinstance(value, CpuSet) else show_unwritten(block, f) or show_feature(value, f)
    if block.raw:
        yield "xml", quote(block.raw[""]) if tuple(block.raw) == ("",) else show(block.raw)


def show_unwritten(block: Block, field: Field) -> str | None:
    """libvirt's own text of a value that the language does not take: with `resolve = false` it stands in its place."""
    text = own_text(block, field)
    line = field.line
    if text is None or not isinstance(line, Attr) or can_write(line, getattr(block, field.python)):
        return None
    return quote(text)
