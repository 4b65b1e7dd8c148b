"""The text of a condition of wildcards, `disk "*" where bus == virtio { }`: which of its words are attributes, and which are values.

A bare word is an attribute on the left of a comparison, on the right of `in`, inside a function and where it stands alone; elsewhere it
is a symbol.
"""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.base.record import replace
from vmspec.base.source import Span
from vmspec.base.suggest import did_you_mean, likeliest
from vmspec.evaluate import codes
from vmspec.evaluate.expression import evaluate
from vmspec.evaluate.reads import walk
from vmspec.evaluate.session import ErrorValue, Frame, Session
from vmspec.evaluate.typed import refuse
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kind import ListOf, Problem
from vmspec.model.value import Symbol, Value
from vmspec.resolve import codes as names
from vmspec.syntax import tree

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")
LABEL = "label"


def condition(node: tree.Expr, block: type[Block], frame: Frame, session: Session) -> tree.Expr | None:
    """The condition with its attributes told from symbols; None after a diagnostic. Of one text it is made once."""
    known = session.conditions.get((id(node), block))
    if known is None:
        known = session.conditions[id(node), block] = (node, _condition(node, block, frame, session))
    return known[1]


def _condition(node: tree.Expr, block: type[Block], frame: Frame, session: Session) -> tree.Expr | None:
    own = next((n for n in walk(node) if isinstance(n, tree.Access) and n.is_self), None)
    if own is not None:
        session.say(
            codes.WHERE,
            "`where` reads the attributes of the block, and no `self`",
            own.span,
            help=f"write `{own.span.text.removeprefix('self.')}`" if first_of(own) in (LABEL, *schema(block).by_name) else None,
        )
        return None
    reader = _Reader(block, frame, session)
    made = reader.boolean(node)
    return None if reader.failed else made


class _Reader:
    """Rewrites the bare words that are attributes into accesses of the block."""

    def __init__(self, block: type[Block], frame: Frame, session: Session) -> None:
        self.block = block
        self.frame = frame
        self.session = session
        self.failed = False

    def boolean(self, node: tree.Expr) -> tree.Expr:
        match node:
            case tree.Binary(operator="and" | "or"):
                return replace(node, left=self.boolean(node.left), right=self.boolean(node.right))
            case tree.Unary(operator="not"):
                return replace(node, operand=self.boolean(node.operand))
            case tree.Binary(operator="in"):
                right = self.attribute(node.right) if isinstance(node.right, tree.Ref) else self.value(node.right)
                left = node.left if isinstance(node.right, tree.Ref) else self.left(node.left)
                return self.typed(replace(node, left=left, right=right))
            case tree.Binary() if node.operator in COMPARISONS:
                return self.typed(replace(node, left=self.left(node.left), right=self.value(node.right)))
            case tree.Call(arguments=(tree.Argument(value=tree.Ref() as asked) as only,)) if node.function.dotted == "has":
                return replace(node, arguments=(replace(only, value=self.attribute(asked, whole=True)),))
            case tree.Ref():
                return self.attribute(node)
            case _:
                return self.value(node)

    def left(self, node: tree.Expr) -> tree.Expr:
        return self.attribute(node) if isinstance(node, tree.Ref) else self.value(node)

    def value(self, node: tree.Expr) -> tree.Expr:
        """Inside a function or an operation a word that is an attribute's is the attribute; alone it is a symbol."""
        match node:
            case tree.Call():
                return replace(node, arguments=tuple(replace(a, value=self.inner(a.value)) for a in node.arguments))
            case tree.Binary():
                return replace(node, left=self.inner(node.left), right=self.inner(node.right))
            case tree.Unary():
                return replace(node, operand=self.inner(node.operand))
            case _:
                return node

    def inner(self, node: tree.Expr) -> tree.Expr:
        if isinstance(node, tree.Ref) and (node.segments[0].name == LABEL or node.segments[0].name in schema(self.block).by_name):
            return self.attribute(node)
        return self.value(node)

    def attribute(self, node: tree.Expr, whole: bool = False) -> tree.Expr:
        """The access that a word or dotted word means; `whole`: a block will do as well."""
        assert isinstance(node, tree.Ref)
        at: type[Block] | None = self.block
        steps = [s.name for s in node.segments]
        for index, step in enumerate(steps):
            if steps == [LABEL] and LABEL not in schema(self.block).by_name:
                break
            if at is None:
                self.unknown(node, ".".join(steps[:index]), step, ())
                break
            found = schema(at).by_name.get(step)
            if found is None:
                self.unknown(node, ".".join(steps[:index]), step, (*schema(at).by_name, *([LABEL] if index == 0 else [])))
                break
            if isinstance(found.line, (OpenMap, Many)) or (isinstance(found.line, Choice) and index + 1 < len(steps)):
                break
            at = found.types[0] if isinstance(found.line, Sub) else None
        else:
            if at is not None and not whole and not at.main:
                self.unknown(node, "", ".".join(steps), (), f"{node.dotted} is a block: name one of its values, or ask with has()")
        return tree.Access(node.span, "self", True, node.segments)

    def unknown(self, node: tree.Ref, where: str, step: str, known: tuple[str, ...], message: str = "") -> None:
        self.failed = True
        of = where or "a " + self.block.__name__.lower().replace("domain", "vm")
        self.session.say(names.UNKNOWN_ATTRIBUTE, message or f"{of} has no {step}", node.span, help=did_you_mean(step, known))

    def typed(self, node: tree.Binary) -> tree.Expr:
        """What an attribute is compared with is of its kind; otherwise the condition could never hold."""
        found = line_at(self.block, steps_of(node.left)) if isinstance(node.left, tree.Access) and node.left.is_self else None
        if found is not None and _constant(node.right):
            right = evaluate(node.right, self.frame, self.session)
            compared = right if node.operator == "in" and isinstance(right, tuple) else (right,)
            self.failed |= any(self.refused(v, found, node.right.span) for v in compared if not isinstance(v, ErrorValue))
        return node

    def refused(self, value: Value, found: Field, at: Span) -> bool:
        read = normal(value, found)
        if isinstance(read, Problem):
            noun = found.line.kind.noun if isinstance(found.line, Attr) else ""
            refuse(read, value, found.name, at, self.session, noun)
        return isinstance(read, Problem)


def _constant(node: tree.Expr) -> bool:
    """Whether the value is in the text alone: what a variable gives is seen when the condition is decided."""
    return not any(isinstance(n, (tree.Access, tree.Call)) or (isinstance(n, tree.Text) and n.constant is None) for n in walk(node))


def first_of(access: tree.Access) -> str:
    """The first step of `self.…`."""
    return next((s.name for s in access.steps[:1] if isinstance(s, tree.Segment)), "")


def steps_of(access: tree.Access) -> Path:
    return tuple(s.name for s in access.steps if isinstance(s, tree.Segment))


def line_at(block: type[Block], steps: Path) -> Field | None:
    """The line of the attribute at a path below a block; None for a label, a key of a map, or the inside of a source."""
    at: type[Block] | None = block
    found: Field | None = None
    for step in steps:
        found = schema(at).by_name.get(step) if at is not None else None
        if found is None:
            return None
        at = found.types[0] if isinstance(found.line, Sub) else None
    if found is not None and at is not None and at.main:
        return schema(at).by_name[at.main.replace("_", "-")]
    return found


def normal(value: Value, found: Field) -> Value | Problem:
    """A value as the attribute keeps it: of a source, the word that says its kind."""
    match found.line:
        case Choice():
            tags = [t.tag for t in found.types]
            if isinstance(value, str) and value in tags:
                return Symbol(value)
            hint = likeliest(str(value), tags) if isinstance(value, str) else None
            return Problem(f"is no kind of {found.name}: it is one of " + ", ".join(tags), hint or "")
        case Attr(kind=ListOf()):
            return value
        case Attr(kind=kind):
            return kind.read(value)
        case _:
            return value
