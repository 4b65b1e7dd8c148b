"""Loads the compiled grammar: from the wheel, or in a checkout from the user's cache, compiled once.

The file is JSON, which can only be data. In a checkout it is trusted only where the user owns it and nobody else may write to it,
and only for the grammar, the compiler and the lark that it was made from.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from vmspec.base import resources
from vmspec.base.cache import cache_folder, read_own, write_own
from vmspec.base.record import record

ChildShape: TypeAlias = tuple[int | tuple[int] | None, ...]


@record(frozen=True, slots=True)
class GrammarRule:
    origin: str
    size: int
    function: str | None
    """The function of ast_builder.py that makes the node; None where the children are the value."""
    pick: int | None
    """The index of the only child, if the rule's value is that child."""
    shape: ChildShape | None
    """What the function gets: a child's index, None for an absent optional part, (index,) for a list to splice in.

    None for all children as they are.
    """


@record(frozen=True, slots=True)
class Tables:
    scanner: re.Pattern[str]
    states: list[dict[str, int]]
    """By state and symbol: the state to go to, or `~n` to reduce by rule n."""
    rules: tuple[GrammarRule, ...]
    starts: dict[str, int]
    ends: dict[str, int]


@cache
def tables() -> Tables:
    return _tables(_shipped() or _cached())


def _tables(data: dict[str, Any]) -> Tables:
    return Tables(re.compile(data["scanner"]), data["states"], tuple(map(_rule, data["rules"])), data["starts"], data["ends"])


def _rule(data: list[Any]) -> GrammarRule:
    origin, size, function, pick, listed = data
    shape = tuple(tuple(part) if isinstance(part, list) else part for part in listed)
    return GrammarRule(sys.intern(origin), size, function, pick, None if shape == tuple(range(size)) else shape)


def _shipped() -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads((resources.grammar() / "tables.json").read_bytes())
    except FileNotFoundError:
        return None
    return data


# ------------------------------------------------------------------------------------------------ in a checkout


def _cached() -> dict[str, Any]:
    grammar = resources.grammar() / "vmspec.lark"
    made_from = [grammar.read_text(encoding="utf-8"), _stamp(Path(__file__).with_name("compile_grammar.py")), _stamp(_lark())]
    file = cache_folder() / "tables.json"
    kept = read_own(file)
    if kept is not None and kept.get("made_from") == made_from:
        return kept
    from vmspec.syntax.compile_grammar import compile_grammar

    data = compile_grammar(grammar.read_text(encoding="utf-8"))
    write_own(file, json.dumps(data | {"made_from": made_from}))
    return data


def _stamp(file: Path | None) -> list[str | int]:
    """Which version of a file this is, without reading it."""
    if file is None:
        return []
    status = file.stat()
    return [str(file), status.st_size, status.st_mtime_ns]


def _lark() -> Path | None:
    from importlib.util import find_spec

    spec = find_spec("lark")
    return Path(spec.origin) if spec is not None and spec.origin is not None else None
