"""What names an object of the program or of the host, `host(n3)`, `secret(ceph)`: arguments that are names, and are not evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vmspec.evaluate import codes
from vmspec.evaluate.operators import describe
from vmspec.evaluate.references import reference, unknown
from vmspec.evaluate.session import Frame, Session, ValueOrError
from vmspec.model.value import CpuSet, ObjectRef, Secret
from vmspec.syntax import tree


def object_reference(e: tree.Call, frame: Frame, session: Session) -> ValueOrError:
    """`host(n3)`, `host(rack1.n3)`: a declared host."""
    from vmspec.evaluate.expression import text_of

    only = e.arguments[0].value if len(e.arguments) == 1 and e.arguments[0].name is None else None
    if isinstance(only, tree.Text):
        name = text_of(only, frame, session)
        if not isinstance(name, str):
            return name
        only = tree.Ref(only.span, (tree.Segment(only.span, name),))
    elif isinstance(only, tree.Access):
        from vmspec.evaluate.expression import evaluate

        value = evaluate(only, frame, session)
        if isinstance(value, ObjectRef):
            return value
        if not isinstance(value, str):
            return (
                value
                if not isinstance(value, (bool, int, CpuSet, tuple))
                else session.say(codes.WRONG_KIND, f"{describe(value)} is not the name of a host", only.span)
            )
        only = tree.Ref(only.span, (tree.Segment(only.span, str(value)),))
    if not isinstance(only, tree.Ref):
        return session.say(codes.BAD_ARGUMENT, "host() takes the name of one declared host: `host(n3)` or `host(rack1.n3)`", e.span)
    found = reference(only, frame.unit, session, ("host",))
    if found is not None:
        return found
    return unknown(only, "host", frame, session)


def secret(e: tree.Call, frame: Frame, session: Session) -> ValueOrError:
    from vmspec.evaluate.expression import text_of

    only = e.arguments[0].value if len(e.arguments) == 1 and e.arguments[0].name is None else None
    if isinstance(only, tree.Ref):
        found = reference(only, frame.unit, session, ("secret",))
        return session.secrets.get(found.name, Secret("")) if found is not None else unknown(only, "secret", frame, session)
    if isinstance(only, tree.Text):
        name = text_of(only, frame, session)
        return Secret(name) if isinstance(name, str) else name
    said = 'secret() takes a secret of the program, `secret(ceph)`, or the name of one that the host has: `secret("ceph-key")`'
    return session.say(codes.BAD_ARGUMENT, said, e.span)


def nwfilter(e: tree.Call, frame: Frame, session: Session) -> ValueOrError:
    """`nwfilter(lab)`: a declared filter; a quoted one is what the host has."""
    from vmspec.evaluate.expression import text_of

    only = e.arguments[0].value if len(e.arguments) == 1 and e.arguments[0].name is None else None
    if isinstance(only, tree.Ref):
        return reference(only, frame.unit, session, ("nwfilter",)) or unknown(only, "nwfilter", frame, session)
    if isinstance(only, tree.Text):
        return text_of(only, frame, session)
    said = 'nwfilter() takes a filter of the program, `nwfilter(lab)`, or the name of one that the host has: `nwfilter("clean-traffic")`'
    return session.say(codes.BAD_ARGUMENT, said, e.span)


CONSTRUCTORS: Mapping[str, Callable[[tree.Call, Frame, Session], ValueOrError]] = {
    "host": object_reference,
    "secret": secret,
    "nwfilter": nwfilter,
}
