"""Map literals, and blocks after values, which are maps of further arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vmspec.evaluate import codes
from vmspec.evaluate.operators import describe
from vmspec.evaluate.session import POISON, ErrorValue, Frame, Session, ValueOrError
from vmspec.evaluate.weight import weighed
from vmspec.model.value import ObjectRef, Symbol, Tagged, Value
from vmspec.syntax import tree

if TYPE_CHECKING:
    from vmspec.evaluate.expression import SelfReader


def map_of(e: tree.MapOf, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    from vmspec.evaluate.expression import evaluate

    entries: dict[str, Value] = {}
    poisoned = False
    for entry in e.entries:
        key = entry_key(entry.path, frame, session)
        value = evaluate(entry.value, frame, session, reader)
        if isinstance(key, ErrorValue) or isinstance(value, ErrorValue):
            poisoned = True
        elif key in entries:
            return session.say(codes.BAD_ARGUMENT, f"the key {key} is given twice", entry.path.span)
        else:
            entries[key] = value
    return POISON if poisoned else weighed(entries, e.span, session)


def entry_key(path: tree.Path, frame: Frame, session: Session) -> str | ErrorValue:
    """The key of a map's entry: the whole dotted path."""
    from vmspec.evaluate.expression import text_of

    parts: list[str] = []
    for segment in path.segments:
        part = segment.name if segment.text is None else text_of(segment.text, frame, session)
        if isinstance(part, ErrorValue):
            return part
        parts.append(part)
    return ".".join(parts)


def opened(e: tree.Opened, frame: Frame, session: Session, reader: SelfReader | None) -> ValueOrError:
    """`$image { encryption { … } }`: the call that the value is, with more arguments."""
    from vmspec.evaluate.expression import evaluate

    value = evaluate(e.value, frame, session, reader)
    more = evaluate(e.body, frame, session, reader)
    if isinstance(value, ErrorValue) or isinstance(more, ErrorValue):
        return POISON
    assert isinstance(more, Mapping)
    if isinstance(value, (Symbol, ObjectRef)):
        value = Tagged(str(value), (), ()) if isinstance(value, Symbol) else Tagged(value.kind, (value.name,), ())
    if not isinstance(value, Tagged):
        return session.say(codes.WRONG_KIND, f"{describe(value)} has no arguments that a block could set", e.value.span)
    return weighed(Tagged(value.tag, value.positional, (*value.named, *more.items())), e.span, session)
