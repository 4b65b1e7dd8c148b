"""The context of a statement, and the branches of `when` that an object does not take."""

from __future__ import annotations

from vmspec.base.diagnostic import Label
from vmspec.base.provenance import show_path
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.merge.path_resolver import ResolvedPath
from vmspec.evaluate.merge.statements import Layer
from vmspec.evaluate.session import POISON, Binding, Frame, Session
from vmspec.model.placement import is_read
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class Mode:
    """The context of a statement."""

    layer: Layer
    final: bool = False
    host_guard: Span | None = None
    """The condition of an enclosing `when` that reads `$host`."""
    policy: bool = False
    host_unknown: bool = False
    """`$host` is not known yet: what reads it in a condition is left out."""
    arch_guard: bool = False
    """An enclosing `when` reads `$arch`."""


@record(frozen=True, slots=True)
class Branch:
    """A branch of a `when` where it stands: the object and the blocks that it speaks of."""

    body: tree.Body
    root: ResolvedPath
    spots: list[ResolvedPath]
    frame: Frame
    mode: Mode


def unknown(frame: Frame, span: Span) -> Frame:
    """The same variables without their values: what they stand for where a branch is taken is not known."""
    return Frame(frame.unit, None, {name: Binding(span, value=POISON) for name in (*frame.visible(), "host", "arch")})


def guards_choice(mode: Mode, spot: ResolvedPath, span: Span, session: Session) -> bool:
    """Report a setting that decides on the host, and that this host guards: `place`, `tags`, and what a placement reads."""
    if mode.host_guard is None:
        return False
    if spot.path[:1] in (("place",), ("tags",)):
        session.say(codes.GUARDED, f"a `when` that reads $host cannot guard {spot.path[0]}", span)
        return True
    if not session.chosen or not is_read(spot.path):
        return False
    said = f"a `when` that reads $host cannot guard {show_path(spot.path)} where a placement chooses the host"
    session.say(codes.GUARDED_DEMAND, said, span, labels=(Label(mode.host_guard, "reads the host"),))
    return True
