"""Keeps expressions from looking into secrets, wherever in a value they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.session import ErrorValue, Session
from vmspec.model.block import Block
from vmspec.model.value import Secret, Tagged, Value
from vmspec.syntax import tree

_PLAIN = (bool, int, str)


def holds_secret(value: object) -> bool:
    """In lists, maps and the arguments of sources too. What a value holds twice is looked at once, so that one built of itself over and
    over costs no more than its text."""
    if isinstance(value, _PLAIN):
        return False
    pending: list[object] = [value]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if isinstance(each, Secret):
            return True
        if isinstance(each, _PLAIN) or id(each) in seen:
            continue
        seen.add(id(each))
        pending.extend(_parts(each))
    return False


def _parts(value: object) -> Iterable[object]:
    match value:
        case tuple():
            return value
        case Mapping():
            return value.values()
        case Tagged():
            return (*value.positional, *(item for _, item in value.named))
        case Block():
            return vars(value).values()
        case _:
            return ()


def compared(e: tree.Binary, left: Value, right: Value) -> bool:
    """Whether an operator would compare or compute with a secret. Joining lists, and asking a map for keys, is allowed."""
    if isinstance(left, Secret) or isinstance(right, Secret):
        return True
    if e.operator == "+":
        return False
    if e.operator == "in" and isinstance(right, Mapping):
        return holds_secret(left)
    return holds_secret(left) or holds_secret(right)


def no_key(at: Span, session: Session) -> ErrorValue:
    return session.say(codes.SECRET, "a secret cannot name a part of a value", at)


def speaks_of_secrets(type_: tree.Ref | tree.Call) -> bool:
    """`secret`, `list(secret)`, `map(list(secret))`."""
    if isinstance(type_, tree.Ref):
        return type_.dotted == "secret"
    return any(isinstance(a.value, (tree.Ref, tree.Call)) and speaks_of_secrets(a.value) for a in type_.arguments)
