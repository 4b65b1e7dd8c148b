"""Access to parts of a value: items of lists, keys of maps, features of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vmspec.base.source import Span
from vmspec.base.suggest import did_you_mean
from vmspec.evaluate import codes
from vmspec.evaluate.operators import describe
from vmspec.evaluate.session import Session, ValueOrError
from vmspec.model.block import Block, schema
from vmspec.model.show import show
from vmspec.model.value import Quantity, Value


def part_of(value: Value, key: Value) -> Value | None:
    """`value.key` and `value[key]`: of a map, a list (from 0), or the features of a block; None where there is none."""
    match value:
        case Mapping():
            return value.get(str(key) if isinstance(key, str) else show(key))
        case tuple():
            index = int(key) if isinstance(key, str) and key.isascii() and key.isdigit() else key
            whole = isinstance(index, int) and not isinstance(index, (bool, Quantity))
            return value[index] if whole and isinstance(index, int) and 0 <= index < len(value) else None
        case Block():
            found = schema(type(value)).by_name.get(str(key)) if isinstance(key, str) else None
            return getattr(value, found.python) if found is not None else None
        case _:
            return None


def member(value: Value, key: Value, at: Span, session: Session) -> ValueOrError:
    """The part of a value, or POISON after a diagnostic that says what there is."""
    found = part_of(value, key)
    if found is not None:
        return found
    match value:
        case Mapping():
            name = str(key) if isinstance(key, str) else show(key)
            otherwise = f"its keys are {listed(map(str, value))}" if value else "it is empty"
            help_ = did_you_mean(name, map(str, value)) or otherwise
            return session.say(codes.NO_SUCH_KEY, f"there is no {name} in this map", at, help=help_)
        case tuple():
            ends = f"its items are [0] to [{len(value) - 1}]" if value else "it is empty"
            message = f"there is no item {show(key)} in a list of {len(value)} item{'' if len(value) == 1 else 's'}"
            return session.say(codes.NO_SUCH_KEY, message, at, help=ends)
        case Block():
            return session.say(codes.NO_SUCH_KEY, f"{type(value).tag or type(value).__name__.lower()} has no {show(key)}", at)
        case _:
            return session.say(codes.NO_SUCH_KEY, f"{describe(value)} has no parts", at)


def listed(words: Iterable[str]) -> str:
    """The first few of many words, for a message."""
    some = list(words)
    return ", ".join(some[:8]) + (f" and {len(some) - 8} more" if len(some) > 8 else "")
