"""Alternative spellings of a call's value: the kind as a label, a call for a whole block."""

from __future__ import annotations

from vmspec.evaluate import codes
from vmspec.evaluate.merge.path_resolver import ResolvedPath
from vmspec.evaluate.session import Session
from vmspec.model.block import Choice, Field, schema
from vmspec.syntax import tree


def choice(path: tree.Path, spot: ResolvedPath) -> Field | None:
    """The line that a path of one name means, where its values are made by calls."""
    block = spot.block if len(path.segments) == 1 else None
    line = schema(block).by_name.get(path.segments[0].name) if block is not None else None
    return line if line is not None and isinstance(line.line, Choice) else None


def is_source(spot: ResolvedPath, value: tree.Call, session: Session) -> bool:
    """`backing-store = file(…)`: said, where a block has a source that such a call makes."""
    tag = value.function.dotted
    lines = schema(spot.block) if spot.block is not None else ()
    line = next((f for f in lines if isinstance(f.line, Choice) and any(t.tag == tag for t in f.types)), None)
    if line is None:
        return False
    message = f"{'.'.join(spot.path)} is a block, and {tag}(…) is its {line.name}"
    session.say(codes.WRONG_KIND, message, value.span, help=f"write `{spot.path[-1]} {{ {line.name} = {tag}(…) }}`")
    return True
