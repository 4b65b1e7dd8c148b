"""Reads the DO_TEST lines of libvirt's test programs by expanding their own macros, so that a new macro needs nothing here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_DEFINE = re.compile(r"^\s*#\s*define (DO_TEST\w*)\(([^)]*)\)\s*(.*)$")
_CALL = re.compile(r"\b(DO_TEST\w*)\s*\(")
_LITERALS = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TERMINAL = "DO_TEST_FULL"


@dataclass(frozen=True)
class Call:
    """One DO_TEST line: the macro as written and the arguments of the DO_TEST_FULL that it comes to."""

    macro: str
    line: int
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class _Macro:
    parameters: tuple[str, ...]
    body: str


def calls(source: str) -> Iterator[Call]:
    """Every test of the program, in order."""
    text = _blank_comments(source)
    macros = _definitions(text)
    code = _blank_definitions(text)
    for match in _CALL.finditer(code):
        arguments = _arguments(code, match.end())
        yield Call(match[1], code.count("\n", 0, match.start()) + 1, _expand(macros, match[1], arguments))


def string(argument: str) -> str:
    """The value of adjacent string literals, as `"." "x86_64"`; empty for NULL."""
    return "".join(_LITERALS.findall(argument))


def _definitions(text: str) -> Mapping[str, _Macro]:
    found = {}
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if match := _DEFINE.match(line):
            found[match[1]] = _Macro(tuple(each.strip() for each in match[2].split(",")), match[3])
    return found


def _expand(macros: Mapping[str, _Macro], name: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    if name == _TERMINAL:
        return arguments
    macro = macros[name]
    named = [each for each in macro.parameters if each != "..."]
    values = dict(zip(named, arguments, strict=False)) | {"__VA_ARGS__": ", ".join(arguments[len(named) :])}
    body = re.sub(r'"(?:[^"\\]|\\.)*"|\w+', lambda match: values.get(match[0], match[0]), macro.body)
    inner = _CALL.search(body)
    if inner is None:
        raise ValueError(f"{name} comes to no test: {body}")
    return _expand(macros, inner[1], _arguments(body, inner.end()))


def _arguments(text: str, start: int) -> tuple[str, ...]:
    """The arguments from behind the opening bracket at `start` to its closing one, parted at commas of their own level."""
    found, depth, begin, at = [], 0, start, start
    while True:
        literal = _LITERALS.match(text, at)
        if literal:
            at = literal.end()
            continue
        letter = text[at]
        if letter in "([{":
            depth += 1
        elif letter in ")]}" and depth:
            depth -= 1
        elif letter == ")" or (letter == "," and not depth):
            found.append(" ".join(text[begin:at].split()))
            begin = at + 1
            if letter == ")":
                return tuple(each for each in found if each)
        at += 1


def _blank_comments(source: str) -> str:
    """The text with comments as blanks; lines stay where they are."""
    return re.sub(
        r'"(?:[^"\\\n]|\\.)*"|/\*.*?\*/', lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), source, flags=re.DOTALL
    )


def _blank_definitions(text: str) -> str:
    return re.sub(r"^\s*#\s*define .*?(?<!\\)$", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL | re.MULTILINE)
