"""Resolves references to objects of the program: `n3`, `rack1.n3`, `network(lab)`, `volume(root)`."""

from __future__ import annotations

from collections.abc import Iterable

from vmspec.base.diagnostic import Edit, Fix, Severity
from vmspec.base.suggest import likeliest, question
from vmspec.evaluate import codes
from vmspec.evaluate.session import ErrorValue, Frame, Session
from vmspec.model.value import ObjectRef
from vmspec.resolve import codes as names
from vmspec.resolve.program import Standard, Unit
from vmspec.syntax import tree

REFERENCES = ("network", "pool", "volume")
"""Calls whose unquoted arguments are objects of the program; a quoted one is what the host has."""


def reference(e: tree.Ref, unit: Unit, session: Session, kinds: tuple[str, ...]) -> ObjectRef | None:
    """The object that `n3` or `rack1.n3` names, looked for in this file, its flat imports, or the namespace."""
    parts = [s.name for s in e.segments]
    space: Unit | Standard | None = unit.namespaces.get(parts[0]) if len(parts) > 1 else None
    units: list[Unit] = []
    if isinstance(space, Unit):
        units, parts = [space], parts[1:]
    elif space is None:
        units = [unit, *(u for u in session.program.units if u is not unit)]
    name = ".".join(parts)
    for candidate in units:
        for kind in kinds:
            if name in session.names.get((id(candidate), kind), ()):
                return ObjectRef(kind, name)
    return None


def declared(call: tree.Call, index: int, frame: Frame, session: Session) -> ObjectRef | ErrorValue | None:
    """The object that an unquoted argument of `network()`, `pool()` or `volume()` names; None for any other argument."""
    argument = call.arguments[index]
    kind = kind_of(call, index)
    if kind is None or not isinstance(argument.value, tree.Ref):
        return None
    found = reference(argument.value, frame.unit, session, (kind,))
    return found if found is not None else unknown(argument.value, kind, frame, session)


def kind_of(call: tree.Call, index: int) -> str | None:
    """Which object an argument names: `volume(root)`, `volume(images, "a.qcow2")`, `network(network = lab)`."""
    argument = call.arguments[index]
    name = call.function.dotted
    if argument.name is not None:
        return argument.name if argument.name in (("pool", "volume") if name == "volume" else (name,)) else None
    unnamed = [a for a in call.arguments if a.name is None]
    at = unnamed.index(argument)
    if name == "volume" and (len(unnamed) > 1 or any(a.name == "volume" for a in call.arguments)):
        return ("pool", "volume")[at] if at < 2 else None
    return name if at == 0 else None


def unknown(e: tree.Ref, kind: str, frame: Frame, session: Session) -> ErrorValue:
    """Says that no object of that kind and name is declared, and what was meant."""
    space = frame.unit.namespaces.get(e.segments[0].name)
    if kind == "host" and len(e.segments) > 1 and (space is None or isinstance(space, Standard)):
        message = f"{e.segments[0].name} is no imported namespace"
        return session.say(names.UNKNOWN_REFERENCE, message, e.span, help=f'write `import "…" as {e.segments[0].name}`')
    hint = likeliest(e.segments[-1].name if len(e.segments) > 1 and isinstance(space, Unit) else e.dotted, known(kind, session))
    quoted = f'"{e.dotted}"'
    if hint is not None:
        help_, fix = question(hint), Fix(f"write {hint}", (Edit(e.span, hint),)) if hint.replace("-", "").isalnum() else None
    elif kind == "host":
        help_, fix = "", None
    else:
        help_, fix = f"a {kind} that only the host has is quoted: {quoted}", Fix(f"write {quoted}", (Edit(e.span, quoted),))
    return session.say(names.UNKNOWN_REFERENCE, f"no {kind} is named {e.dotted}", e.span, help=help_ or None, fix=fix)


def known(kind: str, session: Session) -> Iterable[str]:
    return sorted({n for (_, k), some in session.names.items() if k == kind for n in some})


def hint_variable(call: tree.Call, frame: Frame, session: Session) -> None:
    """Warn about `bridge(br)` beside a variable `$br`, which was probably meant."""
    for argument in call.arguments:
        word = argument.value
        if isinstance(word, tree.Ref) and len(word.segments) == 1 and frame.find(word.dotted) is not None:
            session.say(
                codes.WORD_IS_VARIABLE,
                f"{word.dotted} is the bridge of that name, and there is a variable ${word.dotted}",
                word.span,
                severity=Severity.WARNING,
                help=f'write `${word.dotted}` for the variable, `"{word.dotted}"` for the name',
            )
