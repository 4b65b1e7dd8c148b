"""Binary and unary operators, with dimensions checked and exact results."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Literal

from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.opaque import compared
from vmspec.evaluate.session import MAX_LIST, MAX_STRING, Session, ValueOrError
from vmspec.evaluate.weight import size_of, weighed
from vmspec.model.block import Block
from vmspec.model.pins import PINS
from vmspec.model.show import show
from vmspec.model.value import CpuSet, ObjectRef, Percentage, Pins, Quantity, Rate, Secret, Size, Symbol, Tagged, Value
from vmspec.syntax import tree

AMBIGUOUS = frozenset({"K", "M", "G", "T", "P", "E"})


def describe(value: Value) -> str:
    """A value as a message names it: its type and, where short, itself."""
    match value:
        case bool():
            return f"the boolean {show(value)}"
        case Quantity():
            return f"the {value.dimension} {show(value)}"
        case int():
            return f"the number {value}"
        case Symbol():
            return f"the word {value}"
        case str():
            return f"the text {show(value)}" if len(value) < 40 else "a text"
        case Pins():
            return f"the list {show(value)}"
        case CpuSet():
            return f"the cpuset {value}" if value else "the empty cpuset"
        case tuple():
            return f"the list {show(value)}" if not _opaque(value) and len(show(value)) < 40 else f"a list of {len(value)} items"
        case Secret():
            return "a secret"
        case ObjectRef():
            return f"the {value.kind} {value.name}"
        case Tagged():
            return f"{value.tag}(…)"
        case Block():
            return f"{type(value).tag or type(value).__name__.lower()}(…)"
        case Mapping():
            return f"the map of {', '.join(map(str, value))}" if 0 < len(value) < 6 else f"a map of {len(value)} entries"


def _opaque(items: tuple[Value, ...]) -> bool:
    """Whether a list holds what is not printed, or much of it."""
    return len(items) > 8 or any(isinstance(i, (tuple, Mapping, Secret, Block, Tagged)) for i in items)


def plain_int(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, (bool, Quantity))


def negate(value: Value, e: tree.Unary, session: Session) -> ValueOrError:
    if isinstance(value, Quantity):
        return type(value)(-int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return -value
    return session.say(codes.BAD_OPERAND, f"`-` takes a number, and this is {describe(value)}", e.operand.span)


def apply_binary(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    """Any operator but `and` and `or`, which do not always evaluate both sides."""
    if compared(e, left, right):
        return session.say(codes.SECRET, "a secret cannot be compared or computed with", e.span)
    match e.operator:
        case "==" | "!=":
            equal = equals(e, left, right, session)
            return equal if not isinstance(equal, bool) else equal is (e.operator == "==")
        case "<" | "<=" | ">" | ">=":
            return _order(e, e.operator, left, right, session)
        case "in":
            return _contains(e, left, right, session)
        case "|" | "&":
            return _set(e, left, right, session)
        case "+" | "-":
            return _sum(e, left, right, session)
        case "*":
            return _product(e, left, right, session)
        case "/":
            return _quotient(e, left, right, session)
        case _:
            raise AssertionError(e.operator)


def equals(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    if isinstance(left, str) and isinstance(right, str):
        return str(left) == str(right)
    if isinstance(left, (Pins, tuple)) and isinstance(right, (Pins, tuple)):
        return PINS.read(left) == PINS.read(right) if isinstance(left, Pins) or isinstance(right, Pins) else left == right
    if (isinstance(left, CpuSet) and _is_cpus(right)) or (isinstance(right, CpuSet) and plain_int(left)):
        return _cpuset(left).bits == _cpuset(right).bits
    if isinstance(left, ObjectRef) and isinstance(right, str):
        return left.name == right
    if _type(left) is _type(right):
        session.walk(size_of(left, session), e.span)
        return left == right
    return mismatch(e, left, right, session)


def same(left: Value, right: Value) -> bool:
    """Equal in type and value, as the merge compares: `2` and `2B` differ."""
    if left is right:
        return True
    if _type(left) is not _type(right):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return left == right


def key_of(value: Value) -> Hashable:
    """What two values have in common where they are the `same`, and no others: lists are compared by it in linear time."""
    match value:
        case str():
            return str, str(value)
        case tuple():
            return tuple, tuple(map(key_of, value))
        case Mapping():
            return Mapping, frozenset((key, key_of(item)) for key, item in value.items())
        case Tagged() | Block():
            return type(value), show(value)
        case _:
            return type(value), value


def keys_of(items: tuple[Value, ...], span: Span, session: Session) -> list[Hashable]:
    """The key of each item; the walk counts against the budget."""
    session.walk(sum(size_of(item, session) for item in items), span)
    return [key_of(item) for item in items]


def _type(value: Value) -> type:
    if isinstance(value, str):
        return str
    return Mapping if isinstance(value, Mapping) else type(value)


def mismatch(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    fix = (
        "give the number a unit"
        if (isinstance(left, Quantity) and plain_int(right)) or (isinstance(right, Quantity) and plain_int(left))
        else None
    )
    return session.say(codes.BAD_OPERAND, f"`{e.operator}` does not go between {describe(left)} and {describe(right)}", e.span, help=fix)


def _order(e: tree.Binary, operator: Literal["<", "<=", ">", ">="], left: Value, right: Value, session: Session) -> ValueOrError:
    a, b = left, right
    comparable = _type(left) is _type(right) and isinstance(left, (int, str)) and not isinstance(left, bool)
    if isinstance(a, CpuSet) and isinstance(b, CpuSet):
        # As sets are ordered: by inclusion.
        inside = {"<=": not a - b, ">=": not b - a, "<": not a - b and bool(b - a), ">": not b - a and bool(a - b)}
        return inside[operator]
    if not comparable:
        return mismatch(e, left, right, session)
    x: tuple[object, ...]
    y: tuple[object, ...]
    if isinstance(a, str) and isinstance(b, str):
        x, y = text_order(a), text_order(b)
    else:
        assert isinstance(a, int) and isinstance(b, int)
        x, y = (int(a),), (int(b),)
    return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[operator]


def text_order(text: str) -> tuple[object, ...]:
    """The key by which texts are ordered: their numbers as numbers, so that `9.0.0` is below `10.0.0`, and a beginning before the whole.

    Texts that differ only in zeros before a number follow their characters: two texts are equal only where `==` says so.
    """
    pieces = [(0, int(p[:4000]), len(p)) if p.isdigit() else (1, p, 0) for p in _PIECES.findall(str(text))]
    return (tuple(pieces), str(text))


_PIECES = re.compile(r"[0-9]+|[^0-9]")


def _contains(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    if isinstance(right, Mapping):
        return str(left) in right if isinstance(left, str) else show(left) in right
    if isinstance(right, tuple):
        session.walk(len(right), e.span)
        return any(same(left, item) for item in right)
    if isinstance(right, CpuSet) and (isinstance(left, CpuSet) or plain_int(left)):
        return not _cpuset(left) - right
    if isinstance(right, str) and isinstance(left, str):
        return left in right
    return mismatch(e, left, right, session)


def _cpuset(value: Value) -> CpuSet:
    if isinstance(value, CpuSet):
        return value
    assert isinstance(value, int)
    return CpuSet(1 << value) if 0 <= value < 1 << 16 else CpuSet()


def _is_cpus(value: Value) -> bool:
    return isinstance(value, CpuSet) or plain_int(value)


def _set(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    if _is_cpus(left) and _is_cpus(right):
        a, b = _cpuset(left), _cpuset(right)
        return a | b if e.operator == "|" else a & b
    if isinstance(left, tuple) and isinstance(right, tuple):
        known = set(keys_of(right if e.operator == "&" else left, e.span, session))
        if e.operator == "&":
            return tuple(x for x, key in zip(left, keys_of(left, e.span, session), strict=True) if key in known)
        return limited(
            left + tuple(y for y, key in zip(right, keys_of(right, e.span, session), strict=True) if key not in known), e.span, session
        )
    return mismatch(e, left, right, session)


def _sum(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    sign = 1 if e.operator == "+" else -1
    if isinstance(left, CpuSet) and sign < 0 and _is_cpus(right):
        return left - _cpuset(right)
    if isinstance(left, Quantity) and type(left) is type(right):
        return bounded(type(left)(int(left) + sign * int(right)), e.span, session)
    if plain_int(left) and plain_int(right):
        assert isinstance(left, int) and isinstance(right, int)
        return bounded(left + sign * right, e.span, session)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return limited(left + right, e.span, session) if sign > 0 else without(left, right, e.span, session)
    if isinstance(left, str) and isinstance(right, str) and sign > 0:
        if len(left) + len(right) > MAX_STRING:
            session.exhausted(f"a string grows beyond {MAX_STRING >> 20} MiB", e.span)
        return str(left) + str(right)
    return mismatch(e, left, right, session)


LARGEST_BITS = 127
"""What a quantity may have in its base unit: libvirt counts with 64, and the rest is room for what is computed on the way."""


LONGEST_BITS = 4096
"""The most bits of a number without a unit."""


def bounded(value: int, span: Span, session: Session) -> ValueOrError:
    """A number or quantity, refused beyond the largest one."""
    if value.bit_length() <= LARGEST_BITS:
        return value
    if not isinstance(value, Quantity):
        if value.bit_length() > LONGEST_BITS:
            session.exhausted(f"a number grows beyond {LONGEST_BITS} bits", span)
        return value
    return session.say(codes.BUDGET, f"a {value.dimension} of more than 2^{LARGEST_BITS} {value.base} is beyond all measure", span)


def without(items: tuple[Value, ...], others: tuple[Value, ...], span: Span, session: Session) -> tuple[Value, ...]:
    gone = set(keys_of(others, span, session))
    return tuple(x for x, key in zip(items, keys_of(items, span, session), strict=True) if key not in gone)


def limited(items: tuple[Value, ...], span: Span, session: Session) -> Value:
    if len(items) > MAX_LIST:
        session.exhausted(f"a list of more than {MAX_LIST:,} items", span)
    return weighed(items, span, session)


def _product(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    if isinstance(right, Quantity) and not isinstance(right, Percentage) and (plain_int(left) or isinstance(left, Percentage)):
        left, right = right, left
    if isinstance(left, Percentage) and plain_int(right):
        left, right = right, left
    if isinstance(left, int) and not isinstance(left, bool) and isinstance(right, Percentage):
        whole, rest = divmod(int(left) * int(right), 100_000)
        if rest:
            return session.say(codes.INEXACT, f"{show(right)} of {show(left)} is not a whole number", e.span)
        return type(left)(whole) if isinstance(left, Quantity) else whole
    if isinstance(left, Quantity) and plain_int(right):
        assert isinstance(right, int)
        return bounded(type(left)(int(left) * right), e.span, session)
    if isinstance(left, (Rate, Size)) or isinstance(right, (Rate, Size)):
        return mismatch(e, left, right, session)
    if plain_int(left) and plain_int(right):
        assert isinstance(left, int) and isinstance(right, int)
        if left.bit_length() + right.bit_length() > LONGEST_BITS:
            session.exhausted(f"a number grows beyond {LONGEST_BITS} bits", e.span)
        return left * right
    return mismatch(e, left, right, session)


def _quotient(e: tree.Binary, left: Value, right: Value, session: Session) -> ValueOrError:
    numbers = isinstance(left, int) and isinstance(right, int) and not isinstance(left, bool) and not isinstance(right, bool)
    if not numbers or (isinstance(right, Quantity) and type(left) is not type(right)):
        return mismatch(e, left, right, session)
    assert isinstance(left, int) and isinstance(right, int)
    if right == 0:
        return session.say(codes.DIVISION, f"{show(left)} is divided by zero", e.span)
    whole, rest = divmod(int(left), int(right))
    if rest:
        return session.say(
            codes.DIVISION, f"{show(left)} / {show(right)} is not whole", e.span, help="div() gives the quotient without the remainder"
        )
    return type(left)(whole) if isinstance(left, Quantity) and not isinstance(right, Quantity) else whole
