"""The types of parameters: `int`, `size`, `cpuset`, `list(size)`, `one-of(a, b)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Edit, Fix
from vmspec.base.source import Span
from vmspec.base.suggest import did_you_mean, question
from vmspec.evaluate import codes
from vmspec.evaluate.operators import describe
from vmspec.evaluate.session import Session, ValueOrError
from vmspec.model import kind
from vmspec.model.value import DIMENSIONS, ObjectRef, Secret, Size, Symbol, Tagged, Value
from vmspec.syntax import tree

Reader: TypeAlias = "Callable[[Value], Value | kind.Problem]"


def fits(value: Value, param: tree.Param, span: Span, session: Session) -> ValueOrError:
    """Convert a value to a parameter's type; reports a diagnostic at `span` otherwise."""
    reader = reader_of(param.type, session)
    if reader is None:
        return value
    read = reader(value)
    if isinstance(read, kind.Problem):
        fix = Fix(f"write {read.instead}", (Edit(span, read.instead),)) if read.instead else None
        help_ = question(read.instead) if read.instead else None
        return session.say(
            codes.BAD_ARGUMENT, f"{describe(value)} {read.message}, the type of ${param.name.name}", span, help=help_, fix=fix
        )
    return read


def reader_of(type_: tree.Ref | tree.Call, session: Session) -> Reader | None:
    """The reader for a type; None for `any`, and after a diagnostic for an unknown type."""
    match type_:
        case tree.Call() if type_.function.dotted == "one-of":
            words = tuple(
                a.value.dotted
                if isinstance(a.value, tree.Ref)
                else a.value.constant or ""
                if isinstance(a.value, tree.Text)
                else a.value.span.line
                for a in type_.arguments
            )
            return kind.OneOf(*words).read
        case tree.Call() if type_.function.dotted in ("list", "map") and len(type_.arguments) == 1:
            inner = type_.arguments[0].value
            item = reader_of(inner, session) if isinstance(inner, (tree.Ref, tree.Call)) else None
            return _list(item) if type_.function.dotted == "list" else _map(item)
        case tree.Ref() if type_.dotted in SIMPLE:
            return SIMPLE[type_.dotted]
    name = type_.dotted if isinstance(type_, tree.Ref) else type_.function.dotted
    known = (*SIMPLE, "one-of")
    session.say(
        codes.BAD_ARGUMENT,
        f"{name} is not a type",
        type_.span,
        help=did_you_mean(name, known) or "the types are " + ", ".join(known),
    )
    return None


def _instance(classes: type | tuple[type, ...], noun: str) -> Reader:
    def read(value: Value) -> Value | kind.Problem:
        return value if isinstance(value, classes) else kind.Problem(f"is not {noun}")

    return read


def _quantity(noun: str, dimension: type, example: Callable[[int], str]) -> Reader:
    def read(value: Value) -> Value | kind.Problem:
        if isinstance(value, dimension):
            return value
        if type(value) is int:
            return kind.Problem("has no unit", f"{value}{example(value)}")
        return kind.Problem(f"is not {with_article(noun)}")

    return read


def _symbol(value: Value) -> Value | kind.Problem:
    return Symbol(value) if isinstance(value, str) else kind.Problem("is not a name")


def _string(value: Value) -> Value | kind.Problem:
    return str(value) if isinstance(value, str) else kind.Problem("is not a text", f'"{value}"' if isinstance(value, int) else None)


def _listed(value: Value) -> str | None:
    return f"[{value}]" if isinstance(value, Symbol) or type(value) is int else f'["{value}"]' if isinstance(value, str) else None


def _list(item: Reader | None) -> Reader:
    def read(value: Value) -> Value | kind.Problem:
        if not isinstance(value, tuple):
            return kind.Problem("is not a list", _listed(value))
        items = [item(v) if item else v for v in value]
        wrong = next((i for i in items if isinstance(i, kind.Problem)), None)
        return wrong or tuple(i for i in items if not isinstance(i, kind.Problem))

    return read


def _map(item: Reader | None) -> Reader:
    def read(value: Value) -> Value | kind.Problem:
        if not isinstance(value, Mapping):
            return kind.Problem("is not a map")
        items = {k: item(v) if item else v for k, v in value.items()}
        wrong = next((i for i in items.values() if isinstance(i, kind.Problem)), None)
        return wrong or {k: v for k, v in items.items() if not isinstance(v, kind.Problem)}

    return read


def _source(value: Value) -> Value | kind.Problem:
    whole = isinstance(value, Tagged) or (isinstance(value, ObjectRef) and value.kind in ("network", "volume"))
    return value if whole else kind.Problem('is not a source such as block("/dev/x")')


_UNITS = {"rate": "MiB/s", "duration": "ms", "frequency": "MHz", "percentage": "%"}
SIMPLE: Mapping[str, Reader | None] = {
    "any": None,
    "int": kind.Integer(None, None).read,
    "bool": kind.YES_NO.read,
    "string": _string,
    "symbol": _symbol,
    "cpuset": kind.CPUS.read,
    "list": _list(None),
    "map": _map(None),
    "secret": _instance(Secret, "a secret"),
    "host": kind.PLACE.read,
    "source": _source,
    "size": _quantity("size", Size, kind.usual_size),
    **{d.dimension: _quantity(d.dimension, d, lambda _, unit=_UNITS[d.dimension]: unit) for d in DIMENSIONS if d is not Size},  # type: ignore[misc]
}
