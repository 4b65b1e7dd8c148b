"""Prints a syntax tree as text for people and tests: one line a node, without spans and comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from vmspec.base.source import Span
from vmspec.syntax import tree


def dump(file: tree.File) -> str:
    lines = [f"File doc={file.doc!r}" if file.doc else "File"]
    for statement in file.statements:
        lines += _lines(statement, 1)
    return "\n".join(lines) + "\n"


def _lines(node: object, depth: int, name: str = "") -> Iterator[str]:
    """A node's plain values on its own line, its children below; what is empty, absent or False is left out."""
    pad, head = "  " * depth, f"{name}: " if name else ""
    if not is_dataclass(node):
        yield f"{pad}{head}{node!r}"
        return
    plain: list[str] = []
    parts: list[tuple[str, object]] = []
    for f in fields(node):
        value = getattr(node, f.name)
        if isinstance(value, Span) or value is None or value is False or value == () or value == "":
            continue
        if isinstance(value, tuple):
            parts += [(f.name, part) for part in value]
        elif is_dataclass(value):
            parts.append((f.name, value))
        else:
            plain.append(f"{f.name}={value!r}")
    yield " ".join([f"{pad}{head}{type(node).__name__}", *plain])
    for label, part in parts:
        yield from _lines(part, depth + 1, label)
